package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	"bellhop/app"
	"bellhop/app/control"
	"bellhop/app/program"
	"bellhop/store"
)

func (t *tool) runCommand() *cobra.Command {
	var headless bool
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run the bell in this process",
		Long: `Run the bell in this process until it is interrupted or told to quit.
With --headless there is no tray, no notification and no window: the bell keeps
the alerts in step, and the command line works as ever. It is what a service
manager starts. A second bell on the same data folder is refused.`,
		Args: takes(0, 0),
		RunE: t.do(func(cmd *cobra.Command, _ []string) error {
			return t.resident(cmd.Context(), headless, "", program.Run)
		}),
	}
	cmd.Flags().BoolVar(&headless, "headless", false, "no tray, no notifications, no window")
	return cmd
}

func (t *tool) demoCommand() *cobra.Command {
	var headless bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Play a story with a server inside Bellhop",
		Long: `Play a story of alerts that are born, announced, removed here and removed
elsewhere. The server is a part of Bellhop and speaks DefectDojo's protocol;
everything is kept in a temporary folder, which is deleted at the end. Your own
accounts are not touched.`,
		Args: takes(0, 0),
		RunE: t.do(func(cmd *cobra.Command, _ []string) error {
			return t.resident(cmd.Context(), headless || !hasDisplay(), "", program.RunDemo)
		}),
	}
	cmd.Flags().BoolVar(&headless, "headless", false, "print the story instead of showing it")
	return cmd
}

func (t *tool) quitCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "quit",
		Short: "End the running bell",
		Long:  "End the running bell and its window, and wait until it has gone.",
		Args:  takes(0, 0),
		RunE: t.do(func(cmd *cobra.Command, _ []string) error {
			if err := t.withBell(cmd.Context(), func(ctx context.Context, c *control.Client) error { return c.Quit(ctx) }); err != nil {
				return err
			}
			if err := t.waitUntilGone(cmd.Context()); err != nil {
				return err
			}
			return t.say(struct{}{}, "The bell has ended.")
		}),
	}
}

// waitUntilGone returns once the data folder is free for the next bell.
func (t *tool) waitUntilGone(ctx context.Context) error {
	dir, err := t.dir()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		release, err := control.Lock(dir)
		if err == nil {
			return release()
		}
		if errors.Is(err, os.ErrNotExist) {
			return nil // a demo takes its folder with it
		}
		if !errors.Is(err, control.ErrAlreadyRunning) {
			return err
		}
		select {
		case <-ctx.Done():
			return app.NewProblem("still_running", "The bell was told to end but still runs.", "Look for it with `bellhop status`.", false, ctx.Err())
		case <-again.C:
		}
	}
}

// startOrRaise is bellhop without a command.
func (t *tool) startOrRaise(ctx context.Context, view string, demoIfEmpty bool) error {
	if err := checkView(view); err != nil {
		return err
	}
	if raised, err := t.raise(ctx, view); raised || err != nil {
		return err
	}
	if demoIfEmpty {
		empty, err := t.nothingConnected(ctx)
		if err != nil {
			return err
		}
		if empty {
			return t.resident(ctx, !hasDisplay(), view, program.RunDemo)
		}
	}
	err := t.resident(ctx, !hasDisplay(), view, program.Run)
	if !errors.Is(err, control.ErrAlreadyRunning) {
		return err
	}
	// Another one was started at the same moment and may not listen yet.
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		if raised, raiseErr := t.raise(ctx, view); raised || raiseErr != nil {
			return raiseErr
		}
		select {
		case <-ctx.Done():
			return err
		case <-again.C:
		}
	}
}

// raise shows the window of the running bell; false where none runs.
func (t *tool) raise(ctx context.Context, view string) (bool, error) {
	if view == "" {
		view = "alerts"
	}
	err := t.withBell(ctx, func(ctx context.Context, c *control.Client) error { return c.ShowWindow(ctx, view) })
	if errors.Is(err, app.ErrNotRunning) {
		return false, nil
	}
	return err == nil, err
}

func (t *tool) nothingConnected(ctx context.Context) (empty bool, err error) {
	err = t.withStore(ctx, func(ctx context.Context, s *store.Store) error {
		if s == nil {
			empty = true
			return nil
		}
		accounts, err := s.Accounts(ctx)
		empty = len(app.Servers(accounts)) == 0
		return err
	})
	return empty, err
}

// resident runs the bell or the demo in this process, with what a process
// needs that stays for weeks: a log and a crash file in the data folder.
func (t *tool) resident(ctx context.Context, headless bool, view string, run func(context.Context, program.Options) error) error {
	o, err := t.options(nil)
	if err != nil {
		return err
	}
	log, closeLog, err := t.residentLog(o.DataDir)
	if err != nil {
		return err
	}
	defer closeLog()
	slog.SetDefault(log) // the tray's library writes to the standard logger
	if err := keepCrashes(o.DataDir); err != nil {
		log.WarnContext(ctx, "crashes will not be kept", "error", err)
	}
	o.Log, o.Headless, o.View = log, headless, view
	err = run(ctx, o)
	if errors.Is(err, program.ErrConnected) { // the demo's user has seen enough
		o.View = "alerts"
		err = program.Run(ctx, o)
	}
	if err != nil && (!errors.Is(err, context.Canceled) || ctx.Err() == nil) {
		return fmt.Errorf("run the bell: %w", err)
	}
	return nil // an interrupt is how it is ended
}
