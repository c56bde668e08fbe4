package store_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/store"
	"bellhop/store/storetest"
)

var _ dispatch.Queue = (*store.Store)(nil)

// deliveryID makes ids that sort as their numbers.
func deliveryID(n int) app.DeliveryID { return app.DeliveryID(fmt.Sprintf("%026d", n)) }

// mail is a delivery with a number, on the lane "mail", that is due at once.
func (w *world) mail(n int) app.Delivery {
	return app.Delivery{ID: deliveryID(n), Person: must(w.store.Me(w.Context(), w.account.ID))(w).ID, Channel: app.ChannelMail, Lane: "mail", Group: "shop", Due: w.clock}
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
		out = append(out, fmt.Sprintf("%s %s %s", l.Key, l.Channel, l.Due().Sub(w.clock)))
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

func TestACutOffAttemptStaysInTheLedgerAndIsFollowedByAnother(t *testing.T) {
	w := newWorld(t)
	w.enqueue(w.mail(1), w.mail(2), w.mail(3))
	w.wantClaim("mail", 2, 1, 2)
	begun := w.clock
	w.settle(app.DeliverySent, 2)
	w.clock = w.clock.Add(time.Minute)
	w.reopen() // the bell died while 1 was on its way
	if n := must(w.store.Recover(t.Context()))(t); n != 1 {
		t.Errorf("%d deliveries were taken back", n)
	}
	claimed := must(w.store.Claim(t.Context(), "mail", 9))(t)
	if len(claimed) != 2 || claimed[0].Delivery.ID != deliveryID(1) || claimed[0].Delivery.Attempts != 1 {
		t.Fatalf("claimed again: %+v", claimed)
	}
	ok(t, w.store.Settle(t.Context(), []app.Outcome{{
		ID: deliveryID(1), State: app.DeliveryWaiting, Due: w.clock.Add(time.Hour), Took: 3 * time.Second, Status: 451, Code: "greylisted", Answer: "later",
	}}))
	want := []app.Attempt{
		{Delivery: deliveryID(1), N: 1, Begun: begun},
		{Delivery: deliveryID(1), N: 2, Begun: w.clock, Took: 3 * time.Second, Status: 451, Code: "greylisted", Answer: "later"},
	}
	if got := must(w.store.Attempts(t.Context(), deliveryID(1)))(t); !slices.Equal(got, want) {
		t.Errorf("the ledger has %+v\nwant           %+v", got, want)
	}
	if got := w.delivery(1); got.Code != "greylisted" || got.Status != 451 || !got.Due.Equal(w.clock.Add(time.Hour)) || !got.Settled.IsZero() {
		t.Errorf("it waits as %+v", got)
	}
	w.deepCheck()
}

func TestWhatIsGivenBackWasNeverClaimed(t *testing.T) {
	w := newWorld(t)
	w.enqueue(w.mail(1), w.mail(2))
	w.wantClaim("mail", 1, 1)
	ok(t, w.store.Settle(t.Context(), []app.Outcome{{ID: deliveryID(1), State: app.DeliveryWaiting, Due: w.clock, Took: time.Second, Code: "refused"}}))
	before, ledger := w.delivery(1), must(w.store.Attempts(t.Context(), deliveryID(1)))(t)
	w.wantClaim("mail", 9, 1, 2)
	ok(t, w.store.Release(t.Context(), []app.DeliveryID{deliveryID(1)}, time.Time{}))
	if got := w.delivery(1); got != before {
		t.Errorf("given back as %+v, want %+v", got, before)
	}
	if got := must(w.store.Attempts(t.Context(), deliveryID(1)))(t); !slices.Equal(got, ledger) {
		t.Errorf("the ledger has %+v, want %+v", got, ledger)
	}
	later := w.clock.Add(time.Minute)
	ok(t, w.store.Release(t.Context(), []app.DeliveryID{deliveryID(1), deliveryID(2)}, later)) // 1 is no longer claimed
	if got := w.delivery(2); got.Attempts != 0 || !got.Due.Equal(later) {
		t.Errorf("given back as %+v", got)
	}
	if got := must(w.store.Attempts(t.Context(), deliveryID(2)))(t); got != nil {
		t.Errorf("it was never tried: %+v", got)
	}
	w.wantClaim("mail", 9, 1)
}

func TestALaneLeavesInItsOrderAndDelaysNoOther(t *testing.T) {
	w := newWorld(t)
	early, late, other := w.mail(3), w.mail(1), w.mail(2)
	late.Due = w.clock.Add(time.Second)
	other.Lane, other.Channel = "slack ops", app.ChannelSlack
	w.enqueue(late, other, early, w.mail(4))
	w.wantClaim("mail", 1, 3)
	hold := w.clock.Add(time.Hour)
	ok(t, w.store.Settle(t.Context(), []app.Outcome{{ID: deliveryID(3), State: app.DeliveryWaiting, Due: w.clock, LaneDue: hold}}))
	w.reopen()
	if got := w.lanes(); got != "slack ops slack 0s, mail mail 1h0m0s" {
		t.Errorf("the lanes are %q", got)
	}
	w.clock = hold
	w.wantClaim("mail", 2, 3, 4)
	w.settle(app.DeliverySent, 3)
	if got := w.lanes(); got != "slack ops slack -1h0m0s, mail mail -59m59s" {
		t.Errorf("after a success the lanes are %q", got)
	}
	// One that is closed until somebody acts is opened again.
	ok(t, w.store.Settle(t.Context(), []app.Outcome{{ID: deliveryID(4), State: app.DeliveryWaiting, Due: hold.Add(time.Hour), LaneDue: dispatch.Closed}}))
	w.wantClaim("slack ops", 5, 2)
	if got := must(w.store.Lanes(t.Context()))(t); len(got) != 1 || !got[0].Held.Equal(dispatch.Closed) {
		t.Errorf("the lane is not closed: %+v", got)
	}
	ok(t, w.store.ReleaseLane(t.Context(), "mail"))
	w.wantClaim("mail", 5, 1, 4)
	ok(t, w.store.ReleaseLane(t.Context(), "no such lane"))
}

func TestADigestCountsOnceInTheHistories(t *testing.T) {
	w := newWorld(t)
	another := w.mail(5)
	another.Group = "portal"
	w.enqueue(w.mail(1), w.mail(2), w.mail(3), w.mail(4), another)
	start := w.clock
	w.wantClaim("mail", 9, 1, 2, 3, 4, 5)
	var digest []app.Outcome
	for n := range 3 {
		digest = append(digest, app.Outcome{ID: deliveryID(n + 1), State: app.DeliverySent, Digest: deliveryID(2)})
	}
	ok(t, w.store.Settle(t.Context(), digest))
	w.clock = w.clock.Add(time.Minute)
	w.settle(app.DeliverySent, 5)
	w.settle(app.DeliveryDead, 4)
	history := func(times []time.Time, err error) []time.Duration {
		t.Helper()
		var out []time.Duration
		for _, at := range must(times, err)(t) {
			out = append(out, at.Sub(start))
		}
		return out
	}
	if got := history(w.store.LaneHistory(t.Context(), "mail", start)); !slices.Equal(got, []time.Duration{0, time.Minute}) {
		t.Errorf("the lane's history is %v", got)
	}
	if got := history(w.store.LaneHistory(t.Context(), "mail", start.Add(time.Nanosecond))); !slices.Equal(got, []time.Duration{time.Minute}) {
		t.Errorf("a little later it is %v", got)
	}
	if got := history(w.store.GroupHistory(t.Context(), "mail", "shop", start)); !slices.Equal(got, []time.Duration{0}) {
		t.Errorf("the group's history is %v", got)
	}
	if got := history(w.store.GroupHistory(t.Context(), "slack", "shop", start)); got != nil {
		t.Errorf("another lane's history is %v", got)
	}
	if got := w.delivery(1).Digest; got != deliveryID(2) {
		t.Errorf("it went out in %q", got)
	}
}

func TestWhatIsDeadIsSentAgainWithItsLedger(t *testing.T) {
	w := newWorld(t)
	w.enqueue(w.mail(1), w.mail(2), w.mail(3))
	w.wantClaim("mail", 3, 1, 2, 3)
	ok(t, w.store.Settle(t.Context(), []app.Outcome{
		{ID: deliveryID(1), State: app.DeliveryDead, Took: time.Second, Code: "no_mailbox", Next: "Mend it."},
		{ID: deliveryID(2), State: app.DeliverySent, Took: time.Second, LaneDue: w.clock.Add(48 * time.Hour)},
	}))
	w.clock = w.clock.Add(time.Hour)
	if n := must(w.store.Resend(t.Context(), []app.DeliveryID{deliveryID(2), deliveryID(3), deliveryID(9)}))(t); n != 1 {
		t.Errorf("%d are sent again", n)
	}
	if n := must(w.store.ResendDead(t.Context()))(t); n != 1 {
		t.Errorf("%d dead ones are sent again", n)
	}
	if got := w.lanes(); got != "mail mail 0s" {
		t.Errorf("the lanes are %q", got)
	}
	claimed := must(w.store.Claim(t.Context(), "mail", 9))(t)
	if len(claimed) != 2 || claimed[0].Delivery.Attempts != 1 || !claimed[0].Delivery.Resent.Equal(w.clock) {
		t.Fatalf("claimed %+v", claimed)
	}
	ledger := must(w.store.Attempts(t.Context(), deliveryID(1)))(t)
	if len(ledger) != 2 || ledger[0].Code != "no_mailbox" || ledger[1].N != 2 {
		t.Errorf("the ledger has %+v", ledger)
	}
	if got := w.delivery(1); got.Next != "" || !got.Settled.IsZero() || !got.Created.Before(got.Resent) {
		t.Errorf("it is on its way as %+v", got)
	}
}

func TestWhatIsHeldComesWhenItsTimeHasCome(t *testing.T) {
	w := newWorld(t)
	night, unknown := w.mail(1), w.mail(2)
	night.State, night.Due = app.DeliveryHeld, w.clock.Add(8*time.Hour)
	unknown.State, unknown.Due, unknown.Lane = app.DeliveryHeld, time.Time{}, "silenced"
	w.enqueue(night, unknown)
	w.wantClaim("mail", 9)
	if got := w.lanes(); !strings.HasPrefix(got, "mail mail 8h0m0s, silenced") {
		t.Errorf("the lanes are %q", got)
	}
	w.clock = w.clock.Add(8 * time.Hour)
	w.wantClaim("silenced", 9)
	claimed := must(w.store.Claim(t.Context(), "mail", 9))(t)
	if len(claimed) != 1 || claimed[0].Delivery.State != app.DeliveryHeld {
		t.Fatalf("in the morning: %+v", claimed)
	}
	ok(t, w.store.Release(t.Context(), []app.DeliveryID{deliveryID(1)}, time.Time{}))
	if n := must(w.store.ReleaseHeld(t.Context(), w.clock))(t); n != 1 || w.delivery(1).State != app.DeliveryWaiting {
		t.Errorf("%d were released, the first is %+v", n, w.delivery(1))
	}
}

func TestARemovedDestinationOrPersonIsSentNothing(t *testing.T) {
	w := newWorld(t)
	place := must(w.store.AddDestination(t.Context(), app.Destination{Account: w.account.ID, Channel: app.ChannelSlack, Name: "ops"}))(t)
	var list []app.Delivery
	for n := range 3 {
		d := w.mail(n + 1)
		d.Person, d.Channel, d.Destination, d.Lane = 0, app.ChannelSlack, place.ID, "slack"
		list = append(list, d)
	}
	nobody := w.mail(4)
	nobody.Person = 999
	w.enqueue(append(list, nobody, w.mail(5))...)
	claimed := must(w.store.Claim(t.Context(), "slack", 1))(t)
	if len(claimed) != 1 || claimed[0].Destination.Name != "ops" || claimed[0].Person.ID != 0 {
		t.Fatalf("claimed %+v", claimed)
	}
	ok(t, w.store.RemoveDestination(t.Context(), place.ID))
	if got := w.delivery(2); got.State != app.DeliveryDropped || got.Code != "destination_removed" || got.Settled.IsZero() {
		t.Errorf("it ended as %+v", got)
	}
	// The one that was on its way failed, and finds the place gone.
	ok(t, w.store.Settle(t.Context(), []app.Outcome{{ID: deliveryID(1), State: app.DeliveryWaiting, Due: w.clock}}))
	w.wantClaim("slack", 9)
	if got := w.delivery(1); got.State != app.DeliveryDropped || got.Code != "destination_removed" {
		t.Errorf("it ended as %+v", got)
	}
	w.wantClaim("mail", 1, 5)
	if got := w.delivery(4); got.State != app.DeliveryDropped || got.Code != "person_removed" {
		t.Errorf("it ended as %+v", got)
	}
	w.enqueue(w.mail(6), w.mail(7))
	if n := must(w.store.DropLane(t.Context(), "mail"))(t); n != 2 {
		t.Errorf("%d were given up", n)
	}
	w.deepCheck()
}

func TestDeliveriesAreListedAndCounted(t *testing.T) {
	w := newWorld(t)
	var list []app.Delivery
	for n := range 25 {
		d := w.mail(n + 1)
		d.Created = w.clock.Add(time.Duration(n) * time.Minute)
		if n%5 == 0 {
			d.Channel, d.Lane = app.ChannelSlack, "slack"
		}
		list = append(list, d)
	}
	w.enqueue(list...)
	w.wantClaim("slack", 9, 1, 6, 11, 16, 21)
	w.settle(app.DeliverySent, 1, 6)
	w.settle(app.DeliveryDead, 11)
	numbers := func(f app.DeliveryFilter) (out []int) {
		t.Helper()
		for {
			page, next, err := w.store.Deliveries(t.Context(), f)
			ok(t, err)
			for _, d := range page {
				out = append(out, number(t, d.ID))
			}
			if f.After = next; next == "" {
				return out
			}
		}
	}
	all := make([]int, 25)
	for i := range all {
		all[i] = 25 - i
	}
	event := w.delivery(9).Event
	for what, c := range map[string]struct {
		filter app.DeliveryFilter
		want   []int
	}{
		"by pages":    {app.DeliveryFilter{Limit: 5}, all},
		"a channel":   {app.DeliveryFilter{Channel: "slack", Limit: 2}, []int{21, 16, 11, 6, 1}},
		"sent":        {app.DeliveryFilter{State: app.DeliverySent}, []int{6, 1}},
		"waiting":     {app.DeliveryFilter{State: app.DeliveryWaiting, Channel: "slack"}, []int{21, 16}},
		"dead":        {app.DeliveryFilter{State: app.DeliveryDead}, []int{11}},
		"since":       {app.DeliveryFilter{Since: w.clock.Add(22 * time.Minute)}, []int{25, 24, 23}},
		"of an event": {app.DeliveryFilter{Event: event}, []int{9}},
		"of an alert": {app.DeliveryFilter{Alert: 77}, nil},
	} {
		if got := numbers(c.filter); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", what, got, c.want)
		}
	}
	if _, _, err := w.store.Deliveries(t.Context(), app.DeliveryFilter{Channel: "pigeon"}); !errors.Is(err, app.ErrInvalid) {
		t.Errorf("an unknown channel: %v", err)
	}
	want := map[app.Channel]map[app.DeliveryState]int{
		app.ChannelMail:  {app.DeliveryWaiting: 20},
		app.ChannelSlack: {app.DeliveryWaiting: 2, app.DeliverySent: 2, app.DeliveryDead: 1},
	}
	if got := must(w.store.DeliveryCounts(t.Context()))(t); !reflect.DeepEqual(got, want) {
		t.Errorf("counted %v, want %v", got, want)
	}
}

