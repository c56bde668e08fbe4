package program

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/app/dispatch/email"
	"bellhop/app/dispatch/services"
	"bellhop/app/dispatch/slack"
	"bellhop/app/dispatch/teams"
	"bellhop/app/dispatch/webhook"
)

// secretKeyOf is the name under which all secrets of a destination are kept, as
// one JSON object.
func secretKeyOf(id app.DestinationID) string {
	return destinationSecret + strconv.FormatInt(int64(id), 10)
}

// destinationSecret begins the names of the secrets of destinations.
const destinationSecret = "destination "

// readSecrets returns a destination's secrets, an empty map where it has none.
func readSecrets(ctx context.Context, v secretKeeper, d app.Destination) (map[string]string, error) {
	secrets := make(map[string]string)
	text, err := v.Get(ctx, d.Account, secretKeyOf(d.ID))
	if errors.Is(err, app.ErrNotFound) {
		return secrets, nil
	}
	if err != nil {
		return nil, err
	}
	read := func() (map[string]string, error) {
		if err := json.Unmarshal([]byte(text), &secrets); err != nil {
			return nil, errors.New("the secrets of the destination cannot be read") // the cause would quote them
		}
		return secrets, nil
	}
	if r, ok := v.(*recent); ok {
		return r.secrets(text, read)
	}
	return read()
}

// writeSecrets keeps a destination's secrets, also where it has none: without
// that, a keyring that cannot be asked could have some.
func writeSecrets(ctx context.Context, v secretKeeper, d app.Destination, secrets map[string]string) error {
	text, err := json.Marshal(secrets)
	if err != nil {
		return fmt.Errorf("write the secrets: %w", err)
	}
	return v.Set(ctx, d.Account, secretKeyOf(d.ID), string(text))
}

// NewSigningKey makes a key for signing webhooks, as the secret "key" takes it.
func NewSigningKey() string { return webhook.NewKey() }

// KeyEnd is until when an old signing key goes on to sign beside one that is made
// now, as the setting for it is written.
func KeyEnd(now time.Time) (name, value string) {
	return webhook.KeyOldUntil, now.Add(webhook.Overlap).UTC().Format(time.RFC3339)
}

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

// PutDestination adds a destination (ID 0) or changes one.
func (b *bell) PutDestination(ctx context.Context, d app.Destination, secrets map[string]string) (app.Destination, error) {
	kept := make(map[string]string)
	if d.ID != 0 {
		before, err := readSecrets(ctx, b.vault, d)
		if err != nil {
			return app.Destination{}, err
		}
		kept = before
	}
	old := kept["key"]
	for name, value := range secrets {
		if kept[name] = value; value == "" {
			delete(kept, name)
		}
	}
	if d.Channel == app.ChannelWebhooks {
		if kept["key"] == "" {
			kept["key"] = webhook.NewKey() // receivers that do not verify lose nothing
		}
		until := d.Config[webhook.KeyOldUntil]
		if secrets["key"] != "" {
			kept["key"] = webhook.Rotate(old, kept["key"], until, b.o.now())
		}
		kept["key"] = webhook.Signing(kept["key"], until, b.o.now())
	}
	switch d.Channel {
	case app.ChannelTeams:
		d.Address = hostOf(kept["url"]) // the rest of the address is a secret
	case app.ChannelWebhooks:
		d.Address = webhookAddress(d.Address, kept, secrets["url"] != "")
	case app.ChannelServices:
		d.Address = services.Name(kept["url"]) // nothing else of it may be shown
	case app.ChannelMail, app.ChannelSlack, app.ChannelAlert, app.ChannelToast:
	}
	if err := checkDestination(d, kept); err != nil {
		return app.Destination{}, err
	}
	others, err := b.store.Destinations(ctx, d.Account)
	if err != nil {
		return app.Destination{}, err
	}
	for _, o := range others {
		if o.Name == d.Name && o.ID != d.ID {
			return app.Destination{}, app.Invalid(fmt.Sprintf("There is a destination %q already.", d.Name), "Choose another name, or change it with `bellhop channels edit`.")
		}
	}
	d.State, d.Note, d.FirstError, d.LastError, d.Warned = "", "", time.Time{}, time.Time{}, time.Time{} // what was held against it is forgiven
	if d.ID == 0 {
		if d, err = b.store.AddDestination(ctx, d); err != nil {
			return app.Destination{}, err
		}
		if err := writeSecrets(ctx, b.vault, d, kept); err != nil {
			return app.Destination{}, errors.Join(err, b.store.RemoveDestination(ctx, d.ID))
		}
		return d, b.letGo(ctx, d.Channel) // others may have waited for the way that it is
	}
	if err := writeSecrets(ctx, b.vault, d, kept); err != nil {
		return app.Destination{}, err
	}
	if err := b.store.UpdateDestination(ctx, d); err != nil {
		return app.Destination{}, err
	}
	return d, b.letGo(ctx, d.Channel)
}

