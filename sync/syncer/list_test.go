package syncer_test

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/sync/dojoserver"
)

func TestTheFirstListIsBacklog(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.born(120)
		w.signedUp()
		w.start()
		w.wantCount(120)
		w.wantState(app.PhaseOK, "")
		if n := w.events(); n != 0 {
			t.Errorf("the backlog made %d events", n)
		}
		state := w.state()
		if state.LastSync.IsZero() || state.LastFull.IsZero() || !state.NextSync.After(state.LastSync) {
			t.Errorf("the times are not kept: %+v", state)
		}
		w.server.ForgetRequests()
		w.born(2)
		w.pass(time.Minute)
		w.wantCount(122)
		if n := w.events(); n != 2 {
			t.Errorf("two arrivals made %d events", n)
		}
		if w.requests(looks) != 1 || w.full() != 0 {
			t.Errorf("asked %q, want one look", w.server.Requests())
		}
	})
}

func TestAFirstListThatFailedIsStillBacklog(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.born(5)
		w.signedUp()
		w.server.Break(dojoserver.Only("", "/alerts/json", dojoserver.Down(0)))
		w.start()
		w.wantState(app.PhaseOffline, "server_error")
		w.server.Break(nil)
		w.pass(time.Minute)
		w.wantCount(5)
		if n := w.events(); n != 0 {
			t.Errorf("the backlog made %d events", n)
		}
	})
}

func TestASmallListIsCompleteWithOneLook(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		pks := w.born(10)
		w.signedUp()
		w.start()
		w.server.ForgetRequests()
		w.server.RemoveAlert(ada, pks[0], pks[9])
		w.pass(time.Minute)
		w.wantCount(8)
		if w.full() != 0 {
			t.Error("read the complete list, although the look was one")
		}
		history := w.view(app.ViewHistory)
		if len(history) != 2 || history[0].Removal.Why != app.WhyElsewhere || history[0].Removal.Pending {
			t.Errorf("the history holds %+v", history)
		}
	})
}

func TestARemovalElsewhereInALongListIsSeenByTheCounter(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		pks := w.born(200)
		w.signedUp()
		w.start()
		w.server.ForgetRequests()
		w.server.RemoveAlert(ada, pks[3])
		w.pass(time.Minute)
		w.wantCount(199)
		if w.full() != 1 {
			t.Errorf("read %d complete lists", w.full())
		}
		w.pass(5 * time.Minute)
		if w.full() != 1 {
			t.Errorf("then read %d more", w.full()-1)
		}
	})
}

func TestACounterThatLiesIsLeftAlone(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.born(60)
		w.signedUp()
		w.server.Break(dojoserver.Only("", "/alerts/count", dojoserver.Answer(http.StatusOK, "application/json", `{"count": 5}`)))
		w.start()
		w.server.ForgetRequests()
		w.pass(9 * time.Minute)
		if n := w.full(); n != 2 {
			t.Errorf("read the complete list %d times on the word of a wrong counter, want twice", n)
		}
	})
}

func TestMoreThanALookExplainsIsReadCompletely(t *testing.T) {
	play(t, dojoserver.Options{CounterDisabled: true}, func(t *testing.T, w *world) {
		w.born(10)
		w.signedUp()
		w.start()
		w.server.ForgetRequests()
		w.next()
		w.born(80)
		w.pass(time.Minute)
		w.wantCount(90)
		if n := w.events(); n != 80 {
			t.Errorf("80 arrivals made %d events", n)
		}
		list := w.list()
		for i := 1; i < len(list); i++ {
			if list[i].Created.After(list[i-1].Created) {
				t.Fatalf("the list is out of order at %d", i)
			}
		}
	})
}

// TestNoWatermark gives birth to alerts that a watermark would miss: one with a
// creation time far in the past and one with a small primary key, as processes
// with different clocks and transactions that commit late make them.
func TestNoWatermark(t *testing.T) {
	play(t, dojoserver.Options{CounterDisabled: true}, func(t *testing.T, w *world) {
		w.server.AddAlert(ada, dojoserver.Alert{PK: 500, Title: "large key"})
		w.signedUp()
		w.start()
		w.server.AddAlert(ada, dojoserver.Alert{PK: 12, Title: "committed late"})
		w.server.AddAlert(ada, dojoserver.Alert{PK: 501, Title: "slow clock", Created: w.clock.last().Add(-72 * time.Hour)})
		w.pass(time.Minute)
		w.wantCount(3)
		w.born(100)
		w.pass(time.Minute)
		w.server.AddAlert(ada, dojoserver.Alert{PK: 13, Title: "slow clock in a long list", Created: w.clock.last().Add(-72 * time.Hour)})
		w.pass(11 * time.Minute)
		w.wantCount(104)
		if n := w.events(); n != 103 {
			t.Errorf("%d events, want 103", n)
		}
	})
}

func TestTheCompleteListIsReadEveryTenMinutes(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.born(60)
		w.signedUp()
		w.spread(func(most time.Duration) time.Duration { return most / 2 })
		w.start()
		w.server.ForgetRequests()
		w.pass(60*time.Minute + time.Second)
		if n := w.full(); n != 6 {
			t.Errorf("read it %d times in an hour, want 6", n)
		}
		if n := w.requests(looks); n != 54 {
			t.Errorf("looked %d times in an hour, want 54", n)
		}
	})
}

