// Package syncer keeps the store and one account's DefectDojo server in
// agreement: it signs in, looks for new alerts, finds out which ones are gone,
// and carries out the removals that the user asked for.
//
// There is one [Syncer] for each account and one loop in it, so that requests
// never overlap: a removal is posted between two lists and not beside one. What
// is new is found by comparing sets. Neither primary keys nor creation times
// rise in the order of commits on the server, so a watermark would lose alerts.
//
// Whatever the loop knows that has to outlive it is in the store or among the
// secrets; a Syncer can be dropped at any moment and another one goes on.
package syncer

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"bellhop/app"
	"bellhop/sync/dojo"
)

// Options is what a Syncer works with. Account, Local and Secrets are needed.
type Options struct {
	Account app.Account
	Local   Local
	Secrets Secrets
	// Dial opens the connection to the server; nil means [dojo.New].
	Dial Dial
	// Now is the wall clock; nil means [time.Now]. Its monotonic part is ignored.
	Now func() time.Time
	// Jitter spreads what many clients would do at the same moment; nil means
	// chance.
	Jitter Jitter
	// Log receives one line for each change of an account's state; nil means none.
	Log *slog.Logger
	// UserAgent is sent with each request; "" leaves it to package dojo.
	UserAgent string
}

// errEnded is what a caller of SyncNow gets when the loop ends before its turn.
var errEnded = fmt.Errorf("synchronisation has ended: %w", app.ErrNotRunning)

// Syncer synchronises one account. Create it with [New], start it with
// [Syncer.Run]; the other methods may be called from any goroutine.
type Syncer struct {
	opt   Options
	epoch time.Time // where the monotonic readings begin

	kick chan struct{} // one slot: something was asked for
	mu   sync.Mutex    // guards asked and ended
	// asked is what was asked for since the loop last looked.
	asked job
	ended bool

	// Everything below belongs to the goroutine of Run.
	account app.Account
	remote  Remote
	state   app.SyncState
	unsaved bool          // the last state could not be saved, which was logged
	poll    time.Duration // the setting, without jitter
	next    deadline      // when to look again by itself
	hold    deadline      // before which the server wants no request; zero for none
	last    reading       // the last look at the clocks
	tried   reading       // when the last synchronisation ended
	session session
	lists   lists
	posts   posts
}

// job is what one turn of the loop has to do.
type job struct {
	calls []*call // callers of SyncNow that wait for the outcome
	full  bool    // read the complete list
	woke  bool    // the machine or the network came back
	timer bool    // the time has come
}

// user says whether a person asked for it.
func (j job) user() bool { return len(j.calls) > 0 }

// call is one or more callers of SyncNow.
type call struct {
	done chan struct{}
	err  error
}

// New returns a Syncer for the account; it does nothing before [Syncer.Run].
func New(opt Options) *Syncer {
	opt = opt.withDefaults()
	return &Syncer{
		opt:     opt,
		epoch:   time.Now(),
		kick:    make(chan struct{}, 1),
		account: opt.Account,
		poll:    defaultPoll,
	}
}

func (o Options) withDefaults() Options {
	if o.Dial == nil {
		o.Dial = dialDojo
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Jitter == nil {
		o.Jitter = chance
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// SyncNow synchronises at once, with a complete list, and returns the outcome:
// nil, or a [*app.Problem]. Callers that wait at the same time share one
// synchronisation. It is the only call that tries again after a problem that
// needs the user, for example a refused password. While the server wants no
// request (rate limit, Retry-After) it returns the problem without making one.
// The error is the context's where ctx ends first; the synchronisation then
// goes on. It matches [app.ErrNotRunning] where the Syncer ends first.
func (s *Syncer) SyncNow(ctx context.Context) error {
	s.mu.Lock()
	if s.ended {
		s.mu.Unlock()
		return errEnded
	}
	if len(s.asked.calls) == 0 {
		s.asked.calls = []*call{{done: make(chan struct{})}}
	}
	c := s.asked.calls[0]
	s.asked.full = true
	s.mu.Unlock()
	s.nudge()
	select {
	case <-c.done:
		return c.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Wake tells that the machine resumed, was unlocked or found a network: what
// failed before may work now. It does not bring back an account that needs the
// user, nor does it break a time that the server asked to wait.
func (s *Syncer) Wake() { s.ask(job{woke: true}) }

// WindowOpened asks for a complete list at once, because somebody looks at it.
func (s *Syncer) WindowOpened() { s.ask(job{full: true}) }

func (s *Syncer) ask(j job) {
	s.mu.Lock()
	s.asked.full = s.asked.full || j.full
	s.asked.woke = s.asked.woke || j.woke
	s.mu.Unlock()
	s.nudge()
}

// nudge wakes the loop; a nudge that is already waiting is enough.
func (s *Syncer) nudge() {
	select {
	case s.kick <- struct{}{}:
	default:
	}
}

// take returns what was asked for since the last look.
func (s *Syncer) take() job {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.asked
	s.asked = job{}
	return j
}

// end turns further callers away and answers those who wait.
func (s *Syncer) end() {
	s.mu.Lock()
	s.ended = true
	s.mu.Unlock()
	s.take().answer(errEnded)
	if s.remote != nil {
		s.remote.Close()
	}
}

// answer tells the callers the outcome.
func (j job) answer(err error) {
	for _, c := range j.calls {
		c.err = err
		close(c.done)
	}
}

// read looks at both clocks.
func (s *Syncer) read() reading {
	return reading{wall: s.opt.Now().Round(0), mono: time.Since(s.epoch)}
}

// lists is what the loop remembers of the server's lists.
type lists struct {
	total   int  // alerts on the server by the last complete list and what came since
	arrived int  // of those, since that list
	known   bool // there was a complete list since the start
	wrong   int  // times that the server's counter misled
	unsure  bool // the last complete list was not believed
}

// posts is what the loop remembers of its removals.
type posts struct {
	upTo     time.Time // intents due by then have been looked at
	fallback time.Time // look at the intents then; zero for not
	failures int       // requests that failed in a row
	after    deadline  // before which none is posted again
}

// session is what the loop remembers of its session.
type session struct {
	loaded  bool         // the secrets have been asked
	saved   dojo.Session // what the secrets hold
	deaths  int          // sessions in a row that ended within minutes
	buried  string       // the id of the last session that was counted so
	limited bool         // the last sign-in was refused for being too many
}
