package ui

import (
	"slices"

	"bellhop/app"
)

// sheet is the stretch of the ledger that the page of deliveries holds, newest
// first. The store pages downwards by id, so the way back up is a stack of the
// ids at which pages began. It touches neither the store nor the screen.
type sheet struct {
	lines   []DeliveryLine
	next    app.DeliveryID   // older ones follow after it, "" = none
	from    app.DeliveryID   // the stretch begins below it, "" = with the newest
	above   []app.DeliveryID // where stretches began that were let go, the nearest last
	waiting int              // newer ones that wait until the list may move
}

// sheetAsk is a question of the page of deliveries.
type sheetAsk struct {
	move   move
	filter app.DeliveryFilter
	open   []app.DeliveryID // whose attempts are asked for too
	round  int
}

// sheetAnswer is what the engine has to say.
type sheetAnswer struct {
	page     DeliveryPage
	counts   DeliveryCounts
	attempts map[app.DeliveryID][]app.Attempt
}

// take takes in a page. Where still is true, nothing that is new comes in above
// what is held.
func (s *sheet) take(q sheetAsk, p DeliveryPage, still bool) {
	switch q.move {
	case moveMore:
		if q.filter.After == s.next {
			s.append(p)
		}
	case moveLess:
		if n := len(s.above); n > 0 && q.filter.After == s.above[n-1] {
			s.prepend(p)
		}
	case moveRefresh:
		if q.filter.After == s.from {
			s.again(p, still)
		}
	case moveFirst, moveJump:
		*s = sheet{lines: p.Lines, next: p.Next}
	}
}

// append adds older ones, and lets go of the newest where that are too many.
func (s *sheet) append(p DeliveryPage) {
	s.lines, s.next = append(s.lines, p.Lines...), p.Next
	if over := len(s.lines) - mostRows; over > 0 {
		s.above = append(s.above, s.from)
		s.from = s.lines[over-1].ID
		s.lines = slices.Clone(s.lines[over:])
		s.waiting = 0
	}
}

// prepend adds newer ones, and lets go of the oldest where that are too many.
func (s *sheet) prepend(p DeliveryPage) {
	n := len(s.above) - 1
	s.from, s.above = s.above[n], s.above[:n]
	end := slices.IndexFunc(p.Lines, func(d DeliveryLine) bool { return len(s.lines) > 0 && d.ID <= s.lines[0].ID })
	if end < 0 && p.Next != "" { // so many came that the two no longer touch
		s.lines, s.next = p.Lines, p.Next
		return
	}
	if end >= 0 {
		p.Lines = p.Lines[:end]
	}
	s.lines = append(slices.Clone(p.Lines), s.lines...)
	if len(s.lines) > mostRows {
		s.lines = s.lines[:mostRows]
		s.next = s.lines[mostRows-1].ID
	}
}

// again replaces what is held by what it is now.
func (s *sheet) again(p DeliveryPage, still bool) {
	s.waiting = 0
	if still && len(s.lines) > 0 && s.from == "" {
		first := s.lines[0].ID
		for s.waiting < len(p.Lines) && p.Lines[s.waiting].ID > first {
			s.waiting++
		}
		p.Lines = p.Lines[s.waiting:]
	}
	s.lines, s.next = p.Lines, p.Next
}
