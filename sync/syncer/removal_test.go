package syncer_test

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/sync/dojoserver"
	"bellhop/sync/syncer"
)

// ids returns the alerts' ids.
func ids(alerts []app.Alert) []app.AlertID {
	out := make([]app.AlertID, len(alerts))
	for i, a := range alerts {
		out[i] = a.ID
	}
	return out
}

// pending returns how many removals wait for the server.
func (w *world) pending() int {
	w.t.Helper()
	n, err := w.store.Pending(w.t.Context(), w.account.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func TestARemovalIsSentExactlyWhenTheTimeForUndoIsOver(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		pks := w.born(3)
		w.signedUp()
		w.start()
		w.server.ForgetRequests()
		w.remove(5*time.Second, w.list()[0].ID)
		w.wantCount(2)
		w.pass(5*time.Second - time.Millisecond)
		if got := w.server.Requests(); len(got) > 0 {
			t.Fatalf("asked %q before the time for undo was over", got)
		}
		w.pass(time.Millisecond)
		w.wantRemote(pks[0], pks[1])
		want := []string{fullLists, posts, fullLists}
		if got := w.server.Requests(); !slices.Equal(got, want) {
			t.Errorf("asked %q, want %q", got, want)
		}
		if w.pending() != 0 {
			t.Error("the removal still waits")
		}
		history := w.view(app.ViewHistory)
		if len(history) != 1 || history[0].Removal.Why != app.WhyMe || history[0].Removal.Pending {
			t.Errorf("the history holds %+v", history)
		}
		w.wantState(app.PhaseOK, "")
	})
}

func TestAnUndoInTimeNeverReachesTheServer(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		pks := w.born(3)
		w.signedUp()
		w.start()
		removed := w.remove(5*time.Second, ids(w.list())...)
		w.pass(4 * time.Second)
		if n, err := w.store.Undo(w.t.Context(), removed.Intents); err != nil || n != 3 {
			t.Fatalf("undo brought %d back, %v", n, err)
		}
		w.pass(time.Hour)
		w.wantRemote(pks...)
		w.wantCount(3)
		if n := w.requests(posts); n != 0 {
			t.Errorf("posted %d times", n)
		}
	})
}

func TestRemovalsGoInRequestsOfTwoHundred(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.born(450)
		w.signedUp()
		w.start()
		var mu sync.Mutex
		var sizes []int
		w.server.Break(dojoserver.Only(http.MethodPost, "/alerts", eachForm(func(form url.Values) {
			mu.Lock()
			defer mu.Unlock()
			sizes = append(sizes, len(form["alert_select"]))
		})))
		w.remove(0, ids(w.list())...)
		w.wantRemote()
		if !slices.Equal(sizes, []int{200, 200, 50}) {
			t.Errorf("posted %v", sizes)
		}
		w.wantCount(0)
		if w.pending() != 0 {
			t.Error("removals still wait")
		}
	})
}

// eachForm lets a function see a request's form and hands the request on.
func eachForm(see func(form url.Values)) dojoserver.Hook {
	return func(_ http.ResponseWriter, r *http.Request) bool {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return false
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		if form, err := url.ParseQuery(string(body)); err == nil {
			see(form)
		}
		return false
	}
}

func TestClearAllDoesNotTakeWhatArrivedMeanwhile(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.born(60)
		w.signedUp()
		w.start()
		shown := w.list()[0].ID
		unseen := w.born(1)
		if _, err := w.store.Clear(w.t.Context(), w.account.ID, shown, 5*time.Second); err != nil {
			t.Fatal(err)
		}
		w.pass(3 * time.Second)
		unseen = append(unseen, w.born(2)...)
		w.pass(3 * time.Second)
		w.wantRemote(unseen...)
		w.wantCount(3)
		if n := w.events(); n != 3 {
			t.Errorf("the unseen made %d events", n)
		}
		if n := w.requests("POST /delete_alerts"); n != 0 {
			t.Error("cleared with the page that clears unseen alerts too")
		}
	})
}

func TestAnOfflineRemovalIsReplayedOnceAfterARestart(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		pks := w.born(3)
		w.signedUp()
		w.start()
		w.server.Break(dojoserver.Drop())
		w.next()
		w.wantState(app.PhaseOffline, syncer.CodeUnreachable)
		w.remove(5*time.Second, w.list()[0].ID)
		w.wantCount(2)
		w.pass(time.Hour)
		w.restart() // as if killed: nothing but the folder is left
		w.wantCount(2)
		w.pass(time.Hour)
		w.wantRemote(pks...)
		w.server.Break(nil)
		w.server.ForgetRequests()
		w.pass(20 * time.Minute)
		w.wantRemote(pks[0], pks[1])
		if n := w.requests(posts); n != 1 {
			t.Errorf("posted %d times", n)
		}
		if w.pending() != 0 {
			t.Error("the removal still waits")
		}
		w.wantState(app.PhaseOK, "")
	})
}

