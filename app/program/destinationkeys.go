package program

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"bellhop/app"
	"bellhop/app/dispatch"
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
			{webhook.KeyRate, "how many requests it may get, the rest waits: " + dispatch.RateForm, false},
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

// Way says where a destination leads, and, of one that has a mail server of its
// own, through which and in whose name.
func Way(d app.Destination) string {
	if d.Channel != app.ChannelMail || !ownMailServer(d) {
		return d.Address
	}
	way := d.Address
	if c, err := email.Parse(d.Config); err == nil {
		way += " through " + c.Host + " from " + c.From.Address
	}
	return strings.TrimSpace(way)
}

// MailHint is what has to be prepared with the provider of a mail destination, ""
// where nothing is known.
func MailHint(d app.Destination) string {
	if p, ok := email.PresetNamed(d.Config[email.KeyProvider]); ok && d.Channel == app.ChannelMail {
		return p.Hint
	}
	return ""
}

// MailHints are the providers of which something is known, with what has to be
// prepared.
func MailHints() (lines [][2]string) {
	for _, p := range email.Presets() {
		lines = append(lines, [2]string{p.Name, p.Hint})
	}
	return lines
}

// SlackManifest is the Slack app through which Bellhop writes, as Slack's page
// "Create an app from a manifest" takes it.
func SlackManifest() string { return slack.Manifest() }

// checkDestination refuses what its channel could not use.
func checkDestination(d app.Destination, secrets map[string]string) error {
	if d.Name == "" {
		return app.Invalid("The destination has no name.", "Give one with --name.")
	}
	keys := ChannelKeys(d.Channel)
	if len(keys) == 0 {
		return app.Invalid("The channel "+d.Channel.String()+" has no destinations.", "Those that have are mail, slack, msteams, webhooks and services.")
	}
	if p := checkNames(d.Channel, keys, slices.Sorted(maps.Keys(d.Config)), false); p != nil {
		return p
	}
	if p := checkNames(d.Channel, keys, slices.Sorted(maps.Keys(secrets)), true); p != nil {
		return p
	}
	for _, name := range slices.Sorted(maps.Keys(d.Config)) {
		if u, err := url.Parse(d.Config[name]); err == nil && u.User != nil {
			return app.Invalid("The address in "+name+" has a user or a password in it, which anybody could read there.", "Give the address without it.")
		}
	}
	for _, name := range []string{"private", "unbounded"} { // none of mail's
		if v := d.Config[name]; v != "" && v != "on" && v != "off" {
			return app.Invalid(fmt.Sprintf("The setting %s is not %q.", name, app.Cut(v, 40)), "Set it to on or off.")
		}
	}
	var p *app.Problem
	switch d.Channel {
	case app.ChannelMail:
		if err := email.CheckAddress(d.Address); err != nil {
			return err
		}
		if ownMailServer(d) {
			return email.Check(d.Config)
		}
		return email.CheckPart(d.Config)
	case app.ChannelSlack:
		if p = slack.CheckAddress(d.Address); p == nil && (secrets["token"] != "" || d.Address == "") {
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

// privatePlace says what is wrong with a webhook or a service that is in a private
// network without leave to be there, nil where nothing is.
func privatePlace(ctx context.Context, d app.Destination, secrets map[string]string) *app.Problem {
	switch d.Channel {
	case app.ChannelWebhooks:
		return webhook.Private(ctx, d.Address, d.Config, secrets)
	case app.ChannelServices:
		if host := serviceHost(secrets["url"]); host != "" {
			return webhook.Private(ctx, "https://"+host, d.Config, nil) // of the address nothing but the host counts
		}
	case app.ChannelMail, app.ChannelSlack, app.ChannelTeams, app.ChannelAlert, app.ChannelToast:
	}
	return nil
}

// serviceHost is the host in a service's address, "" where that has none: with many
// services a token stands in its place, which must not be looked up.
func serviceHost(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		return ""
	}
	name, _, _ := strings.Cut(u.Scheme, "+")
	for _, form := range services.Forms() {
		if of, rest, _ := strings.Cut(form, "://"); of == name {
			place, _, _ := strings.Cut(rest, "/")
			if place = place[strings.LastIndexByte(place, '@')+1:]; place == "HOST" || place == "HOST:PORT" {
				return u.Host
			}
		}
	}
	return ""
}

// checkNames refuses what a channel does not know, and what is secret among what
// can be read, or the other way round.
func checkNames(c app.Channel, keys []ChannelKey, given []string, secret bool) *app.Problem {
	for _, name := range given {
		i := slices.IndexFunc(keys, func(k ChannelKey) bool { return k.Name == name })
		switch {
		case i < 0:
			return app.Invalid(fmt.Sprintf("The channel %s has no setting %q.", c, app.Cut(name, 40)), "List them with `bellhop channels keys "+c.String()+"`.")
		case keys[i].Secret && !secret:
			return app.Invalid(name+" is a secret, and settings can be read by others.",
				"Give it with --secret "+name+" on standard input. If you typed it just now, it may stand in your shell's history: better make a new one.")
		case secret && !keys[i].Secret:
			return app.Invalid(name+" is a setting and no secret.", "Give it with --set "+name+"=...")
		}
	}
	return nil
}

// leaked are the names of the secrets among what is set of a destination, as an
// earlier Bellhop took them.
func leaked(d app.Destination) (names []string) {
	for _, k := range ChannelKeys(d.Channel) {
		if _, set := d.Config[k.Name]; set && k.Secret {
			names = append(names, k.Name)
		}
	}
	return names
}

// Shown returns a destination as it may be shown, should the database have
// secrets among its settings: an earlier Bellhop let them be set.
func Shown(d app.Destination) app.Destination {
	names := leaked(d)
	if len(names) == 0 {
		return d
	}
	d.Config = maps.Clone(d.Config)
	for _, name := range names {
		delete(d.Config, name)
	}
	return d
}

func ownMailServer(d app.Destination) bool {
	return d.Config[email.KeyHost] != "" || d.Config[email.KeyProvider] != ""
}
