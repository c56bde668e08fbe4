package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"bellhop/app"
)

// deliver stores the deliveries of an event that was just routed. One that the
// event has already, by person, channel and destination, is passed over. lanes
// remembers the numbers of lanes within one change.
func (t *tx) deliver(ctx context.Context, event int64, list []app.Delivery, lanes map[string]int64) error {
	for _, d := range list {
		lane, err := t.laneOf(ctx, d.Lane, d.Channel, lanes)
		if err != nil {
			return err
		}
		if d.State == "" {
			d.State = app.DeliveryWaiting
		}
		if d.Created.IsZero() {
			d.Created = t.now
		}
		if _, err := t.exec(ctx, `INSERT INTO deliveries (id, event, person, channel, destination, lane, storm, state, due, created)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (event, person, channel, destination) DO NOTHING`,
			string(d.ID), event, int64(d.Person), int64(d.Channel), int64(d.Destination), lane, d.Group, string(d.State), heldDue(d.State, d.Due), millis(d.Created)); err != nil {
			return fmt.Errorf("delivery %s: %w", d.ID, err)
		}
	}
	if len(list) > 0 {
		t.hint(app.TopicDeliveries, app.TopicOutbox)
	}
	return nil
}

// laneOf is laneID for what lanes remembers.
func (t *tx) laneOf(ctx context.Context, key string, channel app.Channel, lanes map[string]int64) (int64, error) {
	if lane, ok := lanes[key]; ok {
		return lane, nil
	}
	lane, err := t.laneID(ctx, key, channel)
	if err != nil {
		return 0, fmt.Errorf("lane %q: %w", key, err)
	}
	lanes[key] = lane
	return lane, nil
}

// heldDue is when a delivery may leave. One that is held for nobody knows how
// long stays until it is released.
func heldDue(state app.DeliveryState, due time.Time) int64 {
	if state == app.DeliveryHeld && due.IsZero() {
		return endless
	}
	return millis(due)
}

// endless is the last moment of the year 9999: what has it for its time waits
// for somebody.
const endless = 253402300799000

const (
	deliveryColumns = `d.id, d.event, e.account, d.person, d.channel, d.destination, l.key, d.storm, d.state, d.due, d.attempts,
		d.created, d.resent, d.settled, d.digest, d.status, d.code, d.answer, d.next, d.ref, d.tries,
		e.account IN (SELECT id FROM accounts WHERE leaving = 1)`
	deliveryQuery = `SELECT ` + deliveryColumns + ` FROM deliveries AS d JOIN events AS e ON e.id = d.event JOIN lanes AS l ON l.id = d.lane`
)

// storedDelivery is a delivery with what only the store knows of it.
type storedDelivery struct {
	app.Delivery
	tries   int   // all attempts so far
	leaving bool  // its account is being removed
	begun   int64 // when it was claimed, of one in a lot
	took    int64
}

func readDeliveries(rows *sql.Rows, err error) ([]storedDelivery, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []storedDelivery
	for rows.Next() {
		var d storedDelivery
		var due, created, resent, settled int64
		if err := rows.Scan(&d.ID, &d.Event, &d.Account, &d.Person, &d.Channel, &d.Destination, &d.Lane, &d.Group, &d.State, &due, &d.Attempts,
			&created, &resent, &settled, &d.Digest, &d.Status, &d.Code, &d.Answer, &d.Next, &d.Ref, &d.tries, &d.leaving); err != nil {
			return nil, err
		}
		d.Due, d.Created, d.Resent, d.Settled = fromMillis(due), fromMillis(created), fromMillis(resent), fromMillis(settled)
		out = append(out, d)
	}
	return out, rows.Err()
}

// Delivery returns one delivery. The error matches [app.ErrNotFound] where there
// is none, or none any more.
func (s *Store) Delivery(ctx context.Context, id app.DeliveryID) (app.Delivery, error) {
	var out app.Delivery
	err := s.look(ctx, "read the delivery", func(q querier) error {
		found, err := readDeliveries(q.query(ctx, deliveryQuery+` WHERE d.id = ?`, string(id)))
		if err != nil {
			return err
		}
		if len(found) == 0 {
			if found, err = packedDeliveries(ctx, q, func(p *packed) bool { return p.ID == id }); err != nil {
				return err
			}
		}
		if len(found) == 0 || found[0].leaving {
			return app.ErrNotFound
		}
		err = markStops(ctx, q, found[:1])
		out = found[0].Delivery
		return err
	})
	return out, err
}

// Deliveries returns a page of deliveries, newest first; next is what to ask
// for as After to get the one that follows, "" where there is none. An unknown
// channel is [app.ErrInvalid].
func (s *Store) Deliveries(ctx context.Context, f app.DeliveryFilter) (page []app.Delivery, next app.DeliveryID, err error) {
	if f.Limit <= 0 {
		f.Limit = pageDefault
	}
	f.Limit = min(f.Limit, pageMax)
	err = s.look(ctx, "list the deliveries", func(q querier) error {
		page, next = nil, ""
		where, args, err := deliveriesWhere(ctx, q, f)
		if err != nil {
			return err
		}
		found, err := readDeliveries(q.query(ctx, deliveryQuery+` WHERE `+strings.Join(where, ` AND `)+` ORDER BY d.id DESC LIMIT ?`, append(args, f.Limit+1)...))
		if err != nil {
			return err
		}
		if f.State == "" || f.State == app.DeliveryWaiting || f.State == app.DeliverySent {
			packed, err := packedOf(ctx, q, f)
			if err != nil {
				return err
			}
			found = append(found, packed...)
			slices.SortFunc(found, func(a, b storedDelivery) int { return cmp.Compare(b.ID, a.ID) })
		}
		if len(found) > f.Limit {
			found = found[:f.Limit]
			next = found[f.Limit-1].ID
		}
		err = markStops(ctx, q, found)
		for _, d := range found {
			page = append(page, d.Delivery)
		}
		return err
	})
	return page, next, err
}

