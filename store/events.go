package store

import (
	"context"

	"bellhop/app"
)

// Unrouted returns the oldest events that were not yet delivered, at most
// limit. The alert of an event may have left the list meanwhile; its removal
// says so.
func (s *Store) Unrouted(ctx context.Context, limit int) ([]app.Event, error) {
	var out []app.Event
	err := s.look(ctx, "list the new events", func(q querier) error {
		var err error
		if out, err = unrouted(ctx, q, limit); err != nil {
			return err
		}
		ids := make([]app.AlertID, len(out))
		for i, e := range out {
			ids[i] = e.Alert.ID
		}
		heads, err := readHeads(ctx, q, 0)
		if err != nil {
			return err
		}
		alerts, err := describe(ctx, q, heads, ids, app.ViewEverything)
		if err != nil {
			return err
		}
		byID := make(map[app.AlertID]app.Alert, len(alerts))
		for _, a := range alerts {
			byID[a.ID] = a
		}
		for i := range out {
			out[i].Alert = byID[out[i].Alert.ID]
		}
		return nil
	})
	return out, err
}

func unrouted(ctx context.Context, q querier, limit int) ([]app.Event, error) {
	rows, err := q.query(ctx, `SELECT id, kind, alert, at FROM events WHERE routed_at IS NULL ORDER BY id LIMIT ?`, limit)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []app.Event
	for rows.Next() {
		var e app.Event
		var at int64
		if err := rows.Scan(&e.ID, &e.Kind, &e.Alert.ID, &at); err != nil {
			return nil, err
		}
		e.At = fromMillis(at)
		out = append(out, e)
	}
	return out, rows.Err()
}

// Routed says that events were delivered and are not to be returned again.
func (s *Store) Routed(ctx context.Context, ids []int64) error {
	return s.change(ctx, "mark events as delivered", func(ctx context.Context, t *tx) error {
		_, err := t.exec(ctx, `UPDATE events SET routed_at = ? WHERE routed_at IS NULL AND id IN (SELECT value FROM json_each(?))`, millis(t.now), jsonIDs(ids))
		return err
	})
}
