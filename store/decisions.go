package store

import (
	"context"
	"encoding/json"
	"fmt"
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
// decisions, the alert for the inbox where one is due, and that the event need
// not be routed again. One that was routed before is passed over, so that
// routing twice is routing once; so is one that is gone. [Store.Event] then
// tells which alert it got. An account whose server keeps the list of alerts
// gets none of ours: its next pull would take it for one that the server dropped.
func (s *Store) Route(ctx context.Context, routed []app.Routed) error {
	added := false
	err := s.change(ctx, "store what was decided", func(ctx context.Context, t *tx) error {
		fresh := make(map[app.AccountID][]app.Routed)
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
			if r.Alert != nil {
				fresh[account] = append(fresh[account], r)
			}
		}
		var err error
		added, err = t.ownAlerts(ctx, fresh)
		t.hint(app.TopicEvents)
		return err
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

// ownAlerts stores the alerts of events, in their order, account by account.
func (t *tx) ownAlerts(ctx context.Context, fresh map[app.AccountID][]app.Routed) (added bool, err error) {
	if len(fresh) == 0 {
		return false, nil
	}
	ours, err := serverlessAccounts(ctx, t)
	if err != nil {
		return false, err
	}
	for account, list := range fresh {
		if !ours[account] {
			continue
		}
		alerts := make([]app.Remote, len(list))
		for i, r := range list {
			alerts[i] = *r.Alert
			if alerts[i].ID = 0; alerts[i].Created.IsZero() {
				alerts[i].Created = t.now
			}
		}
		ids, err := t.putAlerts(ctx, account, alerts)
		if err != nil {
			return false, fmt.Errorf("add alerts: %w", err)
		}
		for i, r := range list {
			if _, err := t.exec(ctx, `UPDATE events SET alert = ? WHERE id = ?`, ids[i], r.Event); err != nil {
				return false, err
			}
		}
		added = true
	}
	return added, nil
}

// Decisions returns what was decided about an event: the shared places first,
// then people by id, each in the order of the channels.
func (s *Store) Decisions(ctx context.Context, event int64) ([]app.Decision, error) {
	var out []app.Decision
	err := s.look(ctx, "list the decisions", func(q querier) error {
		rows, err := q.query(ctx, `SELECT person, channel, destination, verdict, why FROM decisions WHERE event = ? ORDER BY person, channel, destination`, event)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			d := app.Decision{Event: event}
			var verdict int
			if err := rows.Scan(&d.Person, &d.Channel, &d.Destination, &verdict, &d.Why); err != nil {
				return err
			}
			d.Yes, d.Held = verdict != verdictNo, verdict == verdictHeld
			out = append(out, d)
		}
		return rows.Err()
	})
	return out, err
}
