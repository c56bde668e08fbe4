package ui

import (
	"context"
	"fmt"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"bellhop/app"
	"bellhop/ui/widget"
)

// searchDelay is how long typing has to pause before a search begins.
const searchDelay = 120 * time.Millisecond

// list is the middle of the window: the search, the alerts, and what can be
// done with those that are selected.
type list struct {
	u *UI
	feed
	pages *view[ask, answer]

	place    string // alerts, new or history
	words    string // what is searched for, "" for nothing
	account  app.AccountID
	round    int
	hints    int  // how often something is known to have changed
	seen     int  // how many of these what is held takes into account
	clearing bool // the question whether to clear waits for what is new
	loaded   bool
	problem  error
	stopWait func() // ends the pause after typing

	selected map[app.AlertID]bool
	mine     map[app.AlertID]bool // removed here; the inbox may not have said so yet
	flight   int                  // removals that the bell has not answered yet
	current  app.AlertID
	pivot    app.AlertID // where a range of selected alerts begins
	hovered  app.AlertID
	pressed  app.AlertID // for a double click
	pressAt  time.Time
	at       []int // alert of each line, -1 for a heading

	search  *widget.Field
	clear   *widget.Button
	menu    *widget.Button
	check   *widget.Check
	count   *widget.Label
	order   *widget.Label
	news    *widget.Button
	rows    *widget.Rows
	waitBox *widget.Skeleton
	empty   *emptyState
	summary *widget.Label
	remove  *widget.Button
	bottom  *fyne.Container
	body    *fyne.Container
	toolbar *fyne.Container
	headBox *fyne.Container
	first   *Preloaded // what was read before the window was made
}

func newList(u *UI) *list {
	l := &list{
		u: u, place: ViewAlerts,
		selected: map[app.AlertID]bool{}, mine: map[app.AlertID]bool{},
	}
	l.pages = newView(u.do, l.load, l.show)
	l.build()
	return l
}

// build makes the widgets.
func (l *list) build() {
	l.search = widget.NewField("search", "Search everything ever seen")
	l.search.OnChanged = l.typed
	l.search.OnEscape = l.leaveSearch
	l.search.OnEnter = l.toRows
	l.search.OnDown = l.toRows
	l.clear = widget.NewButton(widget.Plain, "", "Clear all…", l.askClear)
	l.menu = widget.NewButton(widget.Plain, "more", "", func() { l.u.shell.openMenu() })
	l.toolbar = widget.Line(8, l.search, l.search, l.clear, l.menu)

	l.check = widget.NewCheck("", l.toggleAll)
	l.count = widget.NewElastic("", widget.SizeSmall, false, widget.ColorMuted)
	l.order = widget.NewLabel("Newest first", widget.SizeSmall, false, widget.ColorMuted)
	// What is new waits here, where it moves nothing.
	l.news = widget.NewButton(widget.Quiet, "up", "", l.showNews)
	l.news.Hide()
	l.headBox = widget.Line(12, l.count, l.check, l.count, l.news, l.order)

	l.rows = widget.NewRows()
	l.rows.Make, l.rows.Fill = l.makeLine, l.fillLine
	l.rows.OnTapped, l.rows.OnHover = l.tapped, l.hover
	l.rows.OnView, l.rows.OnJump = l.viewed, l.jump
	l.rows.OnFocus = func(bool) { l.rows.Redraw() }
	l.waitBox = widget.NewSkeleton()
	l.empty = newEmptyState()

	l.summary = widget.NewElastic("", widget.SizeText, false, widget.ColorMuted)
	l.remove = widget.NewButton(widget.Primary, "trash", "Remove selected", l.removeSelected)
	l.bottom = container.NewStack(
		widget.NewGround(widget.ColorSurface, 0),
		widget.Inset(0, 16, 0, 16, widget.Line(12, l.summary, l.summary, l.remove)))
	l.body = container.NewStack(l.rows, l.waitBox, l.empty.box)
}

// load reads a page; it runs on the goroutine of the list's view.
func (l *list) load(ctx context.Context, q ask) (answer, error) { return read(ctx, l.u.inbox, q) }

