package store

import (
	"slices"
	"sync"
	"time"

	"bellhop/app"
)

// toldEvents has events as they were routed, so that the claims that follow at once need
// not read and decode each again: that was most of a claim. An event with open
// deliveries is not changed; only what is true of its alert is, which toasts alone
// ask for. What is not here is read.
type toldEvents struct {
	mu     sync.Mutex
	events map[int64]*toldEvent
	room   int // bytes in use
	forget *time.Timer
}

type toldEvent struct {
	app.Event
	left  int // how many claims may ask for it
	bytes int
}

const (
	// toldMost is how many bytes of events are kept, about 8,000 of the usual ones.
	toldMost = 8 << 20
	// toldFor is how long the first is kept, and the others with it: nobody may ask
	// for some of them any more.
	toldFor = 10 * time.Second
)

// keep keeps the events of deliveries that are in lots, as long as there is room.
func (k *toldEvents) keep(list []ready) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i := range list {
		r := &list[i]
		left := len(r.Deliveries) - len(r.rest)
		if r.Told == nil || left <= 0 || k.events[r.Event] != nil {
			continue
		}
		bytes := weight(&r.Told.Call)
		if k.room+bytes > toldMost {
			continue
		}
		if k.events == nil {
			k.events = make(map[int64]*toldEvent)
		}
		k.events[r.Event] = &toldEvent{*r.Told, left, bytes} // the original is one of a thousand that would stay with it
		k.room += bytes
	}
	if len(k.events) > 0 && k.forget == nil {
		k.forget = time.AfterFunc(toldFor, k.clear)
	}
}

// take adds events to claimed deliveries, as far as they are here, and returns for
// how many it did.
func (k *toldEvents) take(list []app.Claimed) int {
	k.mu.Lock()
	defer k.mu.Unlock()
	n := 0
	for i := range list {
		d := &list[i].Delivery
		e := k.events[d.Event]
		if e == nil || d.Channel == app.ChannelToast {
			continue
		}
		n++
		list[i].Event, d.Account = &e.Event, e.Account
		if e.left--; e.left <= 0 {
			delete(k.events, d.Event)
			k.room -= e.bytes
		}
	}
	return n
}

func (k *toldEvents) clear() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.events, k.room = nil, 0
	if k.forget != nil {
		k.forget.Stop()
		k.forget = nil
	}
}

// weight is about how many bytes an event takes.
func weight(c *app.Call) int {
	n := 1 << 10
	for _, text := range []string{c.Title, c.Description, c.URL, c.URLAPI, c.Note, c.Section, c.TestType} {
		n += len(text)
	}
	for _, r := range []*app.Ref{c.ProductType, c.Product, c.Engagement, c.Test, c.Accepted} {
		if r != nil {
			n += 32 + len(r.Name)
		}
	}
	for _, text := range slices.Concat(c.Recipients, c.Reviewers, c.Tags) {
		n += 16 + len(text)
	}
	for _, list := range [][]app.FindingRef{c.FindingsNew, c.FindingsReactivated, c.FindingsMitigated, c.FindingsUntouched, c.Findings} {
		for i := range list {
			n += 64 + len(list[i].Title)
		}
	}
	if c.Finding != nil {
		n += 64 + len(c.Finding.Title)
	}
	return n
}
