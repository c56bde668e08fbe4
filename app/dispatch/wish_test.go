package dispatch_test

import (
	"strings"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch"
)

// ann is one person who sees everything and has everything on, with a wish.
func ann(x app.Extra) app.Facts {
	var row app.Row
	for c := range row {
		row[c] = app.ChannelsOf(app.ChannelAlert, app.ChannelToast, app.ChannelMail)
	}
	return app.Facts{
		Mode: app.ModeMe, Gates: app.AllChannels,
		People: []app.Person{
			{ID: 1, Username: "ann", Email: "ann@example.com", Active: true, Superuser: true, Me: true},
			{ID: 2, Username: "ben", Email: "ben@example.com", Active: true, Superuser: true},
		},
		Products:     []app.Product{{ID: 11, Name: "Shop", TypeID: 101}, {ID: 12, Name: "Pay", TypeID: 101}},
		ProductTypes: []app.ProductType{{ID: 101, Name: "Retail"}},
		Preferences: []app.Preference{
			{Scope: app.ScopePersonal, Person: 1, Row: row, Extra: x}, {Scope: app.ScopePersonal, Person: 2, Row: row},
		},
	}
}

func event(c app.Call) *app.Event {
	if c.Kind == "" {
		c.Kind = app.KindScanAdded
	}
	return &app.Event{Origin: app.OriginLocal, At: time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC), Kind: c.Kind, Call: c}
}

// heard lists the channels on which an event reaches ann, held ones in
// parentheses.
func heard(f app.Facts, e *app.Event) string {
	var list []string
	for _, d := range dispatch.New(f).Decide(e) {
		name := d.Channel.String()
		if d.Held {
			name = "(" + name + ")"
		}
		list = append(list, name)
	}
	return strings.Join(list, " ")
}

// why returns the sentence by which a channel was decided for ann.
func why(f app.Facts, e *app.Event, ch app.Channel) string {
	w := dispatch.New(f)
	for _, d := range w.Explain(e, 1) {
		if d.Channel == ch {
			words := dispatch.Words(w, e, d)
			return words[len(words)-1]
		}
	}
	return ""
}

func TestConditionsNarrowChannels(t *testing.T) {
	t.Parallel()
	shop := &app.Ref{ID: 11, Name: "Shop"}
	high := []app.FindingRef{{Title: "x", Severity: "Low"}, {Title: "y", Severity: "High"}}
	mail := app.ChannelsOf(app.ChannelMail)
	for _, c := range []struct {
		name string
		only []app.Condition
		call app.Call
		want string
	}{
		{"none", nil, app.Call{Product: shop}, "alert toast mail"},
		{"severity reached", []app.Condition{{Severity: "High"}}, app.Call{Product: shop, FindingsNew: high}, "alert toast mail"},
		{"severity not reached", []app.Condition{{Severity: "Critical"}}, app.Call{Product: shop, FindingsNew: high}, "alert"},
		{"what a scan closed does not count", []app.Condition{{Severity: "Low"}}, app.Call{Product: shop, FindingsMitigated: high}, "alert"},
		{"one channel", []app.Condition{{Severity: "Critical", Channels: mail}}, app.Call{Product: shop, FindingsNew: high}, "alert toast"},
		{"alert too, where it is named", []app.Condition{{Severity: "Critical", Channels: app.AllChannels}}, app.Call{Product: shop}, ""},
		{"another event", []app.Condition{{Severity: "Critical", Columns: []string{"sla_breach"}}}, app.Call{Product: shop}, "alert toast mail"},
		{"product, in any case", []app.Condition{{Products: []string{"pay", "SHOP"}}}, app.Call{Product: shop}, "alert toast mail"},
		{"another product", []app.Condition{{Products: []string{"Pay"}}}, app.Call{Product: shop}, "alert"},
		{"product type", []app.Condition{{ProductType: []string{"Retail"}}}, app.Call{Product: shop}, "alert toast mail"},
		{"another type", []app.Condition{{ProductType: []string{"Research"}}}, app.Call{Product: shop}, "alert"},
		{"tag", []app.Condition{{Tags: []string{"pci"}}}, app.Call{Product: shop, Tags: []string{"web", "PCI"}}, "alert toast mail"},
		{"no tag", []app.Condition{{Tags: []string{"pci"}}}, app.Call{Product: shop}, "alert"},
		{"source", []app.Condition{{Sources: []string{"Scan Added"}}}, app.Call{Product: shop}, "alert toast mail"},
		{"another source", []app.Condition{{Sources: []string{"Other"}}}, app.Call{Product: shop}, "alert"},
		{"text", []app.Condition{{Text: "injection"}}, app.Call{Product: shop, Title: "SQL Injection"}, "alert toast mail"},
		{"no text", []app.Condition{{Text: "injection"}}, app.Call{Product: shop, Title: "XSS"}, "alert"},
		{
			"all of them",
			[]app.Condition{{Products: []string{"Shop"}}, {Text: "sql", Channels: mail}},
			app.Call{Product: shop, Title: "XSS"},
			"alert toast",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := heard(ann(app.Extra{Only: c.only}), event(c.call)); got != c.want {
				t.Errorf("heard %q, want %q", got, c.want)
			}
		})
	}
}

