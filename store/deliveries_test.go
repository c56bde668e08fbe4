package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/store"
)

var _ dispatch.Queue = (*store.Store)(nil)

// deliveryID makes ids that sort as their numbers.
func deliveryID(n int) app.DeliveryID { return app.DeliveryID(fmt.Sprintf("%026d", n)) }

// mail is a delivery with a number, on the lane "mail", that is due at once.
func (w *world) mail(n int) app.Delivery {
	return app.Delivery{ID: deliveryID(n), Person: app.PersonID(must(w.store.Me(w.Context(), w.account.ID))(w).ID), Channel: app.ChannelMail, Lane: "mail", Group: "shop", Due: w.clock}
}

// enqueue records one event for each delivery and routes it.
func (w *world) enqueue(list ...app.Delivery) {
	w.Helper()
	for _, d := range list {
		e := w.record(w.scan(app.OriginWebhook, string(d.ID), 0))[0]
		ok(w, w.store.Route(w.Context(), []app.Routed{{Event: e.ID, Deliveries: []app.Delivery{d}}}))
	}
}

// claim claims on a lane and returns the numbers of the deliveries.
func (w *world) claim(lane string, limit int) (out []int) {
	w.Helper()
	for _, c := range must(w.store.Claim(w.Context(), lane, limit))(w) {
		out = append(out, number(w, c.Delivery.ID))
	}
	return out
}

func number(tb testing.TB, id app.DeliveryID) (n int) {
	tb.Helper()
	must(fmt.Sscan(strings.TrimLeft(string(id), "0"), &n))(tb)
	return n
}

func (w *world) wantClaim(lane string, limit int, want ...int) {
	w.Helper()
	if got := w.claim(lane, limit); !slices.Equal(got, want) {
		w.Fatalf("claimed %v on %s, want %v", got, lane, want)
	}
}

func (w *world) settle(state app.DeliveryState, ids ...int) {
	w.Helper()
	var list []app.Outcome
	for _, n := range ids {
		list = append(list, app.Outcome{ID: deliveryID(n), State: state, Took: time.Millisecond})
	}
	ok(w, w.store.Settle(w.Context(), list))
}

func (w *world) delivery(n int) app.Delivery {
	w.Helper()
	return must(w.store.Delivery(w.Context(), deliveryID(n)))(w)
}

func (w *world) lanes() string {
	w.Helper()
	var out []string
	for _, l := range must(w.store.Lanes(w.Context()))(w) {
		out = append(out, fmt.Sprintf("%s %s %s", l.Key, l.Channel, l.Due.Sub(w.clock)))
	}
	return strings.Join(out, ", ")
}

func TestADeliveryIsStoredOnceClaimedAndSent(t *testing.T) {
	w := newWorld(t)
	e := w.record(w.scan(app.OriginWebhook, "1", 5))[0]
	d := w.mail(1)
	other := d
	other.ID = deliveryID(2) // the same message under another id
	for range 2 {
		ok(t, w.store.Route(t.Context(), []app.Routed{{Event: e.ID, Deliveries: []app.Delivery{d, other}}}))
	}
	if got := w.lanes(); got != "mail mail 0s" {
		t.Errorf("the lanes are %q", got)
	}
	claimed := must(w.store.Claim(t.Context(), "mail", 10))(t)
	if len(claimed) != 1 {
		t.Fatalf("claimed %+v", claimed)
	}
	c := claimed[0]
	if c.Delivery.Attempts != 1 || c.Delivery.Account != w.account.ID || c.Event.Call.Title == "" || c.Person.Username != "ada" || c.Destination.ID != 0 {
		t.Errorf("claimed %+v", c)
	}
	w.wantClaim("mail", 10)
	if got := w.lanes(); got != "" {
		t.Errorf("what is being sent still waits: %q", got)
	}
	w.settle(app.DeliverySent, 1)
	w.settle(app.DeliveryDead, 1) // it is settled already
	if got := w.delivery(1); got.State != app.DeliverySent || !got.Settled.Equal(w.clock) {
		t.Errorf("it ended as %+v", got)
	}
	if _, err := w.store.Delivery(t.Context(), deliveryID(2)); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("a second message for the same: %v", err)
	}
	w.deepCheck()
}
