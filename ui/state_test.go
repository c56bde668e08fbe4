package ui

import (
	"context"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"bellhop/app"
)

// said returns what the banners say, joined.
func (w *world) said() string {
	var all []string
	for _, b := range w.ui.shell.banners {
		if s := b.Text(); s != "" {
			all = append(all, s)
		}
	}
	return strings.Join(all, " | ")
}

func TestTheFirstStartLeadsToTheGuide(t *testing.T) {
	w := newWorld(t, wide, "", &fakeInbox{}, running())
	w.until("the guide is shown", func() bool { return w.ui.place == ViewConnect })
	if w.ui.guide.back.Visible() {
		t.Error("the guide can be left although there is nothing to go back to")
	}
	w.inbox.mu.Lock()
	w.inbox.accounts = canned().accounts // by the command line
	w.inbox.mu.Unlock()
	w.ui.Hint(app.Hints{app.TopicState: true})
	w.until("what was connected meanwhile is shown", func() bool { return w.ui.place == ViewAlerts })
}

func TestAnEmptyListIsQuiet(t *testing.T) {
	in := canned()
	in.alerts = nil
	w := newWorld(t, wide, "", in, running())
	w.ready()
	if e := w.ui.list.empty; !e.box.Visible() || e.title.Text != "No alerts. The bell is quiet." {
		t.Errorf("the empty list says %q, visible %t", e.title.Text, e.box.Visible())
	}
	if !w.ui.list.clear.Disabled() {
		t.Error("nothing can be cleared, but the button is offered")
	}
}

func TestOfflineSaysSinceWhen(t *testing.T) {
	in := canned()
	in.states[1] = app.SyncState{Account: 1, Phase: app.PhaseOffline, Since: noon.Add(-168 * time.Minute), LastSync: noon.Add(-3 * time.Hour)}
	w := newWorld(t, wide, "", in, running())
	w.ready()
	if got := w.said(); !strings.HasPrefix(got, "Offline since 09:12.") {
		t.Errorf("the banner says %q", got)
	}
	if got := w.ui.side.footText(); got != "Offline since 09:12" {
		t.Errorf("the foot says %q", got)
	}
	w.bell.sync = func(app.AccountID) error { return nil }
	w.ui.shell.banners[0].Press()
	w.until("the server is tried", w.bell.called("sync 1"))
}

func TestARefusedPasswordOffersToSignInAgain(t *testing.T) {
	in := canned()
	in.states[1] = app.SyncState{Account: 1, Phase: app.PhaseNeedsYou, Problem: app.NewProblem("password_refused", "The server refuses the stored password.", "Sign in again.", true, nil)}
	w := newWorld(t, wide, "", in, running())
	w.bell.probe = func(context.Context, app.Connect) (app.Probe, error) { return app.Probe{DefectDojo: true}, nil }
	w.ready()
	if got := w.said(); got != "The server refuses the stored password. Sign in again." {
		t.Errorf("the banner says %q", got)
	}
	w.ui.shell.banners[0].Press()
	g := w.ui.guide
	if w.ui.place != ViewConnect || g.server.Text() != "https://dojo.example.com" || g.username.Text() != "maria" || g.password.Text() != "" {
		t.Errorf("the guide shows %q, %q, %q", g.server.Text(), g.username.Text(), g.password.Text())
	}
}

func TestWithoutABellTheWindowReadsAndSaysSo(t *testing.T) {
	w := newWorld(t, wide, "", canned(), nil)
	started := make(chan struct{}, 1)
	w.ui.start = func(context.Context) error { started <- struct{}{}; return nil }
	w.ready()
	if !w.shows(100) {
		t.Error("the alerts are not shown")
	}
	if got := w.said(); !strings.HasPrefix(got, "Bellhop's bell is not running") {
		t.Errorf("the banner says %q", got)
	}
	w.key(fyne.KeyDelete)
	w.until("the refusal is told", func() bool { return w.ui.failure != nil })
	if w.ui.failure.Code != "not_running" || !w.shows(100) {
		t.Errorf("removing without a bell gave %v", w.ui.failure)
	}
	w.ui.shell.banners[0].Press()
	<-started
	bell := running()
	bell.t, bell.inbox = t, w.inbox
	w.ui.SetBell(bell)
	w.until("the banner goes when the bell comes", func() bool { return w.said() == "" })
}

