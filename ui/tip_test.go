package ui

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

func TestRestingOnARowTellsTheWholeTitleAndTheTime(t *testing.T) {
	w := newWorld(t, wide, "", canned(), running())
	w.ready()
	test.MoveMouse(w.ui.Window().Canvas(), fyne.NewPos(600, 260))
	w.pass(tipDelay / 2)
	if w.ui.shell.tip.Visible() {
		t.Error("the tip does not wait")
	}
	w.pass(tipDelay)
	if !w.ui.shell.tip.Visible() {
		t.Fatal("there is no tip")
	}
	want := "Finding review requested for Test created for Pay: Q4 pentest: Manual review - Session fixation after password reset\nWed, Nov 25, 2026, 08:31:00 UTC"
	if got := w.ui.shell.tip.Text(); got != want {
		t.Errorf("the tip says %q", got)
	}
	w.key(fyne.KeyDown)
	w.rune('?')
	if w.ui.shell.tip.Visible() {
		t.Error("the tip stays in front of a dialog")
	}
}
