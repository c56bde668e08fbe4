package ui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"bellhop/ui/widget"
)

// revealRoom is how much is shown above and below what the keyboard comes to.
const revealRoom float32 = 24

// reveal has a scrolled page follow the keyboard: to every control in o, however
// deep. page is what is scrolled.
func reveal(o fyne.CanvasObject, scroll *container.Scroll, page fyne.CanvasObject) {
	switch o := o.(type) {
	case *fyne.Container:
		for _, x := range o.Objects {
			reveal(x, scroll, page)
		}
	case interface{ OnReached(func()) }:
		at, ok := o.(fyne.CanvasObject)
		if !ok {
			return
		}
		o.OnReached(func() { scrollTo(at, scroll, page) })
	}
}

// scrollTo scrolls a page as little as needed for at to be seen.
func scrollTo(at fyne.CanvasObject, scroll *container.Scroll, page fyne.CanvasObject) {
	d := fyne.CurrentApp().Driver()
	y := d.AbsolutePositionForObject(at).Y - d.AbsolutePositionForObject(page).Y
	top, room := scroll.Offset.Y, scroll.Size().Height
	switch {
	case y-revealRoom < top:
		scroll.ScrollToOffset(fyne.NewPos(0, max(0, y-revealRoom)))
	case y+at.Size().Height+revealRoom > top+room:
		scroll.ScrollToOffset(fyne.NewPos(0, y+at.Size().Height+revealRoom-room))
	}
}

// focusFirst brings the keyboard to the first thing in o that takes it, and says
// whether there is any.
func focusFirst(c fyne.Canvas, o fyne.CanvasObject) bool {
	switch o := o.(type) {
	case *fyne.Container:
		return slices.ContainsFunc(o.Objects, func(x fyne.CanvasObject) bool { return x.Visible() && focusFirst(c, x) })
	case *widget.Field:
		o.FocusIn(c)
		return true
	case fyne.Focusable:
		if d, ok := o.(fyne.Disableable); ok && d.Disabled() {
			return false
		}
		c.Focus(o)
		return true
	}
	return false
}
