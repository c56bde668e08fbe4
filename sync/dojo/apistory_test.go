package dojo_test

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"bellhop/sync/dojo"
	"bellhop/sync/dojoserver"
)

var versions = []string{"2.46.0", "3.2.0"}

// office starts a server with a superuser, sue, and a plain user, ana, and
// returns it with the clients of both: sue's with a token, ana's with a
// session.
func office(t *testing.T, version string) (s *dojoserver.Server, sue, ana *dojo.Client) {
	t.Helper()
	s, sue = serve(t, dojoserver.Options{Version: version, Users: []dojoserver.User{
		{Name: "sue", Superuser: true, Staff: true, Slack: "sue@slack.example"},
		{Name: "ana", First: "Ana"},
		{Name: "ben", Inactive: true},
	}})
	sue.UseToken(s.Token("sue"))
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	ana = connect(t, server.URL)
	ana.UseSession(dojo.Session{ID: s.SignIn("ana")})
	return s, sue, ana
}

func TestWhatThePeopleMaySee(t *testing.T) {
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			s, sue, ana := office(t, version)
			red := s.AddProductType(dojoserver.ProductType{Name: "Red"})
			blue := s.AddProductType(dojoserver.ProductType{Name: "Blue", Authorized: []string{"ana"}})
			shop := s.AddProduct(dojoserver.Product{Name: "Shop", Type: red, Authorized: []string{"ana"}})
			s.AddProduct(dojoserver.Product{Name: "Bank", Type: red})
			s.AddProduct(dojoserver.Product{Name: "Pay", Type: blue})
			if version == "2.46.0" {
				s.AddMember(dojoserver.Member{User: "ana", Product: shop, Role: "Reader"})
				devs := s.AddGroup(dojoserver.Group{Name: "Devs"})
				s.AddMember(dojoserver.Member{User: "ana", Group: devs})
				s.AddMember(dojoserver.Member{Group: devs, ProductType: blue, Role: "Writer"})
			}
			names := func(c *dojo.Client) string {
				products, err := collect(c.Products(t.Context()))
				if err != nil {
					t.Fatal(err)
				}
				var out []string
				for _, p := range products {
					out = append(out, p.Name)
				}
				return strings.Join(out, " ")
			}
			if got := names(ana); got != "Pay Shop" {
				t.Errorf("ana sees %q", got)
			}
			if got := names(sue); got != "Bank Pay Shop" {
				t.Errorf("sue sees %q", got)
			}
			people, err := collect(sue.Users(t.Context()))
			if err != nil || len(people) != 3 || people[0].Username != "sue" || !people[0].Superuser || people[1].FirstName != "Ana" || people[2].Active {
				t.Errorf("the people are %+v, %v", people, err)
			}
			contacts, err := collect(sue.ContactInfos(t.Context()))
			if err != nil || len(contacts) != 3 || contacts[0].SlackUsername != "sue@slack.example" || contacts[1].User != people[1].ID {
				t.Errorf("the contact data are %+v, %v", contacts, err)
			}
			checkRoles(t, version, sue, ana)
		})
	}
}

// checkRoles looks at the lists that 2.x alone has.
func checkRoles(t *testing.T, version string, sue, ana *dojo.Client) {
	t.Helper()
	roles, err := collect(sue.Roles(t.Context()))
	members, err2 := collect(sue.ProductMembers(t.Context()))
	if version == "3.2.0" {
		if !errors.Is(err, dojo.ErrNotOffered) || !errors.Is(err2, dojo.ErrNotOffered) {
			t.Errorf("3.2 has no roles: %v, %v", err, err2)
		}
		return
	}
	if len(roles) != 5 || roles[3].Name != "Owner" || !roles[3].Owner || err != nil {
		t.Errorf("the roles are %+v, %v", roles, err)
	}
	if len(members) != 1 || members[0].Role != 5 || err2 != nil {
		t.Errorf("the members are %+v, %v", members, err2)
	}
	groups, err := collect(sue.ProductTypeGroups(t.Context()))
	if len(groups) != 1 || groups[0].Role != 2 || groups[0].ProductType != 2 || err != nil {
		t.Errorf("the groups of product types are %+v, %v", groups, err)
	}
	inside, err := collect(ana.GroupMembers(t.Context()))
	if len(inside) != 1 || inside[0].User != 2 || err != nil {
		t.Errorf("the members of groups are %+v, %v", inside, err)
	}
}

