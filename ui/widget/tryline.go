package widget

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynewidget "fyne.io/fyne/v2/widget"
)

// TryLine is a line below a [Row] that unfolded: when, and what was said.
type TryLine struct {
	fynewidget.BaseWidget
	TryState
}

// TryState is what a [TryLine] shows.
type TryState struct {
	Lead, Text string
	Ink        fyne.ThemeColorName // of Text
	Dim        bool                // the whole line is said quietly
	Goes       bool                // it goes on with the text of the line above
	Last       bool                // a rule stands below it
}

// NewTryLine returns an empty line.
func NewTryLine() *TryLine {
	t := &TryLine{}
	t.ExtendBaseWidget(t)
	return t
}

// Set shows s.
func (t *TryLine) Set(s TryState) {
	if t.TryState != s {
		t.TryState = s
		t.Refresh()
	}
}

// Measures of a line, which stands below the title of a row.
const (
	tryX    = rowCheckX + boxSize + rowGap + tileSize + rowGap
	tryLead = float32(150)
)

// tryRoom returns where the text of a line begins and how wide it may be.
func (s TryState) tryRoom(w float32) (x, room float32) {
	x = tryX
	if s.Lead != "" || s.Goes {
		x += min(tryLead, w/3)
	}
	return x, w - x - rowPad
}

// Cut says whether the text does not fit into a line of the given width.
func (s TryState) Cut(w float32) bool {
	_, room := s.tryRoom(w)
	return Elide(s.Text, room, SizeSmall, false) != s.Text
}

// CreateRenderer is for Fyne.
func (t *TryLine) CreateRenderer() fyne.WidgetRenderer {
	lead, text, bar, rule := newText(SizeSmall, false), newText(SizeSmall, false), &canvas.Rectangle{}, &canvas.Rectangle{}
	r := &renderer{objects: []fyne.CanvasObject{bar, rule, lead, text}}
	r.least = func() fyne.Size { return fyne.NewSize(200, GroupH) }
	r.place = func(s fyne.Size) {
		x, room := t.tryRoom(s.Width)
		put(bar, rowCheckX+IconSize/2-1, 0, 2, s.Height)
		put(rule, 0, s.Height-1, s.Width, 1)
		setText(lead, Elide(t.Lead, x-tryX-Unit, SizeSmall, false), lead.Color, false)
		put(lead, tryX, 0, x-tryX, s.Height)
		setText(text, Elide(t.Text, room, SizeSmall, false), text.Color, false)
		put(text, x, 0, room, s.Height)
	}
	r.paint = func() {
		fore := t.Ink
		if fore == "" || t.Dim {
			fore = ColorMuted
		}
		none := ink(t, ColorClear)
		setBox(bar, ink(t, ColorLine), none, 0)
		setBox(rule, ink(t, ColorLine), none, 0)
		show(rule, t.Last)
		setText(lead, lead.Text, ink(t, ColorMuted), false)
		setText(text, text.Text, ink(t, fore), false)
	}
	r.paint()
	return r
}
