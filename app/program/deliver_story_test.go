package program

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/app/dispatch/dispatchtest"
	"bellhop/store"
	"bellhop/sync/dojoserver"
)

// read looks into the bell's database beside it, as the command line does.
func (w *world) read(f func(s *store.Store)) {
	w.t.Helper()
	s, err := store.Open(w.t.Context(), store.Options{Dir: w.dir, ReadOnly: true, Now: w.clock.now})
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	f(s)
}

// deliveries lists the ledger, newest first.
func (w *world) deliveries(f app.DeliveryFilter) (list []app.Delivery) {
	w.t.Helper()
	w.read(func(s *store.Store) {
		var err error
		if list, _, err = s.Deliveries(w.t.Context(), f); err != nil {
			w.t.Fatal(err)
		}
	})
	return list
}

// person finds somebody by name.
func (w *world) person(account app.AccountID, name string) (p app.Person) {
	w.t.Helper()
	w.read(func(s *store.Store) {
		var err error
		if p, err = s.Person(w.t.Context(), account, name); err != nil {
			w.t.Fatalf("%s: %v", name, err)
		}
	})
	return p
}

// prefer sets the channels of settings of a line, and of all others what the
// default has.
func (w *world) prefer(p app.Preference, columns map[string]app.Channels) app.Preference {
	w.t.Helper()
	w.read(func(s *store.Store) {
		rows, err := s.Preferences(w.t.Context(), p.Account, app.OwnerLocal)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, r := range rows {
			if r.Scope == p.Scope && r.Person == p.Person && r.Product == p.Product {
				p.Version = r.Version
			}
		}
	})
	if p.Row == (app.Row{}) && p.Scope != app.ScopeProduct {
		p.Row = app.DefaultRow()
	}
	for name, set := range columns {
		column, ok := app.ColumnNamed(name)
		if !ok {
			w.t.Fatalf("there is no setting %q", name)
		}
		p.Row[column] = set
	}
	kept, err := w.client.PutPreference(w.t.Context(), p)
	if err != nil {
		w.t.Fatal(err)
	}
	return kept
}

// set changes a setting.
func (w *world) set(key, value string) {
	w.t.Helper()
	if err := w.client.Set(w.t.Context(), key, value); err != nil {
		w.t.Fatal(err)
	}
}

// notify raises a local event.
func (w *world) notify(account app.AccountID, fields map[string]any) int64 {
	w.t.Helper()
	raw, err := json.Marshal(fields)
	if err != nil {
		w.t.Fatal(err)
	}
	out, err := w.client.Notify(w.t.Context(), account, []json.RawMessage{raw})
	if err != nil {
		w.t.Fatalf("%v: %s", err, app.AsProblem(err).Step)
	}
	return out.Events[0]
}

// look makes the watch look at the account's server.
func (w *world) look(account app.AccountID, rounds int) {
	w.t.Helper()
	var m member
	w.until("the account is looked after", func() bool { // not yet just after a start
		w.bell.crew.mu.Lock()
		defer w.bell.crew.mu.Unlock()
		m = w.bell.crew.members[account]
		return m.watch != nil
	})
	for range rounds {
		if err := m.watch.LookNow(w.t.Context()); err != nil {
			w.t.Fatalf("look: %v", err)
		}
	}
}

// why explains an event to a person, by channel.
func (w *world) why(event int64, person app.PersonID) map[app.Channel]string {
	w.t.Helper()
	out := make(map[app.Channel]string)
	w.read(func(s *store.Store) {
		e, err := s.Event(w.t.Context(), event)
		if err != nil {
			w.t.Fatal(err)
		}
		facts, err := s.Facts(w.t.Context(), e.Account)
		if err != nil {
			w.t.Fatal(err)
		}
		world := dispatch.New(facts)
		decided, err := s.Decisions(w.t.Context(), event)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, d := range decided {
			if d.Person == person {
				out[d.Channel] = strings.Join(dispatch.Words(world, &e, d), " ")
			}
		}
	})
	return out
}

// settled waits until everything is routed and nothing is on its way.
func (w *world) settled() {
	w.t.Helper()
	defer func() {
		if w.t.Failed() {
			w.t.Log(w.ledger())
		}
	}()
	w.until("everything is routed and sent", func() bool {
		done := false
		w.read(func(s *store.Store) {
			waiting, err := s.Unrouted(w.t.Context(), 1)
			if err != nil {
				w.t.Fatal(err)
			}
			counts, err := s.DeliveryCounts(w.t.Context())
			if err != nil {
				w.t.Fatal(err)
			}
			open := 0
			for _, byState := range counts {
				open += byState[app.DeliveryWaiting]
			}
			done = len(waiting) == 0 && open == 0
		})
		return done
	})
}

// decided says whether no event waits for its decision.
func (w *world) decided() bool {
	w.t.Helper()
	none := false
	w.read(func(s *store.Store) {
		waiting, err := s.Unrouted(w.t.Context(), 1)
		if err != nil {
			w.t.Fatal(err)
		}
		none = len(waiting) == 0
	})
	return none
}

