package store_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/store/storetest"
)

// small is the directory of a small team: ada, who signed in, bob and eve.
func small() app.Directory {
	return app.Directory{
		Model: app.AccessRoles, Complete: true, At: storetest.Epoch,
		People: []app.Person{
			{RemoteID: 7, Username: "ada", Email: "ada@example.com", Active: true, Superuser: true, Me: true},
			{RemoteID: 3, Username: "bob", FirstName: "Bob", Active: true, Staff: true},
			{RemoteID: 9, Username: "eve", Slack: "U9", Active: true},
		},
		Grants: []app.DirectoryGrant{
			{User: 3, Grant: app.Grant{Scope: app.GrantProduct, Object: 1, Role: "Reader", Group: "Blue"}},
			{User: 3, Grant: app.Grant{Scope: app.GrantProduct, Object: 1, Role: "Reader"}},
			{User: 9, Grant: app.Grant{Scope: app.GrantGlobal, Role: "Owner"}},
			{User: 77, Grant: app.Grant{Scope: app.GrantGlobal, Role: "Owner"}}, // nobody
		},
		Products:     []app.Product{{ID: 2, Name: "Portal", TypeID: 4}, {ID: 1, Name: "Shop", TypeID: 4}},
		ProductTypes: []app.ProductType{{ID: 4, Name: "Web"}},
	}
}

func (w *world) replace(d app.Directory) {
	w.Helper()
	ok(w, w.store.ReplaceDirectory(w.Context(), w.account.ID, d))
}

// known returns the people of the account by name.
func (w *world) known() map[string]app.Person {
	w.Helper()
	out := make(map[string]app.Person)
	for _, p := range must(w.store.People(w.Context(), w.account.ID))(w) {
		out[p.Username] = p
	}
	return out
}

func TestTheOneWhoSignedInIsKnownFromTheFirst(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	me := must(w.store.Me(ctx, w.account.ID))(t)
	if me.Username != "ada" || !me.Me || !me.Active || me.Superuser || me.RemoteID != 0 {
		t.Errorf("at first she is %+v", me)
	}
	mine := must(w.store.PutPreference(ctx, app.Preference{Account: w.account.ID, Scope: app.ScopePersonal, Person: me.ID}, "ada"))(t)
	w.replace(small())
	now := must(w.store.Me(ctx, w.account.ID))(t)
	if now.ID != me.ID || now.RemoteID != 7 || !now.Superuser || now.Email == "" {
		t.Errorf("the directory made her %+v", now)
	}
	if got := must(w.store.Preferences(ctx, w.account.ID, app.OwnerLocal))(t); len(got) != 1 || got[0].Person != mine.Person {
		t.Errorf("her settings: %+v", got)
	}
	w.replace(small())
	if n := len(w.known()); n != 3 {
		t.Errorf("%d people", n)
	}
}

func TestTheServersNumberFindsTheOneWhoSignedIn(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	me := must(w.store.Me(ctx, w.account.ID))(t)
	d := small()
	d.People[0].Me = false // the directory does not say who asked for it
	w.replace(d)
	if n := len(must(w.store.People(ctx, w.account.ID))(t)); n != 4 {
		t.Errorf("%d people", n)
	}
	w.account.UserID = 7
	ok(t, w.store.UpdateAccount(ctx, w.account))
	if got := must(w.store.Me(ctx, w.account.ID))(t); got.ID != me.ID || got.RemoteID != 7 {
		t.Errorf("she is %+v, was %+v", got, me)
	}
	w.replace(d)
	if got := must(w.store.Me(ctx, w.account.ID))(t); got.ID != me.ID || !got.Superuser {
		t.Errorf("she is %+v, was %+v", got, me)
	}
	// Somebody else signs in with this account.
	d.People[1].Me = true
	w.replace(d)
	if got := must(w.store.Me(ctx, w.account.ID))(t); got.Username != "bob" {
		t.Errorf("now it is %+v", got)
	}
	if people := w.known(); len(people) != 3 || people["ada"].Me {
		t.Errorf("the people: %+v", people)
	}
}