// show takes in what was read.
func (l *list) show(q ask, a answer, err error) {
	if q.round != l.round {
		return
	}
	l.problem = err
	if err != nil {
		l.showState()
		return
	}
	l.loaded = true
	if q.move == moveFirst || q.move == moveRefresh {
		l.seen = max(l.seen, q.hints)
	}
	switch q.move {
	case moveFirst:
		l.reset(a)
		l.lay()
		l.rows.Top()
	case moveMore:
		l.append(a)
	case moveLess:
		l.prepend(a)
	case moveJump:
		l.jumped(a, q.part)
		l.lay()
		l.rows.Top()
	case moveRefresh:
		l.feed.refresh(a, l.still() && !q.force, l.mine)
		l.settleMine()
	}
	if l.words == "" {
		l.drop(l.mine)
	}
	l.choose()
	l.lay()
	l.showState()
	if l.seen < l.hints { // scrolling may have taken the place of the refresh
		l.pages.ask(l.question(moveRefresh))
	}
	if l.clearing && q.move == moveFirst {
		l.clearing = false
		l.askClear()
	}
	if l.u.shown != nil {
		l.u.shown()
		l.u.shown = nil
	}
}

// settleMine forgets own removals that the inbox has taken in, and what is
// selected but no longer there.
func (l *list) settleMine() {
	if l.flight == 0 {
		clear(l.mine)
	}
	if len(l.feed.rows) == 0 {
		clear(l.selected)
		return
	}
	newest, oldest := l.feed.rows[0].ID, l.feed.rows[len(l.feed.rows)-1].ID
	for id := range l.selected {
		within := id <= newest && (id >= oldest || !l.more)
		if within && (l.find(id) < 0 || l.gone[id]) {
			delete(l.selected, id)
		}
	}
}

// filter returns what the list shows.
func (l *list) filter() app.Filter {
	f := app.Filter{Account: l.account, View: app.ViewList, Search: l.words}
	switch {
	case l.place == ViewHistory:
		f.View = app.ViewHistory
	case l.words != "":
		f.View = app.ViewEverything
	}
	return f
}

// question returns a question about what the list shows now.
func (l *list) question(m move) ask {
	q := ask{
		move: m, filter: l.filter(), fresh: l.place == ViewNew && l.words == "", round: l.round, hints: l.hints,
		rows: len(l.feed.rows), newest: l.newest, total: l.total,
	}
	if q.rows > 0 {
		q.first, q.last = l.feed.rows[0].ID, l.feed.rows[q.rows-1].ID
	}
	return q
}

// start begins with the first page of something else.
func (l *list) start() {
	l.round++
	l.loaded, l.problem = false, nil
	if p := l.first; p != nil && l.place == ViewAlerts && l.words == "" && l.account == 0 {
		l.first = nil
		l.show(l.question(moveFirst), p.list, p.listErr)
		return
	}
	l.pages.instead(l.question(moveFirst))
}

// enter shows the alerts, the new ones, or the history.
func (l *list) enter(place string) {
	l.place, l.words = place, ""
	l.feed = feed{total: -1}
	l.current = 0
	clear(l.selected)
	l.search.SetHint(map[string]string{ViewHistory: "Search what was removed"}[place])
	if place != ViewHistory {
		l.search.SetHint("Search everything ever seen")
	}
	l.start()
	if !l.loaded {
		l.lay()
		l.showState()
	}
}

// refresh reads what is held once more.
func (l *list) refresh() {
	l.hints++
	if !l.loaded {
		l.pages.ask(l.question(moveFirst))
		return
	}
	l.pages.ask(l.question(moveRefresh))
}

// still says whether nothing may move now: the pointer is over the list,
// something is selected, or the list has been scrolled.
func (l *list) still() bool {
	return l.rows.Pointed() || len(l.selected) > 0 || !l.rows.AtTop()
}

// typed begins a search when typing pauses.
func (l *list) typed(s string) {
	if l.stopWait != nil {
		l.stopWait()
	}
	l.stopWait = l.u.later(searchDelay, func() { l.searchFor(s) })
}

// searchFor shows what matches words, or everything again for "".
func (l *list) searchFor(words string) {
	if words == l.words {
		return
	}
	l.words = words
	clear(l.selected)
	l.current = 0
	l.start()
	l.showHead()
}

// leaveSearch empties the field, or leaves it where it is empty.
func (l *list) leaveSearch() {
	if l.search.Text() != "" {
		l.search.SetText("")
		l.searchFor("")
		return
	}
	l.toRows()
}

// toRows brings the keyboard to the alerts.
func (l *list) toRows() {
	if c := l.u.window.Canvas(); c != nil {
		c.Focus(l.rows)
	}
}

// viewed asks for more where the end of what is held comes into view.
func (l *list) viewed(first, last int) {
	const ahead = 40
	switch {
	case !l.loaded:
	case l.more && last >= len(l.at)-ahead:
		l.pages.ask(l.question(moveMore))
	case l.before > 0 && first <= ahead:
		l.pages.ask(l.question(moveLess))
	}
}

