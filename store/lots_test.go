package store_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/store"
	"bellhop/store/storetest"
)

// together routes deliveries, each of an event of its own, at once.
func (w *world) together(list ...app.Delivery) {
	w.Helper()
	routed := make([]app.Routed, len(list))
	for i, d := range list {
		e := w.record(w.scan(app.OriginWebhook, string(d.ID), 0))[0]
		routed[i] = app.Routed{Event: e.ID, Deliveries: []app.Delivery{d}}
		if i%2 > 0 {
			routed[i].Told = &e
		}
	}
	ok(w, w.store.Route(w.Context(), routed))
}

// mails are deliveries on the lane "mail", the first with the number from.
func (w *world) mails(from, n int) (list []app.Delivery) {
	w.Helper()
	for i := range n {
		list = append(list, w.mail(from+i))
	}
	return list
}

func TestWhatIsDecidedTogetherIsOneRowUntilItWasSent(t *testing.T) {
	w := newWorld(t)
	w.together(w.mails(1, 100)...)
	if lots, rows := w.rows("lots"), w.rows("deliveries"); lots != 1 || rows != 0 {
		t.Fatalf("%d lots and %d rows", lots, rows)
	}
	if got := must(w.store.DeliveryCounts(t.Context()))(t)[app.ChannelMail]; got[app.DeliveryWaiting] != 100 {
		t.Errorf("counted %v", got)
	}
	if got := w.lanes(); got != "mail mail 0s" {
		t.Errorf("the lanes are %q", got)
	}
	claimed := must(w.store.Claim(t.Context(), "mail", 60))(t)
	if len(claimed) != 60 || number(t, claimed[59].Delivery.ID) != 60 || claimed[7].Event.Call.Title == "" || claimed[7].Person.Username != "ada" {
		t.Fatalf("claimed %d: %+v", len(claimed), claimed[7])
	}
	if got, want := w.delivery(8), claimed[7].Delivery; !reflect.DeepEqual(got, want) {
		t.Errorf("the ledger has %+v\nclaimed       %+v", got, want)
	}
	w.clock = w.clock.Add(time.Second)
	var outcomes []app.Outcome
	for _, c := range claimed[:59] {
		outcomes = append(outcomes, app.Outcome{ID: c.Delivery.ID, State: app.DeliverySent, Took: time.Millisecond, Status: 250, Answer: "queued"})
	}
	for range 2 { // settling twice is settling once
		ok(t, w.store.Settle(t.Context(), outcomes))
	}
	if rows, notes := w.rows("deliveries"), w.rows("lot_sent"); rows != 0 || notes != 1 {
		t.Errorf("%d rows and %d notes about 59 that were sent", rows, notes)
	}
	counts := must(w.store.DeliveryCounts(t.Context()))(t)[app.ChannelMail]
	if counts[app.DeliverySent] != 59 || counts[app.DeliveryWaiting] != 41 {
		t.Errorf("counted %v", counts)
	}
	got := w.delivery(8)
	if got.State != app.DeliverySent || got.Status != 250 || got.Answer != "queued" || !got.Settled.Equal(w.clock) || got.Attempts != 1 {
		t.Errorf("it ended as %+v", got)
	}
	want := []app.Attempt{{Delivery: deliveryID(8), N: 1, Begun: w.clock.Add(-time.Second), Took: time.Millisecond, Status: 250, Answer: "queued"}}
	if ledger := must(w.store.Attempts(t.Context(), deliveryID(8)))(t); !slices.Equal(ledger, want) {
		t.Errorf("its ledger is %+v", ledger)
	}
	w.wantClaim("mail", 1000, w.numbers(61, 100)...)
	w.settle(app.DeliveryDead, 77)
	w.settle(app.DeliverySent, w.numbers(60, 100)...)
	before, _, err := w.store.Deliveries(t.Context(), app.DeliveryFilter{Limit: 100})
	ok(t, err)
	ok(t, w.store.FoldFinished(t.Context()))
	after, _, err := w.store.Deliveries(t.Context(), app.DeliveryFilter{Limit: 100})
	ok(t, err)
	if !reflect.DeepEqual(before, after) {
		t.Errorf("as rows they are\n%+v\nbefore\n%+v", after, before)
	}
	if ledger := must(w.store.Attempts(t.Context(), deliveryID(8)))(t); !slices.Equal(ledger, want) {
		t.Errorf("its ledger is %+v then", ledger)
	}
	if got := must(w.store.DeliveryCounts(t.Context()))(t)[app.ChannelMail]; got[app.DeliverySent] != 99 || got[app.DeliveryDead] != 1 || len(got) != 2 {
		t.Errorf("counted %v then", got)
	}
	if lots, rows := w.rows("lots"), w.rows("deliveries"); lots != 0 || rows != 100 {
		t.Errorf("%d lots and %d rows are left", lots, rows)
	}
	w.deepCheck()
}

