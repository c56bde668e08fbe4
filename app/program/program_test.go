package program

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/app/control"
	"bellhop/app/dispatch/toast"
)

func TestABacklogIsCountedAndNotAnnounced(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 3 {
		w.born("Created/Updated 3 findings", "/test/1")
	}
	w.connect()
	w.wantBell(3)
	w.born("One more", "/test/2")
	w.sync()
	w.wantBell(4)
	if got := w.wantToast(); got.Title != "One more" {
		t.Errorf("announced %q", got.Title)
	}
	w.wantNoToast()
}

func TestAToastIsShownOnceAcrossARestart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	w.born("First", "/test/1")
	w.sync()
	w.wantToast()
	w.restart()
	w.born("Second", "/test/2")
	w.sync()
	if got := w.wantToast(); got.Title != "Second" {
		t.Errorf("after the restart %q was announced", got.Title)
	}
	w.wantNoToast()
}

func TestWhatArrivedJustBeforeTheEndIsAnnouncedByTheNextBell(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	w.born("At the last moment", "/test/1")
	w.sync()
	w.stop() // before the burst was over
	w.start()
	if got := w.wantToast(); got.Title != "At the last moment" {
		t.Errorf("announced %q", got.Title)
	}
}

func TestAClickOnAToastOpensThePageAndChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	w.born("Look here", "/finding/7")
	w.sync()
	shown := w.wantToast()
	w.click(shown.Key, toast.Opened)
	if got := w.wantPage(); got != w.url+"/finding/7" {
		t.Errorf("opened %q", got)
	}
	w.wantBell(1)
}

func TestTheRemoveButtonOfAToastRemovesOnTheServerToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	w.noUndo()
	w.born("Away with it", "/finding/7")
	w.sync()
	w.click(w.wantToast().Key, toast.Removed)
	w.until("the server has dropped it", func() bool { return len(w.dojo.Alerts(maria)) == 0 })
	w.wantBell(0)
	w.until("its toast is withdrawn", func() bool { return w.toasts.visible() == 0 })
}

func TestAToastIsWithdrawnWhenItsAlertIsRemovedElsewhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	pk := w.born("Soon gone", "/finding/7")
	w.sync()
	w.wantToast()
	w.dojo.RemoveAlert(maria, pk)
	w.sync()
	w.until("its toast is withdrawn", func() bool { return w.toasts.visible() == 0 })
	if h := w.list(app.ViewHistory); len(h) != 1 || h[0].Removal.Why != app.WhyElsewhere {
		t.Errorf("the history has %+v", h)
	}
}

func TestAPauseHoldsToastsBackAndNothingElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	if err := w.client.Pause(t.Context(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	w.born("Quiet", "/finding/1")
	w.sync()
	w.wantBell(1)
	w.until("the arrival is routed", func() bool { return w.status().Paused(time.Now()) && w.routed() })
	if err := w.client.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.born("Loud", "/finding/2")
	w.sync()
	if got := w.wantToast(); got.Title != "Loud" {
		t.Errorf("after the pause %q was announced", got.Title)
	}
	w.wantNoToast()
}

func TestALinkToAnotherHostIsAskedFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	w.born("Elsewhere", "https://evil.example/x")
	w.sync()
	key := w.wantToast().Key
	w.click(key, toast.Opened)
	asked := w.wantToast()
	if !strings.Contains(asked.Title, "evil.example") {
		t.Errorf("asked %q", asked.Title)
	}
	_, err := w.client.Open(t.Context(), w.list(app.ViewList)[0].ID, false)
	if !errors.Is(err, app.ErrForeignHost) {
		t.Errorf("opened without asking: %v", err)
	}
	select {
	case page := <-w.pages:
		t.Errorf("the browser was asked for %q", page)
	default:
	}
	w.click(asked.Key, toast.Opened)
	if got := w.wantPage(); got != "https://evil.example/x" {
		t.Errorf("opened %q", got)
	}
}

