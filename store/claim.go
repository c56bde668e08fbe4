package store

import (
	"cmp"
	"context"
	"encoding/binary"
	"maps"
	"slices"
	"sync"

	"bellhop/app"
)

// claim is one run of [Store.Claim], within a change.
type claim struct {
	*tx
	air   *air
	lane  string
	limit int

	out    []app.Claimed
	flying map[app.DeliveryID]flight
	lists  map[int64][]app.Delivery // of the lots that were read
}

// mark is a place in the order in which a lane leaves.
type mark struct {
	due int64
	id  string
}

func (m mark) before(o mark) bool {
	return cmp.Or(cmp.Compare(m.due, o.due), cmp.Compare(m.id, o.id)) < 0
}

// run claims what is due, from rows and lots in their common order.
func (c *claim) run(ctx context.Context) error {
	for len(c.out) < c.limit {
		lots, err := lotStates(ctx, c.tx, `WHERE lane = (SELECT id FROM lanes WHERE key = ?1) AND taken < n AND due <= ?2 ORDER BY due, head LIMIT 2`,
			c.lane, millis(c.now))
		if err != nil {
			return err
		}
		if len(lots) == 0 {
			if more, err := c.rows(ctx, ``); err != nil || !more {
				return err
			}
			continue
		}
		head := mark{lots[0].due, lots[0].head}
		var end []mark // where something else comes first
		for _, other := range lots[1:] {
			end = append(end, mark{other.due, other.head})
		}
		var row mark
		switch err := c.row(ctx, `SELECT due, id FROM deliveries WHERE lane = ?1 AND `+open+` AND due <= ?2 ORDER BY due, id LIMIT 1`,
			lots[0].lane, millis(c.now)).Scan(&row.due, &row.id); {
		case isNoRows(err):
		case err != nil:
			return err
		case row.before(head):
			if _, err := c.rows(ctx, ` AND (due, id) < (?4, ?5)`, head.due, head.id); err != nil {
				return err
			}
			continue
		default:
			end = append(end, row)
		}
		if err := c.fromLot(ctx, &lots[0], end); err != nil {
			return err
		}
	}
	return nil
}

// rows claims rows, and says whether there may be others behind some that were
// given up.
func (c *claim) rows(ctx context.Context, bound string, args ...any) (more bool, err error) {
	due, err := readDeliveries(c.query(ctx, deliveryQuery+` WHERE d.id IN (SELECT id FROM deliveries
		WHERE lane = (SELECT id FROM lanes WHERE key = ?1) AND `+open+` AND due <= ?2`+bound+` ORDER BY due, id LIMIT ?3) ORDER BY d.due, d.id`,
		append([]any{c.lane, millis(c.now), c.limit - len(c.out)}, args...)...))
	if err != nil || len(due) == 0 {
		return false, err
	}
	full, dropped, err := c.complete(ctx, due)
	if err != nil {
		return false, err
	}
	if len(full) == 0 {
		return dropped > 0, nil
	}
	err = c.lease(ctx, full, due)
	c.out = append(c.out, full...)
	return false, err
}

// fromLot claims from a lot, up to where something else comes first. A lot with
// something unusual in it becomes rows, of which the next round claims.
func (c *claim) fromLot(ctx context.Context, st *lotState, end []mark) error {
	list := c.lists[st.lot]
	if list == nil {
		if list = c.air.list(st.lot); list == nil {
			var err error
			if list, err = lotList(ctx, c.tx, st, c.lane); err != nil {
				return err
			}
		}
		if c.lists == nil {
			c.lists, c.flying = make(map[int64][]app.Delivery), make(map[app.DeliveryID]flight)
		}
		c.lists[st.lot] = list
	}
	now := millis(c.now)
	upTo := st.taken
	for upTo < st.n && upTo-st.taken < c.limit-len(c.out) {
		at := mark{millis(list[upTo].Due), string(list[upTo].ID)}
		if at.due > now || len(end) > 0 && !at.before(end[0]) || len(end) > 1 && !at.before(end[1]) {
			break
		}
		upTo++
	}
	due := make([]storedDelivery, upTo-st.taken)
	for i := range due {
		due[i].Delivery = list[st.taken+i]
	}
	var leaving bool
	if err := c.row(ctx, `SELECT EXISTS (SELECT 1 FROM accounts WHERE leaving = 1)`).Scan(&leaving); err != nil {
		return err
	}
	people, places, err := c.surroundings(ctx, due)
	if err != nil {
		return err
	}
	if leaving || unknown(due, people, places) {
		delete(c.lists, st.lot)
		return c.unlotOne(ctx, st)
	}
	claims := binary.AppendUvarint(binary.AppendUvarint(st.claims, uint64(upTo)), uint64(max(now, 0))) // #nosec G115 -- neither is negative
	var head mark
	if upTo < st.n {
		head = mark{millis(list[upTo].Due), string(list[upTo].ID)}
	}
	if _, err := c.exec(ctx, `UPDATE lot_states SET taken = ?, due = ?, head = ?, claims = ? WHERE lot = ?`, upTo, head.due, head.id, claims, st.lot); err != nil {
		return err
	}
	c.out = slices.Grow(c.out, len(due))
	for i := range due {
		d := &due[i].Delivery
		c.flying[d.ID] = flight{Delivery: &list[st.taken+i], lot: st.lot, at: st.taken + i, begun: now}
		d.Attempts = 1
		c.out = append(c.out, app.Claimed{Delivery: *d, Person: people[d.Person], Destination: places[d.Destination]})
	}
	return nil
}

