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
	"strings"
	"sync"

	"bellhop/app"
)

// views are the views that the window knows.
var views = []string{"alerts", "history", "deliveries", "silences", "settings", "notifications", "connect"}

// windowStarter starts the window program and remembers whether one is attached.
type windowStarter struct {
	dataDir string
	log     *slog.Logger

	mu       sync.Mutex
	attached chan string   // the one window's slot for a view to raise; nil without a window
	starting chan struct{} // closed when the started process has ended; nil without one
	served   bool          // the started process has been attached
	asked    string        // the view that the attached window has not shown yet; "" for nothing
	next     string        // asked for while a window was starting or ending; "" for nothing
	over     bool          // the bell ends: no window is started any more
}

// Show raises the window with a view, or starts it. A window that is still
// starting is not started twice: it is told the view once it is there. One that
// is just ending is started again.
func (w *windowStarter) Show(ctx context.Context, view string) error {
	if view == "" {
		view = "alerts"
	}
	if !slices.Contains(views, view) {
		return app.Invalid(fmt.Sprintf("There is no view %q.", view), "The views are "+strings.Join(views, ", ")+".")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.attached != nil {
		w.asked = view
		raise(w.attached, view)
		return nil
	}
	if w.starting != nil {
		w.next = view
		return nil
	}
	return w.start(ctx, view)
}

// start starts the window program; the lock is held.
func (w *windowStarter) start(ctx context.Context, view string) error {
	program, err := windowProgram()
	if err != nil {
		return err
	}
	// The window outlives the request that opened it and ends with its last
	// window, or when the bell's socket closes.
	ctx = context.WithoutCancel(ctx)
	cmd := exec.CommandContext(ctx, program, "--data-dir", w.dataDir, "--view", view) // #nosec G204 -- our own program
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return app.NewProblem("window_failed", fmt.Sprintf("The window could not be started: %v.", err), "Run `bellhop doctor` for more.", false, err)
	}
	ended := make(chan struct{})
	w.starting, w.served, w.next = ended, false, ""
	go func() {
		defer close(ended)
		if err := cmd.Wait(); err != nil {
			w.log.WarnContext(ctx, "the window ended badly", "error", err)
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.starting = nil
		if w.served { // one that ends before it has shown anything would do so again
			w.startNext(ctx)
		}
	}()
	return nil
}

// startNext starts the window that was asked for while the last one ended; the
// lock is held.
func (w *windowStarter) startNext(ctx context.Context) {
	if w.next == "" || w.attached != nil || w.starting != nil || w.over {
		return
	}
	if err := w.start(ctx, w.next); err != nil {
		w.log.WarnContext(ctx, "the window was not opened again", "error", err)
	}
}

// Attach makes the caller the one window. A second one is refused, and the
// first is raised instead.
func (w *windowStarter) Attach(ctx context.Context) (<-chan string, func(), error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.attached != nil {
		w.asked = "alerts"
		raise(w.attached, w.asked)
		return nil, nil, app.NewProblem("window_open", "Bellhop's window is open already.", "It has been raised.", false, app.ErrInvalid)
	}
	ch := make(chan string, 1)
	if w.next != "" {
		ch <- w.next
	}
	w.attached, w.served, w.asked, w.next = ch, true, w.next, ""
	return ch, func() { w.release(ctx, ch) }, nil
}

// Shown is for a window that has shown a view that it was asked for.
func (w *windowStarter) Shown(view string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.asked == view {
		w.asked = ""
	}
}

// release is for a window that has ended. A wish that it has not fulfilled goes
// to the next one: a program that is just ending, or was killed, may keep its
// end of the socket open for a while, and what is sent there nobody reads.
func (w *windowStarter) release(ctx context.Context, ch chan string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.attached != ch {
		return
	}
	w.attached = nil
	if w.asked != "" {
		w.next, w.asked = w.asked, ""
		w.startNext(ctx)
	}
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
	w.over = true
	if w.attached != nil {
		raise(w.attached, viewQuit)
	}
}

// viewQuit is raised to say that the bell ends by the user's wish and the
// window with it.
const viewQuit = "quit"
