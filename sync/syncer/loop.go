package syncer

import (
	"context"
	"fmt"
	"time"

	"bellhop/app"
)

// Run synchronises until ctx ends and then returns nil. It returns an error
// only where the store cannot tell how the account stands. It must be called
// once.
//
// At rest the loop sleeps in one timer, at most a poll interval long: whatever
// happens before comes through a channel. On waking it compares the wall clock
// with the monotonic one, so a sleep of the machine is noticed at the latest a
// poll interval of waking time after it.
func (s *Syncer) Run(ctx context.Context) error {
	defer s.end()
	hints, unsubscribe := s.opt.Local.Changes().Subscribe()
	defer unsubscribe()
	if err := s.load(ctx); err != nil {
		return err
	}
	for ctx.Err() == nil {
		if j, ok := s.turn(ctx); ok {
			s.work(ctx, j)
			continue
		}
		s.rest(ctx, hints)
	}
	return nil
}

// load takes up where the last run stopped.
func (s *Syncer) load(ctx context.Context) error {
	state, err := s.opt.Local.SyncState(ctx, s.account.ID)
	if err != nil {
		return fmt.Errorf("load the state of account %d: %w", s.account.ID, err)
	}
	s.state = state
	s.state.Account = s.account.ID
	if p := state.Problem; p != nil && p.Code == CodeTokenHasNoAlerts && s.account.SignIn == app.SignInToken {
		// An earlier Bellhop had no use for a token.
		s.state.Phase, s.state.Problem = app.PhaseNew, nil
	}
	s.last = s.read()
	s.tried.mono = -calm
	s.readPoll(ctx)
	// A restart is a reason to try at once, except where trying is what the
	// server objected to.
	s.next = s.last.in(0)
	if p := state.Problem; p != nil && (p.Code == CodeRateLimited || p.Code == CodeSingleSession) {
		wait := min(max(state.NextSync.Sub(s.last.wall), 0), longestHold)
		s.next = s.last.in(wait)
		if p.Code == CodeRateLimited {
			s.hold = s.next
			s.session.limited = true
		} else {
			s.session.deaths = 1
		}
	}
	return nil
}

// turn says what is to be done now, if anything.
func (s *Syncer) turn(ctx context.Context) (job, bool) {
	now := s.read()
	j := s.take()
	if s.last.slept(now) {
		j.woke = true
	}
	s.last = now
	if j.user() {
		return j, true
	}
	if s.state.Phase == app.PhaseNeedsYou {
		return job{}, false
	}
	if j.woke {
		s.state.Failures = 0
		if soon := s.tried.in(calm); !soon.come(now) {
			// Networks come up in many small steps: one try after them is enough.
			j.woke = false
			if soon.left(now) < s.next.left(now) {
				s.next = soon
			}
		}
	}
	if !s.hold.come(now) {
		return job{}, false
	}
	j.timer = s.next.come(now)
	if s.state.Phase == app.PhaseOK && s.removalsDue(ctx, now) {
		// Each moment counts once, whatever comes of it: no hot loop.
		s.posts.looked(now.wall)
		j.timer, j.full = true, true
	}
	return j, j.timer || j.full || j.woke
}

// rest sleeps until there may be something to do.
func (s *Syncer) rest(ctx context.Context, hints <-chan app.Hints) {
	var expired <-chan time.Time
	if s.state.Phase != app.PhaseNeedsYou {
		timer := time.NewTimer(s.untilNext(ctx))
		defer timer.Stop()
		expired = timer.C
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-expired:
			return
		case <-s.kick:
			return
		case topics := <-hints:
			if topics[app.TopicSettings] {
				s.pollChanged(ctx)
				return
			}
			if topics[app.TopicIntents] {
				s.intentsChanged(ctx)
				return
			}
		}
	}
}

// untilNext returns how long the loop may sleep.
func (s *Syncer) untilNext(ctx context.Context) time.Duration {
	now := s.read()
	wait := s.next.left(now)
	if s.state.Phase == app.PhaseOK {
		if due := s.nextRemoval(ctx); !due.IsZero() {
			wait = min(wait, max(due.Sub(now.wall), 0))
		}
	}
	wait = max(wait, s.hold.left(now))
	// The bound lets a long wait notice that the machine slept.
	return min(wait, s.poll+s.poll/10)
}

// readPoll reads the poll interval; where it cannot be read, the last one stays.
func (s *Syncer) readPoll(ctx context.Context) {
	if value, err := s.opt.Local.Setting(ctx, app.SettingPollSeconds); err == nil {
		s.poll = pollEvery(value)
	}
}

// pollChanged takes up a shorter interval at once; a longer one begins with the
// next look.
func (s *Syncer) pollChanged(ctx context.Context) {
	before := s.poll
	s.readPoll(ctx)
	if s.poll < before && s.state.Phase == app.PhaseOK {
		if now := s.read(); s.next.left(now) > s.poll {
			s.next = now.in(vary(s.poll, s.opt.Jitter))
		}
	}
}

// work does one job, saves how the account stands and answers the callers.
func (s *Syncer) work(ctx context.Context, j job) {
	if now := s.read(); !s.hold.come(now) && s.state.Problem != nil {
		// A person asked, but the server wants to be left alone.
		j.answer(s.state.Problem)
		return
	}
	limited, cancel := context.WithTimeout(ctx, longestSync)
	err := s.synchronise(limited, j)
	cancel()
	s.tried = s.read()
	if ctx.Err() != nil {
		// The program ends: that is no failure of the server's.
		j.answer(errEnded)
		return
	}
	problem := s.settle(ctx, err)
	if problem == nil {
		j.answer(nil)
		return
	}
	j.answer(problem)
	if problem.NeedsUser {
		// Whoever asked meanwhile must not cause the same refusal again.
		if late := s.take(); late.user() {
			late.answer(problem)
		}
	}
}
