package store_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"bellhop/app"
	"bellhop/store"
	"bellhop/store/storetest"
)

// firstSchema makes a database as the first release left it: two accounts, alerts
// in the list and in the history, events that were and were not routed, and a toast.
func firstSchema(tb testing.TB, dir string) {
	tb.Helper()
	schema := must(os.ReadFile("migrations/0001_init.sql"))(tb)
	raw(tb, filepath.Join(dir, "bellhop.db"), string(schema), `PRAGMA application_id = 0x42656c6c; PRAGMA user_version = 1;
		INSERT INTO accounts (id, url, username, family, user_id, sign_in, cookie_name, ca_file, client_cert, client_key, proxy, insecure, demo, server, created, leaving) VALUES
			(1, 'https://dojo.example.com', 'ada', 'browser', 7, 'password', 'sessionid', '', '', '', '', 0, 0, '2.46.0', 1000, 0),
			(2, 'https://api.example.com', 'bob', 'token', 0, 'token', '', '', '', '', '', 0, 0, '', 1000, 0),
			(3, 'https://gone.example.com', 'eve', 'browser', 9, 'password', '', '', '', '', '', 0, 0, '', 1000, 1);
		INSERT INTO heads (account, listed, looked) VALUES (1, 2, 1), (2, 0, 0);
		INSERT INTO alerts (id, account, remote_id, fingerprint, title, description, url, source, icon, created, first_seen) VALUES
			(1, 1, 11, 1, 'first words', 'd', '/test/1', 'Scan Added', '', 1000, 2000),
			(2, 1, 12, 2, 'second words', 'd', '/test/2', 'Scan Added', '', 1000, 2000),
			(3, 1, 13, 3, 'third words', 'd', '/finding/3', 'Sla Breach', '', 1000, 2000),
			(4, 3, 14, 4, 'left', 'd', '', 'Other', '', 1000, 2000);
		INSERT INTO alert_words (rowid, title, description) SELECT id, title, description FROM alerts;
		INSERT INTO list (account, block, n, ids) VALUES (1, 0, 2, X'02000300');
		INSERT INTO departures (id, account, why, at, count) VALUES (1, 1, 'elsewhere', 3000, 1);
		INSERT INTO departed (account, alert, departure) VALUES (1, 1, 1);
		INSERT INTO events (id, account, kind, alert, at, routed_at) VALUES (5, 1, 'scan_added', 1, 2000, 2500), (6, 1, 'scan_added', 2, 2000, 2500), (8, 1, 'sla_breach', 3, 2000, NULL);
		UPDATE sqlite_sequence SET seq = 20 WHERE name = 'events';
		INSERT INTO toasts (alert, account, note) VALUES (2, 1, 44);
		INSERT INTO settings (key, value) VALUES ('theme', 'dark')`)
}

