package syncer_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/sync/dojoserver"
)

// midnight is when a test begins that a person plans for a day.
func (w *watcher) midnight() time.Time {
	return w.clock.last().UTC().Truncate(24 * time.Hour)
}

// later lets time go by, for the server too.
func (w *watcher) later(d time.Duration) {
	w.pass(d)
	w.clock.now()
}

// moment is a time as an import has it, to the microsecond.
func (w *watcher) moment() time.Time {
	return w.clock.last().UTC().Truncate(time.Second).Add(123_456 * time.Microsecond)
}

func TestACopiedTestIsToldToTheLeadOfTheOriginal(t *testing.T) {
	for _, signIn := range []app.SignIn{app.SignInSession, app.SignInToken} {
		for _, version := range []string{"2.46.0", "3.2.0"} {
			observe(t, dojoserver.Options{Version: version}, superuser, signIn, func(t *testing.T, w *watcher) {
				mine := w.engagement(dojoserver.Engagement{Name: "Audit", Lead: ada})
				hers := w.engagement(dojoserver.Engagement{Name: "Retest", Lead: "ana"})
				unit := w.server.AddTest(dojoserver.Test{Engagement: mine, Title: "unit", Start: w.moment()})
				for i := range 15 {
					w.server.AddFinding(dojoserver.Finding{Title: fmt.Sprintf("Hole %d", i), Test: unit, Active: true, NoSLA: true, Reviewed: w.moment()})
				}
				other := w.server.AddTest(dojoserver.Test{Engagement: hers, Title: "unit", Start: w.moment().Add(time.Microsecond)})
				w.look(4)
				w.later(time.Hour)
				made := w.server.CopyTest(unit, hers)
				w.server.CopyTest(other, mine) // ana is the one to be told, and Bellhop decides for ada
				w.look(2)
				copied := eventsOf(w.recorded(), app.KindTestCopied)
				if len(copied) != 1 {
					t.Fatalf("%d copies told, want one", len(copied))
				}
				c := copied[0].Call
				if c.Title != "Copying of unit (API Test)" || c.Description != `The test "unit (API Test)" was copied to Retest` ||
					!slices.Equal(c.Recipients, []string{ada}) || c.URL != fmt.Sprintf("/test/%d", made) || c.Engagement.Name != "Retest" || c.Product.Name != "Shop" {
					t.Errorf("%+v", c)
				}
				for range 8 {
					w.look(1)
					w.later(20 * time.Minute)
				}
				if n := len(eventsOf(w.recorded(), app.KindTestCopied)); n != 1 {
					t.Errorf("one copy is told %d times", n)
				}
				if n := len(eventsOf(w.recorded(), app.KindFindingAdded)); n != 0 {
					t.Errorf("%d findings that came with the copy count as added by hand", n)
				}
			})
		}
	}
}

func TestATestThatOnlyLooksLikeACopyIsNone(t *testing.T) {
	observe(t, dojoserver.Options{}, superuser, app.SignInSession, func(t *testing.T, w *watcher) {
		e := w.engagement(dojoserver.Engagement{Name: "Audit", Lead: ada})
		elsewhere := w.engagement(dojoserver.Engagement{Name: "Till audit", Lead: ada, Product: w.server.AddProduct(dojoserver.Product{Name: "Till", Type: 1})})
		planned := dojoserver.Test{Engagement: e, Title: "manual", Start: w.midnight()}
		scanned := dojoserver.Test{Engagement: e, Title: "nightly", Start: w.midnight(), FromScan: true}
		exact := dojoserver.Test{Engagement: e, Title: "exact", Start: w.moment()}
		hole := func(test int64) int64 {
			return w.server.AddFinding(dojoserver.Finding{Title: "Hole", Test: test, Active: true, NoSLA: true, Date: w.midnight()})
		}
		hole(w.server.AddTest(planned))
		hole(w.server.AddTest(scanned))
		w.server.AddTest(exact)
		w.look(4)
		w.later(time.Hour)
		w.server.AddTest(planned)          // planned for the same day, and empty
		again := w.server.AddTest(scanned) // the same report, imported for the same day
		w.server.AddTestImport(dojoserver.TestImport{Test: again, New: []int64{hole(again)}})
		exact.Start = exact.Start.Add(time.Microsecond) // another import
		w.server.AddTest(exact)
		exact.Start, exact.Engagement = w.moment().Add(-time.Hour), elsewhere
		w.server.AddTest(exact)
		for range 4 {
			w.look(2)
			w.later(15 * time.Minute)
		}
		w.want()

		other := w.server.AddTest(planned)
		w.server.AddFinding(dojoserver.Finding{Title: "Another hole", Test: other, Active: true, NoSLA: true, Date: w.midnight()})
		for range 4 {
			w.look(2)
			w.later(15 * time.Minute)
		}
		w.want()
	})
}

func TestACopyOfAPlannedTestIsKnownByItsFindings(t *testing.T) {
	observe(t, dojoserver.Options{}, superuser, app.SignInSession, func(t *testing.T, w *watcher) {
		e := w.engagement(dojoserver.Engagement{Name: "Audit", Lead: ada})
		test := w.server.AddTest(dojoserver.Test{Engagement: e, Title: "manual", Start: w.midnight()})
		w.server.AddFinding(dojoserver.Finding{Title: "Hole", Test: test, Active: true, NoSLA: true, Reviewed: w.moment()})
		w.look(4)
		w.later(time.Hour)
		w.server.CopyTest(test, e)
		w.look(2)
		w.want() // an import may still be on its way
		w.again()
		w.later(15 * time.Minute)
		w.look(2)
		w.want("test_copied: Copying of manual (API Test)")
	})
}

