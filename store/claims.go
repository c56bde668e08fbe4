package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"bellhop/app"
)

func isNoRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }

// Claim takes the due deliveries of a lane in their order, at most limit, to be
// sent: each counts one attempt more, which is on the disk when Claim returns.
// They are the caller's until [Store.Settle], [Store.Release], or the
// [Store.Recover] of the next start. One that is held is as good as one that
// waits once its time has come. A delivery whose person, destination or
// account is gone is given up instead.
func (s *Store) Claim(ctx context.Context, lane string, limit int) ([]app.Claimed, error) {
	if err := s.giveOwed(ctx); err != nil {
		return nil, err
	}
	var c claim // without what happened
	err := s.surely(ctx, "claim deliveries", func(ctx context.Context, t *tx) error {
		c = claim{tx: t, air: &s.air, lane: lane, limit: limit}
		return c.run(ctx)
	})
	if err != nil || len(c.out) == 0 {
		return nil, err
	}
	s.air.rise(&c)
	told, err := s.tell(ctx, c.out)
	if err != nil {
		ids := make([]app.DeliveryID, len(c.out))
		for i := range c.out {
			ids[i] = c.out[i].Delivery.ID
		}
		s.air.owe(ids)
		return nil, errors.Join(err, s.giveOwed(context.WithoutCancel(ctx)))
	}
	return told, nil
}

// giveOwed gives back what was claimed and got to nobody.
func (s *Store) giveOwed(ctx context.Context) error {
	ids := s.air.takeOwed()
	if len(ids) == 0 {
		return nil
	}
	err := s.Release(ctx, ids, time.Time{})
	if err != nil {
		s.air.owe(ids) // the disk is full, say: the next claim tries again
	}
	return err
}

// tell adds to claimed deliveries what happened. That takes as long as the rest
// of a claim and needs no lock, so that the writer does not wait for it. A
// delivery whose event is gone meanwhile is gone too.
func (s *Store) tell(ctx context.Context, list []app.Claimed) ([]app.Claimed, error) {
	known := s.told.take(list)
	if known == len(list) {
		return list, nil
	}
	at := make(map[int64]int, len(list)-known)
	for i := range list {
		if list[i].Event == nil {
			at[list[i].Delivery.Event] = -1
		}
	}
	var found []app.Event
	err := s.look(ctx, "read what happened", func(q querier) (err error) {
		found, err = manyEvents(ctx, q, len(at), ` WHERE e.id IN (SELECT value FROM json_each(?))`, jsonKeys(at))
		return err
	})
	for i := range found {
		at[found[i].ID] = i
	}
	told := list[:0]
	for i := range list {
		c := &list[i]
		if c.Event == nil {
			e := at[c.Delivery.Event]
			if e < 0 {
				s.air.fall(s.air.of([]app.DeliveryID{c.Delivery.ID}))
				continue
			}
			c.Event, c.Delivery.Account = &found[e], found[e].Account
		}
		if len(told) == i {
			told = list[:i+1] // they are large, and mostly all stay
		} else {
			told = append(told, *c)
		}
	}
	return told, err
}

// complete adds to deliveries who gets them and where, and gives up those that
// nobody can get any more.
func (t *tx) complete(ctx context.Context, due []storedDelivery) (full []app.Claimed, dropped int, err error) {
	people, places, err := t.surroundings(ctx, due)
	if err != nil {
		return nil, 0, err
	}
	for _, d := range due {
		c := app.Claimed{Delivery: d.Delivery, Person: people[d.Person], Destination: places[d.Destination]}
		code := ""
		switch {
		case d.leaving:
			code = codeNoAccount
		case c.Person.ID != d.Person:
			code = codeNoPerson
		case c.Destination.ID != d.Destination:
			code = codeNoDestination
		}
		if code == "" {
			full = append(full, c)
			continue
		}
		if _, err := t.drop(ctx, code, `id = ?4`, string(d.ID)); err != nil {
			return nil, 0, err
		}
		dropped++
	}
	return full, dropped, nil
}

