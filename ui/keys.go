package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"bellhop/ui/widget"
)

// keys ties the keyboard to the window. Fyne hands typed keys to what has the
// focus first: a field keeps them, every other control passes on what it has no
// use for.
func (u *UI) keys() {
	c := u.window.Canvas()
	c.SetOnTypedKey(func(k *fyne.KeyEvent) { u.typedKey(k.Name) })
	c.SetOnTypedRune(u.typedRune)
	onList := func(f func()) func(fyne.Shortcut) {
		return func(fyne.Shortcut) {
			if u.dialog == nil && u.shell.front == nil {
				f()
			}
		}
	}
	c.AddShortcut(&fyne.ShortcutSelectAll{}, onList(u.list.selectAll))
	c.AddShortcut(&fyne.ShortcutUndo{}, onList(u.undo.take))
	c.AddShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyF, Modifier: fyne.KeyModifierShortcutDefault}, onList(u.list.search.Focus))
	c.AddShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyPageDown, Modifier: fyne.KeyModifierShortcutDefault}, onList(func() { u.detail.scrollBy(0.8) }))
	c.AddShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyPageUp, Modifier: fyne.KeyModifierShortcutDefault}, onList(func() { u.detail.scrollBy(-0.8) }))
	c.AddShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyQ, Modifier: fyne.KeyModifierShortcutDefault}, func(fyne.Shortcut) { u.window.Close() })
	c.AddShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyW, Modifier: fyne.KeyModifierShortcutDefault}, func(fyne.Shortcut) { u.window.Close() })
	for i, place := range []string{ViewAlerts, ViewNew, ViewHistory, ViewDeliveries, ViewSettings, ViewNotifications, ViewSilences} {
		key := fyne.KeyName(rune('1' + i))
		c.AddShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault}, func(fyne.Shortcut) {
			if u.dialog == nil && u.place != ViewConnect {
				u.Show(place)
			}
		})
	}
}

// typedKey does what a key without a character stands for.
func (u *UI) typedKey(k fyne.KeyName) {
	if u.dialog != nil {
		if k == fyne.KeyEscape {
			u.closeDialog()
		} else {
			u.dialog.scrollDialog(k)
		}
		return
	}
	if k == fyne.KeyF1 {
		u.help()
		return
	}
	if k == fyne.KeyF5 {
		u.sync(0)
		return
	}
	if u.place == ViewDeliveries && u.deliveries.typedKey(k) || u.place == ViewSilences && u.silences.typedKey(k) || u.place == ViewNotifications && u.rules.typedKey(k) {
		return
	}
	if u.shell.front != nil {
		if k == fyne.KeyEscape && u.known && len(u.status.Accounts) > 0 {
			u.Show(ViewAlerts)
		}
		return
	}
	l := u.list
	switch k {
	case fyne.KeyDown:
		l.step(1)
	case fyne.KeyUp:
		l.step(-1)
	case fyne.KeyPageDown:
		l.step(l.rows.PageSize())
	case fyne.KeyPageUp:
		l.step(-l.rows.PageSize())
	case fyne.KeyHome:
		l.home()
	case fyne.KeyEnd:
		l.end()
	case fyne.KeyReturn, fyne.KeyEnter:
		l.openCurrent()
	case fyne.KeyDelete, fyne.KeyBackspace:
		l.removeThese(l.chosen())
	case fyne.KeyRight:
		u.shell.openDetail()
	case fyne.KeyLeft:
		u.shell.closeDetail()
	case fyne.KeyEscape:
		u.escape()
	}
}

// escape takes one step back.
func (u *UI) escape() {
	switch l := u.list; {
	case u.shell.closeDetailNow():
	case len(l.selected) > 0:
		l.selectNone()
	case l.words != "" || l.search.Text() != "":
		l.search.SetText("")
		l.searchFor("")
	case u.failure != nil:
		u.failure = nil
		u.showFailure()
	}
}

