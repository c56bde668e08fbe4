package ui

import (
	"testing"

	"fyne.io/fyne/v2"

	"bellhop/app"
)

func TestUndoMayBePressedBeforeTheBellHasAnswered(t *testing.T) {
	w := newWorld(t, wide, "", canned(), running())
	removing(w)
	w.ready()
	slow, remove := make(chan struct{}), w.bell.remove
	w.bell.remove = func(ids []app.AlertID) (app.Removed, error) {
		<-slow
		return remove(ids)
	}
	w.key(fyne.KeyDelete)
	w.rune('u')
	close(slow)
	w.until("the removal is taken back once it is known", w.bell.called("undo [7]"))
	w.until("the alert is back", func() bool { return w.shows(100) })
	if w.ui.undo.bar.Visible() {
		t.Error("the bar offers what was taken back")
	}
	if got := w.bell.asked(); len(got) != 2 {
		t.Errorf("the bell was asked for %q", got)
	}
}

func TestUndoOfWhatCouldNotBeRemovedAsksForNothing(t *testing.T) {
	w := newWorld(t, wide, "", canned(), running())
	w.ready()
	slow := make(chan struct{})
	w.bell.remove = func([]app.AlertID) (app.Removed, error) {
		<-slow
		return app.Removed{}, app.NewProblem("disk_full", "The disk is full.", "Free some space.", true, nil)
	}
	w.key(fyne.KeyDelete)
	w.rune('u')
	close(slow)
	w.until("it is back", func() bool { return w.ui.failure != nil && w.shows(100) })
	if got := w.bell.asked(); len(got) != 1 {
		t.Errorf("the bell was asked for %q", got)
	}
	removing(w)
	w.key(fyne.KeyDelete)
	w.until("a later removal can be taken back, and is not", w.ui.undo.bar.Visible)
	if got := w.bell.asked(); len(got) != 2 {
		t.Errorf("the bell was asked for %q", got)
	}
}
