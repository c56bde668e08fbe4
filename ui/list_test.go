package ui

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"bellhop/app"
)

var wide = fyne.NewSize(1200, 760)

// removing lets a bell remove alerts in the inbox at once, five seconds of undo.
func removing(w *world) {
	w.bell.remove = func(ids []app.AlertID) (app.Removed, error) {
		w.inbox.update(ids, func(a *app.Alert) { a.Removal = &app.Removal{Why: app.WhyMe, At: noon, Pending: true} })
		return app.Removed{Intents: []app.IntentID{7}, Count: len(ids), UndoUntil: w.clock().Add(5 * time.Second)}, nil
	}
	w.bell.undo = func([]app.IntentID) (int, error) {
		w.inbox.mu.Lock()
		defer w.inbox.mu.Unlock()
		n := 0
		for i := range w.inbox.alerts {
			if w.inbox.alerts[i].Removal != nil {
				w.inbox.alerts[i].Removal = nil
				n++
			}
		}
		return n, nil
	}
}

func (w *world) shows(id app.AlertID) bool { return w.ui.list.find(id) >= 0 }

func TestWhatIsSelectedIsRemovedAndCanBeTakenBack(t *testing.T) {
	w := newWorld(t, wide, "", canned(), running())
	removing(w)
	w.ready()
	w.rune('x')
	w.rune('j')
	w.rune(' ')
	if got := w.ui.list.count.Text; got != "49 alerts, 2 selected" {
		t.Errorf("the head says %q", got)
	}
	if got := w.ui.list.remove.Text; got != "Remove selected (2)" {
		t.Errorf("the button says %q", got)
	}
	test.Tap(w.ui.list.remove)
	w.until("both are gone", func() bool { return !w.shows(100) && !w.shows(99) && w.shows(98) })
	w.until("the bell is asked", w.bell.called("remove [99 100]"))
	bar := w.ui.undo.bar
	w.until("undo is offered", bar.Visible)
	if bar.Text != "2 alerts removed" || bar.Action != "Undo (5)" {
		t.Errorf("the bar says %q, %q", bar.Text, bar.Action)
	}
	w.pass(1500 * time.Millisecond)
	if bar.Action != "Undo (4)" {
		t.Errorf("after a second and a half the bar says %q", bar.Action)
	}
	test.Tap(bar)
	w.until("both are back", func() bool { return w.shows(100) && w.shows(99) })
	if bar.Visible() {
		t.Error("the bar is still offered after undo")
	}
}

func TestTheNextKeyIsAboutTheNextAlert(t *testing.T) {
	w := newWorld(t, wide, "", canned(), running())
	removing(w)
	w.ready()
	slow, remove := make(chan struct{}), w.bell.remove
	intent := app.IntentID(0)
	w.bell.remove = func(ids []app.AlertID) (app.Removed, error) {
		<-slow
		r, err := remove(ids)
		w.bell.mu.Lock()
		defer w.bell.mu.Unlock()
		intent++
		r.Intents = []app.IntentID{intent}
		return r, err
	}
	w.key(fyne.KeyDelete)
	w.key(fyne.KeyDelete)
	if w.shows(100) || w.shows(99) || w.ui.list.current != 98 {
		t.Errorf("the list waits for the bell: %d is current", w.ui.list.current)
	}
	w.ui.Hint(app.Hints{app.TopicAlerts: true}) // the bell has not removed them yet
	w.until("the list has been read anew", func() bool { return w.ui.list.seen == w.ui.list.hints })
	if w.shows(100) || w.shows(99) {
		t.Error("what is being removed came back for a moment")
	}
	close(slow)
	w.until("both can be taken back", func() bool { return len(w.ui.undo.removed) == 2 })
	test.Tap(w.ui.undo.bar)
	if !w.ui.undo.bar.Visible() || len(w.ui.undo.removed) != 1 {
		t.Error("after one undo the other removal is not offered any more")
	}
	w.until("something is undone", func() bool { return len(w.bell.asked()) == 3 })
	if got := w.bell.asked(); !slices.Contains(got, "remove [100]") || !slices.Contains(got, "remove [99]") {
		t.Errorf("the bell was asked for %q", got)
	}
}

func TestWhatCouldNotBeRemovedComesBack(t *testing.T) {
	w := newWorld(t, wide, "", canned(), running())
	w.ready()
	w.bell.remove = func([]app.AlertID) (app.Removed, error) {
		return app.Removed{}, app.NewProblem("disk_full", "The disk is full.", "Free some space.", true, nil)
	}
	w.key(fyne.KeyDelete)
	w.until("it is back", func() bool { return w.ui.failure != nil && w.shows(100) })
}

