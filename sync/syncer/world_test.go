package syncer_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"bellhop/app"
	"bellhop/store"
	"bellhop/sync/dojoserver"
	"bellhop/sync/syncer"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a server, a data folder and a Syncer between them. The server and
// the store are the real ones and speak over real connections; time is the fake
// time of a synctest bubble, so that an hour passes in a moment. The server
// lives outside the bubble and closes each connection after its answer: a
// goroutine of the client that waits on an open one would stop the time.
type world struct {
	t        *testing.T
	server   *dojoserver.Server
	url      string
	dir      string
	store    *store.Store
	secrets  *vault
	account  app.Account
	clock    *clock
	log      *logbook
	jitter   atomic.Pointer[syncer.Jitter]
	dial     syncer.Dial
	local    syncer.Local // instead of the store itself
	syncer   *syncer.Syncer
	stopping func()
}

const (
	ada      = "ada"
	password = "Analytical-Engine-1843"
)

// discardLog swallows what net/http says about connections that tests break.
var discardLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)

// play lets a story happen against a server that holds the user ada.
func play(t *testing.T, options dojoserver.Options, story func(t *testing.T, w *world)) {
	t.Helper()
	w := &world{
		secrets: &vault{},
		clock:   &clock{},
		log:     &logbook{},
		dir:     t.TempDir(),
	}
	w.spread(backOffHalf)
	options.Now = w.clock.last
	w.server = dojoserver.New(options)
	w.server.AddUser(dojoserver.User{ID: 7, Name: ada, Password: password})
	listening := httptest.NewUnstartedServer(w.server)
	listening.Config.SetKeepAlivesEnabled(false)
	listening.Config.ErrorLog = discardLog
	listening.Start()
	defer listening.Close()
	w.url = listening.URL + options.Prefix
	synctest.Test(t, func(t *testing.T) {
		w.t = t
		w.clock.now()
		w.open()
		defer w.shut()
		story(t, w)
		w.log.wantNoSecret(t)
	})
}

// backOffHalf takes the short end of small spreads, so that a look comes within
// each minute, and the middle of the waits after failures.
func backOffHalf(most time.Duration) time.Duration {
	if most < 20*time.Second {
		return 0
	}
	return most / 2
}

// spread sets what the Syncer takes for chance from now on.
func (w *world) spread(jitter syncer.Jitter) { w.jitter.Store(&jitter) }

// open opens the store in the world's folder.
func (w *world) open() {
	w.t.Helper()
	st, err := store.Open(w.t.Context(), store.Options{Dir: w.dir, Now: w.clock.now})
	if err != nil {
		w.t.Fatal(err)
	}
	w.store = st
}

func (w *world) shut() {
	w.stop()
	if err := w.store.Close(); err != nil {
		w.t.Error(err)
	}
}

// connect connects as the windows do: ask the server, add the account, keep the
// secrets.
func (w *world) connect(given app.Connect) {
	w.t.Helper()
	given.URL = w.url
	account, session, err := syncer.Connect(w.t.Context(), given, syncer.Options{Now: w.clock.now})
	if err != nil {
		w.t.Fatal(err)
	}
	w.adopt(account)
	w.secrets.put(w.account.ID, syncer.SecretPassword, given.Password)
	w.secrets.put(w.account.ID, syncer.SecretToken, given.Token)
	w.secrets.keep(w.t, w.account.ID, session)
}

// adopt adds the account to the store.
func (w *world) adopt(account app.Account) {
	w.t.Helper()
	added, err := w.store.AddAccount(w.t.Context(), account)
	if err != nil {
		w.t.Fatal(err)
	}
	w.account = added
}

// signedUp is the usual beginning: ada connected with her password.
func (w *world) signedUp() {
	w.t.Helper()
	w.connect(app.Connect{SignIn: app.SignInPassword, Username: ada, Password: password})
}