func TestAProductIsMutedAndOwnActionsAreLeftOut(t *testing.T) {
	t.Parallel()
	f := ann(app.Extra{NotMine: true})
	f.Preferences = append(f.Preferences, app.Preference{Scope: app.ScopeProduct, Person: 1, Product: 11, Extra: app.Extra{Muted: true}})
	shop, pay := &app.Ref{ID: 11, Name: "Shop"}, &app.Ref{ID: 12, Name: "Pay"}
	for _, c := range []struct {
		call      app.Call
		want, why string
	}{
		{app.Call{Product: pay}, "alert toast mail", "The own settings of ann switch alert on for scan_added."},
		{app.Call{Product: shop}, "", "ann muted the product Shop."},
		{app.Call{Kind: app.KindUserMentioned, Product: shop, Recipients: []string{"ann"}}, "", "ann muted the product Shop."},
		{app.Call{Product: pay, Actor: "ann"}, "", "ann did it, and wants to hear nothing of what ann did."},
		{app.Call{Product: pay, Actor: "Ann"}, "alert toast mail", "The own settings of ann switch alert on for scan_added."},
	} {
		e := event(c.call)
		if got := heard(f, e); got != c.want {
			t.Errorf("%+v: heard %q, want %q", c.call, got, c.want)
		}
		if got := why(f, e, app.ChannelAlert); got != c.why {
			t.Errorf("%+v: because %q, want %q", c.call, got, c.why)
		}
	}
}

