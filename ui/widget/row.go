package widget

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynewidget "fyne.io/fyne/v2/widget"
)

// Zone is a part of a [Row] that can be hit.
type Zone int

// The parts of a row.
const (
	ZoneBody Zone = iota
	ZoneCheck
	ZoneOpen
	ZoneRemove
	ZoneRetry
	ZoneTime
)

// RowState is everything a [Row] shows.
type RowState struct {
	Icon    string
	Tint    Tint
	Title   string
	Sub     string
	Time    string
	New     bool // bold, with a dot
	Checked bool
	Current bool // where the keyboard is; a bar at the left edge
	Hovered bool // shows the actions in place of the time
	Focused bool // frames the current row
	Gone    bool // has left the list while the pointer was over it
	// Failure stands in place of Sub, in red, with Act at the right; "" is "Try
	// again" there.
	Failure string
	// Act is what can be done about the row. Without a failure it is offered
	// while the row is the current one or the pointer is over it.
	Act string
	// Fold is an icon where a check box would be: what the row unfolds.
	Fold string
	// Boxed leaves room for a check box, Locked keeps the room empty.
	Boxed, Locked bool
	// Open and Remove are offered while the pointer is over the row.
	Open, Remove bool
}

// Row is one line of the list, 56 pixels high. It is drawn only: the list
// decides what a press means, by [Row.ZoneAt].
type Row struct {
	fynewidget.BaseWidget
	RowState
}

// NewRow returns an empty row.
func NewRow() *Row {
	r := &Row{}
	r.ExtendBaseWidget(r)
	return r
}

// Set shows s.
func (r *Row) Set(s RowState) {
	if r.RowState != s {
		r.RowState = s
		r.Refresh()
	}
}

// Measures of a row, from its left and its right edge.
const (
	rowBar    float32 = 3
	rowPad    float32 = 16
	rowGap    float32 = 12
	rowCheckX         = rowBar + rowPad
	rowTime   float32 = 64
	actSize   float32 = 28
	actGap    float32 = 4
)

// tileX returns where the icon tile begins.
func (s RowState) tileX() float32 {
	if s.Boxed || s.Fold != "" {
		return rowCheckX + boxSize + rowGap
	}
	return rowCheckX
}

const retryText = "Try again"

// act returns what is offered as a word, "" for nothing.
func (s RowState) act() string {
	switch {
	case s.Failure != "" && s.Act == "":
		return retryText
	case s.Failure != "", s.Hovered, s.Current:
		return s.Act
	}
	return ""
}

// trailing returns the width of what stands between the title and the dot.
func (s RowState) trailing() float32 {
	if act := s.act(); act != "" {
		return width(act, SizeText, false) + 2*rowGap
	}
	if n := s.actions(); n > 0 {
		return max(rowTime, float32(n)*(actSize+actGap)-actGap)
	}
	return rowTime
}

// actions returns how many actions are shown.
func (s RowState) actions() int {
	n := 0
	if s.Hovered && !s.Gone && s.Failure == "" {
		if s.Open {
			n++
		}
		if s.Remove {
			n++
		}
	}
	return n
}

// ZoneAt returns what is at pos in a row of the given width.
func (s RowState) ZoneAt(pos fyne.Position, w float32) Zone {
	if s.Boxed && !s.Locked && !s.Gone && pos.X < rowCheckX+boxSize+rowGap/2 {
		return ZoneCheck
	}
	right := w - rowPad - dotSize - rowGap
	left := right - s.trailing()
	if pos.X < left || pos.X > right+rowGap {
		return ZoneBody
	}
	if s.act() != "" {
		return ZoneRetry
	}
	n := s.actions()
	if n == 0 {
		return ZoneTime
	}
	fromRight := int((right - pos.X) / (actSize + actGap))
	if fromRight >= n {
		return ZoneBody
	}
	if s.Remove && fromRight <= 0 {
		return ZoneRemove
	}
	return ZoneOpen
}

// rowView is the drawing of a row.
type rowView struct {
	row              *Row
	ground, bar      *canvas.Rectangle
	ring, tile, hot  *canvas.Rectangle
	icon, open, bin  *canvas.Image
	fold             *canvas.Image
	title, sub, time *canvas.Text
	dot              *canvas.Circle
	box              box
}

// CreateRenderer is for Fyne.
func (r *Row) CreateRenderer() fyne.WidgetRenderer {
	v := &rowView{
		row: r, ground: &canvas.Rectangle{}, bar: &canvas.Rectangle{},
		ring: &canvas.Rectangle{StrokeWidth: FocusWidth, CornerRadius: Radius},
		tile: &canvas.Rectangle{CornerRadius: TileRadius}, hot: &canvas.Rectangle{CornerRadius: Radius},
		icon: newIcon(), open: newIcon(), bin: newIcon(), fold: newIcon(),
		title: newText(SizeText, false), sub: newText(SizeSmall, false), time: newText(SizeSmall, false),
		dot: &canvas.Circle{}, box: newBox(),
	}
	out := &renderer{place: v.place, paint: v.paint}
	out.least = func() fyne.Size { return fyne.NewSize(200, RowH) }
	out.objects = []fyne.CanvasObject{v.ground, v.bar, v.ring, v.tile, v.icon, v.title, v.sub, v.time, v.open, v.bin, v.dot}
	out.objects = append(append(out.objects, v.box.objects()...), v.fold)
	v.paint()
	return out
}

