package syncer

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"bellhop/app"
	"bellhop/sync/dojo"
)

// WatchLocal is what a [Watch] needs of the store.
type WatchLocal interface {
	Changes() *app.Changes
	Account(ctx context.Context, id app.AccountID) (app.Account, error)
	Setting(ctx context.Context, key string) (string, error)
	// Cursor returns what RecordEvents was last given under the name, nil for
	// nothing.
	Cursor(ctx context.Context, account app.AccountID, name string) ([]byte, error)
	// RecordEvents stores events, each once, together with cursors by the keys
	// "account/name".
	RecordEvents(ctx context.Context, events []app.Event, cursors map[string][]byte) ([]app.Event, error)
	People(ctx context.Context, account app.AccountID) ([]app.Person, error)
	ReplaceDirectory(ctx context.Context, account app.AccountID, d app.Directory) error
	ReplaceServerPreferences(ctx context.Context, account app.AccountID, rows []app.Preference) error
}

// WatchOptions is what a Watch works with. Account, Local and Secrets are
// needed; the rest is as in [Options].
type WatchOptions struct {
	Account   app.Account
	Local     WatchLocal
	Secrets   Secrets
	Dial      func(config dojo.Config) (Objects, error)
	Now       func() time.Time
	Jitter    Jitter
	Log       *slog.Logger
	UserAgent string
}

// WatchState is how a Watch stands.
type WatchState struct {
	Last     time.Time    `json:"last,omitzero"` // end of the last round that went well
	Next     time.Time    `json:"next,omitzero"`
	Requests int          `json:"requests"` // made by the last round
	Failures int          `json:"failures"` // rounds failed in a row
	Problem  *app.Problem `json:"problem,omitempty"`
}

// Watch looks at the objects of one account's server in rounds and records what
// its alerts do not tell. For an account with a session that is what the server
// computes and delivers to nobody; for one with an API token, to which the
// server gives no alerts, it is everything that objects show.
//
// A round makes at most [roundRequests] requests, one after another; a list
// that is longer is read on in the next round. The API knows neither ETags nor
// If-Modified-Since; where a list can be ordered or filtered by time, only its
// news are read. What was seen is stored with the events that follow from it,
// in one transaction, so that a Watch can be dropped at any moment: what was
// not stored is read again.
//
// Without a log of deletions and of people's doings some events cannot be seen:
// deleted finding groups, endpoints and Jira's messages; a finding that was
// closed before the first look and opened since; and what happens to more than
// 150 findings within a round. Deleted and copied tests and findings are seen in
// engagements whose lead's name is known; what makes a copy, and which notes are
// read for mentions, is said where those are derived.
//
// It never signs in: it uses the session that the account's [Syncer] stored.
type Watch struct {
	opt  WatchOptions
	kick chan *call
	mu   sync.Mutex // guards state
	at   WatchState

	// Everything below belongs to the goroutine of Run.
	account app.Account
	remote  Objects
	secret  string // the session or token that remote uses
	every   time.Duration
	memory  *memory
	epoch   time.Time
}

