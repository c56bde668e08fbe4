package store_test

import (
	"maps"
	"strconv"
	"strings"
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

// Why something is stopped says a command that can be typed: with the name of the
// destination as one word, or without a name where the lane has none.
func TestWhatIsStoppedSaysACommandThatCanBeTyped(t *testing.T) {
	w := newWorld(t)
	place := must(w.store.AddDestination(t.Context(), app.Destination{Account: w.account.ID, Channel: app.ChannelMail, Name: "blue team", Address: "a@example.com"}))(t)
	team, person := w.mail(1), w.mail(2)
	team.Destination, person.Lane = place.ID, "people"
	w.enqueue(team, person)
	ok(t, w.store.HoldLane(t.Context(), "mail", app.ChannelMail))
	ok(t, w.store.HoldLane(t.Context(), "people", app.ChannelMail))
	if d := w.delivery(1); d.Stopped == nil || !strings.Contains(d.Stopped.Next, "`bellhop channels edit 'blue team' --on`") {
		t.Errorf("what goes to a destination is stopped because %+v", d.Stopped)
	}
	if d := w.delivery(2); d.Stopped == nil || strings.Contains(d.Stopped.Next, "edit mail ") || !strings.Contains(d.Stopped.Next, "`bellhop channels list`") {
		t.Errorf("what goes to a person is stopped because %+v", d.Stopped)
	}
}

// What is counted as stopped is what is listed with the dead, as rows and packed,
// and is none once the lane is open.
func TestWhatIsStoppedIsCountedAsItIsListed(t *testing.T) {
	w := newWorld(t)
	agrees := func(want map[app.Channel]int) {
		t.Helper()
		n, more, err := w.store.StoppedCounts(t.Context())
		if err != nil || more != 0 || !maps.Equal(n, want) {
			t.Errorf("counted %v, more of %v, %v; want %v", n, more, err, want)
		}
		listed := make(map[app.Channel]int)
		page, _, err := w.store.Deliveries(t.Context(), app.DeliveryFilter{NeedsYou: true, Limit: 200})
		for _, d := range page {
			if d.State != app.DeliveryDead {
				listed[d.Channel]++
			}
		}
		if err != nil || !maps.Equal(listed, want) {
			t.Errorf("listed are %v, %v; want %v", listed, err, want)
		}
	}
	w.together(w.mails(1, 70)...)
	held := w.mail(201)
	held.State, held.Due = app.DeliveryHeld, w.clock.Add(time.Hour)
	elsewhere := w.mail(202)
	elsewhere.Lane = "elsewhere"
	chat := w.mail(203)
	chat.Channel, chat.Lane = app.ChannelSlack, "slack"
	w.enqueue(held, elsewhere, chat, w.mail(204))
	agrees(map[app.Channel]int{})
	w.wantClaim("mail", 3, 1, 2, 3)
	ok(t, w.store.Settle(t.Context(), []app.Outcome{
		{ID: deliveryID(1), State: app.DeliverySent, Took: time.Second},
		{ID: deliveryID(2), State: app.DeliveryDead, Took: time.Second, Code: "refused"},
		{ID: deliveryID(3), State: app.DeliveryWaiting, Due: w.clock, Took: time.Second, LaneDue: dispatch.Closed},
	}))
	agrees(map[app.Channel]int{app.ChannelMail: 69})
	ok(t, w.store.HoldLane(t.Context(), "slack", app.ChannelSlack))
	agrees(map[app.Channel]int{app.ChannelMail: 69, app.ChannelSlack: 1})
	ok(t, w.store.ReleaseLane(t.Context(), "mail"))
	agrees(map[app.Channel]int{app.ChannelSlack: 1})
}

// However many are stopped, no more than that many rows are looked at, and it is said
// that there can be more.
func TestOfVeryManyThatAreStoppedSomeAreCounted(t *testing.T) {
	w := newWorld(t)
	w.store.PackFrom(20_000) // never
	mail := w.mail(0)
	var events []app.Event
	for i := range 10_100 {
		events = append(events, w.scan(app.OriginWebhook, strconv.Itoa(i), 0))
	}
	var routed []app.Routed
	for i, e := range w.record(events...) {
		mail.ID = deliveryID(i)
		routed = append(routed, app.Routed{Event: e.ID, Deliveries: []app.Delivery{mail}})
	}
	ok(t, w.store.Route(t.Context(), routed))
	ok(t, w.store.HoldLane(t.Context(), "mail", app.ChannelMail))
	n, more, err := w.store.StoppedCounts(t.Context())
	if err != nil || n[app.ChannelMail] != 10_000 || more != app.ChannelsOf(app.ChannelMail) {
		t.Errorf("counted %v, more of %v, %v", n, more, err)
	}
}
