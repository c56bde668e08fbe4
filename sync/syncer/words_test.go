package syncer

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"bellhop/app"
)

// TestEventsReadAsRecorded compares what is derived with what 2.46.0 and 3.2.0
// were recorded to send; who did it, which objects do not tell, is left out.
func TestEventsReadAsRecorded(t *testing.T) {
	one := func(e app.Event, ok bool) app.Event {
		t.Helper()
		if !ok {
			t.Error("nothing was derived")
		}
		return e
	}
	old, now := shop(app.AccessRoles), shop(app.AccessAuthorized)
	night := engagement{ID: 3, Name: "CI: nightly", Product: 1, Lead: 4, Print: 1}
	copied := night
	copied.ID = 5
	hand := test{ID: 6, Engagement: 3, Title: "By hand", Type: "API Test"}
	now.Engagements[3] = night
	now.Tests[6] = hand
	made := finding{ID: 10, Test: 6, Title: `Hand Made <b> & "X"`, Severity: "High", Reporter: 5, Active: true}
	scan := scanImport{ID: 1, Test: 6, Actions: []importAction{{8, "N"}, {7, "C"}, {6, "C"}, {5, "U"}}}
	for _, c := range []struct {
		e                               app.Event
		kind                            app.Kind
		title, description, url, icon   string
		recipients, noUsers, hasProduct bool
	}{
		{deriveType(now, productType{ID: 4, Name: `Web & "Co"`}, lunch), app.KindProductTypeAdded, `Web & "Co"`, "", "/organization/4", "info-circle", false, false, false},
		{deriveType(old, productType{ID: 4, Name: "Books"}, lunch), app.KindProductTypeAdded, "Books", "", "/product/type/4", "info-circle", false, false, false},
		{deriveProduct(now, product{ID: 1, Name: "Shop"}, lunch), app.KindProductAdded, "Shop", "", "/asset/1", "info-circle", false, false, true},
		{deriveProduct(old, product{ID: 1, Name: "Shop"}, lunch), app.KindProductAdded, "Shop", "", "/product/1", "info-circle", false, false, true},
		{deriveEngagement(now, night, lunch), app.KindEngagementAdded, `Engagement created for "Shop": CI: nightly`, "", "/engagement/3", "info-circle", false, false, true},
		{one(deriveEngagementDeleted(now, night, lunch)), app.KindEngagementDeleted, "Deletion of CI: nightly", `The engagement "CI: nightly" was deleted`, "/asset/1", iconDeleted, true, false, true},
		{one(deriveEngagementCopied(now, night, copied, lunch)), app.KindEngagementCopied, "Copying of CI: nightly", `The engagement "CI: nightly" was copied`, "/engagement/5", iconDeleted, true, false, true},
		{deriveTest(now, hand, lunch), app.KindTestAdded, "Test created for Shop: CI: nightly: By hand (API Test)", "", "/test/6", "info-circle", false, false, true},
		{deriveTest(now, test{ID: 7, Engagement: 3, Type: "ZAP Scan"}, lunch), app.KindTestAdded, "Test created for Shop: CI: nightly: ZAP Scan", "", "/test/7", "info-circle", false, false, true},
		{one(deriveTestDeleted(now, hand, lunch)), app.KindTestDeleted, "Deletion of By hand (API Test)", `The test "By hand (API Test)" was deleted`, "/engagement/3", iconDeleted, true, false, true},
		{deriveFinding(now, made, lunch), app.KindFindingAdded, `Addition of Hand Made <b> & "X"`, `Finding "Hand Made <b> & "X"" was added by ben`, "/finding/10", iconDeleted, false, false, true},
		{deriveFindingClosed(now, made, lunch), app.KindFindingClosed, `Closing of Hand Made <b> & "X"`, `The finding "Hand Made <b> & "X"" was closed`, "/finding/10", "info-circle", false, false, true},
		{deriveFindingReopened(now, made, lunch), app.KindFindingReopened, `Reopening of Hand Made <b> & "X"`, `The finding "Hand Made <b> & "X"" was reopened`, "/finding/10", "info-circle", false, false, true},
		{one(deriveFindingDeleted(now, made, lunch)), app.KindFindingDeleted, `Deletion of Hand Made <b> & "X"`, `The finding "Hand Made <b> & "X"" was deleted`, "/finding", iconDeleted, true, false, true},
		{deriveProductDeleted(now, product{ID: 1, Name: "Till"}, lunch), app.KindProductDeleted, "Deletion of Till", `The Asset "Till" was deleted`, "/asset", iconDeleted, false, false, false},
		{deriveProductDeleted(old, product{ID: 1, Name: "Till"}, lunch), app.KindProductDeleted, "Deletion of Till", `The product "Till" was deleted`, "/product", iconDeleted, false, false, false},
		{deriveTypeDeleted(now, productType{ID: 4, Name: "Web"}, lunch), app.KindProductTypeDeleted, "Deletion of Web", `The Organization "Web" was deleted`, "/organization", iconDeleted, false, true, false},
		{deriveTypeDeleted(old, productType{ID: 4, Name: "Web"}, lunch), app.KindProductTypeDeleted, "Deletion of Web", `The product type "Web" was deleted`, "/product/type", iconDeleted, false, true, false},
		{deriveScan(now, scan, nil, lunch), app.KindScanAdded, "Created/Updated 3 findings for Shop: CI: nightly: By hand (API Test)", "", "/test/6", "info-circle", false, false, true},
	} {
		got := c.e.Call
		if c.e.Kind != c.kind || got.Title != c.title || got.Description != c.description || got.URL != c.url || got.Icon != c.icon {
			t.Errorf("%s: %q, %q, %q, %q", c.kind, got.Title, got.Description, got.URL, got.Icon)
		}
		if (got.Recipients != nil) != c.recipients || got.NoUsers != c.noUsers || (got.Product != nil) != c.hasProduct {
			t.Errorf("%s: for %v, %+v", c.kind, got.Recipients, got.Product)
		}
	}
}

