package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"bellhop/app"
)

// open is the condition on deliveries that they may be claimed; it is that of
// the index deliveries_open, word by word.
const open = `state IN ('waiting', 'held') AND leased = 0`

// odd is the condition of the index deliveries_odd, word by word: without it,
// SQLite does not see that the index has every delivery of such a state.
const odd = `state <> 'waiting' AND state <> 'sent'`

// laneID returns the number of a lane, which is made where there is none yet.
func (t *tx) laneID(ctx context.Context, key string, channel app.Channel) (int64, error) {
	var id int64
	err := t.row(ctx, `SELECT id FROM lanes WHERE key = ?`, key).Scan(&id)
	if err == nil || !isNoRows(err) {
		return id, err
	}
	return t.insert(ctx, `INSERT INTO lanes (key, channel, not_before) VALUES (?, ?, 0)`, key, int64(channel))
}

// Lanes returns the lanes in which something waits, the one whose turn comes
// first in front, and those that are held. It costs one look into an index for
// each lane, however much waits.
func (s *Store) Lanes(ctx context.Context) ([]app.Lane, error) {
	var out []app.Lane
	if err := s.giveOwed(ctx); err != nil {
		return nil, err
	}
	now := millis(s.now())
	err := s.look(ctx, "list the lanes", func(q querier) error {
		out = nil
		rows, err := q.query(ctx, `SELECT l.key, l.channel, l.not_before, (SELECT due FROM deliveries WHERE lane = l.id AND `+open+` ORDER BY due LIMIT 1),
			(SELECT due FROM lot_states WHERE lane = l.id AND taken < n ORDER BY due LIMIT 1) FROM lanes AS l`)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var l app.Lane
			var hold int64
			var due, packed sql.NullInt64
			if err := rows.Scan(&l.Key, &l.Channel, &hold, &due, &packed); err != nil {
				return err
			}
			if packed.Valid && (!due.Valid || packed.Int64 < due.Int64) {
				due = packed
			}
			if hold > now {
				l.Held = fromMillis(hold)
			}
			if due.Valid {
				l.First = fromMillis(max(due.Int64, 1))
			}
			if due.Valid || hold > now {
				out = append(out, l)
			}
		}
		return rows.Err()
	})
	slices.SortFunc(out, func(a, b app.Lane) int { return cmp.Or(a.Due().Compare(b.Due()), cmp.Compare(a.Key, b.Key)) })
	return out, err
}

// hold keeps everything of a lane until a time; the zero time lets it go. A hold
// without end stays until somebody ends it: what was in the air says nothing
// against that.
func (t *tx) hold(ctx context.Context, lane int64, until time.Time) error {
	_, err := t.exec(ctx, `UPDATE lanes SET not_before = ?1 WHERE id = ?2 AND not_before <> ?1 AND not_before < ?3`, millis(until), lane, stoppedFrom)
	return err
}

// HoldLane keeps everything of a lane until [Store.ReleaseLane], also what comes
// later.
func (s *Store) HoldLane(ctx context.Context, lane string, channel app.Channel) error {
	return s.change(ctx, "hold the lane", func(ctx context.Context, t *tx) error {
		id, err := t.laneID(ctx, lane, channel)
		if err != nil {
			return err
		}
		t.hint(app.TopicDeliveries, app.TopicOutbox)
		return t.hold(ctx, id, fromMillis(endless))
	})
}

// RetryLanes makes due what failed on any lane that nobody has closed, and ends the
// lanes' holds: the network may be there again. It returns how many deliveries those
// were. Where nothing is, which is usual, nothing is written, and the writer does not
// wait for the search.
func (s *Store) RetryLanes(ctx context.Context) (int, error) {
	const failed = open + ` AND due > ?1 AND state = 'waiting' AND attempts > 0`
	some, err := s.number(ctx, "look for what failed", `SELECT EXISTS (SELECT 1 FROM lanes WHERE not_before BETWEEN ?1 AND ?2)
		OR EXISTS (SELECT 1 FROM deliveries WHERE lane IN (SELECT id FROM lanes WHERE NOT `+stopped+`) AND `+failed+`)`, millis(s.now()), stoppedFrom-1)
	if err != nil || some == 0 {
		return 0, err
	}
	return s.inChunks(ctx, "try what failed", func(ctx context.Context, t *tx) (int64, error) {
		if _, err := t.exec(ctx, `UPDATE lanes SET not_before = 0 WHERE not_before BETWEEN 1 AND ?`, stoppedFrom-1); err != nil {
			return 0, err
		}
		n, err := t.exec(ctx, `UPDATE deliveries SET due = ?1 WHERE id IN (SELECT id FROM deliveries WHERE lane IN (SELECT id FROM lanes WHERE NOT `+stopped+`)
			AND `+failed+` LIMIT ?2)`, millis(t.now), deliveryChunk)
		t.hint(app.TopicDeliveries, app.TopicOutbox)
		return n, err
	})
}

// ReleaseLane ends the hold of a lane: its other side was mended. What failed
// there and waits for its next attempt is due now. A lane that is not known has
// no hold.
func (s *Store) ReleaseLane(ctx context.Context, lane string) error {
	return s.letGo(ctx, lane, endless)
}

// RetryLane is [Store.ReleaseLane] but for a hold without end, which stays.
func (s *Store) RetryLane(ctx context.Context, lane string) error {
	return s.letGo(ctx, lane, stoppedFrom-1)
}

