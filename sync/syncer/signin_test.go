package syncer_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/sync/dojoserver"
	"bellhop/sync/syncer"
)

func TestARestartDoesNotSignInAgain(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.born(3)
		w.signedUp()
		w.start()
		w.wantCount(3)
		w.server.ForgetRequests()
		w.restart()
		w.pass(10 * time.Minute)
		w.wantState(app.PhaseOK, "")
		if n := w.requests(signIns); n != 0 {
			t.Errorf("signed in %d times after the restart", n)
		}
	})
}

func TestAnExpiredSessionSignsInOnceAndRepeatsTheRequest(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.born(2)
		w.signedUp()
		w.start()
		w.pass(time.Hour)
		w.server.ExpireSessions(ada)
		w.server.ForgetRequests()
		w.born(1)
		w.pass(time.Minute)
		w.wantCount(3)
		w.wantState(app.PhaseOK, "")
		if n := w.requests(signIns); n != 1 {
			t.Errorf("signed in %d times, want once", n)
		}
		sets := w.secrets.sets
		w.restart()
		w.pass(5 * time.Minute)
		if n := w.requests(signIns); n != 1 {
			t.Errorf("the new session was not kept: signed in %d times", n)
		}
		if w.secrets.sets != sets {
			t.Errorf("an unchanged session was written %d times", w.secrets.sets-sets)
		}
	})
}

func TestAutomaticSignInsAreSpread(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.signedUp()
		w.start()
		w.pass(time.Hour)
		w.spread(func(most time.Duration) time.Duration { return most / 2 })
		w.pass(time.Minute) // the next look is at an unjittered pace again
		w.server.ExpireSessions(ada)
		w.server.ForgetRequests()
		w.next()
		w.pass(4 * time.Second)
		if n := w.requests(signIns); n != 0 {
			t.Error("signed in at once")
		}
		w.pass(2 * time.Second)
		if n := w.requests(signIns); n != 1 {
			t.Errorf("signed in %d times after half of the ten seconds", n)
		}
	})
}

// TestARefusedPasswordIsNeverRetried counts sign-ins: repeating a refused
// password can lock the account (DD_RATE_LIMITER_ACCOUNT_LOCKOUT).
func TestARefusedPasswordIsNeverRetried(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.born(2)
		w.signedUp()
		w.start()
		w.server.SetPassword(ada, "changed elsewhere")
		w.server.ForgetRequests()
		w.pass(2 * time.Minute)
		w.wantState(app.PhaseNeedsYou, syncer.CodePasswordRefused)
		w.wantCount(2)
		w.pass(24 * time.Hour)
		w.syncer.Wake()
		w.syncer.WindowOpened()
		w.pass(24 * time.Hour)
		w.restart()
		w.pass(24 * time.Hour)
		w.syncer.Wake()
		w.pass(time.Hour)
		if n := w.requests(signIns); n != 1 {
			t.Fatalf("the refused password was sent %d times", n)
		}
		if code := w.sync(); code != syncer.CodePasswordRefused {
			t.Errorf("asked for by the user: %q", code)
		}
		if n := w.requests(signIns); n != 2 {
			t.Errorf("the user's word led to %d sign-ins, want one more", n-1)
		}
		w.secrets.put(w.account.ID, syncer.SecretPassword, "changed elsewhere")
		if code := w.sync(); code != "" {
			t.Errorf("with the right password: %q", code)
		}
		w.wantState(app.PhaseOK, "")
	})
}

func TestWhoeverAsksWhileAPasswordIsRefusedSharesTheRefusal(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.signedUp()
		w.start()
		w.server.SetPassword(ada, "changed elsewhere")
		w.server.ForgetRequests()
		const callers = 8
		codes := make(chan string, callers)
		for range callers {
			go func() { codes <- codeOf(w.t, w.syncer.SyncNow(w.t.Context())) }()
		}
		for range callers {
			if code := <-codes; code != syncer.CodePasswordRefused {
				t.Errorf("a caller got %q", code)
			}
		}
		if n := w.requests(signIns); n != 1 {
			t.Errorf("%d callers sent the password %d times", callers, n)
		}
	})
}

func TestRateLimitedWaitsAMinuteAndTriesOnce(t *testing.T) {
	play(t, dojoserver.Options{RateLimit: 1}, func(t *testing.T, w *world) {
		w.signedUp() // the one sign-in of this minute
		w.start()
		w.server.ExpireSessions(ada)
		w.server.ForgetRequests()
		if code := w.sync(); code != syncer.CodeRateLimited {
			t.Fatalf("got %q", code)
		}
		w.wantState(app.PhaseOffline, syncer.CodeRateLimited)
		if wait := w.state().NextSync.Sub(w.clock.now()); wait < time.Minute {
			t.Errorf("tries again after %v", wait)
		}
		w.syncer.Wake()
		w.syncer.WindowOpened()
		w.pass(time.Second)
		if code := w.sync(); code != syncer.CodeRateLimited {
			t.Errorf("meanwhile a user got %q", code)
		}
		if n := w.requests(signIns); n != 1 {
			t.Fatalf("signed in %d times within the minute", n)
		}
		w.pass(75 * time.Second)
		w.wantState(app.PhaseOK, "")
		if n := w.requests(signIns); n != 2 {
			t.Errorf("signed in %d times, want the one more", n)
		}
	})
}

