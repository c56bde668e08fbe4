package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/store"
	"bellhop/store/storetest"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childFolder); dir != "" {
		fmt.Fprintln(os.Stderr, child(dir))
		os.Exit(1)
	}
	if dir := os.Getenv(visitorFolder); dir != "" {
		visit(dir)
		os.Exit(0)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		dropSeeded()
		os.Exit(code)
	}))
}

// world is a store with one account and a clock that the test turns.
type world struct {
	*testing.T
	store   *store.Store
	account app.Account
	clock   time.Time
	dir     string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, clock: time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC), dir: t.TempDir()}
	w.store = storetest.Open(t, store.Options{Dir: w.dir, Now: func() time.Time { return w.clock }})
	w.account = storetest.Account(t, w.store, "dojo.example.com")
	return w
}

// ok fails the test where err is not nil.
func ok(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(tb testing.TB) T {
		tb.Helper()
		ok(tb, err)
		return v
	}
}

// answer is a complete answer of the server with the keys.
func answer(keys ...int64) []app.Remote {
	out := make([]app.Remote, len(keys))
	for i, key := range keys {
		out[i] = storetest.Alert(key)
	}
	return out
}

// pull takes a complete answer in and asks the server to drop what is due.
func (w *world) pull(how app.Apply, alerts ...app.Remote) (app.Pulled, []app.Target) {
	w.Helper()
	p := must(w.store.BeginPull(w.Context(), w.account.ID, true))(w)
	defer func() { ok(w, p.Close()) }()
	ok(w, p.Add(w.Context(), alerts))
	got := must(p.Apply(w.Context(), how))(w)
	targets := must(p.Targets(w.Context(), 200))(w)
	if len(targets) > 0 {
		ids := make([]app.AlertID, len(targets))
		for i, target := range targets {
			ids[i] = target.Alert
		}
		ok(w, p.Posted(w.Context(), ids))
	}
	w.recount()
	return got, targets
}

func (w *world) recount() {
	w.Helper()
	recount(w, w.store)
}

// recount checks that the counters are what counting gives, in every account,
// and that every alert is in exactly one of the list and the history.
func recount(tb testing.TB, s *store.Store) {
	tb.Helper()
	ctx := tb.Context()
	for _, account := range must(s.Accounts(ctx))(tb) {
		ids := make(map[app.View][]app.AlertID)
		for _, view := range []app.View{app.ViewList, app.ViewHistory, app.ViewEverything} {
			for a, err := range s.Each(ctx, app.Filter{Account: account.ID, View: view}) {
				ok(tb, err)
				ids[view] = append(ids[view], a.ID)
				if gone := a.Removal != nil; view == app.ViewHistory != gone && view != app.ViewEverything {
					tb.Errorf("alert %d in view %s: removal %v", a.ID, view, a.Removal)
				}
			}
		}
		if n := must(s.Count(ctx, account.ID))(tb); n != len(ids[app.ViewList]) {
			tb.Errorf("account %d counts %d, its list has %d", account.ID, n, len(ids[app.ViewList]))
		}
		both := slices.Concat(ids[app.ViewList], ids[app.ViewHistory])
		slices.Sort(both)
		slices.Reverse(both)
		if !slices.Equal(both, ids[app.ViewEverything]) {
			tb.Errorf("account %d: list and history are %d alerts, everything is %d", account.ID, len(both), len(ids[app.ViewEverything]))
		}
	}
}

// deepCheck has the store examine itself, and the index of words compared with
// the texts, which only the file itself can be asked for.
func (w *world) deepCheck() {
	w.Helper()
	for _, check := range must(w.store.Check(w.Context()))(w) {
		if !check.OK {
			w.Errorf("%s: %s", check.Name, check.Detail)
		}
	}
	db := must(sql.Open("sqlite", "file:"+filepath.Join(w.dir, "bellhop.db")+"?_pragma=busy_timeout(5000)"))(w)
	defer func() { ok(w, db.Close()) }()
	if _, err := db.ExecContext(w.Context(), `INSERT INTO alert_words (alert_words, rank) VALUES ('integrity-check', 1)`); err != nil {
		w.Errorf("the words differ from the texts: %v", err)
	}
}

func (w *world) list() []app.Alert {
	w.Helper()
	return must(w.store.Alerts(w.Context(), app.Filter{Limit: 1000}))(w).Alerts
}

// keys returns the primary keys in a view, newest first.
func (w *world) keys(view app.View) []int64 {
	w.Helper()
	var out []int64
	for a, err := range w.store.Each(w.Context(), app.Filter{View: view}) {
		ok(w, err)
		out = append(out, a.RemoteID)
	}
	return out
}

func (w *world) want(view app.View, keys ...int64) {
	w.Helper()
	if got := w.keys(view); !slices.Equal(got, keys) {
		w.Errorf("the %s has %v, want %v", view, got, keys)
	}
}

func (w *world) id(key int64) app.AlertID {
	w.Helper()
	for _, a := range w.list() {
		if a.RemoteID == key {
			return a.ID
		}
	}
	w.Fatalf("alert %d is not in the list", key)
	return 0
}

