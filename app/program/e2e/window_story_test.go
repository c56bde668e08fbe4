//go:build e2e && linux

package e2e

import (
	"image"
	"image/color"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Places in the window at the size in which it opens.
const (
	boxX      = 235 // the checkboxes
	headY     = 70  // the one above the list
	firstRowY = 147 // the newest alert
	rowHeight = 56
)

// row clicks the checkbox of an alert, 0 for the newest.
func (win window) row(n int) {
	win.w.t.Helper()
	win.click(boxX, firstRowY+n*rowHeight)
}

// removeSelected, clearAll and undo click the buttons of that name.
func (win window) removeSelected() { win.w.t.Helper(); win.click(745, -27) }
func (win window) clearAll()       { win.w.t.Helper(); win.click(795, 26) }
func (win window) undo()           { win.w.t.Helper(); win.untilUndo(); win.click(597, 665) }

// untilUndo waits until the bar is there that takes a removal back.
func (win window) untilUndo() {
	win.w.t.Helper()
	bar := image.Rect(560, 655, 640, 675).Add(win.Min)
	win.w.until("the window offers to undo", func() bool {
		return pixels(win.w.look(bar), func(c color.RGBA) bool { return c.R > 220 && c.G > 220 }) > bar.Dx()*bar.Dy()/2
	})
}

// untilOneRow waits until the list shows one alert and no other.
func (win window) untilOneRow() {
	win.w.t.Helper()
	win.untilBlank(image.Rect(300, 200, 780, 600))
}

// openWith opens the window with a click on the icon in the panel.
func (w *world) openWith(bell icon) window {
	w.t.Helper()
	w.untilIconDrawn()
	w.until("a click on the icon opens the window", w.everyThreeSeconds(func() { w.click(17, 16, 1) }, w.onScreen))
	return w.window()
}

func TestTheWindowRemovesWhatIsSelectedAndUndoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 12)
	w.connect()
	bell := w.ring()
	w.untilCount(bell, 12)
	w.cli("settings", "set", "undo_seconds", "30")
	win := w.openWith(bell)
	w.shoot("window")
	win.row(0)
	win.row(2)
	win.still()
	w.shoot("window-selected")
	win.removeSelected()
	w.untilCount(bell, 10)
	win.still()
	w.shoot("window-undo")
	for _, a := range w.alerts("--removed") {
		if a.Title != "Finding 12 is overdue" && a.Title != "Finding 10 is overdue" {
			t.Errorf("%q was removed", a.Title)
		}
	}
	win.undo()
	w.untilCount(bell, 12)
	if n := w.requests("POST /alerts"); n != 0 {
		t.Error("the server heard of a removal that was undone")
	}

	w.hasty()
	win.still()
	win.click(boxX, headY) // all of them
	win.still()
	win.removeSelected()
	w.untilCount(bell, 0)
	w.untilServer(0)
	w.untilSettled()
	win.still()
	w.shoot("window-empty")
}

func TestTheWindowSearchesAsOneTypes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 12)
	w.connect()
	bell := w.ring()
	w.untilCount(bell, 12)
	w.hasty()
	win := w.openWith(bell)
	win.press("slash")
	win.write("overdue finding 7")
	win.untilOneRow()
	w.shoot("window-search")
	win.press("Return", "x", "Delete")
	w.untilCount(bell, 11)
	w.untilServer(11)
	if gone := w.alerts("--removed"); len(gone) != 1 || gone[0].Title != "Finding 7 is overdue" {
		t.Errorf("removed was %v", gone)
	}
}

func TestClearAllInTheWindowTakesWhatWasShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 12)
	w.connect()
	bell := w.ring()
	w.untilCount(bell, 12)
	w.hasty()
	win := w.openWith(bell)
	win.clearAll()
	win.still()
	w.shoot("window-clear")
	win.press("Escape")
	win.still()
	w.untilCount(bell, 12)
	win.clearAll()
	win.still()
	w.born("Born while the question was asked", "/finding/99")
	w.sync()
	w.untilCount(bell, 13)
	win.press("Return")
	w.untilCount(bell, 1)
	w.untilServer(1)
	if left := w.alerts(); len(left) != 1 || left[0].Title != "Born while the question was asked" {
		t.Errorf("the list holds %v", left)
	}
}

func TestTheWindowIsDrivenByTheKeyboard(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 12)
	w.connect()
	bell := w.ring()
	w.untilCount(bell, 12)
	w.cli("settings", "set", "undo_seconds", "30")
	awake := w.crisp(bell)
	win := w.openWith(bell)
	win.press("Home", "Down", "o")
	if page := w.opened(); page != w.url+"/finding/11" {
		t.Errorf("the second alert opened %q", page)
	}
	win.press("space", "Down", "Down", "x", "Delete")
	w.untilCount(bell, 10)
	win.untilUndo()
	win.press("ctrl+z")
	w.untilCount(bell, 12)
	win.untilDrawn(image.Rect(295, 692, 385, 702)) // twelve rows reach the bar below them again, ten do not
	win.press("ctrl+a", "Delete")
	w.untilCount(bell, 0)
	win.untilUndo()
	win.press("u")
	w.untilCount(bell, 12)
	win.press("ctrl+3")
	win.still()
	w.shoot("window-history")
	win.press("ctrl+4")
	win.still()
	w.shoot("window-deliveries")
	win.press("ctrl+5")
	win.still()
	w.shoot("window-settings")
	win.press("ctrl+1", "question")
	win.still()
	w.shoot("window-help")
	win.press("Escape", "ctrl+w")
	w.untilClosed()
	w.untilCount(bell, 12)
	w.until("the face tells that the alerts were seen", func() bool { return string(w.crisp(bell)) != string(awake) })
}

