package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"bellhop/app"
	"bellhop/app/control"
	"bellhop/app/program"
	"bellhop/store"
)

const channelsHelp = `Say where messages go. A destination belongs to a channel (mail, slack, msteams,
webhooks or services), has a name, and is shared or one person's; a shared one can serve one
product alone.

    bellhop channels add mail --name office --set host=smtp.example.com \
        --set username=ann --set from=ann@example.com --secret password
    bellhop channels add slack --name security --address "#sec" --secret token
    bellhop channels add msteams --name team --secret url
    bellhop channels add webhooks --name siem --address https://siem.example.com/in
    echo "ntfy://ntfy.sh/my-topic" | bellhop channels add services --name phone --mine
    bellhop channels test security

A webhook is pinged when it is saved, unless --no-ping is given, and what it
answered is told; it is kept whatever that was. One in a private network, or on
this computer, has to be allowed: --set private=on.

Slack needs an app of its own: bellhop channels manifest prints it, and says how to
make it.

What is secret (a password, a token, an address that is one) is given on
standard input, one line for each --secret in their order, never as an argument,
and is kept in the keyring. Of services (ntfy, Matrix, Signal, Telegram and
others) it is the whole address, as shoutrrr writes it: --secret url, which may be
left out, and nothing but the service's name is shown of it. What one looks like
is listed by bellhop channels keys services.
`

func (t *tool) channelsCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "channels", Short: "Say where messages go", Long: channelsHelp, Args: noCommand}
	cmd.RunE = t.do(func(c *cobra.Command, _ []string) error { return t.listChannels(c.Context(), 0) })
	cmd.AddCommand(t.channelsList(), t.channelsAdd(), t.channelsEdit(), t.channelsRemove(), t.channelsTest(), t.channelsKeys(), t.channelsManifest())
	return cmd
}

func (t *tool) channelsList() *cobra.Command {
	var account int64
	cmd := &cobra.Command{
		Use: "list", Short: "List the destinations",
		Long: `List the destinations. With --json: {"destinations": [{"id", "channel", "name",
"address", "config": {...}, "state"}]}; secrets are never shown.`,
		Args: takes(0, 0),
		RunE: t.do(func(c *cobra.Command, _ []string) error { return t.listChannels(c.Context(), account) }),
	}
	cmd.Flags().Int64Var(&account, "account", 0, "of this account (`id`)")
	return cmd
}

func (t *tool) listChannels(ctx context.Context, account int64) error {
	return t.stored(ctx, func(ctx context.Context, s *store.Store) error {
		a, err := engineAccount(ctx, s, account)
		if err != nil {
			return err
		}
		list, err1 := s.Destinations(ctx, a.ID)
		people, err2 := s.People(ctx, a.ID)
		products, err3 := s.Products(ctx, a.ID)
		mode, err4 := s.Setting(ctx, app.SettingEngineMode)
		if err := errors.Join(err1, err2, err3, err4); err != nil {
			return err
		}
		all := "everybody"
		if mode == string(app.ModeMe) {
			all = "you (shared)" // nobody else is told by this bell
		}
		for i := range list {
			list[i] = program.Shown(list[i])
		}
		if t.json {
			if list == nil {
				list = []app.Destination{}
			}
			return writeJSON(t.out, struct {
				Destinations []app.Destination `json:"destinations"`
			}{list})
		}
		if len(list) == 0 {
			return t.say(nil, "There is no destination yet: messages reach the list and toasts alone.", "Add one with `bellhop channels add`.")
		}
		rows := newTable(t.out, "ID", "CHANNEL", "NAME", "FOR", "ADDRESS", "STATE")
		for _, d := range list {
			rows.row(strconv.FormatInt(int64(d.ID), 10), d.Channel.String(), d.Name, whoseDestination(d, all, people, products), program.Way(d), destinationState(d))
		}
		return rows.flush()
	})
}

// whoseDestination says who is told at a destination; all is who is where nobody is
// named.
func whoseDestination(d app.Destination, all string, people []app.Person, products []app.Product) string {
	whose := all
	for _, p := range people {
		if p.ID == d.Person {
			whose = p.Username
		}
	}
	for _, p := range products {
		if p.ID == d.Product {
			whose += ", of " + p.Name
		}
	}
	return whose
}

func destinationState(d app.Destination) string {
	if d.Off {
		return "off"
	}
	if d.State != "" {
		return d.State
	}
	return "on"
}

