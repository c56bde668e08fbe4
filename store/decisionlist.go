package store

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"bellhop/app"
)

// The form in which the decisions about one event are stored, so that those for
// ten thousand people are one row: numbers as in [binary.AppendUvarint]; first how
// many chains of rules there are, and these; then for each decision, ordered by
// person, channel and destination, how much the person's number is above that of
// the one before, channel and verdict in a byte, the destination, and which chain.

// lastChannel is the highest channel that a database knows.
const lastChannel = app.Channel(6)

// encodeDecisions returns nil for none. Of several for the same the first counts.
func encodeDecisions(list []app.Decision) ([]byte, error) {
	if len(list) == 0 {
		return nil, nil
	}
	order := func(a, b app.Decision) int {
		return cmp.Or(cmp.Compare(a.Person, b.Person), cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Destination, b.Destination))
	}
	if !slices.IsSortedFunc(list, order) {
		list = slices.Clone(list)
		slices.SortStableFunc(list, order)
	}
	chains, entries := dictionary[app.Chain]{}, make([]byte, 0, 5*len(list))
	last := app.PersonID(0)
	for i, d := range list {
		if i > 0 && order(list[i-1], d) == 0 {
			continue
		}
		if d.Person < 0 || d.Channel > lastChannel || d.Destination < 0 {
			return nil, fmt.Errorf("person %d, channel %d, destination %d: %w", d.Person, d.Channel, d.Destination, app.ErrInvalid)
		}
		entries = binary.AppendUvarint(entries, uint64(d.Person-last)) // #nosec G115 -- they ascend from 0
		entries = append(entries, byte(d.Channel)<<2|verdict(d))
		entries = binary.AppendUvarint(entries, uint64(d.Destination)) // #nosec G115 -- it is not negative
		entries = binary.AppendUvarint(entries, chains.index(d.Why))
		last = d.Person
	}
	out := binary.AppendUvarint(nil, uint64(len(chains.list)))
	for _, c := range chains.list {
		out = binary.AppendUvarint(out, uint64(c))
	}
	return append(out, entries...), nil
}

func verdict(d app.Decision) byte {
	switch {
	case d.Yes && d.Held:
		return verdictHeld
	case d.Yes:
		return verdictYes
	}
	return verdictNo
}

// dictionary numbers values in the order in which they come.
type dictionary[T comparable] struct {
	list   []T
	at     map[T]uint64
	last   T // the one that was asked for last, where there is any
	lastAt uint64
}

func (d *dictionary[T]) index(v T) uint64 {
	if len(d.list) > 0 && v == d.last {
		return d.lastAt // mostly the same comes again
	}
	d.last = v
	if i, ok := d.at[v]; ok {
		d.lastAt = i
		return i
	}
	if d.at == nil {
		d.at = make(map[T]uint64)
	}
	i := uint64(len(d.list))
	d.at[v] = i
	d.list = append(d.list, v)
	d.lastAt = i
	return i
}

// unpacker reads numbers and texts off bytes; bad is set at the first that is
// not there.
type unpacker struct {
	rest []byte
	bad  bool
}

func (u *unpacker) number() uint64 {
	n, size := binary.Uvarint(u.rest)
	if size <= 0 {
		u.bad, u.rest = true, nil
		return 0
	}
	u.rest = u.rest[size:]
	return n
}

func (u *unpacker) bytes(n int) []byte {
	if n < 0 || n > len(u.rest) {
		u.bad, u.rest = true, nil
		return make([]byte, max(n, 0)&0xff)
	}
	out := u.rest[:n]
	u.rest = u.rest[n:]
	return out
}

var errPacked = errors.New("a packed list cannot be read")

// decodeDecisions is the reverse of [encodeDecisions].
func decodeDecisions(event int64, packed []byte) ([]app.Decision, error) {
	if len(packed) == 0 {
		return nil, nil
	}
	u := unpacker{rest: packed}
	chains := make([]app.Chain, min(u.number(), uint64(len(packed))))
	for i := range chains {
		chains[i] = app.Chain(u.number())
	}
	var out []app.Decision
	person := app.PersonID(0)
	for len(u.rest) > 0 && !u.bad {
		person += app.PersonID(u.number()) // #nosec G115 -- it was one
		what := u.bytes(1)
		d := app.Decision{Event: event, Person: person, Destination: app.DestinationID(u.number())} // #nosec G115 -- it was one
		chain := u.number()
		if u.bad || chain >= uint64(len(chains)) {
			u.bad = true
			break
		}
		d.Channel, d.Why = app.Channel(what[0]>>2), chains[chain]
		d.Yes, d.Held = what[0]&3 != verdictNo, what[0]&3 == verdictHeld
		out = append(out, d)
	}
	if u.bad {
		return nil, errors.Join(errDamaged, fmt.Errorf("decisions of event %d: %w", event, errPacked))
	}
	return out, nil
}