func TestAnAnswerFillsTheListAndTheNextOneChangesIt(t *testing.T) {
	w := newWorld(t)
	got, _ := w.pull(app.Apply{First: true}, answer(1, 2, 3)...)
	if got != (app.Pulled{New: 3}) {
		t.Errorf("the first pull: %+v", got)
	}
	w.want(app.ViewList, 3, 2, 1)
	if events := must(w.store.Unrouted(t.Context(), 10))(t); len(events) != 0 {
		t.Errorf("the backlog made %d events", len(events))
	}
	got, _ = w.pull(app.Apply{}, answer(1, 3, 4)...)
	if got != (app.Pulled{New: 1, Gone: 1}) {
		t.Errorf("the second pull: %+v", got)
	}
	w.want(app.ViewList, 4, 3, 1)
	w.want(app.ViewHistory, 2)
	events := must(w.store.Unrouted(t.Context(), 10))(t)
	if len(events) != 1 || events[0].Alert.RemoteID != 4 || events[0].Kind == "" {
		t.Fatalf("events: %+v", events)
	}
	ok(t, w.store.Routed(t.Context(), []int64{events[0].ID}))
	if events := must(w.store.Unrouted(t.Context(), 10))(t); len(events) != 0 {
		t.Errorf("routed events came again: %+v", events)
	}
}

func TestARemovalWaitsForUndoAndThenForTheServer(t *testing.T) {
	w := newWorld(t)
	w.pull(app.Apply{First: true}, answer(1, 2, 3)...)
	removed := must(w.store.Remove(t.Context(), []app.AlertID{w.id(2)}, 5*time.Second))(t)
	if removed.Count != 1 || len(removed.Intents) != 1 {
		t.Fatalf("removed: %+v", removed)
	}
	w.want(app.ViewList, 3, 1)
	if _, targets := w.pull(app.Apply{}, answer(1, 2, 3)...); len(targets) != 0 {
		t.Fatalf("sent within the time for undo: %v", targets)
	}
	w.want(app.ViewList, 3, 1) // the server still has it; it stays hidden
	w.clock = w.clock.Add(6 * time.Second)
	_, targets := w.pull(app.Apply{}, answer(1, 2, 3)...)
	if len(targets) != 1 || targets[0].RemoteID != 2 {
		t.Fatalf("targets: %v", targets)
	}
	if _, err := w.store.Undo(t.Context(), removed.Intents); !errors.Is(err, app.ErrTooLate) {
		t.Errorf("undo after sending: %v", err)
	}
	got, _ := w.pull(app.Apply{}, answer(1, 3)...)
	if got != (app.Pulled{Settled: 1}) {
		t.Errorf("the verifying pull: %+v", got)
	}
	if n := must(w.store.Pending(t.Context(), 0))(t); n != 0 {
		t.Errorf("%d still pending", n)
	}
	w.want(app.ViewHistory, 2)
}

func TestUndoPutsAlertsBackInTheirPlace(t *testing.T) {
	w := newWorld(t)
	w.pull(app.Apply{First: true}, answer(1, 2, 3, 4)...)
	must(w.store.Remove(t.Context(), []app.AlertID{w.id(2), w.id(3)}, 5*time.Second))(t)
	w.want(app.ViewList, 4, 1)
	if n := must(w.store.Undo(t.Context(), nil))(t); n != 2 {
		t.Errorf("%d came back", n)
	}
	w.want(app.ViewList, 4, 3, 2, 1)
	w.want(app.ViewHistory)
	w.recount()
}

func TestClearingTakesWhatWasShownAndNothingElse(t *testing.T) {
	w := newWorld(t)
	w.pull(app.Apply{First: true}, answer(1, 2, 3)...)
	shown := w.id(3)
	w.pull(app.Apply{}, answer(1, 2, 3, 4)...)
	removed := must(w.store.Clear(t.Context(), 0, shown, 5*time.Second))(t)
	if removed.Count != 3 {
		t.Errorf("cleared %d", removed.Count)
	}
	w.want(app.ViewList, 4)
	w.recount()
	if n := must(w.store.Undo(t.Context(), removed.Intents))(t); n != 3 {
		t.Errorf("%d came back", n)
	}
	w.want(app.ViewList, 4, 3, 2, 1)
	w.recount()
}

func TestARemovalThatTheServerRefusesComesBackWithTheReason(t *testing.T) {
	w := newWorld(t)
	all := answer(1, 2, 3)
	w.pull(app.Apply{First: true}, all...)
	must(w.store.Remove(t.Context(), []app.AlertID{w.id(2)}, 0))(t)
	for range 3 {
		if _, targets := w.pull(app.Apply{}, all...); len(targets) != 1 {
			t.Fatalf("targets: %v", targets)
		}
	}
	got, _ := w.pull(app.Apply{}, all...)
	if got != (app.Pulled{Failed: 1}) {
		t.Errorf("after three tries: %+v", got)
	}
	w.want(app.ViewList, 3, 2, 1)
	failed := must(w.store.Alert(t.Context(), w.id(2)))(t)
	if failed.Failure == nil || failed.Failure.Reason == "" {
		t.Fatalf("no reason on %+v", failed)
	}
	must(w.store.Retry(t.Context(), []app.AlertID{failed.ID}, 0))(t)
	if _, targets := w.pull(app.Apply{}, all...); len(targets) != 1 {
		t.Errorf("the retry sends %v", targets)
	}
}

func TestSearchFindsWordsAndBeginnings(t *testing.T) {
	w := newWorld(t)
	w.pull(app.Apply{First: true}, answer(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)...)
	for _, query := range []string{"nessus", "NESS", "nessus find", "CVE-2018-00002"} {
		page := must(w.store.Alerts(t.Context(), app.Filter{Search: query}))(t)
		if len(page.Alerts) != 1 || page.Alerts[0].RemoteID != 2 {
			t.Errorf("%q found %d alerts", query, len(page.Alerts))
		}
	}
	if page := must(w.store.Alerts(t.Context(), app.Filter{Search: "nowhere"}))(t); len(page.Alerts) != 0 {
		t.Errorf("found %v", page.Alerts)
	}
}
