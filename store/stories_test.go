package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/store/storetest"
)

func TestSeveralAccountsHaveListsOfTheirOwnAndOneTogether(t *testing.T) {
	w := newWorld(t)
	other := storetest.Account(t, w.store, "other.example.com")
	w.pull(app.Apply{First: true}, answer(1, 2)...)
	storetest.Fill(t, w.store, other.ID, 3, 2)
	w.pull(app.Apply{}, answer(1, 2, 5)...)
	w.want(app.ViewList, 5, 4, 3, 2, 1)
	page := must(w.store.Alerts(t.Context(), app.Filter{Account: other.ID}))(t)
	if len(page.Alerts) != 2 || page.Alerts[0].RemoteID != 4 {
		t.Errorf("the other list: %+v", page.Alerts)
	}
	for account, want := range map[app.AccountID]int{0: 5, w.account.ID: 3, other.ID: 2} {
		if n := must(w.store.Count(t.Context(), account))(t); n != want {
			t.Errorf("account %d counts %d, want %d", account, n, want)
		}
	}
	removed := must(w.store.Remove(t.Context(), []app.AlertID{w.id(1), w.id(4), w.id(5)}, time.Minute))(t)
	if removed.Count != 3 || len(removed.Intents) != 2 {
		t.Errorf("one removal over two accounts: %+v", removed)
	}
	if n := must(w.store.Undo(t.Context(), nil))(t); n != 3 {
		t.Errorf("one undo brought %d back", n)
	}
	if _, err := w.store.Count(t.Context(), 99); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("the count of no account: %v", err)
	}
}

func TestSigningInAgainKeepsTheAccountAndATokenIsAnother(t *testing.T) {
	w := newWorld(t)
	again := w.account
	again.ID, again.SignIn, again.Server = 0, app.SignInSession, "2.46.0"
	if got := must(w.store.AddAccount(t.Context(), again))(t); got.ID != w.account.ID || !got.Created.Equal(w.account.Created) {
		t.Errorf("signed in again as %+v", got)
	}
	if got := must(w.store.Account(t.Context(), w.account.ID))(t); got.SignIn != app.SignInSession || got.Server != "2.46.0" {
		t.Errorf("not updated: %+v", got)
	}
	again.SignIn = app.SignInToken
	if got := must(w.store.AddAccount(t.Context(), again))(t); got.ID == w.account.ID {
		t.Error("a token took the account over")
	}
}

func TestARemovedAccountIsGoneFromEveryView(t *testing.T) {
	w := newWorld(t)
	w.pull(app.Apply{First: true}, answer(1, 2, 3)...)
	other := storetest.Account(t, w.store, "other.example.com")
	storetest.Fill(t, w.store, other.ID, 1000, 1200)
	must(w.store.Remove(t.Context(), []app.AlertID{w.list()[0].ID}, 0))(t)
	ok(t, w.store.RemoveAccount(t.Context(), other.ID))
	w.want(app.ViewEverything, 3, 2, 1)
	w.deepCheck()
	if page := must(w.store.Alerts(t.Context(), app.Filter{Search: "1500", View: app.ViewEverything}))(t); len(page.Alerts) > 0 {
		t.Errorf("search still finds %+v", page.Alerts)
	}
	if err := w.store.RemoveAccount(t.Context(), other.ID); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("removing it twice: %v", err)
	}
	if _, err := w.store.BeginPull(t.Context(), other.ID, true); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("a pull of it: %v", err)
	}
	if back := storetest.Account(t, w.store, "other.example.com"); back.ID == other.ID {
		t.Error("its number was used again")
	}
}

func TestTheHistoryIsShortenedAndTheListIsNot(t *testing.T) {
	w := newWorld(t)
	storetest.Fill(t, w.store, w.account.ID, 1, 1500)
	all := make([]int64, 1500)
	for i := range all {
		all[i] = int64(i) + 1
	}
	w.pull(app.Apply{}, answer(all[700:]...)...) // a large departure, more than a chunk
	w.clock = w.clock.Add(24 * time.Hour)
	w.pull(app.Apply{}, answer(all[710:]...)...) // a small one
	must(w.store.Remove(t.Context(), []app.AlertID{w.id(711)}, 0))(t)
	if n := must(w.store.Prune(t.Context(), w.clock.Add(-48*time.Hour)))(t); n != 0 {
		t.Errorf("%d were deleted too early", n)
	}
	if n := must(w.store.Prune(t.Context(), w.clock.Add(-time.Hour)))(t); n != 700 {
		t.Errorf("%d were deleted, want 700", n)
	}
	w.recount()
	w.deepCheck()
	w.clock = w.clock.Add(10 * 365 * 24 * time.Hour)
	if n := must(w.store.Prune(t.Context(), w.clock))(t); n != 10 {
		t.Errorf("%d were deleted, want 10: neither the list nor what waits for the server", n)
	}
	if n := must(w.store.Count(t.Context(), 0))(t); n != 789 {
		t.Errorf("the list has %d", n)
	}
	if n := must(w.store.Pending(t.Context(), 0))(t); n != 1 {
		t.Errorf("%d wait for the server", n)
	}
	w.recount()
	w.deepCheck()
}

