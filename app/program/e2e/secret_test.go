//go:build e2e && linux

package e2e

import (
	"bytes"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// secrets collects the password and the cookies that the server sees from now
// on.
func (w *world) secrets() func() []string {
	var mu sync.Mutex
	seen := []string{password}
	w.dojo.Break(func(_ http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		for _, c := range r.Cookies() {
			if !slices.Contains(seen, c.Value) {
				seen = append(seen, c.Value)
			}
		}
		return false
	})
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(seen)
	}
}

// noneInClear makes sure that no file of the user's holds one of the secrets.
func (w *world) noneInClear(secrets []string) {
	w.t.Helper()
	if len(secrets) < 3 {
		w.t.Errorf("the server saw no session and no CSRF cookie, only %d secrets", len(secrets))
	}
	files := 0
	err := filepath.WalkDir(w.home, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return nil //nolint:nilerr // a file that has just gone
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return nil //nolint:nilerr // a file that has just gone
		}
		files++
		for i, secret := range secrets {
			if bytes.Contains(b, []byte(secret)) {
				w.t.Errorf("the secret %d (0 is the password) stands in %s", i, strings.TrimPrefix(path, w.home))
			}
		}
		return nil
	})
	if err != nil || files == 0 {
		w.t.Fatalf("looked through %d files: %v", files, err)
	}
}

// mode returns the permissions of a file in the data folder.
func (w *world) mode(name string) fs.FileMode {
	w.t.Helper()
	info, err := os.Stat(filepath.Join(w.dataDir(), name))
	if err != nil {
		w.t.Fatal(err)
	}
	return info.Mode().Perm()
}

// missing makes sure that there is no such file in the data folder.
func (w *world) missing(name string) {
	w.t.Helper()
	if _, err := os.Stat(filepath.Join(w.dataDir(), name)); !os.IsNotExist(err) {
		w.t.Errorf("there is a file %s (%v)", name, err)
	}
}
