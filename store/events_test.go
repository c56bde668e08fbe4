package store_test

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/store/storetest"
)

// scan is an event that a finished import of a test is told by.
func (w *world) scan(origin app.Origin, key string, test int) app.Event {
	return app.Event{
		Account: w.account.ID, Origin: origin, Key: key, At: w.clock, Kind: app.KindScanAdded,
		Call: app.Call{Title: fmt.Sprintf("Scan %d", test), URL: fmt.Sprintf("/test/%d", test), Description: "hostile \x00 \" text", Tags: []string{"a"}},
	}
}

// scanAlert is the server's own alert of the same.
func (w *world) scanAlert(key int64, test int) app.Remote {
	return app.Remote{ID: key, Title: fmt.Sprintf("Scan %d was added", test), URL: fmt.Sprintf("/test/%d", test), Source: "Scan Added", Created: w.clock}
}

func (w *world) record(events ...app.Event) []app.Event {
	w.Helper()
	return must(w.store.RecordEvents(w.Context(), events, nil))(w)
}

// queue returns the keys of the events that wait, with their origins.
func (w *world) queue() []string {
	w.Helper()
	var out []string
	for _, e := range must(w.store.Unrouted(w.Context(), 1000))(w) {
		out = append(out, string(e.Origin)+" "+e.Key)
	}
	return out
}

func (w *world) wantQueue(want ...string) {
	w.Helper()
	if got := w.queue(); !slices.Equal(got, want) {
		w.Errorf("waiting: %q, want %q", got, want)
	}
}

func TestAnEventIsKeptAsItCame(t *testing.T) {
	w := newWorld(t)
	days, count := 3, 0
	e := w.scan(app.OriginWebhook, "hook-1", 5)
	e.Call = app.Call{
		Title: "T", Description: "D", URL: "/test/5", Icon: "i", Actor: "ada", Recipients: []string{}, NoUsers: true, AlertOnly: true,
		Product: &app.Ref{ID: 3, Name: "Shop"}, FindingCount: &count, SLAAge: &days, Findings: []app.FindingRef{{ID: 1, Title: "F", Severity: "High"}},
	}
	stored := w.record(e)[0]
	e.ID, e.Call.Kind = stored.ID, e.Kind
	if stored.ID == 0 || !reflect.DeepEqual(stored, e) {
		t.Errorf("stored %+v\nwant   %+v", stored, e)
	}
	if got := must(w.store.Event(t.Context(), stored.ID))(t); !reflect.DeepEqual(got, e) {
		t.Errorf("read %+v\nwant %+v", got, e)
	}
	if got := must(w.store.Unrouted(t.Context(), 9))(t); len(got) != 1 || !reflect.DeepEqual(got[0], e) {
		t.Errorf("waiting: %+v", got)
	}
	// Nobody at all is not everybody.
	all := w.scan(app.OriginWebhook, "hook-2", 6)
	if got := w.record(all)[0]; must(w.store.Event(t.Context(), got.ID))(t).Call.Recipients != nil {
		t.Error("everybody became nobody")
	}
	if _, err := w.store.Event(t.Context(), 99); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("an unknown event: %v", err)
	}
}

func TestRecordingTwiceChangesNothing(t *testing.T) {
	w := newWorld(t)
	first := w.record(w.scan(app.OriginWebhook, "1", 5), w.scan(app.OriginDerived, "1", 6))
	ok(t, w.store.Routed(t.Context(), []int64{first[0].ID}))
	again := w.scan(app.OriginWebhook, "1", 5)
	again.Call.Title = "another title"
	got := w.record(again, w.scan(app.OriginDerived, "1", 6), w.scan(app.OriginDerived, "2", 7), w.scan(app.OriginDerived, "2", 7))
	if !reflect.DeepEqual(got[0], first[0]) || !reflect.DeepEqual(got[1], first[1]) || got[2].ID != got[3].ID {
		t.Errorf("recorded again: %+v", got)
	}
	w.wantQueue("derived 1", "derived 2")
}

