package dispatch_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"bellhop/app"
	"bellhop/app/dispatch"
)

// DefectDojo's own tests know these people: an administrator, three people who
// see the product type, and one who sees the product alone.
func fixture() app.Facts {
	f := app.Facts{
		Mode: app.ModeEveryone, Model: app.AccessRoles, Gates: app.AllChannels, SuperuserSystem: true,
		Trump:        []app.Kind{app.KindUserMentioned, app.KindReviewRequested},
		Products:     []app.Product{{ID: 2, Name: "Security How-to", TypeID: 1}, {ID: 3, Name: "Other", TypeID: 2}},
		ProductTypes: []app.ProductType{{ID: 1, Name: "books"}, {ID: 2, Name: "ebooks"}},
		People:       []app.Person{{ID: 1, Username: "admin", Active: true, Superuser: true}},
		System:       &app.Preference{Scope: app.ScopeSystem, Row: alerts()},
	}
	for i := range 4 {
		id := app.PersonID(i + 2)
		f.People = append(f.People, app.Person{ID: id, Username: "user" + strconv.Itoa(i+1), Active: true})
		g := app.Grant{Person: id, Scope: app.GrantProductType, Object: 1, Role: "Reader"}
		if i == 3 {
			g = app.Grant{Person: id, Scope: app.GrantProduct, Object: 2, Role: "Owner"}
		}
		f.Grants = append(f.Grants, g)
	}
	for _, p := range f.People {
		f.Preferences = append(f.Preferences, app.Preference{Scope: app.ScopePersonal, Person: p.ID, Row: alerts()})
	}
	return f
}

// alerts is DefectDojo's default row.
func alerts() app.Row {
	var row app.Row
	for c := range row {
		if app.Column(c) != app.ColumnScanAddedEmpty {
			row[c] = app.ChannelsOf(app.ChannelAlert)
		}
	}
	return row
}

// with is the default row with one column set to some channels, or to none.
func with(c app.Column, set ...app.Channel) app.Row {
	row := alerts()
	row[c] = app.ChannelsOf(set...)
	return row
}

// told decides a call and lists what goes out as "channel>receiver".
func told(f app.Facts, c app.Call) string {
	w := dispatch.New(f)
	e := app.Event{Origin: app.OriginLocal, Kind: c.Kind, Call: c}
	var list []string
	for _, d := range w.Decide(&e) {
		to := "shared"
		for _, p := range f.People {
			if p.ID == d.Person {
				to = p.Username
			}
		}
		list = append(list, d.Channel.String()+">"+to)
	}
	return strings.Join(list, " ")
}

// receivers counts whom a call tells anything: DefectDojo's tests count the
// calls by which it does.
func receivers(f app.Facts, c app.Call) int {
	w := dispatch.New(f)
	e := app.Event{Origin: app.OriginLocal, Kind: c.Kind, Call: c}
	var ids []app.PersonID
	for _, d := range w.Decide(&e) {
		ids = append(ids, d.Person)
	}
	return len(slices.Compact(ids))
}

// trumped is a mention of user1 with her row and the system's.
func trumped(kind app.Kind, user, system app.Row) func() any {
	return func() any {
		f := fixture()
		f.Preferences[1].Row, f.System.Row = user, system
		return told(f, app.Call{Kind: kind, Title: "t", Recipients: []string{"user1"}})
	}
}

