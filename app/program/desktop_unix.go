//go:build linux || freebsd || openbsd || netbsd

package program

import (
	"context"
	"os"

	"bellhop/app"
	"bellhop/ui/tray"
)

// checkDesktop looks for a screen and for a place that shows the icon.
func checkDesktop(ctx context.Context) []app.Check {
	ctx, cancel := context.WithTimeout(ctx, doctorTime)
	defer cancel()
	screen := app.Check{Name: "display", OK: true, Detail: "X11 or Wayland"}
	if !hasScreen() {
		screen = app.Check{Name: "display", Detail: "neither DISPLAY nor WAYLAND_DISPLAY is set", Step: "Start Bellhop from a desktop session, or run `bellhop run --headless`."}
	}
	host := app.Check{Name: "tray", OK: true, Detail: "the desktop shows tray icons"}
	if present, note := tray.FindHost(ctx); !present {
		host = app.Check{Name: "tray", Detail: "the desktop shows no tray icons", Step: note}
	}
	return []app.Check{screen, host}
}

// hasScreen says whether this process can show a window.
func hasScreen() bool { return os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != "" }
