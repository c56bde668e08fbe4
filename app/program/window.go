package program

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"bellhop/app"
)

// views are the views that the window knows.
var views = []string{"alerts", "history", "settings", "connect"}

// windowStarter starts the window program and remembers whether one is attached.
type windowStarter struct {
	dataDir string
	log     *slog.Logger

	mu       sync.Mutex
	attached chan string   // the one window's slot for a view to raise; nil without a window
	starting chan struct{} // closed when the started process has ended; nil without one
}

// Show raises the window with a view, or starts it. A window that is still
// starting is not started twice: it shows the view it was started with.
func (w *windowStarter) Show(ctx context.Context, view string) error {
	if view == "" {
		view = "alerts"
	}
	if !slices.Contains(views, view) {
		return app.Invalid(fmt.Sprintf("There is no view %q.", view), "The views are alerts, history, settings and connect.")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.attached != nil {
		raise(w.attached, view)
		return nil
	}
	if w.starting != nil {
		return nil
	}
	program, err := windowProgram()
	if err != nil {
		return err
	}
	// The window outlives the request that opened it and ends with its last
	// window, or when the bell's socket closes.
	cmd := exec.CommandContext(context.WithoutCancel(ctx), program, "--data-dir", w.dataDir, "--view", view) // #nosec G204 -- our own program
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return app.NewProblem("window_failed", fmt.Sprintf("The window could not be started: %v.", err), "Run `bellhop doctor` for more.", false, err)
	}
	ended := make(chan struct{})
	w.starting = ended
	go func() {
		defer close(ended)
		if err := cmd.Wait(); err != nil {
			w.log.WarnContext(ctx, "the window ended badly", "error", err)
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.starting = nil
	}()
	return nil
}

// Attach makes the caller the one window. A second one is refused, and the
// first is raised instead.
func (w *windowStarter) Attach() (<-chan string, func(), error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.attached != nil {
		raise(w.attached, "alerts")
		return nil, nil, app.NewProblem("window_open", "Bellhop's window is open already.", "It has been raised.", false, app.ErrInvalid)
	}
	ch := make(chan string, 1)
	w.attached = ch
	return ch, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.attached == ch {
			w.attached = nil
		}
	}, nil
}

// raise puts a view into a slot of one; the newest wish wins.
func raise(slot chan string, view string) {
	select {
	case <-slot:
	default:
	}
	slot <- view
}

// windowProgram finds the window program beside this one, then on PATH.
func windowProgram() (string, error) {
	name := "bellhop-window"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if self, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(self), name)
		if info, err := os.Stat(beside); err == nil && info.Mode().IsRegular() {
			return beside, nil
		}
	}
	path, err := exec.LookPath(name)
	if err != nil && !errors.Is(err, exec.ErrDot) {
		return "", app.NewProblem("window_missing", "The program bellhop-window is not installed.",
			"Put it beside bellhop; tray and command line work without it.", false, err)
	}
	return path, nil
}

// Quit closes the window, if one is attached.
func (w *windowStarter) Quit() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.attached != nil {
		raise(w.attached, viewQuit)
	}
}

// viewQuit is raised to say that the bell ends by the user's wish and the
// window with it.
const viewQuit = "quit"
