package program

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/store"
	"bellhop/sync/dojoserver"
)

// company is a world with a superuser and a team of which only ben sees Shop;
// blind takes that away again.
func company(t *testing.T, version string) (w *world, e *edges, a app.Account, blind func()) {
	t.Helper()
	w = newWorldOn(t, dojoserver.Options{Version: version})
	w.dojo.AddUser(dojoserver.User{Name: maria, Password: password, Superuser: true, Slack: "maria@example.com"})
	for _, name := range []string{"ben", "cai", "eve"} {
		w.dojo.AddUser(dojoserver.User{Name: name})
	}
	w.dojo.AddUser(dojoserver.User{Name: "dan", Inactive: true})
	retail, bank := w.dojo.AddProductType(dojoserver.ProductType{Name: "Retail"}), w.dojo.AddProductType(dojoserver.ProductType{Name: "Bank"})
	shop := dojoserver.Product{Name: "Shop", Type: retail}
	till := dojoserver.Product{Name: "Till", Type: bank}
	if strings.HasPrefix(version, "2.") {
		shop.ID, till.ID = w.dojo.AddProduct(shop), w.dojo.AddProduct(till)
		blue := w.dojo.AddGroup(dojoserver.Group{Name: "Blue"})
		w.dojo.AddMember(dojoserver.Member{Group: blue, Product: shop.ID, Role: "Reader"})
		in := w.dojo.AddMember(dojoserver.Member{User: "ben", Group: blue})
		w.dojo.AddMember(dojoserver.Member{User: "dan", Group: blue})
		w.dojo.AddMember(dojoserver.Member{User: "cai", Product: till.ID, Role: "Owner"})
		blind = func() { w.dojo.Remove("dojo_group_members", in) }
	} else {
		shop.Authorized, till.Authorized = []string{"ben", "dan"}, []string{"cai"}
		shop.ID, till.ID = w.dojo.AddProduct(shop), w.dojo.AddProduct(till)
		blind = func() {
			shop.Authorized = []string{"dan"}
			w.dojo.AddProduct(shop)
		}
	}
	a = w.connect()
	e = newEdges(w)
	w.places(e, a.ID, 0)
	if err := w.client.Set(t.Context(), app.SettingEngineMode, string(app.ModeEveryone)); !app.AsProblem(err).NeedsUser {
		t.Errorf("deciding for people who are not known gave %v", err)
	}
	note, err := w.client.SyncPeople(t.Context(), a.ID)
	if err != nil || !note.Complete || note.People < 5 {
		t.Fatalf("learned %+v, %v", note, err)
	}
	w.set(app.SettingEngineMode, string(app.ModeEveryone))
	for _, name := range []string{"ben", "cai", "dan", "eve"} {
		w.prefer(app.Preference{Account: a.ID, Scope: app.ScopePersonal, Person: w.person(a.ID, name).ID}, map[string]app.Channels{"other": app.ChannelsOf(app.ChannelMail)})
	}
	w.prefer(app.Preference{Account: a.ID, Scope: app.ScopeSystem}, map[string]app.Channels{"other": app.ChannelsOf(app.ChannelMail, app.ChannelSlack)})
	return w, e, a, blind
}

// toldOf lists who got a mail with the text, in order.
func (e *edges) toldOf(text string) (list []string) {
	e.mail.mu.Lock()
	defer e.mail.mu.Unlock()
	for _, l := range e.mail.mails {
		if strings.Contains(l.Text+l.Subject, text) {
			list = append(list, l.To)
		}
	}
	slices.Sort(list)
	return list
}