func TestADirectoryReplacesWhatDiffers(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	if got := must(w.store.Directory(ctx, w.account.ID))(t); !reflect.DeepEqual(got, app.Directory{}) {
		t.Errorf("before: %+v", got)
	}
	w.replace(small())
	before := w.known()
	hints, end := w.store.Changes().Subscribe()
	defer end()
	same := small()
	same.At = same.At.Add(time.Hour)
	slices.Reverse(same.People)
	w.replace(same)
	select {
	case got := <-hints:
		t.Errorf("the same again says %v", got)
	default:
	}
	if got := must(w.store.Directory(ctx, w.account.ID))(t); !got.At.Equal(same.At) || !got.Complete || got.Model != app.AccessRoles {
		t.Errorf("known: %+v", got)
	}
	next := small()
	next.Model = app.AccessAuthorized
	next.People[1].Username, next.People[2].Username = "eve", "bob" // they swap their names
	next.People = append(next.People[1:], app.Person{RemoteID: 11, Username: "kim", Active: true})
	next.Grants = []app.DirectoryGrant{{User: 11, Grant: app.Grant{Scope: app.GrantProductType, Object: 4}}}
	next.Products = []app.Product{{ID: 1, Name: "Shop 2", TypeID: 5}}
	next.ProductTypes = []app.ProductType{{ID: 5, Name: "Apps"}}
	w.replace(next)
	if got := <-hints; !got[app.TopicFacts] {
		t.Errorf("a change says %v", got)
	}
	people := w.known()
	if people["eve"].ID != before["bob"].ID || people["bob"].ID != before["eve"].ID || people["kim"].ID == 0 {
		t.Errorf("the people: %+v, were %+v", people, before)
	}
	if !people["ada"].Me || !people["ada"].Active {
		t.Errorf("the one who signed in is %+v", people["ada"])
	}
	if got := must(w.store.Grants(ctx, w.account.ID))(t); !slices.Equal(got, []app.Grant{{Person: people["kim"].ID, Scope: app.GrantProductType, Object: 4}}) {
		t.Errorf("the grants: %+v", got)
	}
	if got := must(w.store.Products(ctx, w.account.ID))(t); !slices.Equal(got, next.Products) {
		t.Errorf("the products: %+v", got)
	}
	if got := must(w.store.ProductTypes(ctx, w.account.ID))(t); !slices.Equal(got, next.ProductTypes) {
		t.Errorf("the product types: %+v", got)
	}
	// Who is gone is kept, may see nothing and comes back as herself.
	gone := next
	gone.People = next.People[2:]
	w.replace(gone)
	if p := w.known()["eve"]; p.Active || p.ID != people["eve"].ID {
		t.Errorf("gone: %+v", p)
	}
	w.replace(next)
	if p := w.known()["eve"]; !p.Active || p.ID != people["eve"].ID {
		t.Errorf("back: %+v", p)
	}
	w.deepCheck()
}

func TestADirectoryThatIsWrongChangesNothing(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	w.replace(small())
	before := w.known()
	for what, spoil := range map[string]func(*app.Directory){
		"no id":          func(d *app.Directory) { d.People[2].RemoteID = 0 },
		"no model":       func(d *app.Directory) { d.Model = "4.x" },
		"a wrong object": func(d *app.Directory) { d.Grants[0].Object = 0; d.People[1].Username = "x" },
		"a wrong type":   func(d *app.Directory) { d.ProductTypes[0].ID = -1; d.People = d.People[:1] },
	} {
		d := small()
		spoil(&d)
		if err := w.store.ReplaceDirectory(ctx, w.account.ID, d); err == nil {
			t.Errorf("%s was taken", what)
		}
	}
	if err := w.store.ReplaceDirectory(ctx, 99, small()); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("an account that is not there: %v", err)
	}
	if got := w.known(); !reflect.DeepEqual(got, before) {
		t.Errorf("the people are %+v, were %+v", got, before)
	}
}

func TestSomebodyNewGetsTheTemplate(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	template := app.Preference{Account: w.account.ID, Scope: app.ScopeTemplate, Extra: app.Extra{NotMine: true}}
	template.Row[app.ColumnScanAdded] = app.ChannelsOf(app.ChannelMail)
	must(w.store.PutPreference(ctx, template, "ada"))(t)
	w.replace(small()) // all of them are on the server since long
	d := small()
	d.People = append(d.People, app.Person{RemoteID: 11, Username: "kim", Active: true})
	d.People[1].Email = "bob@example.com"
	w.replace(d)
	got := must(w.store.Preferences(ctx, w.account.ID, app.OwnerLocal))(t)
	if len(got) != 2 || got[1].Person != w.known()["kim"].ID || got[1].Scope != app.ScopePersonal || got[1].Row != template.Row || !got[1].Extra.NotMine {
		t.Errorf("the settings: %+v", got)
	}
}