func TestACrashBetweenPostAndVerificationRemovesNothingTwice(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		pks := w.born(3)
		w.signedUp()
		w.start()
		// The server dies with the answer to the removal.
		var posted atomic.Bool
		w.server.Break(func(rw http.ResponseWriter, r *http.Request) bool {
			if posted.Load() {
				return dojoserver.Drop()(rw, r)
			}
			posted.Store(r.Method == http.MethodPost)
			return false
		})
		w.remove(0, w.list()[0].ID)
		w.wantRemote(pks[0], pks[1])
		if w.pending() != 1 {
			t.Fatal("the removal does not wait for its verification")
		}
		w.stop()
		late := w.born(1)
		w.server.Break(nil)
		w.server.ForgetRequests()
		w.restart()
		w.wantRemote(pks[0], pks[1], late[0])
		w.wantCount(3)
		if n := w.requests(posts); n != 0 {
			t.Errorf("posted %d times more", n)
		}
		history := w.view(app.ViewHistory)
		if len(history) != 1 || history[0].Removal.Why != app.WhyMe || history[0].Removal.Pending {
			t.Errorf("the history holds %+v", history)
		}
	})
}

func TestASessionThatEndsInTheMiddleOfAReplay(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.born(250)
		w.signedUp()
		w.start()
		var sent atomic.Int32
		w.server.Break(dojoserver.Only(http.MethodPost, "/alerts", each(func(*http.Request) {
			if sent.Add(1) == 2 {
				w.server.ExpireSessions(ada)
			}
		})))
		w.server.ForgetRequests()
		w.remove(0, ids(w.list())...)
		w.wantRemote()
		w.wantState(app.PhaseOK, "")
		if n := w.requests(signIns); n != 1 {
			t.Errorf("signed in %d times", n)
		}
		if n := w.requests(posts); n != 3 {
			t.Errorf("posted %d times, want two requests and the second once more", n)
		}
	})
}

func TestAServerErrorWhilePostingKeepsTheIntent(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		pks := w.born(3)
		w.signedUp()
		w.start()
		w.server.Break(dojoserver.Only(http.MethodPost, "/alerts", dojoserver.Answer(http.StatusInternalServerError, "text/html", "<html></html>")))
		w.remove(0, w.list()[0].ID)
		w.wantState(app.PhaseOffline, syncer.CodeServerError)
		since := w.state().Since
		w.server.ForgetRequests()
		for range 60 {
			w.pass(time.Minute)
			w.wantState(app.PhaseOffline, syncer.CodeServerError)
		}
		if n := w.requests(posts); n < 4 || n > 15 {
			t.Errorf("posted %d times in an hour, want fewer and fewer", n)
		}
		w.server.ForgetRequests()
		w.syncer.WindowOpened() // reads, but does not post before its time
		w.pass(0)
		if w.full() != 1 || w.requests(posts) != 0 {
			t.Errorf("opening the window asked %q", w.server.Requests())
		}
		if got := w.state().Since; !got.Equal(since) {
			t.Errorf("offline since %v, then since %v", since, got)
		}
		if w.pending() != 1 {
			t.Error("the removal was given up")
		}
		w.wantCount(2)
		late := w.born(1)
		w.pass(time.Minute)
		w.wantCount(3) // lists go on at their pace
		w.server.Break(nil)
		w.pass(16 * time.Minute)
		w.wantState(app.PhaseOK, "")
		w.wantRemote(pks[0], pks[1], late[0])
		if len(w.log.lines("sync state changed")) > 4 {
			t.Errorf("the log is chatty: %q", w.log.lines("sync state changed"))
		}
	})
}

func TestThreePostsWithoutEffectComeBackWithAReason(t *testing.T) {
	for _, c := range []struct {
		name string
		hook dojoserver.Hook
	}{
		{"the server accepts and does nothing", dojoserver.Answer(http.StatusOK, "text/html", "<html></html>")},
		{"the server refuses", dojoserver.Answer(http.StatusForbidden, "text/html", "<html><h1>403 Forbidden</h1></html>")},
	} {
		t.Run(c.name, func(t *testing.T) {
			play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
				w.born(2)
				w.signedUp()
				w.start()
				w.server.Break(dojoserver.Only(http.MethodPost, "/alerts", c.hook))
				w.server.ForgetRequests()
				w.remove(0, w.list()[0].ID)
				w.pass(time.Hour)
				if n := w.requests(posts); n != 3 {
					t.Errorf("posted %d times, want 3", n)
				}
				w.wantCount(2)
				if f := w.list()[0].Failure; f == nil || f.Reason == "" {
					t.Error("the row does not say why it is back")
				}
				w.wantState(app.PhaseOK, "")
			})
		})
	}
}