func TestOpeningTheWindowReadsTheCompleteList(t *testing.T) {
	play(t, dojoserver.Options{CounterDisabled: true}, func(t *testing.T, w *world) {
		pks := w.born(100)
		w.signedUp()
		w.start()
		w.server.RemoveAlert(ada, pks[50])
		w.server.ForgetRequests()
		w.syncer.WindowOpened()
		w.pass(0)
		w.wantCount(99)
		if w.full() != 1 {
			t.Errorf("asked %q", w.server.Requests())
		}
	})
}

// emptyFor answers so many lists with an empty array, as a backend with another
// database does.
func emptyFor(n int32) dojoserver.Hook {
	var left atomic.Int32
	left.Store(n)
	return dojoserver.Only(http.MethodGet, "/alerts/json", func(w http.ResponseWriter, r *http.Request) bool {
		if left.Add(-1) < 0 {
			return false
		}
		return dojoserver.Answer(http.StatusOK, "application/json", "[]")(w, r)
	})
}

func TestAListThatShrinksAndComesBackLosesNothing(t *testing.T) {
	for _, c := range []struct {
		name  string
		size  int
		empty int32
	}{
		{"one look", 30, 1},
		{"a look and a complete list", 30, 2},
		{"a complete list", 120, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
				w.born(c.size)
				w.signedUp()
				w.start()
				w.server.Break(emptyFor(c.empty))
				if c.size < 50 {
					w.pass(time.Minute)
				} else if code := w.sync(); code != "" {
					t.Errorf("got %q", code)
				}
				w.wantCount(c.size)
				w.wantState(app.PhaseOK, "")
				w.pass(15 * time.Minute)
				w.wantCount(c.size)
				if n := w.events(); n != 0 {
					t.Errorf("%d alerts came as new", n)
				}
				if len(w.view(app.ViewHistory)) > 0 {
					t.Error("alerts went into the history")
				}
			})
		})
	}
}

func TestTwoAnswersThatDisagreeOnlyAdd(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		pks := w.born(120)
		w.signedUp()
		w.start()
		// First nothing, then a backend that is halfway through its restore.
		first := emptyFor(1)
		w.server.RemoveAlert(ada, pks[:60]...)
		w.server.Break(first)
		w.born(1)
		if code := w.sync(); code != "" {
			t.Errorf("got %q", code)
		}
		w.wantCount(121)
		if w.events() != 1 {
			t.Error("the arrival was lost")
		}
		// The next look finds them agreeing.
		w.server.ForgetRequests()
		w.pass(time.Minute)
		if w.full() != 2 {
			t.Errorf("read %d complete lists, want one and its confirmation", w.full())
		}
		w.wantCount(61)
	})
}

func TestAListThatReallyShrankIsBelievedTheSecondTime(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		pks := w.born(40)
		w.signedUp()
		w.start()
		w.server.RemoveAlert(ada, pks...)
		w.server.ForgetRequests()
		w.pass(time.Minute)
		w.wantCount(0)
		if w.full() != 2 {
			t.Errorf("read %d complete lists, want two", w.full())
		}
		if n := len(w.view(app.ViewHistory)); n != 40 {
			t.Errorf("the history holds %d", n)
		}
	})
}

func TestTheServersOwnCleanUpIsLabelledExpired(t *testing.T) {
	play(t, dojoserver.Options{MaxAlerts: 100}, func(t *testing.T, w *world) {
		w.born(130)
		w.signedUp()
		w.start()
		w.wantCount(130)
		w.server.CleanUp()
		w.born(2)
		w.pass(time.Minute)
		w.wantCount(102)
		history := w.view(app.ViewHistory)
		if len(history) != 30 {
			t.Fatalf("the history holds %d, want 30", len(history))
		}
		for _, a := range history {
			if a.Removal.Why != app.WhyExpired {
				t.Fatalf("alert %d left because of %q", a.ID, a.Removal.Why)
			}
		}
	})
}

func TestPrimaryKeysThatComeBackAreOtherAlerts(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.born(2)
		w.signedUp()
		w.start()
		backup := w.server.Backup()
		before := w.born(1)
		w.pass(time.Minute)
		w.wantCount(3)
		w.server.Restore(backup)
		w.clock.move(time.Second)
		after := w.server.AddAlert(ada, dojoserver.Alert{Title: "another alert under a known key"})
		if after != before[0] {
			t.Fatalf("the key %d was not used again but %d", before[0], after)
		}
		w.pass(time.Minute)
		w.wantCount(3)
		if got := w.list()[0].Title; got != "another alert under a known key" {
			t.Errorf("the newest is %q", got)
		}
		if n := len(w.view(app.ViewHistory)); n != 1 {
			t.Errorf("the history holds %d, want the one that was lost", n)
		}
		if n := w.events(); n != 2 {
			t.Errorf("%d events, want 2", n)
		}
	})
}
