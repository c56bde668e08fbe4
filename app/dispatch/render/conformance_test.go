package render_test

import (
	"strconv"
	"strings"
	"testing"

	"bellhop/app"
	"bellhop/app/dispatch/render"
)

// conformance are DefectDojo's own unit tests about texts and bodies
// (unittests/test_notifications.py), by the numbers of the list of 105 that
// Bellhop keeps; what they say about who is told stands in package dispatch.
var conformance = []struct {
	number int
	says   string
	call   app.Call
	check  func(t *testing.T, in render.Input)
}{
	{
		10, "an unknown event is filed under its name in title case",
		app.Call{Kind: "dummy_foo_event", Title: "t"},
		func(t *testing.T, in render.Input) { same(t, render.Alert(in).Source, "Dummy Foo Event") },
	},
	{
		15, "a new product type leads to /product/type/<id>",
		app.Call{Kind: app.KindProductTypeAdded, Title: "notif prod type", URL: "/product/type/7", ProductType: &app.Ref{ID: 7, Name: "notif prod type"}},
		func(t *testing.T, in render.Input) {
			same(t, render.Alert(in).URL, "/product/type/7")
			same(t, render.Mail(in).Subject, "Sec Team notification: notif prod type")
			same(t, render.Teams(in).Link, "http://localhost:8080/product/type/7")
		},
	},
	{16, "the actor of a deletion is named", deletion(app.KindProductTypeDeleted, `The product type "X" was deleted by admin`, "/product/type"), says},
	{17, "a new product leads to /product/<id>", app.Call{Kind: app.KindProductAdded, Title: "prod name", URL: "/product/8", Product: &app.Ref{ID: 8, Name: "prod name"}}, leads},
	{18, "the actor of a deletion is named", deletion(app.KindProductDeleted, `The product "X" was deleted by admin`, "/product"), says},
	{19, "a new engagement leads to /engagement/<id>", app.Call{Kind: app.KindEngagementAdded, Title: "e", URL: "/engagement/9"}, leads},
	{20, "a closed engagement leads to all its findings", app.Call{Kind: app.KindEngagementClosed, Title: "e", URL: "/engagement/9/finding/all"}, leads},
	{24, "the actor is named, the link is the product", deletion(app.KindEngagementDeleted, `The engagement "X" was deleted by admin`, "/product/8"), says},
	{26, "the link is the list of endpoints", deletion(app.KindURLDeleted, `The URL "host2" was deleted by admin`, "/endpoint"), says},
	{28, "the link is the list of endpoints", deletion(app.KindEndpointDeleted, `The endpoint "host1" was deleted by admin`, "/endpoint"), says},
	{30, "the actor is named, the link is the engagement", deletion(app.KindTestDeleted, `The test "X" was deleted by admin`, "/engagement/9"), says},
	{32, "the link is the test", deletion(app.KindFindingGroupDeleted, `The finding group "X" was deleted by admin`, "/test/3"), says},
	{33, "with an audit log the actor is named", deletion(app.KindProductDeleted, `The product "X" was deleted by admin`, "/product"), says},
	{34, "without one she is not", deletion(app.KindProductDeleted, `The product "X" was deleted`, "/product"), says},
	{35, "3.x calls a product type an organization", deletion(app.KindProductTypeDeleted, `The Organization "X" was deleted by admin`, "/organization"), says},
	{37, "the reporter of a finding is named", deletion(app.KindFindingAdded, `Finding "X" was added by reporter`, "/finding/5"), says},
	{
		38, "a new finding has its title, its link and its icon",
		app.Call{Kind: app.KindFindingAdded, Title: "Addition of My Finding", Description: "d", URL: "/finding/5", Icon: "exclamation-triangle"},
		func(t *testing.T, in render.Input) {
			a := render.Alert(in)
			if a != (render.AlertText{Title: "Addition of My Finding", Description: "d", URL: "/finding/5", Source: "Finding Added", Icon: "exclamation-triangle"}) {
				t.Errorf("the alert is %+v", a)
			}
		},
	},
	{
		63, "a request has these headers and, from who sends it, the endpoint's own",
		app.Call{Kind: app.KindPing},
		func(t *testing.T, in render.Input) {
			var got []string
			for _, h := range render.Webhook(in, nil).Headers {
				got = append(got, h[0]+": "+h[1])
			}
			same(t, strings.Join(got, "\n"), "User-Agent: DefectDojo-2.46.0\nAccept: application/json\nX-DefectDojo-Event: ping\n"+
				"X-DefectDojo-Instance: http://localhost:8080\nContent-Type: application/json")
		},
	},
	{64, "a ping", app.Call{Kind: app.KindPing}, body(`{"description":"Test webhook notification","title":"","user":null}`)},
	{
		65, "a new product type",
		app.Call{Kind: app.KindProductTypeAdded, Title: "notif prod type", URL: "/product/type/4", URLAPI: "/api/v2/product_types/4/", ProductType: &productType},
		body(`{"description":"Product Type notif prod type has been created successfully.","title":"notif prod type","user":null,` +
			links("product/type/4", "product_types/4") + `,` + productTypeBody + `}`),
	},
	{
		66, "a new product, with its type",
		app.Call{Kind: app.KindProductAdded, Title: "notif prod", URL: "/product/4", URLAPI: "/api/v2/products/4/", ProductType: &productType, Product: &product},
		body(`{"description":"Product notif prod has been created successfully.","title":"notif prod","user":null,` +
			links("product/4", "products/4") + `,` + productTypeBody + `,` + productBody + `}`),
	},
	{
		67, "a new engagement",
		app.Call{
			Kind: app.KindEngagementAdded, Title: `Engagement created for "notif prod": notif eng`, URL: "/engagement/7", URLAPI: "/api/v2/engagements/7/",
			ProductType: &productType, Product: &product, Engagement: &engagement,
		},
		body(`{"description":"Event engagement_added has occurred.","title":"Engagement created for \"notif prod\": notif eng","user":null,` +
			links("engagement/7", "engagements/7") + `,` + productTypeBody + `,` + productBody + `,` + engagementBody + `}`),
	},
	{
		68, "a new test",
		app.Call{
			Kind: app.KindTestAdded, Title: "Test created for notif prod: notif eng: notif test (Acunetix Scan)", URL: "/test/90", URLAPI: "/api/v2/tests/90/",
			ProductType: &productType, Product: &product, Engagement: &engagement, Test: &test, TestType: "Acunetix Scan",
		},
		body(`{"description":"Event test_added has occurred.","title":"Test created for notif prod: notif eng: notif test (Acunetix Scan)","user":null,` +
			links("test/90", "tests/90") + `,` + productTypeBody + `,` + productBody + `,` + engagementBody + `,` + testBody + `}`),
	},
	{
		69, "a scan that changed nothing",
		app.Call{
			Kind: app.KindScanAddedEmpty, Title: "Created/Updated 0 findings for notif prod: notif eng: notif test (Acunetix Scan)", URL: "/test/90",
			URLAPI: "/api/v2/tests/90/", ProductType: &productType, Product: &product, Engagement: &engagement, Test: &test, TestType: "Acunetix Scan",
		},
		body(`{"description":"Event scan_added_empty has occurred.","title":"Created/Updated 0 findings for notif prod: notif eng: notif test (Acunetix Scan)","user":null,` +
			links("test/90", "tests/90") + `,` + productTypeBody + `,` + productBody + `,` + engagementBody + `,` + testBody +
			`,"finding_count":0,"findings":{"new":[],"reactivated":[],"mitigated":[],"untouched":[]}}`),
	},
	{
		70, "the findings of a scan by what happened to them",
		app.Call{
			Kind: app.KindScanAdded, Title: "t", FindingCount: new(4), FindingsNew: []app.FindingRef{{ID: 232, Title: "a", Severity: "Critical"}, {ID: 233, Title: "b", Severity: "Critical"}},
			FindingsMitigated: []app.FindingRef{{ID: 234, Title: "c", Severity: "High"}}, FindingsReactivated: []app.FindingRef{{ID: 235, Title: "d", Severity: "Low"}},
			FindingsUntouched: []app.FindingRef{{ID: 236, Title: "e", Severity: "Info"}},
		},
		body(`{"description":"Event scan_added has occurred.","title":"t","user":null,"finding_count":4,"findings":{"new":[` +
			findingBody(232, "a", "Critical") + `,` + findingBody(233, "b", "Critical") + `],"reactivated":[` + findingBody(235, "d", "Low") +
			`],"mitigated":[` + findingBody(234, "c", "High") + `],"untouched":[` + findingBody(236, "e", "Info") + `]}}`),
	},
	{
		71, "colons, brackets and quotes survive",
		app.Call{Kind: app.KindScanAdded, Title: `a: [b] "c" 'd'`, FindingsNew: []app.FindingRef{{ID: 1, Title: `: [x] "y" 'z' #`, Severity: "Low"}}},
		body(`{"description":"Event scan_added has occurred.","title":"a: [b] \"c\" 'd'","user":null,"finding_count":1,"findings":{"new":[` +
			findingBody(1, `: [x] \"y\" 'z' #`, "Low") + `],"reactivated":[],"mitigated":[],"untouched":[]}}`),
	},
	{
		73, "a mention is filed under User Mentioned",
		app.Call{Kind: app.KindUserMentioned, Title: "x jotted a note", Note: "n"},
		func(t *testing.T, in render.Input) { same(t, render.Alert(in).Source, "User Mentioned") },
	},
}