func TestThereIsOneWindowAndEveryStartRaisesIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3)
	w.connect()
	bell := w.ring()
	w.untilCount(bell, 3)
	w.cli() // a second start
	win := w.window()
	first := w.windowProcesses()
	for name, again := range map[string]func(){
		"a second start": func() { w.cli() },
		"the menu":       func() { bell.click("See all alerts") },
		"a click":        bell.activate,
		"its own program": func() {
			if _, status := w.run("", w.program("bellhop-window")); status != 0 {
				t.Errorf("a second window ended with status %d", status)
			}
		},
	} {
		w.until("the window is away", func() bool {
			w.xdotool("windowminimize", win.id)
			return !w.onScreen()
		})
		again()
		w.until(name+" raises the window", func() bool {
			active, _, _ := w.runBoth("", "xdotool", "getactivewindow")
			return strings.TrimSpace(active) == win.id
		})
		if now := w.windowProcesses(); len(first) != 1 || !slices.Equal(now, first) {
			t.Errorf("after %s the window processes %v became %v", name, first, now)
		}
	}
	before := win.still()
	bell.click("Settings")
	w.until("the window shows the settings", func() bool { return !same(before, w.look(win.Rectangle)) })

	w.xdotoolClose(win.id)
	w.untilClosed()
	w.untilCount(bell, 3)
	bell.activate()
	w.window()
	bell.click("Quit")
	if status := w.bell.ended(t); status != 0 {
		t.Errorf("the bell ended with status %d", status)
	}
	w.untilClosed()
	w.until("the icon is gone", func() bool { return !bell.registered() })
}

// xdotoolClose closes a window as its frame's button does.
func (w *world) xdotoolClose(id string) {
	w.t.Helper()
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		w.t.Fatal(err)
	}
	if _, status := w.run("", "wmctrl", "-i", "-c", "0x"+strconv.FormatInt(n, 16)); status != 0 {
		w.t.Fatal("the window could not be closed")
	}
}

func TestWhatIsRemovedInTheWindowOfflineIsReplayed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 12)
	w.connect()
	bell := w.ring()
	w.untilCount(bell, 12)
	w.hasty()
	w.away()
	win := w.openWith(bell)
	w.shoot("window-offline")
	win.press("Home", "x", "Down", "x")
	win.still()
	win.removeSelected()
	w.untilCount(bell, 10)
	win.still()
	w.shoot("window-offline-removed")
	w.untilServer(12)
	w.dojo.Break(nil)
	w.sync()
	w.untilServer(10)
	w.untilCount(bell, 10)
	w.untilSettled()
	if n := w.requests("POST /alerts"); n != 1 {
		t.Errorf("the removals were sent in %d requests", n)
	}
}

func TestEachProgramSurvivesTheOthersDeath(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 12)
	w.connect()
	bell := w.ring()
	w.untilCount(bell, 12)
	w.hasty()
	w.openWith(bell)
	w.killWindow()
	w.untilCount(bell, 12)
	bell.activate()
	win := w.window()
	first := w.windowProcesses()

	w.bell.strike()
	w.born("Born without a bell", "/finding/99")
	win.press("slash")
	win.write("finding 7") // without a bell the list can still be read
	win.untilOneRow()
	w.shoot("window-no-bell")
	win.press("Escape", "Escape")

	bell = w.ring()
	w.untilCount(bell, 13)
	w.until("the window has found the new bell", func() bool {
		win.press("Home", "x", "Delete")
		return len(w.alerts()) < 13
	})
	w.cli() // raises it, and would start another one
	bell.activate()
	win.still()
	if now := w.windowProcesses(); !slices.Equal(now, first) {
		t.Errorf("window processes %v became %v", first, now)
	}
}

func TestTheWindowLivesWithoutAWindowManager(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3, theManager)
	w.connect()
	bell := w.ring()
	w.untilCount(bell, 3)
	bell.activate()
	w.until("the window is open", w.onScreen)
	first := w.windowProcesses()
	id, _ := w.run("", "xdotool", "search", "--name", "^Bellhop")
	id = strings.TrimSpace(id)
	// Whoever hides windows just when the window wants the keyboard makes the
	// screen refuse it.
	churn := strings.Repeat("windowunmap "+id+"\nwindowmap "+id+"\n", 150)
	for range 12 {
		churned := make(chan struct{})
		go func() { defer close(churned); w.runBoth(churn, "xdotool", "-") }()
		for wish := true; wish; {
			bell.activate()
			select {
			case <-churned:
				wish = false
			default:
			}
		}
	}
	bell.activate()
	w.until("the window is open", w.onScreen)
	if now := w.windowProcesses(); len(first) != 1 || !slices.Equal(now, first) {
		t.Errorf("window processes %v became %v", first, now)
	}
}
