package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"bellhop/app"
	"bellhop/app/control"
)

func (t *tool) accountsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "accounts",
		Short: "List or remove accounts",
		Long: `List the accounts and how they stand.

With --json: {"accounts": [...]} as in ` + "`bellhop status --json`" + `.`,
		Args: noCommand,
		RunE: t.do(func(cmd *cobra.Command, _ []string) error { return t.listAccounts(cmd.Context()) }),
	}
	cmd.AddCommand(
		&cobra.Command{
			Use:   "list",
			Short: "List the accounts",
			Long:  "List the accounts and how they stand.",
			Args:  takes(0, 0),
			RunE:  t.do(func(cmd *cobra.Command, _ []string) error { return t.listAccounts(cmd.Context()) }),
		},
		t.accountsRemoveCommand(),
	)
	return cmd
}

func (t *tool) listAccounts(ctx context.Context) error {
	st, err := t.status(ctx)
	if err != nil {
		return err
	}
	if t.json {
		return writeJSON(t.out, struct {
			Accounts []app.AccountStatus `json:"accounts"`
		}{st.Accounts})
	}
	if len(st.Accounts) == 0 {
		return t.say(nil, "No account is connected. Connect one with `bellhop connect URL --username NAME`.")
	}
	rows := newTable(t.out, "ID", "ACCOUNT", "SIGN-IN", "STATE", "ALERTS", "LAST SYNC")
	for _, a := range st.Accounts {
		rows.row(strconv.FormatInt(int64(a.ID), 10), a.Name(), string(a.SignIn), phaseText(a.Phase), strconv.Itoa(a.Count), t.when(a.LastSync))
	}
	return rows.flush()
}

func (t *tool) accountsRemoveCommand() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "remove ID",
		Short: "Forget an account",
		Long: `Forget an account, its alerts and its history here, and its secrets. Nothing
changes on the server. On a terminal it asks first; elsewhere it needs --yes.`,
		Args: takes(1, 1),
		RunE: t.do(func(cmd *cobra.Command, args []string) error {
			n, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil || n < 1 {
				return usage(fmt.Sprintf("%q is not the id of an account.", args[0]), "Ids are the numbers that `bellhop accounts` shows.")
			}
			return t.withBell(cmd.Context(), func(ctx context.Context, c *control.Client) error {
				return t.forget(ctx, c, app.AccountID(n), yes)
			})
		}),
	}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return cmd
}

func (t *tool) forget(ctx context.Context, c *control.Client, id app.AccountID, yes bool) error {
	st, err := c.Status(ctx)
	if err != nil {
		return err
	}
	if _, err := control.CountOf(st, id); err != nil {
		return err
	}
	name := ""
	for _, a := range st.Accounts {
		if a.ID == id {
			name = a.Name()
		}
	}
	if !yes {
		ok, err := t.confirm("This forgets " + name + " with its alerts and their history; nothing changes on the server.")
		if err != nil || !ok {
			return err
		}
	}
	if err := c.Disconnect(ctx, id); err != nil {
		return err
	}
	return t.say(struct{}{}, "Forgotten: "+name+".")
}
