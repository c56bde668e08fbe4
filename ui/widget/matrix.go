package widget

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	fynewidget "fyne.io/fyne/v2/widget"
)

// Cell is one switch of a [Matrix].
type Cell struct {
	On bool
	// Locked greys the switch out. One that is on can still be switched off.
	Locked bool
	// Mark is a word below the switch, in Ink.
	Mark string
	Ink  fyne.ThemeColorName
}

// MatrixLine is one line of a [Matrix]: what the switches are about, and one
// for each column.
type MatrixLine struct {
	Title, Sub string
	Cells      []Cell
}

// Measures of a matrix.
const (
	matrixLine  float32 = 42
	matrixHead  float32 = 36
	matrixName  float32 = 212 // room for the title before columns become narrower
	matrixLeast float32 = 46  // the narrowest column
	matrixMost  float32 = 84  // the widest column
	matrixRing  float32 = 3   // room between a switch and the ring around it
)

// matrixColumn returns how wide a column is in a matrix of the given width.
func matrixColumn(width float32, columns int) float32 {
	if columns == 0 {
		return matrixMost
	}
	return min(max((width-matrixName)/float32(columns), matrixLeast), matrixMost)
}

// Matrix is a table of switches. It is one control to the keyboard: arrows move
// within it, space and return switch.
type Matrix struct {
	fynewidget.BaseWidget
	// OnToggle is told which switch was pressed.
	OnToggle func(line, column int)
	// OnHover is told the switch below the pointer, -1 and -1 for none, and
	// where in the matrix the pointer is. Column -1 is the title of a line.
	OnHover func(line, column int, pos fyne.Position)
	// OnMove is told which part of the matrix the keyboard has come to.
	OnMove func(top, height float32)

	lines   []MatrixLine
	columns int
	off     bool // nothing can be switched
	line    int  // where the keyboard is
	column  int
	focused bool
	overL   int // below the pointer
	overC   int
}

var (
	_ fyne.Tappable      = (*Matrix)(nil)
	_ fyne.Focusable     = (*Matrix)(nil)
	_ desktop.Hoverable  = (*Matrix)(nil)
	_ desktop.Cursorable = (*Matrix)(nil)
)

// NewMatrix returns a matrix of so many columns without lines.
func NewMatrix(columns int) *Matrix {
	m := &Matrix{columns: columns, overL: -1, overC: -1}
	m.ExtendBaseWidget(m)
	return m
}

// Set shows lines; off greys out the whole of it.
func (m *Matrix) Set(lines []MatrixLine, off bool) {
	m.lines, m.off = lines, off
	m.line = max(0, min(m.line, len(lines)-1))
	m.Refresh()
}

// Lines returns what is shown.
func (m *Matrix) Lines() []MatrixLine { return m.lines }

// at returns the switch at pos.
func (m *Matrix) at(pos fyne.Position) (line, column int) {
	line = int(pos.Y / matrixLine)
	if pos.Y < 0 || line >= len(m.lines) {
		return -1, -1
	}
	w := matrixColumn(m.Size().Width, m.columns)
	from := m.Size().Width - w*float32(m.columns)
	if pos.X < from {
		return line, -1
	}
	return line, min(int((pos.X-from)/w), m.columns-1)
}

// can says whether a switch can be pressed.
func (m *Matrix) can(line, column int) bool {
	if m.off || line < 0 || column < 0 || line >= len(m.lines) {
		return false
	}
	c := m.lines[line].Cells[column]
	return c.On || !c.Locked
}

func (m *Matrix) toggle(line, column int) {
	if m.can(line, column) && m.OnToggle != nil {
		m.OnToggle(line, column)
	}
}

// Tapped is for Fyne.
func (m *Matrix) Tapped(e *fyne.PointEvent) {
	line, column := m.at(e.Position)
	if column < 0 {
		return
	}
	m.line, m.column = line, column
	m.toggle(line, column)
	m.Refresh()
}

// Cursor is a hand over what can be switched.
func (m *Matrix) Cursor() desktop.Cursor {
	if m.can(m.overL, m.overC) {
		return desktop.PointerCursor
	}
	return desktop.DefaultCursor
}

