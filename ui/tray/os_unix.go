//go:build linux || freebsd || openbsd || netbsd

package tray

import "fyne.io/systray"

func setIcon(f Face, count int) { systray.SetIcon(icon(f, count)) }
