//go:build e2e && linux

package e2e

import (
	"image"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestTheFirstStartLeadsToAConnectedAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3)
	bell := w.ring()
	win := w.window() // opens by itself
	w.shoot("guide")
	win.write(w.url + "/login")
	win.changed(win.still()) // the server was looked at once typing paused
	w.shoot("guide-found")
	win.press("Tab", "Tab", "Tab", "Tab")
	win.write(user)
	win.press("Tab")
	win.write("a wrong one")
	win.press("Return")
	w.until("the server has refused the password", func() bool { return w.requests("POST /login") == 1 })
	win.still()
	w.shoot("guide-refused")
	win.press("ctrl+a")
	win.write(password)
	win.press("Return")
	w.untilCount(bell, 3)
	win.still()
	w.shoot("guide-done")
	if n := w.requests("POST /login"); n != 2 {
		t.Errorf("the guide signed in %d times", n)
	}
	if accounts := w.status().Accounts; len(accounts) != 1 || accounts[0].URL != w.url || accounts[0].Username != user {
		t.Errorf("connected was %+v", accounts)
	}
	if n := w.toastsShown(); n != 0 {
		t.Errorf("the backlog made %d toasts", n)
	}
}

func TestTheDemoPlaysOnADesktopAndLeavesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	bell := w.demo()
	w.window()
	if _, ok := find(bell.menu(), "Demo · connect your own server"); !ok {
		t.Errorf("the menu has no banner: %v", bell.menu())
	}
	w.until("an alert was born and announced", func() bool { return w.toastsShown() > 0 })
	w.shoot("demo")
	w.clickToast(1)
	if page := w.opened(); !strings.HasPrefix(page, "http://127.0.0.1:") {
		t.Errorf("the toast opened %q", page)
	}
	bell.click("Quit")
	if status := w.bell.ended(t); status != 0 {
		t.Errorf("the demo ended with status %d", status)
	}
	w.untilClosed()
	w.nothingLeft()
}

func TestAnInterruptedDemoLeavesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	w.demo()
	w.window()
	if err := syscall.Kill(w.bell.pid(), syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	w.bell.ended(t)
	w.untilClosed()
	w.nothingLeft()
}

func TestTheCommandLineEndsADemo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	w.demo()
	w.window()
	dirs, err := filepath.Glob(filepath.Join(w.home, "tmp", "bellhop-demo-*"))
	if err != nil || len(dirs) != 1 {
		t.Fatalf("the demo's folders are %v, %v", dirs, err)
	}
	if out := w.cli("--data-dir", dirs[0], "quit"); out != "The bell has ended.\n" {
		t.Errorf("quit said %q", out)
	}
	w.bell.ended(t)
	w.untilClosed()
	w.nothingLeft()
}

func TestTheDemosGuideLeadsToTheUsersOwnBell(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3)
	bell := w.demo()
	win := w.window()
	bell.click("Demo · connect your own server")
	win.untilBlank(image.Rect(220, 60, 780, 100)) // the head of the list has given way to the guide
	win.still()
	win.write(w.url)
	win.press("Tab", "Tab", "Tab", "Tab")
	win.write(user)
	win.press("Tab")
	win.write(password)
	win.press("Return")
	w.until("the user's own bell rings", func() bool {
		out, _, status := w.runBoth("", w.program("bellhop"), "count")
		return status == 0 && strings.TrimSpace(out) == "3"
	})
	w.until("it is not the demo any more", func() bool { s := w.status(); return s.Running && !s.Demo && len(s.Accounts) == 1 })
	w.window()
	w.shoot("demo-connected")
}

// demo starts the demo and waits for its icon.
func (w *world) demo() icon {
	w.t.Helper()
	if err := os.Mkdir(filepath.Join(w.home, "tmp"), 0o700); err != nil {
		w.t.Fatal(err)
	}
	w.env = append(w.env, "TMPDIR="+filepath.Join(w.home, "tmp"))
	w.bell = w.start("demo", w.program("bellhop"), "demo")
	i := icon{w.desktop, w.bell.pid()}
	w.until("the panel shows the demo's icon", i.registered)
	return i
}

// nothingLeft makes sure that the demo has cleaned up.
func (w *world) nothingLeft() {
	w.t.Helper()
	left, err := os.ReadDir(filepath.Join(w.home, "tmp"))
	if err != nil || len(left) != 0 {
		w.t.Errorf("the demo has left %v (%v)", left, err)
	}
	if w.status().Running {
		w.t.Error("the demo has started a bell of the user's own")
	}
}