func TestABatchIsRecordedWithItsCursorsOrNotAtAll(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	name := strconv.FormatInt(int64(w.account.ID), 10) + "/findings"
	good := []app.Event{w.scan(app.OriginDerived, "1", 5)}
	must(w.store.RecordEvents(ctx, good, map[string][]byte{name: []byte("page 1")}))(t)
	bad := w.scan(app.OriginDerived, "", 6)
	for what, events := range map[string][]app.Event{
		"no key":               {w.scan(app.OriginDerived, "2", 5), bad},
		"no origin":            {w.scan(app.OriginDerived, "2", 5), w.scan("", "3", 5)},
		"the server's alert":   {w.scan(app.OriginDerived, "2", 5), w.scan(app.OriginAlert, "3", 5)},
		"an account not there": {w.scan(app.OriginDerived, "2", 5), {Account: 77, Origin: app.OriginLocal, Key: "3", Kind: app.KindOther}},
	} {
		if _, err := w.store.RecordEvents(ctx, events, map[string][]byte{name: []byte("page 2")}); err == nil {
			t.Errorf("%s was recorded", what)
		}
	}
	if _, err := w.store.RecordEvents(ctx, []app.Event{w.scan(app.OriginDerived, "2", 5)}, map[string][]byte{"findings": nil}); !errors.Is(err, app.ErrInvalid) {
		t.Errorf("a cursor of no account: %v", err)
	}
	w.wantQueue("derived 1")
	if got := must(w.store.Cursor(ctx, w.account.ID, "findings"))(t); string(got) != "page 1" {
		t.Errorf("the cursor is %q", got)
	}
	if got := must(w.store.Cursor(ctx, w.account.ID, "tests"))(t); got != nil {
		t.Errorf("a cursor that was never set is %q", got)
	}
}

func TestHistoryIsKeptAndTellsNobody(t *testing.T) {
	w := newWorld(t)
	old := w.scan(app.OriginDerived, "1", 5)
	old.History = true
	w.record(old)
	w.wantQueue()
	// It stands for nothing: the alert that follows is told.
	w.pull(app.Apply{}, w.scanAlert(1, 5))
	w.wantQueue("alert 1")
	if got := must(w.store.Events(t.Context(), app.EventFilter{Kind: app.KindScanAdded}))(t); len(got) != 2 || !got[1].History {
		t.Errorf("kept: %+v", got)
	}
}

func TestWhatTwoSourcesTellIsOneFact(t *testing.T) {
	type telling struct {
		what   string
		origin app.Origin
		after  time.Duration
		same   int // number of the event that told it first, 0 = none
	}
	hook, alert, derived := app.OriginWebhook, app.OriginAlert, app.OriginDerived
	for name, story := range map[string][]telling{
		"the webhook first":    {{"a", hook, 0, 0}, {"a", alert, time.Minute, 1}, {"a", derived, time.Minute, 1}},
		"the alert first":      {{"a", alert, 0, 0}, {"a", hook, time.Minute, 1}},
		"twice by each":        {{"a", alert, 0, 0}, {"a", hook, 0, 1}, {"a", hook, time.Minute, 0}, {"a", alert, time.Minute, 3}},
		"two of one source":    {{"a", hook, 0, 0}, {"a", hook, time.Second, 0}},
		"too late":             {{"a", hook, 0, 0}, {"a", derived, app.SameWindow + time.Second, 0}},
		"just in time":         {{"a", hook, 0, 0}, {"a", derived, app.SameWindow, 1}},
		"about something else": {{"a", hook, 0, 0}, {"b", derived, 0, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			var ids []int64
			var alerts []app.Remote
			for i, one := range story {
				w.clock = w.clock.Add(one.after)
				test := int(one.what[0])
				if one.origin == alert {
					alerts = append(alerts, w.scanAlert(int64(i)+1, test))
					w.pull(app.Apply{}, alerts...)
				} else {
					w.record(w.scan(one.origin, strconv.Itoa(i), test))
				}
				events := must(w.store.Events(t.Context(), app.EventFilter{Limit: 1}))(t)
				ids = append(ids, events[0].ID)
				want := int64(0)
				if one.same > 0 {
					want = ids[one.same-1]
				}
				if events[0].Same != want {
					t.Errorf("event %d tells the same as %d, want %d (of %v)", i+1, events[0].Same, want, ids)
				}
			}
			// Each is routed: the first may have left somebody out.
			if got := w.queue(); len(got) != len(story) {
				t.Errorf("%q wait, want %d", got, len(story))
			}
		})
	}
}