// unknown says whether one of the deliveries is for somebody or a place that is
// gone.
func unknown(due []storedDelivery, people map[app.PersonID]app.Person, places map[app.DestinationID]app.Destination) bool {
	for i := range due {
		if d := &due[i]; people[d.Person].ID != d.Person || places[d.Destination].ID != d.Destination {
			return true
		}
	}
	return false
}

// flight is a delivery that was claimed from a lot.
type flight struct {
	*app.Delivery
	lot   int64
	at    int // its place in the lot
	begun int64
}

// air has what was claimed from lots in this process and is not settled. What is
// on the disk says the same: after a crash [Store.Recover] goes by that.
type air struct {
	mu    sync.Mutex
	at    map[app.DeliveryID]flight
	lists map[int64][]app.Delivery
	owed  []app.DeliveryID // what was claimed, and got to nobody
}

func (a *air) owe(ids []app.DeliveryID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.owed = append(a.owed, ids...)
}

func (a *air) takeOwed() []app.DeliveryID {
	a.mu.Lock()
	defer a.mu.Unlock()
	ids := a.owed
	a.owed = nil
	return ids
}

// airLists bounds how many lots are kept beside the disk.
const airLists = 32

// rise keeps what a claim has taken, once that is on the disk.
func (a *air) rise(c *claim) {
	if len(c.flying) == 0 {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.at == nil {
		a.at, a.lists = make(map[app.DeliveryID]flight), make(map[int64][]app.Delivery)
	}
	maps.Copy(a.at, c.flying)
	if len(a.lists) >= airLists {
		clear(a.lists)
	}
	maps.Copy(a.lists, c.lists)
}

func (a *air) list(lot int64) []app.Delivery {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.lists[lot]
}

// of returns those of some deliveries that were claimed from lots.
func (a *air) of(ids []app.DeliveryID) map[app.DeliveryID]flight {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.at) == 0 {
		return nil
	}
	var out map[app.DeliveryID]flight
	for _, id := range ids {
		if f, ok := a.at[id]; ok {
			if out == nil {
				out = make(map[app.DeliveryID]flight, len(ids))
			}
			out[id] = f
		}
	}
	return out
}

// fall forgets deliveries that are rows now, on the disk.
func (a *air) fall(which map[app.DeliveryID]flight) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for id := range which {
		delete(a.at, id)
	}
	if len(a.at) == 0 {
		clear(a.lists)
	}
}

// giveBack makes rows of deliveries that were claimed from lots, as if that had
// not been. Those whose lot is gone are rows already.
func (t *tx) giveBack(ctx context.Context, flying map[app.DeliveryID]flight, due int64) error {
	return t.eachLot(ctx, flying, func(st *lotState, list []landed) error {
		for i := range list {
			if list[i].begun, list[i].due = 0, min(list[i].due, millis(t.now)); due != 0 {
				list[i].due = due
			}
		}
		_, err := t.land(ctx, st, &landing{state: app.DeliveryWaiting}, list)
		return err
	})
}

// alight makes rows of deliveries that were claimed from lots and are about to be
// sent.
func (t *tx) alight(ctx context.Context, flying map[app.DeliveryID]flight) error {
	return t.eachLot(ctx, flying, func(st *lotState, list []landed) error {
		_, err := t.land(ctx, st, &landing{state: app.DeliveryWaiting, leased: 1, attempts: 1, tries: 1}, list)
		return err
	})
}

// eachLot calls fn for each lot that there still is.
func (t *tx) eachLot(ctx context.Context, flying map[app.DeliveryID]flight, fn func(*lotState, []landed) error) error {
	byLot := make(map[int64][]landed)
	for _, f := range flying {
		byLot[f.lot] = append(byLot[f.lot], landed{f.Delivery, millis(f.Due), f.begun, 0})
	}
	for lot, list := range byLot {
		states, err := lotStates(ctx, t, `WHERE lot = ?`, lot)
		if err != nil {
			return err
		}
		for i := range states {
			if err := fn(&states[i], list); err != nil {
				return err
			}
		}
	}
	return nil
}