func TestADemoIsMarkedEverywhere(t *testing.T) {
	in := canned()
	in.accounts[0].Demo = true
	w := newWorld(t, wide, "", in, running())
	w.ready()
	if got := w.said(); got != "You are looking at a demo." || !w.ui.side.demo.Visible() {
		t.Errorf("the banner says %q, the chip is visible: %t", got, w.ui.side.demo.Visible())
	}
	w.ui.shell.banners[0].Press()
	if w.ui.place != ViewConnect {
		t.Error("the banner does not lead to the guide")
	}
}

func TestNoticesCanBePutAway(t *testing.T) {
	in := canned()
	bell := running()
	bell.status = func() (app.Status, error) {
		s, err := storedStatus(t.Context(), in)
		s.Running = true
		s.Notices = []app.Problem{*app.NewProblem("no_tray_host", "This desktop has no tray.", "Keep the window open.", false, nil)}
		return s, err
	}
	w := newWorld(t, wide, "", in, bell)
	w.ready()
	if got := w.said(); got != "This desktop has no tray. Keep the window open." {
		t.Errorf("the banner says %q", got)
	}
	w.ui.hidden["no_tray_host"] = true
	w.ui.shell.showBanners()
	if got := w.said(); got != "" {
		t.Errorf("the banner still says %q", got)
	}
}

func TestTheWindowFoldsAsItNarrows(t *testing.T) {
	w := newWorld(t, wide, "", canned(), running())
	w.ready()
	s := w.ui.shell
	seen := func() [3]bool { return [3]bool{s.sideBox.Visible(), s.listBox.Visible(), s.detailBox.Visible()} }
	for _, x := range []struct {
		width float32
		want  [3]bool // side bar, list, detail
	}{{1200, [3]bool{true, true, true}}, {900, [3]bool{true, true, false}}, {480, [3]bool{false, true, false}}, {1200, [3]bool{true, true, true}}} {
		w.ui.Window().Resize(fyne.NewSize(x.width, 700))
		if got := seen(); got != x.want {
			t.Errorf("at %v side bar, list and detail are %v, want %v", x.width, got, x.want)
		}
	}
	w.ui.Window().Resize(fyne.NewSize(480, 700))
	w.key(fyne.KeyRight)
	if !s.detailBox.Visible() || s.detailBox.Size().Width != 480 {
		t.Errorf("the detail does not slide over: visible %t, %v wide", s.detailBox.Visible(), s.detailBox.Size().Width)
	}
	w.key(fyne.KeyEscape)
	if s.detailBox.Visible() {
		t.Error("escape does not slide the detail away")
	}
	if got := w.ui.list.summary.Text; got != "Synced 12 s ago" {
		t.Errorf("the bottom says %q", got)
	}
}

func TestASecondAccountCanBeLookedAtAlone(t *testing.T) {
	in := canned()
	in.accounts = append(in.accounts, app.Account{ID: 2, URL: "https://other.example.org/dojo", Username: "maria"})
	in.states[2] = in.states[1]
	in.arrive(app.Alert{ID: 120, Account: 2, Title: "from the other", Created: noon})
	w := newWorld(t, wide, "", in, running())
	w.ready()
	if got := w.ui.side.account.Text; got != "2 accounts" {
		t.Errorf("the side bar says %q", got)
	}
	test.Tap(w.ui.side.accounts[2])
	w.until("the other is shown", func() bool { return w.ui.list.loaded && len(w.ui.list.feed.rows) == 1 })
	if !w.shows(120) {
		t.Error("the wrong account is shown")
	}
}
