package syncer

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"bellhop/app"
)

// shop is a small server: product type Retail, product Shop, engagement
// Nightly led by ana, one test, with the words of the given access model.
func shop(model app.AccessModel) *atlas {
	return &atlas{
		Account: 7, Model: model,
		Types:       map[int64]productType{2: {ID: 2, Name: "Retail"}},
		Products:    map[int64]product{1: {ID: 1, Name: "Shop", Type: 2, SLA: 1, Tags: []string{"pci"}}},
		Engagements: map[int64]engagement{9: {ID: 9, Name: "Nightly", Product: 1, Lead: 4, Status: statusInProgress, Tags: []string{"ci"}}},
		Tests:       map[int64]test{6: {ID: 6, Engagement: 9, Title: "unit", Type: "Generic Findings Import"}},
		Holders:     map[int64]int64{2: 9},
		People:      map[int64]string{4: "ana", 5: "ben"},
	}
}

var (
	lunch    = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	today    = dayOf(lunch)
	enforced = map[int64]slaConfiguration{1: {ID: 1, Enforced: map[string]bool{"Critical": true, "High": true, "Medium": true}}}
)

// due is a finding of the shop with so many days left.
func due(id int64, left int) finding {
	return finding{ID: id, Test: 6, Title: "Old Library", Severity: "High", Active: true, Expires: today + day(left), Left: &left}
}

func TestTheSLAJobsRules(t *testing.T) {
	with := func(change func(*rules)) rules { r := defaultRules; change(&r); return r }
	changed := func(left int, change func(*finding)) finding { f := due(28, left); change(&f); return f }
	for _, c := range []struct {
		name  string
		rules rules
		f     finding
		want  string // the title, "" for nothing
	}{
		{"one day over", defaultRules, due(28, -1), "Finding 28 - SLA breached by 1 day! Overdue notice"},
		{"two days over", defaultRules, due(28, -2), "Finding 28 - SLA breached by 2 days! Overdue notice"},
		{"the last day on which it is told", defaultRules, due(28, -7), "Finding 28 - SLA breached by 7 days! Overdue notice"},
		{"over for too long", defaultRules, due(28, -8), ""},
		{"due today", defaultRules, due(28, 0), "Finding 28 - SLA is breaching today"},
		{"three days left", defaultRules, due(28, 3), "Finding 28 - SLA pre-breach warning - 3 day(s) left"},
		{"four days left", defaultRules, due(28, 4), ""},
		{"back-off on a power of two", with(func(r *rules) { r.SLABackoff = true }), due(28, -4), "Finding 28 - SLA breached by 4 days! Overdue notice"},
		{"back-off on the first day", with(func(r *rules) { r.SLABackoff = true }), due(28, -1), "Finding 28 - SLA breached by 1 day! Overdue notice"},
		{"back-off on another day", with(func(r *rules) { r.SLABackoff = true }), due(28, -3), ""},
		{"service levels are off", with(func(r *rules) { r.SLA = false }), due(28, 0), ""},
		{"nobody is to be told", with(func(r *rules) { r.SLAActive = false }), due(28, 0), ""},
		{"only verified ones, and it is not", with(func(r *rules) { r.SLAVerified = true }), due(28, 0), ""},
		{"only verified ones, and it is", with(func(r *rules) { r.SLAActive, r.SLAVerified = false, true }), changed(0, func(f *finding) { f.Verified = true }), "Finding 28 - SLA is breaching today"},
		{"only those in Jira", with(func(r *rules) { r.SLAJira = true }), due(28, 0), ""},
		{"one of those in Jira", with(func(r *rules) { r.SLAJira = true }), changed(0, func(f *finding) { f.Jira = true }), "Finding 28 - SLA is breaching today"},
		{"not active", defaultRules, changed(0, func(f *finding) { f.Active = false }), ""},
		{"mitigated", defaultRules, changed(0, func(f *finding) { f.Mitigated = true }), ""},
		{"a duplicate", defaultRules, changed(0, func(f *finding) { f.Duplicate = true }), ""},
		{"severity Info", defaultRules, changed(0, func(f *finding) { f.Severity = "Info" }), ""},
		{"a severity that is not enforced", defaultRules, changed(0, func(f *finding) { f.Severity = "Low" }), ""},
		{"no deadline", defaultRules, changed(0, func(f *finding) { f.Expires, f.Left = 0, nil }), ""},
		{"the days are ours to count", defaultRules, changed(-2, func(f *finding) { f.Left = nil }), "Finding 28 - SLA breached by 2 days! Overdue notice"},
	} {
		e, hit, ok := deriveSLA(shop(app.AccessRoles), c.rules, enforced, c.f, today, lunch)
		if got := e.Call.Title; got != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if ok && hit.Day != today {
			t.Errorf("%s: it is of %s", c.name, hit.Day)
		}
	}
	quiet := shop(app.AccessRoles)
	p := quiet.Products[1]
	p.Quiet = true
	quiet.Products[1] = p
	if _, _, ok := deriveSLA(quiet, defaultRules, enforced, due(28, 0), today, lunch); ok {
		t.Error("a product that wants no SLA alerts got one")
	}
}

