package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"bellhop/app"
	"bellhop/app/control"
)

// The exit statuses, which the help of bellhop documents.
const (
	exitOK         = 0
	exitFailure    = 1 // it did not work, and may the next time
	exitUsage      = 2 // a flag, an argument or a value cannot be used
	exitNotRunning = 3 // a change was asked for while no bell runs
	exitNeedsYou   = 4 // nothing gets better until you have acted, for example signed in again
	exitNotFound   = 5 // no such alert or account, or too late to undo
)

// main runs one command line and returns its exit status.
func (t *tool) main(ctx context.Context, args []string) int {
	root := t.root() //nolint:contextcheck // cobra hands ctx to the command that runs
	root.SetArgs(minusChannels(args))
	root.SetIn(t.in)
	root.SetOut(t.out)
	root.SetErr(t.err)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitOK
	}
	if silent, ok := errors.AsType[*silentError](err); ok {
		return silent.status
	}
	if !t.started {
		// The flags may not have been read yet.
		t.json = t.json || slices.Contains(args, "--json")
		err = misuse(cmd, err)
	}
	t.fail(err)
	return exitStatus(err)
}

// silentError ends the program with a status after the output has said why.
type silentError struct{ status int }

// Error is never printed.
func (e *silentError) Error() string { return fmt.Sprintf("exit status %d", e.status) }

// misuse words cobra's error about flags and arguments.
func misuse(cmd *cobra.Command, err error) error {
	if _, ok := errors.AsType[*app.Problem](err); ok {
		return err
	}
	message := strings.TrimSpace(err.Error())
	if group, rest, ok := strings.Cut(strings.TrimPrefix(message, "if any flags in the group ["), "] are set "); ok {
		names := "--" + strings.Join(strings.Fields(group), ", --")
		if message = names + " go together"; strings.HasPrefix(rest, "none of the others") {
			message = names + " exclude each other"
		}
	}
	return usage(upperFirst(message)+".", "See `"+cmd.CommandPath()+" --help`.")
}

// upperFirst begins a sentence.
func upperFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

func exitStatus(err error) int {
	switch {
	case errors.Is(err, app.ErrNotRunning):
		return exitNotRunning
	case errors.Is(err, app.ErrNotFound), errors.Is(err, app.ErrTooLate):
		return exitNotFound
	case errors.Is(err, app.ErrForeignHost):
		return exitNeedsYou
	case errors.Is(err, app.ErrInvalid):
		return exitUsage
	case control.AsProblem(err).NeedsUser:
		return exitNeedsYou
	default:
		return exitFailure
	}
}

// fail prints err to the error stream, as JSON where --json was given.
func (t *tool) fail(err error) {
	p := control.AsProblem(err)
	if t.json {
		_ = writeJSON(t.err, struct {
			Error *app.Problem `json:"error"`
		}{p})
		return
	}
	_, _ = fmt.Fprintln(t.err, "bellhop: "+plain(p.Message))
	if p.Step != "" {
		_, _ = fmt.Fprintln(t.err, "  "+plain(p.Step))
	}
}
