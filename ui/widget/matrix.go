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
	g := m.grid()
	line = int(pos.Y / g.line)
	if pos.Y < 0 || line >= len(m.lines) {
		return -1, -1
	}
	if pos.X < g.from || pos.Y-float32(line)*g.line < g.top {
		return line, -1
	}
	return line, min(int((pos.X-g.from)/g.column), m.columns-1)
}

func (m *Matrix) grid() matrixGrid { return gridOf(m.Size().Width, m.columns) }

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
		h := m.grid().line
		m.OnMove(float32(m.line)*h, h)
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
		return fyne.NewSize(matrixSlim*float32(m.columns), m.grid().line*float32(len(m.lines)))
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
	g := gridOf(s.Width, v.m.columns)
	for i, line := range v.m.lines {
		row, y := v.rows[i], float32(i)*g.line
		put(row.ground, 0, y, s.Width, g.line)
		put(row.rule, 0, y+g.line-1, s.Width, 1)
		v.name(row, line, g, y, s.Width)
		for c, cell := range line.Cells {
			x, top := g.from+float32(c)*g.column, y+g.top+(g.line-g.top-boxSize)/2
			mark := y + 23
			if g.stacked {
				mark = y + g.top + 19
			}
			if cell.Mark != "" {
				top = mark - boxSize - 1
			}
			row.boxes[c].place(x+(g.column-boxSize)/2, top)
			put(row.marks[c], x+(g.column-width(cell.Mark, SizeSmall, false))/2, mark, g.column, lineSmall)
		}
	}
	if v.m.line < len(v.m.lines) {
		x, y := g.from+float32(v.m.column)*g.column, float32(v.m.line)*g.line+g.top
		put(v.ring, x+matrixRing, y+1, g.column-2*matrixRing, g.line-g.top-3)
	}
}

// name puts what a line is about beside its switches, or above them.
func (v *matrixView) name(row *matrixRow, line MatrixLine, g matrixGrid, y, w float32) {
	room := g.from - 2*Unit
	if g.stacked {
		room = w - 2*Unit
	}
	setText(row.title, Elide(line.Title, room, SizeText, false), row.title.Color, false)
	subX, subRoom := Unit, room
	switch {
	case g.stacked:
		subX += width(row.title.Text, SizeText, false) + 2*Unit
		subRoom -= subX - Unit
		put(row.title, Unit, y+4, room, lineText)
		put(row.sub, subX, y+5, subRoom, lineText)
	case line.Sub == "":
		put(row.title, Unit, y+(matrixLine-lineText)/2, room, lineText)
	default:
		put(row.title, Unit, y+3, room, lineText)
		put(row.sub, subX, y+22, room, lineSmall)
	}
	setText(row.sub, Elide(line.Sub, subRoom, SizeSmall, false), row.sub.Color, false)
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
