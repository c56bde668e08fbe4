package syncer_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bellhop/app"
	"bellhop/sync/dojoserver"
	"bellhop/sync/syncer"
)

// watcher is a world with a Watch in it. It looks when it is told to, unless
// the setting is changed.
type watcher struct {
	*world
	watch *syncer.Watch
	kept  syncer.WatchLocal // instead of the store itself
	kill  func()
	end   func()
}

const token = "0123456789abcdef0123456789abcdef01234567"

// observe lets a story happen on a server with ada, and ana who leads
// engagements. ada is connected with her token, or with a session.
func observe(t *testing.T, options dojoserver.Options, who dojoserver.User, signIn app.SignIn, story func(t *testing.T, w *watcher)) {
	t.Helper()
	play(t, options, func(t *testing.T, base *world) {
		w := &watcher{world: base}
		who.ID, who.Name, who.Password, who.Token = 7, ada, password, token
		w.server.AddUser(who)
		w.server.AddUser(dojoserver.User{ID: 8, Name: "ana", Password: password})
		w.server.AddProductType(dojoserver.ProductType{ID: 1, Name: "Retail", Authorized: []string{ada}})
		w.server.AddProduct(dojoserver.Product{ID: 1, Name: "Shop", Type: 1, Authorized: []string{ada}})
		if signIn == app.SignInToken {
			w.connect(app.Connect{SignIn: app.SignInToken, Token: token})
		} else {
			w.signedUp()
		}
		w.set(app.SettingWatchMinutes, "off")
		w.begin()
		defer func() { w.end() }()
		story(t, w)
	})
}

func (w *watcher) begin() {
	w.t.Helper()
	var kept syncer.WatchLocal = w.store
	if w.kept != nil {
		kept = w.kept
	}
	w.watch = syncer.NewWatch(syncer.WatchOptions{
		Account: w.account, Local: kept, Secrets: w.secrets, Now: w.clock.now,
		Jitter: backOffHalf, Log: slog.New(w.log.handler()),
	})
	ctx, cancel := context.WithCancel(w.t.Context())
	ended := make(chan error, 1)
	running := w.watch
	w.kill = cancel
	go func() { ended <- running.Run(ctx) }()
	w.end = func() {
		cancel()
		if err := <-ended; err != nil {
			w.t.Errorf("Run ended with %v", err)
		}
	}
	synctest.Wait()
}

// again drops the Watch, as a killed program does, and begins with the store
// alone.
func (w *watcher) again() {
	w.t.Helper()
	w.end()
	w.begin()
}

// look makes rounds.
func (w *watcher) look(rounds int) {
	w.t.Helper()
	for range rounds {
		if err := w.watch.LookNow(w.t.Context()); err != nil {
			w.t.Fatalf("a round failed: %v", err)
		}
		synctest.Wait()
	}
}

// recorded returns the derived events that are to be told, oldest first.
func (w *watcher) recorded() []app.Event {
	w.t.Helper()
	var out []app.Event
	for e, err := range w.store.EachEvent(w.t.Context(), app.EventFilter{Account: w.account.ID}) {
		if err != nil {
			w.t.Fatal(err)
		}
		if !e.History && e.Origin == app.OriginDerived {
			out = append(out, e)
		}
	}
	return out
}