// packedOf returns what a filter finds in lots.
func packedOf(ctx context.Context, q querier, f app.DeliveryFilter) ([]storedDelivery, error) {
	event := f.Event
	if f.Alert != 0 {
		var of int64
		switch err := q.row(ctx, `SELECT id FROM events WHERE alert > 0 AND alert = ?`, f.Alert).Scan(&of); {
		case isNoRows(err), err == nil && event != 0 && event != of:
			return nil, nil
		case err != nil:
			return nil, err
		}
		event = of
	}
	since := ceilMillis(f.Since)
	var closed stops
	if f.NeedsYou {
		var err error
		if closed, err = readStops(ctx, q); err != nil {
			return nil, err
		}
	}
	return packedDeliveries(ctx, q, func(d *packed) bool {
		return (!f.NeedsYou || d.state() == app.DeliveryWaiting && closed.lanes[d.Lane]) && (f.State == "" || f.State == d.state()) &&
			(event == 0 || d.Event == event) && (f.Destination == 0 || d.Destination == f.Destination) && (f.Channel == "" || d.Channel.String() == f.Channel) &&
			(f.Since.IsZero() || millis(d.Created) >= since) && (f.After == "" || d.ID < f.After)
	})
}

// fewDeliveries is up to how many deliveries of a state are collected and sorted.
// Where there are more, a page of them is found sooner by going through all.
const fewDeliveries = 20_000

// deliveriesWhere returns the conditions of a filter and their parameters.
func deliveriesWhere(ctx context.Context, q querier, f app.DeliveryFilter) (where []string, args []any, err error) {
	add := func(condition string, arg ...any) {
		where = append(where, condition)
		args = append(args, arg...)
	}
	add(`e.account NOT IN (SELECT id FROM accounts WHERE leaving = 1)`)
	if f.Event != 0 {
		add(`d.event = ?`, f.Event)
	}
	if f.Alert != 0 {
		add(`d.event IN (SELECT id FROM events WHERE alert > 0 AND alert = ?)`, f.Alert)
	}
	if f.Channel != "" {
		var c app.Channel
		if err := c.UnmarshalText([]byte(f.Channel)); err != nil {
			return nil, nil, err
		}
		add(`d.channel = ?`, int64(c))
	}
	if f.Destination != 0 {
		add(`d.destination = ?`, int64(f.Destination))
	}
	if !f.Since.IsZero() {
		add(`d.created >= ?`, ceilMillis(f.Since))
	}
	if f.After != "" {
		add(`d.id < ?`, string(f.After))
	}
	if f.NeedsYou {
		add(`d.id IN (SELECT id FROM deliveries WHERE ` + odd + ` AND state = 'dead' UNION ALL SELECT id FROM deliveries
			WHERE lane IN (SELECT id FROM lanes WHERE ` + stopped + `) AND ` + open + ` AND state = 'waiting')`)
	}
	if f.State == "" {
		return where, args, nil
	}
	add(`d.state = ?`, string(f.State))
	if f.State == app.DeliveryHeld || f.State == app.DeliveryDead || f.State == app.DeliveryDropped {
		add(`d.` + odd)
		return where, args, nil
	}
	var n int
	if err := q.row(ctx, `SELECT coalesce(sum(n), 0) FROM delivery_counts WHERE state = ?`, string(f.State)).Scan(&n); err != nil {
		return nil, nil, err
	}
	switch {
	case n > fewDeliveries:
	case f.State == app.DeliveryWaiting:
		add(`d.id IN (SELECT id FROM deliveries WHERE ` + open + ` UNION ALL SELECT id FROM deliveries WHERE leased = 1)`)
	case f.State == app.DeliverySent:
		add(`d.id IN (SELECT id FROM deliveries WHERE state = 'sent')`)
	}
	return where, args, nil
}

// DeliveryCounts returns how many deliveries each channel has in each state;
// what is not there is none. It costs the same however many there are.
func (s *Store) DeliveryCounts(ctx context.Context) (map[app.Channel]map[app.DeliveryState]int, error) {
	out := make(map[app.Channel]map[app.DeliveryState]int)
	err := s.look(ctx, "count the deliveries", func(q querier) error {
		clear(out)
		rows, err := q.query(ctx, `SELECT channel, state, n FROM delivery_counts WHERE n > 0`)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var c app.Channel
			var state app.DeliveryState
			var n int
			if err := rows.Scan(&c, &state, &n); err != nil {
				return err
			}
			if out[c] == nil {
				out[c] = make(map[app.DeliveryState]int)
			}
			out[c][state] = n
		}
		if err := rows.Err(); err != nil {
			return err
		}
		return countPacked(ctx, q, out)
	})
	return out, err
}

// countPacked adds what waits in lots.
func countPacked(ctx context.Context, q querier, out map[app.Channel]map[app.DeliveryState]int) error {
	rows, err := q.query(ctx, `SELECT channel, sum(n - gone - sent), sum(sent) FROM lot_states GROUP BY channel`)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var c app.Channel
		var waiting, sent int
		if err := rows.Scan(&c, &waiting, &sent); err != nil {
			return err
		}
		if out[c] == nil {
			out[c] = make(map[app.DeliveryState]int)
		}
		for state, n := range map[app.DeliveryState]int{app.DeliveryWaiting: waiting, app.DeliverySent: sent} {
			if n > 0 {
				out[c][state] += n
			}
		}
	}
	return rows.Err()
}
