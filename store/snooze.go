package store

import (
	"context"
	"time"

	"bellhop/app"
)

// Snooze asks for an alert to be shown again at a time. A second time replaces
// the first. The error matches [app.ErrNotFound] where there is no such alert.
func (s *Store) Snooze(ctx context.Context, id app.AlertID, until time.Time) error {
	return s.change(ctx, "snooze the alert", func(ctx context.Context, t *tx) error {
		n, err := t.exec(ctx, `INSERT OR REPLACE INTO snoozes (alert, account, until)
			SELECT a.id, a.account, ? FROM alerts AS a JOIN accounts AS c ON c.id = a.account AND c.leaving = 0 WHERE a.id = ?`, millis(until), id)
		if err == nil && n == 0 {
			return app.ErrNotFound
		}
		return err
	})
}

// WokenSnoozes returns the alerts whose time has come at now and forgets their
// snoozes. Alerts that are no longer in the list are left out.
func (s *Store) WokenSnoozes(ctx context.Context, now time.Time) ([]app.Alert, error) {
	var out []app.Alert
	due, err := s.number(ctx, "find woken alerts", `SELECT count(*) FROM snoozes WHERE until <= ?`, millis(now))
	if err != nil || due == 0 {
		return nil, err // the ordinary case writes nothing
	}
	err = s.change(ctx, "wake alerts", func(ctx context.Context, t *tx) error {
		out = nil
		ids, err := idsOf(t.query(ctx, `SELECT alert FROM snoozes WHERE until <= ? ORDER BY alert DESC`, millis(now)))
		if err != nil {
			return err
		}
		heads, err := readHeads(ctx, t, 0)
		if err != nil {
			return err
		}
		alerts, err := describe(ctx, t, heads, ids, app.ViewEverything)
		if err != nil {
			return err
		}
		for _, a := range alerts {
			if a.Removal == nil {
				out = append(out, a)
			}
		}
		_, err = t.exec(ctx, `DELETE FROM snoozes WHERE until <= ?`, millis(now))
		return err
	})
	return out, err
}

// NextSnooze returns when the next snoozed alert wakes; zero where none sleeps.
func (s *Store) NextSnooze(ctx context.Context) (time.Time, error) {
	n, err := s.number(ctx, "find the next snooze", `SELECT coalesce(min(until), 0) FROM snoozes`)
	return fromMillis(n), err
}
