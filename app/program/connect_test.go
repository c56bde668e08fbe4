package program

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/store"
)

// fullVault keeps nothing while it is full.
type fullVault struct {
	memory
	full atomic.Bool
}

var errFull = errors.New("the keyring is locked and the disk is full")

func (v *fullVault) Set(ctx context.Context, account app.AccountID, name, value string) error {
	if v.full.Load() {
		return errFull
	}
	return v.memory.Set(ctx, account, name, value)
}

func (v *fullVault) Delete(ctx context.Context, account app.AccountID) error {
	if v.full.Load() {
		return errFull
	}
	return v.memory.Delete(ctx, account)
}

func TestASignInWhoseSecretsCannotBeKeptLeavesNoAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.stop()
	vault := &fullVault{}
	vault.full.Store(true)
	w.keeper = vault
	w.start()
	given := app.Connect{URL: w.url, SignIn: app.SignInPassword, Username: maria, Password: password}
	if _, err := w.client.Connect(t.Context(), given); err == nil {
		t.Fatal("an account was connected whose password could not be kept")
	}
	if s := w.status(); len(s.Accounts) != 0 {
		t.Errorf("half an account is left: %+v", s.Accounts)
	}
	vault.full.Store(false)
	w.connect()

	// The account that is there now goes on when signing in again fails.
	w.born("After a failed sign-in", "")
	vault.full.Store(true)
	if _, err := w.client.Connect(t.Context(), given); err == nil {
		t.Fatal("signing in again did not say that the password could not be kept")
	}
	w.sync()
	w.wantBell(1)
}

func TestSecretsThatCannotBeDeletedAreSaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.stop()
	vault := &fullVault{}
	w.keeper = vault
	w.start()
	a := w.connect()
	vault.full.Store(true)
	if err := w.client.Disconnect(t.Context(), a.ID); err != nil {
		t.Fatal(err)
	}
	s := w.status()
	if len(s.Accounts) != 0 || len(s.Notices) != 1 || s.Notices[0].Code != "secrets_left" {
		t.Errorf("after forgetting: accounts %+v, notices %+v", s.Accounts, s.Notices)
	}
}

// openStore opens a store of its own.
func openStore(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestStartingAnAccountManyTimesAtOnceLeavesOneSyncer(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	account, err := s.AddAccount(t.Context(), app.Account{URL: "http://127.0.0.1:9", Username: maria, SignIn: app.SignInPassword})
	if err != nil {
		t.Fatal(err)
	}
	c := &crew{store: s, secrets: &memory{}, log: slog.New(slog.DiscardHandler), now: time.Now, begun: make(chan struct{})}
	ctx, end := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- c.Run(ctx) }()
	<-c.begun
	var starts sync.WaitGroup
	for range 50 {
		starts.Go(func() { c.Start(account) })
	}
	starts.Wait()
	c.Stop(account.ID)
	stopped := make(chan struct{})
	go func() { c.done.Wait(); close(stopped) }()
	select {
	case <-stopped:
	case <-time.After(patience):
		t.Error("a syncer goes on after the account's was stopped")
	}
	end()
	if err := <-ran; err != nil {
		t.Error(err)
	}
	<-stopped
}

func TestTheMenuDoesNotWaitForASynchronisation(t *testing.T) {
	t.Parallel()
	b := &bell{log: slog.New(slog.DiscardHandler), opened: make(chan struct{}), syncWish: make(chan struct{}, 1)}
	ctx, end := context.WithCancel(t.Context())
	menu := b.trayActions(ctx)
	for range 3 { // nothing runs yet that could synchronise
		menu.Sync()
	}
	b.store = openStore(t)
	b.crew = &crew{store: b.store, begun: make(chan struct{})}
	close(b.crew.begun)
	hints, unsubscribe := b.store.Changes().Subscribe()
	defer unsubscribe()
	close(b.opened)
	ended := make(chan error, 1)
	go func() { ended <- b.syncAsked(ctx) }()
	select {
	case <-hints:
	case <-time.After(patience):
		t.Fatal("the wish was not carried out")
	}
	if told := b.notices.list(); len(told) != 1 || told[0].Code != "no_account" {
		t.Errorf("the failure was told as %+v", told)
	}
	end()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