// A plain user is told apart from one whom the server does not know.
func TestListsForSuperusers(t *testing.T) {
	for _, version := range versions {
		s, _, ana := office(t, version)
		for _, name := range []string{"users", "user_contact_infos", "notifications", "notification_webhooks", "system_settings"} {
			if _, err := lists(t, ana)[name](); !errors.Is(err, dojo.ErrForbidden) {
				t.Errorf("%s: ana asks for %s: %v", version, name, err)
			}
		}
		s.ExpireSessions("ana")
		if _, err := lists(t, ana)["users"](); !errors.Is(err, dojo.ErrSessionExpired) {
			t.Errorf("%s: without a session: %v", version, err)
		}
		ana.UseSession(dojo.Session{ID: s.SignIn("ana")})
		s.ForcePasswordChange("ana", true)
		if _, err := lists(t, ana)["products"](); !errors.Is(err, dojo.ErrPasswordChange) {
			t.Errorf("%s: with a password to be changed: %v", version, err)
		}
		ana.UseSession(dojo.Session{})
		ana.UseToken("0000000000000000000000000000000000000000")
		if _, err := lists(t, ana)["products"](); !errors.Is(err, dojo.ErrTokenRefused) {
			t.Errorf("%s: with a wrong token: %v", version, err)
		}
	}
}

func TestASuperuserChangesNotificationSettings(t *testing.T) {
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			s, sue, _ := office(t, version)
			sue.UseSession(dojo.Session{ID: s.SignIn("sue")}) // writing with a session needs CSRF too
			ctx := t.Context()
			own := s.OwnRow("ana")
			got, err := sue.PatchNotificationRow(ctx, own.ID, map[string][]string{"scan_added": {"mail", "alert", "mail"}, "other": nil, "scan_added_empty": {"slack"}})
			if err != nil || !slices.Equal(got.Channels["scan_added"], []string{"alert", "mail"}) || len(got.Channels["other"]) != 0 {
				t.Errorf("the row is %+v, %v", got, err)
			}
			rows, err := collect(sue.NotificationRows(ctx, dojo.RowFilter{User: 2}))
			if err != nil || len(rows) != 1 || !maps.EqualFunc(rows[0].Channels, got.Channels, slices.Equal) {
				t.Errorf("read again it is %+v, %v", rows, err)
			}
			if !slices.Equal(rows[0].Channels["scan_added_empty"], []string{"slack"}) {
				t.Errorf("scan_added_empty is %q", rows[0].Channels["scan_added_empty"])
			}
			for name, bad := range map[string]map[string][]string{
				"two channels for scan_added_empty": {"scan_added_empty": {"alert", "mail"}},
				"a channel that is none":            {"other": {"pigeon"}},
				"a column that is none":             {"id": {"alert"}},
			} {
				if _, err := sue.PatchNotificationRow(ctx, own.ID, bad); !errors.Is(err, dojo.ErrRefused) {
					t.Errorf("%s: %v", name, err)
				}
			}
			if _, err := sue.PatchNotificationRow(ctx, own.ID, map[string][]string{"moon_landed": {"alert"}}); !errors.Is(err, dojo.ErrNotTaken) {
				t.Errorf("an unknown event: %v", err)
			}
			if _, err := sue.PatchNotificationRow(ctx, 999, map[string][]string{"other": nil}); !errors.Is(err, dojo.ErrNotFound) {
				t.Errorf("an unknown row: %v", err)
			}
			row := dojo.NotificationRow{User: 2, Product: 7, Channels: map[string][]string{"test_added": {"webhooks"}}}
			made, err := sue.AddNotificationRow(ctx, row)
			if err != nil || made.Product != 7 || !slices.Equal(made.Channels["test_added"], []string{"webhooks"}) || !slices.Equal(made.Channels["other"], []string{"alert"}) {
				t.Errorf("the new row is %+v, %v", made, err)
			}
			if _, err := sue.AddNotificationRow(ctx, row); !errors.Is(err, dojo.ErrRefused) || !strings.Contains(err.Error(), "already exists") {
				t.Errorf("a second one: %v", err)
			}
		})
	}
}

// A refused CSRF token is renewed once, as with alerts.
func TestAWriteRenewsTheCSRFToken(t *testing.T) {
	s, sue, _ := office(t, "3.2.0")
	sue.UseSession(dojo.Session{ID: s.SignIn("sue"), CSRF: strings.Repeat("a", 32)})
	s.AddAlert("sue", dojoserver.Alert{Title: "x"}) // a page with a form
	refused := 0
	s.Break(dojoserver.Only(http.MethodPatch, "/", func(w http.ResponseWriter, r *http.Request) bool {
		if refused++; refused > 1 {
			return false
		}
		return dojoserver.Answer(403, jsonType, `{"detail": "CSRF Failed: CSRF token incorrect."}`)(w, r)
	}))
	if _, err := sue.PatchNotificationRow(t.Context(), s.OwnRow("ana").ID, map[string][]string{"other": {"mail"}}); err != nil || refused != 2 {
		t.Errorf("after %d attempts: %v", refused, err)
	}
}

