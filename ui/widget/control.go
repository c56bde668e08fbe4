package widget

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	fynewidget "fyne.io/fyne/v2/widget"
)

// control is what everything that can be pressed has in common: by mouse, by
// space and by return, with a ring while it has the focus of the keyboard.
type control struct {
	fynewidget.BaseWidget
	self    fyne.Widget
	hovered bool
	focused bool
	off     bool
	press   func()
	reached func()
}

var (
	_ fyne.Tappable      = (*control)(nil)
	_ fyne.Focusable     = (*control)(nil)
	_ fyne.Disableable   = (*control)(nil)
	_ desktop.Hoverable  = (*control)(nil)
	_ desktop.Cursorable = (*control)(nil)
)

// extend ties the control to the widget that embeds it.
func (c *control) extend(self fyne.Widget, press func()) {
	c.self, c.press = self, press
	c.ExtendBaseWidget(self)
}

// Tapped presses the control.
func (c *control) Tapped(*fyne.PointEvent) { c.fire() }

func (c *control) fire() {
	if !c.off && c.press != nil {
		c.press()
	}
}

// Cursor is a hand where pressing does something.
func (c *control) Cursor() desktop.Cursor {
	if c.off {
		return desktop.DefaultCursor
	}
	return desktop.PointerCursor
}

// MouseIn is for Fyne.
func (c *control) MouseIn(*desktop.MouseEvent) { c.hovered = true; c.Refresh() }

// MouseMoved is for Fyne.
func (c *control) MouseMoved(*desktop.MouseEvent) {}

// MouseOut is for Fyne.
func (c *control) MouseOut() { c.hovered = false; c.Refresh() }

// FocusGained is for Fyne.
func (c *control) FocusGained() {
	c.focused = true
	c.Refresh()
	call(c.reached)
}

// OnReached has f called when the keyboard comes to the control.
func (c *control) OnReached(f func()) { c.reached = f }

// FocusLost is for Fyne.
func (c *control) FocusLost() { c.focused = false; c.Refresh() }

// TypedRune hands characters to the window's shortcuts; a space has pressed the
// control already.
func (c *control) TypedRune(r rune) {
	if r != ' ' {
		forwardRune(c.self, r)
	}
}

// TypedKey presses the control by space and return; any other key goes to the
// window's shortcuts.
func (c *control) TypedKey(key *fyne.KeyEvent) {
	if pressedKey(key.Name) {
		c.fire()
		return
	}
	forward(c.self, key)
}

// Enable lets the control be pressed.
func (c *control) Enable() { c.setOff(false) }

// Disable greys the control out.
func (c *control) Disable() { c.setOff(true) }

// Disabled says whether the control is greyed out.
func (c *control) Disabled() bool { return c.off }

func (c *control) setOff(off bool) {
	if c.off != off {
		c.off = off
		c.Refresh()
	}
}

// ring returns the frame that marks the focus; place it with [control.frame].
func newRing() *canvas.Rectangle {
	return &canvas.Rectangle{StrokeWidth: FocusWidth, CornerRadius: Radius + FocusWidth}
}

// frame draws the ring around a box of the given size.
func (c *control) frame(ring *canvas.Rectangle, s fyne.Size) {
	put(ring, -FocusWidth, -FocusWidth, s.Width+2*FocusWidth, s.Height+2*FocusWidth)
}

// showRing shows the ring while the control has the focus.
func (c *control) showRing(ring *canvas.Rectangle) {
	ring.FillColor = ink(c, ColorClear)
	ring.StrokeColor = ink(c, ColorFocus)
	if c.focused && !c.off {
		ring.Show()
	} else {
		ring.Hide()
	}
}