func TestAClockThatJumpsMakesNoRemovalWaitForHours(t *testing.T) {
	w := newWorld(t)
	all := answer(1, 2, 3)
	w.pull(app.Apply{First: true}, all...)
	removed := must(w.store.Remove(t.Context(), []app.AlertID{w.id(2)}, 5*time.Second))(t)
	if due := must(w.store.NextDue(t.Context()))(t); !due.Equal(removed.UndoUntil) {
		t.Errorf("due at %v, want %v", due, removed.UndoUntil)
	}
	w.clock = w.clock.Add(-3 * time.Hour)
	if due := must(w.store.NextDue(t.Context()))(t); due.After(w.clock) {
		t.Errorf("after the clock went back it is due at %v", due)
	}
	if _, targets := w.pull(app.Apply{}, all...); len(targets) != 1 {
		t.Errorf("it is not sent: %v", targets)
	}
	must(w.store.Remove(t.Context(), []app.AlertID{w.id(3)}, 5*time.Second))(t)
	w.clock = w.clock.Add(1000 * time.Hour)
	if _, err := w.store.Undo(t.Context(), nil); !errors.Is(err, app.ErrTooLate) {
		t.Errorf("undo after the clock went on: %v", err)
	}
}

func TestAnUndoAtTheLastMomentIsTakenAndALaterOneIsNot(t *testing.T) {
	for late, taken := range map[time.Duration]bool{0: true, 400 * time.Millisecond: true, 600 * time.Millisecond: false} {
		w := newWorld(t)
		w.pull(app.Apply{First: true}, answer(1)...)
		must(w.store.Remove(t.Context(), []app.AlertID{w.id(1)}, 5*time.Second))(t)
		w.clock = w.clock.Add(5*time.Second + late)
		n, err := w.store.Undo(t.Context(), nil)
		if taken != (err == nil && n == 1) || !taken && !errors.Is(err, app.ErrTooLate) {
			t.Errorf("%v late: %d, %v", late, n, err)
		}
	}
}

func TestAnUndoLeavesWhatTheServerDroppedMeanwhile(t *testing.T) {
	w := newWorld(t)
	w.pull(app.Apply{First: true}, answer(1, 2, 3)...)
	must(w.store.Clear(t.Context(), 0, w.id(3), time.Minute))(t)
	if got, _ := w.pull(app.Apply{}, answer(1, 3)...); got.Settled != 1 {
		t.Errorf("the pull: %+v", got)
	}
	if n := must(w.store.Undo(t.Context(), nil))(t); n != 2 {
		t.Errorf("%d came back", n)
	}
	w.want(app.ViewList, 3, 1)
	w.want(app.ViewHistory, 2)
	w.recount()
}

func TestAKeyThatIsUsedAgainIsANewAlert(t *testing.T) {
	w := newWorld(t)
	w.pull(app.Apply{First: true}, answer(1, 2)...)
	must(w.store.Remove(t.Context(), []app.AlertID{w.id(1)}, 0))(t)
	restored := answer(1, 2)
	restored[0].Title, restored[1].Title = "another", "yet another"
	got, targets := w.pull(app.Apply{}, restored...)
	if got != (app.Pulled{New: 2, Gone: 1, Settled: 1}) {
		t.Errorf("the pull: %+v", got)
	}
	if len(targets) != 0 {
		t.Errorf("an alert that nobody removed would be dropped: %v", targets)
	}
	w.want(app.ViewList, 2, 1)
	w.want(app.ViewHistory, 2, 1)
}

func TestAPullWithoutTrustOnlyAdds(t *testing.T) {
	w := newWorld(t)
	w.pull(app.Apply{First: true}, answer(1, 2, 3)...)
	must(w.store.Remove(t.Context(), []app.AlertID{w.id(1)}, 0))(t)
	got, _ := w.pull(app.Apply{AdditionsOnly: true}, answer(4)...)
	if got != (app.Pulled{New: 1}) {
		t.Errorf("the pull: %+v", got)
	}
	w.want(app.ViewList, 4, 3, 2)
	if n := must(w.store.Pending(t.Context(), 0))(t); n != 1 {
		t.Errorf("%d wait", n)
	}
}

