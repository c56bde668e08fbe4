package store_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/store"
	"bellhop/store/storetest"
)

// beforeServices makes a database as it was before there was a channel services:
// an account and n deliveries by mail that wait.
func beforeServices(tb testing.TB, dir string, n int) string {
	tb.Helper()
	path := filepath.Join(dir, "bellhop.db")
	var steps []string
	for _, name := range must(filepath.Glob("migrations/000[1-4]_*.sql"))(tb) {
		steps = append(steps, string(must(os.ReadFile(name))(tb)))
	}
	raw(tb, path, append(steps, `PRAGMA application_id = 0x42656c6c; PRAGMA user_version = 4; PRAGMA journal_mode = WAL;
		INSERT INTO accounts (id, url, username, family, user_id, sign_in, cookie_name, ca_file, client_cert, client_key, proxy, insecure, demo, server, created, leaving)
			VALUES (1, 'https://dojo.example.com', 'ada', 'browser', 7, 'password', 'sessionid', '', '', '', '', 0, 0, '2.46.0', 1000, 0);
		INSERT INTO heads (account) VALUES (1);
		INSERT INTO people (id, account, remote_id, username, first_name, last_name, email, slack, active, superuser, staff, me)
			VALUES (1, 1, 7, 'ada', '', '', 'ada@example.com', '', 1, 0, 0, 1);
		INSERT INTO destinations (id, account, channel, name, product, address, off) VALUES (1, 1, 'webhooks', 'hook', 0, 'https://hook.example.com', 0);
		INSERT INTO lanes (id, key, channel, not_before) VALUES (1, 'mail', 2, 0)`,
		fmt.Sprintf(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
		INSERT INTO events (id, account, origin, key, kind, at, happened, fact, alert, call, history, same, routed_at)
			SELECT i, 1, 'webhook', i, 'scan_added', 2000, 2000, '', 0, '{"kind":"scan_added","title":"t"}', 0, 0, 2000 FROM n;
		INSERT INTO deliveries (id, event, person, channel, destination, lane, storm, state, due, created)
			SELECT format('%%026d', id), id, 1, 2, 0, 1, 'shop', 'waiting', 2000, 2000 FROM events`, n))...)
	return path
}

// checks returns what the tables of a file say that a channel may be.
func checks(tb testing.TB, path string) string {
	tb.Helper()
	db := must(sql.Open("sqlite", path))(tb)
	defer func() { ok(tb, db.Close()) }()
	var out []string
	for _, table := range []string{"lanes", "deliveries", "destinations"} {
		var text string
		ok(tb, db.QueryRowContext(tb.Context(), `SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?`, table).Scan(&text))
		_, check, _ := strings.Cut(text, "CHECK (channel ")
		check, _, _ = strings.Cut(check, ",\n")
		out = append(out, strings.TrimSuffix(check, ")"))
	}
	var sound string
	ok(tb, db.QueryRowContext(tb.Context(), `PRAGMA integrity_check`).Scan(&sound))
	return strings.Join(append(out, sound), "; ")
}

// What waited before the channel services came waits after it; then the channel
// has destinations, lanes and deliveries as the others have, and an eighth is
// still refused.
func TestADatabaseWithoutServicesLearnsOfThem(t *testing.T) {
	w := &world{T: t, clock: storetest.Epoch, dir: t.TempDir()}
	path := beforeServices(t, w.dir, 300)
	if got := checks(t, path); got != "BETWEEN 0 AND 5; BETWEEN 0 AND 5; IN ('mail', 'slack', 'msteams', 'webhooks'); ok" {
		t.Fatalf("an old file allows %s", got)
	}
	w.store = storetest.Open(t, store.Options{Dir: w.dir, Now: func() time.Time { return w.clock }})
	ctx := t.Context()
	w.account = must(w.store.Account(ctx, 1))(t)
	d := must(w.store.AddDestination(ctx, app.Destination{Account: 1, Channel: app.ChannelServices, Name: "phone", Person: 1, Address: "ntfy"}))(t)
	next := w.mail(1000)
	next.Channel, next.Destination, next.Lane = app.ChannelServices, d.ID, "services phone"
	w.enqueue(next)
	w.wantClaim("services phone", 9, 1000)
	w.settle(app.DeliverySent, 1000)
	if got := w.claim("mail", 500); len(got) != 300 {
		t.Errorf("%d of 300 mails are still there", len(got))
	}
	if n := must(w.store.DeliveryCounts(ctx))(t); n[app.ChannelServices][app.DeliverySent] != 1 || n[app.ChannelMail][app.DeliveryWaiting] != 300 {
		t.Errorf("counted %v", n)
	}
	if list := must(w.store.Destinations(ctx, 1))(t); len(list) != 2 || list[1].Channel != app.ChannelServices {
		t.Errorf("the destinations are %+v", list)
	}
	w.deepCheck()
	w.reopen()
	if list, _, err := w.store.Deliveries(ctx, app.DeliveryFilter{Channel: "services"}); err != nil || len(list) != 1 {
		t.Errorf("found %+v, %v", list, err)
	}
	ok(t, w.store.Close())
	if got := checks(t, path); got != "BETWEEN 0 AND 6; BETWEEN 0 AND 6; IN ('mail', 'slack', 'msteams', 'webhooks', 'services'); ok" {
		t.Errorf("the new file allows %s", got)
	}
	db := must(sql.Open("sqlite", path))(t)
	defer func() { ok(t, db.Close()) }()
	for _, refused := range []string{
		`UPDATE lanes SET channel = 7`, `UPDATE deliveries SET channel = 7`, `UPDATE destinations SET channel = 'toast'`, `UPDATE deliveries SET due = 'soon'`,
	} {
		if _, err := db.ExecContext(ctx, refused); err == nil {
			t.Errorf("%s was taken", refused)
		}
	}
}

// A migration does not copy what waits: a hundred times as much takes about as
// long. What takes longer is the copy of the whole file before it.
func TestAMigrationLeavesDeliveriesWhereTheyAre(t *testing.T) {
	if testing.Short() {
		t.Skip("makes a large file")
	}
	took := func(n int) time.Duration {
		path := beforeServices(t, t.TempDir(), n)
		text := must(os.ReadFile("migrations/0005_services.sql"))(t)
		db := must(sql.Open("sqlite", path))(t)
		defer func() { ok(t, db.Close()) }()
		var times []time.Duration
		for range 5 { // undone each time
			tx := must(db.BeginTx(t.Context(), nil))(t)
			begun := time.Now()
			_, err := tx.ExecContext(t.Context(), string(text))
			ok(t, err)
			times = append(times, time.Since(begun))
			ok(t, tx.Rollback())
		}
		return slices.Min(times)
	}
	few, many := took(100), took(20_000)
	t.Logf("%v with 100 deliveries, %v with 20,000", few, many)
	if many > 20*few+20*time.Millisecond {
		t.Errorf("the migration takes %v with 100 deliveries and %v with 20,000", few, many)
	}
}