func TestFactsAreOfOneAccountAndItsSettings(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	w.replace(small())
	people := w.known()
	other := storetest.Account(t, w.store, "other.example.com")
	ok(t, w.store.ReplaceDirectory(ctx, other.ID, small()))
	local := must(w.store.Local(ctx))(t)
	put := func(p app.Preference) app.Preference {
		t.Helper()
		return must(w.store.PutPreference(ctx, p, "ada"))(t)
	}
	system := put(app.Preference{Account: w.account.ID, Scope: app.ScopeSystem, Row: app.DefaultRow()})
	put(app.Preference{Account: w.account.ID, Scope: app.ScopeTemplate})
	mine := put(app.Preference{Account: w.account.ID, Scope: app.ScopePersonal, Person: people["ada"].ID})
	bobs := put(app.Preference{Account: w.account.ID, Scope: app.ScopeProduct, Person: people["bob"].ID, Product: 1, Extra: app.Extra{Muted: true}})
	ok(t, w.store.ReplaceServerPreferences(ctx, w.account.ID, []app.Preference{{Scope: app.ScopePersonal, Person: people["eve"].ID, Row: app.DefaultRow()}}))
	shared := must(w.store.AddDestination(ctx, app.Destination{Account: w.account.ID, Channel: app.ChannelSlack, Name: "team", Product: 2, Address: "#team"}))(t)
	bobsMail := must(w.store.AddDestination(ctx, app.Destination{Account: w.account.ID, Channel: app.ChannelMail, Name: "bob", Person: people["bob"].ID, Address: "bob@example.com"}))(t)
	ok(t, w.store.Set(ctx, app.SettingEngineMode, "everyone"))
	ok(t, w.store.Set(ctx, app.SettingSystemTrump, "none"))
	ok(t, w.store.Set(ctx, app.SettingChannels, "mail, alert"))
	want := app.Facts{
		Mode: app.ModeEveryone, Model: app.AccessRoles, ServerAlerts: true, Gates: app.ChannelsOf(app.ChannelAlert, app.ChannelMail), SuperuserSystem: true,
		System: &system, People: must(w.store.People(ctx, w.account.ID))(t), Grants: must(w.store.Grants(ctx, w.account.ID))(t),
		Products: must(w.store.Products(ctx, w.account.ID))(t), ProductTypes: small().ProductTypes,
		Preferences: []app.Preference{mine, bobs}, Destinations: []app.Destination{shared, bobsMail},
	}
	if got := must(w.store.Facts(ctx, w.account.ID))(t); !reflect.DeepEqual(got, want) {
		t.Errorf("the facts are\n%+v, want\n%+v", got, want)
	}
	want.People, want.Preferences, want.Destinations = []app.Person{people["ada"]}, []app.Preference{mine}, []app.Destination{shared}
	want.Grants = nil
	if got := must(w.store.FactsForMe(ctx, w.account.ID))(t); !reflect.DeepEqual(got, want) {
		t.Errorf("the facts about me are\n%+v, want\n%+v", got, want)
	}
	here := must(w.store.Facts(ctx, 0))(t)
	if here.ServerAlerts || len(here.People) != 1 || here.People[0].Account != local.ID || here.System != nil || here.Destinations != nil {
		t.Errorf("the facts of this machine are %+v", here)
	}
	if _, err := w.store.Facts(ctx, 99); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("of no account: %v", err)
	}
}

func TestDestinationsComeAndGo(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	w.replace(small())
	eve := w.known()["eve"].ID
	d := must(w.store.AddDestination(ctx, app.Destination{Account: w.account.ID, Channel: app.ChannelTeams, Name: " ops ", Address: "flow.example.com"}))(t)
	if d.ID == 0 || d.Name != "ops" {
		t.Errorf("stored %+v", d)
	}
	d.Off, d.Person, d.Channel = true, eve, app.ChannelMail // the channel stays
	d.Config = map[string]string{"thread": "\"shop\""}
	d.State, d.FirstError, d.LastError, d.Note = "inactive_tmp", w.clock.Add(-time.Hour), w.clock, "Response status code: 500"
	ok(t, w.store.UpdateDestination(ctx, d))
	d.Channel = app.ChannelTeams
	if got := must(w.store.Destinations(ctx, w.account.ID))(t); !reflect.DeepEqual(got, []app.Destination{d}) {
		t.Errorf("read %+v, want %+v", got, d)
	}
	ok(t, w.store.UpdateDestinationState(ctx, app.Destination{ID: d.ID, Name: "ignored", State: "active"}))
	d.State, d.FirstError, d.LastError, d.Note = "", time.Time{}, time.Time{}, ""
	if got := must(w.store.Destinations(ctx, w.account.ID))(t); !reflect.DeepEqual(got, []app.Destination{d}) {
		t.Errorf("once it works again %+v, want %+v", got, d)
	}
	for what, bad := range map[string]app.Destination{
		"the list":          {Account: w.account.ID, Channel: app.ChannelAlert, Name: "x"},
		"a toast":           {Account: w.account.ID, Channel: app.ChannelToast, Name: "x"},
		"a new channel":     {Account: w.account.ID, Channel: 77, Name: "x"},
		"no name":           {Account: w.account.ID, Channel: app.ChannelMail, Name: " "},
		"a person and more": {Account: w.account.ID, Channel: app.ChannelMail, Name: "x", Person: eve, Product: 1},
		"nobody":            {Account: w.account.ID, Channel: app.ChannelMail, Name: "x", Person: 999},
		"another's":         {Channel: app.ChannelMail, Name: "x", Person: eve},
	} {
		if _, err := w.store.AddDestination(ctx, bad); !errors.Is(err, app.ErrInvalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	ok(t, w.store.RemoveDestination(ctx, d.ID))
	if err := w.store.RemoveDestination(ctx, d.ID); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("removed twice: %v", err)
	}
	if err := w.store.UpdateDestination(ctx, d); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("changed after it was gone: %v", err)
	}
}