func TestAnSLAAlertNamesEverythingAboveTheFinding(t *testing.T) {
	e, _, _ := deriveSLA(shop(app.AccessRoles), defaultRules, enforced, due(28, -1), today, lunch)
	c := e.Call
	if e.Account != 7 || e.Origin != app.OriginDerived || e.Kind != app.KindSLABreach || !e.At.Equal(lunch) {
		t.Errorf("%+v", e)
	}
	if c.Product.Name != "Shop" || c.ProductType.Name != "Retail" || c.Engagement.ID != 9 || c.Test.Name != "unit" ||
		c.TestType != "Generic Findings Import" || *c.Finding != (app.FindingRef{ID: 28, Title: "Old Library", Severity: "High"}) ||
		*c.SLAAge != -1 || c.URL != "/finding/28" || c.URLAPI != "/api/v2/findings/28/" || !slices.Equal(c.Tags, []string{"ci", "pci"}) {
		t.Errorf("%+v", c)
	}
	if c.Recipients != nil {
		t.Error("an SLA alert is for everybody who may see the product")
	}
}

func TestOneSLAAlertADay(t *testing.T) {
	keys := map[string]bool{}
	for left := -10; left <= 5; left++ {
		f := due(28, left)
		f.Expires = today // the deadline stays, the days pass
		for range 2 {
			if e, _, ok := deriveSLA(shop(app.AccessRoles), defaultRules, enforced, f, today-day(left), lunch); ok {
				keys[e.Key] = true
			}
		}
	}
	if len(keys) != 11 {
		t.Errorf("%d keys for the eleven days from three before to seven after", len(keys))
	}
}

func TestTheCombinedSLAAlert(t *testing.T) {
	for _, c := range []struct {
		model app.AccessModel
		want  string
	}{
		{app.AccessRoles, "SLA alert (breached): product type 'Retail', product 'Shop'"},
		{app.AccessAuthorized, "SLA alert (breached): Organization 'Retail', Asset 'Shop'"},
	} {
		a := shop(c.model)
		var hits []slaHit
		for i, left := range []int{-1, -1, -2, 0} {
			f := due(int64(30-i), left)
			if i == 2 {
				f.Severity = "Critical"
			}
			_, hit, _ := deriveSLA(a, defaultRules, enforced, f, today, lunch)
			hits = append(hits, hit, hit)
		}
		events := combineSLA(a, hits, lunch)
		if len(events) != 2 {
			t.Fatalf("%d combined alerts, want one for each kind", len(events))
		}
		call := events[0].Call
		var ids []int64
		for _, f := range call.Findings {
			ids = append(ids, f.ID)
		}
		if call.Title != c.want || call.Breach != "breached" || call.URL != "" || !slices.Equal(ids, []int64{28, 29, 30}) {
			t.Errorf("%q, %q, %q, %v", call.Title, call.Breach, call.URL, ids)
		}
		if events[0].Key == events[1].Key {
			t.Error("two kinds have one key")
		}
	}
}

