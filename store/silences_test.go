package store_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"bellhop/app"
)

// silences are the ids of the silences that facts carry.
func silencesOf(f app.Facts) (ids []app.SilenceID) {
	for _, s := range f.Silences {
		ids = append(ids, s.ID)
	}
	return ids
}

func TestASilenceCountsUntilItEnds(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	me := must(w.store.Me(ctx, w.account.ID))(t)
	full := app.Silence{
		Account: w.account.ID, Person: me.ID, Events: []string{"other"}, Products: []string{"Shop"}, Severity: "High", Text: "x", Sources: []string{"y"},
		Tags: []string{"z"}, Channels: app.ChannelsOf(app.ChannelMail), CriticalPasses: true, Until: w.clock.Add(time.Hour), Who: "ada", Note: "we deploy",
	}
	one := must(w.store.AddSilence(ctx, full))(t)
	two := must(w.store.AddSilence(ctx, app.Silence{Account: w.account.ID, Until: w.clock.Add(2 * time.Hour)}))(t)
	full.ID, full.Created = one.ID, w.clock
	if one.ID == 0 || one.ID == two.ID || !reflect.DeepEqual(one, full) {
		t.Fatalf("stored %+v, want %+v", one, full)
	}
	w.reopen()
	if got := must(w.store.Silences(ctx, w.account.ID))(t); !reflect.DeepEqual(got, []app.Silence{two, one}) {
		t.Errorf("listed %+v", got)
	}
	if got := must(w.store.Facts(ctx, w.account.ID))(t).Silences; !reflect.DeepEqual(got, []app.Silence{one, two}) {
		t.Errorf("decisions are made from %+v", got)
	}
	if got := must(w.store.FactsForMe(ctx, w.account.ID))(t).Silences; !reflect.DeepEqual(got, []app.Silence{one, two}) {
		t.Errorf("for herself, decisions are made from %+v", got)
	}
	w.clock = w.clock.Add(time.Hour)
	if got := silencesOf(must(w.store.Facts(ctx, w.account.ID))(t)); !reflect.DeepEqual(got, []app.SilenceID{two.ID}) {
		t.Errorf("after the first end: %v", got)
	}
	hints, end := w.store.Changes().Subscribe()
	defer end()
	ended := must(w.store.EndSilence(ctx, two.ID))(t)
	if !ended.Until.Equal(w.clock) {
		t.Errorf("ended %+v", ended)
	}
	if h := <-hints; !h[app.TopicFacts] {
		t.Errorf("the end hints at %v", h)
	}
	if got := silencesOf(must(w.store.Facts(ctx, w.account.ID))(t)); got != nil {
		t.Errorf("after both ends: %v", got)
	}
	// Ending again is no change, also where it ended by itself.
	for _, s := range []app.Silence{one, ended} {
		if again := must(w.store.EndSilence(ctx, s.ID))(t); !reflect.DeepEqual(again, s) {
			t.Errorf("ended again as %+v, was %+v", again, s)
		}
	}
	if got := must(w.store.Overdue(ctx))(t); !reflect.DeepEqual(got, []app.AccountID{w.account.ID}) {
		t.Errorf("what is to be let go: %v", got)
	}
	ok(t, w.store.LetGo(ctx, w.account.ID, w.clock.Add(-time.Minute))) // before the end
	if got := must(w.store.Overdue(ctx))(t); len(got) != 1 {
		t.Errorf("it was forgotten that the second was ended meanwhile: %v", got)
	}
	// What is not let go is not forgotten.
	must(w.store.Prune(ctx, w.clock.Add(time.Hour)))(t)
	if got := must(w.store.Silences(ctx, w.account.ID))(t); len(got) != 1 || got[0].ID != two.ID {
		t.Errorf("after pruning there are %+v", got)
	}
	ok(t, w.store.LetGo(ctx, w.account.ID, w.clock))
	must(w.store.Prune(ctx, w.clock.Add(time.Hour)))(t)
	if got, due := must(w.store.Silences(ctx, w.account.ID))(t), must(w.store.Overdue(ctx))(t); got != nil || due != nil {
		t.Errorf("after pruning there are %+v, and to let go %v", got, due)
	}
	w.deepCheck()
}

