package tray

import "fyne.io/systray"

// screen is what the desktop was last given; it belongs to the goroutine that
// draws.
type screen struct {
	menu    *menu
	picture picture
	tooltip string
	title   string
	drawn   bool
	// made keeps every picture that was needed: at most one for each face and
	// number, and in practice a few.
	made map[picture][]byte
}

// picture is what tells one icon from another.
type picture struct {
	face  Face
	count int
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
	if p := (picture{v.Face, min(max(v.Count, 0), mostCounted)}); !s.drawn || s.picture != p {
		t.safely("icon", func() { setIcon(s.paint(p)) })
		s.picture = p
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

// paint returns the bytes of a picture as the desktop takes them.
func (s *screen) paint(p picture) []byte {
	if s.made == nil {
		s.made = make(map[picture][]byte)
	}
	b, ok := s.made[p]
	if !ok {
		b = paint(p)
		s.made[p] = b
	}
	return b
}
