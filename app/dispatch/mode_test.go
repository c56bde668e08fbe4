package dispatch_test

import (
	"reflect"
	"testing"

	"bellhop/app"
	"bellhop/app/dispatch"
)

// For me: the signed-in person and her own destinations, no shared places, and
// nobody else; the alert that a server keeps is not made again.
func TestForMeTellsMeAlone(t *testing.T) {
	t.Parallel()
	f := ann(app.Extra{})
	f.System = &app.Preference{Scope: app.ScopeSystem, Row: f.Preferences[0].Row}
	f.Destinations = []app.Destination{{ID: 1, Channel: app.ChannelMail}, {ID: 2, Channel: app.ChannelMail, Person: 1}, {ID: 3, Channel: app.ChannelMail, Person: 2}}
	want := []app.Decision{{Person: 1, Channel: app.ChannelAlert}, {Person: 1, Channel: app.ChannelToast}, {Person: 1, Channel: app.ChannelMail, Destination: 2}}
	if got := bare(dispatch.New(f).Decide(event(app.Call{}))); !reflect.DeepEqual(got, want) {
		t.Errorf("decided %v, want %v", got, want)
	}
	f.ServerAlerts = true
	if got := bare(dispatch.New(f).Decide(event(app.Call{}))); !reflect.DeepEqual(got, want) {
		t.Errorf("what no server tells, beside a server's list: %v, want %v", got, want)
	}
	hooked := event(app.Call{})
	hooked.Origin = app.OriginWebhook
	if got := bare(dispatch.New(f).Decide(hooked)); !reflect.DeepEqual(got, want[1:]) {
		t.Errorf("a webhook, beside a server's list: %v, want %v", got, want[1:])
	}
	if got, want := why(f, hooked, app.ChannelAlert), "The server keeps the list of alerts itself."; got != want {
		t.Errorf("because %q, want %q", got, want)
	}
}

// An alert of the server's goes to who signed in, in every mode: it was shown
// to her, whatever else is known. Without settings she gets a toast.
func TestAnAlertIsForWhomTheServerShowedIt(t *testing.T) {
	t.Parallel()
	for _, mode := range []app.Mode{app.ModeMe, app.ModeEveryone} {
		f := ann(app.Extra{})
		f.Mode, f.ServerAlerts, f.Model = mode, true, app.AccessRoles
		f.People[0].Superuser = false
		f.Preferences = f.Preferences[1:]
		e := event(app.Call{Kind: app.KindFindingAdded, Product: &app.Ref{ID: 11}})
		e.Origin = app.OriginAlert
		if got, want := bare(dispatch.New(f).Decide(e)), []app.Decision{{Person: 1, Channel: app.ChannelToast}}; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: decided %v, want %v", mode, got, want)
		}
		if got, want := why(f, e, app.ChannelToast), "No settings of ann are stored, and the defaults switch toast on for other, which finding_added follows."; got != want {
			t.Errorf("because %q, want %q", got, want)
		}
	}
}

// What is history, or was told before, tells nobody.
func TestHistoryAndTheSameFactTellNobody(t *testing.T) {
	t.Parallel()
	f := ann(app.Extra{})
	for _, change := range []func(*app.Event){
		func(e *app.Event) { e.History = true }, func(e *app.Event) { e.Same = 7 },
	} {
		e := event(app.Call{})
		change(e)
		if got := dispatch.New(f).Decide(e); len(got) != 0 {
			t.Errorf("decided %v", got)
		}
	}
}

// The destinations for a product are used instead of the general ones of their
// channel, and each gets its own message.
func TestAProductHasItsOwnPlaces(t *testing.T) {
	t.Parallel()
	f := ann(app.Extra{})
	f.Mode = app.ModeEveryone
	f.People = f.People[:0]
	f.System = &app.Preference{Scope: app.ScopeSystem, Row: with(app.ColumnScanAdded, app.ChannelSlack, app.ChannelTeams)}
	f.Destinations = []app.Destination{
		{ID: 1, Channel: app.ChannelSlack},
		{ID: 4, Channel: app.ChannelSlack, Product: 11},
		{ID: 3, Channel: app.ChannelSlack, Product: 11},
		{ID: 5, Channel: app.ChannelSlack, Product: 12, Off: true},
		{ID: 2, Channel: app.ChannelTeams},
	}
	for product, want := range map[int64][]app.DestinationID{11: {3, 4, 2}, 12: {1, 2}} {
		var got []app.DestinationID
		for _, d := range dispatch.New(f).Decide(event(app.Call{Product: &app.Ref{ID: product}})) {
			got = append(got, d.Destination)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("product %d: %v, want %v", product, got, want)
		}
	}
}

// Access names the way: a role, a group, a product type.
func TestAccessIsExplained(t *testing.T) {
	t.Parallel()
	f := fixture()
	f.Grants = append(f.Grants, app.Grant{Person: 2, Scope: app.GrantProduct, Object: 2, Role: "Writer", Group: "Blue"})
	w := dispatch.New(f)
	e := &app.Event{Kind: app.KindScanAdded, Call: app.Call{Kind: app.KindScanAdded, Product: &app.Ref{ID: 2}}}
	for id, want := range map[app.PersonID]string{
		1: "admin is a superuser, and sees everything.",
		2: "user1 is Writer of the product Security How-to through group Blue.",
		3: "user2 is Reader of the product type books, to which the product Security How-to belongs.",
		5: "user4 is Owner of the product Security How-to.",
		9: "Nobody with the number 9 is known.",
	} {
		if got := dispatch.Words(w, e, w.Explain(e, id)[0])[0]; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if ok, _ := w.Access(5, 0, 1); ok {
		t.Error("who sees a product sees its type")
	}
	if ok, _ := w.Access(3, 0, 1); !ok {
		t.Error("who sees the type does not see it")
	}
}

// bare leaves the reasons out.
func bare(list []app.Decision) []app.Decision {
	out := make([]app.Decision, len(list))
	for i, d := range list {
		out[i] = app.Decision{Person: d.Person, Channel: d.Channel, Destination: d.Destination}
	}
	return out
}
