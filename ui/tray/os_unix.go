//go:build linux || freebsd || openbsd || netbsd

package tray

import "fyne.io/systray"

// accessKey marks the next letter of a dbusmenu label as its access key.
const accessKey = "_"

// tooltip returns a tooltip as the desktop takes it.
func tooltip(text string) string { return text }

// barTitle names the icon for panels that list icons by name.
func barTitle(View) string { return Name }

func paint(p picture) []byte { return icon(p.face, p.count) }

func setIcon(b []byte) { systray.SetIcon(b) }