// surroundings reads the people and destinations of deliveries.
func (t *tx) surroundings(ctx context.Context, due []storedDelivery) (map[app.PersonID]app.Person, map[app.DestinationID]app.Destination, error) {
	byPerson, byPlace := make(map[app.PersonID]app.Person), make(map[app.DestinationID]app.Destination)
	for _, d := range due {
		if d.Person != 0 {
			byPerson[d.Person] = app.Person{}
		}
		if d.Destination != 0 {
			byPlace[d.Destination] = app.Destination{}
		}
	}
	if len(byPerson) > 0 {
		found, err := people(t.query(ctx, `SELECT `+personColumns+` FROM people WHERE id IN (SELECT value FROM json_each(?))`, jsonKeys(byPerson)))
		if err != nil {
			return nil, nil, err
		}
		for _, p := range found {
			byPerson[p.ID] = p
		}
	}
	if len(byPlace) > 0 {
		found, err := destinations(t.query(ctx, `SELECT `+destinationColumns+` FROM destinations WHERE id IN (SELECT value FROM json_each(?))`, jsonKeys(byPlace)))
		if err != nil {
			return nil, nil, err
		}
		for _, d := range found {
			byPlace[d.ID] = d
		}
	}
	return byPerson, byPlace, nil
}

// jsonKeys is jsonIDs for the keys of a map.
func jsonKeys[K ~int64, V any](m map[K]V) string {
	list := make([]K, 0, len(m))
	for key := range m {
		list = append(list, key)
	}
	return jsonIDs(list)
}

// lease notes that deliveries are being sent. The attempt before moves into the
// table of attempts.
func (t *tx) lease(ctx context.Context, out []app.Claimed, due []storedDelivery) error {
	ids := make([]app.DeliveryID, len(out))
	for i := range out {
		d := &out[i].Delivery
		ids[i] = d.ID
		d.Attempts++
		d.Status, d.Code, d.Answer, d.Next = 0, "", "", ""
	}
	tried := false
	for _, d := range due {
		tried = tried || d.tries > 0
	}
	list := jsonDeliveries(ids)
	if tried {
		if _, err := t.exec(ctx, `INSERT INTO attempts (delivery, n, begun, took, status, code, answer)
			SELECT id, tries, begun, took, status, code, answer FROM deliveries WHERE id IN (SELECT value FROM json_each(?)) AND tries > 0`, list); err != nil {
			return err
		}
	}
	_, err := t.exec(ctx, `UPDATE deliveries SET leased = 1, attempts = attempts + 1, tries = tries + 1, begun = ?1, took = 0, status = 0, code = '', answer = '', next = ''
		WHERE id IN (SELECT value FROM json_each(?2))`, millis(t.now), list)
	return err
}

// jsonDeliveries is jsonIDs for deliveries.
func jsonDeliveries(ids []app.DeliveryID) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = string(id)
	}
	return jsonTexts(texts)
}

