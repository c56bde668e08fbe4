//go:build e2e && linux

package e2e

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// stories is how many stories run at the same time where -parallel does not say:
// they mostly wait, so two cores bear more than two.
const stories = "4"

// TestMain makes sure that the desktop is all there. A suite that skipped what
// is missing would prove nothing.
func TestMain(m *testing.M) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		_ = flag.Set("test.parallel", stories)
	}
	complete := true
	miss := func(format string, args ...any) {
		complete = false
		fmt.Fprintf(os.Stderr, format+"\n", args...)
	}
	for program, pkg := range map[string]string{
		"Xvfb": "xvfb", "dbus-daemon": "dbus-daemon", "dunst": "dunst", "xfce4-panel": "xfce4-panel", "xfwm4": "xfwm4",
		"gnome-keyring-daemon": "gnome-keyring", "xdotool": "xdotool", "wmctrl": "wmctrl", "xwininfo": "x11-utils", "xprop": "x11-utils",
	} {
		if _, err := exec.LookPath(program); err != nil {
			miss("%s is not installed: install the package %s (Debian's name); `make deps` installs all that is missing", program, pkg)
		}
	}
	for _, program := range []string{"bellhop", "bellhop-window"} {
		if info, err := os.Stat(filepath.Join(os.Getenv("BELLHOP_BIN"), program)); err != nil || !info.Mode().IsRegular() {
			miss("BELLHOP_BIN has to name the folder with bellhop and bellhop-window, and %s is not in %q; `make e2e` builds both",
				program, os.Getenv("BELLHOP_BIN"))
		}
	}
	if !complete {
		os.Exit(1)
	}
	os.Exit(m.Run())
}
