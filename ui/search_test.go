package ui

import (
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"bellhop/app"
)

func TestSearchFindsEverythingEverSeen(t *testing.T) {
	w := newWorld(t, wide, "", withHistory(canned()), running())
	w.ready()
	w.ui.list.search.Type("sla")
	w.pass(time.Second)
	w.until("found", func() bool { return w.ui.list.words == "sla" && w.ui.list.loaded })
	if !w.shows(100) || !w.shows(40) || len(w.ui.list.feed.rows) != 2 {
		t.Fatalf("%d alerts were found, want one of the list and one of the history", len(w.ui.list.feed.rows))
	}
	if got := w.ui.list.count.Text; got != "2 found" {
		t.Errorf("the head says %q", got)
	}
	old := w.ui.list.rowState(&w.ui.list.feed.rows[1])
	if !old.Locked || old.Remove || old.Sub != "Sla Breach · removed by you, Nov 23, waiting for the server" {
		t.Errorf("the removed alert is shown as %+v", old)
	}
	w.ui.list.selectAll()
	if len(w.ui.list.selected) != 1 {
		t.Errorf("%d are selected, want the one that can be removed", len(w.ui.list.selected))
	}
	w.ui.list.search.Press("Escape")
	w.until("everything is back", func() bool { return w.ui.list.loaded && len(w.ui.list.feed.rows) == 49 })
}

func TestAnOldSearchNeverOvertakesANewOne(t *testing.T) {
	in := canned()
	w := newWorld(t, wide, "", in, running())
	w.ready()
	slow := make(chan struct{})
	begun := make(chan struct{}, 1)
	in.mu.Lock()
	in.gate = func(f app.Filter) {
		if f.Search == "ma" {
			begun <- struct{}{}
			<-slow
		}
	}
	in.mu.Unlock()
	w.ui.list.search.Type("ma")
	w.pass(searchDelay)
	<-begun
	w.ui.list.search.Type("ria")
	w.pass(searchDelay)
	close(slow)
	w.until("the new one is shown", func() bool { return w.ui.list.loaded && w.ui.list.words == "maria" })
	w.pass(time.Second)
	for _, a := range w.ui.list.feed.rows {
		if a.ID != 99 && a.ID != 93 {
			t.Errorf("alert %d %q is shown for %q", a.ID, a.Title, w.ui.list.words)
		}
	}
}

func TestTypingSearchesOnceItPauses(t *testing.T) {
	in := canned()
	w := newWorld(t, wide, "", in, running())
	w.ready()
	in.mu.Lock()
	in.asked = nil
	in.mu.Unlock()
	for _, s := range []string{"z", "a", "p"} {
		w.ui.list.search.Type(s)
		w.pass(searchDelay / 2)
	}
	w.pass(searchDelay)
	w.until("found", func() bool { return w.ui.list.loaded && w.ui.list.words == "zap" })
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(in.asked) != 1 {
		t.Errorf("three letters made %d questions, want 1", len(in.asked))
	}
}

func TestTheHistorySaysWhyAndWhen(t *testing.T) {
	w := newWorld(t, wide, ViewHistory, withHistory(canned()), running())
	w.ready()
	want := []string{
		"Sla Breach · removed by you, Nov 23, waiting for the server",
		"Finding Added · removed elsewhere, Nov 20",
		"Scan Added · expired on the server, Nov 12",
	}
	for i, a := range w.ui.list.feed.rows {
		s := w.ui.list.rowState(&a)
		if s.Sub != want[i] {
			t.Errorf("row %d says %q, want %q", i, s.Sub, want[i])
		}
		if s.Boxed || s.Remove {
			t.Errorf("row %d can be removed although it has been", i)
		}
	}
	if w.ui.list.bottom.Visible() {
		t.Error("the history offers to remove")
	}
}

func TestNewShowsWhatIsNewAlone(t *testing.T) {
	w := newWorld(t, wide, "", canned(), running())
	w.ready()
	test.Tap(w.ui.side.views[ViewNew])
	w.until("the new ones are shown", func() bool { return w.ui.list.loaded && w.ui.list.place == ViewNew })
	if len(w.ui.list.feed.rows) != 3 || w.ui.list.more {
		t.Errorf("%d alerts are shown, want 3", len(w.ui.list.feed.rows))
	}
	w.bell.looked = func(app.AlertID) error { return nil }
	w.ui.Left()
	w.until("the bell knows that we looked", w.bell.called("looked 100"))
}
