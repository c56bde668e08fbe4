package store

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strconv"

	"bellhop/app"
)

// Settle notes how attempts ended, all of them in one transaction. Each outcome
// says until when the lane of its delivery is held, the zero time for not at
// all; of several about one lane the last counts, and a hold without end stays.
// Settling twice is settling once; a delivery that is not claimed, or gone, is passed
// over.
func (s *Store) Settle(ctx context.Context, outcomes []app.Outcome) error {
	ids := make([]app.DeliveryID, len(outcomes))
	for i, o := range outcomes {
		ids[i] = o.ID
	}
	flying := s.air.of(ids)
	finished := false
	err := s.surely(ctx, "note what was sent", func(ctx context.Context, t *tx) error {
		finished = false
		lots := make(map[int64]*lotNotes)
		for rest := outcomes; len(rest) > 0; {
			n := alike(rest, flying)
			if err := t.noteOutcomes(ctx, rest[:n], flying, lots); err != nil {
				return fmt.Errorf("delivery %s: %w", rest[0].ID, err)
			}
			rest = rest[n:]
		}
		for _, l := range lots {
			finished = finished || l.st != nil && l.st.sent+l.st.gone >= l.st.n
		}
		t.hint(app.TopicDeliveries)
		return nil
	})
	if err == nil {
		s.air.fall(flying)
	}
	if err == nil && finished {
		select {
		case s.finished <- struct{}{}:
		default:
		}
	}
	return err
}

// lotNotes is what a change knows of a lot: how far it has come (nil = it is rows
// by now), and what of it was sent before.
type lotNotes struct {
	st   *lotState
	sent map[int]packed
}

func (t *tx) notesOf(ctx context.Context, lot int64) (*lotNotes, error) {
	found, err := lotStates(ctx, t, `WHERE lot = ?`, lot)
	if err != nil || len(found) == 0 {
		return &lotNotes{}, err
	}
	sent, err := sentOf(ctx, t, &found[0])
	if sent == nil {
		sent = make(map[int]packed)
	}
	return &lotNotes{&found[0], sent}, err
}

// noteOutcomes notes outcomes that are alike.
func (t *tx) noteOutcomes(ctx context.Context, list []app.Outcome, flying map[app.DeliveryID]flight, lots map[int64]*lotNotes) error {
	f, ok := flying[list[0].ID]
	if !ok {
		return t.conclude(ctx, list)
	}
	notes := lots[f.lot]
	if notes == nil {
		var err error
		if notes, err = t.notesOf(ctx, f.lot); err != nil {
			return err
		}
		lots[f.lot] = notes
	}
	if notes.st == nil {
		return t.conclude(ctx, list) // it became rows meanwhile
	}
	o := &list[0]
	write := t.landOutcomes
	if o.State == app.DeliverySent && o.Digest == "" && o.Code == "" && o.Next == "" {
		write = t.noteSent
	}
	n, err := write(ctx, notes, list, flying)
	if err != nil {
		return err
	}
	lane := notes.st.lane
	if notes.st.gone >= notes.st.n {
		notes.st = nil
	}
	if n < len(list) {
		return t.conclude(ctx, list) // some were rows already
	}
	return t.hold(ctx, lane, o.LaneDue)
}

// noteSent notes in its lot what was sent, and returns how much of it was not known
// before.
func (t *tx) noteSent(ctx context.Context, notes *lotNotes, list []app.Outcome, flying map[app.DeliveryID]flight) (int, error) {
	rows := make(map[app.DeliveryID]bool)
	if notes.st.gone > 0 {
		ids := make([]app.DeliveryID, len(list))
		for i := range list {
			ids[i] = list[i].ID
		}
		found, err := deliveryIDs(t.query(ctx, `SELECT id FROM deliveries WHERE id IN (SELECT value FROM json_each(?))`, jsonDeliveries(ids)))
		if err != nil {
			return 0, err
		}
		for _, id := range found {
			rows[id] = true
		}
	}
	var places []byte
	n := 0
	for i := range list {
		at := flying[list[i].ID].at
		if _, known := notes.sent[at]; known || rows[list[i].ID] {
			continue
		}
		notes.sent[at] = packed{}
		n++
		places = binary.AppendUvarint(binary.AppendUvarint(places, uint64(at)), uint64(max(list[i].Took.Microseconds(), 0))) // #nosec G115 -- neither is negative
	}
	if n == 0 {
		return 0, nil
	}
	o := &list[0]
	if _, err := t.exec(ctx, `INSERT INTO lot_sent (lot, settled, status, answer, ref, list) VALUES (?, ?, ?, ?, ?, ?)`,
		notes.st.lot, millis(t.now), o.Status, o.Answer, o.Ref, places); err != nil {
		return 0, err
	}
	notes.st.sent += n
	_, err := t.exec(ctx, `UPDATE lot_states SET sent = ? WHERE lot = ?`, notes.st.sent, notes.st.lot)
	return n, err
}

// landOutcomes makes rows of what ended in another way.
func (t *tx) landOutcomes(ctx context.Context, notes *lotNotes, list []app.Outcome, flying map[app.DeliveryID]flight) (int, error) {
	o := &list[0]
	l := landing{
		state: o.State, attempts: 1, tries: 1, status: o.Status, settled: millis(t.now),
		code: o.Code, answer: o.Answer, next: o.Next, ref: o.Ref, digest: string(o.Digest),
	}
	due := int64(-1) // stays as it was
	if o.State == app.DeliveryWaiting || o.State == app.DeliveryHeld {
		l.settled, due = 0, heldDue(o.State, o.Due)
	}
	var landing []landed
	for i := range list {
		f := flying[list[i].ID]
		if _, sent := notes.sent[f.at]; sent {
			continue
		}
		one := landed{f.Delivery, millis(f.Due), f.begun, list[i].Took.Microseconds()}
		if due >= 0 {
			one.due = due
		}
		landing = append(landing, one)
	}
	if len(landing) == 0 {
		return 0, nil
	}
	return t.land(ctx, notes.st, &l, landing)
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
	if _, err := t.exec(ctx, `UPDATE lanes SET not_before = ?1 WHERE not_before <> ?1 AND not_before < ?3 AND id IN (SELECT lane FROM deliveries
		WHERE id IN (SELECT value ->> 0 FROM json_each(?2)) AND leased = 1)`, millis(o.LaneDue), ids, stoppedFrom); err != nil {
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
