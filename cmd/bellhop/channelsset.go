package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"bellhop/app"
	"bellhop/app/control"
	"bellhop/app/program"
	"bellhop/store"
)

// destinationFlags are the flags of channels add and edit.
type destinationFlags struct {
	account                      int64
	name, address, user, product string
	mine, shared, off, on        bool
	newKey, noPing               bool
	set, secret, unset           []string
}

func (f *destinationFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.name, "name", "", "the destination's `name`")
	cmd.Flags().StringVar(&f.address, "address", "", "a mail address, a Slack channel, or a webhook's `address`")
	cmd.Flags().StringVar(&f.user, "user", "", "only for this person (user `name`); empty for everybody")
	cmd.Flags().BoolVar(&f.mine, "mine", false, "only for you")
	cmd.Flags().StringVar(&f.product, "product", "", "for this product alone (`name` or id); empty for all products")
	cmd.Flags().StringArrayVar(&f.set, "set", nil, "a setting of the channel, `key=value`; see bellhop channels keys")
	cmd.Flags().BoolVar(&f.newKey, "new-key", false, "make another signing key of a webhook and show it once; the old one signs beside it for a week")
	cmd.Flags().BoolVar(&f.noPing, "no-ping", false, "do not send a ping to a webhook that is saved")
	cmd.Flags().StringArrayVar(&f.secret, "secret", nil, "the `name` of a secret whose value is a line of standard input")
}

// destinationChanges are the flags of channels edit by which something changes.
var destinationChanges = []string{"name", "address", "user", "mine", "shared", "product", "set", "unset", "secret", "new-key", "off", "on"}

// caFile is the setting of mail that names a file.
const caFile = "ca_file"

// apply changes d as the flags say, and returns the secrets.
func (f *destinationFlags) apply(ctx context.Context, cmd *cobra.Command, s *store.Store, d *app.Destination) error {
	given := cmd.Flags().Changed
	if given("name") {
		d.Name = strings.TrimSpace(f.name)
	}
	if given("address") {
		d.Address = strings.TrimSpace(f.address)
	}
	if f.shared && (f.mine || f.user != "") {
		return usage("--shared excludes --mine and --user.", "Give one of them.")
	}
	switch {
	case f.shared, given("user") && f.user == "" && !f.mine:
		d.Person = 0
	case given("user"), f.mine:
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
	switch {
	case given("product") && f.product == "":
		d.Product = 0
	case given("product"):
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
		if key == caFile && value != "" {
			whole, err := filepath.Abs(value) // the bell has a folder of its own
			if err != nil {
				return fmt.Errorf("find the file: %w", err)
			}
			value = whole
		}
		if d.Config[key] = value; value == "" {
			delete(d.Config, key)
		}
	}
	return nil
}

// takeAway takes settings away from d, and marks secrets as to be taken away.
func (f *destinationFlags) takeAway(d *app.Destination, secrets map[string]string) error {
	for _, name := range f.unset {
		keys := program.ChannelKeys(d.Channel)
		i := slices.IndexFunc(keys, func(k program.ChannelKey) bool { return k.Name == name })
		_, given := secrets[name]
		switch {
		case i < 0:
			return usage(fmt.Sprintf("The channel %s has no setting %q.", d.Channel, name), "List them with `bellhop channels keys "+d.Channel.String()+"`.")
		case given:
			return usage("--secret "+name+" and --unset "+name+" exclude each other.", "Give one of them.")
		case d.Channel == app.ChannelWebhooks && name == "key":
			return usage("What a webhook gets is always signed.", "Make another key with --new-key; a receiver that does not verify loses nothing.")
		case keys[i].Secret:
			secrets[name] = ""
			delete(d.Config, name) // an earlier Bellhop kept it there, and may have found no keyring since
		default:
			delete(d.Config, name)
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
		return nil, usage(fmt.Sprintf("Standard input has to have as many lines as there are --secret: %d.", len(names)), "Give the values in the order of the flags; none may be empty. (One is taken away with `bellhop channels edit NAME --unset ...`.)")
	}
	return lines, nil
}

func (t *tool) channelsAdd() *cobra.Command {
	var f destinationFlags
	cmd := &cobra.Command{
		Use: "add CHANNEL", Short: "Add a destination", Long: channelsHelp, Args: takes(1, 1),
		RunE: t.do(func(cmd *cobra.Command, args []string) error {
			d := app.Destination{}
			var err error
			if d.Channel, err = placesChannel(args[0]); err != nil {
				return err
			}
			err = t.stored(cmd.Context(), func(ctx context.Context, s *store.Store) error {
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
	if err := f.takeAway(&d, secrets); err != nil {
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
		if hint := program.MailHint(d); hint != "" {
			lines = append(lines, "Of this provider: "+hint)
		}
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
	test := "`bellhop channels test " + app.Quoted(p.Name) + "`."
	switch ping := p.Ping; {
	case ping == nil && p.Off:
		return []string{done + ". It is switched off."}
	case ping == nil:
		return []string{done + ". Try it with " + test}
	case ping.OK:
		return []string{fmt.Sprintf("%s, and it answered the ping with %d.", done, ping.Status)}
	case ping.Status == 0:
		done += ", but it did not answer the ping: " + ping.Code + "."
	default:
		done += ", but it did not take the ping: " + ping.Code + statusWords(ping.Status) + "."
	}
	lines := append([]string{done}, testedLines(*p.Ping)[1:]...)
	if strings.Contains(p.Ping.Next, "bellhop channels test ") {
		return lines
	}
	return append(lines, "Once that is mended, try it with "+test)
}

func (t *tool) channelsEdit() *cobra.Command {
	var f destinationFlags
	cmd := &cobra.Command{
		Use: "edit NAME", Short: "Change a destination", Args: takes(1, 1),
		Long: `Change what the flags name; the rest, and secrets that are not named, stay.
--unset takes a setting or a secret away, --shared or --product "" makes a
destination everybody's, or that of all products, again. --off keeps what waits for
it; --on lets it go on. A webhook of which something changes that it could answer to
is pinged, unless --no-ping is given.
With --json: the destination and "ping": {"ok", "status", "code", "answer", "next"}.`,
		RunE: t.do(func(cmd *cobra.Command, args []string) error {
			if !slices.ContainsFunc(destinationChanges, cmd.Flags().Changed) {
				return usage("There is nothing to change.", "Say what is to be otherwise, for example --name, --address or --set key=value; see `bellhop channels edit --help`.")
			}
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
	cmd.Flags().StringArrayVar(&f.unset, "unset", nil, "the `name` of a setting or a secret to take away")
	cmd.Flags().BoolVar(&f.shared, "shared", false, "for everybody again")
	cmd.Flags().BoolVar(&f.off, "off", false, "send nothing there")
	cmd.Flags().BoolVar(&f.on, "on", false, "send there again")
	return cmd
}