// Release gives claimed deliveries back that were not tried, as if they had never
// been claimed. They are due at the given time; the zero time leaves them theirs, or
// makes them due now where the clock was set back since they were claimed.
// Those that are not claimed are passed over.
func (s *Store) Release(ctx context.Context, ids []app.DeliveryID, due time.Time) error {
	flying := s.air.of(ids)
	err := s.surely(ctx, "give deliveries back", func(ctx context.Context, t *tx) error {
		if err := t.giveBack(ctx, flying, millis(due)); err != nil {
			return err
		}
		given, err := deliveryIDs(t.query(ctx, `UPDATE deliveries SET leased = 0, attempts = attempts - 1, tries = tries - 1, due = iif(?1 = 0, min(due, ?3), ?1),
			begun = 0, took = 0, status = 0, code = '', answer = '' WHERE leased = 1 AND id IN (SELECT value FROM json_each(?2)) RETURNING id`,
			millis(due), jsonDeliveries(ids), millis(t.now)))
		if err != nil || len(given) == 0 {
			return err
		}
		t.hint(app.TopicDeliveries)
		list := jsonDeliveries(given)
		for _, text := range []string{
			`UPDATE deliveries SET (begun, took, status, code, answer) = (SELECT begun, took, status, code, answer FROM attempts WHERE delivery = deliveries.id AND n = deliveries.tries)
				WHERE id IN (SELECT value FROM json_each(?)) AND tries > 0`,
			// What may have arrived goes out again as it was.
			`UPDATE deliveries SET digest = '' WHERE id IN (SELECT value FROM json_each(?)) AND digest <> '' AND NOT (tries > 0 AND status = 0)`,
			`DELETE FROM attempts WHERE delivery IN (SELECT value FROM json_each(?)) AND n = (SELECT tries FROM deliveries WHERE id = attempts.delivery)`,
		} {
			if _, err := t.exec(ctx, text, list); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		s.air.fall(flying)
	}
	return err
}

func deliveryIDs(rows *sql.Rows, err error) ([]app.DeliveryID, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []app.DeliveryID
	for rows.Next() {
		var id app.DeliveryID
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, rows.Err()
}

// Recover takes back what a former run had claimed and not settled, and returns
// how many deliveries that were: nobody knows whether they arrived, so they are
// sent again, and such an attempt brings none closer to being given up. It is
// for the start, before the first Claim: one process has the data folder.
func (s *Store) Recover(ctx context.Context) (int, error) {
	var n int64
	err := s.change(ctx, "take deliveries back", func(ctx context.Context, t *tx) (err error) {
		if err := t.unlot(ctx, `WHERE taken > gone + sent`); err != nil {
			return err
		}
		n, err = t.exec(ctx, `UPDATE deliveries SET leased = 0, attempts = max(attempts - 1, 0) WHERE leased = 1`)
		if n > 0 {
			t.hint(app.TopicDeliveries)
		}
		return err
	})
	return int(n), err
}

// Bind notes in which message claimed deliveries are about to leave, on the disk
// when it returns. [Store.Settle] replaces it; it stays where nobody saw how the
// attempt ended. Those that are not claimed are passed over.
func (s *Store) Bind(ctx context.Context, bound []app.Bound) error {
	ids := make([]app.DeliveryID, len(bound))
	for i, b := range bound {
		ids[i] = b.ID
	}
	flying := s.air.of(ids)
	err := s.surely(ctx, "note what leaves together", func(ctx context.Context, t *tx) error {
		if err := t.alight(ctx, flying); err != nil {
			return err
		}
		for digest, ids := range byDigest(bound) {
			if _, err := t.exec(ctx, `UPDATE deliveries SET digest = ? WHERE leased = 1 AND id IN (SELECT value FROM json_each(?))`,
				string(digest), jsonDeliveries(ids)); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		s.air.fall(flying)
	}
	return err
}

func byDigest(bound []app.Bound) map[app.DeliveryID][]app.DeliveryID {
	out := make(map[app.DeliveryID][]app.DeliveryID)
	for _, b := range bound {
		out[b.Digest] = append(out[b.Digest], b.ID)
	}
	return out
}

// longestPause is longer than any pause between two attempts (24 hours and their
// spread) and any hold of a lane that ends by itself.
const longestPause = 36 * time.Hour

// SetBack makes due what waits for a time that only a clock which was wrong can
// have given it: more than any pause away, or of a delivery from the future. It
// returns how many deliveries that were. What waits for somebody goes on waiting.
func (s *Store) SetBack(ctx context.Context) (int, error) {
	var n int64
	err := s.change(ctx, "go by the clock", func(ctx context.Context, t *tx) (err error) {
		now, far := millis(t.now), millis(t.now.Add(longestPause))
		if err := t.unlotFuture(ctx, now); err != nil {
			return err
		}
		if n, err = t.exec(ctx, `UPDATE deliveries SET due = ?1 WHERE lane IN (SELECT id FROM lanes) AND `+open+` AND due > ?1 AND due < ?3
			AND (created > ?1 OR due > ?2 AND state = 'waiting')`, now, far, endless); err != nil {
			return err
		}
		held, err := t.exec(ctx, `UPDATE lanes SET not_before = 0 WHERE not_before > ? AND not_before < ?`, far, stoppedFrom)
		if n > 0 || held > 0 {
			t.hint(app.TopicDeliveries, app.TopicOutbox)
		}
		return err
	})
	return int(n), err
}

// week is how close to the end of time a hold is that has no end: callers have
// several last moments of the year 9999.
const week = 7 * 24 * time.Hour
