package store

import (
	"context"
	"time"

	"bellhop/app"
)

// Prune deletes what is older than a time: events that were routed before it, with
// their decisions and deliveries, silences that ended before it, and from the history what left the list before
// it and is not waiting for the server. It returns how many alerts that were. The
// list is never touched, nor an event that is still to be delivered. It works in
// chunks and stops where ctx ends.
func (s *Store) Prune(ctx context.Context, before time.Time) (int, error) {
	if err := s.unlotAll(ctx); err != nil {
		return 0, err
	}
	for after := int64(0); after >= 0; {
		err := s.change(ctx, "forget old events", func(ctx context.Context, t *tx) (err error) {
			after, err = t.pruneEvents(ctx, before, after)
			return err
		})
		if err != nil {
			return 0, err
		}
	}
	if err := s.change(ctx, "forget old silences", func(ctx context.Context, t *tx) error { return t.pruneSilences(ctx, before) }); err != nil {
		return 0, err
	}
	total := 0
	for more := true; more; {
		var n int
		err := s.change(ctx, "shorten the history", func(ctx context.Context, t *tx) (err error) {
			n, more, err = t.prune(ctx, before)
			return err
		})
		total += n
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// pruneEvents looks at a chunk of events above an id and deletes the ones that
// were routed before a time. It returns where to go on, or -1 where what follows
// is younger: events are routed in the order in which they come in.
func (t *tx) pruneEvents(ctx context.Context, before time.Time, after int64) (int64, error) {
	// The condition is on the chunk, so that old events which nobody routed do not
	// hide the ones behind them.
	if err := t.unlot(ctx, ``); err != nil {
		return -1, err
	}
	var last, old, waiting int64
	const chunk = `(SELECT id, routed_at FROM events WHERE id > ?1 ORDER BY id LIMIT ?3)`
	err := t.row(ctx, `SELECT coalesce(max(id), 0), count(*) FILTER (WHERE routed_at < ?2), count(*) FILTER (WHERE routed_at IS NULL) FROM `+chunk,
		after, millis(before), deleteChunk).Scan(&last, &old, &waiting)
	if err != nil || old+waiting == 0 {
		return -1, err
	}
	if old == 0 {
		return last, nil
	}
	// An event for everybody has more deliveries than one change should delete.
	n, err := t.deleteDeliveries(ctx, true, `SELECT id FROM `+chunk+` WHERE routed_at < ?2`, after, millis(before), deleteChunk)
	if err != nil || n == deliveryChunk {
		return after, err
	}
	_, err = t.exec(ctx, `DELETE FROM events AS e WHERE id IN (SELECT id FROM `+chunk+` WHERE routed_at < ?2) AND NOT `+unsettled, after, millis(before), deleteChunk)
	t.hint(app.TopicEvents)
	return last, err
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
