// Package demo is what plays while no account is connected: a DefectDojo of
// Bellhop's own on the loopback interface, and a story of alerts that are born,
// read, removed here and elsewhere, and removed offline. Everything between the
// story and the user's eyes is the real program: HTTP, SQLite, sync, toasts.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"bellhop/app"
)

// Bell is the part of a running bell that the story plays with.
type Bell interface {
	Changes() *app.Changes
	Status(ctx context.Context) (app.Status, error)
	Alerts(ctx context.Context, f app.Filter) (app.Page, error)
	Sync(ctx context.Context, account app.AccountID) error
	Remove(ctx context.Context, ids []app.AlertID) (app.Removed, error)
	Clear(ctx context.Context, account app.AccountID, upTo app.AlertID) (app.Removed, error)
	Undo(ctx context.Context, intents []app.IntentID) (int, error)
	// Toasted counts the alerts that were announced so far.
	Toasted() int
	// AwaitToasted waits until n alerts were announced.
	AwaitToasted(ctx context.Context, n int) error
}

// Summary is what a story came to.
type Summary struct {
	Synced    int // alerts that came from the server
	Toasted   int // of those, announced
	Removed   int // removed by the user, and gone from the server
	Replayed  int // of those, removed while the server was away
	Elsewhere int // removed in a browser
}

// String is the summary in one line.
func (s Summary) String() string {
	return fmt.Sprintf("%d alerts synced, %d toasted, %d removed here, %d of them offline and replayed, %d removed elsewhere",
		s.Synced, s.Toasted, s.Removed, s.Replayed, s.Elsewhere)
}

// Story plays on a server, through a bell.
type Story struct {
	Server *Server
	Hook   *Hook
	Bell   Bell
	Out    io.Writer     // where the steps are told
	Pace   time.Duration // a pause for the reader between two steps
	Now    func() time.Time

	started time.Time
	summary Summary
}

// patience bounds the wait for an effect that takes a few seconds at most.
const patience = 20 * time.Second

// Tell plays the whole story, including what a user would do, and checks at
// each step that the list, the bell's number and the server agree. It fails at
// the first step that does not come out.
func (s *Story) Tell(ctx context.Context) (Summary, error) {
	s.started = s.Now()
	for _, step := range []struct {
		name string
		play func(context.Context) error
	}{
		{"first sync", s.firstSync},
		{"an alert is born", s.oneIsBorn},
		{"sent on", s.sentOn},
		{"a scan import", s.burst},
		{"removed elsewhere", s.removedElsewhere},
		{"removed here", s.removedHere},
		{"removed offline", s.removedOffline},
		{"clear all", s.clearAll},
	} {
		if err := step.play(ctx); err != nil {
			return s.summary, fmt.Errorf("%s: %w", step.name, err)
		}
		if err := rest(ctx, s.Pace); err != nil {
			return s.summary, err
		}
	}
	s.summary.Toasted = s.Bell.Toasted()
	return s.summary, nil
}

func (s *Story) firstSync(ctx context.Context) error {
	if err := s.Bell.Sync(ctx, 0); err != nil {
		return err
	}
	n := s.Server.Count()
	s.summary.Synced += n
	if err := s.agree(ctx, n); err != nil {
		return err
	}
	if toasted := s.Bell.Toasted(); toasted != 0 {
		return fmt.Errorf("the backlog was announced with %d toasts", toasted)
	}
	return s.say(ctx, "synced: %d alerts were waiting; a backlog makes no toasts", n)
}

func (s *Story) oneIsBorn(ctx context.Context) error {
	before := s.Bell.Toasted()
	s.Server.Add(mention(s.Now()))
	s.summary.Synced++
	if err := s.Bell.Sync(ctx, 0); err != nil {
		return err
	}
	if err := s.toasted(ctx, before+1); err != nil {
		return err
	}
	return s.say(ctx, "born: a colleague mentioned you; the bell rang and one toast was shown")
}

func (s *Story) sentOn(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errors.New("no webhook came"))
	defer cancel()
	if err := s.Hook.Await(ctx, 1); err != nil {
		return err
	}
	return s.say(ctx, "sent on: your settings send mentions by webhook too; the receiver took it")
}

func (s *Story) burst(ctx context.Context) error {
	before := s.Bell.Toasted()
	alerts := imported(s.Now())
	s.Server.Add(alerts...)
	s.summary.Synced += len(alerts)
	if err := s.Bell.Sync(ctx, 0); err != nil {
		return err
	}
	if err := s.toasted(ctx, before+len(alerts)); err != nil {
		return err
	}
	return s.say(ctx, "burst: a scan import made %d alerts at once; they share one toast", len(alerts))
}

func (s *Story) removedElsewhere(ctx context.Context) error {
	s.Server.RemoveOldest(1)
	s.summary.Elsewhere++
	if err := s.Bell.Sync(ctx, 0); err != nil {
		return err
	}
	return s.say(ctx, "elsewhere: one alert was removed in a browser; it left the list and stays in the history")
}

