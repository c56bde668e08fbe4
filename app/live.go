package app

import (
	"cmp"
	"slices"
)

// LiveMost is how many events a live message may tell before another one is
// begun: each time that it is replaced, all of them are read again.
const LiveMost = 500

// Live is the newest digest of a storm, where the other side lets it be replaced
// by what it says and what has come since.
type Live struct {
	Ref    string  // by which the other side knows it; "" = there is none
	Events []Event // what it tells so far
}

// With returns the events that the message tells once these are added: the most
// severe first, else in their order.
func (l Live) With(events []Event) []Event {
	all := slices.Concat(l.Events, events)
	slices.SortStableFunc(all, func(a, b Event) int {
		return cmp.Compare(SeverityRank(b.Call.Severity()), SeverityRank(a.Call.Severity()))
	})
	return all
}
