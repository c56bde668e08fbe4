package program

import (
	"strings"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/sync/dojoserver"
)

// Local events on an account with a server are in the list as this computer's,
// are removed like any alert, and the server never hears of them.
func TestLocalEventsStayOnThisComputer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.born("The server's own", "/finding/1")
	a := w.connect()
	w.noUndo()
	w.notify(0, map[string]any{"title": "Backup failed", "url": "https://wiki.example.com/backup"})
	if got := w.wantToast(); got.Title != "Backup failed" {
		t.Errorf("announced %q", got.Title)
	}
	w.sync() // a pull does not take it for one that the server dropped
	w.wantBell(2)
	ours := w.list(app.ViewList)[0]
	if ours.Title != "Backup failed" || ours.Account == a.ID {
		t.Fatalf("the newest is %+v", ours)
	}
	s := w.status()
	local := app.AccountStatus{}
	for _, one := range s.Accounts {
		if one.ID == ours.Account {
			local = one
		}
	}
	if !local.Local() || local.Count != 1 {
		t.Errorf("it is an alert of %+v", local.Account)
	}
	w.restart()
	w.sync()
	w.wantBell(2)

	w.dojo.ForgetRequests()
	if _, err := w.client.Remove(t.Context(), []app.AlertID{ours.ID}); err != nil {
		t.Fatal(err)
	}
	w.sync()
	w.wantBell(1)
	w.until("its toast is withdrawn", func() bool { return w.toasts.visible() == 0 })
	if s := w.status(); s.Pending != 0 {
		t.Errorf("%d removals wait for a server", s.Pending)
	}
	for _, r := range w.dojo.Requests() {
		if strings.HasPrefix(r, "POST") || strings.Contains(r, "delete") {
			t.Errorf("the server was asked for %s", r)
		}
	}
	if n := len(w.dojo.Alerts(maria)); n != 1 {
		t.Errorf("the server has %d alerts, want its own", n)
	}
	history := w.list(app.ViewHistory)
	if len(history) != 1 || history[0].ID != ours.ID || history[0].Removal.Why != app.WhyMe || history[0].Removal.Pending {
		t.Errorf("the history has %+v", history)
	}

	// Undo brings it back; the account of this computer cannot be disconnected.
	w.set(app.SettingUndoSeconds, "60")
	w.notify(0, map[string]any{"title": "Backup failed again"})
	w.until("it is in the list", func() bool { return w.status().Count == 2 })
	again := w.list(app.ViewList)[0]
	if _, err := w.client.Remove(t.Context(), []app.AlertID{again.ID}); err != nil {
		t.Fatal(err)
	}
	w.wantBell(1)
	if n, err := w.client.Undo(t.Context(), nil); n != 1 || err != nil {
		t.Errorf("undone: %d, %v", n, err)
	}
	w.wantBell(2)
	if err := w.client.Disconnect(t.Context(), ours.Account); app.AsProblem(err).Step == "" {
		t.Errorf("disconnecting this computer gave %v", err)
	}
	// Without any server it goes on.
	if err := w.client.Disconnect(t.Context(), a.ID); err != nil {
		t.Fatal(err)
	}
	w.wantBell(1)
	w.notify(0, map[string]any{"title": "Still here"})
	w.until("it is in the list", func() bool { return w.status().Count == 2 })
}

// An account with a token, to which no server gives alerts, lists what is
// derived.
func TestATokensAccountListsWhatIsDerived(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const token = "0123456789abcdef0123456789abcdef87654321"
	w.private = append(w.private, token)
	w.dojo.AddUser(dojoserver.User{Name: maria, Password: password, Token: token})
	product, _ := w.shop()
	a, err := w.client.Connect(t.Context(), app.Connect{URL: w.url, SignIn: app.SignInToken, Token: token})
	if err != nil {
		t.Fatal(err)
	}
	w.noUndo()
	w.look(a.ID, 1)
	w.wantBell(0) // what was there before is history
	w.clock.pass(time.Hour)
	now := w.clock.now()
	w.dojo.AddEngagement(dojoserver.Engagement{Name: "Spring", Product: product, TargetStart: now, TargetEnd: now.AddDate(0, 0, 60), Created: now})
	w.look(a.ID, 1)
	w.until("it is in the list", func() bool { return w.status().Count == 1 })
	got := w.list(app.ViewList)[0]
	if got.Account != a.ID || got.Source != "Engagement Added" || !strings.Contains(got.Title, "Spring") {
		t.Errorf("the list has %+v", got)
	}
	w.wantToast()
	w.restart()
	w.wantBell(1)
	if _, err := w.client.Remove(t.Context(), []app.AlertID{got.ID}); err != nil {
		t.Fatal(err)
	}
	w.wantBell(0)
	w.settled()
	w.wantBell(0)
	w.wantNoToast()
}
