package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"time"

	"bellhop/app"
)

// The verdicts as they are stored.
const (
	verdictNo = iota
	verdictYes
	verdictHeld
)

// Route stores what routing made of events, all of them in one transaction: the
// decisions, the deliveries, the alert for the inbox where one is due, and that
// the event need not be routed again. One that was routed before is passed over,
// so that routing twice is routing once; so is one that is gone. [Store.Event]
// then tells which alert it got. Where a server keeps the account's list of
// alerts, ours goes into this machine's list instead: the next pull would take it
// for one that the server dropped. The deliveries of an event for hundreds of people
// are there a little later: see [pack].
func (s *Store) Route(ctx context.Context, routed []app.Routed) error {
	list, err := prepare(routed, s.now())
	if err != nil {
		return explain("store what was decided", err)
	}
	added, packs := false, false
	err = s.surely(ctx, "store what was decided", func(ctx context.Context, t *tx) error {
		packs = false
		var fresh []own
		lanes := make(map[string]int64)
		for _, r := range list {
			isNew, err := t.markRouted(ctx, r.Event)
			if err != nil {
				return err
			}
			if !isNew {
				continue
			}
			if err := t.keep(ctx, r, lanes); err != nil {
				return err
			}
			packs = packs || r.pack != nil
			if r.Alert != nil {
				o := own{event: r.Event, alert: *r.Alert}
				if err := t.row(ctx, `SELECT account FROM events WHERE id = ?`, r.Event).Scan(&o.account); err != nil {
					return err
				}
				fresh = append(fresh, o)
			}
		}
		added = len(fresh) > 0
		t.hint(app.TopicEvents)
		return t.ownAlerts(ctx, fresh)
	})
	if err == nil && added {
		s.mess()
	}
	if err == nil && packs {
		select {
		case s.packed <- struct{}{}:
		default:
		}
	}
	return err
}

// Routed says that events need not be routed: it is [Store.Route] without
// decisions.
func (s *Store) Routed(ctx context.Context, ids []int64) error {
	list := make([]app.Routed, len(ids))
	for i, id := range ids {
		list[i].Event = id
	}
	return s.Route(ctx, list)
}

// markRouted says whether an event was not routed before.
func (t *tx) markRouted(ctx context.Context, event int64) (bool, error) {
	n, err := t.exec(ctx, `UPDATE events SET routed_at = ? WHERE id = ? AND routed_at IS NULL`, millis(t.now), event)
	return n > 0, err
}

// ready is a routed event in the form in which it is stored.
type ready struct {
	app.Routed
	decisions []byte // nil for none
	pack      []byte // the deliveries, where those are many
}

// prepare does what needs no transaction, so that it does not take the writer's
// time.
func prepare(routed []app.Routed, now time.Time) ([]ready, error) {
	out := make([]ready, len(routed))
	for i, r := range routed {
		var err error
		if out[i].decisions, err = encodeDecisions(r.Decisions); err != nil {
			return nil, fmt.Errorf("decisions of event %d: %w", r.Event, err)
		}
		if len(r.Deliveries) >= packFrom {
			if out[i].pack, err = pack(r.Deliveries, now); err != nil {
				return nil, fmt.Errorf("deliveries of event %d: %w", r.Event, err)
			}
			r.Deliveries = nil
		}
		out[i].Routed = r
	}
	return out, nil
}

// keep stores an event's decisions and deliveries.
func (t *tx) keep(ctx context.Context, r ready, lanes map[string]int64) error {
	if r.decisions != nil {
		if _, err := t.exec(ctx, `INSERT INTO decisions (event, list) VALUES (?, ?)`, r.Event, r.decisions); err != nil {
			return fmt.Errorf("decisions of event %d: %w", r.Event, err)
		}
	}
	if r.pack != nil {
		if _, err := t.exec(ctx, `INSERT INTO packs (event, done, list) VALUES (?, 0, ?)`, r.Event, r.pack); err != nil {
			return fmt.Errorf("deliveries of event %d: %w", r.Event, err)
		}
	}
	return t.deliver(ctx, r.Event, r.Deliveries, lanes)
}

// own is an event that gets an alert of ours.
type own struct {
	account app.AccountID // the event's
	event   int64
	alert   app.Remote
}

// ownAlerts stores the alerts of events, in their order: in the list of the
// event's account, or in this machine's where a server keeps that one.
func (t *tx) ownAlerts(ctx context.Context, fresh []own) error {
	if len(fresh) == 0 {
		return nil
	}
	ours, err := serverlessAccounts(ctx, t)
	if err != nil {
		return err
	}
	byList := make(map[app.AccountID][]own)
	for _, o := range fresh {
		list := o.account
		if !ours[list] {
			if list, err = t.known(ctx, 0); err != nil {
				return fmt.Errorf("this machine's account: %w", err)
			}
		}
		byList[list] = append(byList[list], o)
	}
	for _, list := range slices.Sorted(maps.Keys(byList)) {
		alerts := make([]app.Remote, len(byList[list]))
		for i, o := range byList[list] {
			alerts[i] = o.alert
			if alerts[i].ID = 0; alerts[i].Created.IsZero() {
				alerts[i].Created = t.now
			}
		}
		ids, err := t.putAlerts(ctx, list, alerts)
		if err != nil {
			return fmt.Errorf("add alerts: %w", err)
		}
		for i, o := range byList[list] {
			if _, err := t.exec(ctx, `UPDATE events SET alert = ? WHERE id = ?`, ids[i], o.event); err != nil {
				return err
			}
		}
	}
	return nil
}

// Told returns everything that was decided about the events that tell one fact,
// of which first is the one that told it first.
func (s *Store) Told(ctx context.Context, first int64) ([]app.Decision, error) {
	return s.decisionsOf(ctx, `event = ?1 OR event IN (SELECT id FROM events WHERE same = ?1 AND same > 0)`, first)
}

// Decisions returns what was decided about an event: the shared places first,
// then people by id, each in the order of the channels.
func (s *Store) Decisions(ctx context.Context, event int64) ([]app.Decision, error) {
	return s.decisionsOf(ctx, `event = ?1`, event)
}

func (s *Store) decisionsOf(ctx context.Context, which string, id int64) ([]app.Decision, error) {
	var out []app.Decision
	err := s.look(ctx, "list the decisions", func(q querier) error {
		out = nil
		rows, err := q.query(ctx, `SELECT event, list FROM decisions WHERE `+which+` ORDER BY event`, id)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var event int64
			var packed sql.RawBytes
			if err := rows.Scan(&event, &packed); err != nil {
				return err
			}
			list, err := decodeDecisions(event, packed)
			if err != nil {
				return err
			}
			out = append(out, list...)
		}
		return rows.Err()
	})
	return out, err
}
