package ui

import (
	"strings"

	"fyne.io/fyne/v2"

	"bellhop/app"
	"bellhop/ui/widget"
)

// sheetItem is a line on screen: a delivery, or what is unfolded below it.
type sheetItem struct {
	line int
	text *widget.TryState // nil = the delivery itself
}

// layItems hands the lines to the list.
func (d *deliveries) layItems() {
	now, w := d.u.now(), d.rows.Size().Width
	d.items = d.items[:0]
	var items []widget.Item
	for i, x := range d.lines {
		n, ok := d.numbers[x.ID]
		if !ok {
			n = int64(len(d.numbers)+1) * 1000
			d.numbers[x.ID] = n
		}
		d.items = append(d.items, sheetItem{line: i})
		items = append(items, widget.Item{Key: n})
		if !d.open[x.ID] {
			continue
		}
		list, read := d.attempts[x.ID]
		for k, text := range unfolded(x, list, read, now) {
			d.items = append(d.items, sheetItem{line: i, text: &text})
			items = append(items, widget.Item{Key: n + 1 + int64(k), Head: true, More: text.More(w)})
		}
	}
	before := 0
	if len(d.above) > 0 {
		before = len(d.above) * nextPage
	}
	after := 0
	if d.next != "" {
		after = max(1, d.total(d.state).n-before-len(d.lines))
	}
	d.rows.Set(items, before, after)
}

// makeLine makes a line of the list.
func (d *deliveries) makeLine(head bool) fyne.CanvasObject {
	if head {
		return widget.NewTryLine()
	}
	return widget.NewRow()
}

// fillLine shows item i.
func (d *deliveries) fillLine(i int, o fyne.CanvasObject) {
	it := d.items[i]
	switch o := o.(type) {
	case *widget.TryLine:
		if it.text != nil {
			o.Set(*it.text)
		}
	case *widget.Row:
		o.Set(d.rowState(&d.lines[it.line]))
	}
}

// rowState returns what the row of a delivery shows.
func (d *deliveries) rowState(x *DeliveryLine) widget.RowState {
	now := d.u.now()
	s := widget.RowState{
		Icon: "send", Tint: stateTint(*x),
		Title: oneLine(head(x.Title, longestLine)), Sub: deliveryText(*x, now),
		Time:    brief(x.Created.In(now.Location()), now),
		Current: x.ID == d.current,
		Hovered: x.ID == d.hovered,
		Focused: d.rows.Focused(),
		Fold:    "chevron",
	}
	if int(x.Channel) < app.NumChannels {
		s.Icon = channelText[x.Channel].icon
	}
	if d.open[x.ID] {
		s.Fold = "down"
	}
	if s.Title == "" {
		s.Title = "(no title)"
	}
	if d.u.bell != nil {
		s.Act = actText(*x, now)
	}
	if x.State == app.DeliverySent && !s.Hovered {
		s.Act = "" // it is rarely wanted
	}
	if x.State == app.DeliveryDead && s.Act != "" {
		s.Failure = s.Sub
	}
	return s
}

// viewed asks for more where an end of what is held comes into view.
func (d *deliveries) viewed(first, last int) {
	const ahead = 40
	switch {
	case !d.loaded:
	case d.next != "" && last >= len(d.items)-ahead:
		d.reads.ask(d.question(moveMore))
	case len(d.above) > 0 && first <= ahead:
		d.reads.ask(d.question(moveLess))
	}
}

// tapped does what the part of the line asks for that was hit.
func (d *deliveries) tapped(i int, pos fyne.Position, _ fyne.KeyModifier) {
	it := d.items[i]
	x := &d.lines[it.line]
	if it.text == nil && d.rowState(x).ZoneAt(pos, d.rows.Size().Width) == widget.ZoneRetry {
		d.actOn(x.ID)
		return
	}
	d.moveTo(x.ID)
	if it.text == nil {
		d.toggle(x.ID)
	}
}

