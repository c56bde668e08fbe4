package widget

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// NavItem is a line of the side bar: an icon, a name and a number.
type NavItem struct {
	control
	Icon, Text, Count string
	On                bool
	// Alarm writes the number in red: it counts what needs somebody.
	Alarm bool
}

// NewNavItem returns a line of the side bar that calls tapped.
func NewNavItem(icon, text string, tapped func()) *NavItem {
	n := &NavItem{Icon: icon, Text: text}
	n.extend(n, tapped)
	return n
}

// Set changes the number and whether the line is the one in view.
func (n *NavItem) Set(count string, on bool) {
	if n.Count != count || n.On != on {
		n.Count, n.On = count, on
		n.Refresh()
	}
}

// CreateRenderer is for Fyne.
func (n *NavItem) CreateRenderer() fyne.WidgetRenderer {
	ring, box, icon := newRing(), &canvas.Rectangle{CornerRadius: Radius}, newIcon()
	text, count := newText(SizeText, false), newText(SizeSmall, false)
	const h, side, gap = 32, 8, 10
	r := &renderer{objects: []fyne.CanvasObject{ring, box, icon, text, count}}
	r.least = func() fyne.Size { return fyne.NewSize(side*2+IconSize+gap+width(n.Text, SizeText, true), h) }
	r.place = func(s fyne.Size) {
		n.frame(ring, s)
		put(box, 0, 0, s.Width, s.Height)
		put(icon, side, (s.Height-IconSize)/2, IconSize, IconSize)
		put(text, side+IconSize+gap, 0, s.Width-2*side-IconSize-gap, s.Height)
		w := width(n.Count, SizeSmall, n.On || n.Alarm)
		put(count, s.Width-side-w, 0, w, s.Height)
	}
	r.paint = func() {
		fill, fore, number := ColorClear, ColorText, ColorMuted
		switch {
		case n.On:
			fill, fore, number = ColorAccentSoft, ColorAccent, ColorAccent
		case n.hovered:
			fill = ColorHover
		}
		if n.Alarm {
			number = ColorRed
		}
		n.showRing(ring)
		setBox(box, ink(n, fill), ink(n, ColorClear), 0)
		setIcon(icon, n.Icon, ink(n, fore))
		setText(text, n.Text, ink(n, fore), n.On)
		setText(count, n.Count, ink(n, number), n.On || n.Alarm)
	}
	r.paint()
	return r
}
