package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"bellhop/app"
	"bellhop/app/control"
)

// alertIDs reads the ids of alerts.
func alertIDs(args []string) ([]app.AlertID, error) {
	ids := make([]app.AlertID, len(args))
	for i, arg := range args {
		n, err := strconv.ParseInt(arg, 10, 64)
		if err != nil || n < 1 {
			return nil, usage(fmt.Sprintf("%q is not the id of an alert.", arg), "Ids are the numbers that `bellhop alerts` shows.")
		}
		ids[i] = app.AlertID(n)
	}
	return ids, nil
}

const removedHelp = `With --json: {"intents": [4], "count": 2, "undo_until": "..."}.`

func (t *tool) removeCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "remove ID...",
		Short: "Remove alerts, here and on the server",
		Long: `Remove alerts from your list, here and on the server. They stay in the history.
For a few seconds ` + "`bellhop undo`" + ` takes it back; offline, the removal is sent
once the server is back.

` + removedHelp,
		Args: takes(1, -1),
		RunE: t.do(func(cmd *cobra.Command, args []string) error {
			return t.removal(cmd.Context(), args, (*control.Client).Remove)
		}),
	}
}

func (t *tool) retryCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "retry ID...",
		Short: "Remove alerts again that the server did not drop",
		Long: `Remove alerts again whose removal has failed; ` + "`bellhop alerts`" + ` shows the reason
beside them.

` + removedHelp,
		Args: takes(1, -1),
		RunE: t.do(func(cmd *cobra.Command, args []string) error {
			return t.removal(cmd.Context(), args, (*control.Client).Retry)
		}),
	}
}

func (t *tool) removal(ctx context.Context, args []string, remove func(*control.Client, context.Context, []app.AlertID) (app.Removed, error)) error {
	ids, err := alertIDs(args)
	if err != nil {
		return err
	}
	return t.withBell(ctx, func(ctx context.Context, c *control.Client) error {
		removed, err := remove(c, ctx, ids)
		if err != nil {
			return err
		}
		if removed.Count == 0 {
			return app.NewProblem("not_found", "There is nothing to remove: no such alert is in the list.",
				"`bellhop alerts` shows the list, `bellhop alerts --removed` what has left it.", false, app.ErrNotFound)
		}
		return t.sayRemoved(removed, len(ids))
	})
}

// sayRemoved tells what was removed of the alerts that were named.
func (t *tool) sayRemoved(r app.Removed, named int) error {
	if r.Intents == nil {
		r.Intents = []app.IntentID{}
	}
	line := "Removed " + alertCount(r.Count) + "."
	if r.Count < named {
		line = fmt.Sprintf("Removed %d of %d alerts; the others were not in the list.", r.Count, named)
	}
	if left := r.UndoUntil.Sub(t.now()); left > 0 && r.Count > 0 {
		line += fmt.Sprintf(" `bellhop undo` takes it back within %d s.", (left+time.Second-1)/time.Second)
	}
	return t.say(r, line)
}

func (t *tool) clearCommand() *cobra.Command {
	var account int64
	var yes bool
	cmd := &cobra.Command{
		Use:   "clear",
		Short: "Remove every alert in the list",
		Long: `Remove every alert that is in the list now; what arrives meanwhile stays. On a
terminal it asks first, with the number; elsewhere it needs --yes.

` + removedHelp,
		Args: takes(0, 0),
		RunE: t.do(func(cmd *cobra.Command, _ []string) error {
			return t.withBell(cmd.Context(), func(ctx context.Context, c *control.Client) error {
				return t.clear(ctx, c, app.AccountID(account), yes)
			})
		}),
	}
	accountFlag(cmd, &account)
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return cmd
}

// clear removes what is in the list at the time of the question: the newest id
// is read before the number, so that nothing is removed that was not counted.
func (t *tool) clear(ctx context.Context, c *control.Client, account app.AccountID, yes bool) error {
	page, err := c.Alerts(ctx, app.Filter{Account: account, Limit: 1})
	if err != nil {
		return err
	}
	n, err := c.Count(ctx, account)
	if err != nil {
		return err
	}
	if len(page.Alerts) == 0 {
		return t.say(app.Removed{Intents: []app.IntentID{}}, "The list is empty.")
	}
	if !yes {
		ok, err := t.confirm("This removes " + alertCount(n) + " from the list, here and on the server.")
		if err != nil || !ok {
			return err
		}
	}
	removed, err := c.Clear(ctx, account, page.Alerts[0].ID)
	if err != nil {
		return err
	}
	return t.sayRemoved(removed, 0)
}

func (t *tool) undoCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "undo [INTENT...]",
		Short: "Take the latest removal back",
		Long: `Take the latest removal back, or the ones with these numbers (the "intents" that
remove and clear print with --json), as long as they have not been sent.

With --json: {"undone": 2}, the alerts that are back in the list.`,
		Args: cobra.ArbitraryArgs,
		RunE: t.do(func(cmd *cobra.Command, args []string) error {
			intents := make([]app.IntentID, len(args))
			for i, arg := range args {
				n, err := strconv.ParseInt(arg, 10, 64)
				if err != nil || n < 1 {
					return usage(fmt.Sprintf("%q is not the number of a removal.", arg), "Leave it out to take the latest one back.")
				}
				intents[i] = app.IntentID(n)
			}
			return t.withBell(cmd.Context(), func(ctx context.Context, c *control.Client) error {
				n, err := c.Undo(ctx, intents)
				if err != nil {
					return err
				}
				verb := " are"
				if n == 1 {
					verb = " is"
				}
				return t.say(struct {
					Undone int `json:"undone"`
				}{n}, alertCount(n)+verb+" back in the list.")
			})
		}),
	}
}

func (t *tool) snoozeCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "snooze ID DURATION",
		Short: "Announce an alert again later",
		Long: `Announce an alert again after a while, if it is still in the list then. It stays
in the list. A duration is for example 30m, 2h, 1h30m or 3d.`,
		Args: takes(2, 2),
		RunE: t.do(func(cmd *cobra.Command, args []string) error {
			ids, err := alertIDs(args[:1])
			if err != nil {
				return err
			}
			d, err := duration(args[1])
			if err != nil {
				return err
			}
			return t.withBell(cmd.Context(), func(ctx context.Context, c *control.Client) error {
				if err := c.Snooze(ctx, ids[0], d); err != nil {
					return err
				}
				until := t.now().Add(d)
				return t.say(struct {
					Until time.Time `json:"until"`
				}{until.UTC().Truncate(time.Second)}, "It will be announced again "+t.when(until)+".")
			})
		}),
	}
}
