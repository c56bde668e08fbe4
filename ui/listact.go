package ui

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"fyne.io/fyne/v2"

	"bellhop/app"
	"bellhop/ui/widget"
)

// doubleClick is the longest time between two presses that belong together.
const doubleClick = 400 * time.Millisecond

// tapped does what the part of the row asks for that was hit.
func (l *list) tapped(line int, pos fyne.Position, keys fyne.KeyModifier) {
	if l.at[line] < 0 {
		return
	}
	a := l.feed.rows[l.at[line]]
	if l.gone[a.ID] {
		return
	}
	switch l.rowState(&a).ZoneAt(pos, l.rows.Size().Width) {
	case widget.ZoneCheck:
		l.mark(a.ID, keys)
		return
	case widget.ZoneOpen:
		l.u.open(a.ID, false)
		return
	case widget.ZoneRemove:
		l.removeThese([]app.AlertID{a.ID})
		return
	case widget.ZoneRetry:
		l.retry(a.ID)
		return
	case widget.ZoneBody, widget.ZoneTime:
	}
	if keys&(fyne.KeyModifierShift|fyne.KeyModifierControl|fyne.KeyModifierSuper) != 0 && l.boxed() {
		l.mark(a.ID, keys)
		return
	}
	now := l.u.now()
	twice := l.pressed == a.ID && now.Sub(l.pressAt) < doubleClick
	l.pressed, l.pressAt = a.ID, now
	l.moveTo(a.ID)
	l.u.shell.openDetail()
	if twice {
		l.u.open(a.ID, false)
	}
}

// mark selects an alert or no longer; with shift everything from the last one.
func (l *list) mark(id app.AlertID, keys fyne.KeyModifier) {
	if keys&fyne.KeyModifierShift != 0 && l.pivot != 0 {
		from, to := l.find(l.pivot), l.find(id)
		if from >= 0 && to >= 0 {
			for i := min(from, to); i <= max(from, to); i++ {
				if l.canSelect(&l.feed.rows[i]) {
					l.selected[l.feed.rows[i].ID] = true
				}
			}
		}
	} else {
		l.toggle(id)
	}
	l.pivot = id
	l.moveTo(id)
}

// canSelect says whether an alert can be removed and so be selected.
func (l *list) canSelect(a *app.Alert) bool {
	return l.boxed() && a.Removal == nil && !l.gone[a.ID] && !l.mine[a.ID]
}

// selectable counts the alerts held that can be selected.
func (l *list) selectable() int {
	n := 0
	for i := range l.feed.rows {
		if l.canSelect(&l.feed.rows[i]) {
			n++
		}
	}
	return n
}

// toggle selects an alert, or no longer.
func (l *list) toggle(id app.AlertID) {
	i := l.find(id)
	if i < 0 || !l.canSelect(&l.feed.rows[i]) {
		return
	}
	if l.selected[id] {
		delete(l.selected, id)
	} else {
		l.selected[id] = true
	}
	l.pivot = id
	l.rows.Redraw()
	l.showHead()
}

// toggleAll selects everything that is held, or nothing.
func (l *list) toggleAll() {
	if len(l.selected) > 0 {
		l.selectNone()
		return
	}
	l.selectAll()
}

// selectAll selects everything that is held.
func (l *list) selectAll() {
	for i := range l.feed.rows {
		if l.canSelect(&l.feed.rows[i]) {
			l.selected[l.feed.rows[i].ID] = true
		}
	}
	l.rows.Redraw()
	l.showHead()
}

// selectNone empties the selection.
func (l *list) selectNone() {
	clear(l.selected)
	l.rows.Redraw()
	l.showHead()
	if l.waiting > 0 {
		l.refresh()
	}
}

// moveTo makes an alert the current one.
func (l *list) moveTo(id app.AlertID) {
	l.current = id
	l.rows.Redraw()
	l.rows.Reveal(l.lineOf(id))
	l.showHead()
	l.u.detail.show(l.alert())
}

// step moves by n alerts, down where n is positive.
func (l *list) step(n int) {
	if len(l.feed.rows) == 0 {
		return
	}
	i := max(0, l.find(l.current))
	l.moveTo(l.feed.rows[min(max(0, i+n), len(l.feed.rows)-1)].ID)
}

