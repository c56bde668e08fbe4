package tray

import "fyne.io/systray"

const (
	accessKey = "" // menus have no access keys
	// leftClickIsOurs: in the menu bar every click opens the menu.
	leftClickIsOurs = false
)

// tooltip returns a tooltip as the desktop takes it.
func tooltip(text string) string { return text }

// barTitle is the number beside the icon.
func barTitle(v View) string { return plain(v.Title, 16) }

func paint(p picture) []byte { return template(p.face) }

func setIcon(b []byte) { systray.SetTemplateIcon(b, b) }
