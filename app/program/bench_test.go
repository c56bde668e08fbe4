package program

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch/webhook"
	"bellhop/store"
	"bellhop/store/storetest"
)

// sending is a bell without its face: everything between an event that is decided
// and the note that it arrived, on a database and a secret file on the disk.
type sending struct {
	store   *store.Store
	account app.Account
	me      app.Person
	bell    *bell
	close   func()
}

func newSending(b *testing.B) *sending {
	b.Helper()
	growMemory() // as for any work
	b.Cleanup(func() { debug.SetGCPercent(100) })
	dir := b.TempDir()
	s := storetest.Open(b, store.Options{Dir: dir})
	log := slog.New(slog.DiscardHandler)
	v := &recent{secretKeeper: newVault(dir, log)}
	x := &sending{store: s}
	var err1, err2 error
	x.account, err1 = s.Local(b.Context())
	x.me, err2 = s.Me(b.Context(), x.account.ID)
	err := errors.Join(err1, err2)
	if err != nil {
		b.Fatal(err)
	}
	x.bell = &bell{store: s, vault: v, log: log}
	x.bell.o.Now = time.Now
	x.bell.engine = &engine{store: s}
	ways, closeWays := newChannels(s, v, log, time.Now)
	x.close = closeWays
	x.bell.poster = &poster{store: s, vault: v, engine: x.bell.engine, channels: ways, log: log, now: time.Now}
	return x
}

// put adds a destination of the person.
func (x *sending) put(b *testing.B, d app.Destination, secrets map[string]string) app.Destination {
	b.Helper()
	d.Account, d.Person = x.account.ID, x.me.ID
	kept, err := x.bell.PutDestination(b.Context(), d, secrets, true)
	if err != nil {
		b.Fatalf("%v: %s", err, app.AsProblem(err).Step)
	}
	return kept.Destination
}

// events stores what is told, n times.
func (x *sending) events(b *testing.B, n int) []app.Event {
	b.Helper()
	list := make([]app.Event, n)
	for i := range list {
		list[i] = app.Event{Account: x.account.ID, Origin: app.OriginLocal, Key: strconv.Itoa(i), Kind: app.KindOther, Call: app.Call{
			Title:       "ZAP: High finding in payments gateway: SQL injection (test " + strconv.Itoa(i) + ")",
			Description: "The scan by ZAP of payments gateway has found SQL injection at src/login.py:42.", URL: "/finding/" + strconv.Itoa(i),
		}}
	}
	stored, err := x.store.RecordEvents(b.Context(), list, nil)
	if err != nil {
		b.Fatal(err)
	}
	return stored
}

// route decides the events for the destination, as many at once as the router.
func (x *sending) route(b *testing.B, events []app.Event, d app.Destination) {
	b.Helper()
	for len(events) > 0 {
		n := min(len(events), routeAtMost)
		routed := make([]app.Routed, n)
		now := time.Now()
		for i := range n {
			e := &events[i] // as the router has it
			decision := app.Decision{Event: e.ID, Person: x.me.ID, Channel: d.Channel, Destination: d.ID, Yes: true}
			routed[i] = app.Routed{Event: e.ID, Told: e, Decisions: []app.Decision{decision}, Deliveries: []app.Delivery{{
				ID: x.bell.engine.ids.next(now), Event: e.ID, Account: e.Account, Person: x.me.ID, Channel: d.Channel, Destination: d.ID,
				Lane: laneOf(e.Account, decision), Group: groupOf(e, false), State: app.DeliveryWaiting, Due: now, Created: now,
			}}}
		}
		if err := x.store.Route(b.Context(), routed); err != nil {
			b.Fatal(err)
		}
		events = events[n:]
	}
}

// drain runs the outbox until so many deliveries were sent.
func (x *sending) drain(b *testing.B, c app.Channel, n int, work func()) {
	b.Helper()
	ctx, end := context.WithCancel(b.Context())
	defer end()
	hints, unsubscribe := x.store.Changes().Subscribe()
	defer unsubscribe()
	ended := make(chan error, 1)
	go func() { ended <- x.bell.send(ctx) }()
	work()
	for {
		counts, err := x.store.DeliveryCounts(ctx)
		if err != nil {
			b.Fatal(err)
		}
		if counts[c][app.DeliverySent] == n {
			break
		}
		select {
		case <-hints:
		case <-time.After(5 * time.Second):
			list, _, _ := x.store.Deliveries(ctx, app.DeliveryFilter{Limit: 1})
			b.Fatalf("not sent: %v, %+v", counts, list)
		}
	}
	b.StopTimer()
	end()
	if err := <-ended; err != nil {
		b.Error(err)
	}
}

