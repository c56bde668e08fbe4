package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"bellhop/app"
	"bellhop/app/control"
)

// morning is the hour at which "tomorrow" begins, as in the tray's menu.
const morning = 8

// duration reads a length of time: what [time.ParseDuration] knows, and days.
func duration(s string) (time.Duration, error) {
	bad := usage(fmt.Sprintf("%q is not a duration.", s), "Give for example 30m, 2h, 1h30m or 3d.")
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil || n < 1 || n > 36500 {
			return 0, bad
		}
		return time.Duration(n) * 24 * time.Hour, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < time.Second {
		return 0, bad
	}
	return d, nil
}

// pauseEnd reads until when to pause.
func pauseEnd(now time.Time, s string) (time.Time, error) {
	switch s {
	case "forever":
		return app.PauseForever, nil
	case "tomorrow":
		y, m, d := now.Local().Date()
		return time.Date(y, m, d+1, morning, 0, 0, 0, time.Local), nil
	default:
		d, err := duration(s)
		if err != nil {
			return time.Time{}, usage(fmt.Sprintf("%q is not a duration.", s), "Give for example 30m, 2h or 3d, or tomorrow, or forever.")
		}
		return now.Add(d), nil
	}
}

func (t *tool) pauseCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "pause DURATION|tomorrow|forever",
		Short: "Hold notifications back for a while",
		Long: `Hold notifications back for a while: for example 30m, 2h or 3d, until tomorrow
at 8 in the morning, or for ever, which is until ` + "`bellhop resume`" + `. The list and
the number in the tray go on.

With --json: {"paused_until": "..."}.`,
		Args:      takes(1, 1),
		ValidArgs: []string{"1h", "tomorrow", "forever"},
		RunE: t.do(func(cmd *cobra.Command, args []string) error {
			until, err := pauseEnd(t.now(), args[0])
			if err != nil {
				return err
			}
			return t.withBell(cmd.Context(), func(ctx context.Context, c *control.Client) error {
				if err := c.Pause(ctx, until); err != nil {
					return err
				}
				return t.say(struct {
					PausedUntil time.Time `json:"paused_until"`
				}{until.UTC().Truncate(time.Second)}, "Notifications are "+t.pausedText(until)+".")
			})
		}),
	}
}

func (t *tool) resumeCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "resume",
		Short: "Show notifications again",
		Long:  "Show notifications again. What arrived during the pause is in the list and is not announced late.",
		Args:  takes(0, 0),
		RunE: t.do(func(cmd *cobra.Command, _ []string) error {
			return t.withBell(cmd.Context(), func(ctx context.Context, c *control.Client) error {
				if err := c.Resume(ctx); err != nil {
					return err
				}
				return t.say(struct{}{}, "Notifications are shown again.")
			})
		}),
	}
}
