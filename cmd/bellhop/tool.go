package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"bellhop/app"
	"bellhop/app/control"
	"bellhop/app/program"
)

// tool is one run of the command line: where it reads and writes, and the flags
// that every command has.
type tool struct {
	in       io.Reader
	out, err io.Writer
	now      func() time.Time

	dataDir string // --data-dir
	json    bool   // --json
	verbose int    // -v, counted

	// started says that flags and arguments were in order: errors from then on
	// are not about usage.
	started bool
}

// action is what a command does, once its flags and arguments are in order.
type action func(cmd *cobra.Command, args []string) error

// do makes a command's action known as such, so that what fails before it is
// told as wrong usage.
func (t *tool) do(a action) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		t.started = true
		return a(cmd, args)
	}
}

// dir returns the data folder.
func (t *tool) dir() (string, error) { return control.DataDir(t.dataDir) }

// options returns what package program needs to know; log is nil for none.
func (t *tool) options(log *slog.Logger) (program.Options, error) {
	dir, err := t.dir()
	if err != nil {
		return program.Options{}, err
	}
	trump, err := trumpFromEnvironment()
	if err != nil {
		return program.Options{}, err
	}
	return program.Options{DataDir: dir, Version: versionString(), Log: log, Out: t.out, Now: t.now, Trump: trump}, nil
}

// bell returns a client of the running bell. It fails with
// [app.ErrNotRunning], whose problem says how to start one.
func (t *tool) bell() (*control.Client, error) {
	dir, err := t.dir()
	if err != nil {
		return nil, err
	}
	return control.Dial(dir)
}

// withBell runs f with the running bell.
func (t *tool) withBell(ctx context.Context, f func(context.Context, *control.Client) error) error {
	c, err := t.bell()
	if err != nil {
		return err
	}
	defer c.Close()
	return f(ctx, c)
}

// terminal returns the file descriptor of a stream that is a terminal.
func terminal(stream any) (fd int, ok bool) {
	f, ok := stream.(*os.File)
	if !ok {
		return 0, false
	}
	fd = int(f.Fd()) // #nosec G115 -- a file descriptor fits
	return fd, term.IsTerminal(fd)
}

// canAsk says whether a question would be answered by a person.
func (t *tool) canAsk() bool {
	_, ok := terminal(t.in)
	return ok && !t.json
}

// ask shows a question on the terminal, also where the error stream leads
// elsewhere.
func (t *tool) ask(question string) error {
	w := t.err
	if tty, err := os.OpenFile(ttyName, os.O_WRONLY, 0); err == nil {
		defer func() { _ = tty.Close() }()
		w = tty
	}
	if _, err := io.WriteString(w, question); err != nil {
		return fmt.Errorf("ask: %w", err)
	}
	return nil
}

// usage returns a problem that ends with the exit status for wrong usage.
func usage(message, step string) error {
	return app.NewProblem("usage", message, step, true, app.ErrInvalid)
}