// hover marks the row below the pointer and offers its texts whole.
func (d *deliveries) hover(i int, pos fyne.Position) {
	id := app.DeliveryID("")
	if i >= 0 && d.items[i].text == nil {
		id = d.lines[d.items[i].line].ID
	}
	text := ""
	if i >= 0 {
		text = d.tip(i, pos)
	}
	if text != d.u.shell.tipText {
		d.u.shell.hideTip()
		if text != "" {
			d.u.shell.tipOver(text, func() (fyne.Position, bool) {
				p, ok := d.rows.Pointer()
				return fyne.CurrentApp().Driver().AbsolutePositionForObject(d.rows).Add(p), ok && d.u.place == ViewDeliveries
			})
		}
		d.u.shell.tipText = text
	}
	if d.hovered != id {
		d.hovered = id
		d.rows.Redraw()
	}
}

// tip returns what is offered for item i: a time whole, or what was cut.
func (d *deliveries) tip(i int, pos fyne.Position) string {
	it, w := d.items[i], d.rows.Size().Width
	x := &d.lines[it.line]
	if it.text != nil {
		if it.text.Cut(w) {
			return it.text.Text
		}
		return ""
	}
	s := d.rowState(x)
	if s.ZoneAt(pos, w) == widget.ZoneTime {
		return full(x.Created.In(d.u.now().Location()))
	}
	if !s.Cut(w) && len(s.Sub) < 60 {
		return ""
	}
	return s.Title + "\n" + s.Sub
}

// moveTo makes a delivery the current one.
func (d *deliveries) moveTo(id app.DeliveryID) {
	d.current = id
	d.rows.Redraw()
	for i, it := range d.items {
		if it.text == nil && d.lines[it.line].ID == id {
			d.rows.Reveal(i)
			return
		}
	}
}

// step moves by n deliveries, down where n is positive.
func (d *deliveries) step(n int) {
	if len(d.lines) == 0 {
		return
	}
	i := max(0, d.find(d.current))
	d.moveTo(d.lines[min(max(0, i+n), len(d.lines)-1)].ID)
}

// toggle unfolds a delivery, or folds it.
func (d *deliveries) toggle(id app.DeliveryID) { d.fold(id, !d.open[id]) }

func (d *deliveries) fold(id app.DeliveryID, open bool) {
	if id == "" || d.open[id] == open || (open && len(d.open) >= mostOpen) {
		return
	}
	if !open {
		delete(d.open, id)
		d.lay()
		return
	}
	d.open[id] = true
	d.lay()
	d.reads.ask(d.question(moveRefresh))
}

// typedKey does what a key without a character stands for, and says whether it
// stands for anything.
func (d *deliveries) typedKey(k fyne.KeyName) bool {
	switch k {
	case fyne.KeyDown:
		d.step(1)
	case fyne.KeyUp:
		d.step(-1)
	case fyne.KeyPageDown:
		d.step(d.rows.PageSize())
	case fyne.KeyPageUp:
		d.step(-d.rows.PageSize())
	case fyne.KeyHome:
		d.step(-len(d.lines))
	case fyne.KeyEnd:
		d.step(len(d.lines))
	case fyne.KeyReturn, fyne.KeyEnter:
		d.toggle(d.current)
	case fyne.KeyRight:
		d.fold(d.current, true)
	case fyne.KeyLeft:
		d.fold(d.current, false)
	default:
		return false
	}
	return true
}

// typedRune does what a character stands for.
func (d *deliveries) typedRune(r rune) {
	switch r {
	case 'j':
		d.step(1)
	case 'k':
		d.step(-1)
	case 'g':
		d.step(-len(d.lines))
	case 'G':
		d.step(len(d.lines))
	case ' ', 'o':
		d.toggle(d.current)
	case 's':
		d.actOn(d.current)
	case 'S':
		d.askAll()
	case 'p':
		d.togglePause()
	default:
		if i := strings.IndexRune("123456", r); i >= 0 {
			d.states.Set(string(sheetStates[i].state))
			d.narrow(sheetStates[i].state, d.channel)
		}
	}
}
