package widget

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// UndoBar floats above the list and says what has just been done. It stands in
// inverted colours; the button takes it back.
type UndoBar struct {
	control
	Text, Action string
}

// NewUndoBar returns a bar that calls undo.
func NewUndoBar(undo func()) *UndoBar {
	u := &UndoBar{}
	u.extend(u, undo)
	return u
}

// Set changes the text and that of the button.
func (u *UndoBar) Set(text, action string) {
	if u.Text != text || u.Action != action {
		u.Text, u.Action = text, action
		u.Refresh()
	}
}

// CreateRenderer is for Fyne.
func (u *UndoBar) CreateRenderer() fyne.WidgetRenderer {
	const h, side, gap, pad, buttonH = 44, 8, 16, 12, 28
	ring, ground := newRing(), &canvas.Rectangle{CornerRadius: TileRadius}
	text, frame, action := newText(SizeText, false), &canvas.Rectangle{CornerRadius: Radius}, newText(SizeText, true)
	button := func() float32 { return width(u.Action, SizeText, true) + 2*pad }
	r := &renderer{objects: []fyne.CanvasObject{ring, ground, text, frame, action}}
	r.least = func() fyne.Size {
		return fyne.NewSize(gap+width(u.Text, SizeText, false)+gap+button()+side, h)
	}
	r.place = func(s fyne.Size) {
		u.frame(ring, s)
		put(ground, 0, 0, s.Width, s.Height)
		put(text, gap, 0, s.Width, s.Height)
		x := s.Width - side - button()
		put(frame, x, (s.Height-buttonH)/2, button(), buttonH)
		put(action, x+pad, 0, button(), s.Height)
	}
	r.paint = func() {
		u.showRing(ring)
		ground.Shadow = shade(u)
		setBox(ground, ink(u, ColorText), ink(u, ColorClear), 0)
		fill, fore := ink(u, ColorClear), ink(u, ColorGround)
		if u.hovered {
			fill, fore = ink(u, ColorGround), ink(u, ColorText)
		}
		setText(text, u.Text, ink(u, ColorGround), false)
		setBox(frame, fill, ink(u, ColorGround), 1)
		setText(action, u.Action, fore, true)
	}
	r.paint()
	return r
}
