package program

import (
	"context"
	"errors"
	"maps"
	"strings"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/app/dispatch/webhook"
)

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
	switch edit := "`bellhop channels edit " + app.Quoted(d.Name); {
	case c == app.ChannelMail && d.ID != 0:
		step = "Say through which server: " + edit + " --set host=... --set from=... --secret password`."
	case c == app.ChannelSlack && d.ID != 0:
		step = "Give it the bot's token: " + edit + " --secret token`."
	case c == app.ChannelSlack:
		step = "Add the bot: `bellhop channels add slack --name slack --secret token`."
	}
	return nil, nil, &dispatch.Failure{Code: "not_configured", Final: true, Next: step}
}

// secretsFailure is the failure of a keyring that cannot be asked now.
func secretsFailure(err error) error {
	return &dispatch.Failure{Code: "no_secrets", Err: err, Next: "Unlock the keyring; `bellhop doctor` looks for a cause.", After: time.Minute}
}

// named puts the name of the destination that failed into the commands that mend
// it. The channels do not know how it is called.
func named(err error, d app.Destination) error {
	f, ok := errors.AsType[*dispatch.Failure](err)
	if !ok || d.Name == "" || !strings.Contains(f.Next, " NAME") {
		return err
	}
	said := *f
	said.Next = strings.ReplaceAll(f.Next, " NAME", " "+app.Quoted(d.Name))
	return &said
}

// triedNext says what to do after a test failed: nothing of it is sent again by
// itself, as a message would be.
func triedNext(f *dispatch.Failure, d app.Destination) string {
	if f.Final || !strings.Contains(f.Next, "sent again") && !strings.HasPrefix(f.Next, "Nothing") {
		return f.Next
	}
	wait := "Wait a little"
	if f.After > 0 {
		wait = "The other side asks to wait for " + f.After.Round(time.Second).String()
	}
	return wait + ", then try it again with `bellhop channels test " + app.Quoted(d.Name) + "`. Messages that wait are sent by themselves."
}