// shop makes a product with an engagement and a test at the server.
func (w *world) shop() (product, test int64) {
	t := w.dojo.AddProductType(dojoserver.ProductType{Name: "Retail", Authorized: []string{maria}})
	product = w.dojo.AddProduct(dojoserver.Product{Name: "Shop", Type: t, Authorized: []string{maria}})
	now := w.clock.now()
	e := w.dojo.AddEngagement(dojoserver.Engagement{Name: "Nightly", Product: product, TargetStart: now.AddDate(0, 0, -5), TargetEnd: now.AddDate(0, 0, 60)})
	return product, w.dojo.AddTest(dojoserver.Test{Engagement: e, Title: "unit"})
}

// everywhere is every way to be told for which these stories have a place.
var everywhere = app.AllChannels &^ app.ChannelsOf(app.ChannelServices)

// Four events of four sources arrive at all places that the settings name and at
// no others, across a restart after every step; the ledger and the explanations
// agree, and what two sources tell is told once.
func TestWhatHappensArrivesEverywhereOnceWhateverItsSource(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.dojo.AddUser(dojoserver.User{Name: maria, Password: password, Superuser: true})
	product, test := w.shop()
	a := w.connect()
	e := newEdges(w)
	if exim := dispatchtest.StartExim(t, dispatchtest.EximOptions{Domain: "example.com", Users: []string{"maria"}, Password: mailPass}); exim != nil {
		e.mail = &mailServer{addr: exim.Addr, real: exim}
	}
	if _, err := w.client.SyncPeople(t.Context(), a.ID); err != nil {
		t.Fatal(err)
	}
	me := w.person(a.ID, maria)
	w.places(e, a.ID, me.ID)
	w.prefer(app.Preference{Account: a.ID, Scope: app.ScopePersonal, Person: me.ID}, map[string]app.Channels{
		"other": everywhere, "scan_added": everywhere, "test_added": everywhere, "product_added": everywhere,
		"sla_breach": everywhere, "sla_breach_combined": 0, "close_engagement": app.ChannelsOf(app.ChannelAlert),
	})
	const mailbox = "maria@example.com"

	// 1. By the socket, as the command line does.
	raised := w.notify(a.ID, map[string]any{"event": "other", "title": "Backup failed", "product": "Shop", "key": "backup-1"})
	w.wantArrived(e, mailbox, arrivals{1, 1, 1, 1})
	w.restart()
	w.notify(a.ID, map[string]any{"event": "other", "title": "Backup failed", "product": "Shop", "key": "backup-1"})
	w.settled()
	w.wantArrived(e, mailbox, arrivals{1, 1, 1, 1})

	// 2. By DefectDojo's webhook, and by its alert a moment later.
	in := w.intakeOn(a.ID)
	finding := w.dojo.AddFinding(dojoserver.Finding{Title: "SQL injection", Severity: "Medium", Test: test, Active: true, NoSLA: true})
	sent := w.dojo.Raise(t.Context(), dojoserver.Event{
		Kind: "scan_added", Title: "Created/Updated 1 findings for Shop: Nightly: unit", URL: fmt.Sprintf("/test/%d", test), Test: test,
		New: []int64{finding}, Users: []string{maria},
	})
	if len(sent) != 1 || sent[0].Err != nil || sent[0].Status != 204 {
		t.Fatalf("the webhook ended with %+v", sent)
	}
	w.wantArrived(e, mailbox, arrivals{2, 2, 2, 2})
	w.restart()
	w.sync() // the alert of the same fact
	w.settled()
	w.wantArrived(e, mailbox, arrivals{2, 2, 2, 2})
	if got := w.list(app.ViewList); len(got) != 2 {
		t.Errorf("the list has %d alerts, want the local one and the server's", len(got))
	}

	// 3. Derived: a service level that the server breaks and tells nobody of.
	w.dojo.SetSystem("enable_notify_sla_active", true)
	w.look(a.ID, 5)
	w.settled()
	w.dojo.AddFinding(dojoserver.Finding{Title: "Old library", Test: test, Active: true, SLADue: w.clock.now().AddDate(0, 0, 4)})
	w.look(a.ID, 5)
	w.clock.pass(24 * time.Hour)
	w.look(a.ID, 5)
	w.wantArrived(e, mailbox, arrivals{3, 3, 3, 3})
	w.restart()
	w.look(a.ID, 1)
	w.settled()
	w.wantArrived(e, mailbox, arrivals{3, 3, 3, 3})

	// 4. An alert that only the server has.
	w.dojo.AddAlert(maria, dojoserver.Alert{Title: "Product Shop was added", URL: fmt.Sprintf("/asset/%d", product), Source: "Product Added"})
	w.sync()
	w.wantArrived(e, mailbox, arrivals{4, 4, 4, 4})
	w.restart()
	w.sync()
	w.settled()
	w.wantArrived(e, mailbox, arrivals{4, 4, 4, 4})

	// 5. What the settings keep from leaving stays.
	w.notify(a.ID, map[string]any{"event": "engagement_closed", "title": "Nightly is closed", "product": "Shop"})
	w.settled()
	w.wantArrived(e, mailbox, arrivals{4, 4, 4, 4})
	w.wantBell(6) // with the combined service level, which the system row tells superusers

	w.wantLedger(e, me.ID, raised)
	w.wantIntakeClean(in)
}

