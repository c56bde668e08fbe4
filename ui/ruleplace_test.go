package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"bellhop/app"
	"bellhop/app/dispatch"
)

// Maria decides for herself, and the only destination is shared: what she gets
// there she can switch off.
func TestWhatIsSharedCanBeSwitchedOffByWhomItIsFor(t *testing.T) {
	e := cannedEngine()
	e.rules.Me.Email = ""
	e.rules.Destinations = []app.Destination{
		{ID: 1, Account: 1, Channel: app.ChannelWebhooks, Name: "siem", Address: "https://siem.example.com/hook"},
		{ID: 2, Account: 1, Channel: app.ChannelMail, Name: "office", Config: map[string]string{"host": "smtp.example.com", "from": "maria@example.com"}},
		{ID: 3, Account: 1, Channel: app.ChannelSlack, Name: "bot"},
	}
	row := app.DefaultRow()
	row[app.ColumnScanAdded] |= app.ChannelsOf(app.ChannelWebhooks)
	e.rules.Local = append(e.rules.Local, app.Preference{Account: 1, Owner: app.OwnerLocal, Scope: app.ScopePersonal, Person: 7, Row: row, Version: 1})
	w := openRules(t, e)
	w.stores(e)
	r := w.ui.rules
	if on, locked, _ := w.cellOf(app.ColumnScanAdded, app.ChannelWebhooks); !on || locked {
		t.Errorf("the webhook is on: %t, locked: %t", on, locked)
	}
	if _, locked, _ := w.cellOf(app.ColumnScanAdded, app.ChannelMail); locked {
		t.Error("mail is locked, though it goes to the address that sends it")
	}
	if o := r.data.obstacle(app.ChannelSlack, app.ScopePersonal, 0); o.what != "no address of yours is known" {
		t.Errorf("of Slack it says %+v", o)
	}
	w.press(app.ColumnScanAdded, app.ChannelWebhooks)
	w.until("it is switched off", func() bool {
		return !r.saving && r.stored != nil && !r.stored.Row[app.ColumnScanAdded].Has(app.ChannelWebhooks)
	})

	// Decided for everyone, the same destinations are for the system's settings.
	e.change(func() { e.rules.Settings[app.SettingEngineMode] = string(app.ModeEveryone) })
	w.ui.Hint(app.Hints{app.TopicFacts: true, app.TopicSettings: true})
	w.until("it is for everyone", r.everyone)
	for _, x := range []struct {
		ch    app.Channel
		scope app.Scope
		what  string
	}{
		{app.ChannelWebhooks, app.ScopePersonal, "no destination of yours"},
		{app.ChannelMail, app.ScopePersonal, "no address of yours is known"},
		{app.ChannelWebhooks, app.ScopeSystem, ""},
		{app.ChannelMail, app.ScopeSystem, "no shared destination has an address"},
		{app.ChannelTeams, app.ScopeSystem, "no shared destination"},
	} {
		if o := r.data.obstacle(x.ch, x.scope, 0); o.what != x.what {
			t.Errorf("%s for %s: %q, not %q", x.ch, x.scope, o.what, x.what)
		}
	}
}

