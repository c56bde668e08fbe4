package store_test

import (
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bellhop/app"
	"bellhop/store"
)

// A claim tells the same whether it goes by what the router has just read or reads
// it itself: also of an event whose alert came and went meanwhile, of which a toast
// must know and a mail need not.
func TestAClaimTellsWhatARoutedEventTells(t *testing.T) {
	w := newWorld(t)
	const n = 40
	toasts := func(from int) (list []app.Delivery) {
		for _, d := range w.mails(from, n) {
			d.Channel, d.Lane = app.ChannelToast, "toast"
			list = append(list, d)
		}
		return list
	}
	var routed []app.Routed
	for i, d := range append(w.mails(1, n), toasts(n+1)...) {
		e := w.record(w.scan(app.OriginLocal, string(d.ID), 0))[0]
		routed = append(routed, app.Routed{Event: e.ID, Told: &e, Deliveries: []app.Delivery{d}, Alert: &app.Remote{Title: "Scan"}})
		if i%3 == 0 {
			routed[i].Told = nil
		}
	}
	ok(t, w.store.Route(t.Context(), routed))
	for lane, seen := range map[string]bool{"mail": false, "toast": true} {
		claimed := must(w.store.Claim(t.Context(), lane, n))(t)
		if len(claimed) != n {
			t.Fatalf("%d of %d were claimed on %s", len(claimed), n, lane)
		}
		for i, c := range claimed {
			want := must(w.store.Event(t.Context(), c.Delivery.Event))(t)
			got := *c.Event
			if want.Alert.ID == 0 || seen && got.Alert.ID == 0 {
				t.Errorf("%s: the alert of event %d is not known", lane, got.ID)
			}
			got.Alert, want.Alert = app.Alert{}, app.Alert{}
			if !reflect.DeepEqual(got, want) || c.Delivery.Account != want.Account {
				t.Errorf("%s: delivery %d tells of\n%+v\nand is about\n%+v", lane, i, got, want)
			}
		}
	}
}

// Whatever events are like.
func TestWhatIsKeptToBeToldIsBounded(t *testing.T) {
	w := newWorld(t)
	var routed []app.Routed
	for _, d := range w.mails(1, 40) {
		e := w.scan(app.OriginLocal, string(d.ID), 0)
		e.Call.Description = strings.Repeat("a", 300<<10)
		e = w.record(e)[0]
		routed = append(routed, app.Routed{Event: e.ID, Told: &e, Deliveries: []app.Delivery{d}})
	}
	ok(t, w.store.Route(t.Context(), routed))
	if n, bytes := w.store.KeptTold(); n == 0 || n > 27 || bytes < 300<<10 || bytes > 8<<20 {
		t.Errorf("%d events with %d bytes are kept", n, bytes)
	}
	for _, c := range must(w.store.Claim(t.Context(), "mail", 40))(t) {
		if len(c.Event.Call.Description) != 300<<10 {
			t.Errorf("event %d has lost its text", c.Event.ID)
		}
	}
	if n, bytes := w.store.KeptTold(); n != 0 || bytes != 0 {
		t.Errorf("%d events with %d bytes are kept after they were told", n, bytes)
	}
}

func TestWhatIsKeptToBeToldIsForgottenWhenNoClaimComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told store.ToldEvents
		routed := func(event int64) app.Routed {
			return app.Routed{Event: event, Told: &app.Event{ID: event}, Deliveries: []app.Delivery{{Event: event}}}
		}
		told.Keep(routed(1))
		time.Sleep(8 * time.Second)
		told.Keep(routed(2))
		if n, _ := told.Kept(); n != 2 {
			t.Errorf("%d events are kept 8 s after the first", n)
		}
		time.Sleep(3 * time.Second)
		if n, bytes := told.Kept(); n != 0 || bytes != 0 {
			t.Errorf("%d events with %d bytes are kept 11 s after the first", n, bytes)
		}
	})
}