func TestADatabaseOfTheFirstReleaseIsBroughtUpToDate(t *testing.T) {
	w := &world{T: t, clock: storetest.Epoch, dir: t.TempDir()}
	firstSchema(t, w.dir)
	if _, err := store.Open(t.Context(), store.Options{Dir: w.dir, ReadOnly: true}); err == nil {
		t.Error("a reader took an old database")
	} else {
		problem(t, err, "older_database")
	}
	w.store = storetest.Open(t, store.Options{Dir: w.dir})
	ctx := t.Context()
	w.account = must(w.store.Account(ctx, 1))(t)
	w.want(app.ViewList, 13, 12)
	w.want(app.ViewHistory, 11)
	if got := must(w.store.Alerts(ctx, app.Filter{Search: "second wor"}))(t); len(got.Alerts) != 1 {
		t.Errorf("found %+v", got.Alerts)
	}
	waiting := must(w.store.Unrouted(ctx, 9))(t)
	if len(waiting) != 1 || waiting[0].ID != 8 || waiting[0].Origin != app.OriginAlert || waiting[0].Key != "3" ||
		waiting[0].Call.Title != "third words" || waiting[0].Call.URL != "/finding/3" || waiting[0].Kind != app.KindSLABreach || waiting[0].Alert.ID != 3 {
		t.Errorf("waiting: %+v", waiting)
	}
	ok(t, w.store.Route(ctx, []app.Routed{{Event: 8, Decisions: []app.Decision{{Person: 1, Yes: true, Why: 1}}}}))
	w.wantQueue()
	if n := len(must(w.store.Events(ctx, app.EventFilter{}))(t)); n != 3 {
		t.Errorf("%d events", n)
	}
	if got := must(w.store.ToastNotes(ctx))(t); got[2] != 44 {
		t.Errorf("the toasts are %v", got)
	}
	if got := must(w.store.Setting(ctx, app.SettingTheme))(t); got != "dark" {
		t.Errorf("the theme is %s", got)
	}
	for id, want := range map[app.AccountID]app.Person{
		1: {Account: 1, RemoteID: 7, Username: "ada", Active: true, Me: true}, 2: {Account: 2, Username: "bob", Active: true, Me: true},
	} {
		got := must(w.store.Me(ctx, id))(t)
		if want.ID = got.ID; got != want {
			t.Errorf("the one who signed in to %d is %+v", id, got)
		}
	}
	// Numbers of events are never used again.
	if got := w.record(w.scan(app.OriginDerived, "new", 9)); got[0].ID != 21 {
		t.Errorf("the next event is %d", got[0].ID)
	}
	w.pull(app.Apply{}, app.Remote{ID: 12, Title: "again"}, app.Remote{ID: 90, Title: "new"})
	w.deepCheck()
}

func TestTheOldDatabaseIsCopiedBeforeItIsChanged(t *testing.T) {
	dir := t.TempDir()
	firstSchema(t, dir)
	s := storetest.Open(t, store.Options{Dir: dir})
	ok(t, s.Close())
	db := must(sql.Open("sqlite", filepath.Join(dir, "bellhop.db.good")))(t)
	defer func() { ok(t, db.Close()) }()
	var version, events, columns int
	ok(t, db.QueryRowContext(t.Context(), `SELECT (SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM events),
		(SELECT count(*) FROM pragma_table_info('events'))`).Scan(&version, &events, &columns))
	if version != 1 || events != 3 || columns != 6 {
		t.Errorf("the copy has version %d, %d events of %d columns", version, events, columns)
	}
	// Damage after the migration brings the old copy back, which is migrated again.
	ok(t, os.WriteFile(filepath.Join(dir, "bellhop.db.damaged"), nil, 0o600))
	s = storetest.Open(t, store.Options{Dir: dir})
	if got := s.Notices(); len(got) != 1 || got[0].Code != "database_restored" {
		t.Errorf("notices: %+v", got)
	}
	if n := len(must(s.Events(t.Context(), app.EventFilter{}))(t)); n != 3 {
		t.Errorf("%d events", n)
	}
}

func TestAMigrationThatFailsLeavesTheOldDatabase(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "bellhop.db")
	firstSchema(t, dir)
	// Something stands in its way, and is told.
	raw(t, path, `CREATE TABLE grants (x)`)
	if _, err := store.Open(t.Context(), store.Options{Dir: dir}); err == nil {
		t.Fatal("it was migrated")
	}
	if v := schemaVersion(t, path); v != 1 {
		t.Errorf("the version is %d", v)
	}
	raw(t, path, `DROP TABLE grants`)
	s := storetest.Open(t, store.Options{Dir: dir})
	steps := must(filepath.Glob("migrations/*.sql"))(t)
	if n, v := len(must(s.Unrouted(t.Context(), 9))(t)), schemaVersion(t, path); n != 1 || v != len(steps) {
		t.Errorf("%d wait in version %d of %d", n, v, len(steps))
	}
}
