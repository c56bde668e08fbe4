package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"bellhop/app"
	"bellhop/app/program"
)

func (t *tool) channelsKeys() *cobra.Command {
	return &cobra.Command{
		Use: "keys CHANNEL", Short: "List the settings and secrets of a channel", Args: takes(1, 1),
		RunE: t.do(func(_ *cobra.Command, args []string) error {
			c, err := placesChannel(args[0])
			if err != nil {
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
			if err := rows.flush(); err != nil {
				return err
			}
			if c == app.ChannelMail {
				return t.sayProviders()
			}
			if len(addresses) == 0 {
				return nil
			}
			lines := []string{"", "A service's address looks like one of these; the rest is in the documentation of shoutrrr."}
			for _, a := range addresses {
				lines = append(lines, "    "+a)
			}
			return t.say(nil, lines...)
		}),
	}
}

// placesChannel finds a channel by its name that has destinations.
func placesChannel(name string) (app.Channel, error) {
	var names []string
	near := ""
	for c := range app.AllChannels.All() {
		if len(program.ChannelKeys(c)) == 0 {
			continue // what it shows is shown on this computer
		}
		if c.String() == name {
			return c, nil
		}
		names = append(names, c.String())
		if name != "" && (strings.Contains(c.String(), name) || strings.Contains(name, c.String())) {
			near = fmt.Sprintf("Did you mean %q? ", c)
		}
	}
	message := fmt.Sprintf("There is no channel %q.", app.Cut(name, 40))
	if c, ok := app.ChannelNamed(name); ok {
		message = "The channel " + c.String() + " has no destinations."
	}
	return 0, usage(message, near+"Those that have destinations are: "+strings.Join(names, ", ")+".")
}

// sayProviders lists what has to be prepared with the providers of mail.
func (t *tool) sayProviders() error {
	if err := t.say(nil, "", "What to prepare with a provider:"); err != nil {
		return err
	}
	rows := newTable(t.out, "PROVIDER", "FIRST")
	for _, p := range program.MailHints() {
		rows.row(p[0], p[1])
	}
	return rows.flush()
}

func (t *tool) channelsManifest() *cobra.Command {
	return &cobra.Command{
		Use: "manifest", Short: "Print the Slack app through which Bellhop writes", Args: takes(0, 0),
		Long: `Print the app through which Bellhop writes in Slack, as a manifest that Slack
makes the app of:

    1. Open https://api.slack.com/apps, "Create New App", "From a manifest", choose
       the workspace, and paste what this command prints, as YAML.
    2. "Install to Workspace"; a workspace may ask an administrator for that.
    3. Copy the Bot User OAuth Token (xoxb-...) from the page "OAuth & Permissions",
       and give it to Bellhop, on standard input:
       bellhop channels add slack --name security --address "#sec" --secret token
    4. In Slack, invite the bot to private channels: /invite @bellhop

An app that you have already gets the same permissions on its page "App Manifest".
With --json: {"manifest": "..."}.`,
		RunE: t.do(func(*cobra.Command, []string) error {
			if t.json {
				return writeJSON(t.out, struct {
					Manifest string `json:"manifest"`
				}{program.SlackManifest()})
			}
			if _, err := io.WriteString(t.out, program.SlackManifest()); err != nil {
				return fmt.Errorf("print: %w", err)
			}
			return nil
		}),
	}
}
