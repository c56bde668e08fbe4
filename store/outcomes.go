package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"bellhop/app"
)

// Settle notes how attempts ended, all of them in one transaction. Each outcome
// says until when the lane of its delivery is held, the zero time for not at
// all; of several about one lane the last counts. Settling twice is settling once;
// a delivery that is not claimed, or gone, is passed over.
func (s *Store) Settle(ctx context.Context, outcomes []app.Outcome) error {
	ids := make([]app.DeliveryID, len(outcomes))
	for i, o := range outcomes {
		ids[i] = o.ID
	}
	flying := s.air.of(ids)
	err := s.surely(ctx, "note what was sent", func(ctx context.Context, t *tx) error {
		lots := make(map[int64]*lotState)
		for rest := outcomes; len(rest) > 0; {
			n := alike(rest, flying)
			if err := t.noteOutcomes(ctx, rest[:n], flying, lots); err != nil {
				return fmt.Errorf("delivery %s: %w", rest[0].ID, err)
			}
			rest = rest[n:]
		}
		t.hint(app.TopicDeliveries)
		return nil
	})
	if err == nil {
		s.air.fall(flying)
	}
	return err
}

// noteOutcomes notes outcomes that are alike.
func (t *tx) noteOutcomes(ctx context.Context, list []app.Outcome, flying map[app.DeliveryID]flight, lots map[int64]*lotState) error {
	f, ok := flying[list[0].ID]
	if !ok {
		return t.conclude(ctx, list)
	}
	st, known := lots[f.lot]
	if !known {
		found, err := lotStates(ctx, t, `WHERE lot = ?`, f.lot)
		if err != nil {
			return err
		}
		if len(found) > 0 {
			st = &found[0]
		}
		lots[f.lot] = st
	}
	if st == nil {
		return t.conclude(ctx, list) // it became rows meanwhile
	}
	o := &list[0]
	l := landing{
		state: o.State, attempts: 1, tries: 1, status: o.Status, settled: millis(t.now),
		code: o.Code, answer: o.Answer, next: o.Next, ref: o.Ref, digest: string(o.Digest),
	}
	due := int64(-1) // stays as it was
	if o.State == app.DeliveryWaiting || o.State == app.DeliveryHeld {
		l.settled, due = 0, heldDue(o.State, o.Due)
	}
	landing := make([]landed, len(list))
	for i := range list {
		f := flying[list[i].ID]
		landing[i] = landed{f.Delivery, millis(f.Due), f.begun, list[i].Took.Microseconds()}
		if due >= 0 {
			landing[i].due = due
		}
	}
	n, err := t.land(ctx, st, &l, landing)
	if err != nil {
		return err
	}
	if st.gone >= st.n {
		lots[f.lot] = nil
	}
	if n < len(list) {
		return t.conclude(ctx, list) // some were rows already
	}
	return t.hold(ctx, st.lane, o.LaneDue)
}

// alike is how many of the first outcomes say the same but for their delivery
// and the time it took, and are of the same lot: on a lane that works, all.
func alike(list []app.Outcome, flying map[app.DeliveryID]flight) int {
	first, lot := list[0], flying[list[0].ID].lot
	for i, o := range list[1:] {
		if first.ID, first.Took = o.ID, o.Took; o != first || flying[o.ID].lot != lot {
			return i + 1
		}
	}
	return len(list)
}

// conclude notes outcomes that are alike. RETURNING would tell which deliveries
// were claimed, and the lanes too, but was measured to take half as long again.
func (t *tx) conclude(ctx context.Context, list []app.Outcome) error {
	o := &list[0]
	settled := millis(t.now)
	due := int64(-1) // stays as it was
	if o.State == app.DeliveryWaiting || o.State == app.DeliveryHeld {
		settled, due = 0, heldDue(o.State, o.Due)
	}
	// The lanes first: of a delivery that is not claimed nothing is said.
	ids := tooks(list)
	if _, err := t.exec(ctx, `UPDATE lanes SET not_before = ?1 WHERE not_before <> ?1 AND id IN (SELECT lane FROM deliveries
		WHERE id IN (SELECT value ->> 0 FROM json_each(?2)) AND leased = 1)`, millis(o.LaneDue), ids); err != nil {
		return fmt.Errorf("lanes: %w", err)
	}
	_, err := t.exec(ctx, `UPDATE deliveries SET leased = 0, state = ?1, due = ifnull(nullif(?2, -1), due), settled = ?3, took = o.took, status = ?4, code = ?5,
		answer = ?6, next = ?7, ref = ?8, digest = ?9 FROM (SELECT value ->> 0 AS id, value ->> 1 AS took FROM json_each(?10)) AS o
		WHERE deliveries.id = o.id AND leased = 1`,
		string(o.State), due, settled, o.Status, o.Code, o.Answer, o.Next, o.Ref, string(o.Digest), ids)
	return err
}

// tooks is a JSON list of deliveries, each with the microseconds that it took.
func tooks(list []app.Outcome) string {
	b := make([]byte, 0, 48*len(list))
	for i, o := range list {
		b = append(b, "[,"[min(i, 1)])
		b = append(b, '[')
		id, _ := json.Marshal(o.ID) // texts always marshal
		b = append(append(b, id...), ',')
		b = strconv.AppendInt(b, o.Took.Microseconds(), 10)
		b = append(b, ']')
	}
	return string(append(b, ']'))
}