// A switch is locked where the decision finds no place for any product that it speaks
// for, and nowhere else.
func TestWindowAndDecisionAgreeOnPlaces(t *testing.T) {
	const me, tom, product = 7, 9, 3
	about := func(product int64) *app.Event {
		return &app.Event{ID: 1, Account: 1, Origin: app.OriginLocal, Kind: app.KindScanAdded, Call: app.Call{Kind: app.KindScanAdded, Product: &app.Ref{ID: product}}}
	}
	var all app.Row
	for c := range all {
		all[c] = app.ChannelsOf(app.ChannelMail, app.ChannelSlack, app.ChannelWebhooks)
	}
	compared := 0
	for _, ch := range []app.Channel{app.ChannelMail, app.ChannelSlack, app.ChannelWebhooks} {
		for _, list := range someDestinations(ch, me, tom, product) {
			for known := range 4 {
				people := []app.Person{{ID: me, Account: 1, Username: "maria", Active: true, Superuser: true, Me: true}, {ID: tom, Account: 1, Username: "tom", Active: true, Superuser: true}}
				for i := range people {
					if known&1 != 0 {
						people[i].Email = "somebody@example.com"
					}
					if known&2 != 0 {
						people[i].Slack = "U123"
					}
				}
				for _, mode := range []app.Mode{app.ModeMe, app.ModeEveryone} {
					world := dispatch.New(app.Facts{
						Mode: mode, Model: app.AccessRoles, Gates: all[0], System: &app.Preference{Row: all}, People: people,
						Products: []app.Product{{ID: product, Name: "Shop"}, {ID: product + 1, Name: "Pay"}, {ID: product + 2, Name: "Edge"}}, Destinations: list,
						Preferences: []app.Preference{{Scope: app.ScopePersonal, Person: me, Row: all}, {Scope: app.ScopePersonal, Person: tom, Row: all}},
					})
					for _, x := range []struct {
						of    app.Person
						scope app.Scope
						asked app.PersonID
						mode  app.Mode // in which it counts
					}{
						{people[0], app.ScopeProduct, me, mode},
						{people[0], app.ScopePersonal, me, mode},
						{people[1], app.ScopeProduct, tom, app.ModeEveryone},
						{people[1], app.ScopePersonal, tom, app.ModeEveryone},
						{people[1], app.ScopeSystem, me, app.ModeMe},
						{people[0], app.ScopeSystem, 0, app.ModeEveryone},
					} {
						if x.mode != mode {
							continue
						}
						rules := Rules{Me: people[0], Of: x.of, Destinations: list, Settings: map[string]string{app.SettingEngineMode: string(mode)}}
						var chosen int64
						if x.scope == app.ScopeProduct {
							chosen = product
						}
						o := rules.obstacle(ch, x.scope, chosen)
						if strings.HasSuffix(o.what, " is set up") {
							continue // it is decided all the same, and cannot be sent
						}
						yes := decides(world, about(product), x.asked, ch) || x.scope != app.ScopeProduct &&
							(decides(world, about(product+1), x.asked, ch) || decides(world, about(product+2), x.asked, ch))
						if compared++; yes != (o.what == "") {
							t.Fatalf("%s for %s of %s in mode %s, decided is %t, the window says %q: %s", ch, x.scope, x.of.Username, mode, yes, o.what, fmt.Sprintf("%+v", list))
						}
					}
				}
			}
		}
	}
	if compared < 10_000 {
		t.Errorf("only %d were compared", compared)
	}
}

// decides says whether an event is told to a person, 0 = at the shared places.
func decides(w *dispatch.World, e *app.Event, person app.PersonID, ch app.Channel) bool {
	return slices.ContainsFunc(w.Explain(e, person), func(d app.Decision) bool { return d.Channel == ch && d.Yes })
}

// someDestinations returns every destination that matters here, and every two.
func someDestinations(ch app.Channel, me, tom app.PersonID, product int64) (out [][]app.Destination) {
	config := map[string]string{"host": "smtp.example.com", "username": "maria@example.com"}
	var one []app.Destination
	for _, person := range []app.PersonID{0, me, tom} {
		for _, address := range []string{"", "somewhere"} {
			for _, of := range []int64{0, product, product + 1} {
				for _, off := range []bool{false, true} {
					one = append(one, app.Destination{Account: 1, Channel: ch, Person: person, Address: address, Product: of, Off: off, Config: config})
				}
			}
		}
	}
	out = append(out, nil)
	for i, a := range one {
		a.ID = 1
		out = append(out, []app.Destination{a})
		for _, b := range one[i:] {
			b.ID = 2
			out = append(out, []app.Destination{a, b})
		}
	}
	return out
}
