package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strconv"

	"bellhop/app"
)

// Unrouted returns the oldest events that were not yet routed, at most limit,
// of every origin. The alert of an event may have left the list meanwhile; its
// removal says so.
func (s *Store) Unrouted(ctx context.Context, limit int) ([]app.Event, error) {
	var out []app.Event
	err := s.look(ctx, "list the new events", func(q querier) (err error) {
		out, err = events(ctx, q, ` WHERE e.routed_at IS NULL ORDER BY e.id LIMIT ?`, limit)
		return err
	})
	return out, err
}

const eventQuery = `SELECT e.id, e.account, e.origin, e.key, e.kind, e.at, e.alert, e.call, e.history, e.same FROM events AS e`

// events reads events with their alerts. An event that is an alert's has its
// call from there.
func events(ctx context.Context, q querier, which string, args ...any) ([]app.Event, error) {
	return manyEvents(ctx, q, 0, which, args...)
}

// manyEvents is events with room for so many from the beginning: they are large.
func manyEvents(ctx context.Context, q querier, room int, which string, args ...any) ([]app.Event, error) {
	rows, err := q.query(ctx, eventQuery+which, args...)
	out, err := readEvents(rows, err, room)
	if err != nil {
		return nil, err
	}
	var ids []app.AlertID
	for _, e := range out {
		if e.Alert.ID > 0 {
			ids = append(ids, e.Alert.ID)
		}
	}
	if len(ids) == 0 {
		return out, nil
	}
	heads, err := readHeads(ctx, q, 0)
	if err != nil {
		return nil, err
	}
	alerts, err := describe(ctx, q, heads, ids, app.ViewEverything)
	if err != nil {
		return nil, err
	}
	byID := make(map[app.AlertID]app.Alert, len(alerts))
	for _, a := range alerts {
		byID[a.ID] = a
	}
	for i := range out {
		e := &out[i]
		a := byID[e.Alert.ID]
		if e.Alert = a; e.Origin == app.OriginAlert && a.ID > 0 {
			e.Call = callOf(e.Kind, a.Title, a.Description, a.URL, a.Icon)
		}
	}
	return out, nil
}

// readEvents reads events; of their alerts they have the id alone.
func readEvents(rows *sql.Rows, err error, room int) ([]app.Event, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []app.Event
	if room > 0 {
		out = make([]app.Event, 0, room)
	}
	var call sql.RawBytes
	var at int64
	for rows.Next() {
		out = append(out, app.Event{})
		e := &out[len(out)-1]
		if err := rows.Scan(&e.ID, &e.Account, &e.Origin, &e.Key, &e.Kind, &at, &e.Alert.ID, &call, &e.History, &e.Same); err != nil {
			return nil, err
		}
		e.At = fromMillis(at)
		if e.Origin == app.OriginAlert {
			e.Key = strconv.FormatInt(int64(e.Alert.ID), 10)
		}
		if len(call) > 0 {
			if err := json.Unmarshal(call, &e.Call); err != nil {
				return nil, errors.Join(errDamaged, fmt.Errorf("the call of event %d: %w", e.ID, err))
			}
		}
	}
	return out, rows.Err()
}

// standing leaves out the events of accounts that are being removed.
const standing = ` WHERE e.account NOT IN (SELECT id FROM accounts WHERE leaving = 1)`

// Event returns one event. The error matches [app.ErrNotFound] where there is
// none, or none any more.
func (s *Store) Event(ctx context.Context, id int64) (app.Event, error) {
	var out app.Event
	err := s.look(ctx, "read the event", func(q querier) error {
		found, err := events(ctx, q, standing+` AND e.id = ?`, id)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return app.ErrNotFound
		}
		out = found[0]
		return nil
	})
	return out, err
}

// EventOfAlert returns the event that an alert stands for. The error matches
// [app.ErrNotFound] where there is none.
func (s *Store) EventOfAlert(ctx context.Context, alert app.AlertID) (app.Event, error) {
	var id int64
	err := s.look(ctx, "find the alert's event", func(q querier) error {
		return orNotFound(q.row(ctx, `SELECT id FROM events WHERE alert = ? AND alert > 0`, alert).Scan(&id))
	})
	if err != nil {
		return app.Event{}, err
	}
	return s.Event(ctx, id)
}

// Events returns a page of events, newest first; the id of its last one is what
// to ask for as After. A page that is not full is the last.
func (s *Store) Events(ctx context.Context, f app.EventFilter) ([]app.Event, error) {
	if f.Limit <= 0 {
		f.Limit = pageDefault
	}
	f.Limit = min(f.Limit, pageMax)
	if f.After <= 0 {
		f.After = int64(lastID)
	}
	return s.someEvents(ctx, f, ` AND e.id < ?6 ORDER BY e.id DESC LIMIT ?5`)
}

// EachEvent yields the events that the filter asks for, oldest first; its limit
// bounds their number, 0 = all, and After counts from the other end: only ids
// above it. They are read by the page, so that nobody has to wait for a slow
// reader. An error is the last element.
func (s *Store) EachEvent(ctx context.Context, f app.EventFilter) iter.Seq2[app.Event, error] {
	return func(yield func(app.Event, error) bool) {
		left := f.Limit
		for {
			f.Limit = 500
			if left > 0 {
				f.Limit = min(left, f.Limit)
			}
			page, err := s.someEvents(ctx, f, ` AND e.id > ?6 ORDER BY e.id LIMIT ?5`)
			if err != nil {
				yield(app.Event{}, err)
				return
			}
			for _, e := range page {
				if !yield(e, nil) {
					return
				}
			}
			if left > 0 {
				if left -= len(page); left == 0 {
					return
				}
			}
			if len(page) < f.Limit {
				return
			}
			f.After = page[len(page)-1].ID
		}
	}
}

func (s *Store) someEvents(ctx context.Context, f app.EventFilter, order string) ([]app.Event, error) {
	var out []app.Event
	err := s.look(ctx, "list the events", func(q querier) (err error) {
		out, err = events(ctx, q, standing+` AND ?1 IN (0, e.account) AND ?2 IN ('', e.kind) AND e.at >= ?3 AND (?4 = 0 OR e.at < ?4)`+order,
			f.Account, string(f.Kind), millis(f.Since), millis(f.Until), f.Limit, f.After)
		return err
	})
	return out, err
}