// chosen returns what an action is about: the selection, or the current alert.
func (l *list) chosen() []app.AlertID {
	if len(l.selected) > 0 {
		ids := make([]app.AlertID, 0, len(l.selected))
		for id := range l.selected {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		return ids
	}
	if a := l.alert(); a != nil && l.canSelect(a) {
		return []app.AlertID{a.ID}
	}
	return nil
}

// removeSelected removes what is selected.
func (l *list) removeSelected() {
	if len(l.selected) > 0 {
		l.removeThese(l.chosen())
	}
}

// removeThese removes alerts at once and offers to undo it.
func (l *list) removeThese(ids []app.AlertID) {
	l.takeOut(ids, func(ctx context.Context, b Bell) (app.Removed, error) { return b.Remove(ctx, ids) })
}

// retry tries a removal again that has failed before.
func (l *list) retry(id app.AlertID) {
	ids := []app.AlertID{id}
	l.takeOut(ids, func(ctx context.Context, b Bell) (app.Removed, error) { return b.Retry(ctx, ids) })
}

// takeOut hides alerts while the bell removes them, so that the next key is
// about the next alert. They come back where that fails.
func (l *list) takeOut(ids []app.AlertID, remove func(context.Context, Bell) (app.Removed, error)) {
	if len(ids) == 0 {
		return
	}
	if l.u.bell == nil {
		l.u.fail(errNoBell)
		return
	}
	var done app.Removed
	l.flight++
	l.u.undo.expect()
	l.hide(ids)
	l.u.act(func(ctx context.Context, b Bell) (err error) {
		done, err = remove(ctx, b)
		return err
	}, func(err error) bool {
		l.flight--
		if err != nil {
			for _, id := range ids {
				delete(l.mine, id)
			}
			l.bringBack()
			l.u.undo.miss()
			return false
		}
		l.u.undo.offer(done)
		l.refresh()
		return false
	})
}

// bringBack shows at once what has come back to the list.
func (l *list) bringBack() {
	l.hints++
	q := l.question(moveRefresh)
	q.force = true
	l.pages.ask(q)
}

// hide takes alerts out of sight before the inbox says so.
func (l *list) hide(ids []app.AlertID) {
	set := make(map[app.AlertID]bool, len(ids))
	for _, id := range ids {
		set[id] = true
		l.mine[id] = true
		delete(l.selected, id)
	}
	if l.words == "" {
		l.drop(set)
	}
	l.round++ // what is being read now does not know of it
	l.choose()
	l.lay()
	l.showState()
}

// askClear asks before everything that is in the list is removed: exactly what
// was there when the question was put.
func (l *list) askClear() {
	if l.waiting > 0 { // first it has to be seen
		l.clearing = true
		l.showNews()
		return
	}
	n, upTo, account := l.total, l.newest, l.account
	if n <= 0 || upTo == 0 {
		return
	}
	l.u.confirm(question{
		title: fmt.Sprintf("Remove all %s?", alerts(n)),
		text:  "They leave your list here and in DefectDojo. What arrives from now on stays. The history keeps them, and nobody else's list changes.",
		yes:   fmt.Sprintf("Remove %s", alerts(n)),
		kind:  widget.Danger,
		act: func() {
			var done app.Removed
			l.u.undo.expect()
			l.u.act(func(ctx context.Context, b Bell) (err error) {
				done, err = b.Clear(ctx, account, upTo)
				return err
			}, func(err error) bool {
				if err != nil {
					l.u.undo.miss()
					return false
				}
				clear(l.selected)
				l.u.undo.offer(done)
				l.round++
				l.pages.instead(l.question(moveFirst))
				return false
			}, l.clear)
		},
	})
}

// openCurrent opens the current alert's page in the browser.
func (l *list) openCurrent() {
	if a := l.alert(); a != nil {
		l.u.open(a.ID, false)
	}
}

// open opens an alert's page in the browser. A page on a host that is not the
// account's is opened only after the user has seen the host.
func (u *UI) open(id app.AlertID, foreignOK bool) {
	u.act(func(ctx context.Context, b Bell) error {
		_, err := b.Open(ctx, id, foreignOK)
		return err
	}, func(err error) bool {
		if !errors.Is(err, app.ErrForeignHost) || foreignOK {
			return false
		}
		u.confirm(question{
			title: "Open a page on another host?",
			text:  fmt.Sprintf("This alert leads to %s, which is not your DefectDojo. Whoever wrote the alert chose that address.", u.leadsTo(id, err)),
			yes:   "Open it",
			kind:  widget.Primary,
			act:   func() { u.open(id, true) },
		})
		return true
	})
}

// leadsTo returns the host that an alert's link leads to, or what the refusal
// says where the alert is not held any more.
func (u *UI) leadsTo(id app.AlertID, refusal error) string {
	if i := u.list.find(id); i >= 0 {
		a := u.list.feed.rows[i]
		for _, acc := range u.status.Accounts {
			if acc.ID != a.Account {
				continue
			}
			target, _, err := app.Link(acc.URL, a.URL)
			if link, e := url.Parse(target); err == nil && e == nil {
				return oneLine(link.Host)
			}
		}
	}
	return "another host (" + app.AsProblem(refusal).Message + ")"
}
