package store

import (
	"context"
	"time"

	"bellhop/app"
)

// Prune deletes from the history what left the list before a time and is not
// waiting for the server, and returns how many alerts that were. The list is
// never touched. It works in chunks and stops where ctx ends.
func (s *Store) Prune(ctx context.Context, before time.Time) (int, error) {
	total := 0
	for {
		var n int
		var more bool
		err := s.change(ctx, "shorten the history", func(ctx context.Context, t *tx) (err error) {
			n, more, err = t.prune(ctx, before)
			return err
		})
		total += n
		if err != nil || !more {
			return total, err
		}
	}
}

// prune deletes one chunk, and says whether there may be more.
func (t *tx) prune(ctx context.Context, before time.Time) (n int, more bool, err error) {
	old, err := t.oldDepartures(ctx, before)
	if err != nil {
		return 0, false, err
	}
	for _, o := range old {
		ids, err := t.chunkOf(ctx, o.account, o.id, deleteChunk-n)
		if err != nil {
			return 0, false, err
		}
		if len(ids) == 0 {
			if _, err := t.exec(ctx, `DELETE FROM departures WHERE id = ?`, o.id); err != nil {
				return 0, false, err
			}
			continue
		}
		if err := t.undepart(ctx, o.account, o.id, newIDSet(ids...)); err != nil {
			return 0, false, err
		}
		if err := t.deleteAlerts(ctx, ids); err != nil {
			return 0, false, err
		}
		if n += len(ids); n >= deleteChunk {
			break
		}
	}
	if n > 0 {
		t.hint(app.TopicAlerts)
	}
	return n, len(old) > 0, nil
}

// oldDeparture is a departure whose alerts may be deleted.
type oldDeparture struct {
	id      int64
	account app.AccountID
}

// oldDepartures returns the departures before a time of which nothing waits
// for the server. One that was undone is among them; it has no alerts.
func (t *tx) oldDepartures(ctx context.Context, before time.Time) ([]oldDeparture, error) {
	rows, err := t.query(ctx, `SELECT id, account FROM departures WHERE at < ?
		AND NOT EXISTS (SELECT 1 FROM pending AS p WHERE p.account = departures.account AND p.departure = departures.id)
		ORDER BY id LIMIT ?`, millis(before), deleteChunk)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []oldDeparture
	for rows.Next() {
		var one oldDeparture
		if err := rows.Scan(&one.id, &one.account); err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, rows.Err()
}

// chunkOf returns some of the alerts of a departure, lowest first.
func (t *tx) chunkOf(ctx context.Context, account app.AccountID, departure int64, n int) ([]app.AlertID, error) {
	ids, err := idsOf(t.query(ctx, `SELECT alert FROM departed WHERE departure = ? ORDER BY alert LIMIT ?`, departure, n))
	if err != nil || len(ids) > 0 {
		return ids, err
	}
	set, err := readSet(t.query(ctx, `SELECT block, ids FROM departed_sets WHERE account = ? AND departure = ? ORDER BY block LIMIT 1`, account, departure))
	if err != nil {
		return nil, err
	}
	return set.first(n), nil
}
