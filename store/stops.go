package store

import (
	"context"
	"strconv"
	"time"

	"bellhop/app"
)

// stoppedFrom is from when on the hold of a lane has no end.
const stoppedFrom = endless - int64(week/time.Millisecond)

// stopped is the condition on a lane that nothing leaves on it until somebody
// acts.
var stopped = `not_before >= ` + strconv.FormatInt(stoppedFrom, 10)

// stops are the lanes on which nothing leaves until somebody acts, and the
// destinations by which it is told why.
type stops struct {
	lanes  map[string]bool
	places map[app.DestinationID]app.Destination
}

func readStops(ctx context.Context, q querier) (stops, error) {
	s := stops{lanes: make(map[string]bool)}
	rows, err := q.query(ctx, `SELECT key FROM lanes WHERE `+stopped)
	if err != nil {
		return s, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var lane string
		if err := rows.Scan(&lane); err != nil {
			return s, err
		}
		s.lanes[lane] = true
	}
	if err := rows.Err(); err != nil || len(s.lanes) == 0 {
		return s, err
	}
	list, err := destinations(q.query(ctx, `SELECT `+destinationColumns+` FROM destinations`))
	s.places = make(map[app.DestinationID]app.Destination, len(list))
	for _, d := range list {
		s.places[d.ID] = d
	}
	return s, err
}

// mark says of a delivery why it does not leave.
func (s *stops) mark(d *app.Delivery) {
	if !s.lanes[d.Lane] || d.State != app.DeliveryWaiting && d.State != app.DeliveryDead {
		return
	}
	p, known := s.places[d.Destination]
	edit := "`bellhop channels edit " + app.Quoted(p.Name) + " --on`"
	if !known { // people's mail and Slack leave through a destination that the lane does not name
		p.Name = d.Channel.String()
		edit = "`bellhop channels edit NAME --on`, with the name of the destination through which it goes (`bellhop channels list`)"
	}
	d.Stopped = &app.Stop{Reason: p.Name + " is switched off", Next: "Let it go on with " + edit + "; what waits is sent then."}
	if !p.Off {
		if d.Stopped.Reason += " after failures"; p.Note != "" {
			d.Stopped.Reason += ": " + p.Note
		}
		d.Stopped.Next = "Mend it, then say " + edit + "; what waits is sent then."
	}
}

// markStops says of deliveries why they do not leave.
func markStops(ctx context.Context, q querier, list []storedDelivery) error {
	s, err := readStops(ctx, q)
	for i := range list {
		s.mark(&list[i].Delivery)
	}
	return err
}

// mostStopped is how many rows are looked at to count what is stopped on a channel's
// lanes: a few milliseconds, since the window counts after every change.
const mostStopped = 10_000

// StoppedCounts returns how many deliveries of each channel wait where nothing leaves
// until somebody acts: with the dead, those are what [app.DeliveryFilter.NeedsYou]
// asks for. However many there are, no more than 10,000 rows of a channel are looked
// at; of the channels in more there can be more than were counted. A channel that is not
// there has none.
func (s *Store) StoppedCounts(ctx context.Context) (n map[app.Channel]int, more app.Channels, err error) {
	n = make(map[app.Channel]int)
	err = s.look(ctx, "count what is stopped", func(q querier) error {
		clear(n)
		more = 0
		type lane struct {
			id      int64
			channel app.Channel
		}
		rows, err := q.query(ctx, `SELECT id, channel FROM lanes WHERE `+stopped)
		lanes, err := all(rows, err, func(l *lane) []any { return []any{&l.id, &l.channel} })
		if err != nil || len(lanes) == 0 {
			return err
		}
		looked := make(map[app.Channel]int)
		for _, l := range lanes {
			var rows, waiting int
			if err := q.row(ctx, `SELECT count(*), coalesce(sum(state = 'waiting'), 0) FROM
				(SELECT state FROM deliveries INDEXED BY deliveries_open WHERE lane = ? AND `+open+` ORDER BY due LIMIT ?)`,
				l.id, mostStopped-looked[l.channel]).Scan(&rows, &waiting); err != nil {
				return err
			}
			if looked[l.channel] += rows; looked[l.channel] == mostStopped {
				more |= app.ChannelsOf(l.channel)
			}
			if waiting > 0 {
				n[l.channel] += waiting
			}
		}
		return stoppedInLots(ctx, q, n)
	})
	return n, more, err
}

// stoppedInLots adds what is stopped in lots.
func stoppedInLots(ctx context.Context, q querier, n map[app.Channel]int) error {
	type lots struct {
		channel app.Channel
		waiting int
	}
	rows, err := q.query(ctx, `SELECT channel, sum(n - gone - sent) FROM lot_states WHERE lane IN (SELECT id FROM lanes WHERE `+stopped+`) GROUP BY channel`)
	list, err := all(rows, err, func(l *lots) []any { return []any{&l.channel, &l.waiting} })
	for _, l := range list {
		if l.waiting > 0 {
			n[l.channel] += l.waiting
		}
	}
	return err
}