func TestWebhooksAreMadeAndRemoved(t *testing.T) {
	for _, version := range versions {
		_, sue, ana := office(t, version)
		ctx := t.Context()
		made, err := sue.AddNotificationWebhook(ctx, dojo.NewWebhook{Name: "bell", URL: "http://127.0.0.1:9/hook", HeaderName: "X-Bell", HeaderValue: "secret", Owner: 2})
		if err != nil || made.HeaderName != "X-Bell" || made.Owner != 2 || made.Status != "active" {
			t.Errorf("%s: made %+v, %v", version, made, err)
		}
		bare, err := sue.AddNotificationWebhook(ctx, dojo.NewWebhook{Name: "bare", URL: "http://127.0.0.1:9/hook"})
		if err != nil || bare.HeaderName != "" || bare.BadHeader {
			t.Errorf("%s: without a header %+v, %v", version, bare, err)
		}
		for name, bad := range map[string]dojo.NewWebhook{
			"no name": {URL: "http://x/"}, "half a header": {Name: "x", URL: "http://x/", HeaderName: "X"},
			"a second": {Name: "bell", URL: "http://x/"}, "no address": {Name: "x", URL: "not a url"},
		} {
			if _, err := sue.AddNotificationWebhook(ctx, bad); !errors.Is(err, dojo.ErrRefused) {
				t.Errorf("%s: %s: %v", version, name, err)
			}
		}
		if _, err := ana.AddNotificationWebhook(ctx, dojo.NewWebhook{Name: "y", URL: "http://x/"}); !errors.Is(err, dojo.ErrForbidden) {
			t.Errorf("%s: by ana: %v", version, err)
		}
		for range 2 { // gone is gone
			if err := sue.RemoveNotificationWebhook(ctx, made.ID); err != nil {
				t.Errorf("%s: removed: %v", version, err)
			}
		}
		if left, err := collect(sue.NotificationWebhooks(ctx)); err != nil || len(left) != 1 || left[0].ID != bare.ID {
			t.Errorf("%s: left are %+v, %v", version, left, err)
		}
	}
}

func TestMyOwnSettingsAreOnAPage(t *testing.T) {
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			s, sue, ana := office(t, version)
			s.SetSystem("enable_mail_notifications", true)
			s.SetSystem("enable_msteams_notifications", true)
			if _, err := sue.PatchNotificationRow(t.Context(), s.OwnRow("ana").ID, map[string][]string{"scan_added": {"mail", "slack"}}); err != nil {
				t.Fatal(err)
			}
			got, err := ana.OwnSettings(t.Context())
			if err != nil || len(got) != 18 {
				t.Fatalf("%d columns, %v", len(got), err)
			}
			want := map[string]bool{"mail": true, "alert": false} // slack is off here, msteams is never personal
			if !maps.Equal(got["scan_added"], want) || !got["other"]["alert"] || got["other"]["mail"] || got["scan_added_empty"]["alert"] {
				t.Errorf("the settings are %v", got)
			}
			if _, err := sue.OwnSettings(t.Context()); !errors.Is(err, dojo.ErrTokenHasNoAlerts) {
				t.Errorf("with a token: %v", err)
			}
			s.ExpireSessions("")
			if _, err := ana.OwnSettings(t.Context()); !errors.Is(err, dojo.ErrSessionExpired) {
				t.Errorf("without a session: %v", err)
			}
			ana.UseSession(dojo.Session{ID: s.SignIn("ana")})
			s.Break(dojoserver.Answer(200, "text/html", "<html><form><input type=checkbox name=x value=y></form></html>"))
			if _, err := ana.OwnSettings(t.Context()); !errors.Is(err, dojo.ErrMalformed) {
				t.Errorf("another page: %v", err)
			}
		})
	}
}