func TestWhoWasToldOfAFactIsKnownForAllOfItsSources(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	events := w.record(w.scan(app.OriginWebhook, "1", 5), w.scan(app.OriginDerived, "1", 5), w.scan(app.OriginWebhook, "2", 6))
	var want []app.Decision
	var routed []app.Routed
	for i, e := range events {
		d := app.Decision{Event: e.ID, Person: app.PersonID(3 - i), Channel: app.ChannelMail, Yes: true, Why: 1}
		routed = append(routed, app.Routed{Event: e.ID, Decisions: []app.Decision{d}})
		if i < 2 {
			want = append(want, d)
		}
	}
	ok(t, w.store.Route(ctx, routed))
	if got := must(w.store.Told(ctx, events[0].ID))(t); !reflect.DeepEqual(got, want) {
		t.Errorf("told: %+v, want %+v", got, want)
	}
	if got := must(w.store.Told(ctx, events[2].ID))(t); len(got) != 1 {
		t.Errorf("told of something else: %+v", got)
	}
}

// A machine that slept, or a session that ended, gets the alert long after the
// webhook that told the same.
func TestAnAlertThatWaitedOnTheServerIsStillTheSame(t *testing.T) {
	w := newWorld(t)
	late := w.scanAlert(1, 5)
	first := w.record(w.scan(app.OriginWebhook, "1", 5))[0]
	w.clock = w.clock.Add(5 * time.Hour)
	other := w.scanAlert(2, 6)
	w.pull(app.Apply{}, late, other)
	w.wantQueue("webhook 1", "alert 1", "alert 2")
	events := must(w.store.Events(t.Context(), app.EventFilter{}))(t)
	if events[1].Same != first.ID {
		t.Errorf("the events: %+v", events)
	}
}

func TestTheServersAlertsAreEventsOfTheirOwn(t *testing.T) {
	w := newWorld(t)
	w.pull(app.Apply{First: true}, w.scanAlert(1, 1))
	w.pull(app.Apply{}, w.scanAlert(1, 1), w.scanAlert(2, 2))
	e := must(w.store.Unrouted(t.Context(), 9))(t)[0]
	want := app.Call{Kind: app.KindScanAdded, Title: "Scan 2 was added", URL: "/test/2"}
	if e.Origin != app.OriginAlert || e.Key != "2" || e.Alert.RemoteID != 2 || !reflect.DeepEqual(e.Call, want) || e.Account != w.account.ID {
		t.Errorf("the event: %+v", e)
	}
}

func TestRoutingIsAllOrNothingAndOnce(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	local := must(w.store.Local(ctx))(t)
	one := app.Event{Origin: app.OriginLocal, Key: "1", Kind: app.KindOther, Call: app.Call{Title: "Backup done"}}
	two := one
	two.Key = "2"
	events := w.record(one, two)
	decisions := []app.Decision{
		{Channel: app.ChannelMail, Yes: true, Destination: 4, Why: app.Chain(0).With(3)},
		{Person: 1, Channel: app.ChannelAlert, Yes: true, Why: app.Chain(0).With(1).With(31)},
		{Person: 1, Channel: app.ChannelToast, Why: 7},
		{Person: 1, Channel: app.ChannelMail, Yes: true, Held: true, Why: 1<<60 - 1},
	}
	alert := app.Remote{ID: 7, Title: "Backup done", Description: "searchable", Source: "Other"}
	// A channel that no database knows breaks the second event.
	wrong := []app.Decision{{Person: 1, Channel: 99, Yes: true}}
	err := w.store.Route(ctx, []app.Routed{{Event: events[0].ID, Decisions: decisions, Alert: &alert}, {Event: events[1].ID, Decisions: wrong}})
	if err == nil {
		t.Fatal("a channel that does not exist was stored")
	}
	w.wantQueue("local 1", "local 2")
	if got := must(w.store.Decisions(ctx, events[0].ID))(t); got != nil {
		t.Errorf("half of a batch was kept: %+v", got)
	}
	if n := must(w.store.Count(ctx, local.ID))(t); n != 0 {
		t.Errorf("%d alerts of a batch that failed", n)
	}
	for range 2 {
		ok(t, w.store.Route(ctx, []app.Routed{{Event: events[0].ID, Decisions: decisions, Alert: &alert}, {Event: events[1].ID}, {Event: 999, Alert: &alert}}))
		w.reopen()
		w.wantQueue()
		for i := range decisions {
			decisions[i].Event = events[0].ID
		}
		if got := must(w.store.Decisions(ctx, events[0].ID))(t); !reflect.DeepEqual(got, decisions) {
			t.Errorf("decided %+v\nwant    %+v", got, decisions)
		}
		page := must(w.store.Alerts(ctx, app.Filter{Account: local.ID, Search: "searchable"}))(t)
		if len(page.Alerts) != 1 {
			t.Fatalf("the inbox has %+v", page.Alerts)
		}
		if got := must(w.store.Event(ctx, events[0].ID))(t); !reflect.DeepEqual(got.Alert, page.Alerts[0]) || got.Alert.Title != "Backup done" || got.Alert.RemoteID != 0 {
			t.Errorf("the event's alert is %+v", got.Alert)
		}
		w.recount()
	}
	w.deepCheck()
}