func (w *world) numbers(from, to int) (list []int) {
	for n := from; n <= to; n++ {
		list = append(list, n)
	}
	return list
}

func TestACutOffAttemptOfALotIsInTheLedger(t *testing.T) {
	w := newWorld(t)
	w.together(w.mails(1, 64)...)
	w.wantClaim("mail", 10, w.numbers(1, 10)...)
	w.settle(app.DeliverySent, 1, 2, 3)
	begun := w.clock
	w.reopen() // killed
	if n := must(w.store.Recover(t.Context()))(t); n != 7 {
		t.Errorf("%d were taken back", n)
	}
	if got := must(w.store.Attempts(t.Context(), deliveryID(5)))(t); !slices.Equal(got, []app.Attempt{{Delivery: deliveryID(5), N: 1, Begun: begun}}) {
		t.Errorf("the ledger has %+v", got)
	}
	if got := must(w.store.Attempts(t.Context(), deliveryID(50)))(t); len(got) != 0 {
		t.Errorf("what was never tried has %+v", got)
	}
	w.wantClaim("mail", 100, w.numbers(4, 64)...)
	w.settle(app.DeliverySent, w.numbers(4, 64)...)
	w.together(w.mails(101, 40)...)
	w.wantClaim("mail", 30, w.numbers(101, 130)...)
	w.settle(app.DeliverySent, w.numbers(101, 120)...)
	w.reopen() // killed again: what was sent stays so
	if n := must(w.store.Recover(t.Context()))(t); n != 10 {
		t.Errorf("%d were taken back", n)
	}
	w.wantClaim("mail", 100, w.numbers(121, 140)...)
	w.settle(app.DeliverySent, w.numbers(121, 140)...)
	if got := must(w.store.DeliveryCounts(t.Context()))(t)[app.ChannelMail]; got[app.DeliverySent] != 104 || got[app.DeliveryWaiting] != 0 {
		t.Errorf("counted %v", got)
	}
	w.deepCheck()
}

func TestRowsAndLotsOfALaneLeaveInTheirOrder(t *testing.T) {
	w := newWorld(t)
	late, early := w.mail(500), w.mail(501)
	late.Due, early.Due = w.clock.Add(30*time.Second), w.clock.Add(-30*time.Second)
	w.enqueue(late, early)
	first, second := w.mails(1, 40), w.mails(101, 40)
	for i := range first {
		first[i].Due = w.clock.Add(time.Duration(2*i) * time.Second)
		second[i].Due = w.clock.Add(time.Duration(2*i+1) * time.Second)
	}
	w.together(first...)
	w.together(second...)
	w.clock = w.clock.Add(time.Minute)
	want := []int{501}
	for i := range 30 {
		if i == 15 {
			want = append(want, 16, 500, 116)
			continue
		}
		want = append(want, i+1, 101+i)
	}
	want = append(want, 31)
	w.wantClaim("mail", 20, want[:20]...)
	w.wantClaim("mail", 1000, want[20:]...)
	w.deepCheck()
}

// What happens to one of a lot makes rows of it; the ledger looks the same before
// and after.
func TestALotBecomesRowsWhereSomethingHappensToOneOfIt(t *testing.T) {
	for what, act := range map[string]func(*world) error{
		"sent again": func(w *world) error {
			_, err := w.store.Resend(w.Context(), []app.DeliveryID{deliveryID(999)})
			return err
		},
		"the lane dropped": func(w *world) error { _, err := w.store.DropLane(w.Context(), "no lane"); return err },
		"old things":       func(w *world) error { _, err := w.store.Prune(w.Context(), w.clock.Add(-time.Hour)); return err },
	} {
		w := newWorld(t)
		w.together(w.mails(1, 64)...)
		w.wantClaim("mail", 10, w.numbers(1, 10)...)
		w.settle(app.DeliveryDead, 2)
		before, _, err := w.store.Deliveries(t.Context(), app.DeliveryFilter{Limit: 100})
		ok(t, err)
		ok(t, act(w))
		if n := w.rows("lots"); n != 0 {
			t.Errorf("after %s there are %d lots", what, n)
		}
		after, _, err := w.store.Deliveries(t.Context(), app.DeliveryFilter{Limit: 100})
		ok(t, err)
		if !reflect.DeepEqual(before, after) {
			t.Errorf("%s changed what is listed:\n%+v\n%+v", what, before[:12], after[:12])
		}
		w.settle(app.DeliverySent, 1, 3) // what was in the air when that happened
		if got := w.delivery(3); got.State != app.DeliverySent {
			t.Errorf("after %s it ended as %+v", what, got)
		}
		w.deepCheck()
	}
}