func TestDeadlinesOfEngagements(t *testing.T) {
	a := shop(app.AccessAuthorized)
	for _, c := range []struct {
		name string
		e    engagement
		want string
	}{
		{"starts in three days", engagement{Start: today + 3, Status: statusNotStarted}, "Upcoming engagement: Plan"},
		{"starts tomorrow", engagement{Start: today + 1, Status: statusNotStarted}, "Upcoming engagement: Plan"},
		{"starts in four days", engagement{Start: today + 4, Status: statusNotStarted}, ""},
		{"has started", engagement{Start: today, Status: statusInProgress}, ""},
		{"was cancelled before it started", engagement{Start: today + 3, Status: statusCancelled}, ""},
		{"should have ended yesterday", engagement{End: today - 1, Status: statusInProgress}, "Stale Engagement: Plan"},
		{"ends today", engagement{End: today, Status: statusInProgress}, ""},
		{"ended and is closed", engagement{End: today - 1, Status: statusCompleted}, ""},
		{"ended and is on hold", engagement{End: today - 1, Status: "On Hold"}, ""},
	} {
		c.e.ID, c.e.Name, c.e.Product, c.e.Lead = 5, "Plan", 1, 4
		events := deriveDeadlines(a, c.e, today, lunch)
		got := ""
		if len(events) == 1 {
			got = events[0].Call.Title
			if !slices.Equal(events[0].Call.Recipients, []string{"ana"}) || events[0].Call.URL != "/engagement/5" {
				t.Errorf("%s: %+v", c.name, events[0].Call)
			}
		}
		if got != c.want || len(events) > 1 {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		c.e.Lead = 99
		if len(deriveDeadlines(a, c.e, today, lunch)) != 0 {
			t.Errorf("%s: told although the lead's name is not known", c.name)
		}
	}
	late := engagement{ID: 8, Name: "Stale work", Lead: 4, End: parseDay("2026-11-24"), Status: statusInProgress}
	if got := deriveDeadlines(a, late, today, lunch)[0].Call.Description; got != `The engagement "Stale work" is stale. Target end was Nov. 24, 2026.` {
		t.Errorf("%q", got)
	}
}

func TestAMovedDateIsNews(t *testing.T) {
	a, keys := shop(app.AccessRoles), map[string]bool{}
	for d := range day(3) {
		e := engagement{ID: 5, Name: "Plan", Lead: 4, Start: today + 3, Status: statusNotStarted}
		for _, ev := range deriveDeadlines(a, e, today+d, lunch) {
			keys[ev.Key] = true
		}
	}
	moved := engagement{ID: 5, Name: "Plan", Lead: 4, Start: today + 4, Status: statusNotStarted}
	for _, ev := range deriveDeadlines(a, moved, today+1, lunch) {
		keys[ev.Key] = true
	}
	if len(keys) != 2 {
		t.Errorf("%d alerts for an engagement that was moved once", len(keys))
	}
}

func TestTheServerClosesEngagements(t *testing.T) {
	a, on := shop(app.AccessRoles), defaultRules
	on.AutoClose = true
	open := engagement{ID: 9, Name: "Old work", Product: 1, Lead: 4, End: parseDay("2026-11-20"), Status: statusInProgress}
	closed := open
	closed.Status = statusCompleted
	first, ok := deriveAutoClose(a, on, open, open, today, lunch)
	if !ok || first.Call.Title != "Old work" || first.Call.Description != `The engagement "Old work" has auto-closed. Target end was Nov. 20, 2026.` {
		t.Errorf("%v %+v", ok, first.Call)
	}
	second, ok := deriveAutoClose(a, on, open, closed, today, lunch)
	if !ok || first.Key != second.Key {
		t.Error("a look before and a look after the closing are two facts")
	}
	if _, ok := deriveStatus(a, on, open, closed, today, lunch); ok {
		t.Error("a person is said to have closed it")
	}
	if _, ok := deriveAutoClose(a, defaultRules, open, closed, today, lunch); ok {
		t.Error("the server does not close engagements by itself")
	}
	recent := open
	recent.End = today - 2
	if _, ok := deriveAutoClose(a, on, recent, recent, today, lunch); ok {
		t.Error("the three days are not over")
	}
	if _, ok := deriveAutoClose(a, on, closed, closed, today, lunch); ok {
		t.Error("it was closed before")
	}
}

func TestAnEngagementIsClosedAndReopened(t *testing.T) {
	a := shop(app.AccessRoles)
	for _, c := range []struct{ from, to, want, url string }{
		{statusInProgress, statusCompleted, "Closure of Nightly", "/engagement/9/finding/all"},
		{statusInProgress, statusCancelled, "Closure of Nightly", "/engagement/9/finding/all"},
		{statusCompleted, statusInProgress, "Reopening of Nightly", "/engagement/9"},
		{"On Hold", statusInProgress, "Reopening of Nightly", "/engagement/9"},
		{statusNotStarted, statusInProgress, "", ""},
		{statusCompleted, statusCancelled, "", ""},
		{statusInProgress, statusInProgress, "", ""},
		{statusInProgress, "On Hold", "", ""},
	} {
		before, after := a.Engagements[9], a.Engagements[9]
		before.Status, after.Status = c.from, c.to
		e, ok := deriveStatus(a, defaultRules, before, after, today, lunch)
		if ok != (c.want != "") || e.Call.Title != c.want || e.Call.URL != c.url {
			t.Errorf("from %s to %s: %q %q", c.from, c.to, e.Call.Title, e.Call.URL)
		}
	}
}

func TestRiskAcceptances(t *testing.T) {
	a := shop(app.AccessRoles)
	accepted := func(end day) acceptance {
		return acceptance{ID: 2, Name: "RA past", Findings: []int64{28, 29}, Expires: end}
	}
	known := map[int64]finding{28: due(28, 0)}
	for _, c := range []struct {
		name          string
		before, after acceptance
		want          string
	}{
		{"in nine days", acceptance{}, accepted(today + 9), "Risk acceptance with 2 accepted findings will expire on Dec 04, 2026 for Shop: Nightly"},
		{"in ten days", acceptance{}, accepted(today + 10), "Risk acceptance with 2 accepted findings will expire on Dec 05, 2026 for Shop: Nightly"},
		{"in eleven days", acceptance{}, accepted(today + 11), ""},
		{"today", acceptance{}, accepted(today), "Risk acceptance with 2 accepted findings has expired for Shop: Nightly"},
		{"five days ago", acceptance{}, accepted(today - 5), "Risk acceptance with 2 accepted findings has expired for Shop: Nightly"},
		{"never", acceptance{}, accepted(0), ""},
		{"long carried out", acceptance{}, acceptance{ID: 2, Expires: today - 5, Handled: true}, ""},
		{"carried out when last seen", acceptance{ID: 2, Expires: today - 5, Handled: true}, acceptance{ID: 2, Expires: today - 5, Handled: true}, ""},
	} {
		e, ok := deriveAcceptance(a, defaultRules, c.before, c.after, known, today, lunch)
		if ok != (c.want != "") || e.Call.Title != c.want {
			t.Errorf("%s: %q, want %q", c.name, e.Call.Title, c.want)
		}
		if ok && (e.Call.URL != "/engagement/9/risk_acceptance/2" || e.Call.Accepted.Name != "RA past" || len(e.Call.Findings) != 2 || e.Call.Product.Name != "Shop") {
			t.Errorf("%s: %+v", c.name, e.Call)
		}
	}
	// The job comes two days late and writes its own time over the date.
	planned, carriedOut := accepted(today-2), accepted(today)
	carriedOut.Handled = true
	first, _ := deriveAcceptance(a, defaultRules, acceptance{}, planned, known, today-2, lunch)
	second, ok := deriveAcceptance(a, defaultRules, planned, carriedOut, known, today, lunch)
	if !ok || first.Key != second.Key {
		t.Errorf("one expiry is two facts: %q and %q", first.Key, second.Key)
	}
}

func TestWhereAnAcceptanceBelongs(t *testing.T) {
	a := shop(app.AccessRoles)
	loose := acceptance{ID: 3, Name: "loose", Findings: []int64{28}, Expires: today}
	if e, ok := deriveAcceptance(a, defaultRules, acceptance{}, loose, map[int64]finding{28: due(28, 0)}, today, lunch); !ok || e.Call.Engagement.ID != 9 {
		t.Error("no engagement holds it, but the accepted finding has one")
	}
	if _, ok := deriveAcceptance(a, defaultRules, acceptance{}, acceptance{ID: 4, Expires: today}, nil, today, lunch); ok {
		t.Error("it belongs nowhere, so that nobody can be told")
	}
}

func FuzzDerive(f *testing.F) {
	f.Add(int64(28), int64(6), "High", -1, true, false, "In Progress", int64(4), 3, 20)
	f.Add(int64(0), int64(99), "Info", 0, false, true, "", int64(0), -9, -9)
	f.Add(int64(1), int64(6), "\x00'\"<b>\n", 1<<30, true, true, "Completed", int64(-4), -1<<30, 1<<30)
	f.Fuzz(func(t *testing.T, id, under int64, text string, left int, yes, no bool, status string, lead int64, from, to int) {
		a := shop(app.AccessAuthorized)
		r := defaultRules
		r.SLABackoff, r.AutoClose = no, yes
		all := func() []app.Event {
			var events []app.Event
			add := func(e app.Event, ok bool) {
				if ok {
					events = append(events, e)
				}
			}
			fi := finding{ID: id, Test: under, Title: text, Severity: text, Active: yes, Duplicate: no, Expires: today + day(left), Left: &left}
			ev, hit, ok := deriveSLA(a, r, nil, fi, today, lunch)
			add(ev, ok)
			events = append(events, combineSLA(a, []slaHit{hit, hit, {Finding: fi.ref(), Product: under, Kind: text}}, lunch)...)
			en := engagement{ID: id, Name: text, Product: under, Lead: lead, Start: today + day(from), End: today + day(to), Status: status}
			before := a.Engagements[9]
			before.ID = id
			events = append(events, deriveDeadlines(a, en, today, lunch)...)
			add(deriveAutoClose(a, r, before, en, today, lunch))
			add(deriveStatus(a, r, before, en, today, lunch))
			ra := acceptance{ID: id, Name: text, Expires: today + day(to), Handled: no, Findings: []int64{under}}
			add(deriveAcceptance(a, r, acceptance{ID: id}, ra, map[int64]finding{under: fi}, today, lunch))
			ts := test{ID: id, Engagement: under, Title: text, Type: status}
			events = append(events,
				deriveType(a, productType{ID: id, Name: text}, lunch), deriveProduct(a, product{ID: id, Name: text, Type: under}, lunch),
				deriveProductDeleted(a, product{ID: id, Name: text}, lunch), deriveTypeDeleted(a, productType{ID: id, Name: text}, lunch),
				deriveEngagement(a, en, lunch), deriveTest(a, ts, lunch),
				deriveFinding(a, fi, lunch), deriveFindingClosed(a, fi, lunch), deriveFindingReopened(a, fi, lunch),
				deriveScan(a, scanImport{ID: id, Test: under, Actions: []importAction{{id, text}, {under, actionCreated}}}, map[int64]finding{id: fi}, lunch))
			add(deriveEngagementDeleted(a, en, lunch))
			add(deriveEngagementCopied(a, before, en, lunch))
			add(deriveTestDeleted(a, ts, lunch))
			add(deriveFindingDeleted(a, fi, lunch))
			fi.Review, fi.Reviewers = yes, []int64{lead, lead, under}
			add(deriveReview(a, []int64{under}, fi, lunch, nil))
			return events
		}
		once, twice := all(), all()
		keys := map[string]bool{}
		for i, e := range once {
			if e.Key == "" || keys[e.Key] || e.Key != twice[i].Key {
				t.Fatalf("key %q", e.Key)
			}
			keys[e.Key] = true
			if !strings.HasPrefix(e.Key, string(e.Kind)+"/") || e.Kind != e.Call.Kind || len([]rune(e.Call.Title)) > app.MaxTitle {
				t.Fatalf("%+v", e)
			}
		}
		if !reflect.DeepEqual(once, twice) {
			t.Fatal("not a function of its input")
		}
	})
}