func TestFindingsAreFiltered(t *testing.T) {
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			s, c := serve(t, dojoserver.Options{Version: version, Now: func() time.Time { return now }, Users: []dojoserver.User{{Name: "sue", Superuser: true}}})
			c.UseToken(s.Token("sue"))
			product := s.AddProduct(dojoserver.Product{Name: "Shop", Type: s.AddProductType(dojoserver.ProductType{Name: "Web"})})
			engagement := s.AddEngagement(dojoserver.Engagement{Name: "CI", Product: product, TargetEnd: now.AddDate(0, 0, 3)})
			test := s.AddTest(dojoserver.Test{Title: "nightly", Engagement: engagement})
			for i, f := range []dojoserver.Finding{
				{Severity: "Critical", Active: true, Date: now.AddDate(0, 0, -10), Created: now.AddDate(0, 0, -10)},
				{Severity: "High", Active: true, Date: now.AddDate(0, 0, -3), Created: now.AddDate(0, 0, -3)},
				{Severity: "Low", Active: true, Duplicate: true, Date: now, StatusUpdate: now.Add(time.Hour)},
				{Severity: "Info", Date: now, Mitigated: now.Add(-time.Hour)},
			} {
				f.Title, f.Test = fmt.Sprintf("f%d", i+1), test
				s.AddFinding(f)
			}
			for name, ask := range map[string]struct {
				want   dojo.FindingFilter
				titles string
			}{
				"all":          {dojo.FindingFilter{}, "f1 f2 f3 f4"},
				"active":       {dojo.FindingFilter{Active: dojo.Yes, Duplicate: dojo.No}, "f1 f2"},
				"breached":     {dojo.FindingFilter{OutsideSLA: true}, "f1"},
				"severe":       {dojo.FindingFilter{Severity: []string{"High", "Info"}}, "f2 f4"},
				"by number":    {dojo.FindingFilter{IDs: []int64{3, 1, 99}}, "f1 f3"},
				"of a product": {dojo.FindingFilter{Product: product, Engagement: engagement}, "f1 f2 f3 f4"},
				"of another":   {dojo.FindingFilter{Product: 99}, ""},
				"of the week":  {dojo.FindingFilter{Created: dojo.Past7Days}, "f2 f3 f4"},
				"found since":  {dojo.FindingFilter{FoundAfter: now.AddDate(0, 0, -3)}, "f3 f4"},
				"found before": {dojo.FindingFilter{FoundBefore: now.AddDate(0, 0, -3)}, "f1"},
				"mitigated":    {dojo.FindingFilter{MitigatedAfter: now.Add(-2 * time.Hour), MitigatedBefore: now}, "f4"},
				"newest first": {dojo.FindingFilter{Order: "-last_status_update"}, "f3 f4 f2 f1"},
			} {
				findings, err := collect(c.Findings(t.Context(), ask.want))
				var titles []string
				for _, f := range findings {
					titles = append(titles, f.Title)
				}
				if got := strings.Join(titles, " "); err != nil || got != ask.titles {
					t.Errorf("%s: %q, %v", name, got, err)
				}
			}
			_, err := collect(c.Findings(t.Context(), dojo.FindingFilter{Order: "sla_expiration_date"}))
			if old := version == "2.46.0"; errors.Is(err, dojo.ErrRefused) != old {
				t.Errorf("ordered by due day: %v", err)
			}
			checkObjects(t, s, c, engagement, test)
		})
	}
}

// checkObjects looks at the smaller lists of objects.
func checkObjects(t *testing.T, s *dojoserver.Server, c *dojo.Client, engagement, test int64) {
	t.Helper()
	ctx := t.Context()
	end := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	risk := s.AddRiskAcceptance(dojoserver.RiskAcceptance{Name: "for now", Engagement: engagement, Findings: []int64{2}, Expires: end})
	s.AddTestImport(dojoserver.TestImport{Test: test, New: []int64{1, 2}, Closed: []int64{4}})
	engagements, err := collect(c.Engagements(ctx, dojo.EngagementFilter{Active: dojo.Yes, Order: "target_end"}))
	if err != nil || len(engagements) != 1 || !slices.Equal(engagements[0].RiskAcceptances, []int64{risk}) {
		t.Errorf("the engagements are %+v, %v", engagements, err)
	}
	risks, err := collect(c.RiskAcceptances(ctx))
	if err != nil || len(risks) != 1 || !risks[0].Expires.Equal(end) || !slices.Equal(risks[0].Findings, []int64{2}) || !risks[0].Warned.IsZero() {
		t.Errorf("the risk acceptances are %+v, %v", risks, err)
	}
	tests, err := collect(c.Tests(ctx, dojo.TestFilter{Engagement: engagement}))
	if err != nil || len(tests) != 1 || tests[0].Title != "nightly" || tests[0].TypeName != "API Test" {
		t.Errorf("the tests are %+v, %v", tests, err)
	}
	imports, err := collect(c.TestImports(ctx, dojo.ImportFilter{Test: test}))
	if err != nil || len(imports) != 1 || !slices.Equal(imports[0].Created, []int64{1, 2}) || !slices.Equal(imports[0].Closed, []int64{4}) {
		t.Errorf("the imports are %+v, %v", imports, err)
	}
	levels, err := collect(c.SLAConfigurations(ctx))
	if err != nil || len(levels) != 2 || levels[0].High != 30 || !levels[0].EnforceHigh || levels[1].EnforceHigh {
		t.Errorf("the service levels are %+v, %v", levels, err)
	}
}
