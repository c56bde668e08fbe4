package store

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"bellhop/app"
)

// Deliveries that are decided together for one lane are stored as one row, a lot.
// They are claimed from it in their order, and what was sent is noted about many at
// once; it becomes rows when the storm is over ([Store.foldLots]). What failed is a
// row at once. Whatever else happens to one of them (it is sent again by hand, its
// destination is removed) makes rows of the lot first, so that all of that need not
// know of lots. Reading does: [Store.Deliveries] and its like see no difference. A lot begins with texts that recur (groups);
// then each delivery has 26 letters of its id and numbers as in
// [binary.AppendUvarint].

const (
	// lotFrom is from how many deliveries of a lane on they become a lot.
	lotFrom = 32
	// lotMost bounds one lot: it is read as a whole.
	lotMost = 1000
	// lotsMost bounds how many deliveries are in lots together; what comes
	// meanwhile becomes rows. To read them all, which a page of the ledger does,
	// takes some milliseconds.
	lotsMost = 65_536
)

// lot is deliveries that are stored together. All wait, on the same lane.
type lot struct {
	lane    string
	channel app.Channel
	list    []app.Delivery // by due and id
}

// lotsOf returns the lots that can be made of what is routed, and sets what is
// left of each event's deliveries then.
func lotsOf(list []ready, from int, now time.Time) []lot {
	type key struct {
		lane    string
		channel app.Channel
	}
	count := make(map[key]int)
	for i := range list {
		for j := range list[i].Deliveries {
			if d := &list[i].Deliveries[j]; fitsLot(d) {
				count[key{d.Lane, d.Channel}]++
			}
		}
	}
	byKey := make(map[key]int)
	var out []lot
	for i := range list {
		r := &list[i]
		r.rest = r.Deliveries
		taken := false
		for j := range r.Deliveries {
			d := &r.Deliveries[j]
			k := key{d.Lane, d.Channel}
			into := fitsLot(d) && count[k] >= from
			if into && !taken {
				taken = true
				r.rest = slices.Clone(r.Deliveries[:j])
			}
			if taken && slices.ContainsFunc(r.Deliveries[:j], func(o app.Delivery) bool {
				return o.Destination == d.Destination && o.Person == d.Person && o.Channel == d.Channel
			}) {
				continue // the event has it already
			}
			if !into {
				if taken {
					r.rest = append(r.rest, *d)
				}
				continue
			}
			at, ok := byKey[k]
			if !ok {
				at = len(out)
				byKey[k] = at
				out = append(out, lot{lane: d.Lane, channel: d.Channel, list: make([]app.Delivery, 0, count[k])})
			}
			packed := *d
			packed.Event, packed.State = r.Event, app.DeliveryWaiting
			if packed.Created.IsZero() {
				packed.Created = now
			}
			out[at].list = append(out[at].list, packed)
		}
	}
	var cut []lot
	for _, l := range out {
		slices.SortFunc(l.list, func(a, b app.Delivery) int {
			return cmp.Or(cmp.Compare(millis(a.Due), millis(b.Due)), cmp.Compare(a.ID, b.ID))
		})
		for part := range slices.Chunk(l.list, lotMost) {
			cut = append(cut, lot{l.lane, l.channel, part})
		}
	}
	return cut
}

// fitsLot says whether a delivery can wait in a lot; the table judges the others.
func fitsLot(d *app.Delivery) bool {
	return len(d.ID) == idLetters && d.Lane != "" && d.Person >= 0 && d.Destination >= 0 && d.Channel <= lastChannel &&
		(d.State == app.DeliveryWaiting || d.State == "") && millis(d.Due) >= 0 && millis(d.Created) >= 0
}

// packLot is the list of a lot in the form in which it is stored.
func packLot(list []app.Delivery) []byte {
	texts, entries := dictionary[string]{}, make([]byte, 0, 50*len(list))
	for i := range list {
		d := &list[i]
		entries = append(entries, d.ID...)
		for _, n := range [...]uint64{
			uint64(d.Event), uint64(d.Person), uint64(d.Destination), texts.index(d.Group), // #nosec G115 -- none is negative
			uint64(millis(d.Due)), uint64(millis(d.Created)), // #nosec G115 -- none is negative
		} {
			entries = binary.AppendUvarint(entries, n)
		}
	}
	return append(packTexts(texts.list, len(entries)), entries...)
}

// unpackLot is the reverse of [packLot].
func unpackLot(packed []byte, lane string, channel app.Channel) ([]app.Delivery, error) {
	u := unpacker{rest: packed}
	texts := make([]string, min(u.number(), uint64(len(packed))))
	for i := range texts {
		texts[i] = string(u.bytes(int(min(u.number(), uint64(len(packed)+1))))) // #nosec G115 -- it is bounded
	}
	out := make([]app.Delivery, 0, len(u.rest)/(idLetters+20))
	for len(u.rest) > 0 && !u.bad {
		d := app.Delivery{ID: app.DeliveryID(u.bytes(idLetters)), State: app.DeliveryWaiting, Lane: lane, Channel: channel}
		var n [6]uint64
		for i := range n {
			n[i] = u.number()
		}
		if u.bad || n[3] >= uint64(len(texts)) {
			u.bad = true
			break
		}
		d.Event, d.Person, d.Destination, d.Group = int64(n[0]), app.PersonID(n[1]), app.DestinationID(n[2]), texts[n[3]] // #nosec G115 -- they were such
		d.Due, d.Created = fromMillis(int64(n[4])), fromMillis(int64(n[5]))                                               // #nosec G115 -- they were such
		out = append(out, d)
	}
	if u.bad {
		return nil, errors.Join(errDamaged, errPacked)
	}
	return out, nil
}

// addLots stores lots, where there is room for them; ok is false where there is
// not, and then nothing was stored.
func (t *tx) addLots(ctx context.Context, lots []lot, lanes map[string]int64) (ok bool, err error) {
	var waiting, n int
	for _, l := range lots {
		n += len(l.list)
	}
	if err := t.row(ctx, `SELECT coalesce(sum(n - gone), 0) FROM lot_states`).Scan(&waiting); err != nil || n == 0 || waiting+n > lotsMost {
		return false, err
	}
	for _, l := range lots {
		lane, err := t.laneOf(ctx, l.lane, l.channel, lanes)
		if err != nil {
			return false, err
		}
		id, err := t.insert(ctx, `INSERT INTO lots (list) VALUES (?)`, packLot(l.list))
		if err != nil {
			return false, err
		}
		if _, err := t.exec(ctx, `INSERT INTO lot_states (lot, lane, channel, n, due, head) VALUES (?, ?, ?, ?, ?, ?)`,
			id, lane, int64(l.channel), len(l.list), millis(l.list[0].Due), string(l.list[0].ID)); err != nil {
			return false, err
		}
	}
	t.hint(app.TopicDeliveries, app.TopicOutbox)
	return true, nil
}