func TestAnAlertOfOursIsKeptOutOfAServersList(t *testing.T) {
	w := newWorld(t)
	found := w.record(w.scan(app.OriginWebhook, "1", 5))[0]
	here := w.record(w.scan(app.OriginWebhook, "2", 6))[0]
	ok(t, w.store.Route(t.Context(), []app.Routed{
		{Event: found.ID, Alert: &app.Remote{Title: "found", URL: "https://dojo.example.com/test/5"}},
		{Event: here.ID, Alert: &app.Remote{Title: "here"}},
	}))
	w.wantQueue()
	local := must(w.store.Local(t.Context()))(t)
	for i, title := range []string{"here", "found"} {
		page := must(w.store.Alerts(t.Context(), app.Filter{Account: local.ID}))(t)
		if len(page.Alerts) != 2 || page.Alerts[i].Title != title {
			t.Fatalf("this machine's list is %+v", page.Alerts)
		}
	}
	if e := must(w.store.Event(t.Context(), found.ID))(t); e.Account != w.account.ID || e.Alert.Account != local.ID || e.Alert.Title != "found" {
		t.Errorf("the event's alert is %+v", e.Alert)
	}
	// The server has never heard of it, and its next answer changes nothing.
	if got, _ := w.pull(app.Apply{}, answer(1)...); got != (app.Pulled{New: 1}) {
		t.Errorf("the pull: %+v", got)
	}
	if n := must(w.store.Count(t.Context(), local.ID))(t); n != 2 {
		t.Errorf("%d alerts are left", n)
	}
	w.deepCheck()
}

func TestEventsAreListedFromBothEnds(t *testing.T) {
	w := newWorld(t)
	start := w.clock
	for i := range 25 {
		w.clock = start.Add(time.Duration(i) * time.Hour)
		e := w.scan(app.OriginDerived, strconv.Itoa(i), i)
		if i%5 == 0 {
			e.Kind = app.KindSLABreach
		}
		w.record(e)
	}
	keys := func(events []app.Event) (out []string) {
		for _, e := range events {
			out = append(out, e.Key)
		}
		return out
	}
	since := app.EventFilter{Since: start.Add(10 * time.Hour), Until: start.Add(13 * time.Hour)}
	if got := keys(must(w.store.Events(t.Context(), since))(t)); !slices.Equal(got, []string{"12", "11", "10"}) {
		t.Errorf("between two times: %v", got)
	}
	page := must(w.store.Events(t.Context(), app.EventFilter{Kind: app.KindSLABreach, Limit: 2}))(t)
	next := must(w.store.Events(t.Context(), app.EventFilter{Kind: app.KindSLABreach, Limit: 9, After: page[1].ID}))(t)
	if got := keys(append(page, next...)); !slices.Equal(got, []string{"20", "15", "10", "5", "0"}) {
		t.Errorf("by pages: %v", got)
	}
	var all []app.Event
	for e, err := range w.store.EachEvent(t.Context(), app.EventFilter{Account: w.account.ID, Limit: 24}) {
		ok(t, err)
		all = append(all, e)
	}
	if got := keys(all); len(got) != 24 || got[0] != "0" || got[23] != "23" {
		t.Errorf("oldest first: %v", got)
	}
	if got := must(w.store.Events(t.Context(), app.EventFilter{Account: w.account.ID + 1}))(t); got != nil {
		t.Errorf("of another account: %v", got)
	}
}

