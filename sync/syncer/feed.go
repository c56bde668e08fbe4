package syncer

import "time"

// feedSlack is how far rows may come late into a list that is ordered by time:
// a transaction's rows carry the time of its beginning and are seen after its
// end.
const feedSlack = 10 * time.Minute

// feed remembers how far a list was read that has the newest rows first. Rows
// are told by id and time, so that one that is touched again is new again.
type feed struct {
	At   int64           `json:"at"`   // the newest time, in milliseconds; 0 = never read
	From int64           `json:"from"` // the newest time of the first reading: up to it all is history
	Seen map[int64]int64 `json:"seen"` // rows not older than the slack before it
}

// fresh says whether the feed was never read; then everything is history.
func (f feed) fresh() bool { return f.At == 0 }

// feedReading is one reading of a feed.
type feedReading struct {
	before feed
	rows   map[int64]int64
}

func (f feed) read() *feedReading {
	return &feedReading{before: f, rows: map[int64]int64{}}
}

// row takes the next row. news says that it was not seen before, more that
// there may be news behind it.
func (r *feedReading) row(id int64, at time.Time) (news, more bool) {
	ms := at.UnixMilli()
	r.rows[id] = ms
	if r.before.fresh() {
		return false, false
	}
	if ms < r.before.At-feedSlack.Milliseconds() {
		return false, false
	}
	seen, ok := r.before.Seen[id]
	return (!ok || seen != ms) && ms > r.before.From, true
}

// known says whether a row of the last stretch was read before.
func (r *feedReading) known(id int64) bool {
	_, ok := r.before.Seen[id]
	return ok
}

// later leaves a row to the next reading: it is news again then, as long as
// that is not later than the slack.
func (r *feedReading) later(id int64) { delete(r.rows, id) }

// done returns the feed as it is after the reading.
func (r *feedReading) done() feed {
	next := feed{At: max(r.before.At, 1), From: r.before.From, Seen: map[int64]int64{}}
	for _, ms := range r.rows {
		next.At = max(next.At, ms)
	}
	if r.before.fresh() {
		next.From = next.At
	}
	least := next.At - feedSlack.Milliseconds()
	for _, rows := range []map[int64]int64{r.before.Seen, r.rows} {
		for id, ms := range rows {
			if ms >= least {
				next.Seen[id] = ms
			}
		}
	}
	return next
}