func TestUndoIsOfferedNoLongerThanItIsPossible(t *testing.T) {
	w := newWorld(t, wide, "", canned(), running())
	removing(w)
	w.ready()
	w.key(fyne.KeyDelete)
	w.until("undo is offered", w.ui.undo.bar.Visible)
	if got := w.ui.undo.bar.Text; got != "1 alert removed" {
		t.Errorf("the bar says %q", got)
	}
	w.pass(5100 * time.Millisecond)
	if w.ui.undo.bar.Visible() {
		t.Error("undo is offered after its time is over")
	}
	if w.ui.list.current != 99 {
		t.Errorf("after the first was removed the current alert is %d, want its neighbour 99", w.ui.list.current)
	}
}

func TestClearAllAsksAndTakesOnlyWhatWasShown(t *testing.T) {
	w := newWorld(t, wide, "", canned(), running())
	w.ready()
	w.bell.clear = func(_ app.AccountID, upTo app.AlertID) (app.Removed, error) {
		return app.Removed{Intents: []app.IntentID{8}, Count: 49, UndoUntil: noon.Add(5 * time.Second)}, nil
	}
	test.Tap(w.ui.list.clear)
	if w.ui.dialog == nil || w.ui.dialog.yes.Text != "Remove 49 alerts" {
		t.Fatal("nobody was asked, or without the number")
	}
	w.inbox.arrive(app.Alert{ID: 101, Account: 1, Title: "arrived meanwhile", Created: noon, New: true})
	w.ui.Hint(app.Hints{app.TopicAlerts: true})
	w.until("the newer alert is known", func() bool { return w.ui.list.newest == 101 })
	test.Tap(w.ui.dialog.yes)
	w.until("the bell was asked", w.bell.called("clear 0 up to 100"))
}

func TestWhatWaitsIsShownBeforeItCanBeCleared(t *testing.T) {
	w := newWorld(t, wide, "", canned(), running())
	w.ready()
	test.MoveMouse(w.ui.Window().Canvas(), fyne.NewPos(500, 300))
	w.inbox.arrive(app.Alert{ID: 101, Account: 1, Title: "waits", Created: noon, New: true})
	w.ui.Hint(app.Hints{app.TopicAlerts: true})
	w.until("it waits", func() bool { return w.ui.list.waiting == 1 })
	if w.ui.list.newest != 100 {
		t.Errorf("%d counts as seen, want 100", w.ui.list.newest)
	}
	test.Tap(w.ui.list.clear)
	w.until("somebody is asked", func() bool { return w.ui.dialog != nil })
	if !w.shows(101) || w.ui.dialog.yes.Text != "Remove 50 alerts" {
		t.Errorf("the question is %q, the new alert is shown: %t", w.ui.dialog.yes.Text, w.shows(101))
	}
}

func TestScrollingDoesNotSwallowAHint(t *testing.T) {
	in := canned()
	w := newWorld(t, wide, "", in, running())
	w.ready()
	hold, held := make(chan struct{}), make(chan struct{}, 10)
	in.mu.Lock()
	in.gate = func(app.Filter) { held <- struct{}{}; <-hold }
	in.mu.Unlock()
	w.ui.list.jump(0.2) // is being read
	<-held
	w.inbox.update([]app.AlertID{99}, func(a *app.Alert) { a.Removal = &app.Removal{Why: app.WhyElsewhere, At: noon} })
	w.ui.list.refresh() // waits
	w.ui.list.jump(0)   // takes its place
	in.mu.Lock()
	in.gate = nil
	in.mu.Unlock()
	close(hold)
	w.until("the list has been read anew", func() bool { return w.ui.list.seen == w.ui.list.hints && !w.shows(99) })
}

func TestTheTitleOfTheDetailIsALink(t *testing.T) {
	w := newWorld(t, wide, "", canned(), running())
	w.ready()
	w.bell.open = func(app.AlertID, bool) (string, error) { return "https://dojo.example.com/finding/4411", nil }
	test.Tap(w.ui.detail.title)
	w.until("the page is opened", w.bell.called("open 100 false"))
}

func TestHostileTextIsShownAsText(t *testing.T) {
	in := canned()
	in.alerts[0].Title = "pay\u202egnp.exe <img src=x onerror=alert(1)> **bold**"
	in.alerts[0].Description = "[click](http://evil.example)\n\x1b[31m<script>"
	w := newWorld(t, wide, "", in, running())
	w.ready()
	if got := w.ui.detail.title.Text(); got != "pay·gnp.exe <img src=x onerror=alert(1)> **bold**" {
		t.Errorf("the title is shown as %q", got)
	}
	if got := w.ui.detail.text.Text; got != "[click](http://evil.example)\n·[31m<script>" {
		t.Errorf("the description is shown as %q", got)
	}
}