// jump shows a stretch somewhere else.
func (l *list) jump(part float64) {
	q := l.question(moveJump)
	q.part = part
	l.pages.ask(q)
}

// showNews brings in what waited behind the bar.
func (l *list) showNews() {
	l.round++
	l.pages.instead(l.question(moveFirst))
}

// lay hands the lines to the list on screen.
func (l *list) lay() {
	items, at := l.items(l.u.now(), l.words == "")
	l.at = at
	l.rows.Set(items, l.before, l.after())
	l.showHead()
	l.u.detail.show(l.alert())
}

// alert returns the current alert, nil where there is none.
func (l *list) alert() *app.Alert {
	if i := l.find(l.current); i >= 0 {
		return &l.feed.rows[i]
	}
	return nil
}

// lineOf returns the line of an alert, -1 where it is not held.
func (l *list) lineOf(id app.AlertID) int {
	i := l.find(id)
	if i < 0 {
		return -1
	}
	for line, n := range l.at {
		if n == i {
			return line
		}
	}
	return -1
}

// choose makes sure that there is a current alert: the one there was, or its
// neighbour, or the first.
func (l *list) choose() {
	if len(l.feed.rows) == 0 {
		l.current = 0
		return
	}
	if l.find(l.current) >= 0 {
		return
	}
	if l.current != 0 {
		for _, a := range l.feed.rows {
			if a.ID < l.current {
				l.current = a.ID
				return
			}
		}
	}
	l.current = l.feed.rows[0].ID
}

// showHead writes the numbers above and below the list.
func (l *list) showHead() {
	n, chosen := len(l.feed.rows), l.selectable()
	text := ""
	switch {
	case !l.loaded:
	case l.words != "":
		text = fmt.Sprintf("%s found", number(n))
		if l.more {
			text = fmt.Sprintf("More than %s found", number(n))
		}
	case l.place == ViewHistory:
		text = "Removed from the list, with the reason"
	case l.place == ViewNew:
		text = fmt.Sprintf("%s since you last looked", alerts(n))
	default:
		if text = alerts(max(l.total, 0)); l.total == 0 {
			text = ""
		}
	}
	if k := len(l.selected); k > 0 {
		text += fmt.Sprintf(", %s selected", number(k))
	}
	l.count.Set(text)
	visible(l.check, l.boxed() && chosen > 0)
	visible(l.order, n > 0 && l.waiting == 0)
	state := widget.Unchecked
	switch k := len(l.selected); {
	case k > 0 && k >= chosen:
		state = widget.Checked
	case k > 0:
		state = widget.Partly
	}
	l.check.Set(state)
	l.showBottom()
	visible(l.news, l.waiting > 0)
	if l.waiting >= mostNew {
		l.news.SetText(newAlerts(mostNew) + " or more")
	} else {
		l.news.SetText(newAlerts(l.waiting))
	}
	l.headBox.Refresh()
}

// showBottom writes the bar below the list.
func (l *list) showBottom() {
	k, n := len(l.selected), len(l.feed.rows)
	changed := visible(l.clear, l.place == ViewAlerts && l.words == "" && !l.u.shell.narrow())
	if visible(l.menu, l.u.shell.narrow()) || changed {
		l.toolbar.Refresh()
	}
	if on := (l.boxed() && n > 0) || l.u.shell.narrow(); on != l.bottom.Visible() {
		visible(l.bottom, on)
		l.u.shell.relay()
	}
	changed = visible(l.remove, l.boxed() && (k > 0 || !l.u.shell.narrow()))
	was := l.remove.Text
	if k > 0 {
		l.summary.Set(fmt.Sprintf("%s selected", number(k)))
		l.remove.SetText(fmt.Sprintf("Remove selected (%s)", number(k)))
		l.remove.Enable()
	} else {
		l.summary.Set("Nothing selected")
		if l.u.shell.narrow() {
			l.summary.Set(l.u.side.footText())
		}
		l.remove.SetText("Remove selected")
		l.remove.Disable()
	}
	if changed || was != l.remove.Text {
		l.bottom.Refresh()
	}
}

// boxed says whether alerts can be selected in this view.
func (l *list) boxed() bool { return l.place != ViewHistory }

// visible shows or hides o and says whether that changed anything; then what
// lies beside it has to be laid out anew.
func visible(o fyne.CanvasObject, on bool) (changed bool) {
	if on == o.Visible() {
		return false
	}
	if on {
		o.Show()
	} else {
		o.Hide()
	}
	return true
}