// The lines of DefectDojo's own tests (unittests and selenium tests of 3.2.0,
// numbered in their order) that are about decisions and the merge of settings.
// Those about texts and bodies are package render's, those about states of
// endpoints, templates and the emission of events belong to who does them.
func TestConformsToDefectDojosTests(t *testing.T) {
	t.Parallel()
	product, typ := &app.Ref{ID: 2, Name: "Security How-to"}, &app.Ref{ID: 1, Name: "books"}
	engagement, test := &app.Ref{ID: 4, Name: "CI"}, &app.Ref{ID: 5, Name: "nightly"}
	hooks := func(places ...app.Destination) app.Facts {
		f := fixture()
		f.System.Row = with(app.ColumnProductAdded, app.ChannelWebhooks)
		f.Preferences[1].Row = with(app.ColumnProductAdded, app.ChannelWebhooks)
		for _, i := range []int{0, 2, 3, 4} {
			f.Preferences[i].Row = with(app.ColumnProductAdded)
		}
		f.Destinations = places
		return f
	}
	added := app.Call{Kind: app.KindProductAdded, Title: "t", Product: product}
	count := func(c app.Call) func() any { return func() any { return receivers(fixture(), c) } }
	mentioned, other := app.ColumnUserMentioned, app.ColumnOther
	const foo = app.Kind("dummy_foo_event")
	fooTrump := func(user, system app.Row) func() any {
		return func() any {
			f := fixture()
			f.Trump = append(f.Trump, foo)
			f.Preferences[1].Row, f.System.Row = user, system
			return told(f, app.Call{Kind: foo, Title: "t", Recipients: []string{"user1"}})
		}
	}
	for _, line := range []struct {
		number int
		what   string
		got    func() any
		want   any
		// differs is why Bellhop does something else, where it does.
		differs string
	}{
		{1, "two rows are united by column", func() any {
			return with(app.ColumnProductAdded, app.ChannelAlert).Union(with(app.ColumnProductAdded, app.ChannelMail))[app.ColumnProductAdded].String()
		}, "alert,mail", ""},
		{2, "a column that is empty or null has no channels", func() any {
			var null app.Channels
			if err := null.UnmarshalJSON([]byte("null")); err != nil {
				return err
			}
			return (app.Row{}.Union(with(app.ColumnTestAdded, app.ChannelMail, app.ChannelAlert)))[app.ColumnTestAdded].String() + " " + (app.Row{null}.Union(app.Row{null}))[0].String()
		}, "alert,mail off", ""},
		{3, "a default row adds its alert", func() any {
			return with(other, app.ChannelSlack, app.ChannelMail).Union(app.DefaultRow())[other].String()
		}, "alert,toast,mail,slack", "Bellhop's default row has its toast beside every alert"},
		{4, "override: user off, system off", trumped(app.KindUserMentioned, with(mentioned), with(mentioned)), "", ""},
		{5, "override: user off, system on", trumped(app.KindUserMentioned, with(mentioned), alerts()), "alert>user1", ""},
		{6, "override: user on, system off", trumped(app.KindUserMentioned, alerts(), with(mentioned)), "alert>user1", ""},
		{7, "override: user on, system on", trumped(app.KindUserMentioned, alerts(), alerts()), "alert>user1", ""},
		{8, "an unknown event with other off, even without a title", func() any {
			f := fixture()
			f.System.Row = with(other)
			for i := range f.Preferences {
				f.Preferences[i].Row = with(other)
			}
			return told(f, app.Call{Kind: foo, Product: product})
		}, "", ""},
		{9, "an unknown event with other on", func() any {
			f := fixture()
			f.System.Row = with(other)
			for i := range f.Preferences[1:] {
				f.Preferences[i+1].Row = with(other)
			}
			return told(f, app.Call{Kind: foo, Title: "t"})
		}, "alert>admin", ""},
		{10, "the source of an unknown event", func() any { return foo.Source() }, "Dummy Foo Event", ""},
		{11, "override of an unknown event: off, off", fooTrump(with(other), with(other)), "", ""},
		{12, "override of an unknown event: user off, system on", fooTrump(with(other), alerts()), "alert>user1", ""},
		{13, "override of an unknown event: user on, system off", fooTrump(alerts(), with(other)), "alert>user1", ""},
		{14, "override of an unknown event: on, on", fooTrump(alerts(), alerts()), "alert>user1", ""},
		{15, "product_type_added", count(app.Call{Kind: app.KindProductTypeAdded, ProductType: typ}), 5, ""},
		{16, "product_type_deleted", count(app.Call{Kind: app.KindProductTypeDeleted, NoUsers: true}), 1, ""},
		{17, "product_added", count(added), 6, ""},
		{18, "product_deleted", count(app.Call{Kind: app.KindProductDeleted}), 2, ""},
		{19, "engagement_added", count(app.Call{Kind: app.KindEngagementAdded, Product: product, Engagement: engagement}), 6, ""},
		{20, "engagement_closed", count(app.Call{Kind: app.KindEngagementClosed, Product: product, Engagement: engagement}), 6, ""},
		{21, "engagement_reopened", count(app.Call{Kind: app.KindEngagementReopened, Product: product, Engagement: engagement}), 6, ""},
		{24, "engagement_deleted, its lead", count(app.Call{
			Kind: app.KindEngagementDeleted, Product: product, Recipients: []string{"user1"},
		}), 1, "the lead is told: DefectDojo makes the call and then finds nobody by a user object"},
		{26, "url_deleted", count(app.Call{Kind: app.KindURLDeleted}), 2, ""},
		{28, "endpoint_deleted", count(app.Call{Kind: app.KindEndpointDeleted}), 2, ""},
		{30, "test_deleted, the lead", count(app.Call{Kind: app.KindTestDeleted, Product: product, Recipients: []string{"user4"}}), 1, "as 24"},
		{32, "finding_group_deleted", count(app.Call{Kind: app.KindFindingGroupDeleted, Product: product, Test: test}), 6, ""},
		{44, "an object that is not known", func() any {
			return told(fixture(), app.Call{Kind: app.KindProductAdded, Title: "t", Product: &app.Ref{ID: 99, Name: "?"}})
		}, "alert>shared alert>admin", "whoever sees everything is told: DefectDojo gives up without a word"},
		{46, "webhooks on and no shared endpoint", func() any { return told(hooks(), added) }, "", ""},
		{47, "webhooks on and no endpoint of her own", func() any {
			return told(hooks(app.Destination{ID: 1, Channel: app.ChannelWebhooks}), added)
		}, "webhooks>shared", ""},
		{48, "an endpoint that is off", func() any {
			return told(hooks(app.Destination{ID: 1, Channel: app.ChannelWebhooks, Off: true},
				app.Destination{ID: 2, Channel: app.ChannelWebhooks, Person: 2}), added)
		}, "webhooks>user1", ""},
		{73, "a mention makes one alert", func() any {
			return told(fixture(), app.Call{Kind: app.KindUserMentioned, Title: "t", Product: product, Recipients: []string{"user1"}})
		}, "alert>user1", ""},
		{74, "a name with a dot is a whole name", func() any {
			f := fixture()
			f.People[1].Username = "jane.doe"
			return told(f, app.Call{Kind: app.KindUserMentioned, Title: "t", Recipients: []string{"jane", "jane.doe"}})
		}, "alert>jane.doe", ""},
		{85, "somebody without settings has the default ones", func() any {
			f := fixture()
			f.Preferences = slices.Delete(f.Preferences, 1, 2)
			return told(f, app.Call{Kind: app.KindReviewRequested, Title: "t", Recipients: []string{"user1"}})
		}, "alert>user1", ""},
		{86, "the template counts for nobody who is there already", func() any {
			f := fixture()
			f.Preferences = append(f.Preferences, app.Preference{Scope: app.ScopeTemplate, Row: with(app.ColumnReviewRequested, app.ChannelMail)})
			return told(f, app.Call{Kind: app.KindReviewRequested, Title: "t", Recipients: []string{"user1"}})
		}, "alert>user1", ""},
		{100, "a channel that is off for everybody", func() any {
			f := hooks(app.Destination{ID: 1, Channel: app.ChannelWebhooks})
			f.Gates = app.AllChannels &^ app.ChannelsOf(app.ChannelWebhooks)
			return told(f, added)
		}, "", ""},
		{101, "Teams on: the shared place alone", func() any {
			f := fixture()
			f.System.Row = with(app.ColumnProductAdded, app.ChannelTeams)
			for i := range f.Preferences {
				f.Preferences[i].Row = with(app.ColumnProductAdded, app.ChannelTeams)
			}
			f.Destinations = []app.Destination{{ID: 1, Channel: app.ChannelTeams}}
			return told(f, added)
		}, "msteams>shared", ""},
		{103, "rows for products do not touch each other", func() any {
			f := fixture()
			f.System.Row = with(app.ColumnTestAdded)
			for i := range f.Preferences {
				f.Preferences[i].Row = with(app.ColumnTestAdded)
			}
			for id := range int64(2) {
				f.Preferences = append(f.Preferences, app.Preference{
					Scope: app.ScopeProduct, Person: app.PersonID(id + 2), Product: id + 2, Row: with(app.ColumnTestAdded, app.ChannelAlert),
				})
			}
			return told(f, app.Call{Kind: app.KindTestAdded, Title: "t", Product: product, Test: test})
		}, "alert>user1", ""},
	} {
		t.Run(strconv.Itoa(line.number)+" "+line.what, func(t *testing.T) {
			t.Parallel()
			if got := line.got(); got != line.want {
				t.Errorf("line %d (%s): %v, want %v %s", line.number, line.what, got, line.want, line.differs)
			}
		})
	}
}