func TestCancelClearsNothing(t *testing.T) {
	w := newWorld(t, wide, "", canned(), running())
	w.ready()
	test.Tap(w.ui.list.clear)
	w.key(fyne.KeyEscape)
	if w.ui.dialog != nil {
		t.Error("escape leaves the question open")
	}
	if len(w.bell.asked()) > 0 {
		t.Errorf("the bell was asked for %q", w.bell.asked())
	}
}

func TestNothingMovesUnderThePointer(t *testing.T) {
	w := newWorld(t, wide, "", canned(), running())
	w.ready()
	c := w.ui.Window().Canvas()
	over := fyne.NewPos(500, 300)
	test.MoveMouse(c, over)
	before := w.ui.list.hovered
	w.inbox.arrive(app.Alert{ID: 101, Account: 1, Title: "new one", Created: noon, New: true})
	w.inbox.update([]app.AlertID{99}, func(a *app.Alert) { a.Removal = &app.Removal{Why: app.WhyElsewhere, At: noon} })
	w.ui.Hint(app.Hints{app.TopicAlerts: true})
	w.until("the new one waits", func() bool { return w.ui.list.waiting == 1 })
	if w.shows(101) {
		t.Error("the new alert pushed in under the pointer")
	}
	if !w.shows(99) || !w.ui.list.gone[99] {
		t.Error("the alert that was removed elsewhere did not stay as a ghost")
	}
	if w.ui.list.canSelect(&w.ui.list.feed.rows[w.ui.list.find(99)]) {
		t.Error("a ghost can be selected")
	}
	if got := w.ui.list.news.Text; !w.ui.list.news.Visible() || got != "1 new alert" {
		t.Errorf("the bar says %q, visible %t", got, w.ui.list.news.Visible())
	}
	test.MoveMouse(c, over.AddXY(1, 0))
	if w.ui.list.hovered != before {
		t.Errorf("below the pointer is %d, was %d", w.ui.list.hovered, before)
	}
	test.MoveMouse(c, fyne.NewPos(50, 400))
	w.until("the list has caught up", func() bool { return w.shows(101) && !w.shows(99) })
	if w.ui.list.news.Visible() {
		t.Error("the bar stays when nothing waits")
	}
}

func TestTheBarBringsInWhatWaits(t *testing.T) {
	w := newWorld(t, wide, "", canned(), running())
	w.ready()
	w.rune('x')
	for i := range 3 {
		w.inbox.arrive(app.Alert{ID: app.AlertID(101 + i), Account: 1, Title: "new", Created: noon, New: true})
	}
	w.ui.Hint(app.Hints{app.TopicAlerts: true})
	w.until("they wait", func() bool { return w.ui.list.waiting == 3 })
	test.Tap(w.ui.list.news)
	w.until("they are in", func() bool { return w.shows(103) && w.ui.list.rows.AtTop() })
	if !w.ui.list.selected[100] {
		t.Error("the selection was lost")
	}
}

func TestTheSelectionFollowsTheAlertsNotTheRows(t *testing.T) {
	w := newWorld(t, wide, "", canned(), running())
	w.ready()
	w.ui.list.toggle(98)
	w.ui.list.toggle(97)
	w.inbox.update([]app.AlertID{97}, func(a *app.Alert) { a.Removal = &app.Removal{Why: app.WhyElsewhere, At: noon} })
	w.ui.Hint(app.Hints{app.TopicAlerts: true})
	w.until("one left", func() bool { return !w.ui.list.selected[97] })
	if !w.ui.list.selected[98] || len(w.ui.list.selected) != 1 {
		t.Errorf("selected is %v, want 98 alone", w.ui.list.selected)
	}
}

func TestAFailedRemovalStaysWithItsReason(t *testing.T) {
	in := canned()
	in.alerts[0].Failure = &app.Failure{Reason: "The server refused (403).", At: noon}
	w := newWorld(t, wide, "", in, running())
	w.ready()
	s := w.ui.list.rowState(&w.ui.list.feed.rows[0])
	if s.Failure != "Not removed: The server refused (403)." {
		t.Errorf("the row says %q", s.Failure)
	}
	w.bell.retry = func(ids []app.AlertID) (app.Removed, error) {
		return app.Removed{}, app.NewProblem("offline", "The server cannot be reached.", "Try later.", false, nil)
	}
	retry := fyne.NewPos(w.ui.list.rows.Size().Width-60, 60)
	w.ui.list.rows.Tapped(&fyne.PointEvent{Position: retry})
	w.until("the failure is told", func() bool { return w.ui.failure != nil })
	if got := w.ui.shell.failure.Text(); got != "The server cannot be reached. Try later." {
		t.Errorf("the error bar says %q", got)
	}
	w.until("the alert is back", func() bool { return w.shows(100) })
}

