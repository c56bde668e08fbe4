//go:build e2e && linux

package e2e

import (
	"slices"
	"strings"
	"testing"

	"bellhop/app"
)

func TestTheIconComesBackAfterThePanelWasRestarted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2)
	w.connect()
	bell := w.ring()
	w.untilCount(bell, 2)
	w.born("One toast before", "/finding/9") // a closed toast once cost other programs their icon
	w.sync()
	w.clickToast(1)
	w.opened()
	w.untilToasts(0)
	for range 2 {
		w.panel.kill()
		w.startPanel()
		w.until("the new panel shows the icon", bell.registered)
		w.untilCount(bell, 3)
	}
	w.shoot("panel")
}

func TestTheBellSurvivesTheDeathOfTheSessionBus(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2)
	w.connect()
	bell := w.ring()
	w.untilCount(bell, 2)
	w.bus.kill()
	w.born("Born without a bus", "/finding/9")
	w.sync()
	if n := len(w.alerts()); n != 3 {
		t.Errorf("without a bus the list has %d alerts", n)
	}
	w.panel.kill()
	w.toasts.kill()
	w.startBus()
	w.startKeyring()
	w.startToasts()
	w.startPanel()
	w.until("the icon is back on the new bus", bell.registered)
	w.untilCount(bell, 3)
	w.born("Born on the new bus", "/finding/10")
	w.sync()
	w.untilCount(bell, 4)
	w.untilToasts(1)
	bell.click("Quit")
	if status := w.bell.ended(t); status != 0 {
		t.Errorf("the bell ended with status %d", status)
	}
}

func TestWithoutAPanelTheUserIsToldAndAPanelMayComeLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, thePanel)
	w.connect()
	w.bell = w.start("bell", w.program("bellhop"), "-v")
	told := func() bool {
		return slices.ContainsFunc(w.status().Notices, func(p app.Problem) bool { return p.Code == "no_tray_host" && p.Step != "" })
	}
	w.until("the bell runs", func() bool { return w.status().Running })
	w.until("the status says so", told)
	if out, status := w.run("", w.program("bellhop"), "doctor"); status == 0 || !strings.Contains(out, "tray icons") {
		t.Errorf("the doctor ended with status %d and said:\n%s", status, out)
	}
	w.cli() // a second start
	w.window()
	w.shoot("no-panel")
	w.startPanel()
	bell := icon{w.desktop, w.bell.pid()}
	w.until("the panel that came later shows the icon", bell.registered)
	w.untilCount(bell, 1)
	w.until("the status says nothing any more", func() bool { return !told() })
}

func TestWithoutABusOrAScreenTheBellStillKeepsTheList(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2)
	w.env = slices.DeleteFunc(w.env, func(v string) bool {
		return strings.HasPrefix(v, "DBUS_SESSION_BUS_ADDRESS=") || strings.HasPrefix(v, "DISPLAY=")
	})
	// The library's default is a well-known place below the run folder.
	w.env = append(w.env, "XDG_RUNTIME_DIR="+w.home+"/cache")
	w.connect()
	w.bell = w.start("bell", w.program("bellhop"), "-v")
	w.until("the list is here", func() bool { return w.status().Count == 2 })
	w.hasty()
	w.cli("remove", itoa(w.alerts()[0].ID))
	w.untilServer(1)
	w.untilSettled()
	if _, said, status := w.runBoth("", w.program("bellhop")); status == 0 || said == "" {
		t.Errorf("a second start, which should show a window, ended with status %d and said %q", status, said)
	}
	w.cli("quit")
	if status := w.bell.ended(t); status != 0 {
		t.Errorf("the bell ended with status %d", status)
	}
}

func TestWithoutABusButWithAScreenTheWindowWorks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2)
	w.env = slices.DeleteFunc(w.env, func(v string) bool { return strings.HasPrefix(v, "DBUS_SESSION_BUS_ADDRESS=") })
	w.env = append(w.env, "XDG_RUNTIME_DIR="+w.home+"/cache")
	w.connect()
	w.bell = w.start("bell", w.program("bellhop"), "-v")
	w.until("the list is here", func() bool { return w.status().Count == 2 })
	w.cli()
	w.window()
	w.shoot("no-bus")
	w.cli("quit")
	if status := w.bell.ended(t); status != 0 {
		t.Errorf("the bell ended with status %d", status)
	}
	w.untilClosed()
}
