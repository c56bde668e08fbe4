package store

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"bellhop/app"

	"github.com/zalando/go-keyring"
)

// fakeRing is a keyring: one that works, that fails with err, or that asks the
// user and waits until locked is closed.
type fakeRing struct {
	values map[string]string
	err    error
	locked chan struct{}
	limit  int // bytes of a value, 0 = any
}

func (r *fakeRing) wait() error {
	if r.locked != nil {
		<-r.locked
	}
	return r.err
}

func (r *fakeRing) Get(service, user string) (string, error) {
	if err := r.wait(); err != nil {
		return "", err
	}
	value, has := r.values[service+" "+user]
	if !has {
		return "", keyring.ErrNotFound
	}
	return value, nil
}

func (r *fakeRing) Set(service, user, value string) error {
	if err := r.wait(); err != nil {
		return err
	}
	if r.limit > 0 && len(value) > r.limit {
		return keyring.ErrSetDataTooBig
	}
	r.values[service+" "+user] = value
	return nil
}

func (r *fakeRing) Delete(service, user string) error {
	if err := r.wait(); err != nil {
		return err
	}
	if _, has := r.values[service+" "+user]; !has {
		return keyring.ErrNotFound
	}
	delete(r.values, service+" "+user)
	return nil
}

const hush = "correct horse battery staple"

// keeps sets, gets and deletes secrets of two accounts.
func keeps(t *testing.T, s *Secrets) {
	t.Helper()
	ctx := t.Context()
	if _, err := s.Get(ctx, 1, "password"); err == nil {
		t.Fatal("there is a password before it was set")
	}
	for account, value := range map[app.AccountID]string{1: hush, 2: "other"} {
		if err := s.Set(ctx, account, "password", value); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Set(ctx, 1, "cookies", "crumbs"); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Get(ctx, 1, "password"); err != nil || got != hush {
		t.Fatalf("the password is not what was set (%v)", err)
	}
	if err := s.Delete(ctx, 1); err != nil {
		t.Fatal(err)
	}
	for _, name := range secretNames {
		if _, err := s.Get(ctx, 1, name); err == nil {
			t.Errorf("%s is there after deleting", name)
		}
	}
	if got, err := s.Get(ctx, 2, "password"); err != nil || got != "other" {
		t.Errorf("the other account's password went along (%v)", err)
	}
}

func TestSecretsGoIntoTheKeyring(t *testing.T) {
	dir := t.TempDir()
	ring := &fakeRing{values: make(map[string]string)}
	s, err := openSecrets(t.Context(), dir, nil, ring)
	if err != nil {
		t.Fatal(err)
	}
	keeps(t, s)
	if s.Where() != "keyring" || s.Notice() != nil {
		t.Errorf("kept in the %s: %v", s.Where(), s.Notice())
	}
	if _, err := os.Stat(filepath.Join(dir, secretFileName)); err == nil {
		t.Error("a file was made too")
	}
	// Another folder with the same account numbers shares nothing.
	other, err := openSecrets(t.Context(), t.TempDir(), nil, ring)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Get(t.Context(), 2, "password"); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("another folder's account 2: %v", err)
	}
}

func TestWithoutAKeyringSecretsGoIntoAnEncryptedFile(t *testing.T) {
	dir := t.TempDir()
	var lines bytes.Buffer
	s, err := openSecrets(t.Context(), dir, slog.New(slog.NewTextHandler(&lines, nil)), &fakeRing{err: errors.New("no such service")})
	if err != nil {
		t.Fatal(err)
	}
	keeps(t, s)
	if n := s.Notice(); s.Where() != "file" || n == nil || n.Code != "no_keyring" || n.Step == "" {
		t.Errorf("kept in the %s: %+v", s.Where(), n)
	}
	if err := s.Set(t.Context(), 1, "password", hush); err != nil {
		t.Fatal(err)
	}
	for _, entry := range must2(os.ReadDir(dir))(t) {
		path := filepath.Join(dir, entry.Name())
		if bytes.Contains(must2(os.ReadFile(path))(t), []byte(hush)) {
			t.Errorf("%s has the password in clear", entry.Name())
		}
		if mode := must2(os.Stat(path))(t).Mode().Perm(); mode&0o077 != 0 {
			t.Errorf("%s has the mode %o", entry.Name(), mode)
		}
	}
	if strings.Contains(lines.String(), hush) || !strings.Contains(lines.String(), "no such service") {
		t.Errorf("the log: %s", lines.String())
	}
	again, err := openSecrets(t.Context(), dir, nil, &fakeRing{err: errors.New("no such service")})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := again.Get(t.Context(), 1, "password"); err != nil || got != hush {
		t.Errorf("after a restart the password is not what was set (%v)", err)
	}
}

func must2[T any](v T, err error) func(testing.TB) T {
	return func(tb testing.TB) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
}

