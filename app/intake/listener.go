package intake

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"bellhop/app"
)

const (
	// parallel is how many bodies are held at a time, 32 MB at most.
	parallel = 4
	// patience is how long a call waits for its turn, and then for the store.
	// DefectDojo itself gives up after 10 s (webhooks_notifications_timeout).
	patience = 4 * time.Second
	// comeAgain is the Retry-After of what passes by itself, in seconds: the
	// server wakes an endpoint up again after that time whatever is said.
	comeAgain = "60"
)

// Options are what a [Listener] needs.
type Options struct {
	// Header is the name of the header that carries the secret, Secret its
	// value; see [CheckSecret].
	Header, Secret string
	// Path is the only path that takes calls; "" takes every one.
	Path string
	// Accounts returns the accounts as they are now.
	Accounts func(context.Context) ([]app.Account, error)
	// Record stores an event for good. It returns nil also for one whose key is
	// stored already. It is called from several goroutines.
	Record func(context.Context, app.Event) error
	// Changed is called after a call was counted, from several goroutines; may
	// be nil. It must not block.
	Changed func()
	Now     func() time.Time // nil = time.Now
	Log     *slog.Logger     // nil = no log
}

// Status is what a listener has seen since it was made.
type Status struct {
	LastPing  time.Time `json:"last_ping,omitzero"`
	LastEvent time.Time `json:"last_event,omitzero"`
	// Server is the version of the server that called last.
	Server string `json:"server,omitempty"`
	// Recorded counts events, Refused calls that an administrator has to look
	// at, Failed those that could not be stored.
	Recorded int `json:"recorded"`
	Refused  int `json:"refused"`
	Failed   int `json:"failed"`
	// Problem is why the last call was not taken; nil after one that was.
	Problem *app.Problem `json:"problem,omitempty"`
}

// Listener receives DefectDojo's webhooks. It is an [http.Handler];
// [Listener.Serve] runs it on a listener of its own.
type Listener struct {
	o     Options
	guard guard
	slots chan struct{}
	seen  recent

	mu     sync.Mutex
	status Status
	logged map[string]time.Time // when a reason of refusal was last logged
}

// New returns a listener, or an [app.Problem] for a header or secret that
// cannot be used.
func New(o Options) (*Listener, error) {
	if o.Accounts == nil || o.Record == nil {
		return nil, errors.New("intake needs accounts and a place to record")
	}
	if err := CheckSecret(o.Secret); err != nil {
		return nil, err
	}
	header, err := app.FindSetting(app.SettingIntakeHeader)
	if err != nil {
		return nil, fmt.Errorf("find the header's rule: %w", err)
	}
	if o.Header, err = header.Check(o.Header); err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	l := &Listener{
		o: o, guard: guard{header: o.Header, sum: sha256.Sum256([]byte(o.Secret))},
		slots: make(chan struct{}, parallel), logged: make(map[string]time.Time),
	}
	l.o.Secret = "" // from here on the hash will do
	return l, nil
}

// Status returns what was seen so far.
func (l *Listener) Status() Status {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.status
}

// ServeHTTP implements [http.Handler]. Nothing is told to whoever does not know
// the secret, and no body is read for them.
func (l *Listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if !l.guard.passes(r.Header) {
		l.refuse(w, r, http.StatusUnauthorized, refused("unauthorized", "A call came without the secret.",
			"If it was DefectDojo's, compare the header of its endpoint with `bellhop intake`."))
		return
	}
	if l.o.Path != "" && strings.TrimRight(r.URL.Path, "/") != strings.TrimRight(l.o.Path, "/") {
		l.refuse(w, r, http.StatusNotFound, refused("wrong_path", "Webhooks are not received here.", "Correct the path in the endpoint's address."))
		return
	}
	if r.Method != http.MethodPost {
		h.Set("Allow", http.MethodPost)
		l.refuse(w, r, http.StatusMethodNotAllowed, refused("wrong_method", "Webhooks are posted.",
			"Register this very address: a redirect on the way loses the event."))
		return
	}
	if e := r.Header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		l.refuse(w, r, http.StatusUnsupportedMediaType, refused("compressed", "The body is compressed.", "Send it as it is."))
		return
	}
	if r.ContentLength > MaxBody {
		l.refuse(w, r, http.StatusRequestEntityTooLarge, tooLarge())
		return
	}
	// The event is stored also where the server has stopped waiting.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), patience)
	defer cancel()
	select {
	case l.slots <- struct{}{}:
		defer func() { <-l.slots }()
	case <-ctx.Done():
		l.fail(w, r, app.NewProblem("busy", "Too many webhooks arrive at once.", "Nothing is to be done unless it stays so.", false, nil))
		return
	}
	l.take(w, r)
}

// take reads a call and records it.
func (l *Listener) take(w http.ResponseWriter, r *http.Request) {
	call, status, problem := l.read(w, r)
	if problem != nil {
		l.refuse(w, r, status, problem)
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), patience)
	defer cancel()
	accounts, err := l.o.Accounts(ctx)
	if err != nil {
		l.fail(w, r, fmt.Errorf("list the accounts: %w", err))
		return
	}
	account, err := match(accounts, &call)
	if err != nil {
		l.refuse(w, r, http.StatusUnprocessableEntity, app.AsProblem(err))
		return
	}
	now := l.o.Now()
	if !call.Ping() {
		err = l.o.Record(ctx, app.Event{
			Account: account.ID, Origin: app.OriginWebhook, Key: l.seen.key(&call, now),
			At: now, Kind: call.Call.Kind, Call: call.Call,
		})
		if err != nil {
			l.fail(w, r, fmt.Errorf("record the event: %w", err))
			return
		}
	}
	l.count(func(s *Status) {
		s.Problem, s.Server = nil, call.Version
		if call.Ping() {
			s.LastPing = now
			return
		}
		s.LastEvent = now
		s.Recorded++
	})
	w.WriteHeader(http.StatusNoContent)
}

// read returns the call, or how it is refused.
func (l *Listener) read(w http.ResponseWriter, r *http.Request) (Webhook, int, *app.Problem) {
	// Callers who know the secret are believed how much they send: a buffer that
	// grows would need twice as much.
	var body bytes.Buffer
	body.Grow(int(max(r.ContentLength, 0)) + bytes.MinRead)
	if _, err := io.Copy(&body, http.MaxBytesReader(w, r.Body, MaxBody)); err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return Webhook{}, http.StatusRequestEntityTooLarge, tooLarge()
		}
		return Webhook{}, http.StatusBadRequest, refused("cut_off", "The body did not arrive whole.", "Look at what stands between DefectDojo and here.")
	}
	call, err := ParseWebhook(r.Header, body.Bytes())
	if err != nil {
		return Webhook{}, http.StatusBadRequest, app.AsProblem(err)
	}
	return call, 0, nil
}

// count changes the status.
func (l *Listener) count(change func(*Status)) {
	l.mu.Lock()
	change(&l.status)
	l.mu.Unlock()
	if l.o.Changed != nil {
		l.o.Changed()
	}
}
