package widget

import (
	"strings"

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
	Last       bool                // a rule stands below it
	Short      bool                // all leads of the list are single words
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
	tryX     = rowCheckX + boxSize + rowGap + tileSize + rowGap
	tryLead  = float32(150)
	tryShort = float32(72)
	tryMost  = 6 // lines that a text is broken into at most
)

// tryRoom returns where the text of a line begins and how wide it may be.
func (s TryState) tryRoom(w float32) (x, room float32) {
	x = tryX
	switch {
	case s.Lead == "":
	case s.Short:
		x += tryShort
	default:
		x += min(tryLead, w/3)
	}
	return x, w - x - rowPad
}

// broken returns the text in lines for the given width, and whether that is all
// of it.
func (s TryState) broken(w float32) (lines []string, whole bool) {
	_, room := s.tryRoom(w)
	lines = wrapLine(s.Text, room, SizeSmall, false)
	if len(lines) <= tryMost {
		return lines, true
	}
	rest := strings.Join(lines[tryMost-1:], " ")
	return append(lines[:tryMost-1:tryMost-1], Elide(rest, room, SizeSmall, false)), false
}

// Cut says whether the text does not fit into a line of the given width.
func (s TryState) Cut(w float32) bool {
	_, whole := s.broken(w)
	return !whole
}

// More returns how much higher than a group a line of the given width is.
func (s TryState) More(w float32) float32 {
	lines, _ := s.broken(w)
	return float32(len(lines)-1) * lineSmall
}

// CreateRenderer is for Fyne.
func (t *TryLine) CreateRenderer() fyne.WidgetRenderer {
	lead, bar, rule := newText(SizeSmall, false), &canvas.Rectangle{}, &canvas.Rectangle{}
	texts := make([]*canvas.Text, tryMost)
	r := &renderer{objects: []fyne.CanvasObject{bar, rule, lead}}
	for i := range texts {
		texts[i] = newText(SizeSmall, false)
		r.objects = append(r.objects, texts[i])
	}
	r.least = func() fyne.Size { return fyne.NewSize(200, GroupH) }
	r.place = func(s fyne.Size) {
		x, room := t.tryRoom(s.Width)
		lines, _ := t.broken(s.Width)
		const top = (GroupH - lineSmall) / 2
		put(bar, rowCheckX+IconSize/2-1, 0, 2, s.Height)
		put(rule, 0, s.Height-1, s.Width, 1)
		setText(lead, Elide(t.Lead, x-tryX-Unit, SizeSmall, false), lead.Color, false)
		put(lead, tryX, top, x-tryX, lineSmall)
		for i, text := range texts {
			if show(text, i < len(lines)); i < len(lines) {
				setText(text, lines[i], text.Color, false)
				put(text, x, top+float32(i)*lineSmall, room, lineSmall)
			}
		}
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
		for _, text := range texts {
			setText(text, text.Text, ink(t, fore), false)
		}
	}
	r.paint()
	return r
}
