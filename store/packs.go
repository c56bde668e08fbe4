package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"bellhop/app"
)

// An event that goes to thousands of people is routed as one row, a pack, so that
// nobody waits for thousands of them; in the background it is then unpacked into
// deliveries. A pack holds texts that recur (lanes and groups) once, and for each
// delivery 26 letters of its id and numbers as in [binary.AppendUvarint].

const (
	// packFrom is from how many deliveries of one event on they are packed.
	packFrom = 256
	// unpackChunk is how many are unpacked in one change: some milliseconds.
	unpackChunk = 200
	// idLetters is how long the id of a delivery is.
	idLetters = 26
)

// pack is deliveries of one event in the form in which they are stored.
func pack(list []app.Delivery, now time.Time) ([]byte, error) {
	// Most have a lane or a group for themselves.
	texts := dictionary[string]{at: make(map[string]uint64, len(list)), list: make([]string, 0, len(list))}
	entries := make([]byte, 0, 50*len(list))
	for i := range list {
		d := &list[i]
		if len(d.ID) != idLetters || d.Lane == "" || d.Person < 0 || d.Channel > lastChannel || d.Destination < 0 {
			return nil, fmt.Errorf("delivery %q on lane %q: %w", d.ID, d.Lane, app.ErrInvalid)
		}
		created := d.Created
		if created.IsZero() {
			created = now
		}
		held := uint64(0)
		switch d.State {
		case app.DeliveryHeld:
			held = 1
		case app.DeliveryWaiting, "":
		case app.DeliverySent, app.DeliveryDead, app.DeliveryDropped:
			return nil, fmt.Errorf("delivery %q is %s: %w", d.ID, d.State, app.ErrInvalid)
		}
		entries = append(entries, d.ID...)
		for _, n := range [...]uint64{
			uint64(d.Person), uint64(d.Channel), uint64(d.Destination), // #nosec G115 -- none is negative
			texts.index(d.Lane), texts.index(d.Group), held,
			uint64(max(heldDue(d.State, d.Due), 0)), uint64(max(millis(created), 0)), // #nosec G115 -- none is negative
		} {
			entries = binary.AppendUvarint(entries, n)
		}
	}
	return append(packTexts(texts.list, len(entries)), entries...), nil
}

// packTexts is texts as they stand in front of what refers to them, with room for
// that.
func packTexts(texts []string, room int) []byte {
	size := binary.MaxVarintLen64
	for _, text := range texts {
		size += binary.MaxVarintLen32 + len(text)
	}
	out := binary.AppendUvarint(make([]byte, 0, size+room), uint64(len(texts)))
	for _, text := range texts {
		out = append(binary.AppendUvarint(out, uint64(len(text))), text...)
	}
	return out
}

// unpack is the reverse of [pack].
func unpack(packed []byte) ([]app.Delivery, error) {
	u := unpacker{rest: packed}
	texts := make([]string, min(u.number(), uint64(len(packed))))
	for i := range texts {
		texts[i] = string(u.bytes(int(min(u.number(), uint64(len(packed)+1))))) // #nosec G115 -- it is bounded
	}
	var out []app.Delivery
	for len(u.rest) > 0 && !u.bad {
		d := app.Delivery{ID: app.DeliveryID(u.bytes(idLetters)), State: app.DeliveryWaiting}
		var n [8]uint64
		for i := range n {
			n[i] = u.number()
		}
		if u.bad || n[3] >= uint64(len(texts)) || n[4] >= uint64(len(texts)) || n[1] > uint64(lastChannel) {
			u.bad = true
			break
		}
		d.Person, d.Channel, d.Destination = app.PersonID(n[0]), app.Channel(n[1]), app.DestinationID(n[2]) // #nosec G115 -- they were such
		d.Lane, d.Group = texts[n[3]], texts[n[4]]
		if n[5] == 1 {
			d.State = app.DeliveryHeld
		}
		d.Due, d.Created = fromMillis(int64(n[6])), fromMillis(int64(n[7])) // #nosec G115 -- they were such
		out = append(out, d)
	}
	if u.bad {
		return nil, errors.Join(errDamaged, errPacked)
	}
	return out, nil
}

// unpackAll turns packs into deliveries as they come, until ctx ends.
func (s *Store) unpackAll(ctx context.Context) {
	for {
		if err := s.unpackWaiting(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "deliveries are not unpacked yet", "error", err)
			timer := time.NewTimer(unpackRest)
			select {
			case <-ctx.Done():
			case <-timer.C:
			}
			timer.Stop()
			if ctx.Err() == nil {
				continue
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-s.packed:
		}
	}
}

// unpackRest is the pause after unpacking has failed: the disk may be full.
const unpackRest = 5 * time.Second

// unpackWaiting unpacks all that is packed, the oldest first.
func (s *Store) unpackWaiting(ctx context.Context) error {
	for {
		id, event, done, list, err := s.nextPack(ctx)
		if err != nil || id == 0 {
			return err
		}
		for done < len(list) || len(list) == 0 {
			next := min(done+unpackChunk, len(list))
			err := s.change(ctx, "unpack deliveries", func(ctx context.Context, t *tx) error {
				if next == len(list) {
					if n, err := t.exec(ctx, `DELETE FROM packs WHERE id = ?`, id); err != nil || n == 0 {
						return err // its event is gone
					}
				} else if n, err := t.exec(ctx, `UPDATE packs SET done = ? WHERE id = ?`, next, id); err != nil || n == 0 {
					return err
				}
				return t.deliver(ctx, event, list[done:next], make(map[string]int64))
			})
			if err != nil {
				return err
			}
			if done = next; done == len(list) {
				break
			}
		}
	}
}

// nextPack reads the oldest pack; id is 0 where there is none.
func (s *Store) nextPack(ctx context.Context) (id, event int64, done int, list []app.Delivery, err error) {
	var packed []byte
	err = s.look(ctx, "read packed deliveries", func(q querier) error {
		err := q.row(ctx, `SELECT id, event, done, list FROM packs ORDER BY id LIMIT 1`).Scan(&id, &event, &done, &packed)
		if isNoRows(err) {
			id = 0
			return nil
		}
		return err
	})
	if err != nil || id == 0 {
		return 0, 0, 0, nil, err
	}
	list, err = unpack(packed)
	return id, event, done, list, err
}