func TestWhatIsCopiedWithItsEngagementIsNotToldApart(t *testing.T) {
	observe(t, dojoserver.Options{}, superuser, app.SignInSession, func(t *testing.T, w *watcher) {
		e := w.engagement(dojoserver.Engagement{Name: "Audit", Lead: ada})
		test := w.server.AddTest(dojoserver.Test{Engagement: e, Title: "unit", Start: w.moment()})
		w.server.AddFinding(dojoserver.Finding{Title: "Hole", Test: test, Active: true, NoSLA: true, Reviewed: w.moment()})
		w.look(4)
		w.later(time.Hour)
		w.server.CopyEngagement(e)
		w.look(4)
		w.want("engagement_copied: Copying of Audit")
	})
}

func TestACopiedFindingIsToldToTheLead(t *testing.T) {
	observe(t, dojoserver.Options{}, superuser, app.SignInSession, func(t *testing.T, w *watcher) {
		e := w.engagement(dojoserver.Engagement{Name: "Audit", Lead: ada})
		unit := w.server.AddTest(dojoserver.Test{Engagement: e, Title: "unit"})
		retest := w.server.AddTest(dojoserver.Test{Engagement: e, Title: "retest"})
		scanned := w.server.AddFinding(dojoserver.Finding{Title: "Hole", Test: unit, Active: true, NoSLA: true, Reviewed: w.moment()})
		typed := w.server.AddFinding(dojoserver.Finding{Title: "Typed in", Test: unit, Active: true, NoSLA: true, Reporter: "ana", Date: w.midnight()})
		w.look(4)
		w.later(2 * time.Hour)
		made := w.server.CopyFinding(scanned, retest)
		w.server.CopyFinding(typed, retest)
		w.server.CopyFinding(scanned, unit)
		w.look(2)
		events := w.want("finding_copied: Copying of Hole", "finding_copied: Copying of Hole", "finding_copied: Copying of Typed in")
		c := events[0].Call
		if c.URL != fmt.Sprintf("/finding/%d", made) || c.Finding.ID != made || c.Description != `The finding "Hole" was copied to retest (API Test)` ||
			!slices.Equal(c.Recipients, []string{ada}) || c.Test.Name != "retest" || c.Product.Name != "Shop" {
			t.Errorf("%+v", c)
		}
		w.again()
		w.look(4)
		w.want("finding_copied: Copying of Hole", "finding_copied: Copying of Hole", "finding_copied: Copying of Typed in")
	})
}

func TestACopiedFindingIsNotAddedByHand(t *testing.T) {
	observe(t, dojoserver.Options{}, superuser, app.SignInToken, func(t *testing.T, w *watcher) {
		e := w.engagement(dojoserver.Engagement{Name: "Audit", Lead: ada})
		unit := w.server.AddTest(dojoserver.Test{Engagement: e, Title: "unit"})
		retest := w.server.AddTest(dojoserver.Test{Engagement: e, Title: "retest"})
		f := w.server.AddFinding(dojoserver.Finding{Title: "Hole", Test: unit, Active: true, NoSLA: true, Reviewed: w.moment()})
		w.look(5)
		w.later(2 * time.Hour)
		w.server.CopyFinding(f, retest)
		w.look(1)
		w.again()
		w.look(4)
		w.want("finding_copied: Copying of Hole")
	})
}

func TestAFindingThatOnlyLooksLikeACopyIsNone(t *testing.T) {
	observe(t, dojoserver.Options{}, superuser, app.SignInSession, func(t *testing.T, w *watcher) {
		e := w.engagement(dojoserver.Engagement{Name: "Audit", Lead: ada})
		unit := w.server.AddTest(dojoserver.Test{Engagement: e, Title: "unit"})
		retest := w.server.AddTest(dojoserver.Test{Engagement: e, Title: "retest"})
		hole := dojoserver.Finding{Title: "Hole", Test: unit, Active: true, NoSLA: true, Reviewed: w.moment(), Date: w.midnight()}
		first := w.server.AddFinding(hole)
		w.look(4)
		w.later(10 * time.Minute)
		w.server.AddFinding(hole) // the same import goes on, and finds it twice
		hole.Test, hole.Reviewed = retest, w.moment()
		w.server.AddFinding(hole) // another import of the same report
		fresh := w.server.AddTest(dojoserver.Test{Engagement: e, Title: "new"})
		w.server.CopyFinding(first, fresh) // what comes with a new test is the test's news
		for range 25 {
			w.server.CopyFinding(first, retest) // no person does that
		}
		w.look(4)
		w.want()
	})
}

func TestWhatWasCopiedBeforeTheFirstLookIsHistory(t *testing.T) {
	observe(t, dojoserver.Options{}, superuser, app.SignInToken, func(t *testing.T, w *watcher) {
		e := w.engagement(dojoserver.Engagement{Name: "Audit", Lead: ada})
		test := w.server.AddTest(dojoserver.Test{Engagement: e, Title: "unit", Start: w.moment()})
		retest := w.server.AddTest(dojoserver.Test{Engagement: e, Title: "retest"})
		f := w.server.AddFinding(dojoserver.Finding{Title: "Hole", Test: test, Active: true, NoSLA: true, Reviewed: w.moment()})
		w.server.CopyFinding(f, retest)
		w.server.CopyTest(test, e)
		for range 6 {
			w.look(1)
			w.later(15 * time.Minute)
		}
		w.want()
	})
}

// eventsOf keeps those of one kind.
func eventsOf(events []app.Event, kind app.Kind) []app.Event {
	return slices.DeleteFunc(slices.Clone(events), func(e app.Event) bool { return e.Kind != kind })
}
