package program

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"bellhop/app"
)

func TestADamagedDatabaseIsReplacedByItsCopyAndSaidSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.born("Comes back from the server", "/finding/1")
	w.connect() // a first account makes a first copy
	w.wantBell(1)
	w.stop()

	path := filepath.Join(w.dir, "bellhop.db")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	copy(whole[4096:], bytes.Repeat([]byte{0xde, 0xad}, 8*4096))
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}

	w.start()
	s := w.status()
	if !slices.ContainsFunc(s.Notices, func(p app.Problem) bool { return p.Code == "database_restored" && p.Step != "" }) {
		t.Errorf("the status says nothing of it: %+v", s.Notices)
	}
	if len(s.Accounts) != 1 {
		t.Fatalf("the account is lost: %+v", s.Accounts)
	}
	w.sync()
	w.wantBell(1)
	checks := Doctor(t.Context(), Options{DataDir: w.dir})
	if !slices.ContainsFunc(checks, func(c app.Check) bool { return c.Name == "database_damage" && !c.OK }) {
		t.Errorf("the doctor says nothing of it: %+v", checks)
	}
}
