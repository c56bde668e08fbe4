package ui

import (
	"slices"
	"time"

	"bellhop/app"
	"bellhop/ui/widget"
)

// feed is the stretch of alerts that the list holds, newest first. It touches
// neither the inbox nor the screen.
type feed struct {
	rows    []app.Alert
	gone    map[app.AlertID]bool // left the list, but kept in view under the pointer
	more    bool                 // there are older ones
	before  int                  // how many are newer, by reckoning
	total   int                  // all of them, -1 where nobody knows
	newest  app.AlertID          // the newest that has been shown
	waiting int                  // newer ones that wait behind the bar
}

// reset begins anew with a.
func (f *feed) reset(a answer) {
	*f = feed{rows: a.rows, more: a.more, total: a.total, newest: f.newest}
	if a.top {
		f.newest = 0
		if len(a.rows) > 0 {
			f.newest = a.rows[0].ID
		}
	}
}

// append adds older alerts, and lets go of the newest held where that are too
// many.
func (f *feed) append(a answer) {
	if len(a.rows) > 0 && len(f.rows) > 0 && a.rows[0].ID >= f.rows[len(f.rows)-1].ID {
		return // an answer to a stretch that is no longer held
	}
	f.rows = append(f.rows, a.rows...)
	f.more, f.total = a.more, a.total
	if over := len(f.rows) - mostRows; over > 0 {
		f.rows = slices.Clone(f.rows[over:])
		f.before += over
	}
	if !f.more && f.total >= 0 {
		f.before = max(0, f.total-len(f.rows))
	}
}

// prepend adds newer alerts, and lets go of the oldest held where that are too
// many.
func (f *feed) prepend(a answer) {
	if len(a.rows) > 0 && len(f.rows) > 0 && a.rows[len(a.rows)-1].ID <= f.rows[0].ID {
		return
	}
	f.rows = append(slices.Clone(a.rows), f.rows...)
	f.total = a.total
	f.before = max(1, f.before-len(a.rows))
	if a.top {
		f.before = 0
	}
	if len(f.rows) > mostRows {
		f.rows, f.more = f.rows[:mostRows], true
	}
}

// jumped replaces what is held by a stretch elsewhere.
func (f *feed) jumped(a answer, part float64) {
	newest := f.newest
	f.reset(a)
	f.newest = max(f.newest, newest)
	if !a.top {
		f.before = max(1, int(part*float64(a.total)))
	}
	if !a.more && a.total >= 0 {
		f.before = max(0, a.total-len(a.rows))
	}
}

// refresh takes in how the held stretch is now. While still is true nothing
// that is in view moves: what left the list stays as a ghost, except what the
// user removed, and what is new waits.
func (f *feed) refresh(a answer, still bool, mine map[app.AlertID]bool) {
	rows := a.rows
	if still {
		rows = f.withGhosts(a.rows, mine)
	} else {
		f.gone = nil
	}
	f.rows, f.more, f.total = rows, a.more, a.total
	f.waiting = 0
	switch {
	case f.before > 0 || len(a.newer) == 0:
	case still || len(a.newer) >= mostNew:
		f.waiting = len(a.newer)
	default:
		f.rows = append(slices.Clone(a.newer), f.rows...)
		f.newest = a.newer[0].ID
	}
}

// withGhosts returns now together with what has left the list since.
func (f *feed) withGhosts(now []app.Alert, mine map[app.AlertID]bool) []app.Alert {
	there := make(map[app.AlertID]bool, len(now))
	for _, a := range now {
		there[a.ID] = true
	}
	last := app.AlertID(0)
	if len(now) > 0 {
		last = now[len(now)-1].ID
	}
	gone := map[app.AlertID]bool{}
	rows := slices.Clone(now)
	for _, a := range f.rows {
		if !there[a.ID] && !mine[a.ID] && (a.ID >= last || len(now) < len(f.rows)) {
			gone[a.ID] = true
			rows = append(rows, a)
		}
	}
	slices.SortFunc(rows, func(a, b app.Alert) int { return int(b.ID - a.ID) })
	f.gone = gone
	return rows
}

// drop takes alerts out at once, before the inbox says so.
func (f *feed) drop(ids map[app.AlertID]bool) {
	n := len(f.rows)
	f.rows = slices.DeleteFunc(slices.Clone(f.rows), func(a app.Alert) bool { return ids[a.ID] })
	if f.total >= 0 {
		f.total = max(0, f.total-(n-len(f.rows)))
	}
}

// after returns how many are older than what is held, by reckoning.
func (f *feed) after() int {
	if !f.more {
		return 0
	}
	return max(1, f.total-f.before-len(f.rows))
}

// find returns where the alert is held, -1 where it is not.
func (f *feed) find(id app.AlertID) int {
	i, ok := slices.BinarySearchFunc(f.rows, id, func(a app.Alert, id app.AlertID) int { return int(id - a.ID) })
	if !ok {
		return -1
	}
	return i
}

// items returns the lines of the list: the alerts, below headings by day where
// grouped. at[i] is the alert of line i, -1 for a heading.
func (f *feed) items(now time.Time, grouped bool) (items []widget.Item, at []int) {
	last := int64(0)
	for i, a := range f.rows {
		if grouped {
			if key, _ := groupOf(a.Created.In(now.Location()), now); key != last {
				last = key
				items = append(items, widget.Item{Key: -int64(a.ID), Head: true})
				at = append(at, -1)
			}
		}
		items = append(items, widget.Item{Key: int64(a.ID)})
		at = append(at, i)
	}
	return items, at
}
