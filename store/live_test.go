package store_test

import (
	"testing"
	"time"

	"bellhop/app"
)

// sent adds deliveries by Slack of a group and has them sent as one message.
func (w *world) sent(group, ref string, ids ...int) {
	w.Helper()
	var bound []app.Bound
	var outcomes []app.Outcome
	for _, n := range ids {
		d := w.mail(n)
		d.Channel, d.Lane, d.Group = app.ChannelSlack, "slack 1", group
		w.enqueue(d)
		o := app.Outcome{ID: d.ID, State: app.DeliverySent, Ref: ref}
		if len(ids) > 1 {
			o.Digest = deliveryID(ids[0])
			bound = append(bound, app.Bound{ID: d.ID, Digest: o.Digest})
		}
		outcomes = append(outcomes, o)
	}
	if got := w.claim("slack 1", 9999); len(got) != len(ids) {
		w.Fatalf("claimed %v of %v", got, ids)
	}
	ok(w, w.store.Bind(w.Context(), bound))
	ok(w, w.store.Settle(w.Context(), outcomes))
}

// A digest of the last quarter of an hour can be replaced, with all that went out
// in its message, for an hour from its first posting.
func TestALiveMessageIsFoundWithAllThatItTells(t *testing.T) {
	w := newWorld(t)
	look := func(group string, want string, told int) {
		t.Helper()
		d := w.mail(1)
		d.Lane, d.Group = "slack 1", group
		got := must(w.store.Live(t.Context(), d, w.clock.Add(-15*time.Minute), w.clock.Add(-time.Hour)))(t)
		if got.Ref != want || len(got.Events) != told {
			t.Errorf("found %q with %d events, want %q with %d", got.Ref, len(got.Events), want, told)
		}
		for _, e := range got.Events {
			if e.Call.Title == "" {
				t.Errorf("an event without words: %+v", e)
			}
		}
	}
	look("shop", "", 0)
	w.sent("shop", "C1:1", 1)
	look("shop", "", 0) // one event is no digest
	w.clock = w.clock.Add(30 * time.Second)
	w.sent("shop", "C1:2", 2, 3)
	look("shop", "C1:2", 2)
	look("till", "", 0)
	other := w.mail(1)
	other.Lane, other.Group, other.Person = "slack 1", "shop", 0
	if got := must(w.store.Live(t.Context(), other, w.clock.Add(-time.Minute), w.clock.Add(-time.Hour)))(t); got.Ref != "" {
		t.Errorf("somebody else's is %q", got.Ref)
	}
	for n := range 11 { // replaced every five minutes
		w.clock = w.clock.Add(5 * time.Minute)
		w.sent("shop", "C1:2", 10+2*n, 11+2*n)
	}
	look("shop", "C1:2", 24)
	w.clock = w.clock.Add(6 * time.Minute)
	look("shop", "", 0) // it has been there for an hour
	w.sent("shop", "C1:3", 50, 51)
	look("shop", "C1:3", 2)
	w.clock = w.clock.Add(14 * time.Minute)
	look("shop", "C1:3", 2)
	w.clock = w.clock.Add(2 * time.Minute)
	look("shop", "", 0) // the storm is over

	w.sent("till", "", 60, 61) // nothing by which it can be replaced
	look("till", "", 0)
	many := make([]int, app.LiveMost+1)
	for i := range many {
		many[i] = 1000 + i
	}
	w.sent("bank", "C1:4", many...)
	look("bank", "", 0)
	w.deepCheck()
}
