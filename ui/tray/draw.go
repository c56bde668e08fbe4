package tray

import (
	"fyne.io/systray"
)

// screen is what the desktop was last given; it belongs to the goroutine that
// draws.
type screen struct {
	menu    *menu
	face    Face
	count   int
	tooltip string
	title   string
	drawn   bool
}

// draw brings the desktop up to date. Only what differs is sent.
func (t *Tray) draw(s *screen) {
	v := t.view()
	t.mu.Lock()
	t.means.note(layout(v), t.now())
	t.mu.Unlock()
	if s.menu == nil {
		t.safely("menu", func() { s.menu = newMenu(v) })
	} else {
		t.safely("menu", func() { s.menu.draw(v) })
	}
	count := min(max(v.Count, 0), mostCounted)
	if !s.drawn || s.face != v.Face || s.count != count {
		t.safely("icon", func() { setIcon(v.Face, count) })
		s.face, s.count = v.Face, count
	}
	if tip := head(v); !s.drawn || s.tooltip != tip {
		t.safely("tooltip", func() { systray.SetTooltip(tooltip(tip)) })
		s.tooltip = tip
	}
	if title := barTitle(v); !s.drawn || s.title != title {
		t.safely("title", func() { systray.SetTitle(title) })
		s.title = title
	}
	s.drawn = true
}
