package syncer_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/store"
	"bellhop/sync/dojo"
	"bellhop/sync/dojoserver"
	"bellhop/sync/syncer"
)

// local is the store as a Syncer sees it, as package program does it.
type local struct{ *store.Store }

func (l local) BeginPull(ctx context.Context, id app.AccountID, complete bool) (syncer.Pull, error) {
	pull, err := l.Store.BeginPull(ctx, id, complete)
	if err != nil {
		return nil, err
	}
	return pull, nil
}

// clock is the wall clock of the world: the bubble's, shifted by what somebody
// set it by or the machine slept. The server reads what was last read here, for
// it lives in real time.
type clock struct {
	shift atomic.Int64
	seen  atomic.Pointer[time.Time]
	looks atomic.Int64
}

func (c *clock) now() time.Time {
	t := time.Now().Round(0).Add(time.Duration(c.shift.Load()))
	c.seen.Store(&t)
	c.looks.Add(1)
	return t
}

func (c *clock) last() time.Time {
	if t := c.seen.Load(); t != nil {
		return *t
	}
	return time.Now()
}

func (c *clock) move(d time.Duration) { c.shift.Add(int64(d)); c.now() }

// vault is a keyring that lives in memory.
type vault struct {
	mu      sync.Mutex
	entries map[string]string
	sets    int
	broken  error
}

func secretKey(id app.AccountID, name string) string { return string(rune('0'+id)) + "/" + name }

func (v *vault) Get(_ context.Context, id app.AccountID, name string) (string, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.broken != nil {
		return "", v.broken
	}
	value, ok := v.entries[secretKey(id, name)]
	if !ok {
		return "", app.ErrNotFound
	}
	return value, nil
}

func (v *vault) Set(_ context.Context, id app.AccountID, name, value string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.broken != nil {
		return v.broken
	}
	v.sets++
	v.set(id, name, value)
	return nil
}

func (v *vault) set(id app.AccountID, name, value string) {
	if v.entries == nil {
		v.entries = make(map[string]string)
	}
	v.entries[secretKey(id, name)] = value
}

// put is Set where the value is not empty.
func (v *vault) put(id app.AccountID, name, value string) {
	if value != "" {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.set(id, name, value)
	}
}

func (v *vault) forget(id app.AccountID, name string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.entries, secretKey(id, name))
}

func (v *vault) fail(err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.broken = err
}

// logbook keeps what was logged.
type logbook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logbook) handler() slog.Handler {
	return slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug})
}

// lines returns the lines that hold the words.
func (l *logbook) lines(words string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []string
	for line := range strings.Lines(l.text.String()) {
		if strings.Contains(line, words) {
			out = append(out, line)
		}
	}
	return out
}

func (l *logbook) wantNoSecret(t *testing.T) {
	t.Helper()
	if len(l.lines(password)) > 0 {
		t.Error("the password is in the log")
	}
}

// keep stores the session as a caller of Connect does.
func (v *vault) keep(tb testing.TB, id app.AccountID, session dojo.Session) {
	tb.Helper()
	if session.ID == "" {
		return
	}
	text, err := json.Marshal(session)
	if err != nil {
		tb.Fatal(err)
	}
	v.put(id, syncer.SecretCookies, string(text))
}

// each lets a hook see every request and answer none.
func each(see func(r *http.Request)) dojoserver.Hook {
	return func(_ http.ResponseWriter, r *http.Request) bool {
		see(r)
		return false
	}
}
