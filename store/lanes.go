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
// first in front. Due is when that is: of the lane's first delivery, or the end
// of the lane's hold where that is later. It costs one look into an index for
// each lane, however much waits.
func (s *Store) Lanes(ctx context.Context) ([]app.Lane, error) {
	var out []app.Lane
	err := s.look(ctx, "list the lanes", func(q querier) error {
		out = nil
		rows, err := q.query(ctx, `SELECT l.key, l.channel, l.not_before, (SELECT due FROM deliveries WHERE lane = l.id AND `+open+` ORDER BY due LIMIT 1) FROM lanes AS l`)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var l app.Lane
			var hold int64
			var due sql.NullInt64
			if err := rows.Scan(&l.Key, &l.Channel, &hold, &due); err != nil {
				return err
			}
			if due.Valid {
				l.Due = fromMillis(max(due.Int64, hold))
				out = append(out, l)
			}
		}
		return rows.Err()
	})
	slices.SortFunc(out, func(a, b app.Lane) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Key, b.Key)) })
	return out, err
}

// hold keeps everything of a lane until a time; the zero time lets it go.
func (t *tx) hold(ctx context.Context, lane int64, until time.Time) error {
	_, err := t.exec(ctx, `UPDATE lanes SET not_before = ?1 WHERE id = ?2 AND not_before <> ?1`, millis(until), lane)
	return err
}

// ReleaseLane ends the hold of a lane: its other side was mended. What failed
// there and waits for its next attempt is due now. A lane that is not known has
// no hold.
func (s *Store) ReleaseLane(ctx context.Context, lane string) error {
	return s.change(ctx, "let the lane go", func(ctx context.Context, t *tx) error {
		var id int64
		if err := t.row(ctx, `SELECT id FROM lanes WHERE key = ?`, lane).Scan(&id); err != nil {
			if isNoRows(err) {
				return nil
			}
			return err
		}
		if err := t.hold(ctx, id, time.Time{}); err != nil {
			return err
		}
		t.hint(app.TopicDeliveries, app.TopicOutbox)
		_, err := t.exec(ctx, `UPDATE deliveries SET due = ?1 WHERE lane = ?2 AND `+open+` AND due > ?1 AND state = 'waiting' AND attempts > 0`,
			millis(t.now), id)
		return err
	})
}

// DropLane gives up what waits on a lane whose destination is gone, and returns
// how many deliveries that were. What is being sent just now is not touched.
func (s *Store) DropLane(ctx context.Context, lane string) (int, error) {
	var n int
	err := s.change(ctx, "give the lane up", func(ctx context.Context, t *tx) (err error) {
		n, err = t.drop(ctx, codeNoDestination, `lane = (SELECT id FROM lanes WHERE key = ?3) AND `+open, lane)
		return err
	})
	return n, err
}

// The codes of deliveries that were given up.
const (
	codeNoDestination = "destination_removed"
	codeNoPerson      = "person_removed"
)

// drop gives up the deliveries for which a condition holds; its parameter is
// the third.
func (t *tx) drop(ctx context.Context, code, which string, arg any) (int, error) {
	n, err := t.exec(ctx, `UPDATE deliveries SET state = 'dropped', settled = ?1, leased = 0, status = 0, code = ?2, answer = '', next = '' WHERE `+which,
		millis(t.now), code, arg)
	if n > 0 {
		t.hint(app.TopicDeliveries)
	}
	return int(n), err
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
