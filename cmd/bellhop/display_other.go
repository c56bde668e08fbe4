//go:build windows || darwin

package main

// hasDisplay says whether a tray and windows can be shown.
func hasDisplay() bool { return true }
