package store

import (
	"context"
	"time"

	"bellhop/app"
)

// liveRow is what is asked of the message of a live digest: how many deliveries
// it tells, and when it was first posted.
const liveRow = `SELECT count(*), ifnull(min(settled), 0) FROM deliveries INDEXED BY deliveries_sent
	WHERE lane = (SELECT id FROM lanes WHERE key = ?1) AND state = 'sent' AND settled >= ?2 AND ref = ?3`

// Live returns the newest digest that was sent since a time in the lane of d, to
// its person and destination and about its group, with the events of everything
// that went out in that message; other groups may be among it. It is empty where
// the message has nothing by which it can be replaced, was first posted before
// begun, or tells more than [app.LiveMost].
func (s *Store) Live(ctx context.Context, d app.Delivery, since, begun time.Time) (app.Live, error) {
	if err := s.foldLane(ctx, d.Lane); err != nil {
		return app.Live{}, err
	}
	var live app.Live
	err := s.look(ctx, "look for a message to replace", func(q querier) error {
		live = app.Live{}
		var ref string
		err := q.row(ctx, `SELECT ref FROM deliveries INDEXED BY deliveries_sent WHERE lane = (SELECT id FROM lanes WHERE key = ?1) AND state = 'sent'
			AND settled >= ?2 AND storm = ?3 AND person = ?4 AND destination = ?5 AND digest <> '' ORDER BY settled DESC LIMIT 1`,
			d.Lane, ceilMillis(since), d.Group, d.Person, d.Destination).Scan(&ref)
		if isNoRows(err) || err == nil && ref == "" {
			return nil
		}
		if err != nil {
			return err
		}
		// A storm's messages are never further apart than since is ago, so that this
		// sees whether there was one before begun.
		from := begun.Add(since.Sub(s.now()))
		var n int
		var first int64
		if err := q.row(ctx, liveRow, d.Lane, ceilMillis(from), ref).Scan(&n, &first); err != nil {
			return err
		}
		if n > app.LiveMost || fromMillis(first).Before(begun) {
			return nil
		}
		live.Ref = ref
		live.Events, err = events(ctx, q, ` WHERE e.id IN (SELECT event FROM deliveries INDEXED BY deliveries_sent
			WHERE lane = (SELECT id FROM lanes WHERE key = ?) AND state = 'sent' AND settled >= ? AND ref = ?)`, d.Lane, ceilMillis(from), ref)
		return err
	})
	return live, err
}
