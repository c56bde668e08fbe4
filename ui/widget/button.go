package widget

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// ButtonKind is how loudly a button asks to be pressed.
type ButtonKind int

// The kinds of button.
const (
	Plain   ButtonKind = iota // a frame: one of several things to do
	Primary                   // filled: the thing to do; one in sight
	Quiet                     // text alone
	Danger                    // filled red: the confirmation of what cannot be undone
)

// Button is a button with a text, an icon, or both.
type Button struct {
	control
	Text string
	Icon string
	Kind ButtonKind
	// Chosen fills the button as one of a group, see [Segmented].
	Chosen bool
}

// NewButton returns a button that calls tapped.
func NewButton(kind ButtonKind, icon, text string, tapped func()) *Button {
	b := &Button{Kind: kind, Icon: icon, Text: text}
	b.extend(b, tapped)
	return b
}

// SetText changes the text.
func (b *Button) SetText(text string) {
	if b.Text != text {
		b.Text = text
		b.Refresh()
	}
}

// colors returns the fill, the frame and the text of the button as it is now.
func (b *Button) colors() (fill, frame, text fyne.ThemeColorName) {
	switch {
	case b.off && (b.Kind == Primary || b.Kind == Danger):
		return ColorGreySoft, ColorGreySoft, ColorMuted
	case b.off:
		return ColorClear, ColorClear, ColorMuted
	case b.Kind == Danger:
		return ColorRed, ColorRed, ColorOnAccent
	case b.Chosen || b.Kind == Primary:
		if b.hovered {
			return ColorPressed, ColorPressed, ColorOnAccent
		}
		return ColorAccent, ColorAccent, ColorOnAccent
	case b.Kind == Quiet:
		if b.hovered {
			return ColorAccentSoft, ColorAccentSoft, ColorAccent
		}
		return ColorClear, ColorClear, ColorAccent
	case b.hovered:
		return ColorHover, ColorLine, ColorText
	}
	return ColorSurface, ColorLine, ColorText
}

// CreateRenderer is for Fyne.
func (b *Button) CreateRenderer() fyne.WidgetRenderer {
	ring, box, icon, text := newRing(), &canvas.Rectangle{CornerRadius: Radius}, newIcon(), newText(SizeText, false)
	const side, gap = 12, 8
	inner := func() float32 {
		w := width(b.Text, SizeText, b.bold())
		if b.Icon != "" {
			w += IconSize
			if b.Text != "" {
				w += gap
			}
		}
		return w
	}
	r := &renderer{objects: []fyne.CanvasObject{ring, box, icon, text}}
	r.least = func() fyne.Size {
		if b.Text == "" {
			return fyne.NewSquareSize(ControlH)
		}
		return fyne.NewSize(inner()+2*side, ControlH)
	}
	r.place = func(s fyne.Size) {
		b.frame(ring, s)
		put(box, 0, 0, s.Width, s.Height)
		x := (s.Width - inner()) / 2
		if b.Icon != "" {
			put(icon, x, (s.Height-IconSize)/2, IconSize, IconSize)
			x += IconSize + gap
		}
		put(text, x, 0, max(0, s.Width-x), s.Height)
	}
	r.paint = func() {
		fill, frame, fore := b.colors()
		b.showRing(ring)
		setBox(box, ink(b, fill), ink(b, frame), 1)
		setText(text, b.Text, ink(b, fore), b.bold())
		setIcon(icon, b.Icon, ink(b, fore))
	}
	r.paint()
	return r
}

func (b *Button) bold() bool { return b.Chosen || b.Kind == Primary || b.Kind == Danger }
