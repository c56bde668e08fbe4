package render_test

import (
	"strconv"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch/render"
)

// everyEvent returns one call of each event that exists, and of two that do
// not, about one small shop.
func everyEvent() []*app.Call {
	retail, shop := &app.Ref{ID: 4, Name: `Retail & "Co"`}, &app.Ref{ID: 11, Name: "Shop's <Till>"}
	ci := &app.Ref{ID: 21, Name: "CI: nightly"}
	unit := &app.Ref{ID: 33, Name: "unit"}
	tls := app.FindingRef{ID: 41, Title: `Weak TLS in "cart" & <checkout>`, Severity: "High"}
	lib := app.FindingRef{ID: 42, Title: "Old library", Severity: "Critical"}
	info := app.FindingRef{ID: 43, Title: "Server header", Severity: "Info"}
	var many []app.FindingRef
	for i := range 60 {
		many = append(many, app.FindingRef{ID: int64(100 + i), Title: "Missing check " + strconv.Itoa(i+1), Severity: "Medium"})
	}
	day := func(d int) time.Time { return time.Date(2026, 11, d, 0, 0, 0, 0, time.UTC) }
	deleted := func(k app.Kind, what, name, url string) *app.Call {
		return &app.Call{
			Kind: k, Title: "Deletion of " + name, Description: "The " + what + ` "` + name + `" was deleted by sue`, URL: url, Icon: "exclamation-triangle",
		}
	}
	copied := func(k app.Kind, what, name, url string) *app.Call {
		return &app.Call{
			Kind: k, Title: "Copying of " + name, Description: "The " + what + ` "` + name + `" was copied by sue`, URL: url, Icon: "exclamation-triangle",
		}
	}
	about := func(k app.Kind, title, verb string, f app.FindingRef) *app.Call {
		return &app.Call{
			Kind: k, Title: title + " of " + f.Title, Description: `The finding "` + f.Title + `" was ` + verb + " by sue",
			URL: "/finding/41", Product: shop, Engagement: ci, Test: unit, TestType: "ZAP Scan", Finding: &f,
		}
	}
	jira := func(k app.Kind, title, verb string) *app.Call {
		return &app.Call{Kind: k, Title: title + " JIRA: Tracker", Description: `JIRA "Tracker" was ` + verb + " by sue", URL: "https://dojo.example.com/jira"}
	}
	test := "Shop's <Till>: CI: nightly: unit (ZAP Scan)"
	return []*app.Call{
		{Kind: app.KindProductTypeAdded, Title: retail.Name, URL: "/organization/4", URLAPI: "/api/v2/product_types/4/", ProductType: retail},
		{Kind: app.KindProductAdded, Title: shop.Name, URL: "/asset/11", URLAPI: "/api/v2/products/11/", ProductType: retail, Product: shop},
		{
			Kind: app.KindEngagementAdded, Title: `Engagement created for "Shop's <Till>": CI: nightly`, URL: "/engagement/21", URLAPI: "/api/v2/engagements/21/",
			ProductType: retail, Product: shop, Engagement: ci, Start: day(25), End: day(30),
		},
		{
			Kind: app.KindEngagementClosed, Title: "Closure of CI: nightly", Description: `The engagement "CI: nightly" was closed`,
			URL: "/engagement/21/finding/all", Product: shop, Engagement: ci,
		},
		{Kind: app.KindEngagementReopened, Title: "Reopening of CI: nightly", Description: `The engagement "CI: nightly" was reopened`, URL: "/engagement/21", Product: shop, Engagement: ci},
		deleted(app.KindEngagementDeleted, "engagement", "CI: nightly", "/asset/11"),
		copied(app.KindEngagementCopied, "engagement", "CI: nightly", "/engagement/22"),
		{
			Kind: app.KindTestAdded, Title: "Test created for " + test, URL: "/test/33", URLAPI: "/api/v2/tests/33/",
			ProductType: retail, Product: shop, Engagement: ci, Test: unit, TestType: "ZAP Scan",
		},
		copied(app.KindTestCopied, "test", "unit", "/test/34"),
		deleted(app.KindTestDeleted, "test", "unit (ZAP Scan)", "/engagement/21"),
		{
			Kind: app.KindScanAdded, Title: "Created/Updated 63 findings for " + test, URL: "/test/33", URLAPI: "/api/v2/tests/33/",
			ProductType: retail, Product: shop, Engagement: ci, Test: unit, TestType: "ZAP Scan", FindingCount: new(63),
			FindingsNew: append([]app.FindingRef{lib, tls}, many...), FindingsMitigated: []app.FindingRef{info}, FindingsUntouched: many[:2],
		},
		{
			Kind: app.KindScanAddedEmpty, Title: "Created/Updated 0 findings for Shop's <Till>: CI: nightly: ZAP Scan", URL: "/test/33", URLAPI: "/api/v2/tests/33/",
			ProductType: retail, Product: shop, Engagement: ci, Test: &app.Ref{ID: 33}, TestType: "ZAP Scan", FindingsUntouched: []app.FindingRef{tls},
		},
		about(app.KindFindingAdded, "Addition", "added", tls),
		about(app.KindFindingClosed, "Closing", "closed", tls),
		about(app.KindFindingReopened, "Reopening", "reopened", tls),
		deleted(app.KindFindingDeleted, "finding", tls.Title, "https://dojo.example.comhttps://dojo.example.com/finding"),
		copied(app.KindFindingCopied, "finding", tls.Title, "https://dojo.example.com/finding/41/copy"),
		deleted(app.KindFindingGroupDeleted, "finding group", "Group one", "/test/33"),
		{
			Kind: app.KindReviewRequested, Title: "Finding review requested for Test created for " + test + " - " + tls.Title, URL: "/finding/41", Icon: "check",
			Description: "User Sue Prime (sue)(2) has requested that user(s) Ana Lima (ana) (4) review the finding", Actor: "sue", RequestedBy: "Sue Prime (sue)",
			ProductType: retail, Product: shop, Engagement: ci, Test: unit, TestType: "ZAP Scan", Finding: &tls,
			Recipients: []string{"ana"}, Reviewers: []string{"ana", "ben"}, Note: "Review Request: is this <real>?\nThe cart says no.",
		},
		{
			Kind: app.KindUserMentioned, Title: "sue jotted a note", URL: "https://dojo.example.com/finding/41", Icon: "commenting",
			Actor: "sue", RequestedBy: "sue", Section: "Finding: " + tls.Title, Note: "@ana please look at <b>this</b> & that\n<!channel> *now*", Recipients: []string{"ana"},
		},
		deleted(app.KindProductDeleted, "Asset", shop.Name, "/asset"),
		deleted(app.KindProductTypeDeleted, "Organization", retail.Name, "/organization"),
		deleted(app.KindEndpointDeleted, "endpoint", "https://shop.example.com/cart", "/endpoint"),
		deleted(app.KindURLDeleted, "URL", "https://shop.example.com/cart", "/endpoint"),
		{Kind: app.KindUpcomingEngagement, Title: "Upcoming engagement: CI: nightly", URL: "/engagement/21", Product: shop, Engagement: ci, Start: day(28), End: day(30)},
		{Kind: app.KindStaleEngagement, Title: "Stale Engagement: CI: nightly", Description: `The engagement "CI: nightly" is stale. Target end was Nov. 24, 2026.`, URL: "/engagement/21", Product: shop, Engagement: ci},
		{Kind: app.KindAutoCloseEngagement, Title: "CI: nightly", Description: `The engagement "CI: nightly" has auto-closed. Target end was Nov. 20, 2026.`, URL: "/engagement/21", Product: shop, Engagement: ci},
		{
			Kind: app.KindSLABreach, Title: "Finding 41 - SLA breached by 3 days! Overdue notice", URL: "/finding/41", SLAAge: new(-3),
			Product: shop, Engagement: ci, Test: unit, TestType: "ZAP Scan", Finding: &tls,
		},
		{
			Kind: app.KindSLABreachCombined, Title: `SLA alert (prebreach): Organization 'Retail & "Co"', Asset 'Shop's <Till>'`, ProductType: retail, Product: shop,
			Breach: "prebreach", Findings: []app.FindingRef{lib, tls},
		},
		{
			Kind: app.KindRiskAcceptanceExpiration, Title: "Risk acceptance with 2 accepted findings will expire on Nov 30, 2026 for Shop's <Till>: CI: nightly",
			URL: "/engagement/21/risk_acceptance/5", Product: shop, Engagement: ci, Accepted: &app.Ref{ID: 5, Name: "Until the audit"}, End: day(30), Findings: []app.FindingRef{lib, tls},
		},
		{
			Kind: app.KindJiraUpdate, Title: "Error pushing to JIRA (Shop's <Till>)", Description: "field 'x' is required\nFinding: " + tls.Title,
			URL: "/finding/41", Icon: "bullseye", Product: shop, Finding: &tls,
		},
		{Kind: app.KindJiraComment, Title: "JIRA incoming comment - " + tls.Title, URL: "/finding/41", Icon: "check", Product: shop, Finding: &tls},
		jira(app.KindJiraConfigAdded, "New addition of", "added"),
		jira(app.KindJiraConfigEdited, "Edit of", "edited"),
		jira(app.KindJiraConfigDeleted, "Deletion of", "deleted"),
		{Kind: app.KindSonarqubeFailed, Title: "SonarQube API import issue", Description: "There are no API Scan Configurations for this Product.", Icon: "exclamation-triangle", Product: shop},
		{Kind: app.KindOther, Title: "API Token Reset", Description: "A new API token has been generated for user ana.", URL: "/api/key-v2", Icon: "key", Recipients: []string{"ana"}},
		{Kind: app.KindPing},
		{Kind: "dummy_foo_event", Title: "Something new", URL: "/finding/41", Product: shop},
	}
}

// shop is the input of a call for a person of the shop.
func shop(c *app.Call) render.Input {
	return render.Input{
		Call: c, At: time.Date(2026, 11, 25, 14, 0, 0, 0, time.UTC), Team: "Sec Team", Site: "https://dojo.example.com",
		To:     app.Person{ID: 7, RemoteID: 4, Username: "ana", FirstName: "Ana", LastName: "Lima", Email: "ana@example.com", Active: true},
		People: shopPeople,
	}
}

func shopPeople(u string) (app.Person, bool) {
	switch u {
	case "ana":
		return app.Person{RemoteID: 4, Username: "ana", FirstName: "Ana", LastName: "Lima", Email: "ana@example.com"}, true
	case "sue":
		return app.Person{RemoteID: 2, Username: "sue", FirstName: "Sue", LastName: "Prime"}, true
	}
	return app.Person{}, false
}
