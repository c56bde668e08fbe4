//go:build e2e && linux

package e2e

import (
	"strings"
)

// window waits for Bellhop's window and returns its id.
func (w *world) window() string {
	w.t.Helper()
	var id string
	w.until("Bellhop's window is open", func() bool {
		out, _, status := w.runBoth("", "xdotool", "search", "--onlyvisible", "--name", "^Bellhop")
		id, _, _ = strings.Cut(strings.TrimSpace(out), "\n")
		return status == 0 && id != ""
	})
	return id
}

// windowProcesses lists the processes of the window program in this session.
func (w *world) windowProcesses() []int { return w.processes("bellhop-window") }