func TestSomePostedBeforeOneFailed(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.born(250)
		w.signedUp()
		w.start()
		var sent atomic.Int32
		w.server.Break(dojoserver.Only(http.MethodPost, "/alerts", func(rw http.ResponseWriter, r *http.Request) bool {
			return sent.Add(1) > 1 && dojoserver.Down(0)(rw, r)
		}))
		w.remove(0, ids(w.list())...)
		w.wantState(app.PhaseOffline, syncer.CodeServerError)
		if n := w.pending(); n != 50 {
			t.Errorf("%d removals wait, want the 50 that failed", n)
		}
		w.server.Break(nil)
		w.pass(time.Minute)
		w.wantState(app.PhaseOK, "")
		w.wantRemote()
	})
}

func TestAPostWithoutEffectIsNotRepeatedAtOnce(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.born(2)
		w.signedUp()
		w.start()
		w.server.Break(dojoserver.Drop())
		w.next()
		w.remove(0, w.list()[0].ID) // due while the server is away
		w.server.Break(dojoserver.Only(http.MethodPost, "/alerts", dojoserver.Answer(http.StatusOK, "text/html", "<html></html>")))
		if code := w.sync(); code != "" {
			t.Errorf("got %q", code)
		}
		if n := w.requests(posts); n != 1 {
			t.Errorf("posted %d times at once", n)
		}
	})
}

func TestWhatIsGoneAlreadyIsNotPosted(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		pks := w.born(2)
		w.signedUp()
		w.start()
		w.remove(5*time.Second, w.list()[0].ID)
		w.server.RemoveAlert(ada, pks[1])
		w.pass(6 * time.Second)
		if n := w.requests(posts); n != 0 {
			t.Errorf("posted %d times", n)
		}
		if w.pending() != 0 {
			t.Error("the removal still waits")
		}
	})
}

func TestNothingIsPostedThatTheUserDidNotRemove(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		pks := w.born(120)
		w.signedUp()
		w.start()
		var mu sync.Mutex
		sent := map[string]bool{}
		w.server.Break(dojoserver.Only(http.MethodPost, "/alerts", eachForm(func(form url.Values) {
			mu.Lock()
			defer mu.Unlock()
			for _, pk := range form["alert_select"] {
				sent[pk] = true
			}
		})))
		list := w.list()
		w.remove(5*time.Second, list[3].ID, list[7].ID)
		w.born(4)
		w.server.RemoveAlert(ada, pks[0])
		w.pass(time.Hour)
		want := map[string]bool{itoa(list[3].RemoteID): true, itoa(list[7].RemoteID): true}
		if len(sent) != 2 || !sent[itoa(list[3].RemoteID)] || !sent[itoa(list[7].RemoteID)] {
			t.Errorf("posted %v, want %v", sent, want)
		}
		w.wantCount(121)
	})
}

func TestAKeyThatBelongsToAnotherAlertNowIsNotRemoved(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.born(1)
		w.signedUp()
		w.start()
		backup := w.server.Backup()
		last := w.born(1)
		w.pass(time.Minute)
		w.server.Break(dojoserver.Drop())
		w.remove(0, w.list()[0].ID)
		w.server.Restore(backup)
		w.clock.move(time.Second)
		if pk := w.server.AddAlert(ada, dojoserver.Alert{Title: "born after the restore"}); pk != last[0] {
			t.Fatalf("the key was not used again")
		}
		w.server.Break(nil)
		w.pass(time.Hour)
		if n := w.requests(posts); n != 0 {
			t.Errorf("posted %d times", n)
		}
		w.wantCount(2)
	})
}

// TestAnotherAccountsOverdueRemovalHidesNothing: the store names one moment for
// all accounts, and an account that is offline leaves it in the past.
func TestAnotherAccountsOverdueRemovalHidesNothing(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		pks := w.born(2)
		w.signedUp()
		mine := w.account
		// The other account's server is away, and its Syncer is not running.
		w.adopt(app.Account{URL: "https://away.example.com", Username: "eve", SignIn: app.SignInPassword})
		pull, err := w.store.BeginPull(w.t.Context(), w.account.ID, true)
		if err != nil {
			t.Fatal(err)
		}
		if err := pull.Add(w.t.Context(), []app.Remote{{ID: 1, Title: "away", Created: w.clock.now()}}); err != nil {
			t.Fatal(err)
		}
		if _, err := pull.Apply(w.t.Context(), app.Apply{First: true}); err != nil {
			t.Fatal(err)
		}
		away := w.list()[0].ID
		w.account = mine
		w.start()
		w.server.ForgetRequests()
		w.remove(0, away)
		w.pass(10 * time.Second)
		w.remove(5*time.Second, w.list()[0].ID)
		w.pass(7 * time.Second)
		w.wantRemote(pks[0])
		if n := len(w.server.Requests()); n > 4 {
			t.Errorf("the other account's removal caused %d requests: %q", n, w.server.Requests())
		}
	})
}
