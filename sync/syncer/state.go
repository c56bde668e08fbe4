package syncer

import (
	"context"
	"errors"
	"time"

	"bellhop/app"
	"bellhop/sync/dojo"
)

// postError is a removal that failed after the list had been read: the account
// is not cut off, only its removals are.
type postError struct{ err error }

func (e *postError) Error() string { return "post removals: " + e.err.Error() }
func (e *postError) Unwrap() error { return e.err }

// settle turns the outcome of a synchronisation into the account's state, saves
// it, and sets when to try again. It returns the problem, nil for success.
func (s *Syncer) settle(ctx context.Context, err error) *app.Problem {
	now := s.read()
	s.readPoll(ctx)
	s.last = now
	s.hold = deadline{}
	problem := Problem(err)
	if s.remote != nil {
		s.state.Skew = s.remote.Skew()
	}
	before := s.state
	_, posting := errors.AsType[*postError](err)
	switch {
	case problem == nil && s.posts.failures > 0:
		// The list is in order, but a removal that failed has not been tried
		// again yet: the account keeps its phase and its problem.
		s.state.LastSync = now.wall
		s.wait(now, vary(s.poll, s.opt.Jitter))
	case problem == nil:
		s.state.Failures, s.state.Problem = 0, nil
		s.state.LastSync = now.wall
		s.enter(app.PhaseOK, now)
		every := s.poll
		if s.account.SignIn == app.SignInToken {
			every = max(every, tokenEvery)
		}
		s.wait(now, vary(every, s.opt.Jitter))
	case problem.NeedsUser:
		s.state.Problem = problem
		s.enter(app.PhaseNeedsYou, now)
		s.state.NextSync = time.Time{}
	default:
		s.state.Problem = problem
		s.state.Failures++
		s.enter(app.PhaseOffline, now)
		s.retry(now, err, posting)
	}
	if p := s.state.Problem; before.Phase != s.state.Phase || code(before.Problem) != code(p) {
		s.opt.Log.InfoContext(ctx, "sync state changed",
			"account", s.account.ID, "phase", s.state.Phase, "code", code(p), "failures", s.state.Failures)
	}
	unsaved := s.opt.Local.SetSyncState(ctx, s.state)
	if unsaved != nil && !s.unsaved {
		s.opt.Log.ErrorContext(ctx, "sync state not saved", "account", s.account.ID, "error", unsaved)
	}
	if s.unsaved = unsaved != nil; s.unsaved && problem == nil {
		problem = Problem(notSaved("save the state", unsaved))
	}
	return problem
}

// enter begins a phase; a phase that goes on keeps its beginning.
func (s *Syncer) enter(phase app.Phase, now reading) {
	if s.state.Phase != phase || s.state.Since.IsZero() {
		s.state.Phase, s.state.Since = phase, now.wall
	}
}

// retry sets when to try again after a failure.
func (s *Syncer) retry(now reading, err error, posting bool) {
	asked := retryAfter(err)
	var delay time.Duration
	switch {
	case posting:
		s.state.LastSync = now.wall
		// The list itself could be read, so it is read at its usual pace.
		s.posts.after = now.in(max(asked, backoff(s.posts.failures, s.opt.Jitter)))
		delay = vary(s.poll, s.opt.Jitter)
	case s.state.Problem.Code == CodeSingleSession:
		delay = evictedHold
	case errors.Is(err, dojo.ErrRateLimited):
		asked = max(asked, limitedHold)
	default:
		delay = backoff(s.state.Failures, s.opt.Jitter)
	}
	if asked > 0 {
		asked += s.opt.Jitter(limitedExtra)
		s.hold = now.in(asked)
	}
	s.wait(now, max(delay, asked))
}

// wait sets when to look again.
func (s *Syncer) wait(now reading, d time.Duration) {
	s.next = now.in(d)
	s.state.NextSync = s.next.wall
}

// code returns a problem's code, "" for none.
func code(p *app.Problem) string {
	if p == nil {
		return ""
	}
	return p.Code
}
