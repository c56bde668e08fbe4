package dispatch_test

import (
	"reflect"
	"strings"
	"testing"

	"bellhop/app"
	"bellhop/app/dispatch"
)

// For me: the signed-in person and her own destinations, and nobody else's; the
// alert that a server keeps is not made again. Two destinations without an address
// lead to her one, so that her own is enough.
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

// For me there is nobody else: what is shared is mine, as my settings say, with
// the places of a product among it. A mail server without an address leads to me,
// also where nothing but the name in which it sends is known of me; a bot without
// one leads nowhere.
func TestForMeWhatIsSharedIsMine(t *testing.T) {
	t.Parallel()
	on := app.ChannelsOf(app.ChannelMail, app.ChannelSlack, app.ChannelWebhooks)
	f := ann(app.Extra{})
	for c := range f.Preferences[0].Row {
		f.Preferences[0].Row[c] = on
	}
	f.People[0].Email = ""
	f.Destinations = []app.Destination{
		{ID: 1, Channel: app.ChannelMail, Name: "office", Config: map[string]string{"username": "ann", "from": "Ann <ann@office.example>"}},
		{ID: 2, Channel: app.ChannelSlack, Name: "bot"},
		{ID: 3, Channel: app.ChannelSlack, Name: "security", Address: "#sec"},
		{ID: 4, Channel: app.ChannelSlack, Name: "shop", Address: "#shop", Product: 11},
		{ID: 5, Channel: app.ChannelWebhooks, Name: "ci", Address: "https://ci.example.com"},
	}
	for product, want := range map[int64][]app.DestinationID{11: {1, 4, 5}, 12: {1, 3, 5}} {
		var got []app.DestinationID
		for _, d := range dispatch.New(f).Decide(event(app.Call{Product: &app.Ref{ID: product}})) {
			if d.Person != 1 {
				t.Errorf("it is told %+v", d)
			}
			got = append(got, d.Destination)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("product %d: %v, want %v", product, got, want)
		}
	}
	e := event(app.Call{Product: &app.Ref{ID: 12}})
	shared := " is a shared destination, and counts as one of ann while Bellhop decides for nobody else."
	for ch, want := range map[app.Channel]string{
		app.ChannelSlack: "security" + shared,
		app.ChannelMail:  "office" + shared + " It has no address and none of ann is known, so that it goes to ann@office.example, in whose name it is sent.",
	} {
		if got := why(f, e, ch); got != want {
			t.Errorf("%v because %q, want %q", ch, got, want)
		}
	}
	f.People[0].Email = "ann@example.com"
	if got := why(f, e, app.ChannelMail); !strings.HasSuffix(got, "so that it goes to that of ann, ann@example.com.") {
		t.Errorf("because %q", got)
	}
	// Switched off, or only a way out, they are none.
	for i := range f.Destinations {
		f.Destinations[i].Off = f.Destinations[i].Address != ""
	}
	if got, want := heard(f, e), "mail"; got != want {
		t.Errorf("what is off gave %q, want %q", got, want)
	}
	f.Destinations = f.Destinations[1:2]
	if got, want := why(f, e, app.ChannelSlack), "No Slack address of ann is known, and no destination has one that is for this."; got != want {
		t.Errorf("because %q, want %q", got, want)
	}
}

// What is raised on the machine of who decides for herself alone is hers, whatever
// is known of what she may see; what comes from elsewhere is not.
func TestWhatIRaiseIsMine(t *testing.T) {
	t.Parallel()
	f := ann(app.Extra{})
	f.People[0].Superuser = false
	for _, call := range []app.Call{{}, {Product: &app.Ref{Name: "Nobody knows it"}}, {Recipients: []string{"ann"}, Product: &app.Ref{ID: 11}}} {
		e := event(call)
		if got, want := heard(f, e), "alert toast mail"; got != want {
			t.Errorf("raised here, %+v is told by %q, want %q", call, got, want)
		}
		w := dispatch.New(f)
		if said := strings.Join(dispatch.Words(w, e, w.Explain(e, 1)[0]), " "); !strings.Contains(said, "It was raised on this machine, which decides for ann alone.") {
			t.Errorf("because %q", said)
		}
		if ok, _ := w.Sees(e, 1); !ok {
			t.Error("asked again just before it is sent, she may not see it")
		}
		e.Origin = app.OriginWebhook
		if got := heard(f, e); got != "" && call.Recipients == nil {
			t.Errorf("from the server, %+v is told by %q", call, got)
		}
	}
}

// For everyone, a shared mail server or bot without an address is a way out for
// others' messages and receives nothing itself.
func TestAWayOutIsNoReceiver(t *testing.T) {
	t.Parallel()
	f := ann(app.Extra{})
	f.Mode = app.ModeEveryone
	f.System = &app.Preference{Scope: app.ScopeSystem, Row: with(app.ColumnScanAdded, app.ChannelMail, app.ChannelSlack)}
	f.Destinations = []app.Destination{
		{ID: 1, Channel: app.ChannelMail, Name: "office", Config: map[string]string{"from": "ann@office.example"}}, {ID: 2, Channel: app.ChannelSlack, Name: "bot"},
	}
	e := event(app.Call{})
	w := dispatch.New(f)
	for _, d := range w.Explain(e, 0) {
		said := strings.Join(dispatch.Words(w, e, d), " ")
		if (d.Channel == app.ChannelMail || d.Channel == app.ChannelSlack) && !strings.HasSuffix(said, "No shared destination with an address is set up for "+map[app.Channel]string{app.ChannelMail: "mail", app.ChannelSlack: "Slack"}[d.Channel]+".") {
			t.Errorf("%v: %v because %q", d.Channel, d.Yes, said)
		}
	}
	for _, d := range w.Decide(e) {
		if d.Person == 0 || d.Destination != 0 {
			t.Errorf("it receives %+v", d)
		}
	}
	f.Destinations[1].Address = "#sec"
	if got := dispatch.New(f).Decide(e)[0]; got.Person != 0 || got.Destination != 2 {
		t.Errorf("with an address it receives nothing: %+v comes first", got)
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
		{ID: 1, Channel: app.ChannelSlack, Address: "#all"},
		{ID: 4, Channel: app.ChannelSlack, Address: "#b", Product: 11},
		{ID: 3, Channel: app.ChannelSlack, Address: "#a", Product: 11},
		{ID: 5, Channel: app.ChannelSlack, Address: "#pay", Product: 12, Off: true},
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
