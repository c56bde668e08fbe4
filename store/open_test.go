package store_test

import (
	"database/sql"
	"errors"
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

// problem fails where err is not the problem with the code, or where the user
// would not know what to do.
func problem(tb testing.TB, err error, code string) {
	tb.Helper()
	p, is := errors.AsType[*app.Problem](err)
	if !is {
		tb.Fatalf("no problem but %v", err)
	}
	if p.Code != code || p.Message == "" || p.Step == "" {
		tb.Fatalf("the problem is %q, %q, %q, want the code %q", p.Code, p.Message, p.Step, code)
	}
}

// raw runs statements on the file itself, as another program could.
func raw(tb testing.TB, path string, statements ...string) {
	tb.Helper()
	db := must(sql.Open("sqlite", path))(tb)
	defer func() { ok(tb, db.Close()) }()
	for _, text := range statements {
		if _, err := db.ExecContext(tb.Context(), text); err != nil {
			tb.Fatal(err)
		}
	}
}

// schemaVersion returns the number of the last migration of a file.
func schemaVersion(tb testing.TB, path string) (version int) {
	tb.Helper()
	db := must(sql.Open("sqlite", path))(tb)
	defer func() { ok(tb, db.Close()) }()
	ok(tb, db.QueryRowContext(tb.Context(), `PRAGMA user_version`).Scan(&version))
	return version
}

func (w *world) reopen() {
	w.Helper()
	ok(w, w.store.Close())
	w.store = storetest.Open(w.T, store.Options{Dir: w.dir, Now: func() time.Time { return w.clock }})
}

func TestADatabaseFromTheFutureIsRefusedAndNotTouched(t *testing.T) {
	w := newWorld(t)
	w.pull(app.Apply{First: true}, answer(1)...)
	ok(t, w.store.Close())
	version := schemaVersion(t, filepath.Join(w.dir, "bellhop.db"))
	raw(t, filepath.Join(w.dir, "bellhop.db"), `PRAGMA user_version = 9999`)
	for _, readOnly := range []bool{false, true} {
		_, err := store.Open(t.Context(), store.Options{Dir: w.dir, ReadOnly: readOnly})
		problem(t, err, "newer_database")
		if !errors.Is(err, app.ErrNewerDatabase) {
			t.Errorf("read-only %t: %v", readOnly, err)
		}
	}
	raw(t, filepath.Join(w.dir, "bellhop.db"), fmt.Sprintf(`PRAGMA user_version = %d`, version))
	w.reopen()
	w.want(app.ViewList, 1)
}

func TestAFileOfAnotherProgramIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	raw(t, filepath.Join(dir, "bellhop.db"), `CREATE TABLE theirs (x)`)
	_, err := store.Open(t.Context(), store.Options{Dir: dir})
	problem(t, err, "not_a_bellhop_database")
}

func TestTheDatabaseIsForItsUserAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "by", "open")
	s := storetest.Open(t, store.Options{Dir: dir})
	storetest.Account(t, s, "dojo.example.com")
	ok(t, s.Backup(t.Context()))
	for _, name := range []string{"bellhop.db", "bellhop.db-wal", "bellhop.db.good"} {
		if mode := must(os.Stat(filepath.Join(dir, name)))(t).Mode().Perm(); mode&0o077 != 0 {
			t.Errorf("%s has the mode %o", name, mode)
		}
	}
}

func TestReadersLookOnWhileTheBellWrites(t *testing.T) {
	w := newWorld(t)
	reader := storetest.Open(t, store.Options{Dir: w.dir, ReadOnly: true})
	for i := range int64(20) {
		w.pull(app.Apply{}, answer(slices.Collect(func(yield func(int64) bool) {
			for key := range i + 1 {
				if !yield(key + 1) {
					return
				}
			}
		})...)...)
		if n := must(reader.Count(t.Context(), 0))(t); n != int(i)+1 {
			t.Fatalf("the reader counts %d after pull %d", n, i)
		}
	}
	if err := reader.Set(t.Context(), app.SettingTheme, "dark"); err == nil {
		t.Error("a reader could write")
	}
	if _, err := reader.BeginPull(t.Context(), w.account.ID, true); err == nil {
		t.Error("a reader could pull")
	}
}

func TestReadersComeBeforeAndAfterTheBell(t *testing.T) {
	w := newWorld(t)
	w.pull(app.Apply{First: true}, answer(1, 2)...)
	ok(t, w.store.Close())
	if _, err := os.Stat(filepath.Join(w.dir, "bellhop.db-shm")); err == nil {
		t.Fatal("closing left the shared memory behind, so this shows nothing")
	}
	reader := storetest.Open(t, store.Options{Dir: w.dir, ReadOnly: true})
	if n := must(reader.Count(t.Context(), 0))(t); n != 2 {
		t.Errorf("the reader counts %d", n)
	}
	w.reopen()
	w.pull(app.Apply{}, answer(1, 2, 3)...)
	if n := must(reader.Count(t.Context(), 0))(t); n != 3 {
		t.Errorf("the reader counts %d after the bell came", n)
	}
	w.reopen() // the bell can go while a reader looks on
	if n := must(reader.Count(t.Context(), 0))(t); n != 3 {
		t.Errorf("the reader counts %d after the bell came again", n)
	}
}

