package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

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
// for one that the server dropped.
func (s *Store) Route(ctx context.Context, routed []app.Routed) error {
	added := false
	err := s.change(ctx, "store what was decided", func(ctx context.Context, t *tx) error {
		var fresh []own
		lanes := make(map[string]int64)
		for _, r := range routed {
			account, err := t.markRouted(ctx, r.Event)
			if err != nil {
				return err
			}
			if account == 0 {
				continue
			}
			if err := t.decide(ctx, r); err != nil {
				return fmt.Errorf("decisions of event %d: %w", r.Event, err)
			}
			if err := t.deliver(ctx, r.Event, r.Deliveries, lanes); err != nil {
				return err
			}
			if r.Alert != nil {
				fresh = append(fresh, own{account, r.Event, *r.Alert})
			}
		}
		added = len(fresh) > 0
		t.hint(app.TopicEvents)
		return t.ownAlerts(ctx, fresh)
	})
	if err == nil && added {
		s.mess()
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

// markRouted returns the account of an event that was not routed before, or 0.
func (t *tx) markRouted(ctx context.Context, event int64) (app.AccountID, error) {
	n, err := t.exec(ctx, `UPDATE events SET routed_at = ? WHERE id = ? AND routed_at IS NULL`, millis(t.now), event)
	if err != nil || n == 0 {
		return 0, err
	}
	var account app.AccountID
	err = t.row(ctx, `SELECT account FROM events WHERE id = ?`, event).Scan(&account)
	return account, err
}

// decideChunk is how many decisions one statement stores.
const decideChunk = 1000

func (t *tx) decide(ctx context.Context, r app.Routed) error {
	for chunk := range slices.Chunk(r.Decisions, decideChunk) {
		rows := make([][5]int64, len(chunk))
		for i, d := range chunk {
			verdict := int64(verdictNo)
			switch {
			case d.Yes && d.Held:
				verdict = verdictHeld
			case d.Yes:
				verdict = verdictYes
			}
			rows[i] = [5]int64{int64(d.Person), int64(d.Channel), int64(d.Destination), verdict, int64(d.Why)}
		}
		list, err := json.Marshal(rows)
		if err != nil {
			return err
		}
		if _, err := t.exec(ctx, `INSERT INTO decisions (event, person, channel, destination, verdict, why)
			SELECT ?, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?) WHERE true ON CONFLICT DO NOTHING`,
			r.Event, string(list)); err != nil {
			return err
		}
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
		rows, err := q.query(ctx, `SELECT event, person, channel, destination, verdict, why FROM decisions WHERE `+which+` ORDER BY event, person, channel, destination`, id)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var d app.Decision
			var verdict int
			if err := rows.Scan(&d.Event, &d.Person, &d.Channel, &d.Destination, &verdict, &d.Why); err != nil {
				return err
			}
			d.Yes, d.Held = verdict != verdictNo, verdict == verdictHeld
			out = append(out, d)
		}
		return rows.Err()
	})
	return out, err
}
