package program

import (
	"fmt"
	"maps"
	"slices"

	"bellhop/app"
	"bellhop/app/dispatch/email"
	"bellhop/app/dispatch/services"
	"bellhop/app/dispatch/slack"
	"bellhop/app/dispatch/teams"
	"bellhop/app/dispatch/webhook"
)

// ChannelKey is a setting or a secret of a channel, as help shows it.
type ChannelKey struct {
	Name    string `json:"name"`
	Meaning string `json:"meaning"`
	Secret  bool   `json:"secret"`
}

// ChannelKeys lists what a channel's destinations can be told.
func ChannelKeys(c app.Channel) []ChannelKey {
	switch c {
	case app.ChannelMail:
		var keys []ChannelKey
		for _, k := range email.Keys() {
			meaning := k.Meaning
			if k.Allowed != "" {
				meaning += ": " + k.Allowed
			}
			if k.Default != "" {
				meaning += " (default " + k.Default + ")"
			}
			keys = append(keys, ChannelKey{Name: k.Name, Meaning: meaning})
		}
		return append(keys,
			ChannelKey{email.SecretPassword, "the password to sign in with", true},
			ChannelKey{email.SecretRefreshToken, "renews XOAUTH2 tokens", true},
			ChannelKey{email.SecretClientSecret, "the application's secret for XOAUTH2", true},
			ChannelKey{email.SecretAccessToken, "a ready token for XOAUTH2", true})
	case app.ChannelSlack:
		return []ChannelKey{
			{"username", "the name under which the bot writes", false},
			{"api", "another address of Slack's API", false},
			{"token", "the bot's token (xoxb-...)", true},
		}
	case app.ChannelTeams:
		return []ChannelKey{{"hosts", "further hosts that a workflow may have, separated by commas", false}, {"url", "the workflow's whole address", true}}
	case app.ChannelWebhooks:
		return []ChannelKey{
			{"header_name", "one header of the endpoint's own", false},
			{"private", "on: the endpoint may be in a private network", false},
			{"unbounded", "on: bodies of any size, as DefectDojo sends them", false},
			{webhook.KeyOldUntil, "until when the keys after the first sign too (2026-12-24T18:00:00Z)", false},
			{"url", "the whole address, where a part of it is secret", true},
			{"header_value", "the value of the own header", true},
			{"key", "signing keys (whsec_...), separated by blanks", true},
		}
	case app.ChannelServices:
		return []ChannelKey{
			{"private", "on: the service may be in a private network or on this computer", false},
			{"url", "the whole address of a service, as shoutrrr writes it", true},
		}
	case app.ChannelAlert, app.ChannelToast:
		return nil
	default:
		return nil
	}
}

// ServiceAddresses lists what the addresses of further services look like.
func ServiceAddresses() []string { return services.Forms() }

// checkDestination refuses what its channel could not use.
func checkDestination(d app.Destination, secrets map[string]string) error {
	if d.Name == "" {
		return app.Invalid("The destination has no name.", "Give one with --name.")
	}
	known := make(map[string]bool)
	for _, k := range ChannelKeys(d.Channel) {
		known[k.Name] = true
	}
	if len(known) == 0 {
		return app.Invalid("The channel "+d.Channel.String()+" has no destinations.", "Those that have are mail, slack, msteams, webhooks and services.")
	}
	for _, name := range slices.Concat(slices.Sorted(maps.Keys(d.Config)), slices.Sorted(maps.Keys(secrets))) {
		if !known[name] {
			return app.Invalid(fmt.Sprintf("The channel %s has no setting %q.", d.Channel, app.Cut(name, 40)), "List them with `bellhop channels keys "+d.Channel.String()+"`.")
		}
	}
	var p *app.Problem
	switch d.Channel {
	case app.ChannelMail:
		if ownMailServer(d) {
			if _, err := email.Parse(d.Config); err != nil {
				return err
			}
		}
		return nil
	case app.ChannelSlack:
		if secrets["token"] != "" || d.Address == "" {
			p = slack.Check(d.Config, secrets)
		}
	case app.ChannelTeams:
		p = teams.Check(d.Config, secrets)
	case app.ChannelWebhooks:
		p = webhook.Check(d.Address, d.Config, secrets)
	case app.ChannelServices:
		p = services.Check(d.Config, secrets)
	case app.ChannelAlert, app.ChannelToast:
	}
	if p != nil {
		return p
	}
	return nil
}

func ownMailServer(d app.Destination) bool {
	return d.Config[email.KeyHost] != "" || d.Config[email.KeyProvider] != ""
}
