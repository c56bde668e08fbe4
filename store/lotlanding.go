package store

import (
	"context"
	"slices"
	"strings"

	"bellhop/app"
)

// landing is what deliveries of a lot have in common that become rows.
type landing struct {
	state                           app.DeliveryState
	leased, attempts, tries, status int
	settled                         int64
	code, answer, next, ref, digest string
}

// landed is a delivery of a lot that becomes a row.
type landed struct {
	*app.Delivery
	due, begun, took int64
}

const (
	landCommon = 13 // what landed deliveries have in common, see landText
	landEach   = 9  // what each has for itself
)

// landTexts insert so many at once.
var landTexts = map[int]string{1: landText(1), 8: landText(8), 64: landText(64)}

// landText inserts n deliveries; what they have in common comes first. The others
// are without numbers: the driver looks for the name of each parameter in a list of
// those that have one.
func landText(n int) string {
	row := `(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13` + strings.Repeat(`, ?`, landEach) + `)`
	return `INSERT INTO deliveries (channel, lane, state, leased, settled, attempts, tries, status, code, answer, next, ref, digest,
		id, event, person, destination, storm, due, created, begun, took) VALUES ` + row + strings.Repeat(`, `+row, n-1) + ` ON CONFLICT DO NOTHING`
}

// land makes rows of deliveries that were taken from a lot, all alike, and returns
// how many those were; one that is a row already is passed over. The lot is deleted
// where these were the last.
func (t *tx) land(ctx context.Context, st *lotState, l *landing, list []landed) (int, error) {
	n, err := t.insertLanded(ctx, st, l, list)
	if err != nil || n == 0 {
		return n, err
	}
	if l.state == app.DeliverySent {
		if err := t.countSent(ctx, st.channel, n); err != nil {
			return n, err
		}
	}
	if st.gone += n; st.gone >= st.n { // else it is folded once all of it is done
		_, err := t.exec(ctx, `DELETE FROM lots WHERE id = ?`, st.lot)
		return n, err
	}
	_, err = t.exec(ctx, `UPDATE lot_states SET gone = ? WHERE lot = ?`, st.gone, st.lot)
	return n, err
}

func (t *tx) insertLanded(ctx context.Context, st *lotState, l *landing, list []landed) (int, error) {
	args := make([]any, landCommon, landCommon+64*landEach)
	copy(args, []any{
		int64(st.channel), st.lane, string(l.state), int64(l.leased), l.settled, int64(l.attempts), int64(l.tries), int64(l.status),
		l.code, l.answer, l.next, l.ref, l.digest,
	})
	total := 0
	for len(list) > 0 {
		n := 1
		if len(list) >= 64 {
			n = 64
		} else if len(list) >= 8 {
			n = 8
		}
		args = args[:landCommon]
		for i := range list[:n] {
			d := &list[i]
			args = append(args, string(d.ID), d.Event, int64(d.Person), int64(d.Destination), d.Group, d.due, millis(d.Created), d.begun, d.took)
		}
		added, err := t.exec(ctx, landTexts[n], args...)
		if err != nil {
			return total, err
		}
		total += int(added)
		list = list[n:]
	}
	return total, nil
}

// unlot makes rows of what is in lots: of all, or of those for which a condition
// holds. What is being sent stays claimed.
func (t *tx) unlot(ctx context.Context, which string, args ...any) error {
	states, err := lotStates(ctx, t, which, args...)
	if err != nil {
		return err
	}
	for i := range states {
		if err := t.unlotOne(ctx, &states[i]); err != nil {
			return err
		}
	}
	return nil
}

// unlotFuture is unlot for those in which something waits for a later time.
func (t *tx) unlotFuture(ctx context.Context, now int64) error {
	states, err := lotStates(ctx, t, `WHERE taken < n`)
	if err != nil {
		return err
	}
	for i := range states {
		list, err := lotList(ctx, t, &states[i], "")
		if err != nil {
			return err
		}
		if millis(list[len(list)-1].Due) <= now && !slices.ContainsFunc(list, func(d app.Delivery) bool { return millis(d.Created) > now }) {
			continue
		}
		if err := t.unlotOne(ctx, &states[i]); err != nil {
			return err
		}
	}
	return nil
}

// unlotAll is unlot for all, lot by lot, so that nobody waits behind it for long. What
// is decided meanwhile is left for who calls it.
func (s *Store) unlotAll(ctx context.Context) error {
	last, err := s.number(ctx, "look for packed deliveries", `SELECT coalesce(max(lot), 0) FROM lot_states`)
	for more := last > 0; more && err == nil; {
		err = s.change(ctx, "unpack deliveries", func(ctx context.Context, t *tx) error {
			states, err := lotStates(ctx, t, `WHERE lot <= ? ORDER BY lot LIMIT 1`, last)
			if more = len(states) > 0; err != nil || !more {
				return err
			}
			return t.unlotOne(ctx, &states[0])
		})
	}
	return err
}

func (t *tx) unlotOne(ctx context.Context, st *lotState) error {
	list, err := inLot(ctx, t, st, "")
	if err != nil {
		return err
	}
	// An event that is gone took its deliveries along.
	events := make(map[int64]bool, len(list))
	for _, p := range list {
		events[p.Event] = false
	}
	rows, err := t.query(ctx, `SELECT id FROM events WHERE id IN (SELECT value FROM json_each(?))`, jsonKeys(events))
	if err := eachInt(rows, err, func(id int64) { events[id] = true }); err != nil {
		return err
	}
	var waiting, flying []landed
	sent := make(map[*sentLot][]landed)
	for _, p := range list {
		switch l := (landed{p.Delivery, millis(p.Due), p.begun, p.took}); {
		case !events[p.Event]:
		case p.sent != nil:
			sent[p.sent] = append(sent[p.sent], l)
		case p.taken:
			flying = append(flying, l)
		default:
			waiting = append(waiting, l)
		}
	}
	if _, err := t.insertLanded(ctx, st, &landing{state: app.DeliveryWaiting}, waiting); err != nil {
		return err
	}
	if _, err := t.insertLanded(ctx, st, &landing{state: app.DeliveryWaiting, leased: 1, attempts: 1, tries: 1}, flying); err != nil {
		return err
	}
	for s, list := range sent {
		l := landing{state: app.DeliverySent, attempts: 1, tries: 1, status: s.status, settled: s.settled, answer: s.answer, ref: s.ref}
		n, err := t.insertLanded(ctx, st, &l, list)
		if err != nil {
			return err
		}
		if err := t.countSent(ctx, st.channel, n); err != nil {
			return err
		}
	}
	_, err = t.exec(ctx, `DELETE FROM lots WHERE id = ?`, st.lot)
	return err
}

// countSent counts rows that were sent before they were rows.
func (t *tx) countSent(ctx context.Context, channel app.Channel, n int) error {
	_, err := t.exec(ctx, `UPDATE delivery_counts SET n = n + ? WHERE channel = ? AND state = 'sent'`, n, int64(channel))
	return err
}