func TestOldDeliveriesGoWithTheirEventAndWaitingOnesKeepIt(t *testing.T) {
	w := newWorld(t)
	w.pull(app.Apply{First: true}, answer(1)...)
	w.pull(app.Apply{}, answer(1, 2, 3)...)
	var routed []app.Routed
	for i, e := range must(w.store.Unrouted(t.Context(), 9))(t) {
		routed = append(routed, app.Routed{Event: e.ID, Deliveries: []app.Delivery{w.mail(i + 1)}})
	}
	ok(t, w.store.Route(t.Context(), routed))
	w.enqueue(w.mail(3), w.mail(4))
	byAlert, _, err := w.store.Deliveries(t.Context(), app.DeliveryFilter{Alert: w.id(3)})
	ok(t, err)
	if len(byAlert) != 1 || byAlert[0].ID != deliveryID(2) {
		t.Errorf("of the alert: %+v", byAlert)
	}
	w.wantClaim("mail", 9, 1, 2, 3, 4)
	w.settle(app.DeliverySent, 1, 3)
	ok(t, w.store.Settle(t.Context(), []app.Outcome{{ID: deliveryID(2), State: app.DeliveryWaiting}, {ID: deliveryID(4), State: app.DeliveryWaiting}}))
	w.pull(app.Apply{}) // everything has left the server's list
	w.clock = w.clock.Add(48 * time.Hour)
	if n := must(w.store.Prune(t.Context(), w.clock.Add(-24*time.Hour)))(t); n != 3 {
		t.Errorf("%d alerts were deleted", n)
	}
	for _, n := range []int{1, 3} {
		if _, err := w.store.Delivery(t.Context(), deliveryID(n)); !errors.Is(err, app.ErrNotFound) {
			t.Errorf("delivery %d is still there: %v", n, err)
		}
	}
	claimed := must(w.store.Claim(t.Context(), "mail", 9))(t)
	if len(claimed) != 2 || claimed[0].Event.Call.Title != storetest.Alert(3).Title || claimed[0].Event.Call.URL != "/finding/3" || claimed[1].Event.Call.Title != "Scan 0" {
		t.Fatalf("still to be sent: %+v", claimed)
	}
	w.settle(app.DeliverySent, 2, 4)
	must(w.store.Prune(t.Context(), w.clock.Add(-24*time.Hour)))(t)
	if got := must(w.store.DeliveryCounts(t.Context()))(t); len(got) != 0 {
		t.Errorf("what is left: %v", got)
	}
	if got := must(w.store.Events(t.Context(), app.EventFilter{}))(t); len(got) != 0 {
		t.Errorf("events that are left: %+v", got)
	}
	w.deepCheck()
}

func TestARemovedAccountIsSentNothing(t *testing.T) {
	w := newWorld(t)
	w.enqueue(w.mail(1))
	// The bell dies right after the account was removed, before its events are gone.
	ok(t, w.store.Close())
	raw(t, filepath.Join(w.dir, "bellhop.db"), `UPDATE accounts SET leaving = 1`)
	w.store = storetest.Open(t, store.Options{Dir: w.dir, Now: func() time.Time { return w.clock }})
	w.wantClaim("mail", 9)
	if _, err := w.store.Delivery(t.Context(), deliveryID(1)); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("the delivery of an account that is gone: %v", err)
	}
}