func (s *Story) removedHere(ctx context.Context) error {
	ids, err := s.newest(ctx, 3)
	if err != nil {
		return err
	}
	undone, err := s.Bell.Remove(ctx, ids[:1])
	if err != nil {
		return err
	}
	if _, err := s.Bell.Undo(ctx, undone.Intents); err != nil {
		return err
	}
	if err := s.say(ctx, "undo: you removed an alert and took it back; the server never heard of it"); err != nil {
		return err
	}
	if _, err := s.Bell.Remove(ctx, ids[1:]); err != nil {
		return err
	}
	if err := s.settled(ctx); err != nil {
		return err
	}
	s.summary.Removed += len(ids) - 1
	return s.say(ctx, "removed: you removed %d alerts; after the time for undo the server dropped exactly those", len(ids)-1)
}

func (s *Story) removedOffline(ctx context.Context) error {
	ids, err := s.newest(ctx, 2)
	if err != nil {
		return err
	}
	s.Server.Down(true)
	defer s.Server.Down(false)
	if err := s.Bell.Sync(ctx, 0); err == nil {
		return errors.New("the server was away and the sync succeeded")
	}
	removed, err := s.Bell.Remove(ctx, ids)
	if err != nil {
		return err
	}
	if err := s.say(ctx, "offline: the server is away; the list stays readable, and you removed %d alerts all the same", len(ids)); err != nil {
		return err
	}
	if err := rest(ctx, removed.UndoUntil.Sub(s.Now())); err != nil {
		return err
	}
	s.Server.Down(false)
	if err := s.Bell.Sync(ctx, 0); err != nil {
		return err
	}
	if err := s.settled(ctx); err != nil {
		return err
	}
	s.summary.Removed += len(ids)
	s.summary.Replayed += len(ids)
	return s.say(ctx, "replayed: the server is back; your %d removals were sent, once", len(ids))
}

func (s *Story) clearAll(ctx context.Context) error {
	status, err := s.Bell.Status(ctx)
	if err != nil {
		return err
	}
	ids, err := s.newest(ctx, 1)
	if err != nil {
		return err
	}
	s.Server.Add(overdue(s.Now())) // after you looked, before you cleared
	s.summary.Synced++
	before := s.Bell.Toasted()
	if _, err := s.Bell.Clear(ctx, 0, ids[0]); err != nil {
		return err
	}
	if err := s.settled(ctx); err != nil {
		return err
	}
	if err := s.toasted(ctx, before+1); err != nil {
		return err
	}
	if n := s.Server.Count(); n != 1 {
		return fmt.Errorf("the server holds %d alerts instead of the one that was never shown", n)
	}
	s.summary.Removed += status.Count
	return s.say(ctx, "cleared: all %d alerts that you were shown are gone; one that was born meanwhile is kept", status.Count)
}

// newest returns the ids of the n newest alerts in the list.
func (s *Story) newest(ctx context.Context, n int) ([]app.AlertID, error) {
	page, err := s.Bell.Alerts(ctx, app.Filter{Limit: n})
	if err != nil {
		return nil, err
	}
	if len(page.Alerts) < n {
		return nil, fmt.Errorf("the list has %d alerts instead of %d or more", len(page.Alerts), n)
	}
	ids := make([]app.AlertID, n)
	for i, a := range page.Alerts {
		ids[i] = a.ID
	}
	return ids, nil
}

// say tells a step, with the time since the start and the bell's number, once
// the number agrees with the server's.
func (s *Story) say(ctx context.Context, format string, args ...any) error {
	status, err := s.Bell.Status(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.Out, "%5.1f s  bell %2d  %s\n", s.Now().Sub(s.started).Seconds(), status.Count, fmt.Sprintf(format, args...))
	return err
}

// agree fails unless the list, the number and the server have n alerts.
func (s *Story) agree(ctx context.Context, n int) error {
	status, err := s.Bell.Status(ctx)
	if err != nil {
		return err
	}
	if status.Count != n || s.Server.Count() != n {
		return fmt.Errorf("the bell says %d, the server has %d, expected %d", status.Count, s.Server.Count(), n)
	}
	return nil
}

// toasted waits until n alerts were announced.
func (s *Story) toasted(ctx context.Context, n int) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errors.New("no toast came"))
	defer cancel()
	return s.Bell.AwaitToasted(ctx, n)
}

// settled waits until no removal is on its way and the bell agrees with the
// server.
func (s *Story) settled(ctx context.Context) error {
	return s.until(ctx, func(ctx context.Context) (bool, error) {
		status, err := s.Bell.Status(ctx)
		return err == nil && status.Pending == 0 && status.Count == s.Server.Count(), err
	})
}

// until looks again at every hint until done says so.
func (s *Story) until(ctx context.Context, done func(context.Context) (bool, error)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errors.New("waited in vain"))
	defer cancel()
	hints, end := s.Bell.Changes().Subscribe()
	defer end()
	for {
		ok, err := done(ctx)
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-hints:
		}
	}
}

// rest waits for d.
func rest(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