func TestRateLimitedTwiceNeedsYou(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.signedUp()
		w.start()
		w.server.ExpireSessions(ada)
		w.server.Break(dojoserver.Only(http.MethodPost, "/login", dojoserver.Answer(http.StatusBadRequest, "text/html", "<html><h1>403 Forbidden</h1></html>")))
		w.server.ForgetRequests()
		w.pass(time.Minute)
		w.wantState(app.PhaseOffline, syncer.CodeRateLimited)
		w.pass(10 * time.Second)
		w.restart() // also across a restart it is the second time
		w.pass(time.Minute)
		w.wantState(app.PhaseNeedsYou, syncer.CodeRateLimited)
		w.pass(24 * time.Hour)
		if n := w.requests(signIns); n != 2 {
			t.Errorf("tried %d times, want twice", n)
		}
	})
}

func TestAForcedPasswordChangeStops(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.born(1)
		w.signedUp()
		w.start()
		w.server.ForcePasswordChange(ada, true)
		w.pass(time.Minute)
		w.wantState(app.PhaseNeedsYou, syncer.CodePasswordChange)
		if step := w.state().Problem.Step; !strings.Contains(step, "/change_password") {
			t.Errorf("the step does not say where: %q", step)
		}
		w.server.ForgetRequests()
		w.pass(24 * time.Hour)
		if got := w.server.Requests(); len(got) > 0 {
			t.Errorf("went on asking: %q", got)
		}
		w.wantCount(1)
		w.server.ForcePasswordChange(ada, false)
		if code := w.sync(); code != "" {
			t.Errorf("after the change: %q", code)
		}
	})
}

func TestSingleSignOnStopsAndOffersOtherWays(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.signedUp()
		w.start()
		w.server.Break(func(rw http.ResponseWriter, r *http.Request) bool {
			http.Redirect(rw, r, "https://login.example.com/oauth2/authorize?client_id=1&state=secret", http.StatusFound)
			return true
		})
		w.pass(time.Minute)
		w.wantState(app.PhaseNeedsYou, syncer.CodeSSORequired)
		p := w.state().Problem
		if !strings.Contains(p.Step, "cookie") || !strings.Contains(p.Step, "token") {
			t.Errorf("the step does not offer the other ways: %q", p.Step)
		}
		if strings.Contains(p.Error(), "secret") {
			t.Errorf("the problem quotes a query: %q", p.Error())
		}
	})
}

func TestSessionsThatKeepEndingAreNotRenewedForever(t *testing.T) {
	play(t, dojoserver.Options{SingleSession: true}, func(t *testing.T, w *world) {
		w.signedUp()
		w.start()
		w.pass(5 * time.Minute)
		w.server.ForgetRequests()
		w.server.SignIn(ada) // a browser throws us out
		w.pass(time.Minute)
		w.wantState(app.PhaseOK, "") // and we the browser
		if n := w.requests(signIns); n != 1 {
			t.Fatalf("signed in %d times", n)
		}
		w.server.SignIn(ada)
		w.pass(time.Minute)
		w.wantState(app.PhaseOffline, syncer.CodeSingleSession)
		w.pass(5 * time.Minute)
		w.restart() // which changes nothing about it
		w.pass(50 * time.Minute)
		if n := w.requests(signIns); n != 1 {
			t.Fatalf("fought the browser: %d sign-ins", n)
		}
		w.pass(6 * time.Minute)
		w.wantState(app.PhaseOK, "")
		if n := w.requests(signIns); n != 2 {
			t.Errorf("signed in %d times, want once more after an hour", n)
		}
		w.server.SignIn(ada)
		w.pass(time.Minute)
		w.wantState(app.PhaseOffline, syncer.CodeSingleSession)
		if code := w.sync(); code != "" {
			t.Errorf("the user's word counts, but got %q", code)
		}
	})
}

func TestASessionThatIsRefusedRightAwayIsNoLoop(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.signedUp()
		w.start()
		w.pass(time.Hour)
		w.server.Break(dojoserver.Only(http.MethodGet, "/alerts/json", func(rw http.ResponseWriter, r *http.Request) bool {
			http.Redirect(rw, r, "/login?next=/alerts/json", http.StatusFound)
			return true
		}))
		w.server.ForgetRequests()
		w.next()
		w.wantState(app.PhaseOffline, syncer.CodeSessionExpired)
		w.pass(50 * time.Minute)
		w.wantState(app.PhaseOffline, syncer.CodeSingleSession)
		if n := w.requests(signIns); n != 2 {
			t.Errorf("signed in %d times within an hour, want twice", n)
		}
	})
}

func TestTheVersionIsAskedOnceADay(t *testing.T) {
	play(t, dojoserver.Options{Version: "2.46.0"}, func(t *testing.T, w *world) {
		var pages atomic.Int32
		w.server.Break(each(func(r *http.Request) {
			if r.Method == http.MethodGet && r.URL.Path == "/alerts" {
				pages.Add(1)
			}
		}))
		w.signedUp()
		w.set(app.SettingPollSeconds, "3600")
		w.start()
		w.pass(23 * time.Hour)
		if n := pages.Load(); n > 2 {
			t.Errorf("asked %d times within a day", n)
		}
		w.pass(24 * time.Hour)
		if n := pages.Load(); n < 2 || n > 3 {
			t.Errorf("asked %d times in two days", n)
		}
		a, err := w.store.Account(w.t.Context(), w.account.ID)
		if err != nil || a.Server != "2.46.0" {
			t.Errorf("the account says %q, %v", a.Server, err)
		}
	})
}