// webhookAddress returns what may be shown of a typed address; one that has a
// password or a query is kept as a secret as a whole. given says that the secret
// address was given with it; else one that is typed anew takes its place.
func webhookAddress(typed string, kept map[string]string, given bool) string {
	shown := webhook.Shown(typed)
	switch {
	case given && typed == "":
		return hostOf(kept["url"])
	case given || shown == "":
		return typed
	case shown != typed:
		kept["url"] = typed
	case kept["url"] != "" && hostOf(kept["url"]) != typed && webhook.Shown(kept["url"]) != typed:
		delete(kept, "url")
	}
	return shown
}

// letGo ends the holds of a channel's lanes: what held them may be mended.
func (b *bell) letGo(ctx context.Context, c app.Channel) error {
	lanes, err := b.store.Lanes(ctx)
	if err != nil {
		return err
	}
	for _, lane := range lanes {
		if lane.Channel != c {
			continue
		}
		if err := b.store.ReleaseLane(ctx, lane.Key); err != nil {
			return err
		}
	}
	return nil
}

// destination finds a destination of any account.
func (b *bell) destination(ctx context.Context, id app.DestinationID) (app.Destination, error) {
	accounts, err := b.store.Accounts(ctx)
	if err != nil {
		return app.Destination{}, err
	}
	for _, a := range accounts {
		list, err := b.store.Destinations(ctx, a.ID)
		if err != nil {
			return app.Destination{}, err
		}
		for _, d := range list {
			if d.ID == id {
				return d, nil
			}
		}
	}
	return app.Destination{}, app.NewProblem("not_found", "There is no such destination.", "List them with `bellhop channels list`.", false, app.ErrNotFound)
}

// RemoveDestination forgets a destination and its secrets.
func (b *bell) RemoveDestination(ctx context.Context, id app.DestinationID) error {
	d, err := b.destination(ctx, id)
	if err != nil {
		return err
	}
	if err := b.store.RemoveDestination(ctx, id); err != nil {
		return err
	}
	return b.vault.Drop(ctx, d.Account, secretKeyOf(id))
}

// dropDestinations forgets the secrets of an account's destinations.
func (b *bell) dropDestinations(ctx context.Context, account app.AccountID) {
	list, err := b.store.Destinations(ctx, account)
	for _, d := range list {
		err = errors.Join(err, b.vault.Drop(ctx, account, secretKeyOf(d.ID)))
	}
	if err != nil {
		b.log.WarnContext(ctx, "secrets of destinations were not deleted", "account", int64(account), "error", err)
	}
}

// Resend sends deliveries again.
func (b *bell) Resend(ctx context.Context, ids []app.DeliveryID, dead bool) (int, error) {
	if dead {
		return b.store.ResendDead(ctx)
	}
	n, err := b.store.Resend(ctx, ids)
	if err == nil && n == 0 && len(ids) > 0 {
		err = app.NewProblem("not_found", "There is no such delivery, or it is being sent just now.", "List them with `bellhop deliveries`.", false, app.ErrNotFound)
	}
	return n, err
}

// PauseOutbox stops everything but toasts from leaving, and lets it go on.
func (b *bell) PauseOutbox(ctx context.Context, paused bool) error {
	value := "running"
	if paused {
		value = "paused"
	}
	return b.store.Set(ctx, app.SettingOutbox, value)
}

