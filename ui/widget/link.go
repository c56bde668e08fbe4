package widget

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// Link is text that wraps and leads somewhere. It looks like the text around
// it until the pointer is over it; a button beside it does the same for the
// keyboard.
type Link struct {
	Prose
	press func()
}

var (
	_ fyne.Tappable      = (*Link)(nil)
	_ desktop.Hoverable  = (*Link)(nil)
	_ desktop.Cursorable = (*Link)(nil)
)

// NewLink returns text that calls press.
func NewLink(text string, size float32, bold bool, press func()) *Link {
	l := &Link{press: press}
	l.text, l.size, l.bold, l.color = text, size, bold, ColorText
	l.ExtendBaseWidget(l)
	l.wrap()
	return l
}

// Tapped is for Fyne.
func (l *Link) Tapped(*fyne.PointEvent) { call(l.press) }

// Cursor is for Fyne.
func (l *Link) Cursor() desktop.Cursor { return desktop.PointerCursor }

// MouseIn is for Fyne.
func (l *Link) MouseIn(*desktop.MouseEvent) { l.Set(l.text, ColorAccent) }

// MouseMoved is for Fyne.
func (l *Link) MouseMoved(*desktop.MouseEvent) {}

// MouseOut is for Fyne.
func (l *Link) MouseOut() { l.Set(l.text, ColorText) }
