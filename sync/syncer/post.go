package syncer

import (
	"context"
	"errors"
	"strconv"
	"time"

	"bellhop/app"
	"bellhop/sync/dojo"
)

// post sends the removals that are due and that the list just read still
// holds. It says whether anything was sent; how the server took it, only the
// next list tells. A removal that failed stays an intent.
func (s *Syncer) post(ctx context.Context, j job, pull Pull) (posted bool, err error) {
	now := s.read()
	if !s.posts.after.come(now) {
		return false, nil
	}
	s.posts.looked(now.wall)
	// Finding targets compares the whole answer again: not without a reason.
	if pending, err := s.opt.Local.Pending(ctx, s.account.ID); err == nil && pending == 0 {
		s.posts.failures = 0
		return false, nil
	}
	for {
		targets, err := pull.Targets(ctx, perPost)
		if err != nil {
			return posted, notSaved("find removals", err)
		}
		if len(targets) == 0 {
			s.posts.failures = 0
			return posted, nil
		}
		if err := s.remove(ctx, j, pull, targets); err != nil {
			return posted, err
		}
		posted = true
	}
}

// remove sends one request and notes it.
func (s *Syncer) remove(ctx context.Context, j job, pull Pull, targets []app.Target) error {
	alerts, pks := make([]app.AlertID, len(targets)), make([]int64, len(targets))
	for i, t := range targets {
		alerts[i], pks[i] = t.Alert, t.RemoteID
	}
	failed := s.withSession(ctx, j, func() error { return s.remote.Remove(ctx, pks) })
	if failed == nil || refused(failed) {
		// A plain refusal is a try too: after three the alerts come back into
		// the list with the reason. An error of the server's or of the network
		// is none; the removal then waits for better times.
		if err := pull.Posted(ctx, alerts); err != nil {
			return notSaved("note removals", err)
		}
	}
	if failed == nil || stops(failed) {
		return failed
	}
	s.posts.failures++
	return &postError{err: failed}
}

// refused says whether the server understood a removal and declined it.
func refused(err error) bool {
	return errors.Is(err, dojo.ErrForbidden) || errors.Is(err, dojo.ErrCSRF)
}

// nextRemoval returns when the next removal has to be sent, zero for never.
// Intents that were due by the last look are not a reason to wake again: they
// wait for the next look, or belong to another account.
func (s *Syncer) nextRemoval(ctx context.Context) time.Time {
	due, err := s.opt.Local.NextDue(ctx)
	if err == nil && due.After(s.posts.upTo) {
		if pending, err := s.opt.Local.Pending(ctx, s.account.ID); err == nil && pending > 0 {
			return earlier(due, s.posts.fallback)
		}
	}
	return s.posts.fallback
}

// removalsDue says whether the loop should turn because of a removal.
func (s *Syncer) removalsDue(ctx context.Context, now reading) bool {
	next := s.nextRemoval(ctx)
	return !next.IsZero() && !next.After(now.wall)
}

// removalsWait says whether a removal of this account may be sent now, so that
// the complete list is needed.
func (s *Syncer) removalsWait(ctx context.Context, now reading) bool {
	if !s.posts.after.come(now) {
		return false
	}
	pending, err := s.opt.Local.Pending(ctx, s.account.ID)
	if err != nil || pending == 0 {
		return false
	}
	due, err := s.opt.Local.NextDue(ctx)
	return err == nil && !due.IsZero() && !due.After(now.wall)
}

// intentsChanged sets when to look at a removal that was just asked for. The
// store names only the earliest moment of all accounts, behind which this
// account's may hide while another one is offline; the time for undo, counted
// from now, is late enough.
func (s *Syncer) intentsChanged(ctx context.Context) {
	pending, err := s.opt.Local.Pending(ctx, s.account.ID)
	if err != nil || pending == 0 {
		s.posts.fallback = time.Time{}
		return
	}
	value, err := s.opt.Local.Setting(ctx, app.SettingUndoSeconds)
	if err != nil {
		return
	}
	if seconds, err := strconv.Atoi(value); err == nil {
		s.posts.fallback = s.read().wall.Add(time.Duration(seconds) * time.Second)
	}
}

// looked notes that all intents due by now are being looked at. A hint takes a
// moment to arrive, so a fallback that lies a moment ahead means the same ones.
func (p *posts) looked(now time.Time) {
	p.upTo = now
	if !p.fallback.After(now.Add(50 * time.Millisecond)) {
		p.fallback = time.Time{}
	}
}

func earlier(a, b time.Time) time.Time {
	if b.IsZero() || a.Before(b) {
		return a
	}
	return b
}