// wantLedger fails unless every message that arrived is in the ledger, taken by
// one attempt and with its reasons, and those of one event are of its sources.
func (w *world) wantLedger(e *edges, me app.PersonID, raised int64) {
	w.t.Helper()
	origins := make(map[app.Origin]int)
	ids := make(map[app.DeliveryID]app.Delivery)
	for _, d := range w.deliveries(app.DeliveryFilter{State: app.DeliverySent, Limit: 100}) {
		if d.Channel == app.ChannelToast {
			continue
		}
		ids[d.ID] = d
		if d.Person != me || d.Code != "" || d.Attempts != 1 {
			w.t.Errorf("the ledger has %+v", d)
		}
	}
	if len(ids) != 16 {
		w.t.Errorf("the ledger has %d deliveries, want 16\n%s", len(ids), w.ledger())
	}
	w.read(func(s *store.Store) {
		for id, d := range ids {
			attempts, err := s.Attempts(w.t.Context(), id)
			if err != nil || len(attempts) != 1 || attempts[0].Took <= 0 || attempts[0].Code != "" {
				w.t.Errorf("%s has the attempts %+v, %v", id, attempts, err)
			}
			event, err := s.Event(w.t.Context(), d.Event)
			if err != nil {
				w.t.Fatal(err)
			}
			origins[event.Origin]++
		}
	})
	if want := map[app.Origin]int{app.OriginLocal: 4, app.OriginWebhook: 4, app.OriginDerived: 4, app.OriginAlert: 4}; fmt.Sprint(origins) != fmt.Sprint(want) {
		w.t.Errorf("sent by origin: %v, want %v", origins, want)
	}
	for _, h := range e.hook.Hooks() {
		if _, known := ids[app.DeliveryID(h.Header.Get("webhook-id"))]; !known {
			w.t.Errorf("the receiver has %s, which the ledger has not", h.Header.Get("webhook-id"))
		}
		if err := verified(h); err != nil {
			w.t.Errorf("the signature: %v", err)
		}
		if h.Header.Get("X-Own") != hookValue {
			w.t.Errorf("the own header has %q", h.Header.Get("X-Own"))
		}
	}
	for _, l := range e.mail.letters("maria@example.com") {
		id, _, _ := strings.Cut(strings.Trim(l.ID, "<>"), "@")
		if _, known := ids[app.DeliveryID(id)]; !known {
			w.t.Errorf("a mail has the id %s", l.ID)
		}
		if !strings.HasPrefix(l.Subject, "DefectDojo notification: ") {
			w.t.Errorf("a mail has the subject %q", l.Subject)
		}
	}
	said := w.why(raised, me)
	for c := range everywhere.All() {
		if !strings.Contains(said[c], "maria is a superuser, and sees everything. The own settings of maria switch ") {
			w.t.Errorf("%s because %q", c, said[c])
		}
	}
}

// intakeOn receives webhooks on a free port and registers that at the server.
func (w *world) intakeOn(account app.AccountID) app.Intake {
	w.t.Helper()
	w.dojo.SetSystem("enable_webhooks_notifications", true)
	in, err := w.client.ChangeIntake(w.t.Context(), app.IntakeChange{Address: dispatchtest.FreeAddr(w.t), Register: account})
	if err != nil {
		w.t.Fatalf("%v: %s", err, app.AsProblem(err).Step)
	}
	if in.Registered == 0 || in.Secret == "" || in.Problem != nil {
		w.t.Fatalf("the intake is %+v", in)
	}
	w.private = append(w.private, in.Secret)
	return in
}

// wantIntakeClean fails where the intake has refused something, or still tells
// its secret.
func (w *world) wantIntakeClean(before app.Intake) {
	w.t.Helper()
	in, err := w.client.Intake(w.t.Context())
	if err != nil || in.Secret != "" || in.Refused != 0 || in.Problem != nil || in.URL != before.URL {
		w.t.Errorf("the intake is %+v, %v", in, err)
	}
	hooks := w.dojo.Webhooks()
	if !slices.ContainsFunc(hooks, func(h dojoserver.Webhook) bool { return h.Status == "active" && h.URL == before.URL }) {
		w.t.Errorf("the server has the webhooks %+v", hooks)
	}
}

// products lists the account's products.
func (w *world) products(account app.AccountID) (list []app.Product) {
	w.t.Helper()
	w.read(func(s *store.Store) {
		var err error
		if list, err = s.Products(w.t.Context(), account); err != nil {
			w.t.Fatal(err)
		}
	})
	return list
}

// destinations lists the account's destinations.
func (w *world) destinations(account app.AccountID) (list []app.Destination) {
	w.t.Helper()
	w.read(func(s *store.Store) {
		var err error
		if list, err = s.Destinations(w.t.Context(), account); err != nil {
			w.t.Fatal(err)
		}
	})
	return list
}