// MouseIn is for Fyne.
func (m *Matrix) MouseIn(e *desktop.MouseEvent) { m.MouseMoved(e) }

// MouseMoved is for Fyne.
func (m *Matrix) MouseMoved(e *desktop.MouseEvent) {
	line, column := m.at(e.Position)
	m.over(line, column, e.Position)
}

// MouseOut is for Fyne.
func (m *Matrix) MouseOut() { m.over(-1, -1, fyne.Position{}) }

func (m *Matrix) over(line, column int, pos fyne.Position) {
	if line == m.overL && column == m.overC {
		return
	}
	m.overL, m.overC = line, column
	m.Refresh()
	if m.OnHover != nil {
		m.OnHover(line, column, pos)
	}
}

// FocusGained is for Fyne.
func (m *Matrix) FocusGained() { m.focused = true; m.moved() }

// FocusLost is for Fyne.
func (m *Matrix) FocusLost() { m.focused = false; m.Refresh() }

// TypedRune hands characters to the window's shortcuts; a space has switched
// already.
func (m *Matrix) TypedRune(r rune) {
	if r != ' ' {
		forwardRune(m, r)
	}
}

// TypedKey moves and switches.
func (m *Matrix) TypedKey(key *fyne.KeyEvent) {
	if pressedKey(key.Name) {
		m.toggle(m.line, m.column)
		return
	}
	switch key.Name {
	case fyne.KeyUp:
		m.line--
	case fyne.KeyDown:
		m.line++
	case fyne.KeyLeft:
		m.column--
	case fyne.KeyRight:
		m.column++
	case fyne.KeyHome:
		m.line = 0
	case fyne.KeyEnd:
		m.line = len(m.lines) - 1
	case fyne.KeyPageUp:
		m.line -= 5
	case fyne.KeyPageDown:
		m.line += 5
	default:
		forward(m, key)
		return
	}
	m.line = max(0, min(m.line, len(m.lines)-1))
	m.column = max(0, min(m.column, m.columns-1))
	m.moved()
}

func (m *Matrix) moved() {
	m.Refresh()
	if m.OnMove != nil {
		m.OnMove(float32(m.line)*matrixLine, matrixLine)
	}
}

// matrixRow is the drawing of one line.
type matrixRow struct {
	ground     *canvas.Rectangle
	rule       *canvas.Rectangle
	title, sub *canvas.Text
	boxes      []box
	marks      []*canvas.Text
}

// matrixView is the drawing of a matrix.
type matrixView struct {
	m    *Matrix
	r    *renderer
	ring *canvas.Rectangle
	rows []*matrixRow
}

// CreateRenderer is for Fyne.
func (m *Matrix) CreateRenderer() fyne.WidgetRenderer {
	v := &matrixView{m: m, ring: &canvas.Rectangle{StrokeWidth: FocusWidth, CornerRadius: Radius}}
	v.r = &renderer{place: v.place, paint: v.paint}
	v.r.least = func() fyne.Size {
		return fyne.NewSize(matrixLeast*float32(m.columns)+80, matrixLine*float32(len(m.lines)))
	}
	v.paint()
	return v.r
}

// grow makes the drawings of lines that are new.
func (v *matrixView) grow() {
	for len(v.rows) < len(v.m.lines) {
		row := &matrixRow{ground: &canvas.Rectangle{}, rule: &canvas.Rectangle{}, title: newText(SizeText, false), sub: newText(SizeSmall, false)}
		for range v.m.columns {
			row.boxes = append(row.boxes, newBox())
			row.marks = append(row.marks, newText(SizeSmall, false))
		}
		v.rows = append(v.rows, row)
	}
	objects := []fyne.CanvasObject{}
	for _, row := range v.rows[:len(v.m.lines)] {
		objects = append(objects, row.ground, row.rule, row.title, row.sub)
		for i, b := range row.boxes {
			objects = append(append(objects, b.objects()...), row.marks[i])
		}
	}
	v.r.objects = append(objects, v.ring)
}

