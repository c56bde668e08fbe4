package tray

import (
	"unicode/utf16"

	"fyne.io/systray"
)

const (
	accessKey = "&"
	// leftClickIsOurs: a left click shows the alerts, a right click the menu.
	leftClickIsOurs = true
)

// tooltip cuts a tooltip to what NOTIFYICONDATA holds: 128 UTF-16 units with
// the closing zero.
func tooltip(text string) string {
	units := utf16.Encode([]rune(text))
	if len(units) > 127 {
		return string(utf16.Decode(units[:126])) + "…"
	}
	return text
}

// barTitle is nothing on Windows.
func barTitle(View) string { return "" }

func paint(p picture) []byte { return ico(p.face, p.count) }

func setIcon(b []byte) { systray.SetIcon(b) }
