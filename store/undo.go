package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"bellhop/app"
)

// undoGrace is how long after the end of its time an undo is still taken, where
// nothing was sent: a click at the last moment travels through a socket.
const undoGrace = 500 * time.Millisecond

// Undo puts the alerts of intents back into their lists, and returns how many.
// Without ids it undoes the latest removal that still can be (of every account,
// where that was one click). What the server dropped meanwhile stays in the
// history. The error matches [app.ErrTooLate] where the time for undo is over
// or the server has been asked, [app.ErrNotFound] for an unknown intent; then
// nothing is undone.
func (s *Store) Undo(ctx context.Context, ids []app.IntentID) (int, error) {
	n := 0
	err := s.change(ctx, "undo the removal", func(ctx context.Context, t *tx) error {
		n = 0
		if len(ids) == 0 {
			latest, err := t.latestUndoable(ctx)
			if err != nil {
				return err
			}
			ids = latest
		}
		for _, id := range ids {
			back, err := t.undo(ctx, id)
			if err != nil {
				return err
			}
			n += back
		}
		t.hint(app.TopicAlerts, app.TopicIntents)
		return nil
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

func tooLate() error {
	return app.NewProblem("too_late", "It is too late to undo this removal.",
		"The alerts remain in the history.", false, app.ErrTooLate)
}

// latestUndoable returns the intents of the latest removal: those of several
// accounts were written at one time.
func (t *tx) latestUndoable(ctx context.Context) ([]app.IntentID, error) {
	ids, err := idsOf(t.query(ctx, `SELECT id FROM departures WHERE state = 'waiting' AND sent = 0 AND at = (
			SELECT at FROM departures WHERE state = 'waiting' AND sent = 0 AND NOT (not_before <= ?1 OR at > ?2) ORDER BY id DESC LIMIT 1
		) AND NOT (not_before <= ?1 OR at > ?2)`,
		millis(t.now.Add(-undoGrace)), millis(t.now)))
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, tooLate()
	}
	out := make([]app.IntentID, len(ids))
	for i, id := range ids {
		out[i] = app.IntentID(id)
	}
	return out, nil
}

func (t *tx) undo(ctx context.Context, id app.IntentID) (int, error) {
	var account app.AccountID
	var kind app.IntentKind
	var at, notBefore int64
	var sent bool
	var state app.IntentState
	err := t.row(ctx, `SELECT account, kind, at, not_before, sent, state FROM departures WHERE id = ? AND kind <> ''`, id).
		Scan(&account, &kind, &at, &notBefore, &sent, &state)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, app.ErrNotFound
	}
	if err != nil {
		return 0, err
	}
	if state == app.IntentUndone {
		return 0, nil
	}
	if state != app.IntentWaiting || sent || notBefore <= millis(t.now.Add(-undoGrace)) || at > millis(t.now) {
		return 0, tooLate()
	}
	n, err := t.bringBack(ctx, account, int64(id))
	if err != nil {
		return 0, fmt.Errorf("bring back: %w", err)
	}
	_, err = t.exec(ctx, `UPDATE departures SET state = 'undone' WHERE id = ?`, id)
	return n, err
}

// bringBack puts what is pending in a departure back into the list. Blocks that
// are as they were when they left move by one statement each way; the others
// are worked out bit by bit.
func (t *tx) bringBack(ctx context.Context, account app.AccountID, departure int64) (int, error) {
	const same = `FROM pending AS p WHERE p.account = ?1 AND p.departure = ?2
		AND NOT EXISTS (SELECT 1 FROM list AS l WHERE l.account = p.account AND l.block = p.block)
		AND EXISTS (SELECT 1 FROM departed_sets AS d WHERE d.account = p.account AND d.block = p.block AND d.departure = p.departure AND d.ids = p.ids)`
	var n int
	if err := t.row(ctx, `SELECT coalesce(sum(p.n), 0) `+same, account, departure).Scan(&n); err != nil {
		return 0, err
	}
	if n > 0 {
		for _, text := range []string{
			`INSERT INTO list (account, block, n, ids) SELECT p.account, p.block, p.n, p.ids ` + same,
			// From here on a block is one that moved where the list has it.
			`DELETE FROM departed_sets AS d WHERE d.account = ?1 AND d.departure = ?2
				AND EXISTS (SELECT 1 FROM pending AS p WHERE p.account = d.account AND p.departure = d.departure AND p.block = d.block AND p.ids = d.ids)
				AND EXISTS (SELECT 1 FROM list AS l WHERE l.account = d.account AND l.block = d.block AND l.ids = d.ids)`,
			`DELETE FROM pending AS p WHERE p.account = ?1 AND p.departure = ?2
				AND EXISTS (SELECT 1 FROM list AS l WHERE l.account = p.account AND l.block = p.block AND l.ids = p.ids)`,
		} {
			if _, err := t.exec(ctx, text, account, departure); err != nil {
				return 0, err
			}
		}
		if err := t.count(ctx, account, n); err != nil {
			return 0, err
		}
	}
	rest, err := readSet(t.query(ctx, `SELECT block, ids FROM pending WHERE account = ? AND departure = ?`, account, departure))
	if err != nil || len(rest) == 0 {
		return n, err
	}
	return n + rest.len(), t.relist(ctx, account, departure, rest)
}

// relist puts some pending ids of a departure back into the list.
func (t *tx) relist(ctx context.Context, account app.AccountID, departure int64, ids idSet) error {
	if _, err := t.unpend(ctx, account, departure, ids); err != nil {
		return err
	}
	if err := t.undepart(ctx, account, departure, ids); err != nil {
		return err
	}
	return t.enlist(ctx, account, ids)
}