func TestQuietHoursHold(t *testing.T) {
	t.Parallel()
	mail := app.ChannelsOf(app.ChannelMail)
	night := app.QuietHours{From: "22:00", To: "07:00", Zone: "Europe/Berlin", Channels: mail}
	friday := app.QuietHours{Days: []string{"fri"}, From: "22:00", To: "07:00", Zone: "UTC", Channels: mail}
	noon := app.QuietHours{From: "12:00", To: "13:30", Zone: "America/New_York", Channels: mail}
	always := app.QuietHours{From: "00:00", To: "00:00", Zone: "UTC", Channels: mail}
	for _, c := range []struct {
		name  string
		hours app.QuietHours
		at    string
		until string // "" = not held
	}{
		{"before", night, "2026-01-10T21:59:00+01:00", ""},
		{"from the minute on", night, "2026-01-10T22:00:00+01:00", "2026-01-11T07:00:00+01:00"},
		{"over midnight", night, "2026-01-11T03:00:00+01:00", "2026-01-11T07:00:00+01:00"},
		{"until the minute", night, "2026-01-11T07:00:00+01:00", ""},
		{"in another zone than the event's", night, "2026-01-10T21:30:00Z", "2026-01-11T06:00:00Z"},
		{"the clock is put forward: an hour shorter", night, "2026-03-28T23:00:00+01:00", "2026-03-29T07:00:00+02:00"},
		{"the clock is put back: an hour longer", night, "2026-10-24T23:00:00+02:00", "2026-10-25T07:00:00+01:00"},
		{"the night that Friday begins", friday, "2026-03-07T06:59:00Z", "2026-03-07T07:00:00Z"},
		{"not the night that Thursday begins", friday, "2026-03-06T06:59:00Z", ""},
		{"Friday evening", friday, "2026-03-06T22:00:00Z", "2026-03-07T07:00:00Z"},
		{"not on Saturday evening", friday, "2026-03-07T22:00:00Z", ""},
		{"within a day", noon, "2026-07-01T13:00:00-04:00", "2026-07-01T13:30:00-04:00"},
		{"all day, every day: at most eight days", always, "2026-07-01T13:00:00Z", "2026-07-09T13:00:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			at, err := time.Parse(time.RFC3339, c.at)
			if err != nil {
				t.Fatal(err)
			}
			f, e := ann(app.Extra{Quiet: []app.QuietHours{c.hours}}), event(app.Call{})
			e.At = at
			want := "alert toast mail"
			until := at
			if c.until != "" {
				want = "alert toast (mail)"
				if until, err = time.Parse(time.RFC3339, c.until); err != nil {
					t.Fatal(err)
				}
			}
			if got := heard(f, e); got != want {
				t.Errorf("heard %q, want %q", got, want)
			}
			if got := dispatch.New(f).HeldUntil(e, 1, app.ChannelMail, at); !got.Equal(until) {
				t.Errorf("held until %v, want %v", got, until)
			}
		})
	}
}

// What is critical is held as everything is, unless these hours let it pass.
func TestQuietHoursLetCriticalPassWhereTheySaySo(t *testing.T) {
	t.Parallel()
	always := app.QuietHours{From: "00:00", To: "00:00", Zone: "UTC", Channels: app.ChannelsOf(app.ChannelMail)}
	for _, passes := range []bool{false, true} {
		always.CriticalPasses = passes
		f := ann(app.Extra{Quiet: []app.QuietHours{always}})
		for severity, want := range map[string]string{"Critical": "alert toast (mail)", "High": "alert toast (mail)"} {
			if passes && severity == "Critical" {
				want = "alert toast mail"
			}
			e := event(app.Call{Finding: &app.FindingRef{Title: "x", Severity: severity}})
			if got := heard(f, e); got != want {
				t.Errorf("%s, let pass: %v: heard by %q, want %q", severity, passes, got, want)
			}
			held := dispatch.New(f).HeldUntil(e, 1, app.ChannelMail, e.At).After(e.At)
			if held != strings.Contains(want, "(") {
				t.Errorf("%s, let pass: %v: held until later: %v", severity, passes, held)
			}
		}
	}
}

// Quiet hours that follow each other hold until the last one ends; hours that
// cannot be read hold nothing.
func TestQuietHoursFollowEachOther(t *testing.T) {
	t.Parallel()
	mail := app.ChannelsOf(app.ChannelMail)
	f := ann(app.Extra{Quiet: []app.QuietHours{
		{From: "06:30", To: "09:00", Zone: "UTC", Channels: mail},
		{From: "22:00", To: "07:00", Zone: "UTC", Channels: mail},
		{From: "late", To: "09:30", Channels: mail},
		{From: "08:00", To: "23:00", Zone: "Nowhere/Land", Channels: mail},
	}})
	e := event(app.Call{})
	at := time.Date(2026, 3, 4, 23, 0, 0, 0, time.UTC)
	want := time.Date(2026, 3, 5, 9, 0, 0, 0, time.UTC)
	if got := dispatch.New(f).HeldUntil(e, 1, app.ChannelMail, at); !got.Equal(want) {
		t.Errorf("held until %v, want %v", got, want)
	}
	if got := dispatch.New(f).HeldUntil(e, 1, app.ChannelToast, at); !got.Equal(at) {
		t.Errorf("a channel that is not named is held until %v", got)
	}
}