func TestAReviewIsForThoseWhoWereNotAskedBefore(t *testing.T) {
	a := shop(app.AccessRoles)
	f := finding{ID: 10, Test: 6, Title: "Odd", Review: true, Reviewers: []int64{4, 5, 99}, Requester: 5}
	e, ok := deriveReview(a, []int64{5}, f, lunch, nil)
	if !ok || len(e.Call.Recipients) != 1 || e.Call.Recipients[0] != "ana" || e.Call.Title != "Finding review requested" || e.Call.Actor != "ben" {
		t.Errorf("%+v", e.Call)
	}
	if _, ok := deriveReview(a, []int64{4, 5}, f, lunch, nil); ok {
		t.Error("nobody new was asked")
	}
	f.Review = false
	if _, ok := deriveReview(a, nil, f, lunch, nil); ok {
		t.Error("it is not under review")
	}
}

func TestAScanCarriesTheWorstFindings(t *testing.T) {
	known := map[int64]finding{}
	var actions []importAction
	for id := range int64(500) {
		severity := "Low"
		if id >= 450 {
			severity = "Critical"
		}
		known[id+1] = finding{ID: id + 1, Title: "F", Severity: severity}
		actions = append(actions, importAction{Finding: id + 1, Action: actionCreated})
	}
	c := deriveScan(shop(app.AccessRoles), scanImport{ID: 1, Test: 6, Actions: actions}, known, lunch).Call
	if len(c.FindingsNew) != mostListed || c.More.New != 500-mostListed || *c.FindingCount != 500 ||
		c.FindingsNew[0].Severity != "Critical" || c.FindingsNew[49].Severity != "Critical" || c.FindingsNew[50].Severity != "Low" {
		t.Errorf("%d and %d more, first %+v", len(c.FindingsNew), c.More.New, c.FindingsNew[0])
	}
}

// TestAFeedTellsEachRowOnce lets rows be committed late, as transactions do, and
// read in pages of any length.
func TestAFeedTellsEachRowOnce(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2)) // #nosec G404 -- a test's dice
	start := time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
	type row struct {
		id       int64
		at, seen time.Time // seen is when it is committed
		news     int
	}
	var rows []*row
	for i := range 2000 {
		at := start.Add(time.Duration(random.IntN(48*60)) * time.Minute / 2)
		rows = append(rows, &row{id: int64(i + 1), at: at, seen: at.Add(time.Duration(random.IntN(600)) * time.Second)})
	}
	var f feed
	for now := start.Add(time.Hour); now.Before(start.Add(26 * time.Hour)); now = now.Add(5 * time.Minute) {
		reading := f.read()
		for at := now; !at.Before(start); at = at.Add(-30 * time.Second) { // newest first
			stop := false
			for _, r := range rows {
				if r.at.Equal(at) && !r.seen.After(now) {
					news, more := reading.row(r.id, r.at)
					if news {
						r.news++
					}
					stop = !more
				}
			}
			if stop {
				break
			}
		}
		f = reading.done()
	}
	for _, r := range rows {
		want := 1
		if r.at.UnixMilli() <= f.From {
			want = 0
		}
		if r.news != want {
			t.Errorf("row %d of %s, committed %s: %d times news, want %d", r.id, r.at, r.seen, r.news, want)
		}
	}
}

func TestWhoIsMentioned(t *testing.T) {
	for _, c := range []struct {
		text string
		want bool
	}{
		{"@jane.doe", true},
		{"thanks @jane.doe.", true},
		{"@Jane.Doe, look", true},
		{"first line\n@jane.doe", true},
		{"first line\u2028@jane.doe", true},
		{"(@jane.doe)", false},
		{"write to jane.doe@ops", false},
		{"jane@jane.doe", false},
		{"@jane", false},
		{"@jane.doe2", false},
		{"@@jane.doe", false},
		{"@", false},
		{"", false},
	} {
		if got := mentions(c.text, "jane.doe"); got != c.want {
			t.Errorf("%q mentions jane.doe: %v", c.text, got)
		}
	}
	if !mentions("an @Ärger, really", "ärger") {
		t.Error("letters beyond ASCII are letters")
	}
}

func FuzzMentions(f *testing.F) {
	for _, text := range []string{"@ana", "x @ana.", "\x00@\xff", "@@@@", "a@ana"} {
		f.Add(text, "ana")
	}
	f.Fuzz(func(t *testing.T, text, name string) {
		if mentions(text, name) && !strings.Contains(text, "@") {
			t.Errorf("%q mentions %q", text, name)
		}
		if plain := "ana"; !mentions(strings.ReplaceAll(text, "@", "")+" @"+plain, plain) {
			t.Errorf("%q does not mention ana at its end", text)
		}
	})
}
