package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
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
	now := s.now()
	list, err := prepare(routed, now)
	if err != nil {
		return explain("store what was decided", err)
	}
	lots := lotsOf(list, s.lotFrom, now)
	s.told.keep(list) // before a claim can come
	added, packs := false, false
	err = s.surely(ctx, "store what was decided", func(ctx context.Context, t *tx) error {
		packs = false
		kept, err := t.markRouted(ctx, list)
		if err != nil {
			return err
		}
		if err := t.keep(ctx, kept, lots, len(kept) == len(list)); err != nil {
			return err
		}
		var fresh []own
		for i := range kept {
			r := &kept[i]
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

// markRouted notes that events are routed, and returns those of them that were
// not before.
func (t *tx) markRouted(ctx context.Context, list []ready) ([]ready, error) {
	if len(list) > 1 {
		ids := make([]int64, len(list))
		for i := range list {
			ids[i] = list[i].Event
		}
		if err := t.w.run1(ctx, "SAVEPOINT marks"); err != nil {
			return nil, err
		}
		n, err := t.exec(ctx, `UPDATE events SET routed_at = ? WHERE id IN (SELECT value FROM json_each(?)) AND routed_at IS NULL`, millis(t.now), jsonIDs(ids))
		if err != nil {
			return nil, err
		}
		if n == int64(len(list)) {
			return list, t.w.run1(ctx, "RELEASE marks")
		}
		for _, back := range []string{"ROLLBACK TO marks", "RELEASE marks"} { // to look at each by itself
			if err := t.w.run1(ctx, back); err != nil {
				return nil, err
			}
		}
	}
	var fresh []ready
	for _, r := range list {
		n, err := t.exec(ctx, `UPDATE events SET routed_at = ? WHERE id = ? AND routed_at IS NULL`, millis(t.now), r.Event)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			fresh = append(fresh, r)
		}
	}
	return fresh, nil
}

// ready is a routed event in the form in which it is stored.
type ready struct {
	app.Routed
	decisions []byte         // nil for none
	pack      []byte         // the deliveries, where those are many
	rest      []app.Delivery // the deliveries that are in no lot, where the lots are used
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

// keep stores the decisions and deliveries of events; whole says that none of
// those is missing of which the lots were made.
func (t *tx) keep(ctx context.Context, list []ready, lots []lot, whole bool) error {
	if err := t.keepDecisions(ctx, list); err != nil {
		return err
	}
	lanes := make(map[string]int64)
	packed := false
	if whole && len(lots) > 0 {
		var err error
		if packed, err = t.addLots(ctx, lots, lanes); err != nil {
			return fmt.Errorf("lots: %w", err)
		}
	}
	for i := range list {
		r := &list[i]
		if r.pack != nil {
			if _, err := t.exec(ctx, `INSERT INTO packs (event, done, list) VALUES (?, 0, ?)`, r.Event, r.pack); err != nil {
				return fmt.Errorf("deliveries of event %d: %w", r.Event, err)
			}
		}
		deliveries := r.Deliveries
		if packed {
			deliveries = r.rest
		}
		if err := t.deliver(ctx, r.Event, deliveries, lanes); err != nil {
			return err
		}
	}
	return nil
}

// decisionsAtOnce is how many events' decisions one statement stores.
const decisionsAtOnce = 50

// keepDecisions stores the decisions of events.
func (t *tx) keepDecisions(ctx context.Context, list []ready) error {
	var args []any
	for i := range list {
		if list[i].decisions != nil {
			args = append(args, list[i].Event, list[i].decisions)
		}
	}
	for len(args) > 0 {
		n := 1
		if len(args) >= 2*decisionsAtOnce {
			n = decisionsAtOnce
		}
		if _, err := t.exec(ctx, `INSERT INTO decisions (event, list) VALUES (?, ?)`+strings.Repeat(`, (?, ?)`, n-1), args[:2*n]...); err != nil {
			return fmt.Errorf("decisions from event %d on: %w", args[0], err)
		}
		args = args[2*n:]
	}
	return nil
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
