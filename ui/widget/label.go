package widget

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynewidget "fyne.io/fyne/v2/widget"
)

// Label is one line of text, cut with an ellipsis where it does not fit.
type Label struct {
	fynewidget.BaseWidget
	Text  string
	Bold  bool
	Color fyne.ThemeColorName
	// Elastic lets the label become narrower than its text.
	Elastic bool

	size float32
}

// NewLabel returns a line of text.
func NewLabel(text string, size float32, bold bool, color fyne.ThemeColorName) *Label {
	l := &Label{Text: text, size: size, Bold: bold, Color: color}
	l.ExtendBaseWidget(l)
	return l
}

// NewElastic returns a line of text that may be cut.
func NewElastic(text string, size float32, bold bool, color fyne.ThemeColorName) *Label {
	l := NewLabel(text, size, bold, color)
	l.Elastic = true
	return l
}

// Set changes the text.
func (l *Label) Set(text string) { l.SetColor(text, l.Color) }

// SetColor changes the text and its colour.
func (l *Label) SetColor(text string, color fyne.ThemeColorName) {
	if l.Text != text || l.Color != color {
		l.Text, l.Color = text, color
		l.Refresh()
	}
}

// CreateRenderer is for Fyne.
func (l *Label) CreateRenderer() fyne.WidgetRenderer {
	text := newText(l.size, l.Bold)
	r := &renderer{objects: []fyne.CanvasObject{text}}
	r.least = func() fyne.Size {
		if l.Elastic {
			return fyne.NewSize(1, lineHeight(l.size))
		}
		return fyne.NewSize(width(l.Text, l.size, l.Bold), lineHeight(l.size))
	}
	shown := func(room float32) {
		s := l.Text
		if l.Elastic {
			s = Elide(s, room, l.size, l.Bold)
		}
		setText(text, s, ink(l, l.Color), l.Bold)
	}
	r.place = func(s fyne.Size) {
		put(text, 0, 0, s.Width, s.Height)
		shown(s.Width)
	}
	r.paint = func() { shown(r.size.Width) }
	r.paint()
	return r
}

// Rule is a line between two things, one pixel thick.
type Rule struct {
	fynewidget.BaseWidget
}

// NewRule returns a line that is as long as its layout makes it, across or
// down.
func NewRule() *Rule {
	r := &Rule{}
	r.ExtendBaseWidget(r)
	return r
}

// CreateRenderer is for Fyne.
func (l *Rule) CreateRenderer() fyne.WidgetRenderer {
	return NewGround(ColorLine, 1).CreateRenderer()
}

// Ground is a plain area in one colour.
type Ground struct {
	fynewidget.BaseWidget
	color  fyne.ThemeColorName
	frame  fyne.ThemeColorName
	least  float32
	corner float32
	shadow bool
}

// NewGround returns an area that is at least as wide and high as least.
func NewGround(color fyne.ThemeColorName, least float32) *Ground {
	g := &Ground{color: color, frame: ColorClear, least: least}
	g.ExtendBaseWidget(g)
	return g
}

// NewPanel returns an area with a frame and round corners, floating where
// shadow is true.
func NewPanel(color, frame fyne.ThemeColorName, corner float32, shadow bool) *Ground {
	g := NewGround(color, 0)
	g.frame, g.corner, g.shadow = frame, corner, shadow
	return g
}

// SetColor changes the colours.
func (g *Ground) SetColor(color, frame fyne.ThemeColorName) {
	if g.color != color || g.frame != frame {
		g.color, g.frame = color, frame
		g.Refresh()
	}
}

// CreateRenderer is for Fyne.
func (g *Ground) CreateRenderer() fyne.WidgetRenderer {
	box := &canvas.Rectangle{CornerRadius: g.corner}
	r := &renderer{objects: []fyne.CanvasObject{box}}
	r.least = func() fyne.Size { return fyne.NewSquareSize(g.least) }
	r.place = func(s fyne.Size) { put(box, 0, 0, s.Width, s.Height) }
	r.paint = func() {
		w := float32(0)
		if g.frame != ColorClear {
			w = 1
		}
		setBox(box, ink(g, g.color), ink(g, g.frame), w)
		if g.shadow {
			box.Shadow = shade(g)
			box.Refresh()
		}
	}
	r.paint()
	return r
}