func TestEveryoneIsToldOfWhatSheMaySeeAndNobodyElse(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"2.46.0", "3.2.0"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			w, e, a, blind := company(t, version)

			// Of Shop: ben by what he may see, maria as a superuser, and the shared places.
			first := w.notify(a.ID, map[string]any{"event": "other", "title": "Alpha happened", "product": "Shop"})
			w.settled()
			want := []string{"ben@example.com", "maria@example.com", "team@example.org"}
			if got := e.toldOf("Alpha happened"); !slices.Equal(got, want) {
				t.Fatalf("told by mail: %v, want %v\n%s", got, want, w.ledger())
			}
			var places []string
			for _, m := range e.slack.Messages() {
				places = append(places, m.Channel)
			}
			if slices.Sort(places); !slices.Equal(places, []string{"C1", "D1MARIA"}) {
				t.Errorf("told in Slack: %v", places)
			}
			if e.arrived("").Teams+e.arrived("").Hook != 0 {
				t.Errorf("told elsewhere: %+v", e.arrived(""))
			}
			w.wantWhyNot(a.ID, first, map[string]string{"cai": "may not see the product Shop", "eve": "may not see the product Shop", "dan": "dan is not an active user"})

			// A product row and another product: only cai, and as before.
			w.notify(a.ID, map[string]any{"event": "other", "title": "Beta happened", "product": "Till"})
			w.settled()
			if got := e.toldOf("Beta happened"); !slices.Equal(got, []string{"cai@example.com", "maria@example.com", "team@example.org"}) {
				t.Errorf("of the other product by mail: %v", got)
			}

			// Decided while ben saw it, sent when he does not any more.
			w.clock.pass(20 * time.Minute) // so that it is no part of a storm
			if err := w.client.PauseOutbox(t.Context(), true); err != nil {
				t.Fatal(err)
			}
			third := w.notify(a.ID, map[string]any{"event": "other", "title": "Gamma happened", "product": "Shop"})
			w.until("it is decided", func() bool { return len(w.deliveries(app.DeliveryFilter{Event: third})) >= 5 })
			blind()
			if _, err := w.client.SyncPeople(t.Context(), a.ID); err != nil {
				t.Fatal(err)
			}
			w.restart() // also where the bell ends in between
			if got := e.toldOf("Gamma happened"); len(got) > 0 {
				t.Fatalf("told while the outbox was paused: %v", got)
			}
			if err := w.client.PauseOutbox(t.Context(), false); err != nil {
				t.Fatal(err)
			}
			w.settled()
			if got := e.toldOf("Gamma happened"); !slices.Equal(got, []string{"maria@example.com", "team@example.org"}) {
				t.Errorf("after his access was taken away, told by mail: %v\n%s", got, w.ledger())
			}
			dropped := w.deliveries(app.DeliveryFilter{Event: third, State: app.DeliveryDropped})
			if len(dropped) != 1 || dropped[0].Code != "no_access" || dropped[0].Person != w.person(a.ID, "ben").ID {
				t.Errorf("dropped: %+v", dropped)
			}
		})
	}
}

// wantWhyNot fails unless people are told by no channel, for these reasons.
func (w *world) wantWhyNot(account app.AccountID, id int64, reasons map[string]string) {
	w.t.Helper()
	w.read(func(s *store.Store) {
		event, err := s.Event(w.t.Context(), id)
		if err != nil {
			w.t.Fatal(err)
		}
		facts, err := s.Facts(w.t.Context(), account)
		if err != nil {
			w.t.Fatal(err)
		}
		world := dispatch.New(facts)
		for name, reason := range reasons {
			person := w.person(account, name)
			for _, d := range world.Explain(&event, person.ID) {
				if said := fmt.Sprint(dispatch.Words(world, &event, d)); d.Yes || !strings.Contains(said, reason) {
					w.t.Errorf("%s by %s: %v because %s, want no because %s", name, d.Channel, d.Yes, said, reason)
				}
			}
		}
	})
}

