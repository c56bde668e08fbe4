package store

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"bellhop/app"

	"github.com/zalando/go-keyring"
)

const (
	// ringTimeout bounds every call to the keyring: a locked one asks the user
	// on the screen and answers only when they have.
	ringTimeout = 3 * time.Second
	ringService = "bellhop"
	// folderIDName holds what tells this data folder's entries in the keyring
	// from another's; account ids alone would collide.
	folderIDName = "keyring.id"
)

// secretNames are what is kept of an account: see the callers in sync.
var secretNames = []string{"password", "token", "cookies"}

// Secrets keeps passwords, tokens and cookies: in the desktop's keyring, or
// where that does not answer, in an encrypted file. It may be used from any
// goroutine, but never from one that draws: a call can take three seconds.
type Secrets struct {
	ring   ring
	folder string // see folderIDName
	file   *secretFile
	log    *slog.Logger
	turn   chan struct{} // holds a token while a call is out

	mu     sync.Mutex
	inRing bool
	worked bool  // inRing was true once in this run
	why    error // why not, where not inRing
	hung   bool  // a call has not come back in time
}

// ring is the keyring, so that tests can be one.
type ring interface {
	Get(service, user string) (string, error)
	Set(service, user, value string) error
	Delete(service, user string) error
}

// osRing is the keyring of the desktop.
type osRing struct{}

func (osRing) Get(service, user string) (string, error) {
	if err := reachable(); err != nil {
		return "", err
	}
	return keyring.Get(service, user)
}
func (osRing) Set(service, user, value string) error { return keyring.Set(service, user, value) }
func (osRing) Delete(service, user string) error     { return keyring.Delete(service, user) }

// OpenSecrets finds out where the secrets of the data folder can be kept. It
// asks the keyring and waits for it for at most three seconds.
func OpenSecrets(ctx context.Context, dir string, log *slog.Logger) (*Secrets, error) {
	return openSecrets(ctx, dir, log, osRing{})
}

func openSecrets(ctx context.Context, dir string, log *slog.Logger, r ring) (*Secrets, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, secretsProblem(dir, err)
	}
	folder, err := folderID(filepath.Join(dir, folderIDName))
	if err != nil {
		return nil, secretsProblem(dir, err)
	}
	s := &Secrets{ring: r, folder: folder, file: &secretFile{dir: dir}, log: log, turn: make(chan struct{}, 1)}
	if _, err := s.ask(ctx, func() (string, error) { return r.Get(ringService, s.user(0, "probe")) }); err != nil && !errors.Is(err, keyring.ErrNotFound) {
		log.WarnContext(ctx, "keyring unavailable", "error", err)
	}
	return s, nil
}

func secretsProblem(dir string, err error) error {
	return app.NewProblem("folder_read_only", "Bellhop cannot keep secrets in its data folder "+dir+".",
		"Make the folder writable for your user, or choose another one with --data-dir.", true, err)
}

