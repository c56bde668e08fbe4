//go:build e2e && linux

package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"bellhop/app"
	"bellhop/store"
	"bellhop/store/storetest"
	"bellhop/sync/dojoserver"
)

const (
	user     = "maria"
	password = "correct horse battery staple"
)

// world is a desktop, a DefectDojo and Bellhop's programs.
type world struct {
	*desktop
	dojo  *dojoserver.Server
	url   string
	pages <-chan string // what the browser was asked for
	bell  *process
}

// newWorld starts a desktop, whole or without some parts, and a DefectDojo in
// which the user has some alerts.
func newWorld(t *testing.T, alerts int, without ...string) *world {
	t.Helper()
	w := &world{desktop: newDesktop(t, without...)}
	w.dojo = dojoserver.New(dojoserver.Options{Users: []dojoserver.User{{Name: user, Password: password}}})
	for i := range alerts {
		w.born("Finding "+strconv.Itoa(i+1)+" is overdue", "/finding/"+strconv.Itoa(i+1))
	}
	var err error
	if w.url, err = w.dojo.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.dojo.Close() })
	w.pages = w.browser()
	return w
}

// born lets an alert be born on the server.
func (w *world) born(title, link string) int64 {
	return w.dojo.AddAlert(user, dojoserver.Alert{Title: title, Description: "Nothing but a test.", URL: link, Source: "Sla Breach"})
}

// program returns the path of one of Bellhop's programs.
func (w *world) program(name string) string {
	w.t.Helper()
	return filepath.Join(os.Getenv("BELLHOP_BIN"), name)
}

// cli runs a command of Bellhop that has to succeed.
func (w *world) cli(args ...string) string {
	w.t.Helper()
	out, status := w.run("", w.program("bellhop"), args...)
	if status != 0 {
		w.t.Fatalf("bellhop %s ended with status %d", strings.Join(args, " "), status)
	}
	return out
}

// connect connects the account with the command line.
func (w *world) connect() {
	w.t.Helper()
	_, status := w.run(password+"\n", w.program("bellhop"), "connect", w.url, "--username", user, "--password-stdin")
	if status != 0 {
		w.t.Fatalf("connect ended with status %d", status)
	}
}

// ring starts the bell and waits for its icon.
func (w *world) ring() icon {
	w.t.Helper()
	w.bell = w.start("bell", w.program("bellhop"), "-vv")
	i := icon{w.desktop, w.bell.pid()}
	w.until("the panel shows the icon", i.registered)
	return i
}

// dataDir is where the bell keeps its data.
func (w *world) dataDir() string { return filepath.Join(w.home, "data", "bellhop") }

// alert is an alert as the command line prints it.
type alert struct {
	ID    int64  `json:"id"`
	Title string `json:"title"`
}

// alerts lists alerts as the command line does.
func (w *world) alerts(args ...string) []alert {
	w.t.Helper()
	var page struct {
		Alerts []alert `json:"alerts"`
	}
	if err := json.Unmarshal([]byte(w.cli(append([]string{"alerts", "--json"}, args...)...)), &page); err != nil {
		w.t.Fatalf("read the list: %v", err)
	}
	return page.Alerts
}

// untilCount waits until the bell has looked at the server and the icon's
// tooltip and the command line agree on a number of alerts.
func (w *world) untilCount(i icon, n int) {
	w.t.Helper()
	want := plural(n)
	w.until("the bell says "+want, func() bool {
		tip := i.tooltip()
		return strings.Contains(tip, ": "+want+" ") && !strings.Contains(tip, "not synced yet")
	})
	var count struct{ Count int }
	if err := json.Unmarshal([]byte(w.cli("count", "--json")), &count); err != nil || count.Count != n {
		w.t.Fatalf("the command line counts %d, want %d (%v)", count.Count, n, err)
	}
}

func plural(n int) string {
	if n == 1 {
		return "1 alert"
	}
	return strconv.Itoa(n) + " alerts"
}

// hasty takes the time for undo away.
func (w *world) hasty() {
	w.t.Helper()
	w.cli("settings", "set", "undo_seconds", "0")
}

// sync looks at the server now.
func (w *world) sync() {
	w.t.Helper()
	w.cli("sync")
}

// status is how the bell stands.
func (w *world) status() app.Status {
	w.t.Helper()
	var s app.Status
	if err := json.Unmarshal([]byte(w.cli("status", "--json")), &s); err != nil {
		w.t.Fatalf("read the status: %v", err)
	}
	return s
}

// requests counts the server's requests that begin so, for example
// "POST /login".
func (w *world) requests(begin string) int {
	n := 0
	for _, r := range w.dojo.Requests() {
		if strings.HasPrefix(r, begin) {
			n++
		}
	}
	return n
}

// inbox opens the database beside the bell, to see what no program tells.
func (w *world) inbox() *store.Store {
	w.t.Helper()
	return storetest.Open(w.t, store.Options{Dir: w.dataDir(), ReadOnly: true})
}

// untilServer waits until the server holds n alerts of the user.
func (w *world) untilServer(n int) {
	w.t.Helper()
	w.until("the server holds "+strconv.Itoa(n)+" alerts", func() bool { return len(w.dojo.Alerts(user)) == n })
}

// opened waits for the browser to be asked for a page.
func (w *world) opened() string {
	w.t.Helper()
	var page string
	w.until("the browser opens a page", func() bool {
		select {
		case page = <-w.pages:
			return true
		default:
			return false
		}
	})
	return page
}
