package syncer_test

import (
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"bellhop/app"
	"bellhop/sync/dojoserver"
	"bellhop/sync/syncer"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func TestPollsFollowTheSetting(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.signedUp()
		w.spread(func(most time.Duration) time.Duration { return most / 2 })
		w.start()
		w.server.ForgetRequests()
		w.pass(10*time.Minute + time.Second)
		if n := w.requests(fullLists); n != 10 {
			t.Errorf("%d lists in ten minutes", n)
		}
		w.server.ForgetRequests()
		w.set(app.SettingPollSeconds, "300")
		w.pass(20 * time.Minute)
		if n := w.requests(fullLists); n != 4 {
			t.Errorf("%d lists in twenty minutes at five", n)
		}
		w.server.ForgetRequests()
		w.set(app.SettingPollSeconds, "30") // counts from now on, not after five minutes
		w.pass(31 * time.Second)
		if n := w.requests(fullLists); n != 1 {
			t.Errorf("%d lists within the new interval", n)
		}
	})
}

func (w *world) set(key, value string) {
	w.t.Helper()
	if err := w.store.Set(w.t.Context(), key, value); err != nil {
		w.t.Fatal(err)
	}
	synctest.Wait()
}

func TestFailuresBackOffAndSinceStays(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.born(4)
		w.signedUp()
		w.start()
		w.spread(func(most time.Duration) time.Duration { return most })
		w.server.Break(dojoserver.Down(0))
		w.next()
		since := w.state().Since
		for i, want := range []time.Duration{30, 60, 120, 240, 480, 900, 900} {
			state := w.state()
			if state.Phase != app.PhaseOffline || state.Failures != i+1 || !state.Since.Equal(since) {
				t.Errorf("after %d failures: %+v", i+1, state)
			}
			if got := state.NextSync.Sub(w.clock.now()).Round(time.Second); got != want*time.Second {
				t.Errorf("after %d failures the next try is in %v, want %v s", i+1, got, int(want))
			}
			w.next()
		}
		w.restart()
		if state := w.state(); !state.Since.Equal(since) || state.Phase != app.PhaseOffline {
			t.Errorf("the restart forgot since when: %+v", state)
		}
		w.wantCount(4)
		w.server.Break(nil)
		w.pass(16 * time.Minute)
		w.wantState(app.PhaseOK, "")
		if state := w.state(); state.Failures != 0 {
			t.Errorf("%d failures are left", state.Failures)
		}
		if n := len(w.log.lines("sync state changed")); n != 3 {
			t.Errorf("logged %d changes, want ok, offline, ok: %q", n, w.log.lines("sync state changed"))
		}
	})
}

func TestRetryAfterIsHonoured(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.signedUp()
		w.start()
		w.server.Break(dojoserver.Down(10 * time.Minute))
		w.next()
		w.wantState(app.PhaseOffline, syncer.CodeServerError)
		w.server.Break(nil)
		w.server.ForgetRequests()
		w.pass(5 * time.Minute)
		w.syncer.Wake()
		w.syncer.WindowOpened()
		w.pass(4 * time.Minute)
		if code := w.sync(); code != syncer.CodeServerError {
			t.Errorf("asked meanwhile: %q", code)
		}
		if got := w.server.Requests(); len(got) > 0 {
			t.Errorf("asked %q before the time", got)
		}
		w.pass(2 * time.Minute)
		w.wantState(app.PhaseOK, "")
	})
}

func TestRetryAfterIsBelievedForAnHourAtMost(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.signedUp()
		w.start()
		w.server.Break(dojoserver.Down(100 * time.Hour))
		w.next()
		w.server.Break(nil)
		w.pass(time.Hour + time.Minute)
		w.wantState(app.PhaseOK, "")
	})
}

func TestTooManyRequestsSlowsDown(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.signedUp()
		w.start()
		w.server.Break(func(rw http.ResponseWriter, _ *http.Request) bool {
			rw.Header().Set("Retry-After", "120")
			rw.WriteHeader(http.StatusTooManyRequests)
			return true
		})
		for range 3 {
			w.next()
			w.wantState(app.PhaseOffline, syncer.CodeRateLimited)
			if wait := w.state().NextSync.Sub(w.clock.now()); wait < 2*time.Minute-time.Second {
				t.Errorf("tries again after %v", wait)
			}
		}
	})
}

func TestWakeTriesAtOnceAndStartsTheBackOffAnew(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.signedUp()
		w.start()
		w.server.Break(dojoserver.Drop())
		w.pass(time.Hour)
		w.server.ForgetRequests()
		w.syncer.Wake()
		synctest.Wait()
		if len(w.server.Requests()) == 0 {
			t.Error("did not try")
		}
		if n := w.state().Failures; n != 1 {
			t.Errorf("counts %d failures, want the first", n)
		}
		w.server.Break(nil)
		w.syncer.Wake()
		w.pass(3 * time.Second)
		w.wantState(app.PhaseOK, "")
	})
}

