//go:build !linux || (wayland && !x11)

package main

// surviveScreen is for the X server, which the toolkit does not use here.
func surviveScreen() {}
