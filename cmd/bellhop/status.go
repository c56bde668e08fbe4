package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"bellhop/app"
	"bellhop/app/control"
	"bellhop/app/program"
	"bellhop/store"
)

func (t *tool) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Show how the bell and its accounts stand",
		Long: `Show how the bell and its accounts stand: whether it runs, the number of alerts,
the removals that wait for the server, the last look at each server, and what
needs you.

With --json one object: "version", "running", "pid", "started", "data_dir",
"demo", "count", "new" (at most 100), "pending", "accounts" (each with "id",
"url", "username", "sign_in", "count", "pending" and "sync": "phase" is new, ok,
offline or needs_you; "last_sync", "next_sync", "failures", "problem"),
"paused_until", "notices" and "outbox" ("paused", "destinations", "waiting", "held",
"dead", and "trouble": the destinations that are switched off or fail).`,
		Args: takes(0, 0),
		RunE: t.do(func(cmd *cobra.Command, _ []string) error {
			st, err := t.status(cmd.Context())
			if err != nil {
				return err
			}
			if t.json {
				return writeJSON(t.out, st)
			}
			return t.printStatus(st)
		}),
	}
}

// status asks the running bell, or the database.
func (t *tool) status(ctx context.Context) (app.Status, error) {
	return orStored(ctx, t,
		func(ctx context.Context, c *control.Client) (app.Status, error) { return c.Status(ctx) },
		func(ctx context.Context, s *store.Store) (app.Status, error) {
			o, err := t.options(nil)
			if err != nil {
				return app.Status{}, err
			}
			if s == nil {
				return app.Status{Version: o.Version, DataDir: o.DataDir, Accounts: []app.AccountStatus{}}, nil
			}
			return program.StoredStatus(ctx, s, o)
		})
}

func (t *tool) printStatus(st app.Status) error {
	bell := "not running; start it with `bellhop`"
	if st.Running {
		bell = fmt.Sprintf("running since %s, process %d", t.when(st.Started), st.PID)
	}
	if st.Demo {
		bell += " (demo)"
	}
	alerts := strconv.Itoa(st.Count)
	switch {
	case st.New > 99: // more are not counted
		alerts += ", more than 99 new"
	case st.New > 0:
		alerts += fmt.Sprintf(", %d new", st.New)
	}
	if st.Pending > 0 {
		alerts += fmt.Sprintf("; %s for the server", waits(st.Pending))
	}
	toasts := ""
	if st.Paused(t.now()) {
		toasts = "notifications are " + t.pausedText(st.PausedUntil)
	}
	facts := newTable(t.out, "Bellhop", st.Version)
	facts.row("Bell", bell)
	facts.row("Alerts", alerts)
	if toasts != "" {
		facts.row("Pause", toasts)
	}
	facts.row("Data", st.DataDir)
	if err := facts.flush(); err != nil {
		return err
	}
	var err error
	if len(st.Accounts) == 0 {
		err = t.say(nil, "", "No account is connected. Connect one with `bellhop connect URL --username NAME`.")
	} else {
		err = t.printAccounts(st.Accounts)
	}
	if err != nil {
		return err
	}
	if err := t.printOutbox(st.Outbox); err != nil {
		return err
	}
	return t.printNotices(st)
}

// printOutbox tells of deliveries, where there is anything to deliver to.
func (t *tool) printOutbox(o app.OutboxStatus) error {
	if o.Destinations == 0 && o.Waiting+o.Held+o.Dead == 0 {
		return nil
	}
	if err := t.say(nil, ""); err != nil {
		return err
	}
	rows := newTable(t.out, "DELIVERIES", "")
	for _, c := range program.OutboxLines(o, t.now()) {
		rows.row(upperFirst(c.Name), c.Detail)
	}
	return rows.flush()
}

// printAccounts lists how each account stands.
func (t *tool) printAccounts(accounts []app.AccountStatus) error {
	if err := t.say(nil, ""); err != nil {
		return err
	}
	rows := newTable(t.out, "ID", "ACCOUNT", "STATE", "ALERTS", "LAST SYNC")
	for _, a := range accounts {
		rows.row(strconv.FormatInt(int64(a.ID), 10), a.Name(), phaseText(a.Phase), strconv.Itoa(a.Count), t.when(a.LastSync))
	}
	return rows.flush()
}

func (t *tool) printNotices(st app.Status) error {
	var lines []string
	tell := func(about string, p app.Problem) {
		lines = append(lines, "", about+p.Message)
		if p.Step != "" {
			lines = append(lines, "  "+p.Step)
		}
	}
	for _, a := range st.Accounts {
		if a.Problem != nil {
			tell(a.Name()+": ", *a.Problem)
		}
	}
	for _, n := range st.Notices {
		tell("Note: ", n)
	}
	return t.say(nil, lines...)
}

func waits(n int) string {
	if n == 1 {
		return "1 removal waits"
	}
	return fmt.Sprintf("%d removals wait", n)
}

func phaseText(p app.Phase) string {
	switch p {
	case app.PhaseNew:
		return "not synced yet"
	case app.PhaseOK:
		return "ok"
	case app.PhaseOffline:
		return "offline"
	case app.PhaseNeedsYou:
		return "needs you"
	default:
		return strings.ReplaceAll(string(p), "_", " ")
	}
}

func (t *tool) countCommand() *cobra.Command {
	var account int64
	cmd := &cobra.Command{
		Use:   "count",
		Short: "Print the number of alerts in the list",
		Long:  `Print the number of alerts in the list, as the tray shows it. With --json: {"count": 5}.`,
		Args:  takes(0, 0),
		RunE: t.do(func(cmd *cobra.Command, _ []string) error {
			n := 0
			err := t.withStore(cmd.Context(), func(ctx context.Context, s *store.Store) error {
				if err := checkAccount(ctx, s, app.AccountID(account)); err != nil || s == nil {
					return err
				}
				var err error
				n, err = s.Count(ctx, app.AccountID(account))
				return err
			})
			if err != nil {
				return err
			}
			return t.say(struct {
				Count int `json:"count"`
			}{n}, strconv.Itoa(n))
		}),
	}
	accountFlag(cmd, &account)
	return cmd
}

// accountFlag adds --account.
func accountFlag(cmd *cobra.Command, account *int64) {
	cmd.Flags().Int64Var(account, "account", 0, "only the account with this `id` (see bellhop accounts)")
}

func (t *tool) syncCommand() *cobra.Command {
	var account int64
	cmd := &cobra.Command{
		Use:   "sync",
		Short: "Look at the server now",
		Long: `Look at the server now, instead of within a minute, and wait for the outcome.
With --json: {"count": 5}, the alerts in the list afterwards.`,
		Args: takes(0, 0),
		RunE: t.do(func(cmd *cobra.Command, _ []string) error {
			return t.withBell(cmd.Context(), func(ctx context.Context, c *control.Client) error {
				if err := c.Sync(ctx, app.AccountID(account)); err != nil {
					return err
				}
				n, err := c.Count(ctx, app.AccountID(account))
				if err != nil {
					return err
				}
				return t.say(struct {
					Count int `json:"count"`
				}{n}, "Up to date: "+alertCount(n)+" in the list.")
			})
		}),
	}
	accountFlag(cmd, &account)
	return cmd
}
