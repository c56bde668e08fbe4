package ui

import (
	"context"
	"slices"

	"bellhop/app"
)

// Sizes of what the list holds, in alerts.
const (
	firstPage = 60   // enough for the tallest window
	nextPage  = 200  // what is added at either end while scrolling
	mostRows  = 1000 // what is kept at most; also the most the inbox gives at once
	mostNew   = 100  // alerts that wait behind the bar are counted up to this
	denserBy  = 4    // how fast the search for older neighbours widens
)

// move is what the list wants to see.
type move int

const (
	moveFirst   move = iota // from the newest
	moveMore                // older ones, to go below what is held
	moveLess                // newer ones, to go above what is held
	moveJump                // a stretch somewhere else
	moveRefresh             // what is held, as it is now, and what is newer
)

// ask is a question of the list to the inbox.
type ask struct {
	move   move
	filter app.Filter
	fresh  bool // stop at the first alert that is not new
	hints  int  // how many hints had come when it was asked
	force  bool // show at once what has come back, wherever the pointer is
	round  int  // which search or view asks; answers to an older one are dropped

	first, last app.AlertID // ends of what is held
	rows        int         // how many are held
	newest      app.AlertID // the newest alert of all
	total       int         // all alerts, for [moveLess] and [moveJump]
	part        float64     // where to jump to, 0 newest to 1 oldest
}

// answer is what the inbox has to say.
type answer struct {
	rows  []app.Alert
	newer []app.Alert // [moveRefresh]: above the first that is held, newest first
	more  bool        // there are older ones
	top   bool        // rows begin with the newest of all
	total int         // all alerts that match, -1 where nobody counts them
}

// pager is the part of [Inbox] that pages need.
type pager interface {
	Alerts(ctx context.Context, f app.Filter) (app.Page, error)
	Count(ctx context.Context, account app.AccountID) (int, error)
}

// read answers q.
func read(ctx context.Context, in pager, q ask) (answer, error) {
	a, err := readRows(ctx, in, q)
	if err != nil {
		return answer{}, err
	}
	if q.fresh {
		a.stopAtSeen()
	}
	a.total = -1
	if q.filter.Search == "" && !q.fresh && (q.filter.View == app.ViewList || q.filter.View == "") {
		a.total, err = in.Count(ctx, q.filter.Account)
	}
	return a, err
}

// stopAtSeen cuts what the user has seen already: what is new is always newer.
func (a *answer) stopAtSeen() {
	seen := func(x app.Alert) bool { return !x.New }
	if i := slices.IndexFunc(a.rows, seen); i >= 0 {
		a.rows, a.more = a.rows[:i], false
	}
	if i := slices.IndexFunc(a.newer, seen); i >= 0 {
		a.newer = a.newer[:i]
	}
}

func readRows(ctx context.Context, in pager, q ask) (answer, error) {
	switch q.move {
	case moveMore:
		rows, more, err := below(ctx, in, q.filter, q.last, nextPage)
		return answer{rows: rows, more: more}, err
	case moveLess:
		return above(ctx, in, q)
	case moveJump:
		return jump(ctx, in, q)
	case moveRefresh:
		return again(ctx, in, q)
	case moveFirst:
	}
	rows, more, err := below(ctx, in, q.filter, 0, firstPage)
	return answer{rows: rows, more: more, top: true}, err
}

// below returns up to n alerts older than after; 0 is from the newest.
func below(ctx context.Context, in pager, f app.Filter, after app.AlertID, n int) (rows []app.Alert, more bool, err error) {
	f.After, f.Limit = after, n
	page, err := in.Alerts(ctx, f)
	return page.Alerts, page.Next != 0, err
}

// above returns the nextPage alerts that are next newer than q.first. The inbox
// pages in one direction only, so it begins a good guess above and walks down.
func above(ctx context.Context, in pager, q ask) (answer, error) {
	density := app.AlertID(1)
	if q.total > 0 {
		density = max(1, q.newest/app.AlertID(q.total))
	}
	for reach := density * nextPage; ; reach *= denserBy {
		from := q.first + reach
		top := from > q.newest
		if top {
			from = 0
		}
		rows, whole, err := downTo(ctx, in, q.filter, from, q.first)
		if err != nil {
			return answer{}, err
		}
		if len(rows) > 0 || top {
			return answer{rows: rows, more: true, top: top && whole}, nil
		}
	}
}

// downTo walks from after down to the alert with the id last and returns the
// final nextPage before it; whole says that this is all there was.
func downTo(ctx context.Context, in pager, f app.Filter, after, last app.AlertID) (rows []app.Alert, whole bool, err error) {
	for whole = true; ; {
		page, more, err := below(ctx, in, f, after, mostRows)
		if err != nil {
			return nil, false, err
		}
		end := slices.IndexFunc(page, func(a app.Alert) bool { return a.ID <= last })
		if end >= 0 {
			page, more = page[:end], false
		}
		rows = append(rows, page...)
		if over := len(rows) - nextPage; over > 0 {
			rows, whole = rows[over:], false
		}
		if !more || len(page) == 0 {
			return rows, whole, nil
		}
		after = page[len(page)-1].ID
	}
}

// jump returns a stretch that begins about q.part of the way from the newest to
// the oldest alert. Ids ascend with time and are nearly dense, so the way is
// measured in ids.
func jump(ctx context.Context, in pager, q ask) (answer, error) {
	last, err := oldest(ctx, in, q.filter, q.newest)
	if err != nil {
		return answer{}, err
	}
	back := app.AlertID(float64(q.newest-last) * q.part)
	rows, more, err := below(ctx, in, q.filter, q.newest-back+1, nextPage)
	if err != nil {
		return answer{}, err
	}
	a := answer{rows: rows, more: more, top: back == 0}
	if more || len(rows) == nextPage || a.top {
		return a, nil
	}
	// The end of everything: what there is of a page is filled from above.
	q.first = q.newest - back + 1
	if len(rows) > 0 {
		q.first = rows[0].ID
	}
	head, err := above(ctx, in, q)
	a.rows, a.top = append(head.rows, rows...), head.top
	return a, err
}

// oldest returns the id of the oldest alert, by halves: the inbox pages from
// the newest, so it can only be asked whether there is anything below an id.
func oldest(ctx context.Context, in pager, f app.Filter, newest app.AlertID) (app.AlertID, error) {
	none, some := app.AlertID(0), newest
	for none+1 < some {
		middle := none + (some-none)/2
		rows, _, err := below(ctx, in, f, middle+1, 1)
		switch {
		case err != nil:
			return 0, err
		case len(rows) > 0:
			some = rows[0].ID
		default:
			none = middle
		}
	}
	return some, nil
}

// again reads what is held once more. Where that was little, it becomes a page.
func again(ctx context.Context, in pager, q ask) (answer, error) {
	if q.rows == 0 {
		rows, more, err := below(ctx, in, q.filter, 0, firstPage)
		return answer{rows: rows, more: more, top: true}, err
	}
	rows, more, err := below(ctx, in, q.filter, q.first+1, max(firstPage, q.rows))
	if err != nil {
		return answer{}, err
	}
	newer, _, err := below(ctx, in, q.filter, 0, mostNew)
	if err != nil {
		return answer{}, err
	}
	if i := slices.IndexFunc(newer, func(a app.Alert) bool { return a.ID <= q.first }); i >= 0 {
		newer = newer[:i]
	}
	return answer{rows: rows, newer: newer, more: more}, nil
}