func TestAReaderSaysThatThereIsNothingYet(t *testing.T) {
	for name, dir := range map[string]string{"no folder": filepath.Join(t.TempDir(), "none"), "an empty folder": t.TempDir()} {
		_, err := store.Open(t.Context(), store.Options{Dir: dir, ReadOnly: true})
		problem(t, err, "no_database")
		if !errors.Is(err, app.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	dir := t.TempDir()
	ok(t, os.WriteFile(filepath.Join(dir, "bellhop.db"), nil, 0o600)) // the bell is just starting
	_, err := store.Open(t.Context(), store.Options{Dir: dir, ReadOnly: true})
	problem(t, err, "no_database")
}

// garble overwrites the middle of the file: pages of alerts, of their words
// and of indexes.
func garble(tb testing.TB, path string, from, to float64) {
	tb.Helper()
	content := must(os.ReadFile(path))(tb)
	for i := int(from * float64(len(content))); i < int(to*float64(len(content))); i++ {
		content[i] ^= 0xa5
	}
	ok(tb, os.WriteFile(path, content, 0o600))
}

func codes(problems []app.Problem) string {
	var out []string
	for _, p := range problems {
		out = append(out, p.Code)
	}
	return strings.Join(out, " ")
}

func TestADamagedDatabaseIsSetAsideAndTheLastGoodCopyRestored(t *testing.T) {
	for name, part := range map[string][2]float64{"head": {0, 0.01}, "all but the head": {0.05, 1}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			storetest.Fill(t, w.store, w.account.ID, 1, 300)
			ok(t, w.store.Backup(t.Context()))
			storetest.Fill(t, w.store, w.account.ID, 301, 10)
			ok(t, w.store.Close())
			garble(t, filepath.Join(w.dir, "bellhop.db"), part[0], part[1])
			w.reopen()
			notices := w.store.Notices()
			if codes(notices) != "database_restored" || !strings.Contains(notices[0].Step, "bellhop.db.corrupt-20261125T120000") {
				t.Fatalf("notices: %+v", notices)
			}
			if n := must(w.store.Count(t.Context(), 0))(t); n != 300 {
				t.Errorf("%d alerts were restored", n)
			}
			w.deepCheck()
			if found := must(filepath.Glob(filepath.Join(w.dir, "bellhop.db.corrupt-*")))(t); len(found) == 0 {
				t.Error("the damaged file is gone")
			}
			w.reopen()
			if notices := w.store.Notices(); len(notices) != 0 {
				t.Errorf("said again: %+v", notices)
			}
		})
	}
}

func TestADamagedDatabaseWithoutACopyBeginsAnew(t *testing.T) {
	for _, copied := range []string{"", "garbage"} {
		w := newWorld(t)
		ok(t, w.store.Close())
		garble(t, filepath.Join(w.dir, "bellhop.db"), 0, 1)
		if copied != "" {
			ok(t, os.WriteFile(filepath.Join(w.dir, "bellhop.db.good"), []byte(copied), 0o600))
		}
		w.reopen()
		if got := codes(w.store.Notices()); got != "database_lost" {
			t.Errorf("notices: %s", got)
		}
		if accounts := must(w.store.Accounts(t.Context()))(t); len(accounts) != 0 {
			t.Errorf("accounts: %v", accounts)
		}
	}
}

func TestDamageThatAGlanceMissesIsFoundByTheCheckAndMendedAtTheNextStart(t *testing.T) {
	w := newWorld(t)
	storetest.Fill(t, w.store, w.account.ID, 1, 20)
	ok(t, w.store.Backup(t.Context()))
	ok(t, w.store.Close())
	raw(t, filepath.Join(w.dir, "bellhop.db"), `UPDATE heads SET listed = 7`)
	w.reopen()
	if notices := w.store.Notices(); len(notices) != 0 {
		t.Fatalf("opening found it: %+v", notices)
	}
	checks := must(w.store.Check(t.Context()))(t)
	if checks[0].OK || checks[0].Step == "" {
		t.Fatalf("checks: %+v", checks)
	}
	w.reopen()
	if got := codes(w.store.Notices()); got != "database_restored" {
		t.Errorf("notices: %s", got)
	}
	w.recount()
}