// want fails unless exactly these were recorded, in any order: kind and title.
func (w *watcher) want(want ...string) []app.Event {
	w.t.Helper()
	var got []string
	events := w.recorded()
	for _, e := range events {
		got = append(got, string(e.Kind)+": "+e.Call.Title)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		w.t.Errorf("recorded\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
	return events
}

func (w *watcher) engagement(e dojoserver.Engagement) int64 {
	if e.Product == 0 {
		e.Product = 1
	}
	if e.Type == "" {
		e.Type = "Interactive"
	}
	if e.TargetStart.IsZero() {
		e.TargetStart, e.TargetEnd = w.clock.last().AddDate(0, 0, -5), w.clock.last().AddDate(0, 0, 30)
	}
	return w.server.AddEngagement(e)
}

var superuser = dojoserver.User{Superuser: true}

func TestATokenShowsWhatIsNew(t *testing.T) {
	observe(t, dojoserver.Options{}, superuser, app.SignInToken, func(t *testing.T, w *watcher) {
		old := w.engagement(dojoserver.Engagement{Name: "Old", Lead: "ana"})
		test := w.server.AddTest(dojoserver.Test{Engagement: old, Title: "old"})
		closing := w.server.AddFinding(dojoserver.Finding{Title: "Weak TLS", Test: test, Active: true, NoSLA: true})
		w.look(3)
		w.want()

		w.pass(time.Hour)
		w.server.AddProductType(dojoserver.ProductType{Name: "Bank"})
		w.server.AddProduct(dojoserver.Product{Name: "Till", Type: 1})
		made := w.engagement(dojoserver.Engagement{Name: "Nightly"})
		scan := w.server.AddTest(dojoserver.Test{Engagement: made, Title: "unit", TypeName: "Generic Findings Import"})
		var found []int64
		for _, severity := range []string{"Low", "Critical"} {
			found = append(found, w.server.AddFinding(dojoserver.Finding{Title: "Old Library", Severity: severity, Test: scan, Active: true, NoSLA: true}))
		}
		w.server.AddTestImport(dojoserver.TestImport{Test: scan, New: found})
		w.server.AddFinding(dojoserver.Finding{Title: "By hand", Test: test, Active: true, NoSLA: true, Reporter: "ana"})
		f := w.server.Finding(closing)
		f.Active, f.Mitigated, f.StatusUpdate = false, w.clock.last(), w.clock.last()
		w.server.AddFinding(f)
		w.look(3)
		events := w.want(
			"product_type_added: Bank",
			"product_added: Till",
			`engagement_added: Engagement created for "Shop": Nightly`,
			"test_added: Test created for Shop: Nightly: unit (Generic Findings Import)",
			"scan_added: Created/Updated 2 findings for Shop: Nightly: unit (Generic Findings Import)",
			"finding_added: Addition of By hand",
			"finding_closed: Closing of Weak TLS",
		)
		for _, e := range events {
			switch e.Kind {
			case app.KindScanAdded:
				c := e.Call
				if c.Product.Name != "Shop" || c.ProductType.Name != "Retail" || c.Engagement.Name != "Nightly" || c.Test.ID != scan ||
					*c.FindingCount != 2 || len(c.FindingsNew) != 2 || c.FindingsNew[0].Severity != "Critical" ||
					c.URL != fmt.Sprintf("/test/%d", scan) || c.URLAPI != fmt.Sprintf("/api/v2/tests/%d/", scan) {
					t.Errorf("%+v", c)
				}
			case app.KindFindingAdded:
				if e.Call.Actor != "ana" || e.Call.Description != `Finding "By hand" was added by ana` {
					t.Errorf("%+v", e.Call)
				}
			case app.KindProductAdded:
				if !strings.HasPrefix(e.Call.URL, "/asset/") {
					t.Errorf("a 3.x calls it %s", e.Call.URL)
				}
			default:
			}
		}

		f.Active, f.Mitigated, f.StatusUpdate = true, time.Time{}, w.clock.last().Add(time.Minute)
		w.pass(2 * time.Minute)
		w.server.AddFinding(f)
		e := w.server.Engagement(made)
		e.Status, e.Updated = "Completed", w.clock.last()
		w.server.AddEngagement(e)
		w.look(3)
		if n := len(w.recorded()); n != 9 {
			t.Errorf("%d events, want two more", n)
		}
		w.again()
		w.look(3)
		if n := len(w.recorded()); n != 9 {
			t.Errorf("%d events after a restart, want none more", n)
		}
	})
}

func TestAnImportThatChangesNothingIsAnEmptyOne(t *testing.T) {
	observe(t, dojoserver.Options{}, superuser, app.SignInToken, func(t *testing.T, w *watcher) {
		test := w.server.AddTest(dojoserver.Test{Engagement: w.engagement(dojoserver.Engagement{Name: "Nightly"}), Title: "unit"})
		same := w.server.AddFinding(dojoserver.Finding{Title: "Same", Test: test, Active: true, NoSLA: true})
		w.look(3)
		w.pass(time.Hour)
		w.server.AddTestImport(dojoserver.TestImport{Test: test, Again: true, Untouched: []int64{same}})
		w.look(2)
		w.want("scan_added_empty: Created/Updated 0 findings for Shop: Nightly: unit (API Test)")
	})
}

func TestWhatAnImportClosesIsNotClosedByHand(t *testing.T) {
	observe(t, dojoserver.Options{}, superuser, app.SignInToken, func(t *testing.T, w *watcher) {
		test := w.server.AddTest(dojoserver.Test{Engagement: w.engagement(dojoserver.Engagement{Name: "Nightly"}), Title: "unit"})
		id := w.server.AddFinding(dojoserver.Finding{Title: "Gone", Test: test, Active: true, NoSLA: true})
		w.look(3)
		w.pass(time.Hour)
		f := w.server.Finding(id)
		f.Active, f.Mitigated, f.StatusUpdate = false, w.clock.last(), w.clock.last()
		w.server.AddFinding(f)
		w.look(1) // the finding is closed, its import is not recorded yet
		w.server.AddTestImport(dojoserver.TestImport{Test: test, Again: true, Closed: []int64{id}})
		w.look(3)
		w.want("scan_added: Created/Updated 1 findings for Shop: Nightly: unit (API Test)")
	})
}

func TestAFindingThatWasThereIsNotAddedWhenItIsLookedAt(t *testing.T) {
	observe(t, dojoserver.Options{}, superuser, app.SignInToken, func(t *testing.T, w *watcher) {
		test := w.server.AddTest(dojoserver.Test{Engagement: w.engagement(dojoserver.Engagement{Name: "Nightly"}), Title: "unit"})
		id := w.server.AddFinding(dojoserver.Finding{Title: "Youngest", Test: test, Active: true, NoSLA: true})
		w.look(3)
		w.later(time.Hour)
		f := w.server.Finding(id)
		f.Verified, f.StatusUpdate = true, w.clock.last()
		w.server.AddFinding(f)
		w.look(4)
		w.want()
	})
}

func TestAReviewIsAskedOfPeopleWhoAreKnown(t *testing.T) {
	observe(t, dojoserver.Options{}, superuser, app.SignInToken, func(t *testing.T, w *watcher) {
		w.set(app.SettingEngineMode, string(app.ModeEveryone))
		test := w.server.AddTest(dojoserver.Test{Engagement: w.engagement(dojoserver.Engagement{Name: "Nightly"}), Title: "unit"})
		id := w.server.AddFinding(dojoserver.Finding{Title: "Odd", Test: test, Active: true, NoSLA: true})
		w.look(3)
		f := w.server.Finding(id)
		f.UnderReview, f.Reviewers, f.ReviewBy = true, []string{"ana"}, ada
		w.server.AddFinding(f)
		w.look(2)
		events := w.want("review_requested: Finding review requested for Test created for Shop: Nightly: unit (API Test) - Odd")
		if c := events[0].Call; !slices.Equal(c.Recipients, []string{"ana"}) || c.RequestedBy != ada {
			t.Errorf("%+v", c)
		}
	})
}

func TestDeletionsAreToldToTheLeadAlone(t *testing.T) {
	observe(t, dojoserver.Options{}, superuser, app.SignInSession, func(t *testing.T, w *watcher) {
		gone := w.engagement(dojoserver.Engagement{Name: "Gone", Lead: "ana"})
		kept := w.engagement(dojoserver.Engagement{Name: "Kept", Lead: ada})
		w.server.AddTest(dojoserver.Test{Engagement: gone, Title: "inside"})
		lost := w.server.AddTest(dojoserver.Test{Engagement: kept, Title: "lost"})
		stays := w.server.AddTest(dojoserver.Test{Engagement: kept, Title: "stays"})
		w.server.AddFinding(dojoserver.Finding{Title: "With its test", Test: lost, Active: true, NoSLA: true})
		finding := w.server.AddFinding(dojoserver.Finding{Title: "Alone", Test: stays, Active: true, NoSLA: true})
		w.look(5)
		w.server.Remove("engagements", gone)
		w.server.Remove("tests", lost)
		w.server.Remove("findings", finding)
		w.look(5)
		events := w.want(
			"engagement_deleted: Deletion of Gone",
			"test_deleted: Deletion of lost (API Test)",
			"finding_deleted: Deletion of Alone",
		)
		for _, e := range events {
			want := ada
			if e.Kind == app.KindEngagementDeleted {
				want = "ana"
			}
			if !slices.Equal(e.Call.Recipients, []string{want}) || e.Call.Product.Name != "Shop" {
				t.Errorf("%s: %+v", e.Kind, e.Call)
			}
		}
	})
}

func TestWhatGoesWithAProductIsNotTold(t *testing.T) {
	observe(t, dojoserver.Options{}, superuser, app.SignInToken, func(t *testing.T, w *watcher) {
		product := w.server.AddProduct(dojoserver.Product{Name: "Till", Type: 1})
		e := w.engagement(dojoserver.Engagement{Name: "Inside", Lead: "ana", Product: product})
		test := w.server.AddTest(dojoserver.Test{Engagement: e, Title: "inside"})
		w.look(4)
		w.server.Remove("tests", test)
		w.server.Remove("engagements", e)
		w.server.Remove("products", product)
		for range 3 {
			w.pass(20 * time.Minute)
			w.look(3)
		}
		w.want("product_deleted: Deletion of Till")
	})
}

func TestAccessThatIsLostLooksLikeNoDeletion(t *testing.T) {
	observe(t, dojoserver.Options{}, dojoserver.User{}, app.SignInSession, func(t *testing.T, w *watcher) {
		e := w.engagement(dojoserver.Engagement{Name: "Mine", Lead: ada})
		w.server.AddTest(dojoserver.Test{Engagement: e, Title: "mine"})
		w.look(4)
		w.server.AddProductType(dojoserver.ProductType{ID: 1, Name: "Retail"})
		w.server.AddProduct(dojoserver.Product{ID: 1, Name: "Shop", Type: 1})
		for range 3 {
			w.pass(20 * time.Minute)
			w.look(3)
		}
		w.want()
		w.server.AddProduct(dojoserver.Product{ID: 1, Name: "Shop", Type: 1, Authorized: []string{ada}})
		w.look(4)
		w.want() // nor is it new when it comes back
	})
}

func TestACopyIsToldToTheLead(t *testing.T) {
	observe(t, dojoserver.Options{}, superuser, app.SignInSession, func(t *testing.T, w *watcher) {
		id := w.engagement(dojoserver.Engagement{Name: "Audit", Lead: "ana"})
		w.look(3)
		w.pass(time.Hour)
		e := w.server.Engagement(id)
		e.ID, e.Created, e.Updated = 0, time.Time{}, time.Time{}
		made := w.server.AddEngagement(e)
		w.look(2)
		events := w.want("engagement_copied: Copying of Audit")
		if c := events[0].Call; !slices.Equal(c.Recipients, []string{"ana"}) || c.URL != fmt.Sprintf("/engagement/%d", made) {
			t.Errorf("%+v", c)
		}
	})
}

func TestDatesAreToldWithASessionToo(t *testing.T) {
	observe(t, dojoserver.Options{Version: "2.46.0"}, superuser, app.SignInSession, func(t *testing.T, w *watcher) {
		now := w.clock.now()
		w.engagement(dojoserver.Engagement{Name: "Late", Lead: ada, TargetStart: now.AddDate(0, 0, -9), TargetEnd: now})
		w.engagement(dojoserver.Engagement{Name: "Plan", Lead: "ana", Status: "Not Started", TargetStart: now.AddDate(0, 0, 4), TargetEnd: now.AddDate(0, 0, 9)})
		w.look(3)
		w.want()
		w.pass(24 * time.Hour)
		w.look(2)
		w.want("stale_engagement: Stale Engagement: Late", "upcoming_engagement: Upcoming engagement: Plan")
		w.pass(24 * time.Hour)
		w.look(2)
		if n := len(w.recorded()); n != 2 {
			t.Errorf("%d events: told again the next day", n)
		}
	})
}

func TestServiceLevelsFromDayToDay(t *testing.T) {
	observe(t, dojoserver.Options{}, superuser, app.SignInSession, func(t *testing.T, w *watcher) {
		w.server.SetSystem("enable_notify_sla_active", true)
		w.server.SetSystem("enable_notify_sla_exponential_backoff", true)
		test := w.server.AddTest(dojoserver.Test{Engagement: w.engagement(dojoserver.Engagement{Name: "Nightly"}), Title: "unit"})
		due := w.clock.now().AddDate(0, 0, 4)
		id := w.server.AddFinding(dojoserver.Finding{Title: "Old Library", Test: test, Active: true, SLADue: due})
		w.server.AddFinding(dojoserver.Finding{Title: "Twice", Test: test, Active: true, SLADue: due, Duplicate: true})
		w.look(5)
		w.want()
		var want []string
		for day := 3; day >= -9; day-- {
			w.pass(24 * time.Hour)
			w.look(4)
			title, kind := "", ""
			switch {
			case day > 0:
				title, kind = fmt.Sprintf("SLA pre-breach warning - %d day(s) left", day), "prebreach"
			case day == 0:
				title, kind = "SLA is breaching today", "breaching"
			case day == -1:
				title, kind = "SLA breached by 1 day! Overdue notice", "breached"
			case day == -2, day == -4:
				title, kind = fmt.Sprintf("SLA breached by %d days! Overdue notice", -day), "breached"
			}
			if title != "" {
				want = append(want, fmt.Sprintf("sla_breach: Finding %d - %s", id, title),
					fmt.Sprintf("sla_breach_combined: SLA alert (%s): Organization 'Retail', Asset 'Shop'", kind))
			}
			if day == 1 {
				w.again()
			}
		}
		w.want(want...)
	})
}

func TestAServerThatWantsNoSLAAlertsGetsNone(t *testing.T) {
	observe(t, dojoserver.Options{}, superuser, app.SignInSession, func(t *testing.T, w *watcher) {
		test := w.server.AddTest(dojoserver.Test{Engagement: w.engagement(dojoserver.Engagement{Name: "Nightly"}), Title: "unit"})
		w.server.AddFinding(dojoserver.Finding{Title: "Old Library", Test: test, Active: true, SLADue: w.clock.now().AddDate(0, 0, 2)})
		for range 2 {
			w.look(4)
			w.pass(24 * time.Hour)
		}
		w.want()
	})
}

func TestRiskAcceptancesRunOut(t *testing.T) {
	observe(t, dojoserver.Options{}, superuser, app.SignInSession, func(t *testing.T, w *watcher) {
		e := w.engagement(dojoserver.Engagement{Name: "Nightly"})
		test := w.server.AddTest(dojoserver.Test{Engagement: e, Title: "unit"})
		f := w.server.AddFinding(dojoserver.Finding{Title: "Accepted", Test: test, RiskAccepted: true, NoSLA: true})
		end := w.clock.now().AddDate(0, 0, 12)
		w.server.AddRiskAcceptance(dojoserver.RiskAcceptance{ID: 3, Name: "Until then", Engagement: e, Findings: []int64{f}, Expires: end})
		w.server.AddRiskAcceptance(dojoserver.RiskAcceptance{ID: 4, Name: "Without engagement", Findings: []int64{f}, Expires: end})
		w.server.AddRiskAcceptance(dojoserver.RiskAcceptance{ID: 5, Name: "Empty", Expires: end})
		for range 14 {
			w.look(4)
			w.pass(24 * time.Hour)
		}
		soon := "risk_acceptance_expiration: Risk acceptance with 1 accepted findings will expire on " + end.Format("Jan 02, 2006") + " for Shop: Nightly"
		expired := "risk_acceptance_expiration: Risk acceptance with 1 accepted findings has expired for Shop: Nightly"
		events := w.want(soon, soon, expired, expired)
		if c := events[0].Call; c.Findings[0].Title != "Accepted" || !strings.HasPrefix(c.URL, fmt.Sprintf("/engagement/%d/risk_acceptance/", e)) {
			t.Errorf("%+v", c)
		}
	})
}

func TestAPlainUsersTokenShowsWhatSheMaySee(t *testing.T) {
	observe(t, dojoserver.Options{}, dojoserver.User{}, app.SignInToken, func(t *testing.T, w *watcher) {
		hidden := w.server.AddProduct(dojoserver.Product{Name: "Till", Type: 2})
		test := w.server.AddTest(dojoserver.Test{Engagement: w.engagement(dojoserver.Engagement{Name: "Nightly"}), Title: "unit"})
		id := w.server.AddFinding(dojoserver.Finding{Title: "Old Library", Test: test, Active: true, SLADue: w.clock.now().AddDate(0, 0, 4)})
		old := w.engagement(dojoserver.Engagement{Name: "Elsewhere", Product: hidden})
		w.look(4)
		w.pass(24 * time.Hour)
		w.engagement(dojoserver.Engagement{Name: "New"})
		w.engagement(dojoserver.Engagement{Name: "New elsewhere", Product: hidden})
		w.look(4)
		// The settings of the server are not hers to read: its defaults, but told.
		want := []string{
			`engagement_added: Engagement created for "Shop": New`,
			fmt.Sprintf("sla_breach: Finding %d - SLA pre-breach warning - 3 day(s) left", id),
			"sla_breach_combined: SLA alert (prebreach): Organization 'Retail', Asset 'Shop'",
		}
		w.want(want...)
		// What she is let into later was there before.
		w.pass(time.Hour)
		w.look(1)
		w.server.AddProduct(dojoserver.Product{ID: hidden, Name: "Till", Type: 2, Authorized: []string{ada}, Created: w.server.Engagement(old).Created})
		w.look(4)
		w.want(want...)
	})
}

func TestOthersEngagementsAreLookedIntoForEveryone(t *testing.T) {
	for _, mode := range []app.Mode{app.ModeMe, app.ModeEveryone} {
		observe(t, dojoserver.Options{}, superuser, app.SignInSession, func(t *testing.T, w *watcher) {
			w.set(app.SettingEngineMode, string(mode))
			lost := w.server.AddTest(dojoserver.Test{Engagement: w.engagement(dojoserver.Engagement{Name: "Hers", Lead: "ana"}), Title: "lost"})
			w.look(4)
			w.server.ForgetRequests()
			w.server.Remove("tests", lost)
			w.look(3)
			if mode == app.ModeEveryone {
				w.want("test_deleted: Deletion of lost (API Test)")
				return
			}
			w.want()
			if n := w.requests("GET /api/v2/tests/"); n != 0 {
				t.Errorf("asked %d times for what nobody here is to be told", n)
			}
		})
	}
}
