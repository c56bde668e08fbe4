package store_test

import (
	"testing"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch"
)

// What is on a lane that is closed until somebody acts says so, whether it waits
// or has died, as a row or packed; it is found with the dead, and is not sent again.
func TestWhatIsOnAClosedLaneIsStopped(t *testing.T) {
	w := newWorld(t)
	place := must(w.store.AddDestination(t.Context(), app.Destination{Account: w.account.ID, Channel: app.ChannelMail, Name: "office", Address: "a@example.com"}))(t)
	list := []app.Delivery{w.mail(1), w.mail(2), w.mail(3)}
	for i := range list {
		list[i].Destination = place.ID
	}
	other := w.mail(4)
	other.Lane = "elsewhere"
	w.enqueue(append(list, other)...)
	w.wantClaim("mail", 2, 1, 2)
	ok(t, w.store.Settle(t.Context(), []app.Outcome{
		{ID: deliveryID(1), State: app.DeliveryDead, Took: time.Second, Code: "refused"},
		{ID: deliveryID(2), State: app.DeliveryWaiting, Due: w.clock, Took: time.Second, LaneDue: dispatch.Closed},
	}))
	page, _, err := w.store.Deliveries(t.Context(), app.DeliveryFilter{NeedsYou: true})
	if err != nil || len(page) != 3 {
		t.Fatalf("%d need somebody: %+v, %v", len(page), page, err)
	}
	for _, d := range page {
		if d.Stopped == nil || d.Stopped.Reason != "office is switched off after failures" {
			t.Errorf("%s is stopped because %+v", d.ID, d.Stopped)
		}
	}
	if d := w.delivery(4); d.Stopped != nil {
		t.Errorf("on another lane: %+v", *d.Stopped)
	}
	if n := must(w.store.Resend(t.Context(), []app.DeliveryID{deliveryID(1), deliveryID(2), deliveryID(3)}))(t); n != 0 {
		t.Errorf("%d are sent again", n)
	}
	if n := must(w.store.ResendDead(t.Context()))(t); n != 0 {
		t.Errorf("%d of the dead are sent again", n)
	}
	place.Off = true
	ok(t, w.store.UpdateDestination(t.Context(), place))
	if d := w.delivery(2); d.Stopped == nil || d.Stopped.Reason != "office is switched off" {
		t.Errorf("it is stopped because %+v", d.Stopped)
	}
	ok(t, w.store.ReleaseLane(t.Context(), "mail"))
	if page, _, err := w.store.Deliveries(t.Context(), app.DeliveryFilter{NeedsYou: true}); err != nil || len(page) != 1 || page[0].Stopped != nil {
		t.Errorf("once it is open: %+v, %v", page, err)
	}
}
