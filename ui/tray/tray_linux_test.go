package tray_test

import (
	"fmt"
	"image"
	"slices"
	"strings"
	"testing"

	"bellhop/app"
	"bellhop/ui/tray"
	"bellhop/ui/tray/desktoptest"
)

func alerts(n int) []tray.Item {
	items := make([]tray.Item, n)
	for i := range items {
		id := n - i
		items[i] = tray.Item{ID: app.AlertID(id), Title: fmt.Sprintf("Alert %d", id), Source: "Scan added", Age: "1 min"}
	}
	return items
}

func fiveNew() tray.View {
	return tray.View{Count: 5, Face: tray.FaceNew, Tooltip: "5 alerts · dojo.example.com · synced 09:12", Alerts: alerts(5)}
}

func TestTheBellRegistersAndShowsItsNumber(t *testing.T) {
	bus := desktoptest.Start(t)
	panel := bus.Panel(t, true)
	b := startBell(t, bus.Address, fiveNew())
	icon := panel.Icon(t)
	b.wait("host changed true")

	if got, want := icon.Tooltip(t), "5 alerts · dojo.example.com · synced 09:12"; got != want {
		t.Errorf("tooltip %q, want %q", got, want)
	}
	if got := desktoptest.Property[string](t, icon, "Title"); got != "Bellhop" {
		t.Errorf("title %q", got)
	}
	if desktoptest.Property[bool](t, icon, "ItemIsMenu") {
		t.Error("the panel would keep left clicks to itself")
	}
	five := icon.Picture(t)
	mustBeHard(t, five)

	b.show(tray.View{Count: 42, Face: tray.FaceNew})
	desktoptest.Eventually(t, "the icon shows another number", func() bool { return !slices.Equal(five.Pix, icon.Picture(t).Pix) })
	mustBeHard(t, icon.Picture(t))
}

// mustBeHard fails where a pixel is half transparent: the library would send
// it with wrong colours.
func mustBeHard(t *testing.T, m *image.NRGBA) {
	t.Helper()
	seen := 0
	for i := 3; i < len(m.Pix); i += 4 {
		switch m.Pix[i] {
		case 0:
		case 0xff:
			seen++
		default:
			t.Fatalf("a pixel has alpha %d", m.Pix[i])
		}
	}
	if all := len(m.Pix) / 4; seen < all/4 || seen == all {
		t.Errorf("%d of %d pixels are drawn", seen, all)
	}
}

