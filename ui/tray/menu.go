package tray

import (
	"context"
	"reflect"
	"time"

	"fyne.io/systray"

	"bellhop/app"
)

// settle is how long the number of alerts to clear has to stand before a click
// on it is taken as meant: a click right after a change is for what stood there
// before, and clears no more than that. Nobody reads and reacts in less.
const settle = 250 * time.Millisecond

// menu is the menu as the desktop has it. It belongs to the goroutine that
// draws; clicks reach it through channels.
type menu struct {
	items  [slots]*systray.MenuItem
	clicks [slots]chan struct{}
	lines  [slots]line // as last drawn
}

// newMenu hands every line of v to the desktop.
func newMenu(v View) *menu {
	m := &menu{lines: layout(v)}
	add := func(s slot, parent *systray.MenuItem) *systray.MenuItem {
		l := m.lines[s]
		var item *systray.MenuItem
		if parent == nil {
			item = systray.AddMenuItem(label(l.text), "")
		} else {
			item = parent.AddSubMenuItem(label(l.text), "")
		}
		// The library drops a click that nobody is waiting for at that very
		// moment; one place of buffer keeps it until the clicks are served.
		m.clicks[s] = make(chan struct{}, 1)
		item.ClickedCh = m.clicks[s]
		if l.grey {
			item.Disable()
		}
		if l.hidden {
			item.Hide()
		}
		m.items[s] = item
		return item
	}
	add(slotHead, nil)
	add(slotBanner, nil)
	add(slotNeedsYou, nil)
	systray.AddSeparator()
	for s := slotAlert; s <= slotNone; s++ {
		add(s, nil)
	}
	systray.AddSeparator()
	add(slotSeeAll, nil)
	ask := add(slotClear, nil)
	add(slotClearYes, ask)
	add(slotClearNo, ask)
	add(slotSync, nil)
	systray.AddSeparator()
	add(slotResume, nil)
	pause := add(slotPause, nil)
	add(slotPauseHour, pause)
	add(slotPauseTomorrow, pause)
	add(slotPauseForever, pause)
	add(slotSettings, nil)
	add(slotQuit, nil)
	return m
}

// draw changes the lines that differ from what the desktop has. The order
// within a line matters on Windows, where a new text also shows the line.
func (m *menu) draw(v View) {
	for s, next := range layout(v) {
		old, item := m.lines[s], m.items[s]
		if old == next {
			continue
		}
		if next.hidden && !old.hidden {
			item.Hide()
		}
		if !next.hidden {
			if next.text != old.text {
				item.SetTitle(label(next.text))
			}
			if next.grey != old.grey {
				if next.grey {
					item.Disable()
				} else {
					item.Enable()
				}
			}
			if old.hidden {
				item.Show()
			}
		} else {
			// What a hidden line would say is told when it is shown again.
			next.text, next.grey = old.text, old.grey
		}
		m.lines[s] = next
	}
}

// meanings remembers what a click on a line means.
type meanings struct {
	alerts  [slots]app.AlertID
	before  app.AlertID // what "clear" meant before the last change
	changed time.Time
}

// note takes over what is being drawn at the time at.
func (m *meanings) note(lines [slots]line, at time.Time) {
	was := m.alerts[slotClearYes]
	for s, l := range lines {
		m.alerts[s] = l.alert
	}
	if m.alerts[slotClearYes] == was {
		return
	}
	if at.Sub(m.changed) > settle {
		m.before = was // several changes within the time keep the oldest
	}
	m.changed = at
}

// of returns the alert that a click on s at the time at means, 0 for none.
func (m *meanings) of(s slot, at time.Time) app.AlertID {
	if s == slotClearYes && m.before != 0 && at.Sub(m.changed) < settle {
		return m.before
	}
	return m.alerts[s]
}

// serve carries out clicks until ctx ends.
func (t *Tray) serve(ctx context.Context, m *menu) {
	cases := make([]reflect.SelectCase, slots, slots+2)
	for s, ch := range m.clicks {
		cases[s] = reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(ch)}
	}
	cases = append(cases,
		reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(t.taps)},
		reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(ctx.Done())})
	for {
		chosen, _, _ := reflect.Select(cases)
		switch {
		case chosen == len(cases)-1:
			return
		case chosen == len(cases)-2:
			t.click(slotSeeAll)
		default:
			t.click(slot(chosen))
		}
	}
}

// click carries out what the line at s stands for.
func (t *Tray) click(s slot) {
	t.mu.Lock()
	alert := t.means.of(s, t.now())
	t.mu.Unlock()
	switch s {
	case slotBanner, slotNeedsYou:
		call(t.do.Connect)
	case slotSeeAll:
		call(t.do.SeeAll)
	case slotClearYes:
		if t.do.ClearAll != nil && alert != 0 {
			t.do.ClearAll(alert)
		}
	case slotSync:
		call(t.do.Sync)
	case slotResume:
		call(t.do.Resume)
	case slotPauseHour, slotPauseTomorrow, slotPauseForever:
		if t.do.Pause != nil {
			t.do.Pause(PauseChoice(s - slotPauseHour))
		}
	case slotSettings:
		call(t.do.Settings)
	case slotQuit:
		call(t.do.Quit)
	case slotHead, slotNone, slotClear, slotClearNo, slotPause, slots:
		// Lines that only show, or that lead to others.
	default:
		if t.do.Open != nil && alert != 0 {
			t.do.Open(alert)
		}
	}
}

func call(do func()) {
	if do != nil {
		do()
	}
}
