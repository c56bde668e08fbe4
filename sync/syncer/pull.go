package syncer

import (
	"context"
	"errors"

	"bellhop/app"
)

// synchronise does one job: read the list, as much of it as is needed, and
// carry out the removals that are due.
func (s *Syncer) synchronise(ctx context.Context, j job) error {
	full := s.wantsFull(ctx, j)
	if err := s.ready(ctx, j); err != nil {
		return err
	}
	if s.account.SignIn == app.SignInToken {
		return s.checkToken(ctx)
	}
	if err := s.whoAmI(ctx, j); err != nil {
		return err
	}
	if !full {
		enough, err := s.look(ctx, j)
		if err != nil {
			return err
		}
		full = !enough
	}
	if full {
		if err := s.agree(ctx, j); err != nil {
			return err
		}
	}
	s.save(ctx)
	s.askVersion(ctx)
	return nil
}

// wantsFull says whether the complete list is read from the outset.
func (s *Syncer) wantsFull(ctx context.Context, j job) bool {
	now := s.read()
	if !within(s.state.LastFull, now.wall, fullEvery) {
		s.lists.wrong = 0 // the counter gets another chance
	}
	return j.full || s.lists.unsure || !s.lists.known ||
		!within(s.state.LastFull, now.wall, fullEvery) ||
		s.state.Phase != app.PhaseOK && s.posts.after.come(now) ||
		s.removalsWait(ctx, now)
}

// look reads the newest alerts only. It returns false where they do not explain
// the server's list, so that the complete one has to be read; nothing was then
// changed.
func (s *Syncer) look(ctx context.Context, j job) (enough bool, err error) {
	a, err := s.fetch(ctx, j, window)
	if err != nil {
		return false, err
	}
	defer a.close()
	if a.complete {
		// Fewer than asked for: that is the whole list.
		if suspicious(a.plan) || s.removalsWait(ctx, s.read()) {
			return false, nil
		}
		return true, s.apply(ctx, a, app.Apply{Why: s.whyGone(a.plan)})
	}
	if a.plan.New > a.plan.Received/2 {
		// So many came that there may be more behind them. Half leaves room for
		// clocks that differ: the newest by creation need not be the newest to us.
		return false, nil
	}
	if moved, err := s.counterMoved(ctx, j, a.plan.New); err != nil || moved {
		return false, err
	}
	return true, s.apply(ctx, a, app.Apply{})
}

// counterMoved compares the server's counter with what it should be. It is the
// cheap way to see that something was removed elsewhere. Zero means nothing: it
// is what a server with a disabled counter says; and a counter that was wrong
// twice in a row is left alone until the next regular complete list.
func (s *Syncer) counterMoved(ctx context.Context, j job, arrived int) (bool, error) {
	if s.lists.wrong >= 2 {
		return false, nil
	}
	var count int
	err := s.withSession(ctx, j, func() (err error) {
		count, err = s.remote.Count(ctx)
		return err
	})
	if stops(err) {
		return false, err
	}
	if err != nil || count == 0 {
		return false, nil //nolint:nilerr // the counter is a help, not a need
	}
	if count == s.lists.total+arrived {
		s.lists.wrong = 0
		return false, nil
	}
	s.lists.wrong++
	return true, nil
}

// stops says whether an error ends the synchronisation wherever it comes up.
func stops(err error) bool {
	return errors.Is(err, context.Canceled) || err != nil && Problem(err).NeedsUser
}

// agree reads the complete list, carries out the removals that are due, and
// reads the list again to see what they did.
func (s *Syncer) agree(ctx context.Context, j job) error {
	posted, err := s.complete(ctx, j, true)
	if err != nil && !posted {
		return err
	}
	if !posted {
		return nil
	}
	if err != nil {
		// Some were posted before one failed: see what they did, but the
		// failure is what counts.
		if _, again := s.complete(ctx, j, false); again != nil {
			return again
		}
		return err
	}
	_, err = s.complete(ctx, j, false)
	return err
}

// complete reads the complete list and makes it ours. It says whether removals
// were posted afterwards.
func (s *Syncer) complete(ctx context.Context, j job, post bool) (posted bool, err error) {
	a, err := s.fetch(ctx, j, -1)
	if err != nil {
		return false, err
	}
	defer func() { a.close() }()
	how := app.Apply{First: s.state.LastFull.IsZero()}
	if suspicious(a.plan) {
		first := a.plan
		a.close()
		// A new connection, for the old one leads to the same backend.
		s.remote.Close()
		if a, err = s.fetch(ctx, j, -1); err != nil {
			return false, err
		}
		how.AdditionsOnly = suspicious(a.plan) && !confirms(first, a.plan)
	}
	how.Why = s.whyGone(a.plan)
	if err := s.apply(ctx, a, how); err != nil || !post || how.AdditionsOnly {
		return false, err
	}
	return s.post(ctx, j, a.pull)
}

// whyGone says why alerts are gone, with what the windows showed since the last
// complete list.
func (s *Syncer) whyGone(p app.Plan) app.Why {
	return whyGone(p, s.lists.arrived+p.New)
}

// apply makes an answer ours and remembers what it says.
func (s *Syncer) apply(ctx context.Context, a *answer, how app.Apply) error {
	if _, err := a.pull.Apply(ctx, how); err != nil {
		return notSaved("apply a pull", err)
	}
	if !a.complete {
		s.lists.total += a.plan.New
		s.lists.arrived += a.plan.New
		return nil
	}
	s.lists.unsure = how.AdditionsOnly
	s.lists.known = true
	s.lists.total, s.lists.arrived = a.plan.Received, 0
	if !how.AdditionsOnly {
		s.state.LastFull = s.read().wall
	}
	return nil
}

// askVersion looks the server's version up when it is unknown and on the first
// synchronisation of a day. It is a courtesy: a failure is not worth a word.
func (s *Syncer) askVersion(ctx context.Context) {
	today := s.read().wall
	y, m, d := today.Date()
	ly, lm, ld := s.state.LastSync.In(today.Location()).Date()
	if y == ly && m == lm && d == ld {
		return
	}
	version, err := s.remote.Version(ctx)
	if err != nil || version == "" || version == s.account.Server {
		return
	}
	_ = s.amend(ctx, func(a *app.Account) { a.Server = version })
}