func TestTheHistoryOfALaneKnowsWhatWasSentFromALot(t *testing.T) {
	w := newWorld(t)
	w.together(w.mails(1, 64)...)
	w.wantClaim("mail", 10, w.numbers(1, 10)...)
	w.settle(app.DeliverySent, 1, 2)
	for range 2 {
		for what, ask := range map[string]func() ([]time.Time, error){
			"lane": func() ([]time.Time, error) { return w.store.LaneHistory(t.Context(), "mail", w.clock.Add(-time.Hour)) },
			"group": func() ([]time.Time, error) {
				return w.store.GroupHistory(t.Context(), "mail", "shop", w.clock.Add(-time.Hour))
			},
		} {
			if got := must(ask())(t); len(got) != 2 || !got[0].Equal(w.clock) {
				t.Errorf("the history of the %s is %v", what, got)
			}
		}
	}
	w.settle(app.DeliverySent, 3)
	if got := w.delivery(3); got.State != app.DeliverySent {
		t.Errorf("what was in the air meanwhile ended as %+v", got)
	}
}

func TestAClockThatWasSetBackHoldsNothingInALot(t *testing.T) {
	w := newWorld(t)
	now := w.clock
	list := w.mails(1, 64)
	for i := range list {
		list[i].Created = w.clock
	}
	w.together(list...)
	if n := must(w.store.SetBack(t.Context()))(t); n != 0 || w.rows("lots") != 1 {
		t.Errorf("with a right clock %d became due, and there are %d lots", n, w.rows("lots"))
	}
	w.clock = now.Add(-24 * time.Hour)
	w.wantClaim("mail", 100)
	if n := must(w.store.SetBack(t.Context()))(t); n != 64 {
		t.Errorf("%d became due", n)
	}
	w.wantClaim("mail", 100, w.numbers(1, 64)...)
	w.deepCheck()
}

func TestALotIsFilteredAsRowsAre(t *testing.T) {
	w := newWorld(t)
	w.together(w.mails(1, 64)...)
	third := w.delivery(3)
	for what, c := range map[string]struct {
		f    app.DeliveryFilter
		want int
	}{
		"all":            {app.DeliveryFilter{Limit: 100}, 64},
		"waiting":        {app.DeliveryFilter{Limit: 100, State: app.DeliveryWaiting}, 64},
		"sent":           {app.DeliveryFilter{Limit: 100, State: app.DeliverySent}, 0},
		"of an event":    {app.DeliveryFilter{Event: third.Event}, 1},
		"of no alert":    {app.DeliveryFilter{Alert: 77}, 0},
		"by mail":        {app.DeliveryFilter{Limit: 100, Channel: "mail"}, 64},
		"by Slack":       {app.DeliveryFilter{Limit: 100, Channel: "slack"}, 0},
		"since later":    {app.DeliveryFilter{Since: w.clock.Add(time.Second)}, 0},
		"since then":     {app.DeliveryFilter{Limit: 100, Since: w.clock}, 64},
		"the first page": {app.DeliveryFilter{Limit: 50}, 50},
		"the next page":  {app.DeliveryFilter{Limit: 50, After: deliveryID(15)}, 14},
	} {
		page, next, err := w.store.Deliveries(t.Context(), c.f)
		ok(t, err)
		if len(page) != c.want || (next != "") != (what == "the first page") {
			t.Errorf("%s: %d deliveries, next %q", what, len(page), next)
		}
		if !slices.IsSortedFunc(page, func(a, b app.Delivery) int { return number(t, b.ID) - number(t, a.ID) }) {
			t.Errorf("%s is not in its order", what)
		}
	}
}

func TestAnAccountTakesItsLotsAlong(t *testing.T) {
	w := newWorld(t)
	w.together(w.mails(1, 64)...)
	w.wantClaim("mail", 10, w.numbers(1, 10)...)
	ok(t, w.store.RemoveAccount(t.Context(), w.account.ID))
	w.wantClaim("mail", 100)
	w.settle(app.DeliverySent, 1, 2)
	if lots, rows := w.rows("lots"), w.rows("deliveries"); lots != 0 || rows != 0 {
		t.Errorf("%d lots and %d rows are left", lots, rows)
	}
	w.deepCheck()
}

