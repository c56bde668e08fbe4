package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

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

What is secret (a password, a token, an address that is one) is given on
standard input, one line for each --secret in their order, never as an argument,
and is kept in the keyring. Of services (ntfy, Matrix, Signal, Telegram and
others) it is the whole address, as shoutrrr writes it: --secret url, which may be
left out, and nothing but the service's name is shown of it. What one looks like
is listed by bellhop channels keys services.
`

// destinationFlags are the flags of channels add and edit.
type destinationFlags struct {
	account                      int64
	name, address, user, product string
	mine, off, on                bool
	newKey, noPing               bool
	set, secret                  []string
}

func (t *tool) channelsCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "channels", Short: "Say where messages go", Long: channelsHelp, Args: noCommand}
	cmd.RunE = t.do(func(c *cobra.Command, _ []string) error { return t.listChannels(c.Context(), 0) })
	cmd.AddCommand(t.channelsList(), t.channelsAdd(), t.channelsEdit(), t.channelsRemove(), t.channelsTest(), t.channelsKeys())
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
		if err := errors.Join(err1, err2, err3); err != nil {
			return err
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
			rows.row(strconv.FormatInt(int64(d.ID), 10), d.Channel.String(), d.Name, whoseDestination(d, people, products), d.Address, destinationState(d))
		}
		return rows.flush()
	})
}

func whoseDestination(d app.Destination, people []app.Person, products []app.Product) string {
	whose := "everybody"
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

func (f *destinationFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.name, "name", "", "the destination's `name`")
	cmd.Flags().StringVar(&f.address, "address", "", "a mail address, a Slack channel, or a webhook's `address`")
	cmd.Flags().StringVar(&f.user, "user", "", "only for this person (user `name`)")
	cmd.Flags().BoolVar(&f.mine, "mine", false, "only for you")
	cmd.Flags().StringVar(&f.product, "product", "", "shared, for this product alone (`name` or id)")
	cmd.Flags().StringArrayVar(&f.set, "set", nil, "a setting of the channel, `key=value`; see bellhop channels keys")
	cmd.Flags().BoolVar(&f.newKey, "new-key", false, "make another signing key of a webhook and show it once; the old one signs beside it for a week")
	cmd.Flags().BoolVar(&f.noPing, "no-ping", false, "do not send a ping to a webhook that is saved")
	cmd.Flags().StringArrayVar(&f.secret, "secret", nil, "the `name` of a secret whose value is a line of standard input")
}

// apply changes d as the flags say, and returns the secrets.
func (f *destinationFlags) apply(ctx context.Context, cmd *cobra.Command, s *store.Store, d *app.Destination) error {
	given := cmd.Flags().Changed
	if given("name") {
		d.Name = strings.TrimSpace(f.name)
	}
	if given("address") {
		d.Address = strings.TrimSpace(f.address)
	}
	if given("user") || f.mine {
		people, err := s.People(ctx, d.Account)
		if err != nil {
			return err
		}
		person, err := personNamed(people, f.user)
		if err != nil {
			return err
		}
		d.Person = person.ID
	}
	if given("product") {
		products, err := s.Products(ctx, d.Account)
		if err != nil {
			return err
		}
		product, err := productNamed(products, f.product)
		if err != nil {
			return err
		}
		d.Product = product.ID
	}
	for _, one := range f.set {
		key, value, ok := strings.Cut(one, "=")
		if !ok || key == "" {
			return usage(fmt.Sprintf("--set takes key=value, not %q.", one), "For example --set host=smtp.example.com.")
		}
		if d.Config == nil {
			d.Config = make(map[string]string)
		}
		if d.Config[key] = value; value == "" {
			delete(d.Config, key)
		}
	}
	return nil
}

// secrets reads a line of standard input for each secret.
func (f *destinationFlags) secrets(t *tool) (map[string]string, error) {
	values := make(map[string]string, len(f.secret))
	if len(f.secret) == 0 {
		return values, nil
	}
	lines, err := t.secretLines(f.secret)
	if err != nil {
		return nil, err
	}
	for i, name := range f.secret {
		values[name] = lines[i]
	}
	return values, nil
}

// secretLines reads as many lines as there are names: each is asked for on a
// terminal, or read from standard input.
func (t *tool) secretLines(names []string) ([]string, error) {
	if _, isTerminal := terminal(t.in); isTerminal {
		lines := make([]string, len(names))
		for i, name := range names {
			value, err := t.secret(false, name, "--secret "+name)
			if err != nil {
				return nil, err
			}
			lines[i] = value
		}
		return lines, nil
	}
	data, err := io.ReadAll(io.LimitReader(t.in, 1<<20))
	if err != nil {
		return nil, fmt.Errorf("read the secrets: %w", err)
	}
	lines := strings.Split(strings.TrimSuffix(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n"), "\n")
	if len(lines) != len(names) || slices.Contains(lines, "") {
		return nil, usage(fmt.Sprintf("Standard input has to have %d lines, one for each --secret.", len(names)), "Give the values in the order of the flags; none may be empty.")
	}
	return lines, nil
}

func (t *tool) channelsAdd() *cobra.Command {
	var f destinationFlags
	cmd := &cobra.Command{
		Use: "add CHANNEL", Short: "Add a destination", Long: channelsHelp, Args: takes(1, 1),
		ValidArgs: []string{"mail", "slack", "msteams", "webhooks", "services"},
		RunE: t.do(func(cmd *cobra.Command, args []string) error {
			d := app.Destination{}
			if err := d.Channel.UnmarshalText([]byte(args[0])); err != nil {
				return err
			}
			err := t.stored(cmd.Context(), func(ctx context.Context, s *store.Store) error {
				a, err := engineAccount(ctx, s, f.account)
				if err != nil {
					return err
				}
				d.Account = a.ID
				return f.apply(ctx, cmd, s, &d)
			})
			if err != nil {
				return err
			}
			if d.Channel == app.ChannelServices && len(f.secret) == 0 {
				f.secret = []string{"url"} // there is nothing else to say of one
			}
			return t.putDestination(cmd.Context(), d, &f, "Added")
		}),
	}
	f.add(cmd)
	cmd.Flags().Int64Var(&f.account, "account", 0, "for this account (`id`)")
	return cmd
}

func (t *tool) putDestination(ctx context.Context, d app.Destination, f *destinationFlags, done string) error {
	if d.Channel == app.ChannelServices && f.address != "" {
		return usage("The address of a service is a secret, which every user of this computer could read here.", "Leave --address out, and send the address to standard input.")
	}
	secrets, err := f.secrets(t)
	if err != nil {
		return err
	}
	if f.newKey && d.Channel != app.ChannelWebhooks {
		return usage("--new-key is for webhooks: nothing else is signed.", "Leave it out.")
	}
	answer := struct {
		app.Placed
		// SigningKey is told only where it was made just now.
		SigningKey string `json:"signing_key,omitempty"`
	}{}
	if d.Channel == app.ChannelWebhooks && secrets["key"] == "" && (f.newKey || d.ID == 0) {
		answer.SigningKey = program.NewSigningKey()
		secrets["key"] = answer.SigningKey
	}
	oldUntil := ""
	if answer.SigningKey != "" && d.ID != 0 {
		name := ""
		name, oldUntil = program.KeyEnd(t.now())
		if d.Config == nil {
			d.Config = make(map[string]string)
		}
		d.Config[name] = oldUntil
	}
	return t.withBell(ctx, func(ctx context.Context, c *control.Client) error {
		if answer.Placed, err = c.PutDestination(ctx, d, secrets, f.noPing); err != nil {
			return err
		}
		lines := placedLines(done, answer.Placed)
		if answer.SigningKey != "" {
			lines = append(lines, "Its signing key, shown this once, by which a receiver can verify what it gets: "+answer.SigningKey)
		}
		if oldUntil != "" {
			lines = append(lines, "The old one signs beside it until "+oldUntil+", so that receivers can be changed meanwhile.")
		}
		return t.say(answer, lines...)
	})
}

// placedLines tell what was done, and how the ping went.
func placedLines(done string, p app.Placed) []string {
	done = fmt.Sprintf("%s %s (%d)", done, p.Name, p.ID)
	mended := "Once that is mended, try it with `bellhop channels test " + p.Name + "`."
	again := "Try it with `bellhop channels test " + p.Name + "`."
	switch ping := p.Ping; {
	case ping == nil && p.Off:
		return []string{done + ". It is switched off."}
	case ping == nil:
		return []string{done + ". " + again}
	case ping.OK:
		return []string{fmt.Sprintf("%s, and it answered the ping with %d.", done, ping.Status)}
	case ping.Status == 0:
		return append([]string{done + ", but it did not answer the ping: " + ping.Code + "."}, ping.Next, mended)
	default:
		lines := append([]string{done + ", but it did not take the ping: " + ping.Code + statusWords(ping.Status) + "."}, testedLines(*ping)[1:]...)
		return append(lines, mended)
	}
}

func (t *tool) channelsEdit() *cobra.Command {
	var f destinationFlags
	cmd := &cobra.Command{
		Use: "edit NAME", Short: "Change a destination", Args: takes(1, 1),
		Long: `Change what the flags name; the rest, and secrets that are not named, stay. --on