func TestTheMenuShowsAlertsAndWhatCanBeDone(t *testing.T) {
	bus := desktoptest.Start(t)
	panel := bus.Panel(t, true)
	v := fiveNew()
	v.Alerts[0].Title = "SQL_injection in __init__\n\u202eevil"
	b := startBell(t, bus.Address, v)
	icon := panel.Icon(t)
	want := []string{
		"[5 alerts · dojo.example.com · synced 09:12]",
		"SQL_injection in __init__ evil · Scan added, 1 min",
		"Alert 4 · Scan added, 1 min",
		"Alert 3 · Scan added, 1 min",
		"Alert 2 · Scan added, 1 min",
		"Alert 1 · Scan added, 1 min",
		"See all alerts",
		"Clear all alerts",
		"  Clear 5 alerts",
		"  Keep them",
		"Sync now",
		"Pause notifications",
		"  For 1 hour",
		"  Until tomorrow",
		"  Until resumed",
		"Settings",
		"Quit",
	}
	if got := icon.Labels(t); !slices.Equal(got, want) {
		t.Errorf("menu\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}

	b.show(tray.View{
		Demo: true, Tooltip: "0 alerts", Banner: "Connect your own server",
		NeedsYou: "Sign in again", Paused: true, PausedText: "until 14:00",
	})
	want = []string{
		"[Demo · 0 alerts]",
		"Connect your own server",
		"Sign in again",
		"[No alerts]",
		"See all alerts",
		"[Clear all alerts]",
		"  Clear 0 alerts",
		"  Keep them",
		"Sync now",
		"Resume notifications (paused until 14:00)",
		"Pause notifications",
		"  For 1 hour",
		"  Until tomorrow",
		"  Until resumed",
		"Settings",
		"Quit",
	}
	desktoptest.Eventually(t, "the menu has changed", func() bool { return slices.Equal(icon.Labels(t), want) })
}

func TestClicksDoWhatTheLinesSay(t *testing.T) {
	bus := desktoptest.Start(t)
	panel := bus.Panel(t, true)
	v := fiveNew()
	v.Banner, v.Paused = "Connect your own server", true
	b := startBell(t, bus.Address, v)
	icon := panel.Icon(t)
	for label, done := range map[string]string{
		"Alert 3 · Scan added, 1 min": "open 3",
		"See all alerts":              "see all",
		"Clear 5 alerts":              "clear up to 5",
		"Sync now":                    "sync",
		"For 1 hour":                  "pause 0",
		"Until tomorrow":              "pause 1",
		"Until resumed":               "pause 2",
		"Resume notifications":        "resume",
		"Settings":                    "settings",
		"Connect your own server":     "connect",
	} {
		icon.Click(t, label)
		if got := desktoptest.Receive(t, b.said, done); got != done && !strings.HasPrefix(got, "host") {
			t.Errorf("a click on %q did %q, want %q", label, got, done)
		} else if got != done {
			b.wait(done)
		}
	}
	icon.Click(t, "Keep them") // does nothing, so the next thing said is about the next click
	icon.Tap(t)
	if got := desktoptest.Receive(t, b.said, "see all"); got != "see all" {
		t.Errorf("a left click did %q", got)
	}
	icon.Click(t, "Quit")
	b.wait("quit")
	b.wait("ended")
}

func TestAPanelRestartBringsTheIconBack(t *testing.T) {
	bus := desktoptest.Start(t)
	panel := bus.Panel(t, true)
	b := startBell(t, bus.Address, fiveNew())
	icon := panel.Icon(t)
	b.wait("host changed true")
	for range 2 {
		// A signal with few arguments on the library's own connection, such as
		// a closed notification or a keyring sends, ends the library's watch
		// for panels.
		icon.Disturb(t)
		panel.Quit()
		b.wait("host changed false")
		panel = bus.Panel(t, true)
		icon = panel.Icon(t)
		b.wait("host changed true")
		icon.Click(t, "See all alerts")
		b.wait("see all")
	}
}

func TestTheBellSaysWhyNobodySeesIt(t *testing.T) {
	bus := desktoptest.Start(t)
	b := startBell(t, bus.Address, fiveNew())
	b.wait("host changed false")
	b.write("host?")
	if got := b.wait("host "); !strings.Contains(got, "No panel of this desktop shows tray icons") {
		t.Errorf("got %q", got)
	}
	unhosted := bus.Panel(t, false)
	icon := unhosted.Icon(t)
	b.show(tray.View{Tooltip: "later"}) // drawn after the bell has looked at the watcher
	desktoptest.Eventually(t, "the bell has gone on", func() bool { return icon.Tooltip(t) == "later" })
	b.write("host?")
	if got := b.wait("host "); !strings.HasPrefix(got, "host false") {
		t.Errorf("a watcher without a panel counts as one: %q", got)
	}
	unhosted.Quit()
	bus.Panel(t, true).Icon(t)
	b.wait("host changed true")
}

func TestTheBellSurvivesItsBus(t *testing.T) {
	bus := desktoptest.Start(t)
	b := startBell(t, bus.Address, fiveNew())
	bus.Panel(t, true).Icon(t)
	b.wait("host changed true")
	for round := range 2 {
		bus.Kill()
		b.wait("host changed false")
		b.show(tray.View{Count: 7 + round, Face: tray.FaceSeen, Tooltip: fmt.Sprint(7+round, " alerts"), Alerts: alerts(7)})
		bus.Run(t)
		icon := bus.Panel(t, true).Icon(t)
		b.wait("host changed true")
		desktoptest.Eventually(t, "the news of the meantime are shown", func() bool { return icon.Tooltip(t) == fmt.Sprint(7+round, " alerts") })
		icon.Click(t, "Alert 7 · Scan added, 1 min")
		b.wait("open 7")
	}
}

func TestTheBellWorksWithoutABus(t *testing.T) {
	b := startBell(t, "unix:path="+t.TempDir()+"/nothing", fiveNew())
	b.wait("host changed false")
	b.write("host?")
	if got := b.wait("host "); !strings.Contains(got, "There is no session bus") {
		t.Errorf("got %q", got)
	}
	b.show(tray.View{Count: 6, Face: tray.FaceOffline})
}

func TestChangesCostNoGoroutines(t *testing.T) {
	bus := desktoptest.Start(t)
	panel := bus.Panel(t, true)
	b := startBell(t, bus.Address, fiveNew())
	icon := panel.Icon(t)
	ids := map[string]int32{}
	for _, l := range icon.Menu(t) {
		if !strings.HasPrefix(l.Label, "Alert") { // alerts move from line to line
			ids[l.Label] = l.ID
		}
	}
	count := func() (n int) {
		b.write("goroutines?")
		_, _ = fmt.Sscanf(b.wait("goroutines"), "goroutines %d", &n)
		return n
	}
	before := count()
	for n := range 200 {
		b.show(tray.View{Count: n, Face: tray.Face(n % 6), Tooltip: fmt.Sprint("round ", n), Alerts: alerts(n % 12)})
	}
	desktoptest.Eventually(t, "the last view is shown", func() bool { return icon.Tooltip(t) == "round 199" })
	desktoptest.Eventually(t, "there are no more goroutines than before", func() bool { return count() <= before })
	for _, l := range icon.Menu(t) {
		if id, ok := ids[l.Label]; ok && id != l.ID {
			t.Errorf("line %q was made anew: a panel that shows the menu would click on nothing", l.Label)
		}
	}
}