// destinationNamed finds a destination by name or number.
func destinationNamed(ctx context.Context, s *store.Store, account int64, name string) (app.Destination, error) {
	a, err := engineAccount(ctx, s, account)
	if err != nil {
		return app.Destination{}, err
	}
	list, err := s.Destinations(ctx, a.ID)
	if err != nil {
		return app.Destination{}, err
	}
	for _, d := range list {
		if d.Name == name || strconv.FormatInt(int64(d.ID), 10) == name {
			return d, nil
		}
	}
	return app.Destination{}, app.NewProblem("not_found", fmt.Sprintf("There is no destination %q.", name), "List them with `bellhop channels list`.", false, app.ErrNotFound)
}

// withDestination finds a destination and does something about it with the bell.
func (t *tool) withDestination(ctx context.Context, account int64, name string, f func(context.Context, *control.Client, app.Destination) error) error {
	var d app.Destination
	err := t.stored(ctx, func(ctx context.Context, s *store.Store) (err error) {
		d, err = destinationNamed(ctx, s, account, name)
		return err
	})
	if err != nil {
		return err
	}
	return t.withBell(ctx, func(ctx context.Context, c *control.Client) error { return f(ctx, c, d) })
}

func (t *tool) channelsRemove() *cobra.Command {
	var account int64
	cmd := &cobra.Command{
		Use: "remove NAME", Short: "Forget a destination and its secrets", Args: takes(1, 1),
		Long: `Forget a destination and its secrets. What waits for it is dropped, and it is said
how much that is. With --json: {"dropped": 2}; of what waits and of what is held, 1000 each are counted.`,
		RunE: t.do(func(cmd *cobra.Command, args []string) error {
			return t.withDestination(cmd.Context(), account, args[0], func(ctx context.Context, c *control.Client, d app.Destination) error {
				n, more, err := t.waitingFor(ctx, d.ID)
				if err != nil {
					return err
				}
				if err := c.RemoveDestination(ctx, d.ID); err != nil {
					return err
				}
				done := "Removed " + d.Name + "."
				switch {
				case more:
					done += fmt.Sprintf(" More than %d deliveries waited for it and were dropped.", n)
				case n == 1:
					done += " One delivery waited for it and was dropped."
				case n > 1:
					done += fmt.Sprintf(" %d deliveries waited for it and were dropped.", n)
				}
				return t.say(struct {
					Dropped int `json:"dropped"`
				}{n}, done)
			})
		}),
	}
	cmd.Flags().Int64Var(&account, "account", 0, "of this account (`id`)")
	return cmd
}

// waitingFor counts what waits or is held for a destination, of each at most a page;
// more says that there is more.
func (t *tool) waitingFor(ctx context.Context, id app.DestinationID) (n int, more bool, err error) {
	err = t.stored(ctx, func(ctx context.Context, s *store.Store) error {
		for _, state := range []app.DeliveryState{app.DeliveryWaiting, app.DeliveryHeld} {
			list, next, err := s.Deliveries(ctx, app.DeliveryFilter{Destination: id, State: state, Limit: maxPage})
			if err != nil {
				return err
			}
			n, more = n+len(list), more || next != ""
		}
		return nil
	})
	return n, more, err
}

func (t *tool) channelsTest() *cobra.Command {
	var account int64
	cmd := &cobra.Command{
		Use: "test NAME", Short: "Send a real message to a destination", Args: takes(1, 1),
		Long: `Send a real message to a destination and say how it went; a webhook gets
DefectDojo's ping. It ends with status 1 where the message was not taken.
With --json: {"ok", "status", "code", "answer", "next"}.`,
		RunE: t.do(func(cmd *cobra.Command, args []string) error {
			return t.withDestination(cmd.Context(), account, args[0], func(ctx context.Context, c *control.Client, d app.Destination) error {
				out, err := c.TestDestination(ctx, d.ID)
				if err != nil {
					return err
				}
				if err := t.say(out, testedLines(out)...); err != nil {
					return err
				}
				if !out.OK {
					return &silentError{exitFailure}
				}
				return nil
			})
		}),
	}
	cmd.Flags().Int64Var(&account, "account", 0, "of this account (`id`)")
	return cmd
}

func testedLines(out app.Tested) []string {
	if out.OK {
		return []string{"The message was taken. " + out.Answer}
	}
	lines := []string{"The message was not taken: " + out.Code + statusWords(out.Status) + "."}
	if out.Answer != "" {
		lines = append(lines, "The other side said: "+out.Answer)
	}
	if out.Next != "" {
		lines = append(lines, out.Next)
	}
	return lines
}

func statusWords(status int) string {
	if status == 0 {
		return ""
	}
	return fmt.Sprintf(" (status %d)", status)
}