func TestRemovalsMadeOfflineAreReplayedAfterARestart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 3 {
		w.born("Finding", "/finding/1")
	}
	w.connect()
	w.noUndo()
	w.down()
	if err := w.client.Sync(t.Context(), 0); app.AsProblem(err).Code != "server_error" {
		t.Errorf("the sync with a server that is away gave %v", err)
	}
	if got := w.status().Accounts[0].Phase; got != app.PhaseOffline {
		t.Errorf("the account is %s", got)
	}
	newest := w.list(app.ViewList)[0]
	if _, err := w.client.Remove(t.Context(), []app.AlertID{newest.ID}); err != nil {
		t.Fatal(err)
	}
	w.wantBell(2)
	w.restart()
	w.dojo.Break(nil)
	w.sync()
	w.until("the server has dropped it", func() bool { return len(w.dojo.Alerts(maria)) == 2 })
	w.wantBell(2)
	if s := w.status(); s.Pending != 0 && s.Accounts[0].Pending != 0 {
		t.Errorf("%d removals still wait", s.Pending)
	}
}

func TestARefusedPasswordNeedsTheUserAndConnectingAgainHelps(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	w.dojo.SetPassword(maria, "another one")
	w.dojo.ExpireSessions(maria)
	err := w.client.Sync(t.Context(), 0)
	if p := app.AsProblem(err); p.Code != "password_refused" || !p.NeedsUser {
		t.Fatalf("the sync gave %v", err)
	}
	if got := w.status().Accounts[0]; got.Phase != app.PhaseNeedsYou || got.Problem == nil {
		t.Errorf("the account is %s, %v", got.Phase, got.Problem)
	}
	again := app.Connect{URL: w.url, SignIn: app.SignInPassword, Username: maria, Password: "another one"}
	if _, err := w.client.Connect(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	w.sync()
	s := w.status()
	if len(s.Accounts) != 1 || s.Accounts[0].Phase != app.PhaseOK {
		t.Errorf("after signing in again: %+v", s.Accounts)
	}
}

func TestDisconnectingForgetsAlertsAndSecretsAndRemovesNothingOnTheServer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.born("Stays on the server", "/finding/1")
	a := w.connect()
	if err := w.client.Disconnect(t.Context(), a.ID); err != nil {
		t.Fatal(err)
	}
	w.wantBell(0)
	if s := w.status(); len(s.Accounts) != 0 {
		t.Errorf("accounts left: %+v", s.Accounts)
	}
	if _, err := w.secrets.Get(t.Context(), a.ID, "password"); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("the password is still there: %v", err)
	}
	if n := len(w.dojo.Alerts(maria)); n != 1 {
		t.Errorf("the server holds %d alerts", n)
	}
}

func TestOneFolderHasOneBell(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := Run(t.Context(), Options{DataDir: w.dir, Headless: true}); !errors.Is(err, control.ErrAlreadyRunning) {
		t.Errorf("a second bell ended with %v", err)
	}
	if _, err := Connect(t.Context(), Options{DataDir: w.dir}, app.Connect{URL: w.url}); !errors.Is(err, control.ErrAlreadyRunning) {
		t.Errorf("connecting beside the bell gave %v", err)
	}
}

func TestProbeSaysWhatIsWrongWithAServer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p, err := w.client.Probe(t.Context(), app.Connect{URL: w.url + "/login"})
	if err != nil || !p.DefectDojo || p.Problem != nil || p.URL != w.url {
		t.Errorf("a DefectDojo was probed as %+v, %v", p, err)
	}
	for address, code := range map[string]string{"": "invalid", "http://127.0.0.1:1": "unreachable", "ftp://x": "invalid"} {
		p, err := w.client.Probe(t.Context(), app.Connect{URL: address})
		if err != nil || p.Problem == nil || p.Problem.Code != code || p.Problem.Step == "" {
			t.Errorf("%q was probed as %+v, %v", address, p, err)
		}
	}
}

func TestNoSecretIsWrittenToTheDataFolder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.connect()
	cookies, err := w.secrets.Get(t.Context(), a.ID, "cookies")
	if err != nil {
		t.Fatal(err)
	}
	_, id, _ := strings.Cut(cookies, `"ID":"`)
	if id == "" {
		_, id, _ = strings.Cut(cookies, `"id":"`)
	}
	id, _, _ = strings.Cut(id, `"`)
	if len(id) < 20 {
		t.Fatal("the session has no id")
	}
	w.stop()
	err = filepath.WalkDir(w.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		for _, secret := range []string{password, id} {
			if strings.Contains(string(b), secret) {
				t.Errorf("a secret stands in %s", filepath.Base(path))
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