// place puts everything where it belongs and cuts the texts to their room.
func (v *rowView) place(s fyne.Size) {
	state := v.row.RowState
	put(v.ground, 0, 0, s.Width, s.Height)
	put(v.bar, 0, 0, rowBar, s.Height)
	put(v.ring, rowBar+1, 1, s.Width-rowBar-2, s.Height-2)
	v.box.place(rowCheckX, (s.Height-boxSize)/2)
	put(v.fold, rowCheckX, (s.Height-IconSize)/2, IconSize, IconSize)
	x := state.tileX()
	put(v.tile, x, (s.Height-tileSize)/2, tileSize, tileSize)
	put(v.icon, x+(tileSize-IconSize)/2, (s.Height-IconSize)/2, IconSize, IconSize)
	x += tileSize + rowGap
	right := s.Width - rowPad
	put(v.dot, right-dotSize, (s.Height-dotSize)/2, dotSize, dotSize)
	right -= dotSize + rowGap
	put(v.bin, right-actSize+5, (s.Height-IconSize)/2, IconSize, IconSize)
	openX := right - actSize + 5
	if state.Remove {
		openX -= actSize + actGap
	}
	put(v.open, openX, (s.Height-IconSize)/2, IconSize, IconSize)
	timeW := width(v.time.Text, v.time.TextSize, false)
	put(v.time, right-timeW, 0, timeW, s.Height)
	room := right - state.trailing() - rowGap - x
	bold := state.New && !state.Gone
	setText(v.title, Elide(state.Title, room, SizeText, bold), v.title.Color, bold)
	put(v.title, x, 9, room, lineText)
	sub := state.Sub
	if state.Failure != "" {
		sub = state.Failure
	}
	setText(v.sub, Elide(sub, room, SizeSmall, false), v.sub.Color, false)
	put(v.sub, x, 30, room, lineSmall)
}

// paint gives everything its colour and its presence.
func (v *rowView) paint() {
	s, r := v.row.RowState, v.row
	ground, none := ColorClear, ink(r, ColorClear)
	switch {
	case s.Checked:
		ground = ColorAccentSoft
	case s.Hovered && !s.Gone:
		ground = ColorHover
	}
	setBox(v.ground, ink(r, ground), none, 0)
	bar := ColorClear
	if s.Current {
		bar = ColorAccent
	}
	setBox(v.bar, ink(r, bar), none, 0)
	show(v.ring, s.Focused && s.Current)
	setBox(v.ring, none, ink(r, ColorFocus), FocusWidth)
	state := Unchecked
	if s.Checked {
		state = Checked
	}
	boxed := s.Boxed && !s.Locked && !s.Gone
	show(v.box.frame, boxed)
	v.box.paint(r, state, false)
	if !boxed {
		v.box.mark.Hide()
	}
	tint := s.Tint
	if s.Gone {
		tint = TintGrey
	}
	setBox(v.tile, ink(r, tint.Ground), none, 0)
	setIcon(v.icon, s.Icon, ink(r, tint.Ink))
	v.title.Color, v.sub.Color = ink(r, ColorText), ink(r, ColorMuted)
	v.time.TextSize = SizeSmall
	timeText, timeInk := s.Time, ink(r, ColorMuted)
	switch {
	case s.Gone:
		v.title.Color = ink(r, ColorMuted)
	case s.Failure != "":
		v.sub.Color = ink(r, ColorRed)
	}
	if act := s.act(); act != "" && !s.Gone {
		v.time.TextSize = SizeText
		timeText, timeInk = act, ink(r, ColorAccent)
	}
	setAction(v.fold, s.Fold != "", s.Fold, r)
	v.title.Refresh()
	v.sub.Refresh()
	setText(v.time, timeText, timeInk, false)
	acts := s.actions() > 0
	show(v.time, !acts)
	setAction(v.open, acts && s.Open, "open", r)
	setAction(v.bin, acts && s.Remove, "trash", r)
	v.dot.FillColor = ink(r, ColorAccent)
	show(v.dot, s.New && !s.Gone)
}

// setAction shows the icon of an action, or hides it.
func setAction(i *canvas.Image, on bool, name string, w themed) {
	if !on {
		i.Hide()
		return
	}
	setIcon(i, name, ink(w, ColorMuted))
}

// show shows or hides o.
func show(o fyne.CanvasObject, on bool) {
	if on {
		o.Show()
	} else {
		o.Hide()
	}
}

// Group is the line above the alerts of a day.
type Group struct {
	fynewidget.BaseWidget
	text string
}

// NewGroup returns an empty line.
func NewGroup() *Group {
	g := &Group{}
	g.ExtendBaseWidget(g)
	return g
}

// Set changes the text.
func (g *Group) Set(text string) {
	if g.text != text {
		g.text = text
		g.Refresh()
	}
}

// CreateRenderer is for Fyne.
func (g *Group) CreateRenderer() fyne.WidgetRenderer {
	text := newText(SizeSmall, true)
	r := &renderer{objects: []fyne.CanvasObject{text}}
	r.least = func() fyne.Size { return fyne.NewSize(100, GroupH) }
	r.place = func(s fyne.Size) { put(text, rowPad, rowGap-1, s.Width-2*rowPad, lineSmall) }
	r.paint = func() { setText(text, g.text, ink(g, ColorMuted), true) }
	r.paint()
	return r
}

// Cut says whether the title does not fit into a row of the given width.
func (s RowState) Cut(w float32) bool {
	room := w - rowPad - dotSize - 2*rowGap - s.trailing() - s.tileX() - tileSize - rowGap
	return Elide(s.Title, room, SizeText, s.New) != s.Title
}
