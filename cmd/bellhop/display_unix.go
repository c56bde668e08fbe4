//go:build unix && !darwin

package main

import "os"

// hasDisplay says whether a tray and windows can be shown: X11 and Wayland
// tell their programs where the screen is.
func hasDisplay() bool { return os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != "" }