// NewWatch returns a Watch; it does nothing before [Watch.Run].
func NewWatch(opt WatchOptions) *Watch {
	if opt.Dial == nil {
		opt.Dial = dialObjects
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Jitter == nil {
		opt.Jitter = chance
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	return &Watch{opt: opt, kick: make(chan *call), account: opt.Account, epoch: time.Now()}
}

func dialObjects(config dojo.Config) (Objects, error) {
	client, err := dojo.New(config)
	if err != nil {
		return nil, err
	}
	return client, nil
}

// State returns how the Watch stands. It may be called from any goroutine.
func (w *Watch) State() WatchState {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

// LookNow makes a round at once and returns its outcome: nil, or a
// [*app.Problem]. Only while Run runs; the error is the context's where that
// ends first. It also looks where the setting is off, and breaks no time that
// the server asked to wait.
func (w *Watch) LookNow(ctx context.Context) error {
	c := &call{done: make(chan struct{})}
	select {
	case w.kick <- c:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-c.done:
		return c.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Run looks in rounds until ctx ends and then returns nil. It must be called
// once.
func (w *Watch) Run(ctx context.Context) error {
	hints, unsubscribe := w.opt.Local.Changes().Subscribe()
	defer unsubscribe()
	defer w.end()
	w.readInterval(ctx)
	// The alerts come first after a start.
	next := w.now().in(firstRound + w.opt.Jitter(firstRound))
	var hold deadline
	for ctx.Err() == nil {
		asked, due := w.wait(ctx, hints, next)
		if ctx.Err() != nil {
			break
		}
		if asked == nil && !due {
			continue
		}
		if now := w.now(); !hold.come(now) {
			if asked != nil {
				asked.finish(w.outcome())
			}
			next = hold
			continue
		}
		err := w.round(ctx)
		if ctx.Err() != nil {
			if asked != nil {
				asked.finish(errEnded)
			}
			break
		}
		next, hold = w.settle(ctx, err)
		if asked != nil {
			asked.finish(w.outcome())
		}
	}
	return nil
}

// firstRound is the least wait before the first round, and the spread on top.
const firstRound = 10 * time.Second

// finish tells a caller the outcome.
func (c *call) finish(err error) {
	c.err = err
	close(c.done)
}

// outcome is the problem of the last round as an error, nil for none.
func (w *Watch) outcome() error {
	if p := w.State().Problem; p != nil {
		return p
	}
	return nil
}

// wait sleeps until the next round, a caller, or a changed setting.
func (w *Watch) wait(ctx context.Context, hints <-chan app.Hints, next deadline) (asked *call, due bool) {
	var expired <-chan time.Time
	if w.every > 0 {
		// A long wait looks up in between, to notice that the machine slept.
		timer := time.NewTimer(min(next.left(w.now()), w.every))
		defer timer.Stop()
		expired = timer.C
	}
	for {
		select {
		case <-ctx.Done():
			return nil, false
		case c := <-w.kick:
			return c, false
		case <-expired:
			return nil, next.come(w.now())
		case topics := <-hints:
			if topics[app.TopicSettings] {
				before := w.every
				w.readInterval(ctx)
				if w.every != before {
					return nil, w.every > 0 && (before == 0 || next.come(w.now()))
				}
			}
		}
	}
}

// readInterval reads the setting; 0 is off. Where it cannot be read, the last
// one stays.
func (w *Watch) readInterval(ctx context.Context) {
	value, err := w.opt.Local.Setting(ctx, app.SettingWatchMinutes)
	if err != nil {
		return
	}
	n, err := strconv.Atoi(value)
	if err != nil {
		n = 0
	}
	w.every = time.Duration(n) * time.Minute
}

// settle turns the outcome of a round into the state and sets when to look
// again, and before when not even on demand.
func (w *Watch) settle(ctx context.Context, err error) (next, hold deadline) {
	now := w.now()
	problem := Problem(err)
	w.mu.Lock()
	defer w.mu.Unlock()
	before := w.at.Problem
	w.at.Problem = problem
	interval := vary(max(w.every, time.Minute), w.opt.Jitter)
	switch {
	case problem == nil:
		w.at.Failures, w.at.Last = 0, now.wall
		next = now.in(interval)
	case problem.NeedsUser || errors.Is(err, dojo.ErrSessionExpired):
		// The Syncer renews a session, or the user does; until then a look costs
		// nothing but a glance at the secrets.
		w.at.Failures++
		next = now.in(interval)
	default:
		w.at.Failures++
		delay := max(backoff(w.at.Failures, w.opt.Jitter), retryAfter(err))
		if asked := retryAfter(err); asked > 0 {
			hold = now.in(asked)
		}
		next = now.in(delay)
	}
	w.at.Next = next.wall
	if code(before) != code(problem) {
		w.opt.Log.InfoContext(ctx, "watch state changed", "account", w.account.ID, "code", code(problem), "failures", w.at.Failures)
	}
	return next, hold
}

func (w *Watch) now() reading {
	return reading{wall: w.opt.Now().Round(0), mono: time.Since(w.epoch)}
}

// end drops what a Watch holds.
func (w *Watch) end() {
	w.forget()
	if w.remote != nil {
		w.remote.Close()
	}
}
