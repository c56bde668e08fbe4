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

// setIcon shows the bell without its number: the menu bar tints a template,
// which has no colours, and the number stands beside it as the title.
func setIcon(f Face, _ int) {
	icon := template(f)
	systray.SetTemplateIcon(icon, icon)
}