func TestABurstOfWakesIsOneTry(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.born(1)
		w.signedUp()
		w.start()
		w.server.Break(dojoserver.Drop())
		w.pass(time.Hour)
		w.server.ForgetRequests()
		for range 100 { // cables, addresses, routes, names, VPN
			w.syncer.Wake()
			w.pass(10 * time.Millisecond)
		}
		w.server.Break(nil)
		w.born(1)
		if n := w.requests(fullLists); n != 1 {
			t.Errorf("tried %d times within a second", n)
		}
		w.syncer.Wake()
		w.pass(3 * time.Second)
		w.wantState(app.PhaseOK, "")
		w.wantCount(2)
	})
}

func TestSleepIsNoticedWithoutBeingTold(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.signedUp()
		w.start()
		w.spread(func(most time.Duration) time.Duration { return most })
		w.server.Break(dojoserver.Drop())
		for range 8 {
			w.next()
		}
		if wait := w.state().NextSync.Sub(w.clock.now()); wait < 14*time.Minute {
			t.Fatalf("the next try is already in %v", wait)
		}
		w.server.Break(nil)
		w.clock.move(5 * time.Minute) // asleep: the wall clock went on, the other stood
		w.pass(66 * time.Second)
		w.wantState(app.PhaseOK, "")
	})
}

func TestAClockSetBackDelaysNothing(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.born(60)
		w.signedUp()
		w.start()
		w.clock.move(-48 * time.Hour)
		w.born(1)
		w.server.ForgetRequests()
		w.pass(time.Minute)
		w.wantCount(61)
		if w.full() != 1 {
			t.Error("a complete list from the future was trusted")
		}
		if wait := w.state().NextSync.Sub(w.clock.now()); wait <= 0 || wait > 66*time.Second {
			t.Errorf("the next look is in %v", wait)
		}
		w.pass(9 * time.Minute)
		if w.full() != 1 {
			t.Errorf("then read %d more", w.full()-1)
		}
	})
}

func TestAClockSetForwardIsNoStorm(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.born(60)
		w.signedUp()
		w.start()
		w.server.ForgetRequests()
		w.clock.move(365 * 24 * time.Hour)
		w.pass(9 * time.Minute)
		w.wantState(app.PhaseOK, "")
		if n := w.requests(fullLists); n > 12 {
			t.Errorf("%d lists in nine minutes", n)
		}
	})
}

func TestARemovalSurvivesAClockSetBack(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		pks := w.born(2)
		w.signedUp()
		w.start()
		w.remove(0, w.list()[0].ID)
		w.wantRemote(pks[0])
		w.clock.move(-time.Hour)
		w.pass(time.Minute)
		w.remove(5*time.Second, w.list()[0].ID)
		w.pass(time.Minute)
		w.wantRemote()
	})
}

// TestNothingStirsBetweenPolls counts looks at the clock: the loop takes one
// whenever it wakes.
func TestNothingStirsBetweenPolls(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.signedUp()
		w.start()
		before := w.clock.looks.Load()
		w.pass(50 * time.Second)
		if n := w.clock.looks.Load() - before; n != 0 {
			t.Errorf("woke %d times between two polls", n)
		}
		w.set(app.SettingPollSeconds, "3600")
		w.next()
		before = w.clock.looks.Load()
		w.pass(50 * time.Minute)
		if n := w.clock.looks.Load() - before; n != 0 {
			t.Errorf("woke %d times within an hour's interval", n)
		}
	})
}

func TestQuittingInTheMiddleOfARequestIsNoFailure(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.signedUp()
		w.start()
		before := w.state()
		var reached atomic.Bool
		w.server.Break(func(_ http.ResponseWriter, r *http.Request) bool {
			reached.Store(true)
			<-r.Context().Done()
			return true
		})
		result := make(chan error, 1)
		go func() { result <- w.syncer.SyncNow(w.t.Context()) }()
		for !reached.Load() {
			if err := w.server.Await(w.t.Context(), func(r []string) bool { return len(r) > 0 && reached.Load() }); err != nil {
				t.Fatal(err)
			}
		}
		w.stop()
		if err := <-result; err == nil {
			t.Error("the caller was told that it worked")
		}
		if err := w.syncer.SyncNow(w.t.Context()); err == nil {
			t.Error("a Syncer that ended synchronises")
		}
		if after := w.state(); after.Phase != before.Phase || after.Failures != before.Failures || after.Problem != nil {
			t.Errorf("quitting changed the state to %+v", after)
		}
	})
}