func TestALinkToAnotherHostAsksFirst(t *testing.T) {
	in := canned()
	in.alerts[0].URL = "https://evil.example.net/x"
	w := newWorld(t, wide, "", in, running())
	w.ready()
	w.bell.open = func(_ app.AlertID, foreignOK bool) (string, error) {
		if !foreignOK {
			return "", app.NewProblem("foreign_host", "The link leads elsewhere.", "", true, app.ErrForeignHost)
		}
		return "https://evil.example.net/x", nil
	}
	w.key(fyne.KeyReturn)
	w.until("somebody is asked", func() bool { return w.ui.dialog != nil })
	if got := w.ui.leadsTo(100, errors.New("")); got != "evil.example.net" {
		t.Errorf("the question names %q", got)
	}
	test.Tap(w.ui.dialog.yes)
	w.until("it is opened", w.bell.called("open 100 true"))
}

func TestKeysMoveAndTypingStaysTyping(t *testing.T) {
	w := newWorld(t, wide, "", canned(), running())
	w.ready()
	at := func(want app.AlertID) {
		t.Helper()
		if w.ui.list.current != want {
			t.Errorf("the current alert is %d, want %d", w.ui.list.current, want)
		}
	}
	at(100)
	w.key(fyne.KeyDown)
	w.rune('j')
	at(98)
	w.key(fyne.KeyUp)
	w.rune('k')
	w.key(fyne.KeyUp)
	at(100)
	w.key(fyne.KeyEnd)
	at(52)
	w.key(fyne.KeyHome)
	at(100)
	w.rune('/')
	if !w.ui.list.search.Focused() {
		t.Fatal("/ does not lead to the search")
	}
	w.ui.Window().Canvas().Focused().TypedRune('e') // would remove
	w.ui.Window().Canvas().Focused().TypedRune('#')
	if got := w.ui.list.search.Text(); got != "e#" {
		t.Errorf("the field holds %q", got)
	}
	w.ui.list.search.Press(fyne.KeyEscape)
	if got := w.ui.list.search.Text(); got != "" {
		t.Errorf("escape left %q in the field", got)
	}
	w.rune('?')
	if w.ui.dialog == nil {
		t.Fatal("? does not show the keys")
	}
	w.rune('j')
	at(100)
	w.key(fyne.KeyEscape)
}

func TestAMillionAlertsAreReadInPages(t *testing.T) {
	in := &fakeInbox{accounts: canned().accounts, states: canned().states}
	const all = 20_000
	for i := range all {
		at := noon.Add(-time.Duration(i) * time.Minute)
		in.alerts = append(in.alerts, app.Alert{ID: app.AlertID(3 * (all - i)), Account: 1, Title: fmt.Sprintf("alert %d", i), Created: at})
	}
	w := newWorld(t, wide, "", in, running())
	w.ready()
	l := w.ui.list
	for len(l.feed.rows) < mostRows || l.before == 0 {
		n, b := len(l.feed.rows), l.before
		l.rows.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -1e6)})
		w.until("more alerts are held", func() bool { return len(l.feed.rows) != n || l.before != b || l.rows.AtTop() })
	}
	if len(l.feed.rows) > mostRows {
		t.Errorf("%d alerts are held, want %d at most", len(l.feed.rows), mostRows)
	}
	if got := l.before + len(l.feed.rows) + l.after(); got != all {
		t.Errorf("before, held and after make %d, want %d", got, all)
	}
	w.key(fyne.KeyEnd)
	w.until("the oldest is held", func() bool { return l.find(3) >= 0 })
	if l.more || l.after() != 0 {
		t.Error("there is something after the oldest")
	}
	w.rune('g')
	w.until("the newest is held", func() bool { return l.find(3*all) >= 0 && l.rows.AtTop() })
	l.jump(0.5)
	w.until("the middle is held", func() bool { return l.before > all/3 && l.before < all*2/3 })
	for l.before > 0 {
		b := l.before
		l.rows.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, 1e6)})
		w.until("newer alerts are held", func() bool { return l.before != b })
	}
	if l.find(3*all) < 0 {
		t.Error("scrolling up from the middle does not lead to the newest")
	}
}
