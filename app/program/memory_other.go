//go:build !linux

package program

// dropStartup does nothing: elsewhere the system trims a resting process by
// itself, or does not count these pages.
func dropStartup() error { return nil }
