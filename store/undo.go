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

// ofOurs is the condition on departures that no server keeps the alerts.
const ofOurs = `account IN (SELECT id FROM accounts WHERE ` + serverless + `)`

// latestUndoable returns the intents of the latest removal: those of several
// accounts were written at one time.
func (t *tx) latestUndoable(ctx context.Context) ([]app.IntentID, error) {
	ids, err := idsOf(t.query(ctx, `WITH undoable AS (SELECT id, at FROM departures
			WHERE kind <> '' AND not_before > ?1 AND at <= ?2 AND sent = 0 AND (state = 'waiting' OR state = 'done' AND `+ofOurs+`))
		SELECT id FROM undoable WHERE at = (SELECT at FROM undoable ORDER BY id DESC LIMIT 1)`,
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
	var sent, ours bool
	var state app.IntentState
	err := t.row(ctx, `SELECT account, kind, at, not_before, sent, state, `+ofOurs+` FROM departures WHERE id = ? AND kind <> ''`, id).
		Scan(&account, &kind, &at, &notBefore, &sent, &state, &ours)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, app.ErrNotFound
	}
	if err != nil {
		return 0, err
	}
	if state == app.IntentUndone {
		return 0, nil
	}
	open := state == app.IntentWaiting || ours && state == app.IntentDone
	if !open || sent || notBefore <= millis(t.now.Add(-undoGrace)) || at > millis(t.now) {
		return 0, tooLate()
	}
	bringBack := t.bringBack
	if ours {
		bringBack = t.bringBackOurs
	}
	n, err := bringBack(ctx, account, int64(id))
	if err != nil {
		return 0, fmt.Errorf("bring back: %w", err)
	}
	_, err = t.exec(ctx, `UPDATE departures SET state = 'undone' WHERE id = ?`, id)
	return n, err
}

// bringBack puts what is pending in a departure back into the list. A large
// departure of which the server has dropped nothing moves by one statement for
// each table, but for blocks that the list has again; the rest is worked out bit
// by bit.
func (t *tx) bringBack(ctx context.Context, account app.AccountID, departure int64) (int, error) {
	var n, pending int
	if err := t.row(ctx, `SELECT count, (SELECT coalesce(sum(n), 0) FROM pending AS p WHERE p.account = d.account AND p.departure = d.id)
		FROM departures AS d WHERE id = ?`, departure).Scan(&n, &pending); err != nil {
		return 0, err
	}
	text := `SELECT block, ids FROM pending AS p WHERE account = ?1 AND departure = ?2`
	untouched := n > smallDeparture && n == pending
	if untouched {
		text += ` AND EXISTS (SELECT 1 FROM list AS l WHERE l.account = p.account AND l.block = p.block)`
	}
	byBits, err := readSet(t.query(ctx, text, account, departure))
	if err != nil {
		return 0, err
	}
	if len(byBits) > 0 {
		if err := t.relist(ctx, account, departure, byBits); err != nil {
			return 0, err
		}
	}
	if !untouched {
		return pending, nil
	}
	for _, text := range []string{
		`INSERT INTO list (account, block, n, ids) SELECT account, block, n, ids FROM pending WHERE account = ? AND departure = ?`,
		`DELETE FROM departed_sets WHERE account = ? AND departure = ?`,
		`DELETE FROM pending WHERE account = ? AND departure = ?`,
	} {
		if _, err := t.exec(ctx, text, account, departure); err != nil {
			return 0, err
		}
	}
	return pending, t.count(ctx, account, pending-byBits.len())
}

// bringBackOurs puts all of a departure back into the list whose alerts no
// server keeps: it has nothing pending.
func (t *tx) bringBackOurs(ctx context.Context, account app.AccountID, departure int64) (int, error) {
	ids, err := setOf(t.query(ctx, `SELECT alert FROM departed WHERE departure = ?`, departure))
	if err != nil {
		return 0, err
	}
	large, err := readSet(t.query(ctx, `SELECT block, ids FROM departed_sets WHERE account = ? AND departure = ?`, account, departure))
	if err != nil {
		return 0, err
	}
	ids.union(large)
	return ids.len(), t.relist(ctx, account, departure, ids)
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