func TestThePlanKnowsTheServersOwnCleanUp(t *testing.T) {
	w := newWorld(t)
	w.pull(app.Apply{First: true}, answer(1, 2, 3, 4)...)
	for _, c := range []struct {
		answer []int64
		want   app.Plan
	}{
		{[]int64{3, 4, 5}, app.Plan{Listed: 4, Received: 3, New: 1, Gone: 2, OldestGone: true}},
		{[]int64{1, 4}, app.Plan{Listed: 4, Received: 2, Gone: 2}},
		{[]int64{}, app.Plan{Listed: 4, Gone: 4}},
		{[]int64{1, 2, 3, 4}, app.Plan{Listed: 4, Received: 4}},
	} {
		p := must(w.store.BeginPull(t.Context(), w.account.ID, true))(t)
		ok(t, p.Add(t.Context(), answer(c.answer...)))
		if got := must(p.Plan(t.Context()))(t); got != c.want {
			t.Errorf("%v: %+v, want %+v", c.answer, got, c.want)
		}
		ok(t, p.Close())
	}
	w.want(app.ViewList, 4, 3, 2, 1) // a plan changes nothing
}

func TestWhatIsNewIsWhatCameSinceTheUserLooked(t *testing.T) {
	w := newWorld(t)
	w.pull(app.Apply{First: true}, answer(1, 2)...)
	ok(t, w.store.Looked(t.Context(), 0, w.id(2)))
	w.pull(app.Apply{}, answer(1, 2, 3)...)
	if n := must(w.store.NewCount(t.Context(), 0))(t); n != 1 {
		t.Errorf("%d are new", n)
	}
	for _, a := range w.list() {
		if a.New != (a.RemoteID == 3) {
			t.Errorf("alert %d: new %t", a.RemoteID, a.New)
		}
	}
	ok(t, w.store.Looked(t.Context(), w.account.ID, w.id(1))) // a window that was behind
	if n := must(w.store.NewCount(t.Context(), 0))(t); n != 1 {
		t.Errorf("%d are new after looking back", n)
	}
	storetest.Fill(t, w.store, w.account.ID, 100, 150)
	if n := must(w.store.NewCount(t.Context(), 0))(t); n != 100 {
		t.Errorf("%d are new, want it to stop at 100", n)
	}
}

func TestASnoozedAlertWakesOnceAndOnlyInTheList(t *testing.T) {
	w := newWorld(t)
	w.pull(app.Apply{First: true}, answer(1, 2)...)
	gone := w.id(1)
	for _, key := range []int64{1, 2} {
		ok(t, w.store.Snooze(t.Context(), w.id(key), w.clock.Add(time.Hour)))
	}
	if woken := must(w.store.WokenSnoozes(t.Context(), w.clock))(t); len(woken) != 0 {
		t.Errorf("woke early: %v", woken)
	}
	must(w.store.Remove(t.Context(), []app.AlertID{gone}, 0))(t)
	woken := must(w.store.WokenSnoozes(t.Context(), w.clock.Add(2*time.Hour)))(t)
	if len(woken) != 1 || woken[0].RemoteID != 2 {
		t.Errorf("woken: %+v", woken)
	}
	if woken := must(w.store.WokenSnoozes(t.Context(), w.clock.Add(3*time.Hour)))(t); len(woken) != 0 {
		t.Errorf("woke twice: %v", woken)
	}
	if err := w.store.Snooze(t.Context(), 999, w.clock); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("snoozing nothing: %v", err)
	}
}

func TestToastsAreRememberedOverARestart(t *testing.T) {
	w := newWorld(t)
	w.pull(app.Apply{First: true}, answer(1, 2)...)
	one, two := w.id(1), w.id(2)
	ok(t, w.store.PutToast(t.Context(), one, 41))
	ok(t, w.store.PutToast(t.Context(), two, 42))
	ok(t, w.store.PutToast(t.Context(), one, 43))
	w.reopen()
	ok(t, w.store.DropToast(t.Context(), two))
	if notes := must(w.store.ToastNotes(t.Context()))(t); len(notes) != 1 || notes[one] != 43 {
		t.Errorf("notes: %v", notes)
	}
}

