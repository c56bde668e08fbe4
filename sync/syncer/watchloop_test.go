package syncer_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/store"
	"bellhop/sync/dojoserver"
	"bellhop/sync/syncer"
)

func TestARoundIsBounded(t *testing.T) {
	observe(t, dojoserver.Options{}, superuser, app.SignInToken, func(t *testing.T, w *watcher) {
		for i := range 1100 {
			w.engagement(dojoserver.Engagement{Name: fmt.Sprintf("E%d", i)})
		}
		w.look(1)
		w.server.ForgetRequests()
		for range 12 {
			before := len(w.server.Requests())
			w.look(1)
			if n := len(w.server.Requests()) - before; n > 20 {
				t.Errorf("a round made %d requests", n)
			}
		}
		w.pass(time.Hour)
		w.engagement(dojoserver.Engagement{Name: "New"})
		w.look(8)
		w.want(`engagement_added: Engagement created for "Shop": New`)
	})
}

func TestAServerThatAsksForPeaceGetsIt(t *testing.T) {
	observe(t, dojoserver.Options{}, superuser, app.SignInToken, func(t *testing.T, w *watcher) {
		w.look(3)
		w.server.Break(func(out http.ResponseWriter, _ *http.Request) bool {
			out.Header().Set("Retry-After", "1800")
			out.WriteHeader(http.StatusServiceUnavailable)
			return true
		})
		w.server.ForgetRequests()
		w.set(app.SettingWatchMinutes, "5")
		w.pass(6 * time.Minute)
		if n := len(w.server.Requests()); n != 1 {
			t.Fatalf("%d requests to a server that is busy", n)
		}
		if s := w.watch.State(); s.Problem == nil || s.Problem.Code != syncer.CodeServerError || s.Failures != 1 {
			t.Errorf("%+v", s)
		}
		if err := w.watch.LookNow(t.Context()); err == nil {
			t.Error("a caller was told that all is well")
		}
		w.pass(20 * time.Minute)
		if n := len(w.server.Requests()); n != 1 {
			t.Errorf("%d requests within the half hour", n)
		}
		w.server.Break(nil)
		w.pass(10 * time.Minute)
		if s := w.watch.State(); s.Problem != nil || s.Failures != 0 {
			t.Errorf("%+v", s)
		}
	})
}

func TestItLooksByItselfAndNotWhereItIsOff(t *testing.T) {
	observe(t, dojoserver.Options{}, superuser, app.SignInToken, func(t *testing.T, w *watcher) {
		w.server.ForgetRequests()
		w.pass(time.Hour)
		if n := len(w.server.Requests()); n != 0 {
			t.Errorf("%d requests although it is off", n)
		}
		w.set(app.SettingWatchMinutes, "10")
		w.pass(time.Hour)
		if n := w.requests("GET /api/v2/engagements/"); n < 5 || n > 8 {
			t.Errorf("%d looks at the engagements within the hour", n)
		}
	})
}

func TestAnEndedSessionWaitsForTheSyncer(t *testing.T) {
	observe(t, dojoserver.Options{}, superuser, app.SignInPassword, func(t *testing.T, w *watcher) {
		w.look(2)
		w.server.ExpireSessions(ada)
		w.server.ForgetRequests()
		err := w.watch.LookNow(t.Context())
		if codeOf(t, err) != syncer.CodeSessionExpired {
			t.Errorf("got %v", err)
		}
		if n := w.requests(signIns); n != 0 {
			t.Errorf("it signed in %d times", n)
		}
		w.start()
		w.look(1)
	})
}

func TestTheOldServerTellsOfServiceLevelsItself(t *testing.T) {
	for _, signIn := range []app.SignIn{app.SignInSession, app.SignInToken} {
		observe(t, dojoserver.Options{Version: "2.46.0"}, superuser, signIn, func(t *testing.T, w *watcher) {
			w.server.SetSystem("enable_notify_sla_active", true)
			e := w.engagement(dojoserver.Engagement{Name: "Nightly"})
			test := w.server.AddTest(dojoserver.Test{Engagement: e, Title: "unit"})
			now := w.clock.now()
			id := w.server.AddFinding(dojoserver.Finding{Title: "Old Library", Test: test, Active: true, SLADue: now.AddDate(0, 0, 4)})
			w.server.AddRiskAcceptance(dojoserver.RiskAcceptance{ID: 3, Name: "Until then", Engagement: e, Findings: []int64{id}, Expires: now.AddDate(0, 0, 11)})
			w.look(4)
			w.pass(24 * time.Hour)
			w.look(4)
			if signIn == app.SignInSession {
				w.want() // its own alerts come with the others
				return
			}
			events := w.want(
				fmt.Sprintf("sla_breach: Finding %d - SLA pre-breach warning - 3 day(s) left", id),
				"sla_breach_combined: SLA alert (prebreach): product type 'Retail', product 'Shop'",
				"risk_acceptance_expiration: Risk acceptance with 1 accepted findings will expire on "+now.AddDate(0, 0, 11).Format("Jan 02, 2006")+" for Shop: Nightly",
			)
			for _, e := range events {
				if e.Call.Product == nil || e.Call.ProductType.Name != "Retail" {
					t.Errorf("%+v", e.Call)
				}
			}
		})
	}
}

