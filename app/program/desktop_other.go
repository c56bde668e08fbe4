//go:build !linux && !freebsd && !openbsd && !netbsd

package program

import (
	"context"
	"runtime"

	"bellhop/app"
)

// checkDesktop has nothing to look for: the system always has a place for the
// icon.
func checkDesktop(context.Context) []app.Check {
	return []app.Check{{Name: "tray", OK: true, Detail: runtime.GOOS + " always has a place for the icon"}}
}

// hasScreen says whether this process can show a window.
func hasScreen() bool { return true }
