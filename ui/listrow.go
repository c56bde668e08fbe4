package ui

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"bellhop/app"
	"bellhop/ui/widget"
)

// tipDelay is how long the pointer rests before a tip appears.
const tipDelay = 600 * time.Millisecond

// makeLine makes a line of the list.
func (l *list) makeLine(head bool) fyne.CanvasObject {
	if head {
		return widget.NewGroup()
	}
	return widget.NewRow()
}

// fillLine shows line i.
func (l *list) fillLine(i int, o fyne.CanvasObject) {
	switch o := o.(type) {
	case *widget.Group:
		if i+1 < len(l.at) && l.at[i+1] >= 0 {
			now := l.u.now()
			_, text := groupOf(l.feed.rows[l.at[i+1]].Created.In(now.Location()), now)
			o.Set(text)
		}
	case *widget.Row:
		o.Set(l.rowState(&l.feed.rows[l.at[i]]))
	}
}

// rowState returns what the row of an alert shows.
func (l *list) rowState(a *app.Alert) widget.RowState {
	now := l.u.now()
	k := kindOf(*a)
	s := widget.RowState{
		Icon: k.icon, Tint: k.tint,
		Title: oneLine(head(a.Title, longestLine)), Sub: l.subtitle(a),
		Time:    short(a.Created.In(now.Location()), now),
		New:     a.New && a.Removal == nil,
		Checked: l.selected[a.ID],
		Current: a.ID == l.current,
		Hovered: a.ID == l.hovered,
		Focused: l.rows.Focused(),
		Gone:    l.gone[a.ID],
		Boxed:   l.boxed(),
		Locked:  a.Removal != nil,
		Open:    true,
		Remove:  a.Removal == nil,
	}
	if s.Title == "" {
		s.Title = "(no title)"
	}
	if s.Gone {
		s.Sub = oneLine(a.Source) + " · no longer in the list"
	}
	if a.Failure != nil && a.Removal == nil && !s.Gone {
		s.Failure = "Not removed: " + oneLine(a.Failure.Reason)
	}
	if a.Removal != nil {
		s.Tint = widget.TintGrey
	}
	return s
}

// subtitle returns the second line of a row: the source, why it left the list,
// and the beginning of the description.
func (l *list) subtitle(a *app.Alert) string {
	var parts []string
	if s := oneLine(a.Source); s != "" {
		parts = append(parts, s)
	}
	if a.Removal != nil {
		parts = append(parts, removalText(a, l.u.now()))
	}
	if len(l.u.status.Accounts) > 1 && l.account == 0 {
		for _, acc := range l.u.status.Accounts {
			if acc.ID == a.Account {
				parts = append(parts, acc.Host())
			}
		}
	}
	first, _, _ := strings.Cut(strings.TrimSpace(head(a.Description, longestLine)), "\n")
	if first = oneLine(first); first != "" && first != oneLine(a.Title) {
		parts = append(parts, first)
	}
	return strings.Join(parts, " · ")
}

// removalText says why and when an alert left the list.
func removalText(a *app.Alert, now time.Time) string {
	r := a.Removal
	why := map[app.Why]string{
		app.WhyMe: "removed by you", app.WhyElsewhere: "removed elsewhere", app.WhyExpired: "expired on the server",
	}[r.Why]
	if why == "" {
		why = "removed"
	}
	text := why + ", " + date(r.At.In(now.Location()), now)
	if r.Pending {
		text += ", waiting for the server"
	}
	return text
}

// hover marks the row below the pointer and lets what waited for the pointer to
// leave happen.
func (l *list) hover(line int, pos fyne.Position) {
	id := app.AlertID(0)
	var a *app.Alert
	if line >= 0 && l.at[line] >= 0 {
		a = &l.feed.rows[l.at[line]]
		id = a.ID
	}
	changed := id != l.hovered
	l.hovered = id
	if changed {
		l.rows.Redraw()
	}
	l.u.shell.hideTip()
	if a != nil {
		l.offerTip(a, pos)
	}
	if line < 0 && !l.rows.Pointed() && (l.waiting > 0 || len(l.gone) > 0) && changed {
		l.refresh()
	}
}

// offerTip shows the exact time, or a title that does not fit, after a moment.
func (l *list) offerTip(a *app.Alert, pos fyne.Position) {
	s := l.rowState(a)
	w := l.rows.Size().Width
	text := ""
	switch s.ZoneAt(pos, w) {
	case widget.ZoneTime:
		text = full(a.Created.In(l.u.now().Location()))
	case widget.ZoneOpen:
		text = "Open in DefectDojo (Enter)"
	case widget.ZoneRemove:
		text = "Remove (Delete)"
	case widget.ZoneRetry:
		text = s.Failure
	case widget.ZoneBody:
		text = full(a.Created.In(l.u.now().Location()))
		if s.Cut(w) {
			text = s.Title + "\n" + text
		}
	case widget.ZoneCheck:
	}
	if text != "" {
		l.u.shell.offerTip(text)
	}
}
