package ui

import (
	"fyne.io/fyne/v2"

	"bellhop/ui/widget"
)

// formEnd is what stands below a form: the button that sends it to the bell, and
// the one that closes it.
type formEnd struct {
	save, cancel *widget.Button
	name, asking string // what save says, also while the bell is asked
	sent         bool   // what the form says is on its way to the bell
}

// newFormEnd returns the two buttons; icon is that of the first, "" for none.
func newFormEnd(icon, name, asking string, submit, closeForm func()) formEnd {
	return formEnd{
		save: widget.NewButton(widget.Primary, icon, name, submit), cancel: widget.NewButton(widget.Quiet, "", "Cancel", closeForm),
		name: name, asking: asking,
	}
}

// line returns the buttons beside each other.
func (e *formEnd) line() fyne.CanvasObject { return widget.Line(8, nil, e.save, e.cancel) }

// setSent keeps the form from being sent again, or closed, while the bell is
// asked.
func (e *formEnd) setSent(on bool) {
	e.sent = on
	e.save.SetText(map[bool]string{false: e.name, true: e.asking}[on])
	enable(e.save, !on)
	enable(e.cancel, !on)
}