// start runs a Syncer and waits until it rests.
func (w *world) start() {
	w.t.Helper()
	account, err := w.store.Account(w.t.Context(), w.account.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	var with syncer.Local = local{w.store}
	if w.local != nil {
		with = w.local
	}
	w.syncer = syncer.New(syncer.Options{
		Account: account, Local: with, Secrets: w.secrets,
		Dial: w.dial, Now: w.clock.now, Jitter: func(d time.Duration) time.Duration { return (*w.jitter.Load())(d) },
		Log: slog.New(w.log.handler()),
	})
	ctx, cancel := context.WithCancel(w.t.Context())
	ended := make(chan error, 1)
	running := w.syncer
	go func() { ended <- running.Run(ctx) }()
	w.stopping = func() {
		cancel()
		if err := <-ended; err != nil {
			w.t.Errorf("Run ended with %v", err)
		}
	}
	synctest.Wait()
}

// stop ends the Syncer, as quitting does.
func (w *world) stop() {
	if w.stopping != nil {
		w.stopping()
		w.stopping = nil
	}
}

// restart ends everything but the folder and the secrets, and begins anew.
func (w *world) restart() {
	w.t.Helper()
	w.shut()
	w.open()
	w.start()
}

// pass lets time go by and waits until the Syncer rests again.
func (w *world) pass(d time.Duration) {
	time.Sleep(d) // fake time
	synctest.Wait()
}

// next lets time go by until the Syncer has looked again by itself.
func (w *world) next() {
	w.t.Helper()
	w.pass(w.state().NextSync.Sub(w.clock.now()) + time.Millisecond)
}

// born gives ada n alerts of which the youngest is a moment old.
func (w *world) born(n int) []int64 {
	pks := make([]int64, n)
	for i := range n {
		at := w.clock.last().Add(time.Duration(i-n) * time.Millisecond)
		pks[i] = w.server.AddAlert(ada, dojoserver.Alert{
			Title: fmt.Sprintf("Finding %d of %s", i+1, at.Format(time.DateTime)), Description: "Event other has occurred.",
			URL: "/finding/1", Source: "Scan Added", Created: at,
		})
	}
	return pks
}

// list returns the alerts in the list, newest first.
func (w *world) list() []app.Alert { return w.view(app.ViewList) }

func (w *world) view(v app.View) []app.Alert {
	w.t.Helper()
	page, err := w.store.Alerts(w.t.Context(), app.Filter{Account: w.account.ID, View: v, Limit: 1000})
	if err != nil {
		w.t.Fatal(err)
	}
	return page.Alerts
}

func (w *world) wantCount(want int) {
	w.t.Helper()
	got, err := w.store.Count(w.t.Context(), w.account.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	if got != want {
		w.t.Errorf("the bell shows %d, want %d", got, want)
	}
}

// wantRemote fails unless the server holds exactly these of ada's alerts.
func (w *world) wantRemote(pks ...int64) {
	w.t.Helper()
	var got []int64
	for _, a := range w.server.Alerts(ada) {
		got = append(got, a.PK)
	}
	slices.Sort(got)
	slices.Sort(pks)
	if !slices.Equal(got, pks) {
		w.t.Errorf("the server holds %v, want %v", got, pks)
	}
}

func (w *world) state() app.SyncState {
	w.t.Helper()
	state, err := w.store.SyncState(w.t.Context(), w.account.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return state
}

// wantState fails unless the account is in the phase with the problem's code.
func (w *world) wantState(phase app.Phase, code string) {
	w.t.Helper()
	state := w.state()
	got := ""
	if state.Problem != nil {
		got = state.Problem.Code
	}
	if state.Phase != phase || got != code {
		w.t.Errorf("phase %q with problem %q, want %q with %q (%+v)", state.Phase, got, phase, code, state.Problem)
	}
}

// events returns how many arrivals wait to be told.
func (w *world) events() int {
	w.t.Helper()
	events, err := w.store.Unrouted(w.t.Context(), 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	return len(events)
}

// remove removes alerts as a window does, with the given time for undo.
func (w *world) remove(undo time.Duration, ids ...app.AlertID) app.Removed {
	w.t.Helper()
	w.pass(time.Millisecond) // the store's clock counts these
	removed, err := w.store.Remove(w.t.Context(), ids, undo)
	if err != nil {
		w.t.Fatal(err)
	}
	synctest.Wait()
	return removed
}

// sync synchronises now and returns the problem's code, "" for success.
func (w *world) sync() string {
	w.t.Helper()
	err := w.syncer.SyncNow(w.t.Context())
	synctest.Wait()
	return codeOf(w.t, err)
}

func codeOf(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	p, ok := errors.AsType[*app.Problem](err)
	if !ok {
		t.Errorf("%v is no problem", err)
		return err.Error()
	}
	return p.Code
}

// requests counts the requests since the last ForgetRequests that begin so.
func (w *world) requests(prefix string) int {
	n := 0
	for _, line := range w.server.Requests() {
		if strings.HasPrefix(line, prefix) {
			n++
		}
	}
	return n
}

const (
	looks     = "GET /alerts/json?limit=50"
	fullLists = "GET /alerts/json"
	signIns   = "POST /login"
	posts     = "POST /alerts"
)

// full counts the complete lists among the requests.
func (w *world) full() int { return w.requests(fullLists) - w.requests(looks) }
