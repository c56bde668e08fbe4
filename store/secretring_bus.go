//go:build unix && !darwin

package store

import (
	"errors"
	"os"
	"path/filepath"
)

// errNoBus says that there is no desktop session to have a keyring.
var errNoBus = errors.New("there is no session bus")

// reachable says whether there is a session bus. Without one the D-Bus library
// would start a bus of its own with dbus-launch, which nothing would ever stop.
func reachable() error {
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return nil
	}
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		if _, err := os.Stat(filepath.Join(dir, "bus")); err == nil {
			return nil
		}
	}
	return errNoBus
}