func TestOldEventsGoWithTheirDecisions(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	var routed []app.Routed
	var batch []app.Event
	for i := range 1200 {
		batch = append(batch, w.scan(app.OriginDerived, strconv.Itoa(i), i))
	}
	for _, e := range w.record(batch...)[1:] {
		routed = append(routed, app.Routed{Event: e.ID, Decisions: []app.Decision{{Person: 1, Yes: true}}})
	}
	ok(t, w.store.Route(ctx, routed))
	w.clock = w.clock.Add(48 * time.Hour)
	young := w.record(w.scan(app.OriginDerived, "young", 1))[0]
	ok(t, w.store.Route(ctx, []app.Routed{{Event: young.ID, Decisions: []app.Decision{{Person: 1, Yes: true}}}}))
	must(w.store.Prune(ctx, w.clock.Add(-24*time.Hour)))(t)
	// The first one was never routed and must not be lost.
	w.wantQueue("derived 0")
	if got := must(w.store.Events(ctx, app.EventFilter{}))(t); len(got) != 2 || got[0].ID != young.ID {
		t.Errorf("%d events remain", len(got))
	}
	if n := w.rows("decisions"); n != 1 {
		t.Errorf("%d decisions remain", n)
	}
	// Its key may come again then: to the store it is a new fact.
	w.record(w.scan(app.OriginDerived, "5", 5))
	w.wantQueue("derived 0", "derived 5")
}

// rows counts a table in the file itself.
func (w *world) rows(table string) int {
	w.Helper()
	return w.ask(`SELECT count(*) FROM ` + table)
}

// ask asks the file itself for a number.
func (w *world) ask(question string) (n int) {
	w.Helper()
	db := must(sql.Open("sqlite", filepath.Join(w.dir, "bellhop.db")))(w)
	defer func() { ok(w, db.Close()) }()
	ok(w, db.QueryRowContext(w.Context(), question).Scan(&n))
	return n
}

func TestEventsOfARemovedAccountAreGoneAtOnce(t *testing.T) {
	w := newWorld(t)
	other := storetest.Account(t, w.store, "other.example.com")
	e := w.record(w.scan(app.OriginWebhook, "1", 5))[0]
	w.pull(app.Apply{}, w.scanAlert(2, 7))
	ok(t, w.store.RemoveAccount(t.Context(), w.account.ID))
	w.wantQueue()
	if _, err := w.store.Event(t.Context(), e.ID); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("the event of an account that is gone: %v", err)
	}
	if _, err := w.store.Me(t.Context(), other.ID); err != nil {
		t.Error(err)
	}
	for _, table := range []string{"events", "decisions"} {
		if n := w.rows(table); n != 0 {
			t.Errorf("%d %s remain", n, table)
		}
	}
}

func TestHintsSayThatEventsWait(t *testing.T) {
	w := newWorld(t)
	hints, end := w.store.Changes().Subscribe()
	defer end()
	e := w.record(w.scan(app.OriginWebhook, "1", 5))[0]
	if got := <-hints; !got[app.TopicEvents] {
		t.Errorf("recording says %v", got)
	}
	ok(t, w.store.Routed(t.Context(), []int64{e.ID}))
	if got := <-hints; !got[app.TopicEvents] {
		t.Errorf("routing says %v", got)
	}
	w.pull(app.Apply{}, w.scanAlert(1, 9))
	if got := <-hints; !got[app.TopicEvents] || !got[app.TopicAlerts] {
		t.Errorf("an arrival says %v", got)
	}
}

func TestACallThatIsNotReadableIsDamage(t *testing.T) {
	w := newWorld(t)
	e := w.record(w.scan(app.OriginWebhook, "1", 5))[0]
	raw(t, filepath.Join(w.dir, "bellhop.db"), `UPDATE events SET call = '{' WHERE id = `+strconv.FormatInt(e.ID, 10))
	if _, err := w.store.Event(t.Context(), e.ID); err == nil {
		t.Error("half a call was read")
	} else if _, is := errors.AsType[*json.SyntaxError](err); !is {
		t.Errorf("the error does not say why: %v", err)
	}
}
