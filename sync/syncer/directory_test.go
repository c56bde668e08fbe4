package syncer_test

import (
	"cmp"
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/sync/dojo"
	"bellhop/sync/dojoserver"
	"bellhop/sync/syncer"
)

// town is a server with a few people, and a client of one of them.
func town(t *testing.T, version, who string) (*dojoserver.Server, *dojo.Client) {
	t.Helper()
	server := dojoserver.New(dojoserver.Options{Version: version, Users: []dojoserver.User{
		{ID: 1, Name: "root", Superuser: true, Password: password},
		{ID: 2, Name: "ana", First: "Ana", Last: "Alder", Slack: "ana@slack.example.com", Password: password},
		{ID: 3, Name: "ben", Password: password},
		{ID: 4, Name: "chi", Inactive: true, NoContact: true},
		{ID: 5, Name: "dan", Staff: true},
	}})
	server.AddProductType(dojoserver.ProductType{ID: 10, Name: "Retail", Authorized: []string{"ben"}})
	server.AddProduct(dojoserver.Product{ID: 20, Name: "Shop", Type: 10, Authorized: []string{"ana", "chi"}})
	server.AddProduct(dojoserver.Product{ID: 21, Name: "Till", Type: 10})
	listening := httptest.NewServer(server)
	t.Cleanup(listening.Close)
	client, err := dojo.New(dojo.Config{BaseURL: listening.URL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	client.UseToken(server.Token(who))
	return server, client
}

// grants writes grants as lines in order.
func grants(d app.Directory) []string {
	var out []string
	for _, g := range d.Grants {
		out = append(out, fmt.Sprintf("%d %s %d %s %s", g.User, g.Scope, g.Object, cmp.Or(g.Role, "-"), cmp.Or(g.Group, "-")))
	}
	slices.Sort(out)
	return out
}

func TestASuperuserLearnsEverybodyOf3(t *testing.T) {
	_, client := town(t, "3.2.0", "root")
	now := time.Now()
	d, err := syncer.FetchDirectory(t.Context(), client, now)
	if err != nil {
		t.Fatal(err)
	}
	if d.Model != app.AccessAuthorized || !d.Complete || !d.At.Equal(now) || len(d.People) != 5 || len(d.Products) != 2 {
		t.Errorf("%+v", d)
	}
	slices.SortFunc(d.People, func(a, b app.Person) int { return cmp.Compare(a.RemoteID, b.RemoteID) })
	if ana := (app.Person{RemoteID: 2, Username: "ana", FirstName: "Ana", LastName: "Alder", Email: "ana@example.com", Slack: "ana@slack.example.com", Active: true}); d.People[1] != ana {
		t.Errorf("%+v", d.People[1])
	}
	if !d.People[0].Me || !d.People[0].Superuser || d.People[1].Me || d.People[3].Active || !d.People[4].Staff {
		t.Errorf("%+v", d.People)
	}
	if got := grants(d); !slices.Equal(got, []string{"2 product 20 - -", "3 product_type 10 - -", "4 product 20 - -"}) {
		t.Errorf("%q", got)
	}
	if d.Products[0] != (app.Product{ID: 20, Name: "Shop", TypeID: 10}) || d.ProductTypes[0] != (app.ProductType{ID: 10, Name: "Retail"}) {
		t.Errorf("%+v %+v", d.Products, d.ProductTypes)
	}
}

func TestASuperuserLearnsEverybodyOf2(t *testing.T) {
	server, client := town(t, "2.46.0", "root")
	devs := server.AddGroup(dojoserver.Group{Name: "Devs"})
	server.AddMember(dojoserver.Member{User: "ana", Group: devs, Role: "Owner"})
	server.AddMember(dojoserver.Member{User: "ben", Group: devs})
	server.AddMember(dojoserver.Member{Group: devs, Product: 20, Role: "Maintainer"})
	server.AddMember(dojoserver.Member{Group: devs, ProductType: 10, Role: "Reader"})
	server.AddMember(dojoserver.Member{User: "ana", Product: 20, Role: "Writer"})
	server.AddMember(dojoserver.Member{User: "ben", ProductType: 10, Role: "Owner"})
	server.AddMember(dojoserver.Member{User: "chi", Role: "Reader"})
	d, err := syncer.FetchDirectory(t.Context(), client, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"2 product 20 Maintainer Devs", "2 product 20 Writer -", "2 product_type 10 Reader Devs",
		"3 product 20 Maintainer Devs", "3 product_type 10 Owner -", "3 product_type 10 Reader Devs",
		"4 global 0 Reader -",
	}
	if got := grants(d); d.Model != app.AccessRoles || !d.Complete || !slices.Equal(got, want) {
		t.Errorf("%s %t\n%q\n%q", d.Model, d.Complete, got, want)
	}
}

func TestAPlainUserLearnsOfHerselfAlone(t *testing.T) {
	for _, version := range []string{"2.46.0", "3.2.0"} {
		server, client := town(t, version, "ana")
		server.AddMember(dojoserver.Member{User: "ana", Product: 20, Role: "Writer"})
		d, err := syncer.FetchDirectory(t.Context(), client, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if d.Complete || len(d.People) != 1 || !d.People[0].Me || d.People[0].Username != "ana" || d.People[0].RemoteID != 2 {
			t.Errorf("%s: %+v", version, d)
		}
		if got := grants(d); !slices.Equal(got, []string{"2 product 20 - -"}) {
			t.Errorf("%s: %q", version, got)
		}
	}
}

func TestADirectoryThatCannotBeReadIsNone(t *testing.T) {
	_, client := town(t, "3.2.0", "root")
	client.UseToken("0123456789abcdef0123456789abcdef01234567")
	if d, err := syncer.FetchDirectory(t.Context(), client, time.Now()); !errors.Is(err, dojo.ErrTokenRefused) || len(d.People) != 0 {
		t.Errorf("%+v, %v", d, err)
	}
}

// townspeople are the people of town as a store knows them.
var townspeople = []app.Person{
	{ID: 101, RemoteID: 1, Username: "root"},
	{ID: 102, RemoteID: 2, Username: "ana"},
	{ID: 103, RemoteID: 3, Username: "ben"},
	{ID: 104, RemoteID: 4, Username: "chi"},
	{ID: 105, RemoteID: 5, Username: "dan"},
}

func find(t *testing.T, list []app.Preference, scope app.Scope, person app.PersonID) app.Preference {
	t.Helper()
	i := slices.IndexFunc(list, func(p app.Preference) bool { return p.Scope == scope && p.Person == person })
	if i < 0 {
		t.Fatalf("no %s row of %d among %+v", scope, person, list)
	}
	return list[i]
}

func TestTheServersOwnSettingsAreRead(t *testing.T) {
	for _, version := range []string{"2.46.0", "3.2.0"} {
		server, client := town(t, version, "root")
		server.AddNotificationRow(dojoserver.NotificationRow{Channels: map[string][]string{"scan_added": {"slack", "mail"}}})
		server.AddNotificationRow(dojoserver.NotificationRow{Template: true})
		server.AddNotificationRow(dojoserver.NotificationRow{User: "ana", Product: 20, Channels: map[string][]string{"sla_breach": {}}})
		list, err := syncer.FetchPreferences(t.Context(), client, 7, townspeople)
		if err != nil {
			t.Fatal(err)
		}
		system := find(t, list, app.ScopeSystem, 0)
		if got := system.Row[app.ColumnScanAdded]; got != app.ChannelsOf(app.ChannelMail, app.ChannelSlack) || system.Owner != app.OwnerServer || system.Account != 7 {
			t.Errorf("%s: %s", version, got)
		}
		find(t, list, app.ScopeTemplate, 0)
		product := find(t, list, app.ScopeProduct, 102)
		if product.Product != 20 || product.Row[app.ColumnSLABreach] != 0 || product.Row[app.ColumnOther] != app.ChannelsOf(app.ChannelAlert) {
			t.Errorf("%s: %+v", version, product)
		}
		if p := find(t, list, app.ScopePersonal, 103); p.Row[app.ColumnScanAddedEmpty] != 0 || p.Row[app.ColumnScanAdded] != app.ChannelsOf(app.ChannelAlert) {
			t.Errorf("%s: %+v", version, p)
		}
	}
}

func TestAPlainUsersSettingsAreReadFromThePage(t *testing.T) {
	server, client := town(t, "3.2.0", "ana")
	server.SetSystem("enable_mail_notifications", true)
	row := server.OwnRow("ana")
	row.Channels["scan_added"] = []string{"mail"}
	row.Channels["scan_added_empty"] = []string{"alert", "mail"}
	server.AddNotificationRow(row)
	if _, err := syncer.FetchPreferences(t.Context(), client, 7, townspeople); !errors.Is(err, dojo.ErrTokenHasNoAlerts) {
		t.Errorf("with a token: %v", err)
	}
	client.UseSession(dojo.Session{Name: "sessionid", ID: server.SignIn("ana")})
	list, err := syncer.FetchPreferences(t.Context(), client, 7, townspeople)
	if err != nil || len(list) != 1 {
		t.Fatalf("%+v, %v", list, err)
	}
	p := find(t, list, app.ScopePersonal, 102)
	if p.Row[app.ColumnScanAdded] != app.ChannelsOf(app.ChannelMail) || p.Row[app.ColumnScanAddedEmpty] != app.ChannelsOf(app.ChannelAlert, app.ChannelMail) ||
		p.Row[app.ColumnOther] != app.ChannelsOf(app.ChannelAlert) || p.Owner != app.OwnerServer {
		t.Errorf("%+v", p)
	}
}

func TestSettingsAreWrittenAfterTheyWereShown(t *testing.T) {
	for _, version := range []string{"2.46.0", "3.2.0"} {
		server, client := town(t, version, "root")
		list, err := syncer.FetchPreferences(t.Context(), client, 7, townspeople)
		if err != nil {
			t.Fatal(err)
		}
		same := find(t, list, app.ScopePersonal, 103)
		want := find(t, list, app.ScopePersonal, 102)
		want.Row[app.ColumnScanAdded] = app.ChannelsOf(app.ChannelAlert, app.ChannelToast, app.ChannelMail)
		want.Row[app.ColumnScanAddedEmpty] = app.ChannelsOf(app.ChannelAlert, app.ChannelMail)
		made := app.Preference{Scope: app.ScopeProduct, Person: 103, Product: 21}
		made.Row[app.ColumnSLABreach] = app.ChannelsOf(app.ChannelSlack)
		before := server.OwnRow("ana")
		changes, err := syncer.PlanPreferences(t.Context(), client, townspeople, []app.Preference{same, want, made})
		if err != nil || len(changes) != 2 {
			t.Fatalf("%s: %+v, %v", version, changes, err)
		}
		c := changes[0]
		if !slices.Equal(c.Columns, []string{"scan_added"}) || !slices.Equal(c.Refused, []string{"scan_added_empty"}) ||
			c.Before[app.ColumnScanAdded] != app.ChannelsOf(app.ChannelAlert) || c.After[app.ColumnScanAdded] != app.ChannelsOf(app.ChannelAlert, app.ChannelMail) {
			t.Errorf("%s: %+v", version, c)
		}
		if changes[1].RowID != 0 || !slices.Equal(changes[1].Columns, []string{"sla_breach"}) {
			t.Errorf("%s: %+v", version, changes[1])
		}
		if !slices.Equal(server.OwnRow("ana").Channels["scan_added"], before.Channels["scan_added"]) {
			t.Errorf("%s: planning has written", version)
		}
		for _, c := range changes {
			if got, err := syncer.WritePreference(t.Context(), client, c); err != nil || got != c.After {
				t.Errorf("%s: %+v, %v", version, got, err)
			}
		}
		if got := server.OwnRow("ana").Channels["scan_added"]; !slices.Contains(got, "mail") || slices.Contains(got, "toast") {
			t.Errorf("%s: %q", version, got)
		}
		if again, err := syncer.PlanPreferences(t.Context(), client, townspeople, []app.Preference{made}); err != nil || len(again) != 0 {
			t.Errorf("%s: %+v, %v", version, again, err)
		}
		// Somebody changed the row after it was shown.
		if _, err := syncer.WritePreference(t.Context(), client, c); codeOf(t, err) != syncer.CodeChangedMeanwhile {
			t.Errorf("%s: %v", version, err)
		}
	}
}

// What DefectDojo's form for a product does not have stays on the server as its API
// wrote it, unless our row says something of it, too.
func TestWritingAProductsRowLeavesTheRestOfIt(t *testing.T) {
	server, client := town(t, "3.2.0", "root")
	server.AddNotificationRow(dojoserver.NotificationRow{User: "ana", Product: 20, Channels: map[string][]string{"other": {"mail"}, "sla_breach": {"mail"}}})
	want := app.Preference{Scope: app.ScopeProduct, Person: 102, Product: 20}
	want.Row[app.ColumnSLABreach] = app.ChannelsOf(app.ChannelSlack)
	plan := func() []string {
		changes, err := syncer.PlanPreferences(t.Context(), client, townspeople, []app.Preference{want})
		if err != nil || len(changes) != 1 {
			t.Fatalf("%+v, %v", changes, err)
		}
		slices.Sort(changes[0].Columns)
		return changes[0].Columns
	}
	got := plan()
	if slices.Contains(got, "other") || !slices.Contains(got, "sla_breach") {
		t.Errorf("it would write %q", got)
	}
	want.Row[app.ColumnOther] = app.ChannelsOf(app.ChannelAlert)
	if got := plan(); !slices.Contains(got, "other") {
		t.Errorf("it would write %q", got)
	}
}

func TestOnlySuperusersWriteSettings(t *testing.T) {
	_, client := town(t, "3.2.0", "ana")
	if _, err := syncer.PlanPreferences(t.Context(), client, townspeople, []app.Preference{{Scope: app.ScopePersonal, Person: 102}}); !errors.Is(err, dojo.ErrForbidden) {
		t.Errorf("got %v", err)
	}
	_, client = town(t, "3.2.0", "root")
	if _, err := syncer.PlanPreferences(t.Context(), client, townspeople, []app.Preference{{Scope: app.ScopePersonal, Person: 999}}); !errors.Is(err, app.ErrInvalid) {
		t.Errorf("got %v", err)
	}
}
