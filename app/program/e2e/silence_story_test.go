//go:build e2e && linux

package e2e

import (
	"image"
	"strings"
	"testing"

	"bellhop/app"
)

// Where the form has the button that begins a silence, and the frame around its
// first choice while that has the keyboard.
var (
	beginButton = image.Rect(235, 715, 390, 745)
	firstFrame  = image.Rect(225, 104, 231, 124)
)

func TestASilenceOfTheWindowHoldsAndEndsInOneSummary(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	r := newReceiver(t)
	w.connect()
	bell := w.ring()
	w.untilCount(bell, 1)
	w.phone(r)
	w.cli("prefs", "set", "test_added", "alert,services")
	w.cli("prefs", "set", "other", "alert,services")
	w.dark()

	win := w.openWith(bell)
	win.press("ctrl+7", "n")
	win.untilInk(beginButton, accent)
	win.untilDrawn(firstFrame)
	win.press("Tab", "Tab", "Tab", "Tab") // past the ends that are offered
	win.write(app.ColumnTestAdded.Source())
	win.press("Return")
	win.still()
	w.shoot("silence-form")
	win.press("Return") // in an empty field: begin
	win.untilInk(thePage, violet)
	w.shoot("silence-begun")

	w.raise("test_added", "Nightly scan")
	w.raise("test_added", "Weekly scan")
	w.raise("other", "Disk full")
	w.untilDeliveries(2, "services", "held")
	if got := w.untilTaken(r, 1)[0]; !strings.Contains(got.body, "Disk full") {
		t.Errorf("in the silence arrived %q", got.body)
	}
	w.untilCount(bell, 4) // the list has everything at once

	win.press("Right")
	win.still()
	w.shoot("silence-open")
	win.press("Delete")
	win.still()
	w.shoot("silence-end")
	win.press("Return")
	summary := w.untilTaken(r, 2)[1].body
	if !strings.Contains(summary, "Nightly scan") || !strings.Contains(summary, "Weekly scan") {
		t.Errorf("the summary is %q", summary)
	}
	win.untilNoInk(thePage, violet)
	w.shoot("silence-ended")
	w.untilDeliveries(3, "services", "sent")
	w.untilTaken(r, 2) // and no more
}
