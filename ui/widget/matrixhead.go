package widget

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynewidget "fyne.io/fyne/v2/widget"
)

// MatrixHead names the columns of a [Matrix]; it stands above it, at the same
// width.
type MatrixHead struct {
	fynewidget.BaseWidget
	name   string
	names  []string
	shorts []string // where a column is too narrow for its name
	locked []bool
	ground bool
}

// NewMatrixHead returns a head. Where ground is true it hides what is below it.
func NewMatrixHead(name string, names, shorts []string, ground bool) *MatrixHead {
	h := &MatrixHead{name: name, names: names, shorts: shorts, locked: make([]bool, len(names)), ground: ground}
	h.ExtendBaseWidget(h)
	return h
}

// Lock greys out the names of columns that are of no use.
func (h *MatrixHead) Lock(locked []bool) {
	h.locked = locked
	h.Refresh()
}

// CreateRenderer is for Fyne.
func (h *MatrixHead) CreateRenderer() fyne.WidgetRenderer {
	ground, rule, name := &canvas.Rectangle{}, &canvas.Rectangle{}, newText(SizeSmall, true)
	r := &renderer{objects: []fyne.CanvasObject{ground, rule, name}}
	texts := make([]*canvas.Text, len(h.names))
	for i := range texts {
		texts[i] = newText(SizeSmall, true)
		r.objects = append(r.objects, texts[i])
	}
	r.least = func() fyne.Size { return fyne.NewSize(matrixSlim*float32(len(texts)), matrixHead) }
	r.place = func(s fyne.Size) {
		put(ground, 0, 0, s.Width, s.Height)
		put(rule, 0, s.Height-1, s.Width, 1)
		put(name, Unit, 0, s.Width, s.Height)
		g := gridOf(s.Width, len(texts))
		show(name, !g.stacked)
		for i, t := range texts {
			text := h.names[i]
			if width(text, SizeSmall, true) > g.column-Unit {
				text = h.shorts[i]
			}
			setText(t, text, t.Color, true)
			put(t, g.from+float32(i)*g.column+(g.column-width(text, SizeSmall, true))/2, 0, g.column, s.Height)
		}
	}
	r.paint = func() {
		fill := ColorClear
		if h.ground {
			fill = ColorGround
		}
		setBox(ground, ink(h, fill), ink(h, ColorClear), 0)
		setBox(rule, ink(h, ColorLine), ink(h, ColorClear), 0)
		setText(name, h.name, ink(h, ColorMuted), true)
		for i, t := range texts {
			// A column that is of no use is told by its switches and a word above.
			fore := ColorText
			if i < len(h.locked) && h.locked[i] {
				fore = ColorMuted
			}
			setText(t, t.Text, ink(h, fore), true)
		}
	}
	r.paint()
	return r
}
