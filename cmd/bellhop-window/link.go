package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"bellhop/app"
	"bellhop/app/control"
	"bellhop/ui"
)

// redial is how long to wait before the bell is looked for again. It is short,
// because a bell that has just been started may open a window of its own, which
// takes longer; looking at a socket that is not there costs next to nothing.
const redial = 25 * time.Millisecond

// viewQuit is what the bell raises when it ends by the user's wish.
const viewQuit = "quit"

// connection is a bell that has been reached, or why not.
type connection struct {
	client *control.Client
	hints  <-chan control.Hint
	err    error
}

// connect reaches the bell of a data folder and becomes its window.
func connect(ctx context.Context, dir string) connection {
	client, err := control.Dial(dir)
	if err != nil {
		return connection{err: err}
	}
	hints, err := client.Hints(ctx, true)
	return connection{client: client, hints: hints, err: err}
}

// patience is how long the window waits for a bell before it shows itself
// without one.
const patience = time.Second

// errLate says that the bell has not answered yet.
var errLate = errors.New("the bell has not answered yet")

// await returns the first connection, or errLate where the bell takes its time.
func await(dialled <-chan connection) connection {
	select {
	case c := <-dialled:
		return c
	case <-time.After(patience):
		return connection{err: errLate}
	}
}

// windowOpen says that the bell has a window already.
func (c connection) windowOpen() bool {
	return c.client != nil && c.err != nil && app.AsProblem(c.err).Code == "window_open"
}

// bell returns what the window can ask, nil where no bell was reached.
func (c connection) bell() ui.Bell {
	if c.client == nil || c.err != nil {
		return nil
	}
	return c.client
}

// raise leaves the stage to the window that is open already; it has been
// raised by the bell.
func (c connection) raise(ctx context.Context, view string) error {
	defer c.client.Close()
	if view == "" {
		return nil
	}
	return c.client.ShowWindow(ctx, view)
}

// follow passes the bell's hints on to the window until ctx ends, and looks for
// the bell again when it is gone. shown waits until the window has drawn what it
// was asked for before, and is false where it will not any more.
func follow(ctx context.Context, dir string, u *ui.UI, c connection, late <-chan connection, shown func() bool, log *slog.Logger) {
	if errors.Is(c.err, errLate) {
		if c = <-late; c.err == nil {
			u.SetBell(c.client)
		}
	}
	for {
		if c.err == nil {
			for h := range c.hints {
				switch h.Raise {
				case "":
					u.Hint(h.Topics)
				case viewQuit:
					u.CloseWindow()
				default:
					u.Raise(h.Raise)
					if shown() {
						if err := c.client.WindowShown(ctx, h.Raise); err != nil {
							log.InfoContext(ctx, "the bell does not know that its wish is fulfilled", "error", err)
						}
					}
				}
			}
			if ctx.Err() == nil {
				log.InfoContext(ctx, "the bell is gone")
				u.SetBell(nil)
			}
		}
		if c.client != nil {
			c.client.Close()
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(redial):
		}
		if c = connect(ctx, dir); c.windowOpen() {
			u.CloseWindow() // another one was faster, and one is enough
		}
		if c.err == nil {
			log.InfoContext(ctx, "the bell is back")
			u.SetBell(c.client)
		}
	}
}

// startBell starts the bell program, found beside this one, then on PATH. The
// bell stays when the window ends.
func startBell(ctx context.Context, dir string) error {
	path, err := bellProgram()
	if err != nil {
		return err
	}
	// The bell must outlive the window, so no context ends it.
	cmd := exec.CommandContext(context.WithoutCancel(ctx), path, "--data-dir", dir) //nolint:gosec // our own program
	detach(cmd)
	if err := cmd.Start(); err != nil {
		return app.NewProblem("bell_not_started", "The bell could not be started.", "Run `bellhop` in a terminal to see why.", false, err)
	}
	return cmd.Process.Release()
}

// bellProgram finds the bell program.
func bellProgram() (string, error) {
	name := "bellhop"
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
		return "", app.NewProblem("bell_missing", "The program bellhop is not installed.", "Put it beside bellhop-window.", false, err)
	}
	return path, nil
}