// letGo ends the hold of a lane up to the latest one, and makes due what failed there.
func (s *Store) letGo(ctx context.Context, lane string, latest int64) error {
	_, err := s.inChunks(ctx, "let the lane go", func(ctx context.Context, t *tx) (int64, error) {
		if _, err := t.exec(ctx, `UPDATE lanes SET not_before = 0 WHERE key = ? AND not_before BETWEEN 1 AND ?`, lane, latest); err != nil {
			return 0, err
		}
		t.hint(app.TopicDeliveries, app.TopicOutbox)
		return t.exec(ctx, `UPDATE deliveries SET due = ?1 WHERE id IN (SELECT id FROM deliveries WHERE lane = (SELECT id FROM lanes WHERE key = ?2)
			AND `+open+` AND due > ?1 AND state = 'waiting' AND attempts > 0 LIMIT ?3)`, millis(t.now), lane, deliveryChunk)
	})
	return err
}

// inChunks repeats a change until it changes less than a chunk of deliveries, so
// that nobody waits behind a million of them. It returns how many those were.
func (s *Store) inChunks(ctx context.Context, step string, fn func(context.Context, *tx) (int64, error)) (int, error) {
	for total := 0; ; {
		var n int64
		err := s.change(ctx, step, func(ctx context.Context, t *tx) (err error) {
			n, err = fn(ctx, t)
			return err
		})
		if err != nil {
			return total, err
		}
		if total += int(n); n < deliveryChunk {
			return total, nil
		}
	}
}

// DropLane gives up what waits on a lane whose destination is gone, and returns
// how many deliveries that were. What is being sent just now is not touched.
func (s *Store) DropLane(ctx context.Context, lane string) (int, error) {
	if err := s.unlotAll(ctx); err != nil {
		return 0, err
	}
	return s.inChunks(ctx, "give the lane up", func(ctx context.Context, t *tx) (int64, error) {
		if err := t.unlot(ctx, `WHERE lane = (SELECT id FROM lanes WHERE key = ?)`, lane); err != nil {
			return 0, err
		}
		return t.drop(ctx, codeNoDestination, `lane = (SELECT id FROM lanes WHERE key = ?4) AND `+open, lane)
	})
}

// dropDestination gives up what waits for a destination that is gone. It may be
// left undone: [Store.Claim] gives up what it finds.
func (s *Store) dropDestination(ctx context.Context, id app.DestinationID) error {
	var lanes []int64
	if err := s.unlotAll(ctx); err != nil {
		return err
	}
	err := s.change(ctx, "unpack what waits for the destination", func(ctx context.Context, t *tx) error { return t.unlot(ctx, ``) })
	if err != nil {
		return err
	}
	err = s.look(ctx, "find what waits for the destination", func(q querier) error {
		lanes = nil
		rows, err := q.query(ctx, `SELECT DISTINCT lane FROM deliveries INDEXED BY deliveries_open WHERE `+open+` AND destination = ?`, id)
		return eachInt(rows, err, func(lane int64) { lanes = append(lanes, lane) })
	})
	if err != nil {
		return err
	}
	for _, lane := range lanes {
		if _, err := s.inChunks(ctx, "give up what waits for the destination", func(ctx context.Context, t *tx) (int64, error) {
			return t.drop(ctx, codeNoDestination, `lane = ?4 AND `+open+` AND destination = ?5`, lane, id)
		}); err != nil {
			return err
		}
	}
	return nil
}

// The codes of deliveries that were given up.
const (
	codeNoDestination = "destination_removed"
	codeNoPerson      = "person_removed"
	codeNoAccount     = "account_removed"
)

// drop gives up the deliveries for which a condition holds, at most a chunk of
// them; its parameters are the fourth and those that follow.
func (t *tx) drop(ctx context.Context, code, which string, args ...any) (int64, error) {
	n, err := t.exec(ctx, `UPDATE deliveries SET state = 'dropped', settled = ?1, status = 0, code = ?2, answer = '', next = ''
		WHERE id IN (SELECT id FROM deliveries WHERE `+which+` LIMIT ?3)`, append([]any{millis(t.now), code, deliveryChunk}, args...)...)
	if n > 0 {
		t.hint(app.TopicDeliveries)
	}
	return n, err
}

// LaneHistory returns when messages were sent on a lane since a time, oldest
// first; a digest counts once.
func (s *Store) LaneHistory(ctx context.Context, lane string, since time.Time) ([]time.Time, error) {
	return s.sentTimes(ctx, `SELECT min(settled) FROM deliveries WHERE lane = (SELECT id FROM lanes WHERE key = ?1) AND settled >= ?2
		AND state = 'sent' AND ?3 = '' GROUP BY iif(digest = '', id, digest) ORDER BY 1`, lane, since, "")
}

// GroupHistory is LaneHistory for the deliveries of one group.
func (s *Store) GroupHistory(ctx context.Context, lane, group string, since time.Time) ([]time.Time, error) {
	return s.sentTimes(ctx, `SELECT min(settled) FROM deliveries WHERE lane = (SELECT id FROM lanes WHERE key = ?1) AND settled >= ?2
		AND state = 'sent' AND storm = ?3 GROUP BY iif(digest = '', id, digest) ORDER BY 1`, lane, since, group)
}

func (s *Store) sentTimes(ctx context.Context, text, lane string, since time.Time, group string) ([]time.Time, error) {
	if err := s.foldLane(ctx, lane); err != nil {
		return nil, err
	}
	var out []time.Time
	err := s.look(ctx, "look what was sent lately", func(q querier) error {
		out = nil
		rows, err := q.query(ctx, text, lane, ceilMillis(since), group)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var at int64
			if err := rows.Scan(&at); err != nil {
				return err
			}
			out = append(out, fromMillis(at))
		}
		return rows.Err()
	})
	return out, err
}

// ceilMillis is the first stored time that is not before t.
func ceilMillis(t time.Time) int64 {
	ms := millis(t)
	if !t.IsZero() && t.After(time.UnixMilli(ms)) {
		ms++
	}
	return ms
}
