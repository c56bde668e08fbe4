//go:build e2e && linux

package e2e

import (
	"image"
	"image/color"
)

// thePage is where a page of the window shows its rows.
var thePage = image.Rect(240, 140, 1180, 740)

// Colours of the dark theme that say how something stands.
var (
	red    = color.RGBA{0xFF, 0x8A, 0x80, 0xFF}
	orange = color.RGBA{0xFF, 0xB0, 0x74, 0xFF}
	green  = color.RGBA{0x7A, 0xD3, 0xA4, 0xFF}
	accent = color.RGBA{0x8D, 0xB2, 0xFF, 0xFF}
	violet = color.RGBA{0xC3, 0xA6, 0xFF, 0xFF}
)

// dark fixes the colours of the window.
func (w *world) dark() {
	w.t.Helper()
	w.cli("settings", "set", "theme", "dark")
}

// untilInk waits until something in a part of the window is written in a colour.
func (win window) untilInk(part image.Rectangle, c color.RGBA) {
	win.w.t.Helper()
	win.w.until("something in the window has the colour", func() bool { return win.inked(part, c) })
	win.still()
}

// untilNoInk waits until nothing in a part of the window is written in a colour.
func (win window) untilNoInk(part image.Rectangle, c color.RGBA) {
	win.w.t.Helper()
	win.w.until("nothing in the window has the colour", func() bool { return !win.inked(part, c) })
}

// inked says whether something in a part of the window is written in a colour.
// Few pixels of a letter have it whole.
func (win window) inked(part image.Rectangle, c color.RGBA) bool {
	near := func(a, b uint8) bool { return max(a, b)-min(a, b) <= 8 }
	return pixels(win.w.look(part.Add(win.Min)), func(x color.RGBA) bool { return near(x.R, c.R) && near(x.G, c.G) && near(x.B, c.B) }) >= 6
}
