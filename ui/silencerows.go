package ui

import (
	"fyne.io/fyne/v2"

	"bellhop/app"
	"bellhop/ui/widget"
)

// silenceLinesAtMost is more than the lines that unfold below a silence.
const silenceLinesAtMost = 100

// layItems hands the lines to the list.
func (s *silences) layItems() {
	s.items = s.items[:0]
	var items []widget.Item
	w := s.rows.Size().Width
	for i, x := range s.lines {
		key := int64(x.ID) * silenceLinesAtMost
		s.items = append(s.items, sheetItem{line: i})
		items = append(items, widget.Item{Key: key})
		if x.ID != s.open {
			continue
		}
		for k, text := range silenceLines(x, s.preview, s.looked, s.u.now()) {
			s.items = append(s.items, sheetItem{line: i, text: &text})
			items = append(items, widget.Item{Key: key + 1 + int64(k), Head: true, More: text.More(w)})
		}
	}
	after := 0
	if s.next != 0 {
		after = max(1, map[bool]int{false: s.inForce, true: s.past}[s.ended]-s.let-len(s.lines))
	}
	s.rows.Set(items, s.let, after)
}

// makeSheetLine makes a line of a list that unfolds.
func makeSheetLine(head bool) fyne.CanvasObject {
	if head {
		return widget.NewTryLine()
	}
	return widget.NewRow()
}

// fillLine shows item i.
func (s *silences) fillLine(i int, o fyne.CanvasObject) {
	it := s.items[i]
	switch o := o.(type) {
	case *widget.TryLine:
		if it.text != nil {
			o.Set(*it.text)
		}
	case *widget.Row:
		o.Set(s.rowState(&s.lines[it.line]))
	}
}

// rowState returns what the row of a silence shows.
func (s *silences) rowState(x *SilenceLine) widget.RowState {
	now := s.u.now()
	st := widget.RowState{
		Icon: "moon", Tint: widget.TintViolet,
		Title: silenceText(x.Silence), Sub: silenceSub(*x, now),
		Time:    brief(x.Created.In(now.Location()), now),
		Current: x.ID == s.current,
		Hovered: x.ID == s.hovered,
		Focused: s.rows.Focused(),
		Fold:    "chevron",
	}
	if x.ID == s.open {
		st.Fold = "down"
	}
	if !x.Until.After(now) {
		st.Tint = widget.TintGrey
	} else if s.u.bell != nil {
		st.Act = "End now…"
	}
	return st
}

// viewed asks for more where an end of what is held comes into view.
func (s *silences) viewed(first, last int) {
	const ahead = 40
	switch {
	case !s.loaded:
	case s.next != 0 && last >= len(s.items)-ahead:
		s.reads.ask(s.question(moveMore))
	case s.let > 0 && first == 0:
		s.start() // what was let go is read again from the newest on
	}
}

// tapped does what the part of the line asks for that was hit.
func (s *silences) tapped(i int, pos fyne.Position, _ fyne.KeyModifier) {
	it := s.items[i]
	x := &s.lines[it.line]
	if it.text != nil {
		return
	}
	if s.rowState(x).ZoneAt(pos, s.rows.Size().Width) == widget.ZoneRetry {
		s.askEnd(x.ID)
		return
	}
	s.moveTo(x.ID)
	s.fold(x.ID, s.open != x.ID)
}

// hover marks the row below the pointer and offers its texts whole.
func (s *silences) hover(i int, pos fyne.Position) {
	id := app.SilenceID(0)
	text := ""
	if i >= 0 {
		it, w := s.items[i], s.rows.Size().Width
		x := &s.lines[it.line]
		st := s.rowState(x)
		switch {
		case it.text != nil && it.text.Cut(w):
			text = it.text.Text
		case it.text != nil:
		case st.ZoneAt(pos, w) == widget.ZoneTime:
			text = "Made " + full(x.Created.In(s.u.now().Location()))
		default:
			text = st.Title + "\n" + st.Sub
		}
		if it.text == nil {
			id = x.ID
		}
	}
	if text != s.u.shell.tipText {
		s.u.shell.hideTip()
		if text != "" {
			s.u.shell.tipOver(text, func() (fyne.Position, bool) {
				p, ok := s.rows.Pointer()
				return fyne.CurrentApp().Driver().AbsolutePositionForObject(s.rows).Add(p), ok && s.u.place == ViewSilences && s.form == nil
			})
		}
		s.u.shell.tipText = text
	}
	if s.hovered != id {
		s.hovered = id
		s.rows.Redraw()
	}
}

// moveTo makes a silence the current one.
func (s *silences) moveTo(id app.SilenceID) {
	s.current = id
	s.rows.Redraw()
	for i, it := range s.items {
		if it.text == nil && s.lines[it.line].ID == id {
			s.rows.Reveal(i)
			return
		}
	}
}

// step moves by n silences, down where n is positive.
func (s *silences) step(n int) {
	if len(s.lines) > 0 {
		i := max(0, s.find(s.current))
		s.moveTo(s.lines[min(max(0, i+n), len(s.lines)-1)].ID)
	}
}

// fold unfolds a silence, or folds it. One is unfolded at a time.
func (s *silences) fold(id app.SilenceID, open bool) {
	i := s.find(id)
	if i < 0 || (s.open == id) == open {
		return
	}
	s.open, s.preview, s.looked = 0, nil, false
	if open {
		s.open = id
		s.looks.instead(s.lines[i].Silence)
	}
	s.lay()
}

// typedKey does what a key without a character stands for, and says whether it
// stands for anything.
func (s *silences) typedKey(k fyne.KeyName) bool {
	if s.form != nil {
		if k == fyne.KeyEscape {
			s.closeForm()
			return true
		}
		return false
	}
	switch k {
	case fyne.KeyDown:
		s.step(1)
	case fyne.KeyUp:
		s.step(-1)
	case fyne.KeyPageDown:
		s.step(s.rows.PageSize())
	case fyne.KeyPageUp:
		s.step(-s.rows.PageSize())
	case fyne.KeyHome:
		s.step(-len(s.lines))
	case fyne.KeyEnd:
		s.step(len(s.lines))
	case fyne.KeyReturn, fyne.KeyEnter:
		s.fold(s.current, s.open != s.current)
	case fyne.KeyRight:
		s.fold(s.current, true)
	case fyne.KeyLeft:
		s.fold(s.current, false)
	case fyne.KeyDelete, fyne.KeyBackspace:
		s.askEnd(s.current)
	default:
		return false
	}
	return true
}

// typedRune does what a character stands for.
func (s *silences) typedRune(r rune) {
	if s.form != nil {
		return
	}
	switch r {
	case 'j':
		s.step(1)
	case 'k':
		s.step(-1)
	case 'g':
		s.step(-len(s.lines))
	case 'G':
		s.step(len(s.lines))
	case ' ', 'o':
		s.fold(s.current, s.open != s.current)
	case 'e', '#':
		s.askEnd(s.current)
	case 'n':
		s.openForm()
	case 's':
		s.offerSnooze()
	case '1', '2':
		s.states.Set(map[rune]string{'1': listInForce, '2': listEnded}[r])
		s.narrow(r == '2')
	}
}