// folderID reads the folder's id and makes it up where there is none.
func folderID(path string) (string, error) {
	raw, err := os.ReadFile(path)
	if id := strings.TrimSpace(string(raw)); err == nil && id != "" {
		return id, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	id := hex.EncodeToString(b[:])
	return id, writeWhole(path, []byte(id+"\n"))
}

func (s *Secrets) user(account app.AccountID, name string) string {
	return s.folder + "/" + strconv.FormatInt(int64(account), 10) + "/" + name
}

// errRingBusy says that an earlier call still waits for the user.
var errRingBusy = errors.New("the keyring waits for an earlier answer")

// errRingSlow says that the keyring took too long.
var errRingSlow = fmt.Errorf("the keyring did not answer within %s: it is probably locked", ringTimeout)

// ask calls the keyring with a time limit; calls come one after another. One
// that hangs is left to itself, and no other is made until it has come back;
// what it brings late is dropped, but the keyring counts as usable from then on.
func (s *Secrets) ask(ctx context.Context, call func() (string, error)) (string, error) {
	timer := time.NewTimer(ringTimeout)
	defer timer.Stop()
	if s.hangs() {
		return "", errRingBusy
	}
	select {
	case s.turn <- struct{}{}:
	case <-timer.C:
		return "", errRingBusy
	case <-ctx.Done():
		return "", ctx.Err()
	}
	type answer struct {
		value string
		err   error
	}
	back := make(chan answer, 1)
	go func() { // ends when the keyring answers
		value, err := call()
		<-s.turn
		s.mu.Lock()
		defer s.mu.Unlock()
		s.judge(err)
		back <- answer{value, err}
	}()
	select {
	case a := <-back:
		return a.value, a.err
	case <-timer.C:
		s.mu.Lock()
		defer s.mu.Unlock()
		if len(back) == 0 { // the lock makes judging and answering one
			s.inRing, s.why, s.hung = false, errRingSlow, true
		}
		return "", errRingSlow
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func (s *Secrets) hasWorked() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.worked
}

func (s *Secrets) hangs() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hung
}

// judge notes after a call, with the lock held, whether the keyring can be used.
// Want of an entry and a value that is too big say nothing against it.
func (s *Secrets) judge(err error) {
	s.hung = false
	s.inRing = err == nil || errors.Is(err, keyring.ErrNotFound) || errors.Is(err, keyring.ErrSetDataTooBig)
	s.worked = s.worked || s.inRing
	s.why = err
}

// Get returns a secret. The error matches [app.ErrNotFound] where there is
// none, and does not where the keyring, which may have it, cannot be asked.
// What the file has is newer than what the keyring has: it was set when the
// keyring could not take it.
func (s *Secrets) Get(ctx context.Context, account app.AccountID, name string) (string, error) {
	user := s.user(account, name)
	value, fileErr := s.file.get(user)
	if fileErr == nil {
		return value, nil
	}
	value, err := s.ask(ctx, func() (string, error) { return s.ring.Get(ringService, user) })
	if err == nil {
		return value, nil
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	// A keyring that cannot be asked says nothing about what is in it: only
	// where the account's secrets are in the file is one missing that is not
	// there too.
	if !errors.Is(err, keyring.ErrNotFound) && errors.Is(fileErr, app.ErrNotFound) && !s.inFile(account) {
		return "", fmt.Errorf("read the secret %q: %w", name, err)
	}
	return "", fmt.Errorf("read the secret %q: %w", name, fileErr)
}

// inFile says whether the file holds a secret of the account.
func (s *Secrets) inFile(account app.AccountID) bool {
	return slices.ContainsFunc(secretNames, func(name string) bool {
		_, err := s.file.get(s.user(account, name))
		return err == nil
	})
}

// Set keeps a secret in place of the one before. A value that is too big for
// the keyring (2,560 bytes on Windows) goes to the file.
func (s *Secrets) Set(ctx context.Context, account app.AccountID, name, value string) error {
	user := s.user(account, name)
	_, err := s.ask(ctx, func() (string, error) { return "", s.ring.Set(ringService, user, value) })
	if err == nil {
		// An older value in the file must not come back later.
		err = s.file.drop(user)
	} else {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		err = s.file.set(user, value)
	}
	if err != nil {
		return fmt.Errorf("keep the secret %q: %w", name, err)
	}
	return nil
}

// Delete forgets every secret of an account, wherever it is. The error tells of
// a keyring that has worked in this run and now does not: what is in it stays.
func (s *Secrets) Delete(ctx context.Context, account app.AccountID) error {
	var errs []error
	for _, name := range secretNames {
		errs = append(errs, s.Drop(ctx, account, name))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("delete the secrets: %w", err)
	}
	return nil
}

// Drop forgets one secret; one that is not there is no error.
func (s *Secrets) Drop(ctx context.Context, account app.AccountID, name string) error {
	user := s.user(account, name)
	var lost error
	if _, err := s.ask(ctx, func() (string, error) { return "", s.ring.Delete(ringService, user) }); err != nil && !errors.Is(err, keyring.ErrNotFound) && s.hasWorked() {
		lost = err
	}
	if err := errors.Join(lost, s.file.drop(user)); err != nil {
		return fmt.Errorf("delete the secret %q: %w", name, err)
	}
	return nil
}

// Where returns "keyring" or "file": where a secret would be kept now.
func (s *Secrets) Where() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inRing {
		return "keyring"
	}
	return "file"
}

// Notice says that secrets are kept in a file, and why; nil where they are in
// the keyring.
func (s *Secrets) Notice() *app.Problem {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inRing {
		return nil
	}
	return app.NewProblem("no_keyring", "The desktop's keyring cannot be used, so passwords are kept in an encrypted file that only your user can read.",
		"Unlock or install a keyring (for example gnome-keyring) and start Bellhop again; `bellhop doctor` tells the reason.", false, s.why)
}
