package store_test

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/store"
	"bellhop/store/storetest"
)

// notify routes n local events, each with an alert, and returns their alerts'
// ids in order.
func (w *world) notify(account app.AccountID, n int) []app.AlertID {
	w.Helper()
	var events []app.Event
	for i := range n {
		key := strconv.FormatInt(w.clock.UnixNano(), 10) + "/" + strconv.Itoa(i)
		events = append(events, app.Event{Account: account, Origin: app.OriginLocal, Key: key, Kind: app.KindOther, Call: app.Call{Title: "note " + strconv.Itoa(i)}})
	}
	w.clock = w.clock.Add(time.Second)
	var routed []app.Routed
	for _, e := range w.record(events...) {
		routed = append(routed, app.Routed{Event: e.ID, Alert: &app.Remote{Title: e.Call.Title}})
	}
	ok(w, w.store.Route(w.Context(), routed))
	var ids []app.AlertID
	for _, r := range routed {
		ids = append(ids, must(w.store.Event(w.Context(), r.Event))(w).Alert.ID)
	}
	return ids
}

func TestThisMachineHasOneAccountWithOnePerson(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	if _, err := w.store.Me(ctx, 0); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("before there is an account: %v", err)
	}
	local := must(w.store.Local(ctx))(t)
	w.reopen()
	if again := must(w.store.Local(ctx))(t); again != local || !local.Local() {
		t.Errorf("the accounts are %+v and %+v", local, again)
	}
	me := must(w.store.Me(ctx, 0))(t)
	if me.Account != local.ID || !me.Me || !me.Active || !me.Superuser || me.Username == "" {
		t.Errorf("the person is %+v", me)
	}
	if got := must(w.store.Person(ctx, local.ID, me.Username))(t); got != me {
		t.Errorf("by name: %+v", got)
	}
	// An event for it makes the account where nobody asked for it before.
	fresh := storetest.New(t)
	got := must(fresh.RecordEvents(ctx, []app.Event{{Origin: app.OriginLocal, Key: "1", Kind: app.KindOther}}, map[string][]byte{"0/lines": {1}}))(t)
	if account := must(fresh.Local(ctx))(t); got[0].Account != account.ID || got[0].At.IsZero() {
		t.Errorf("recorded %+v", got[0])
	}
	if c := must(fresh.Cursor(ctx, 0, "lines"))(t); len(c) != 1 {
		t.Errorf("the cursor is %v", c)
	}
}

func TestAReaderSeesThisMachineOnceItIsThere(t *testing.T) {
	w := newWorld(t)
	reader := storetest.Open(t, store.Options{Dir: w.dir, ReadOnly: true})
	if _, err := reader.Local(t.Context()); err == nil {
		t.Error("a reader made an account")
	}
	local := must(w.store.Local(t.Context()))(t)
	if got := must(reader.Local(t.Context()))(t); got != local {
		t.Errorf("the reader sees %+v", got)
	}
}

// nothingWaits checks that nothing waits for a server and what is in the list.
func (w *world) nothingWaits(account app.AccountID, left int) {
	w.Helper()
	if got := must(w.store.Pending(w.Context(), 0))(w); got != 0 {
		w.Errorf("%d wait for a server", got)
	}
	if due := must(w.store.NextDue(w.Context()))(w); !due.IsZero() {
		w.Errorf("a removal is due at %v", due)
	}
	if got := must(w.store.Count(w.Context(), account))(w); got != left {
		w.Errorf("the list has %d, want %d", got, left)
	}
	w.recount()
}

func TestAlertsThatNoServerKeepsAreRemovedHere(t *testing.T) {
	for name, n := range map[string]int{"a few": 5, "many": 400} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			ctx := t.Context()
			local := must(w.store.Local(ctx))(t)
			ids := w.notify(local.ID, n)
			gone := must(w.store.Remove(ctx, ids[1:], 5*time.Second))(t)
			if gone.Count != n-1 || len(gone.Intents) != 1 {
				t.Fatalf("removed %+v", gone)
			}
			w.nothingWaits(local.ID, 1)
			if a := must(w.store.Alert(ctx, ids[1]))(t); a.Removal == nil || a.Removal.Why != app.WhyMe || a.Removal.Pending {
				t.Errorf("removed: %+v", a.Removal)
			}
			w.clock = w.clock.Add(4 * time.Second)
			if back := must(w.store.Undo(ctx, nil))(t); back != n-1 {
				t.Errorf("%d came back", back)
			}
			w.nothingWaits(local.ID, n)
			if again := must(w.store.Undo(ctx, gone.Intents))(t); again != 0 {
				t.Errorf("undone twice: %d", again)
			}
			cleared := must(w.store.Clear(ctx, local.ID, ids[n-1], 5*time.Second))(t)
			w.nothingWaits(local.ID, 0)
			w.clock = w.clock.Add(4 * time.Second)
			if back := must(w.store.Undo(ctx, cleared.Intents))(t); back != n {
				t.Errorf("%d came back after clearing", back)
			}
			cleared = must(w.store.Clear(ctx, 0, ids[n-1], 5*time.Second))(t)
			w.clock = w.clock.Add(6 * time.Second)
			if _, err := w.store.Undo(ctx, cleared.Intents); !errors.Is(err, app.ErrTooLate) {
				t.Errorf("an undo after its time: %v", err)
			}
			if _, err := w.store.Undo(ctx, nil); !errors.Is(err, app.ErrTooLate) {
				t.Errorf("an undo of the latest after its time: %v", err)
			}
			w.nothingWaits(local.ID, 0)
			w.deepCheck()
			// The history ends as any other.
			if pruned := must(w.store.Prune(ctx, w.clock.Add(time.Hour)))(t); pruned != n {
				t.Errorf("%d pruned", pruned)
			}
			w.deepCheck()
		})
	}
}

func TestOneClickOverServersAndThisMachineIsUndoneByOne(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	w.pull(app.Apply{First: true}, answer(1, 2)...)
	token := must(w.store.AddAccount(ctx, app.Account{URL: "https://api.example.com", Username: "ada", SignIn: app.SignInToken}))(t)
	w.notify(token.ID, 3)
	top := must(w.store.Alerts(ctx, app.Filter{}))(t).Alerts[0].ID
	gone := must(w.store.Clear(ctx, 0, top, time.Minute))(t)
	if gone.Count != 5 || len(gone.Intents) != 2 {
		t.Fatalf("cleared %+v", gone)
	}
	if n := must(w.store.Pending(ctx, 0))(t); n != 2 {
		t.Errorf("%d wait for the server, want the 2 that it keeps", n)
	}
	if back := must(w.store.Undo(ctx, nil))(t); back != 5 {
		t.Errorf("%d came back", back)
	}
	w.recount()
	// What the server dropped itself within the time for undo is not ours to bring back.
	gone = must(w.store.Remove(ctx, []app.AlertID{w.id(1)}, time.Minute))(t)
	w.pull(app.Apply{}, answer(2)...)
	if _, err := w.store.Undo(ctx, gone.Intents); !errors.Is(err, app.ErrTooLate) {
		t.Errorf("an undo of what the server dropped: %v", err)
	}
}
