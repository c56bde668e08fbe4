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
	if !known {
		p.Name = d.Channel.String()
	}
	edit := "`bellhop channels edit " + p.Name + " --on`"
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