// TestDestination sends a real message and says how it went. It is tried also
// where the destination is switched off; where it is taken, that is forgiven, and
// what waits is let go.
func (b *bell) TestDestination(ctx context.Context, id app.DestinationID) (app.Tested, error) {
	d, err := b.destination(ctx, id)
	if err != nil {
		return app.Tested{}, err
	}
	me, err := b.store.Me(ctx, d.Account)
	if err != nil {
		return app.Tested{}, err
	}
	to := me
	switch {
	case d.Person == 0 && d.Address != "":
		to = app.Person{}
	case d.Person != 0 && d.Person != me.ID:
		people, err := b.store.People(ctx, d.Account)
		if err != nil {
			return app.Tested{}, err
		}
		for _, p := range people {
			if p.ID == d.Person {
				to = p
			}
		}
	}
	kind := app.KindOther
	if d.Channel == app.ChannelWebhooks {
		kind = app.KindPing
	}
	now := b.o.now()
	receipt, _, err := b.poster.try(ctx, []app.Claimed{{
		Delivery: app.Delivery{ID: NewDeliveryID(now), Account: d.Account, Channel: d.Channel, Destination: d.ID, Attempts: 1, Created: now},
		Event: &app.Event{
			Account: d.Account, Origin: app.OriginLocal, Kind: kind, At: now,
			Call: app.Call{Kind: kind, Title: "Test message of Bellhop", Description: "If you read this, messages arrive here. Nothing has happened."},
		},
		Person: to, Destination: d,
	}}, app.Live{})
	if err != nil {
		f := dispatch.FailureOf(err)
		return app.Tested{Status: f.Status, Code: f.Code, Answer: f.Answer, Next: f.Next}, nil
	}
	if d.State != "" {
		d.State, d.Note, d.FirstError, d.LastError, d.Warned = "", "", time.Time{}, time.Time{}, time.Time{}
		if err := b.store.UpdateDestinationState(ctx, d); err != nil {
			return app.Tested{}, err
		}
		if err := b.letGo(ctx, d.Channel); err != nil {
			return app.Tested{}, err
		}
	}
	return app.Tested{OK: true, Status: receipt.Status, Answer: receipt.Answer}, nil
}

// transport is through what a message to a person (0 = a shared place) leaves:
// its own destination where that has what the channel needs, else the first of
// hers or of the shared ones that has. Nobody's mail goes out in the name of
// somebody else.
func (p *poster) transport(ctx context.Context, w *realm, c app.Channel, d app.Destination, person app.PersonID) (config, secrets map[string]string, err error) {
	var own map[string]string
	if d.ID != 0 {
		if own, err = readSecrets(ctx, p.vault, d); err != nil {
			return nil, nil, secretsFailure(err)
		}
		if c == app.ChannelWebhooks {
			own["key"] = webhook.Signing(own["key"], d.Config[webhook.KeyOldUntil], p.now())
		}
		if c != app.ChannelMail && c != app.ChannelSlack || c == app.ChannelMail && ownMailServer(d) || own["token"] != "" {
			return d.Config, own, nil
		}
	}
	list := w.facts.Destinations
	if w.facts.Mode == app.ModeMe && person != 0 && person != w.me { // of whom the facts have nothing
		if list, err = p.store.Destinations(ctx, w.account.ID); err != nil {
			return nil, nil, err
		}
	}
	for _, t := range list {
		if t.Channel != c || t.Off || t.Person != 0 && t.Person != person {
			continue
		}
		shared, err := readSecrets(ctx, p.vault, t)
		if err != nil {
			return nil, nil, secretsFailure(err)
		}
		if c == app.ChannelMail && ownMailServer(t) || c == app.ChannelSlack && shared["token"] != "" {
			merged := maps.Clone(t.Config)
			if merged == nil {
				merged = make(map[string]string)
			}
			maps.Copy(merged, d.Config)
			maps.Copy(shared, own)
			return merged, shared, nil
		}
	}
	step := "Add the mail server: `bellhop channels add mail --name office --set host=... --set from=... --secret password`."
	if c == app.ChannelSlack {
		step = "Add the bot: `bellhop channels add slack --name slack --secret token`."
	}
	return nil, nil, &dispatch.Failure{Code: "not_configured", Final: true, Next: step}
}

// secretsFailure is the failure of a keyring that cannot be asked now.
func secretsFailure(err error) error {
	return &dispatch.Failure{Code: "no_secrets", Err: err, Next: "Unlock the keyring; `bellhop doctor` looks for a cause.", After: time.Minute}
}

// cursorKey names a cursor as RecordEvents takes it.
func cursorKey(account app.AccountID, name string) string {
	return strings.Join([]string{strconv.FormatInt(int64(account), 10), name}, "/")
}