func TestPeopleAndTheirSettingsAreKept(t *testing.T) {
	observe(t, dojoserver.Options{}, superuser, app.SignInSession, func(t *testing.T, w *watcher) {
		w.look(1)
		people, err := w.store.People(t.Context(), w.account.ID)
		if err != nil || len(people) != 2 {
			t.Fatalf("%+v, %v", people, err)
		}
		rows, err := w.store.Preferences(t.Context(), w.account.ID, app.OwnerServer)
		if err != nil || len(rows) != 2 {
			t.Errorf("%d rows of the server's, %v", len(rows), err)
		}
		w.server.AddUser(dojoserver.User{ID: 9, Name: "eve"})
		w.server.ForgetRequests()
		w.look(1)
		w.again()
		w.look(1)
		if n := w.requests("GET /api/v2/users/"); n != 0 {
			t.Errorf("asked for the people %d times within six hours", n)
		}
		w.pass(7 * time.Hour)
		w.look(1)
		if people, err := w.store.People(t.Context(), w.account.ID); err != nil || len(people) != 3 {
			t.Errorf("%+v, %v", people, err)
		}
	})
}

// mortal is a store at whose nth change the program dies, before the change or
// after it.
type mortal struct {
	*store.Store
	left  int
	after bool
	die   func()
}

func (m *mortal) RecordEvents(ctx context.Context, events []app.Event, cursors map[string][]byte) ([]app.Event, error) {
	if m.left--; m.left != 0 {
		return m.Store.RecordEvents(ctx, events, cursors)
	}
	if m.after {
		if _, err := m.Store.RecordEvents(ctx, events, cursors); err != nil {
			return nil, err
		}
	}
	m.die()
	return nil, context.Canceled
}

// TestKilledAtAnyChange ends the Watch at each of the changes by which it
// stores what it learns: nothing is lost and nothing told twice.
func TestKilledAtAnyChange(t *testing.T) {
	for n := range 24 {
		observe(t, dojoserver.Options{}, superuser, app.SignInToken, func(t *testing.T, w *watcher) {
			old := w.engagement(dojoserver.Engagement{Name: "Old", Lead: ada})
			test := w.server.AddTest(dojoserver.Test{Engagement: old, Title: "old"})
			lost := w.server.AddTest(dojoserver.Test{Engagement: old, Title: "lost"})
			w.look(4)
			w.pass(time.Hour)
			w.server.AddProduct(dojoserver.Product{Name: "Till", Type: 1})
			w.engagement(dojoserver.Engagement{Name: "Nightly"})
			found := w.server.AddFinding(dojoserver.Finding{Title: "Old Library", Test: test, Active: true, NoSLA: true})
			w.server.AddTestImport(dojoserver.TestImport{Test: test, New: []int64{found}})
			w.server.AddFinding(dojoserver.Finding{Title: "By hand", Test: test, Active: true, NoSLA: true})
			w.server.Remove("tests", lost)
			w.end()
			dying := &mortal{Store: w.store, left: n/2 + 1, after: n%2 == 1, die: func() { w.kill() }}
			w.kept = dying
			w.begin()
			looking, cancel := context.WithTimeout(t.Context(), time.Minute)
			for looking.Err() == nil {
				if err := w.watch.LookNow(looking); err != nil {
					break
				}
			}
			cancel()
			if dying.left > 0 {
				t.Fatalf("it never died: %d changes left", dying.left)
			}
			w.kept = nil
			w.again()
			w.look(4)
			w.pass(20 * time.Minute)
			w.look(2)
			w.want("product_added: Till", `engagement_added: Engagement created for "Shop": Nightly`, "finding_added: Addition of By hand",
				"scan_added: Created/Updated 1 findings for Shop: Old: old (API Test)", "test_deleted: Deletion of lost (API Test)")
		})
	}
}

func TestADamagedCursorBeginsAnew(t *testing.T) {
	observe(t, dojoserver.Options{}, superuser, app.SignInToken, func(t *testing.T, w *watcher) {
		w.engagement(dojoserver.Engagement{Name: "Old", Lead: "ana"})
		w.look(3)
		w.end()
		key := fmt.Sprintf("%d/watch/engagements", w.account.ID)
		if _, err := w.store.RecordEvents(t.Context(), nil, map[string][]byte{key: []byte("no cursor")}); err != nil {
			t.Fatal(err)
		}
		w.begin()
		w.look(3)
		w.want()
		if len(w.log.lines("cursor is damaged")) != 1 {
			t.Error("it is not in the log")
		}
	})
}
