package program

import (
	"context"
	"log/slog"
	"sync"

	"bellhop/app"
	"bellhop/store"
	"bellhop/sync/syncer"
)

// secretKeeper keeps the secrets of the accounts.
type secretKeeper interface {
	syncer.Secrets
	// Delete forgets all secrets of an account.
	Delete(ctx context.Context, account app.AccountID) error
	// Notice says what the user should know of where secrets are kept; nil for
	// nothing.
	Notice() *app.Problem
}

// vault opens the secrets when the first one is asked for: probing a keyring
// can take seconds, and the tray must not wait for it.
type vault struct {
	open func(context.Context) (*store.Secrets, error)

	mu     sync.Mutex
	opened *store.Secrets
}

func newVault(dir string, log *slog.Logger) *vault {
	return &vault{open: func(ctx context.Context) (*store.Secrets, error) {
		return store.OpenSecrets(ctx, dir, log)
	}}
}

func (v *vault) secrets(ctx context.Context) (*store.Secrets, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.opened == nil {
		s, err := v.open(ctx)
		if err != nil {
			return nil, err
		}
		v.opened = s
	}
	return v.opened, nil
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

// Notice says where secrets are kept if that is not the keyring. It is nil
// until the first secret was asked for.
func (v *vault) Notice() *app.Problem {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.opened == nil {
		return nil
	}
	return v.opened.Notice()
}
