package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"bellhop/app"
	"bellhop/app/control"
)

const intakeHelp = `Receive DefectDojo's webhooks (2.39 and later) on this machine. It is off by
default, and listens to this machine alone unless a host is given. Every call
has to carry a secret in a header.

    bellhop intake on                    127.0.0.1:8917
    bellhop intake on --register 1       and make the webhook at account 1's server
    bellhop intake on 0.0.0.0:8917       for other machines, in plain HTTP: put a
                                         proxy with TLS in front
    bellhop intake secret                another secret
    bellhop intake off

DefectDojo switches a webhook off for good once a call is refused or meets a
closed door, so Bellhop has to be running when it sends.
`

func (t *tool) intakeCommand() *cobra.Command {
	var change app.IntakeChange
	var register int64
	apply := func(cmd *cobra.Command) error {
		change.Register = app.AccountID(register)
		return t.withBell(cmd.Context(), func(ctx context.Context, c *control.Client) error {
			in, err := c.ChangeIntake(ctx, change)
			if err != nil {
				return err
			}
			return t.sayIntake(in)
		})
	}
	cmd := &cobra.Command{
		Use: "intake", Short: "Receive DefectDojo's webhooks", Long: intakeHelp, Args: noCommand,
		RunE: t.do(func(cmd *cobra.Command, _ []string) error {
			return t.withBell(cmd.Context(), func(ctx context.Context, c *control.Client) error {
				in, err := c.Intake(ctx)
				if err != nil {
					return err
				}
				return t.sayIntake(in)
			})
		}),
	}
	on := &cobra.Command{
		Use: "on [ADDRESS]", Short: "Begin to receive them", Args: takes(0, 1),
		RunE: t.do(func(cmd *cobra.Command, args []string) error {
			change.Address = "on"
			if len(args) == 1 {
				change.Address = args[0]
			}
			return apply(cmd)
		}),
	}
	on.Flags().Int64Var(&register, "register", 0, "make the webhook at the server of this account (`id`); needs a superuser's sign-in")
	on.Flags().StringVar(&change.URL, "url", "", "the `address` under which that server reaches this machine")
	cmd.AddCommand(
		on,
		&cobra.Command{Use: "off", Short: "Receive them no more", Args: takes(0, 0), RunE: t.do(func(cmd *cobra.Command, _ []string) error {
			change.Address = "off"
			return apply(cmd)
		})},
		&cobra.Command{Use: "secret", Short: "Make another secret and show it", Args: takes(0, 0), RunE: t.do(func(cmd *cobra.Command, _ []string) error {
			change.NewSecret = true
			return apply(cmd)
		})},
	)
	return cmd
}

func (t *tool) sayIntake(in app.Intake) error {
	if t.json {
		return writeJSON(t.out, in)
	}
	if in.Address == "" {
		return t.say(nil, "Webhooks are not received. Begin with `bellhop intake on`.")
	}
	lines := []string{"Webhooks are received at " + in.URL, "Header: " + in.Header}
	if !app.Loopback(in.Address) {
		lines = append(lines, "Other machines reach this, in plain HTTP: put a proxy with TLS in front of it.")
	}
	if in.Secret != "" {
		lines = append(lines, "Its value, shown this once: "+in.Secret)
	}
	if in.Registered != 0 {
		lines = append(lines, fmt.Sprintf("The server has it as webhook %d.", in.Registered))
	}
	if !in.LastEvent.IsZero() || in.Recorded > 0 {
		lines = append(lines, fmt.Sprintf("Since the start: %d events, the last %s; %d calls refused.", in.Recorded, t.when(in.LastEvent), in.Refused))
	}
	if in.Problem != nil {
		lines = append(lines, "Problem: "+in.Problem.Message, "  "+in.Problem.Step)
	}
	return t.say(nil, lines...)
}