func TestAKeyringThatWaitsForTheUserHoldsNothingUp(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		ring := &fakeRing{values: make(map[string]string), locked: make(chan struct{})}
		s, err := openSecrets(t.Context(), dir, nil, ring) // three seconds of the bubble's clock
		if err != nil {
			t.Fatal(err)
		}
		keeps(t, s) // in the file
		if s.Where() != "file" || !errors.Is(s.Notice(), errRingSlow) {
			t.Errorf("kept in the %s: %v", s.Where(), s.Notice())
		}
		close(ring.locked) // the user has typed the keyring's password
		synctest.Wait()
		if s.Where() != "keyring" || s.Notice() != nil {
			t.Errorf("after unlocking kept in the %s", s.Where())
		}
		if got, err := s.Get(t.Context(), 2, "password"); err != nil || got != "other" {
			t.Errorf("what went into the file is lost (%v)", err)
		}
		if err := s.Set(t.Context(), 2, "password", "newer"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.file.get(s.user(2, "password")); !errors.Is(err, app.ErrNotFound) {
			t.Errorf("the older password is still in the file: %v", err)
		}
	})
}

func TestALockedKeyringIsNotAMissingPassword(t *testing.T) {
	dir := t.TempDir()
	ring := &fakeRing{values: make(map[string]string)}
	s := must2(openSecrets(t.Context(), dir, nil, ring))(t)
	if err := s.Set(t.Context(), 1, "password", hush); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) { // the next login: the bell is up before the keyring is unlocked
		ring.locked = make(chan struct{})
		s := must2(openSecrets(t.Context(), dir, nil, ring))(t)
		if _, err := s.Get(t.Context(), 1, "password"); err == nil || errors.Is(err, app.ErrNotFound) {
			t.Errorf("a locked keyring was taken for one without the password: %v", err)
		}
		if err := s.Delete(t.Context(), 9); err != nil {
			t.Errorf("a keyring that never worked stops an account from being forgotten: %v", err)
		}
		// Once something of the account is in the file, what is not there is nowhere.
		if err := s.Set(t.Context(), 1, "cookies", "crumbs"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Get(t.Context(), 1, "token"); !errors.Is(err, app.ErrNotFound) {
			t.Errorf("a token that was never kept: %v", err)
		}
		close(ring.locked)
		synctest.Wait()
		if got, err := s.Get(t.Context(), 1, "password"); err != nil || got != hush {
			t.Errorf("after unlocking the password is lost: %v", err)
		}
	})
}

func TestForgettingSaysThatAKeyringKeptTheSecrets(t *testing.T) {
	ring := &fakeRing{values: make(map[string]string)}
	s := must2(openSecrets(t.Context(), t.TempDir(), nil, ring))(t)
	if err := s.Set(t.Context(), 1, "password", hush); err != nil {
		t.Fatal(err)
	}
	ring.err = errors.New("the service has gone")
	if err := s.Delete(t.Context(), 1); err == nil {
		t.Error("the password stays in the keyring and nobody is told")
	}
}

func TestAValueTooBigForTheKeyringGoesIntoTheFile(t *testing.T) {
	ring := &fakeRing{values: make(map[string]string), limit: 2560}
	s := must2(openSecrets(t.Context(), t.TempDir(), nil, ring))(t)
	long := strings.Repeat("x", 3000)
	for _, value := range []string{"short", long} {
		if err := s.Set(t.Context(), 1, "cookies", value); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Get(t.Context(), 1, "cookies"); err != nil || got != value {
			t.Errorf("%d bytes come back as %d (%v)", len(value), len(got), err)
		}
	}
	if s.Where() != "keyring" {
		t.Errorf("kept in the %s from then on", s.Where())
	}
}

func TestAPasswordChangedWhileTheKeyringWasAwayIsTheOneThatCounts(t *testing.T) {
	dir := t.TempDir()
	ring := &fakeRing{values: make(map[string]string)}
	s := must2(openSecrets(t.Context(), dir, nil, ring))(t)
	if err := s.Set(t.Context(), 1, "password", "old"); err != nil {
		t.Fatal(err)
	}
	ring.err = errors.New("gone")
	if err := s.Set(t.Context(), 1, "password", "new"); err != nil {
		t.Fatal(err)
	}
	ring.err = nil
	if got, err := s.Get(t.Context(), 1, "password"); err != nil || got != "new" {
		t.Errorf("the password is %q (%v)", got, err)
	}
}

func TestAFileThatCannotBeReadStopsNoNewSignIn(t *testing.T) {
	dir := t.TempDir()
	s := must2(openSecrets(t.Context(), dir, nil, &fakeRing{err: errors.New("none")}))(t)
	if err := s.Set(t.Context(), 1, "password", hush); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, secretKeyName)); err != nil {
		t.Fatal(err)
	}
	_, err := s.Get(t.Context(), 1, "password")
	if p, is := errors.AsType[*app.Problem](err); !is || p.Code != "secrets_unreadable" {
		t.Fatalf("without the key: %v", err)
	}
	if err := s.Set(t.Context(), 1, "password", "again"); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Get(t.Context(), 1, "password"); err != nil || got != "again" {
		t.Errorf("after signing in again: %v", err)
	}
}

func TestWithoutASessionBusNoKeyringIsAsked(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	s, err := OpenSecrets(t.Context(), t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	keeps(t, s)
	if reachable() != nil && s.Where() != "file" {
		t.Errorf("kept in the %s", s.Where())
	}
}