func TestTheSyncStateSurvivesARestart(t *testing.T) {
	w := newWorld(t)
	if got := must(w.store.SyncState(t.Context(), w.account.ID))(t); got.Phase != app.PhaseNew {
		t.Errorf("at first: %+v", got)
	}
	state := app.SyncState{
		Account: w.account.ID, Phase: app.PhaseNeedsYou, Since: w.clock, LastSync: w.clock.Add(-time.Hour),
		NextSync: w.clock.Add(time.Minute), Failures: 3, Skew: -90 * time.Second,
		Problem: app.NewProblem("password_refused", "The server refused the password.", "Sign in again.", true, nil),
	}
	ok(t, w.store.SetSyncState(t.Context(), state))
	w.reopen()
	got := must(w.store.SyncState(t.Context(), w.account.ID))(t)
	if got.Problem == nil || *got.Problem != *state.Problem {
		t.Errorf("the problem: %+v", got.Problem)
	}
	got.Problem, state.Problem = nil, nil
	if got != state {
		t.Errorf("the state: %+v, want %+v", got, state)
	}
}

func TestSettingsHaveDefaultsAndAreChecked(t *testing.T) {
	w := newWorld(t)
	if all := must(w.store.Settings(t.Context()))(t); len(all) != len(app.Settings) || all[app.SettingPollSeconds] != "60" {
		t.Errorf("settings: %v", all)
	}
	for key, value := range map[string]string{app.SettingPollSeconds: "5", "nonsense": "1", app.SettingPausedUntil: "soon"} {
		if err := w.store.Set(t.Context(), key, value); !errors.Is(err, app.ErrInvalid) {
			t.Errorf("%s=%s: %v", key, value, err)
		}
	}
	ok(t, w.store.Set(t.Context(), app.SettingPollSeconds, " 90 "))
	ok(t, w.store.Set(t.Context(), app.SettingPausedUntil, "2026-11-25T13:00:00+01:00"))
	if got := must(w.store.Setting(t.Context(), app.SettingPollSeconds))(t); got != "90" {
		t.Errorf("poll seconds: %q", got)
	}
	if got := must(w.store.Setting(t.Context(), app.SettingPausedUntil))(t); got != "2026-11-25T12:00:00Z" {
		t.Errorf("paused until: %q", got)
	}
}

func TestSourcesAreListedAndFilteredBy(t *testing.T) {
	w := newWorld(t)
	storetest.Fill(t, w.store, w.account.ID, 1, 100)
	sources := must(w.store.Sources(t.Context(), 0))(t)
	if len(sources) != 7 || !slices.IsSorted(sources) {
		t.Errorf("sources: %q", sources)
	}
	for _, search := range []string{"", "nessus", "nessus "} {
		for _, view := range []app.View{app.ViewList, app.ViewEverything} {
			var got, want []int64
			for a, err := range w.store.Each(t.Context(), app.Filter{Source: sources[2], Search: search, View: view}) {
				ok(t, err)
				got = append(got, a.RemoteID)
			}
			for a, err := range w.store.Each(t.Context(), app.Filter{Search: search}) {
				ok(t, err)
				if a.Source == sources[2] {
					want = append(want, a.RemoteID)
				}
			}
			if !slices.Equal(got, want) || len(got) == 0 {
				t.Errorf("%q in the %s: %v, want %v", search, view, got, want)
			}
		}
	}
}

// TestEveryPageIsFoundWhateverIsTyped compares the pages of a search with a
// search without pages, in each view, over a list with gaps.
func TestEveryPageIsFoundWhateverIsTyped(t *testing.T) {
	w := newWorld(t)
	storetest.Fill(t, w.store, w.account.ID, 1, 2500)
	var some []app.AlertID
	for id := range app.AlertID(2500) {
		if id%7 < 3 {
			some = append(some, id+1)
		}
	}
	must(w.store.Remove(t.Context(), some, 0))(t)
	for _, search := range []string{"s", "se", "sea", "finding ", "nessus crit", "cve-2019-0", "trivy c", "(test 12", "zz", "élan"} {
		sizes := make(map[app.View]int)
		for _, view := range []app.View{app.ViewList, app.ViewHistory, app.ViewEverything} {
			seen := make(map[app.AlertID]bool)
			f := app.Filter{Search: search, View: view, Limit: 37}
			for {
				page := must(w.store.Alerts(t.Context(), f))(t)
				for _, a := range page.Alerts {
					if seen[a.ID] {
						t.Fatalf("%q: alert %d came twice", search, a.ID)
					}
					seen[a.ID] = true
				}
				if page.Next == 0 {
					break
				}
				f.After = page.Next
			}
			sizes[view] = len(seen)
		}
		if sizes[app.ViewList]+sizes[app.ViewHistory] != sizes[app.ViewEverything] {
			t.Errorf("%q: %v", search, sizes)
		}
	}
}