func TestAMessageIsInALotOnce(t *testing.T) {
	w := newWorld(t)
	var routed []app.Routed
	for _, d := range w.mails(1, 64) {
		twin := d
		twin.ID = deliveryID(1000 + number(t, d.ID))
		e := w.record(w.scan(app.OriginWebhook, string(d.ID), 0))[0]
		routed = append(routed, app.Routed{Event: e.ID, Deliveries: []app.Delivery{d, twin}})
	}
	ok(t, w.store.Route(t.Context(), routed[:40]))
	ok(t, w.store.Route(t.Context(), routed)) // some of it was routed before
	if got := must(w.store.DeliveryCounts(t.Context()))(t)[app.ChannelMail]; got[app.DeliveryWaiting] != 64 {
		t.Errorf("counted %v", got)
	}
	w.wantClaim("mail", 1000, w.numbers(1, 64)...)
	w.settle(app.DeliverySent, w.numbers(1, 64)...)
	ok(t, w.store.FoldFinished(t.Context()))
	if lots, rows := w.rows("lots"), w.rows("deliveries"); lots != 0 || rows != 64 {
		t.Errorf("%d lots and %d rows are left", lots, rows)
	}
}

// FuzzUnpackLot takes bytes for a lot: they are refused, or mean the same once they
// are stored again.
func FuzzUnpackLot(f *testing.F) {
	w := &world{clock: storetest.Epoch}
	f.Add(store.PackLot(w.crowdOf(3)))
	f.Add([]byte{})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0x7f})
	f.Fuzz(func(t *testing.T, packed []byte) {
		list, err := store.UnpackLot(packed, "mail", app.ChannelMail)
		if err != nil {
			return
		}
		again := must(store.UnpackLot(store.PackLot(list), "mail", app.ChannelMail))(t)
		if len(again) != len(list) || len(list) > 0 && !reflect.DeepEqual(again, list) {
			t.Errorf("%+v became %+v", list, again)
		}
	})
}

// What was claimed before the clock was set back waits for no time to come once it is
// given back, in lots and in rows.
func TestWhatIsGivenBackByAnEarlierClockIsDue(t *testing.T) {
	for what, n := range map[string]int{"rows": 3, "a lot": 40} {
		t.Run(what, func(t *testing.T) {
			w := newWorld(t)
			w.together(w.mails(1, n)...)
			claimed := must(w.store.Claim(t.Context(), "mail", n))(t)
			w.clock = w.clock.Add(-time.Hour)
			_ = must(w.store.SetBack(t.Context()))(t)
			var ids []app.DeliveryID
			for _, c := range claimed {
				ids = append(ids, c.Delivery.ID)
			}
			ok(t, w.store.Release(t.Context(), ids, time.Time{}))
			w.wantClaim("mail", n, w.numbers(1, n)...)
		})
	}
}

// A lane that somebody closed stays so, whatever was in the air; one that waits for
// its time is tried when the network comes back.
func TestAClosedLaneOpensByHandAlone(t *testing.T) {
	w := newWorld(t)
	w.together(w.mails(1, 4)...)
	w.wantClaim("mail", 2, 1, 2)
	ok(t, w.store.HoldLane(t.Context(), "mail", app.ChannelMail))
	w.settle(app.DeliverySent, 1)
	ok(t, w.store.RetryLane(t.Context(), "mail"))
	n := must(w.store.RetryLanes(t.Context()))(t)
	if lanes := must(w.store.Lanes(t.Context()))(t); n != 0 || len(lanes) != 1 || lanes[0].Held.Year() != 9999 {
		t.Errorf("%d were let go; the lanes are %+v", n, lanes)
	}
	ok(t, w.store.ReleaseLane(t.Context(), "mail"))
	if lanes := must(w.store.Lanes(t.Context()))(t); len(lanes) != 1 || !lanes[0].Held.IsZero() {
		t.Errorf("let go by hand, the lanes are %+v", lanes)
	}
	ok(t, w.store.Settle(t.Context(), []app.Outcome{{ID: deliveryID(2), State: app.DeliveryWaiting, Due: w.clock.Add(9 * time.Hour), LaneDue: w.clock.Add(5 * time.Minute)}}))
	w.clock = w.clock.Add(6 * time.Minute) // the lane's hold is over, the message's wait is not
	if n := must(w.store.RetryLanes(t.Context()))(t); n != 1 {
		t.Errorf("%d were let go", n)
	}
	w.wantClaim("mail", 9, 3, 4, 2)
}