func TestASilenceOfNobodyIsRefused(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	if _, err := w.store.AddSilence(ctx, app.Silence{Account: w.account.ID, Person: 99, Until: w.clock.Add(time.Hour)}); !errors.Is(err, app.ErrInvalid) {
		t.Errorf("for nobody: %v", err)
	}
	if _, err := w.store.AddSilence(ctx, app.Silence{Account: 99, Until: w.clock.Add(time.Hour)}); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("for no account: %v", err)
	}
	if _, err := w.store.EndSilence(ctx, 7); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("ending none: %v", err)
	}
	// Without an account it is this machine's, which is made.
	s := must(w.store.AddSilence(ctx, app.Silence{Until: w.clock.Add(time.Hour)}))(t)
	if local := must(w.store.Local(ctx))(t); s.Account != local.ID {
		t.Errorf("it belongs to %d, this machine's account is %d", s.Account, local.ID)
	}
	if got := silencesOf(must(w.store.Facts(ctx, w.account.ID))(t)); got != nil {
		t.Errorf("another account has it: %v", got)
	}
}

func TestWhatIsHeldCanLeaveEarlierAndNeverLater(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	now, later, latest := w.clock, w.clock.Add(time.Hour), w.clock.Add(2*time.Hour)
	waiting, held, third, over := w.mail(1), w.mail(2), w.mail(3), w.mail(4)
	for _, d := range []*app.Delivery{&held, &third, &over} {
		d.State, d.Due = app.DeliveryHeld, later
	}
	over.Due = now
	w.enqueue(waiting, held, third, over)
	page := must(w.store.Held(ctx, w.account.ID, "", 1))(t)
	rest := must(w.store.Held(ctx, w.account.ID, page[0].Delivery.ID, 10))(t)
	if len(page) != 1 || page[0].Delivery.ID != held.ID || page[0].Event.ID != page[0].Delivery.Event || page[0].Event.Call.Title == "" ||
		len(rest) != 1 || rest[0].Delivery.ID != third.ID {
		t.Fatalf("held are %+v, then %+v", page, rest)
	}
	if got := must(w.store.Held(ctx, 99, "", 10))(t); got != nil {
		t.Errorf("another account holds %+v", got)
	}
	waiting.Due, held.Due, third.Due, over.Due = now.Add(-time.Hour), now, latest, now.Add(time.Hour)
	if n := must(w.store.Hasten(ctx, []app.Delivery{waiting, held, third, over}))(t); n != 1 {
		t.Errorf("%d were let go, want 1", n)
	}
	if a, b, c := w.delivery(1), w.delivery(2), w.delivery(3); !a.Due.Equal(now) || b.State != app.DeliveryHeld || !b.Due.Equal(now) || !c.Due.Equal(later) {
		t.Errorf("they are due at %v, %v and %v", a.Due, b.Due, c.Due)
	}
	w.wantClaim("mail", 9, 1, 2, 4)
	w.deepCheck()
}

// What an event for thousands holds is found also where it is still packed.
func TestWhatIsPackedIsHeldAsWell(t *testing.T) {
	w := newWorld(t)
	crowd := w.crowdOf(1000) // a tenth of it is held
	e := w.record(w.scan(app.OriginWebhook, "1", 5))[0]
	ok(t, w.store.Route(t.Context(), []app.Routed{{Event: e.ID, Deliveries: crowd}}))
	held := must(w.store.Held(t.Context(), w.account.ID, "", 1000))(t)
	if len(held) != 200 {
		t.Errorf("%d are held, want 200", len(held))
	}
	list := make([]app.Delivery, len(held))
	for i, c := range held {
		list[i] = c.Delivery
		list[i].Due = w.clock
	}
	if n := must(w.store.Hasten(t.Context(), list))(t); n != 200 {
		t.Errorf("%d were let go, want 200", n)
	}
	w.waitForDeliveries(2000)
	if left := must(w.store.Held(t.Context(), w.account.ID, "", 1000))(t); left != nil {
		t.Errorf("%d are held still", len(left))
	}
}
