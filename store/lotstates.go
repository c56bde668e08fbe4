package store

import (
	"context"
	"errors"

	"bellhop/app"
)

// lotState is how far a lot has come.
type lotState struct {
	lot, lane      int64
	channel        app.Channel
	n, taken, gone int
	sent           int
	due            int64
	head           string
	claims         []byte
}

const lotColumns = `lot, lane, channel, n, taken, gone, sent, due, head, claims`

func (st *lotState) columns() []any {
	return []any{&st.lot, &st.lane, &st.channel, &st.n, &st.taken, &st.gone, &st.sent, &st.due, &st.head, &st.claims}
}

// begun returns when the claims were, as many times as there are deliveries that
// were taken.
func (st *lotState) begun() ([]int64, error) {
	u := unpacker{rest: st.claims}
	out := make([]int64, 0, st.taken)
	for len(u.rest) > 0 && !u.bad {
		upTo, at := u.number(), u.number()
		for uint64(len(out)) < min(upTo, uint64(st.taken)) {
			out = append(out, int64(at)) // #nosec G115 -- it was such
		}
	}
	if u.bad || len(out) != st.taken {
		return nil, errors.Join(errDamaged, errPacked)
	}
	return out, nil
}

// lots reads how far lots have come.
func lotStates(ctx context.Context, q querier, which string, args ...any) ([]lotState, error) {
	rows, err := q.query(ctx, `SELECT `+lotColumns+` FROM lot_states `+which, args...)
	return all(rows, err, func(st *lotState) []any { return st.columns() })
}

// lotList reads the deliveries of a lot.
func lotList(ctx context.Context, q querier, st *lotState, lane string) ([]app.Delivery, error) {
	var packed []byte
	if err := q.row(ctx, `SELECT list FROM lots WHERE id = ?`, st.lot).Scan(&packed); err != nil {
		return nil, err
	}
	list, err := unpackLot(packed, lane, st.channel)
	if err == nil && len(list) != st.n {
		err = errors.Join(errDamaged, errPacked)
	}
	return list, err
}

// packed is a delivery in a lot.
type packed struct {
	*app.Delivery
	taken bool
	begun int64    // when it was taken
	sent  *sentLot // nil where that is not known
	took  int64    // how long the attempt was
}

func (p *packed) state() app.DeliveryState {
	if p.sent != nil {
		return app.DeliverySent
	}
	return app.DeliveryWaiting
}

// sentLot is what was noted about some of a lot together.
type sentLot struct {
	settled     int64
	status      int
	answer, ref string
}

// sentOf reads what was sent of a lot: at its places.
func sentOf(ctx context.Context, q querier, st *lotState) (map[int]packed, error) {
	if st.sent == 0 {
		return nil, nil
	}
	out := make(map[int]packed, st.sent)
	rows, err := q.query(ctx, `SELECT settled, status, answer, ref, list FROM lot_sent WHERE lot = ?`, st.lot)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var s sentLot
		var list []byte
		if err := rows.Scan(&s.settled, &s.status, &s.answer, &s.ref, &list); err != nil {
			return nil, err
		}
		u := unpacker{rest: list}
		for len(u.rest) > 0 && !u.bad {
			at, took := u.number(), u.number()
			if at >= uint64(st.taken) { // #nosec G115 -- it is not negative
				u.bad = true
				break
			}
			out[int(at)] = packed{taken: true, sent: &s, took: int64(took)} // #nosec G115 -- they were such
		}
		if u.bad {
			return nil, errors.Join(errDamaged, errPacked)
		}
	}
	if err := rows.Err(); err != nil || len(out) == st.sent {
		return out, err
	}
	return nil, errors.Join(errDamaged, errPacked)
}

// inLot returns the deliveries of a lot that are no rows.
func inLot(ctx context.Context, q querier, st *lotState, lane string) ([]packed, error) {
	list, err := lotList(ctx, q, st, lane)
	if err != nil {
		return nil, err
	}
	begun, err := st.begun()
	if err != nil {
		return nil, err
	}
	gone := make(map[app.DeliveryID]bool, st.gone)
	if st.gone > 0 {
		ids := make([]app.DeliveryID, st.taken)
		for i := range ids {
			ids[i] = list[i].ID
		}
		rows, err := q.query(ctx, `SELECT id FROM deliveries WHERE id IN (SELECT value FROM json_each(?))`, jsonDeliveries(ids))
		found, err := deliveryIDs(rows, err)
		if err != nil {
			return nil, err
		}
		for _, id := range found {
			gone[id] = true
		}
	}
	sent, err := sentOf(ctx, q, st)
	if err != nil {
		return nil, err
	}
	out := make([]packed, 0, st.n-st.gone)
	for i := range list {
		p := sent[i]
		p.Delivery, p.taken = &list[i], i < st.taken
		if p.taken {
			if gone[p.ID] {
				continue
			}
			p.begun = begun[i]
		}
		out = append(out, p)
	}
	return out, nil
}

// packedDeliveries returns the deliveries in lots which are wanted, with what the
// table would say of them.
func packedDeliveries(ctx context.Context, q querier, wanted func(*packed) bool) ([]storedDelivery, error) {
	states, err := lotStates(ctx, q, ``)
	if err != nil || len(states) == 0 {
		return nil, err
	}
	var out []storedDelivery
	accounts := make(map[int64]app.AccountID)
	for i := range states {
		var lane string
		if err := q.row(ctx, `SELECT key FROM lanes WHERE id = ?`, states[i].lane).Scan(&lane); err != nil {
			return nil, err
		}
		list, err := inLot(ctx, q, &states[i], lane)
		if err != nil {
			return nil, err
		}
		for j := range list {
			p := &list[j]
			if !wanted(p) {
				continue
			}
			d := storedDelivery{Delivery: *p.Delivery, begun: p.begun, took: p.took}
			if p.taken {
				d.Attempts, d.tries = 1, 1
			}
			if p.sent != nil {
				d.State, d.Settled, d.Status, d.Answer, d.Ref = app.DeliverySent, fromMillis(p.sent.settled), p.sent.status, p.sent.answer, p.sent.ref
			}
			accounts[d.Event] = 0
			out = append(out, d)
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	rows, err := q.query(ctx, `SELECT id, account FROM events WHERE id IN (SELECT value FROM json_each(?)) AND account NOT IN (SELECT id FROM accounts WHERE leaving = 1)`, jsonKeys(accounts))
	known, err := all(rows, err, func(e *app.Event) []any { return []any{&e.ID, &e.Account} })
	if err != nil {
		return nil, err
	}
	for _, e := range known {
		accounts[e.ID] = e.Account
	}
	kept := out[:0]
	for _, d := range out {
		if d.Account = accounts[d.Event]; d.Account != 0 {
			kept = append(kept, d)
		}
	}
	return kept, nil
}