// place puts everything where it belongs.
func (v *matrixView) place(s fyne.Size) {
	w := matrixColumn(s.Width, v.m.columns)
	from := s.Width - w*float32(v.m.columns)
	for i, line := range v.m.lines {
		row, y := v.rows[i], float32(i)*matrixLine
		put(row.ground, 0, y, s.Width, matrixLine)
		put(row.rule, 0, y+matrixLine-1, s.Width, 1)
		room := from - 2*Unit
		setText(row.title, Elide(line.Title, room, SizeText, false), row.title.Color, false)
		setText(row.sub, Elide(line.Sub, room, SizeSmall, false), row.sub.Color, false)
		if line.Sub == "" {
			put(row.title, Unit, y+(matrixLine-lineText)/2, room, lineText)
		} else {
			put(row.title, Unit, y+3, room, lineText)
			put(row.sub, Unit, y+22, room, lineSmall)
		}
		for c, cell := range line.Cells {
			x, top := from+float32(c)*w, y+(matrixLine-boxSize)/2
			if cell.Mark != "" {
				top = y + 4
			}
			row.boxes[c].place(x+(w-boxSize)/2, top)
			put(row.marks[c], x+(w-width(cell.Mark, SizeSmall, false))/2, y+23, w, lineSmall)
		}
	}
	if v.m.line < len(v.m.lines) {
		x, y := from+float32(v.m.column)*w, float32(v.m.line)*matrixLine
		put(v.ring, x+matrixRing, y+1, w-2*matrixRing, matrixLine-3)
	}
}

// paint gives everything its colour.
func (v *matrixView) paint() {
	v.grow()
	m := v.m
	none := ink(m, ColorClear)
	for i, line := range m.lines {
		row := v.rows[i]
		ground := ColorClear
		if i == m.overL {
			ground = ColorHover
		}
		setBox(row.ground, ink(m, ground), none, 0)
		setBox(row.rule, ink(m, ColorLine), none, 0)
		setText(row.title, row.title.Text, ink(m, ColorText), false)
		setText(row.sub, row.sub.Text, ink(m, ColorMuted), false)
		for c, cell := range line.Cells {
			row.boxes[c].paintCell(m, cell, m.off, i == m.overL && c == m.overC && m.can(i, c))
			setText(row.marks[c], cell.Mark, ink(m, cell.markInk()), false)
		}
	}
	setBox(v.ring, none, ink(m, ColorFocus), FocusWidth)
	show(v.ring, m.focused && len(m.lines) > 0)
}

func (c Cell) markInk() fyne.ThemeColorName {
	if c.Ink == "" {
		return ColorMuted
	}
	return c.Ink
}

// paintCell draws a switch: greyed out where it is of no use.
func (b box) paintCell(w themed, c Cell, off, hot bool) {
	state := Unchecked
	if c.On {
		state = Checked
	}
	if !c.Locked && !off {
		b.paint(w, state, hot)
		return
	}
	edge := ink(w, ColorLine)
	if hot {
		edge = ink(w, ColorAccent)
	}
	setBox(b.frame, ink(w, ColorGreySoft), edge, 1.5)
	if c.On {
		setIcon(b.mark, "check", ink(w, ColorMuted))
	} else {
		b.mark.Hide()
	}
}

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
	r.least = func() fyne.Size { return fyne.NewSize(matrixLeast*float32(len(texts))+80, matrixHead) }
	r.place = func(s fyne.Size) {
		put(ground, 0, 0, s.Width, s.Height)
		put(rule, 0, s.Height-1, s.Width, 1)
		put(name, Unit, 0, s.Width, s.Height)
		w := matrixColumn(s.Width, len(texts))
		from := s.Width - w*float32(len(texts))
		for i, t := range texts {
			text := h.names[i]
			if width(text, SizeSmall, true) > w-Unit {
				text = h.shorts[i]
			}
			setText(t, text, t.Color, true)
			put(t, from+float32(i)*w+(w-width(text, SizeSmall, true))/2, 0, w, s.Height)
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