// BenchmarkDurableWebhooks is messages a second from their decision, each on
// the disk (synchronous=FULL) before it is sent, to the note that it arrived,
// signed, over HTTP. That note is about many of them at once; the rows of the ledger
// are made of it when the storm is over, and are not in the figure.
func BenchmarkDurableWebhooks(b *testing.B) {
	x := newSending(b)
	defer x.close()
	target := os.Getenv("BELLHOP_BENCH_HTTP")
	if target == "" {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.WriteHeader(http.StatusNoContent)
		}))
		defer server.Close()
		target = server.URL
	}
	d := x.put(b, app.Destination{Channel: app.ChannelWebhooks, Name: "siem", Address: target, Config: map[string]string{"private": "on"}},
		map[string]string{"key": webhook.NewKey()})
	events := x.events(b, b.N)
	b.ResetTimer()
	x.drain(b, app.ChannelWebhooks, b.N, func() { x.route(b, events, d) })
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}

// BenchmarkDurableMails is the same for mails, each by itself, over eight
// connections.
func BenchmarkDurableMails(b *testing.B) {
	x := newSending(b)
	defer x.close()
	if err := x.store.Set(b.Context(), app.SettingDigests, "off"); err != nil {
		b.Fatal(err)
	}
	target := os.Getenv("BELLHOP_BENCH_SMTP")
	if target == "" {
		b.Skip("BELLHOP_BENCH_SMTP names no receiver")
	}
	host, port, err := net.SplitHostPort(target)
	if err != nil {
		b.Fatal(err)
	}
	d := x.put(b, app.Destination{Channel: app.ChannelMail, Name: "post", Address: "ada@example.com", Config: map[string]string{
		"host": host, "port": port, "tls": "none", "auth": "none", "from": "Bellhop <bellhop@example.com>", "mails_per_connection": "1000", "connections": "8",
	}}, nil)
	events := x.events(b, b.N)
	b.ResetTimer()
	x.drain(b, app.ChannelMail, b.N, func() { x.route(b, events, d) })
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}

// BenchmarkDecidedAndDurable is one event for 10,000 people, each told by mail
// and by Slack: decided, and on the disk.
func BenchmarkDecidedAndDurable(b *testing.B) {
	const people = 10_000
	s := storetest.Open(b, store.Options{Dir: b.TempDir()})
	account := storetest.Account(b, s, "dojo.example.com")
	directory := app.Directory{Model: app.AccessRoles, Complete: true, At: time.Now(), Products: []app.Product{{ID: 3, Name: "Shop", TypeID: 1}}, ProductTypes: []app.ProductType{{ID: 1, Name: "Retail"}}}
	for i := range int64(people) {
		name := "user" + strconv.FormatInt(i, 10)
		directory.People = append(directory.People, app.Person{RemoteID: i + 1, Username: name, Email: name + "@example.com", Slack: name + "@example.com", Active: true})
		directory.Grants = append(directory.Grants, app.DirectoryGrant{User: i + 1, Grant: app.Grant{Scope: app.GrantProduct, Object: 3, Role: "Reader"}})
	}
	if err := s.ReplaceDirectory(b.Context(), account.ID, directory); err != nil {
		b.Fatal(err)
	}
	if err := s.Set(b.Context(), app.SettingEngineMode, string(app.ModeEveryone)); err != nil {
		b.Fatal(err)
	}
	row := app.DefaultRow()
	column, _ := app.ColumnNamed("scan_added")
	row[column] = app.ChannelsOf(app.ChannelMail, app.ChannelSlack)
	known, err := s.People(b.Context(), account.ID)
	if err != nil {
		b.Fatal(err)
	}
	var rows []app.Preference
	for _, p := range known {
		rows = append(rows, app.Preference{Account: account.ID, Owner: app.OwnerLocal, Scope: app.ScopePersonal, Person: p.ID, Row: row})
	}
	if err := s.ImportPreferences(b.Context(), rows, "bench"); err != nil {
		b.Fatal(err)
	}
	e := &engine{store: s}
	hints, unsubscribe := s.Changes().Subscribe()
	defer unsubscribe()
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		stored, err := s.RecordEvents(b.Context(), []app.Event{{
			Account: account.ID, Origin: app.OriginLocal, Key: strconv.Itoa(i), Kind: app.KindScanAdded,
			Call: app.Call{Title: "Scan " + strconv.Itoa(i), Product: &app.Ref{ID: 3, Name: "Shop"}},
		}}, nil)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := e.World(b.Context(), account.ID); err != nil { // made when the settings changed, not for each event
			b.Fatal(err)
		}
		began := time.Now()
		routed, err := e.Route(b.Context(), &stored[0], began)
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Route(b.Context(), []app.Routed{routed}); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
		for counts := 0; counts < 2*people*(i+1); { // let it be unpacked, so that the next one is alone as well
			all, err := s.DeliveryCounts(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			counts = all[app.ChannelMail][app.DeliveryWaiting] + all[app.ChannelSlack][app.DeliveryWaiting]
			if counts < 2*people*(i+1) {
				<-hints
			}
		}
		if len(routed.Deliveries) != 2*people {
			b.Fatalf("%d deliveries", len(routed.Deliveries))
		}
	}
	slices.Sort(took)
	b.ReportMetric(took[len(took)/2].Seconds()*1000, "p50-ms")
}