var (
	productType = app.Ref{ID: 4, Name: "notif prod type"}
	product     = app.Ref{ID: 4, Name: "notif prod"}
	engagement  = app.Ref{ID: 7, Name: "notif eng"}
	test        = app.Ref{ID: 90, Name: "notif test"}
)

var (
	productTypeBody = `"product_type":{"name":"notif prod type","id":4,` + links("product/type/4", "product_types/4") + `}`
	productBody     = `"product":{"name":"notif prod","id":4,` + links("product/4", "products/4") + `}`
	engagementBody  = `"engagement":{"name":"notif eng","id":7,` + links("engagement/7", "engagements/7") + `}`
	testBody        = `"test":{"title":"notif test","id":90,` + links("test/90", "tests/90") + `}`
)

func links(page, api string) string {
	return `"url_ui":"http://localhost:8080/` + page + `","url_api":"http://localhost:8080/api/v2/` + api + `/"`
}

func findingBody(id int64, title, severity string) string {
	n := strconv.FormatInt(id, 10)
	return `{"id":` + n + `,"title":"` + title + `","severity":"` + severity + `",` + links("finding/"+n, "findings/"+n) + `}`
}

func deletion(kind app.Kind, description, link string) app.Call {
	return app.Call{Kind: kind, Title: "Deletion of X", Description: description, URL: link}
}

