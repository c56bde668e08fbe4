package widget

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// CheckState is what a box shows.
type CheckState int

// The states of a box.
const (
	Unchecked CheckState = iota
	Checked
	Partly // some of what it stands for
)

// box is the drawing of a check box; [Check] and [Row] use it.
type box struct {
	frame *canvas.Rectangle
	mark  *canvas.Image
}

const boxSize, markSize = 18, 14

func newBox() box {
	return box{frame: &canvas.Rectangle{CornerRadius: 4}, mark: newIcon()}
}

func (b box) objects() []fyne.CanvasObject { return []fyne.CanvasObject{b.frame, b.mark} }

func (b box) place(x, y float32) {
	put(b.frame, x, y, boxSize, boxSize)
	put(b.mark, x+2, y+2, markSize, markSize)
}

func (b box) paint(w themed, s CheckState, hot bool) {
	fill, edge := ink(w, ColorSurface), ink(w, ColorFaint)
	if hot {
		edge = ink(w, ColorAccent)
	}
	if s != Unchecked {
		fill, edge = ink(w, ColorAccent), ink(w, ColorAccent)
	}
	setBox(b.frame, fill, edge, 1.5)
	switch s {
	case Checked:
		setIcon(b.mark, "check", ink(w, ColorOnAccent))
	case Partly:
		setIcon(b.mark, "minus", ink(w, ColorOnAccent))
	case Unchecked:
		b.mark.Hide()
	}
}

// Check is a box with three states and, where it has one, a text beside it.
type Check struct {
	control
	State CheckState
	Text  string
}

// NewCheck returns an empty box. A press calls changed, which decides the new
// state and sets it with [Check.Set].
func NewCheck(text string, changed func()) *Check {
	c := &Check{Text: text}
	c.extend(c, changed)
	return c
}

// Set changes the state.
func (c *Check) Set(s CheckState) {
	if c.State != s {
		c.State = s
		c.Refresh()
	}
}

// CreateRenderer is for Fyne.
func (c *Check) CreateRenderer() fyne.WidgetRenderer {
	ring, b, text := newRing(), newBox(), newText(SizeText, false)
	r := &renderer{objects: append([]fyne.CanvasObject{ring}, append(b.objects(), text)...)}
	r.least = func() fyne.Size {
		if c.Text == "" {
			return fyne.NewSquareSize(boxSize)
		}
		return fyne.NewSize(boxSize+8+width(c.Text, SizeText, false), lineText)
	}
	r.place = func(s fyne.Size) {
		y := (s.Height - boxSize) / 2
		ring.Move(fyne.NewPos(-FocusWidth-1, y-FocusWidth-1))
		ring.Resize(fyne.NewSquareSize(boxSize + 2*FocusWidth + 2))
		b.place(0, y)
		put(text, boxSize+8, 0, max(0, s.Width-boxSize-8), s.Height)
	}
	r.paint = func() {
		c.showRing(ring)
		b.paint(c, c.State, c.hovered)
		setText(text, c.Text, ink(c, ColorText), false)
	}
	r.paint()
	return r
}