// crowd is a directory of n people who may see two products each.
func crowd(n int) app.Directory {
	d := app.Directory{Model: app.AccessRoles, Complete: true, People: make([]app.Person, n), Grants: make([]app.DirectoryGrant, 0, 2*n)}
	for i := range d.People {
		id := int64(i + 1)
		d.People[i] = app.Person{RemoteID: id, Username: fmt.Sprintf("user%06d", i), FirstName: "First", LastName: "Last", Email: fmt.Sprintf("user%06d@example.com", i), Active: true, Me: i == 0}
		for k := range int64(2) {
			d.Grants = append(d.Grants, app.DirectoryGrant{User: id, Grant: app.Grant{Scope: app.GrantProduct, Object: id%1000 + 1 + k, Role: "Reader"}})
		}
	}
	return d
}

func TestALargeDirectoryIsReplacedInLittleMemory(t *testing.T) {
	n := 100_000
	if testing.Short() {
		n = 5_000
	}
	w := newWorld(t)
	d := crowd(n)
	before := heap()
	var most atomic.Uint64
	timed := func(what string, limit time.Duration, fn func()) {
		t.Helper()
		start := time.Now()
		done, seen := make(chan struct{}), make(chan struct{})
		go func() { // looks while it works, not afterwards
			defer close(seen)
			for tick := time.NewTicker(100 * time.Millisecond); ; {
				most.Store(max(most.Load(), heap()))
				select {
				case <-done:
					tick.Stop()
					return
				case <-tick.C:
				}
			}
		}()
		fn()
		took := time.Since(start)
		close(done)
		<-seen
		t.Logf("%s: %.2f s", what, took.Seconds())
		if took > limit {
			t.Errorf("%s took %v", what, took)
		}
	}
	timed("first", 60*time.Second, func() { w.replace(d) })
	timed("the same again", 20*time.Second, func() { w.replace(d) })
	for i := range d.People {
		if i%100 == 0 {
			d.People[i].Email = "moved@example.com"
		}
	}
	timed("one in a hundred changed", 20*time.Second, func() { w.replace(d) })
	timed("one is left", 60*time.Second, func() {
		w.replace(app.Directory{Model: d.Model, Complete: true, People: d.People[:1], Grants: d.Grants[:2]})
	})
	// The directory itself is some 40 MB. What is stored is not held beside it,
	// but for the grants that are dropped at the end: less than 48 MB on a quiet
	// machine, 57 on a busy one, where a collection that lasts keeps what is
	// dropped meanwhile.
	if grown := int64(most.Load()) - int64(before); grown > 72<<20 {
		t.Errorf("the heap grew by %d MB", grown>>20)
	}
	people := must(w.store.People(t.Context(), w.account.ID))(t)
	active := 0
	for _, p := range people {
		if p.Active {
			active++
		}
	}
	if len(people) != n || active != 1 || w.rows("grants") != 2 {
		t.Errorf("%d people, %d of them active, %d grants", len(people), active, w.rows("grants"))
	}
	timed("forgotten", 60*time.Second, func() { ok(t, w.store.RemoveAccount(t.Context(), w.account.ID)) })
	if w.rows("people")+w.rows("grants") != 0 {
		t.Error("people remain of an account that is gone")
	}
}
