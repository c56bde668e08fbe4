package store_test

import (
	"testing"
	"time"

	"bellhop/app"
)

func TestWhatLeavesTogetherIsKnownAfterACrash(t *testing.T) {
	w := newWorld(t)
	w.enqueue(w.mail(1), w.mail(2), w.mail(3))
	w.wantClaim("mail", 2, 1, 2)
	both := []app.Bound{{ID: deliveryID(1), Digest: deliveryID(1)}, {ID: deliveryID(2), Digest: deliveryID(1)}, {ID: deliveryID(3), Digest: deliveryID(1)}}
	ok(t, w.store.Bind(t.Context(), both))
	w.reopen()
	must(w.store.Recover(t.Context()))(t)
	claimed := must(w.store.Claim(t.Context(), "mail", 9))(t)
	for i, want := range []app.DeliveryID{deliveryID(1), deliveryID(1), ""} { // the third was not claimed
		if claimed[i].Delivery.Digest != want || claimed[i].Delivery.Attempts != 1 {
			t.Errorf("claimed again: %+v, want the message %q", claimed[i].Delivery, want)
		}
	}
	// Given back untried, what may have arrived stays as it was, and the third
	// may leave with others.
	ok(t, w.store.Bind(t.Context(), []app.Bound{{ID: deliveryID(3), Digest: deliveryID(3)}}))
	ok(t, w.store.Release(t.Context(), []app.DeliveryID{deliveryID(1), deliveryID(2), deliveryID(3)}, time.Time{}))
	for n, want := range []app.DeliveryID{deliveryID(1), deliveryID(1), ""} {
		if got := w.delivery(n + 1); got.Digest != want || got.Attempts != 0 {
			t.Errorf("given back: %+v, want the message %q", got, want)
		}
	}
	w.deepCheck()
}

func TestAClockThatWasSetBackHoldsNothing(t *testing.T) {
	w := newWorld(t)
	w.clock = w.clock.Add(400 * 24 * time.Hour)
	w.enqueue(w.mail(1), w.mail(2))
	w.wantClaim("mail", 1, 1)
	ok(t, w.store.Settle(t.Context(), []app.Outcome{{ID: deliveryID(1), State: app.DeliveryWaiting, Due: w.clock.Add(time.Hour), LaneDue: w.clock.Add(time.Hour)}}))
	w.clock = w.clock.Add(-400 * 24 * time.Hour)
	w.enqueue(w.mail(3))
	w.wantClaim("mail", 1, 3)
	ok(t, w.store.Settle(t.Context(), []app.Outcome{{ID: deliveryID(3), State: app.DeliveryWaiting, Due: w.clock.Add(time.Hour)}}))
	if n := must(w.store.SetBack(t.Context()))(t); n != 2 {
		t.Errorf("%d deliveries were let go", n)
	}
	w.wantClaim("mail", 9, 1, 2)
	if got := w.delivery(3); !got.Due.Equal(w.clock.Add(time.Hour)) {
		t.Errorf("a pause as usual was cut short: %+v", got)
	}
	w.deepCheck()
}