// Whoever has a mail server of her own sends with it for herself alone.
func TestNobodysMailGoesOutBySomebodyElsesServer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.dojo.AddUser(dojoserver.User{Name: maria, Password: password, Superuser: true})
	w.dojo.AddUser(dojoserver.User{Name: "ben", Superuser: true})
	a := w.connect()
	e := newEdges(w)
	if _, err := w.client.SyncPeople(t.Context(), a.ID); err != nil {
		t.Fatal(err)
	}
	w.set(app.SettingEngineMode, string(app.ModeEveryone))
	me, ben := w.person(a.ID, maria), w.person(a.ID, "ben")
	w.places(e, a.ID, me.ID)
	for _, p := range []app.Person{me, ben} {
		w.prefer(app.Preference{Account: a.ID, Scope: app.ScopePersonal, Person: p.ID}, map[string]app.Channels{"other": app.ChannelsOf(app.ChannelMail)})
	}
	id := w.notify(a.ID, map[string]any{"title": "Whose server?"})
	w.until("maria has it", func() bool { return len(e.mail.letters("maria@example.com")) == 1 })
	w.until("ben's is noted", func() bool {
		for _, d := range w.deliveries(app.DeliveryFilter{Event: id}) {
			if d.Person == ben.ID && d.Channel == app.ChannelMail {
				return d.Code == "not_configured"
			}
		}
		return false
	})
	if got := e.toldOf("Whose server?"); !slices.Equal(got, []string{"maria@example.com"}) {
		t.Errorf("told by mail: %v", got)
	}
}

// A storm over people who share a mail server makes digests of each person's
// own, and none has a line of what she may not see.
func TestAStormOverSeveralPeopleMixesNothing(t *testing.T) {
	t.Parallel()
	w, e, a, _ := company(t, "3.2.0")
	const n = 30
	for i := range n {
		w.notify(a.ID, map[string]any{"title": fmt.Sprintf("Alpha %d", i), "product": "Shop"})
		w.notify(a.ID, map[string]any{"title": fmt.Sprintf("Beta %d", i), "product": "Till"})
	}
	w.until("all is decided", w.decided)
	for range 3 { // a lane takes a hundred at a time, and more of a group five minutes later
		w.until("the rest waits for its time", func() bool {
			now := w.clock.now()
			return !slices.ContainsFunc(w.deliveries(app.DeliveryFilter{State: app.DeliveryWaiting, Limit: 1000}), func(d app.Delivery) bool { return d.Due.Before(now) })
		})
		w.clock.pass(10 * time.Minute)
		w.set(app.SettingDigests, "on") // the outbox looks at the clock again
	}
	w.settled()
	for to, only := range map[string]string{"ben@example.com": "Alpha", "cai@example.com": "Beta"} {
		letters := e.mail.letters(to)
		other := map[string]string{"Alpha": "Beta", "Beta": "Alpha"}[only]
		var text strings.Builder
		for _, l := range letters {
			text.WriteString(l.Subject + l.Text)
		}
		if len(letters) < 2 || len(letters) > 6 {
			t.Errorf("%s got %d mails for %d events", to, len(letters), n)
		}
		if strings.Contains(text.String(), other) {
			t.Errorf("%s learned of %s", to, other)
		}
		if !strings.Contains(text.String(), only+" 0") {
			t.Errorf("%s learned nothing of %s", to, only)
		}
	}
	if got := e.toldOf("Alpha"); slices.Contains(got, "cai@example.com") || slices.Contains(got, "eve@example.com") || slices.Contains(got, "dan@example.com") {
		t.Errorf("told of Alpha: %v", got)
	}
	sent := w.deliveries(app.DeliveryFilter{Channel: "mail", State: app.DeliverySent, Limit: 1000})
	people := make(map[app.DeliveryID]app.PersonID)
	for _, d := range sent {
		people[d.ID] = d.Person
	}
	for _, d := range sent {
		if d.Digest != "" && people[d.Digest] != d.Person {
			t.Errorf("the delivery %s of person %d went out in a message to person %d", d.ID, d.Person, people[d.Digest])
		}
	}
	if len(sent) != 4*n+2*n { // ben or cai, and maria and the shared place of each
		t.Errorf("%d mails are noted as sent, want %d", len(sent), 6*n)
	}
}
