package program

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/app/control"
	"bellhop/app/dispatch/dispatchtest"
	"bellhop/app/dispatch/toast"
	"bellhop/store"
	"bellhop/sync/dojoserver"
)

// patience bounds the wait for an effect that crosses goroutines.
const patience = 20 * time.Second

// world is a bell in this process, a DefectDojo, and a user's senses.
type world struct {
	t       *testing.T
	dojo    *dojoserver.Server
	url     string
	dir     string
	secrets *memory
	keeper  secretKeeper // in the place of secrets; nil for none
	toasts  *fakeToaster
	pages   chan string // what the browser was asked for
	clock   *wallClock  // of the bell and of the server
	log     *logbook
	private []string // what must be nowhere to be read, beside maria's password
	bell    *bell    // the running one, for what the socket does not offer

	client *control.Client
	stop   func()
}

// wallClock is the time of day plus what a test has let pass.
type wallClock struct{ ahead atomic.Int64 }

func (c *wallClock) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

// pass lets time pass at once.
func (c *wallClock) pass(d time.Duration) { c.ahead.Add(int64(d)) }

// logbook is everything that was logged.
type logbook struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

const (
	maria    = "maria"
	password = "correct horse battery staple"
)

// newWorld starts a bell without accounts.
func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldOn(t, dojoserver.Options{})
}

// newWorldOn is newWorld with a server of a certain kind.
func newWorldOn(t *testing.T, o dojoserver.Options) *world {
	t.Helper()
	w := &world{
		t: t, dir: t.TempDir(), secrets: &memory{}, toasts: newFakeToaster(), pages: make(chan string, 8),
		clock: &wallClock{}, log: &logbook{},
	}
	o.Now = w.clock.now
	o.Users = append(o.Users, dojoserver.User{Name: maria, Password: password})
	server := httptest.NewUnstartedServer(nil)
	w.url = "http://" + server.Listener.Addr().String()
	if o.SiteURL == "" {
		o.SiteURL = w.url
	}
	w.dojo = dojoserver.New(o)
	server.Config.Handler = w.dojo
	server.Start()
	t.Cleanup(server.Close)
	w.start()
	t.Cleanup(func() { w.stop(); w.noSecret() })
	return w
}

// noSecret fails where a secret of the story stands in the data folder or in the
// log. The bell has ended.
func (w *world) noSecret() {
	w.t.Helper()
	private := append([]string{password}, w.private...)
	check := func(where, text string) {
		for _, secret := range private {
			if strings.Contains(text, secret) {
				w.t.Errorf("a secret stands in %s", where)
			}
		}
	}
	check("the log", w.log.String())
	err := filepath.WalkDir(w.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		check(filepath.Base(path), string(data))
		return err
	})
	if err != nil {
		w.t.Error(err)
	}
}

// start starts the bell and waits until it answers.
func (w *world) start() {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	ended := make(chan error, 1)
	keeper := w.keeper
	if keeper == nil {
		keeper = w.secrets
	}
	running := make(chan *bell, 1)
	go func() {
		ended <- Run(ctx, Options{
			DataDir: w.dir, Headless: true, secrets: keeper, toaster: w.toasts, Now: w.clock.now,
			Log:    slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
			Browse: func(_ context.Context, page string) error { w.pages <- page; return nil },
			story:  func(_ context.Context, b *bell) error { running <- b; return nil },
		})
	}()
	w.until("the bell answers", func() bool {
		select {
		case err := <-ended:
			w.t.Fatalf("the bell ended at once: %v", err)
		default:
		}
		c, err := control.Dial(w.dir)
		if err != nil {
			return false
		}
		w.client = c
		_, err = c.Status(w.t.Context())
		return err == nil
	})
	w.bell = <-running
	var once sync.Once
	w.stop = func() {
		once.Do(func() {
			w.client.Close()
			cancel()
			if err := <-ended; err != nil {
				w.t.Errorf("the bell ended with %v", err)
			}
		})
	}
	w.t.Cleanup(w.stop)
}

// restart ends the bell and starts it again on the same data.
func (w *world) restart() {
	w.t.Helper()
	w.stop()
	w.start()
}

// connect connects maria's account and waits for its first synchronisation.
func (w *world) connect() app.Account {
	w.t.Helper()
	a, err := w.client.Connect(w.t.Context(), app.Connect{URL: w.url, SignIn: app.SignInPassword, Username: maria, Password: password})
	if err != nil {
		w.t.Fatal(err)
	}
	w.sync()
	return a
}

// sync looks at the server now.
func (w *world) sync() {
	w.t.Helper()
	if err := w.client.Sync(w.t.Context(), 0); err != nil {
		w.t.Fatal(err)
	}
}