// says holds the description against what every channel says.
func says(t *testing.T, in render.Input) {
	t.Helper()
	want := in.Call.Description
	same(t, render.Alert(in).Description, want)
	same(t, render.Toast(in).Body, want)
	same(t, render.Teams(in).Text, want)
	same(t, render.Slack(in).Text, "\n\n"+want+"\n\nMore information on this event can be found here: http://localhost:8080"+in.Call.URL+"\n\n\n")
	if text := render.Mail(in).Text; !strings.Contains(text, "\n"+want+"\n") {
		t.Errorf("the mail does not say it:\n%s", text)
	}
	leads(t, in)
}

// leads holds the link against where every channel leads.
func leads(t *testing.T, in render.Input) {
	t.Helper()
	want := "http://localhost:8080" + in.Call.URL
	same(t, render.Alert(in).URL, in.Call.URL)
	same(t, render.Teams(in).Link, want)
	same(t, render.Slack(in).Link, want)
	if got := render.Webhook(in, nil).Body.Get("url_ui"); got != want {
		t.Errorf("the body leads to %v", got)
	}
	if m := render.Mail(in); !strings.Contains(m.Text, ": "+want+"\n") || !strings.Contains(m.HTML, `href="`+want+`"`) {
		t.Errorf("the mail does not lead there:\n%s", m.Text)
	}
}

func body(want string) func(*testing.T, render.Input) {
	return func(t *testing.T, in render.Input) {
		t.Helper()
		got, err := render.Webhook(in, nil).Body.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		same(t, string(got), want)
	}
}

func same(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	for _, c := range conformance {
		t.Run(strconv.Itoa(c.number)+" "+c.says, func(t *testing.T) {
			t.Parallel()
			c.check(t, render.Input{Call: &c.call, Team: "Sec Team", Site: "http://localhost:8080", Version: "2.46.0"})
		})
	}
}