// typedRune does what a character stands for.
func (u *UI) typedRune(r rune) {
	if u.dialog != nil {
		return
	}
	if r == '?' {
		u.help()
		return
	}
	if u.place == ViewDeliveries {
		u.deliveries.typedRune(r)
	}
	if u.place == ViewSilences {
		u.silences.typedRune(r)
	}
	if u.shell.front != nil {
		return
	}
	l := u.list
	switch r {
	case 'j':
		l.step(1)
	case 'k':
		l.step(-1)
	case 'g':
		l.home()
	case 'G':
		l.end()
	case ' ', 'x':
		l.toggle(l.current)
	case 'o':
		l.openCurrent()
	case 'e', '#':
		l.removeThese(l.chosen())
	case 'z', 'u':
		u.undo.take()
	case 'r':
		u.sync(0)
	case 'w':
		u.ledger.askWhy()
	case '/':
		l.search.Focus()
	}
}

// home goes to the newest alert.
func (l *list) home() {
	if l.before > 0 {
		l.current = 0
		l.showNews()
		return
	}
	l.step(-len(l.feed.rows))
}

// end goes to the oldest alert: of all where that is known, else of those held.
func (l *list) end() {
	if l.more && l.total > 0 {
		l.current = 0
		l.jump(1)
		return
	}
	l.step(len(l.feed.rows))
}

// help shows what the keys do.
func (u *UI) help() {
	rows := [][2]string{
		{"Down, J / Up, K", "Next, previous alert"},
		{"Home, G / End, Shift+G", "Newest, oldest alert"},
		{"Space, X", "Select"},
		{"Ctrl+A / Esc", "Select all that is loaded, nothing"},
		{"Enter, O", "Open in DefectDojo"},
		{"Right / Left", "Show, hide the detail"},
		{"Ctrl+Page Down / Up", "Scroll the detail"},
		{"Delete, E, #", "Remove the selected or current alert"},
		{"Ctrl+Z, U", "Undo the removal"},
		{"/, Ctrl+F", "Search"},
		{"F5, R", "Look at the server now"},
		{"W", "Why the alert was sent on, or not"},
		{"Ctrl+1 … Ctrl+7", "The pages; 5 and 6 the settings, 7 the silences"},
		{"Ctrl+W", "Close the window; the bell goes on"},
	}
	if u.place == ViewDeliveries {
		rows = [][2]string{
			{"Down, J / Up, K", "Next, previous delivery"},
			{"Home, G / End, Shift+G", "Newest, oldest delivery"},
			{"Enter, Space", "Show or hide its attempts"},
			{"S", "Send it again, or test an endpoint that is off"},
			{"Shift+S", "Send all failed again"},
			{"P", "Pause sending, or resume"},
			{"1 … 6", "All, waiting, held, needs you, sent, dropped"},
			{"Ctrl+1 … Ctrl+7", "The pages; 5 and 6 the settings, 7 the silences"},
			{"Esc", "Back to the alerts"},
		}
	}
	if u.place == ViewSilences {
		rows = [][2]string{
			{"Down, J / Up, K", "Next, previous silence"},
			{"Home, G / End, Shift+G", "Newest, oldest silence"},
			{"Enter, Space", "Show or hide what it holds"},
			{"N", "A new silence"},
			{"S", "Snooze everything"},
			{"Delete, E, #", "End it now"},
			{"1, 2", "In force, ended"},
			{"Ctrl+1 … Ctrl+7", "The pages; 5 and 6 the settings, 7 the silences"},
			{"Esc", "Back to the alerts"},
		}
	}
	if u.place == ViewNotifications {
		rows = [][2]string{
			{"Down / Up", "Into the switches, and between events"},
			{"Right / Left", "Next, previous channel"},
			{"Space, Enter", "Switch on or off"},
			{"Home / End", "First, last event"},
			{"Tab / Shift+Tab", "Next, previous control"},
			{"Ctrl+1 … Ctrl+7", "The pages; 5 and 6 the settings, 7 the silences"},
			{"Esc", "Back to the alerts"},
		}
	}
	column := widget.Column(6)
	for _, r := range rows {
		name := widget.NewProse(r[1], widget.SizeText, false, widget.ColorText)
		key := widget.NewLabel(r[0], widget.SizeText, false, widget.ColorMuted)
		column.Add(widget.Line(8, name, name, key))
	}
	u.openPage("Keyboard", column)
}