// born lets an alert be born on the server.
func (w *world) born(title, link string) int64 {
	return w.dojo.AddAlert(maria, dojoserver.Alert{Title: title, URL: link, Source: "Scan Added"})
}

// status asks the bell how it is.
func (w *world) status() app.Status {
	w.t.Helper()
	s, err := w.client.Status(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// list returns the alerts of a view.
func (w *world) list(view app.View) []app.Alert {
	w.t.Helper()
	page, err := w.client.Alerts(w.t.Context(), app.Filter{View: view})
	if err != nil {
		w.t.Fatal(err)
	}
	return page.Alerts
}

// wantBell fails unless the bell's number and the list's length are n.
func (w *world) wantBell(n int) {
	w.t.Helper()
	if s := w.status(); s.Count != n || len(w.list(app.ViewList)) != n {
		var titles []string
		for _, a := range w.list(app.ViewList) {
			titles = append(titles, a.Source+": "+a.Title)
		}
		w.t.Errorf("the bell says %d and the list has %d alerts, want %d:\n  %s", s.Count, len(titles), n, strings.Join(titles, "\n  "))
	}
}

// noUndo sends removals at once.
func (w *world) noUndo() {
	w.t.Helper()
	if err := w.client.Set(w.t.Context(), app.SettingUndoSeconds, "0"); err != nil {
		w.t.Fatal(err)
	}
}

// until waits for a condition that other goroutines bring about.
func (w *world) until(what string, ok func() bool) {
	w.t.Helper()
	dispatchtest.Until(w.t, patience, what, ok)
}

// down makes the server unreachable behind its proxy.
func (w *world) down() {
	w.dojo.Break(func(rw http.ResponseWriter, _ *http.Request) bool {
		http.Error(rw, "Bad Gateway", http.StatusBadGateway)
		return true
	})
}

// fakeToaster is a desktop that shows toasts and lets the test click them.
type fakeToaster struct {
	actions chan toast.Action
	shown   chan toast.Toast

	mu   sync.Mutex
	next uint32
	open map[uint32]toast.Toast
}

func newFakeToaster() *fakeToaster {
	return &fakeToaster{actions: make(chan toast.Action), shown: make(chan toast.Toast, 256), open: make(map[uint32]toast.Toast)}
}

func (f *fakeToaster) Show(ctx context.Context, t toast.Toast) (uint32, error) {
	f.mu.Lock()
	f.next++
	f.open[f.next] = t
	note := f.next
	f.mu.Unlock()
	select {
	case f.shown <- t:
	case <-ctx.Done(): // or a story that reads no toasts would keep its bell from ending
	}
	return note, nil
}

func (f *fakeToaster) Withdraw(_ context.Context, note uint32) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.open, note)
	return nil
}

func (f *fakeToaster) Actions() <-chan toast.Action { return f.actions }

// note finds the toast with a key.
func (f *fakeToaster) note(key string) uint32 {
	f.mu.Lock()
	defer f.mu.Unlock()
	for note, t := range f.open {
		if t.Key == key {
			return note
		}
	}
	return 0
}

// visible is how many toasts are on the screen.
func (f *fakeToaster) visible() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.open)
}

// wantToast waits for the next toast.
func (w *world) wantToast() toast.Toast {
	w.t.Helper()
	select {
	case t := <-w.toasts.shown:
		return t
	case <-time.After(patience):
		w.t.Fatal("no toast came")
		return toast.Toast{}
	}
}

// wantNoToast fails if a toast was shown until now. The caller has waited for
// something that came after it.
func (w *world) wantNoToast() {
	w.t.Helper()
	select {
	case t := <-w.toasts.shown:
		w.t.Errorf("a toast was shown: %q", t.Title)
	default:
	}
}

// click does something with a toast.
func (w *world) click(key string, what toast.What) {
	w.t.Helper()
	select {
	case w.toasts.actions <- toast.Action{Note: w.toasts.note(key), Key: key, What: what}:
	case <-time.After(patience):
		w.t.Fatal("nobody listens to toasts")
	}
}

// wantPage waits for the browser.
func (w *world) wantPage() string {
	w.t.Helper()
	select {
	case page := <-w.pages:
		return page
	case <-time.After(patience):
		w.t.Fatal("no page was opened")
		return ""
	}
}

// routed says whether no arrival waits for its toast.
func (w *world) routed() bool {
	w.t.Helper()
	s, err := store.Open(w.t.Context(), store.Options{Dir: w.dir, ReadOnly: true})
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	waiting, err := s.Unrouted(w.t.Context(), 1)
	if err != nil {
		w.t.Fatal(err)
	}
	toasts, _, err := s.Deliveries(w.t.Context(), app.DeliveryFilter{State: app.DeliveryWaiting, Channel: "toast"})
	if err != nil {
		w.t.Fatal(err)
	}
	return len(waiting) == 0 && len(toasts) == 0
}
