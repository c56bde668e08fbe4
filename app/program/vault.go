package program

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"

	"bellhop/app"
	"bellhop/store"
	"bellhop/sync/syncer"
)

// secretKeeper keeps the secrets of the accounts.
type secretKeeper interface {
	syncer.Secrets
	// Delete forgets all secrets of an account.
	Delete(ctx context.Context, account app.AccountID) error
	// Drop forgets one secret.
	Drop(ctx context.Context, account app.AccountID, name string) error
	// Notice says what the user should know of where secrets are kept; nil for
	// nothing.
	Notice() *app.Problem
}

// vault opens the secrets when the first one is asked for: probing a keyring
// can take seconds, and the tray must not wait for it.
type vault struct {
	open func(context.Context) (*store.Secrets, error)

	opening sync.Mutex // held while a keyring is probed
	opened  atomic.Pointer[store.Secrets]
}

func newVault(dir string, log *slog.Logger) *vault {
	return &vault{open: func(ctx context.Context) (*store.Secrets, error) {
		return store.OpenSecrets(ctx, dir, log)
	}}
}

func (v *vault) secrets(ctx context.Context) (*store.Secrets, error) {
	v.opening.Lock()
	defer v.opening.Unlock()
	if s := v.opened.Load(); s != nil {
		return s, nil
	}
	s, err := v.open(ctx)
	if err != nil {
		return nil, err
	}
	v.opened.Store(s)
	return s, nil
}

// Get returns a secret of an account, or an error that matches
// [app.ErrNotFound].
func (v *vault) Get(ctx context.Context, account app.AccountID, name string) (string, error) {
	s, err := v.secrets(ctx)
	if err != nil {
		return "", err
	}
	return s.Get(ctx, account, name)
}

// Set keeps a secret of an account.
func (v *vault) Set(ctx context.Context, account app.AccountID, name, value string) error {
	s, err := v.secrets(ctx)
	if err != nil {
		return err
	}
	return s.Set(ctx, account, name, value)
}

// Delete forgets all secrets of an account.
func (v *vault) Delete(ctx context.Context, account app.AccountID) error {
	s, err := v.secrets(ctx)
	if err != nil {
		return err
	}
	return s.Delete(ctx, account)
}

// Drop forgets one secret of an account.
func (v *vault) Drop(ctx context.Context, account app.AccountID, name string) error {
	s, err := v.secrets(ctx)
	if err != nil {
		return err
	}
	return s.Drop(ctx, account, name)
}

// Notice says where secrets are kept if that is not the keyring. It is nil
// until the first secret was asked for. It never waits for a keyring.
func (v *vault) Notice() *app.Problem {
	s := v.opened.Load()
	if s == nil {
		return nil
	}
	return s.Notice()
}