func TestADamagedDatabaseNeverReplacesTheGoodCopy(t *testing.T) {
	w := newWorld(t)
	storetest.Fill(t, w.store, w.account.ID, 1, 2000)
	ok(t, w.store.Backup(t.Context()))
	ok(t, w.store.Close())
	good, path := filepath.Join(w.dir, "bellhop.db.good"), filepath.Join(w.dir, "bellhop.db")
	before, sound := must(os.ReadFile(good))(t), must(os.ReadFile(path))(t)
	// Somewhere there is a page that opening does not look at.
	for part := 0.3; part < 0.6; part += 0.01 {
		ok(t, os.WriteFile(path, sound, 0o600))
		garble(t, path, part, part+0.003)
		s := must(store.Open(t.Context(), store.Options{Dir: w.dir}))(t)
		missed := len(s.Notices()) == 0
		if missed {
			problem(t, s.Backup(t.Context()), "database_damaged")
		}
		ok(t, s.Close())
		if after := must(os.ReadFile(good))(t); !slices.Equal(before, after) {
			t.Fatal("the good copy was replaced")
		}
		if missed {
			w.reopen()
			if got := codes(w.store.Notices()); got != "database_restored" {
				t.Errorf("the next start says %q", got)
			}
			return
		}
	}
	t.Error("opening looks at every page, so this shows nothing")
}

func TestARestorationThatWasCutOffGoesOn(t *testing.T) {
	w := newWorld(t)
	storetest.Fill(t, w.store, w.account.ID, 1, 10)
	ok(t, w.store.Backup(t.Context()))
	ok(t, w.store.Close())
	// As after a power cut between the two renames.
	ok(t, os.Rename(filepath.Join(w.dir, "bellhop.db"), filepath.Join(w.dir, "bellhop.db.corrupt-x")))
	ok(t, os.Rename(filepath.Join(w.dir, "bellhop.db.good"), filepath.Join(w.dir, "bellhop.db.next")))
	w.reopen()
	if n := must(w.store.Count(t.Context(), 0))(t); n != 10 {
		t.Errorf("%d alerts came back", n)
	}
}

func TestAFullDiskLosesNothingAndSaysWhatToDo(t *testing.T) {
	w := newWorld(t)
	w.pull(app.Apply{First: true}, answer(1, 2, 3)...)
	ok(t, w.store.LimitPages(t.Context(), 4))
	many := make([]int64, 1500)
	for i := range many {
		many[i] = int64(i) + 1
	}
	p := must(w.store.BeginPull(t.Context(), w.account.ID, true))(t)
	ok(t, p.Add(t.Context(), answer(many...)))
	_, err := p.Apply(t.Context(), app.Apply{})
	problem(t, err, "disk_full")
	w.want(app.ViewList, 3, 2, 1)
	w.recount()
	w.deepCheck()
	// There is room for small things, and for the rest once the disk has it.
	must(w.store.Remove(t.Context(), []app.AlertID{w.id(2)}, 0))(t)
	ok(t, w.store.LimitPages(t.Context(), 0))
	if got := must(p.Apply(t.Context(), app.Apply{}))(t); got.New != 1497 {
		t.Errorf("after making room: %+v", got)
	}
	ok(t, p.Close())
	w.recount()
	w.deepCheck()
}

func TestAChangeThatFillsTheDiskTakesNoOtherAlong(t *testing.T) {
	w := newWorld(t)
	w.pull(app.Apply{First: true}, answer(1, 2, 3)...)
	many := make([]int64, 1500)
	for i := range many {
		many[i] = int64(i) + 1
	}
	p := must(w.store.BeginPull(t.Context(), w.account.ID, true))(t)
	defer func() { ok(t, p.Close()) }()
	ok(t, p.Add(t.Context(), answer(many...)))
	must(p.Plan(t.Context()))(t)
	ok(t, w.store.LimitPages(t.Context(), 4))
	held, release := make(chan struct{}), make(chan struct{})
	results := make(chan error, 3)
	go func() { results <- w.store.Hold(t.Context(), held, release) }()
	<-held
	pulled := make(chan error, 1)
	for range 2 {
		go func() { results <- w.store.Set(t.Context(), app.SettingTheme, "dark") }()
	}
	go func() { _, err := p.Apply(t.Context(), app.Apply{}); pulled <- err }()
	close(release)
	for range 3 {
		ok(t, <-results)
	}
	problem(t, <-pulled, "disk_full")
	if got := must(w.store.Setting(t.Context(), app.SettingTheme))(t); got != "dark" {
		t.Errorf("the theme is %q", got)
	}
}

func TestEveryStepOfTheSchemaIsNumbered(t *testing.T) {
	names := must(filepath.Glob("migrations/*.sql"))(t)
	for i, name := range names {
		if want := fmt.Sprintf("migrations/%04d_", i+1); !strings.HasPrefix(filepath.ToSlash(name), want) {
			t.Errorf("%s does not start with %s", name, want)
		}
	}
}