lets a destination go on that was switched off. A webhook of which something
changes that it could answer to is pinged, unless --no-ping is given.
With --json: the destination and "ping": {"ok", "status", "code", "answer", "next"}.`,
		RunE: t.do(func(cmd *cobra.Command, args []string) error {
			var d app.Destination
			err := t.stored(cmd.Context(), func(ctx context.Context, s *store.Store) (err error) {
				if d, err = destinationNamed(ctx, s, f.account, args[0]); err != nil {
					return err
				}
				return f.apply(ctx, cmd, s, &d)
			})
			if err != nil {
				return err
			}
			if f.off && f.on {
				return usage("--on and --off exclude each other.", "Give one of them.")
			}
			d.Off = f.off || d.Off && !f.on
			return t.putDestination(cmd.Context(), d, &f, "Changed")
		}),
	}
	f.add(cmd)
	cmd.Flags().Int64Var(&f.account, "account", 0, "of this account (`id`)")
	cmd.Flags().BoolVar(&f.off, "off", false, "send nothing there")
	cmd.Flags().BoolVar(&f.on, "on", false, "send there again")
	return cmd
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
		Long: "Forget a destination and its secrets. What waits for it is dropped.",
		RunE: t.do(func(cmd *cobra.Command, args []string) error {
			return t.withDestination(cmd.Context(), account, args[0], func(ctx context.Context, c *control.Client, d app.Destination) error {
				if err := c.RemoveDestination(ctx, d.ID); err != nil {
					return err
				}
				return t.say(struct{}{}, "Removed "+d.Name+".")
			})
		}),
	}
	cmd.Flags().Int64Var(&account, "account", 0, "of this account (`id`)")
	return cmd
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

func (t *tool) channelsKeys() *cobra.Command {
	return &cobra.Command{
		Use: "keys CHANNEL", Short: "List the settings and secrets of a channel", Args: takes(1, 1),
		RunE: t.do(func(_ *cobra.Command, args []string) error {
			var c app.Channel
			if err := c.UnmarshalText([]byte(args[0])); err != nil {
				return err
			}
			keys := program.ChannelKeys(c)
			var addresses []string
			if c == app.ChannelServices {
				addresses = program.ServiceAddresses()
			}
			if t.json {
				return writeJSON(t.out, struct {
					Keys      []program.ChannelKey `json:"keys"`
					Addresses []string             `json:"addresses,omitempty"`
				}{keys, addresses})
			}
			rows := newTable(t.out, "KEY", "SECRET", "MEANING")
			for _, k := range keys {
				secret := ""
				if k.Secret {
					secret = "yes"
				}
				rows.row(k.Name, secret, k.Meaning)
			}
			if err := rows.flush(); err != nil || len(addresses) == 0 {
				return err
			}
			lines := []string{"", "A service's address looks like one of these; the rest is in the documentation of shoutrrr."}
			for _, a := range addresses {
				lines = append(lines, "    "+a)
			}
			return t.say(nil, lines...)
		}),
	}
}
