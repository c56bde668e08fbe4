package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"bellhop/app"
	"bellhop/app/control"
	"bellhop/store"
)

// withStore runs f with the database, opened for reading beside a bell that
// may be writing. Where there is no database yet, f gets nil.
func (t *tool) withStore(ctx context.Context, f func(context.Context, *store.Store) error) (err error) {
	dir, err := t.dir()
	if err != nil {
		return err
	}
	s, err := store.Open(ctx, store.Options{Dir: dir, ReadOnly: true, Log: t.logger(), Now: t.now})
	if errors.Is(err, app.ErrNotFound) {
		return f(ctx, nil)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return f(ctx, s)
}

// logger is the log of a command that ends soon: nothing, unless --verbose asks.
// What goes wrong is its error, and with --json the error stream has nothing else.
func (t *tool) logger() *slog.Logger {
	if t.verbose == 0 {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(t.err, &slog.HandlerOptions{Level: t.level()}))
}

// checkAccount refuses an account that is not there (0 = all is).
func checkAccount(ctx context.Context, s *store.Store, account app.AccountID) error {
	if account == 0 {
		return nil
	}
	err := app.ErrNotFound
	if s != nil {
		_, err = s.Account(ctx, account)
	}
	if errors.Is(err, app.ErrNotFound) {
		return app.NewProblem("not_found", fmt.Sprintf("There is no account %d.", account), "List them with `bellhop accounts`.", false, err)
	}
	return err
}

// orStored asks the running bell, or the database where none runs.
func orStored[T any](ctx context.Context, t *tool, live func(context.Context, *control.Client) (T, error), stored func(context.Context, *store.Store) (T, error)) (T, error) {
	var out T
	err := t.withBell(ctx, func(ctx context.Context, c *control.Client) error {
		var err error
		out, err = live(ctx, c)
		return err
	})
	if !errors.Is(err, app.ErrNotRunning) {
		return out, err
	}
	err = t.withStore(ctx, func(ctx context.Context, s *store.Store) error {
		var err error
		out, err = stored(ctx, s)
		return err
	})
	return out, err
}
