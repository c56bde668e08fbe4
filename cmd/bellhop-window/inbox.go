package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"bellhop/app"
	"bellhop/store"
	"bellhop/ui"
)

// inbox is the database of a bell that may not have run yet: until there is
// one it is empty, and each look tries to open it.
type inbox struct {
	dir string
	log *slog.Logger

	mu    sync.Mutex
	store *store.Store
	err   error // why it could not be opened the last time
	crowd crowd // the people whose names were asked for last
}

var _ ui.Inbox = (*inbox)(nil)

func newInbox(dir string, log *slog.Logger) *inbox { return &inbox{dir: dir, log: log} }

// open opens the database if it is not open yet. It returns nil where there is
// none.
func (i *inbox) open(ctx context.Context) (*store.Store, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.store != nil {
		return i.store, nil
	}
	i.store, i.err = store.Open(ctx, store.Options{Dir: i.dir, ReadOnly: true, Log: i.log})
	if errors.Is(i.err, app.ErrNotFound) {
		i.err = nil
	}
	return i.store, i.err
}

// notices returns what was found when the database was opened.
func (i *inbox) notices() []app.Problem {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.store == nil {
		return nil
	}
	return i.store.Notices()
}

// Close closes the database.
func (i *inbox) Close() error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.store == nil {
		return nil
	}
	return i.store.Close()
}

// look calls f on the database, or returns nothing where there is none.
func look[T any](ctx context.Context, i *inbox, f func(*store.Store) (T, error)) (T, error) {
	s, err := i.open(ctx)
	if s == nil || err != nil {
		var none T
		return none, err
	}
	return f(s)
}

// Alerts is for [ui.Inbox].
func (i *inbox) Alerts(ctx context.Context, f app.Filter) (app.Page, error) {
	return look(ctx, i, func(s *store.Store) (app.Page, error) { return s.Alerts(ctx, f) })
}

// Accounts is for [ui.Inbox].
func (i *inbox) Accounts(ctx context.Context) ([]app.Account, error) {
	return look(ctx, i, func(s *store.Store) ([]app.Account, error) { return s.Accounts(ctx) })
}

// SyncState is for [ui.Inbox].
func (i *inbox) SyncState(ctx context.Context, id app.AccountID) (app.SyncState, error) {
	return look(ctx, i, func(s *store.Store) (app.SyncState, error) { return s.SyncState(ctx, id) })
}

// Count is for [ui.Inbox].
func (i *inbox) Count(ctx context.Context, id app.AccountID) (int, error) {
	return look(ctx, i, func(s *store.Store) (int, error) { return s.Count(ctx, id) })
}

// NewCount is for [ui.Inbox].
func (i *inbox) NewCount(ctx context.Context, id app.AccountID) (int, error) {
	return look(ctx, i, func(s *store.Store) (int, error) { return s.NewCount(ctx, id) })
}

// Pending is for [ui.Inbox].
func (i *inbox) Pending(ctx context.Context, id app.AccountID) (int, error) {
	return look(ctx, i, func(s *store.Store) (int, error) { return s.Pending(ctx, id) })
}

// Settings is for [ui.Inbox]; the defaults stand in for a database that is not
// there.
func (i *inbox) Settings(ctx context.Context) (map[string]string, error) {
	all, err := look(ctx, i, func(s *store.Store) (map[string]string, error) { return s.Settings(ctx) })
	if err == nil && all == nil {
		all = make(map[string]string, len(app.Settings))
		for _, s := range app.Settings {
			all[s.Key] = s.Default
		}
	}
	return all, err
}
