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
		err := s.change(ctx, "shorten the history", func(ctx context.Context, t *tx) (err error) {
			n, err = t.prune(ctx, before)
			return err
		})
		total += n
		if err != nil || n == 0 {
			return total, err
		}
	}
}

// prune deletes one chunk of one departure.
func (t *tx) prune(ctx context.Context, before time.Time) (int, error) {
	var departure int64
	var account app.AccountID
	// A departure without alerts is left by an undo; it goes too.
	rows, err := t.query(ctx, `SELECT id, account FROM departures WHERE at < ?
		AND NOT EXISTS (SELECT 1 FROM pending AS p WHERE p.account = departures.account AND p.departure = departures.id)
		ORDER BY id`, millis(before))
	if err != nil {
		return 0, err
	}
	type one struct {
		id      int64
		account app.AccountID
	}
	var old []one
	for rows.Next() {
		if err := rows.Scan(&departure, &account); err != nil {
			_ = rows.Close()
			return 0, err
		}
		old = append(old, one{departure, account})
	}
	if err := rows.Err(); err != nil {
		return 0, err
	}
	n := 0
	for _, o := range old {
		ids, err := t.chunkOf(ctx, o.account, o.id, deleteChunk-n)
		if err != nil {
			return 0, err
		}
		if len(ids) == 0 {
			if _, err := t.exec(ctx, `DELETE FROM departures WHERE id = ?`, o.id); err != nil {
				return 0, err
			}
			continue
		}
		if err := t.undepart(ctx, o.account, o.id, newIDSet(ids...)); err != nil {
			return 0, err
		}
		if err := t.deleteAlerts(ctx, ids); err != nil {
			return 0, err
		}
		if n += len(ids); n >= deleteChunk {
			break
		}
	}
	if n > 0 {
		t.hint(app.TopicAlerts)
	}
	return n, nil
}

// chunkOf returns some of the alerts of a departure, lowest first.
func (t *tx) chunkOf(ctx context.Context, account app.AccountID, departure int64, n int) ([]app.AlertID, error) {
	ids, err := idsOf(t.query(ctx, `SELECT alert FROM departed WHERE account = ? AND departure = ? ORDER BY alert LIMIT ?`, account, departure, n))
	if err != nil || len(ids) > 0 {
		return ids, err
	}
	set, err := readSet(t.query(ctx, `SELECT block, ids FROM departed_sets WHERE account = ? AND departure = ? ORDER BY block LIMIT 1`, account, departure))
	if err != nil {
		return nil, err
	}
	return set.first(n), nil
}
