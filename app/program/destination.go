package program

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch/services"
	"bellhop/app/dispatch/webhook"
)

// PutDestination adds a destination (ID 0) or changes one. A webhook that is new,
// or of which something has changed that decides whether it answers, is pinged
// afterwards, as DefectDojo does; it stays whatever it answers.
func (b *bell) PutDestination(ctx context.Context, d app.Destination, secrets map[string]string, noPing bool) (app.Placed, error) {
	kept, changed, err := b.place(ctx, d, secrets)
	if err != nil {
		return app.Placed{}, err
	}
	placed := app.Placed{Destination: kept}
	if kept.Channel == app.ChannelWebhooks && changed && !kept.Off && !noPing {
		ping, err := b.tried(ctx, kept)
		if err != nil {
			b.log.WarnContext(ctx, "a webhook was not pinged", "error", err)
			return placed, nil // it is saved, which is what was asked for
		}
		placed.Ping = &ping
	}
	return placed, nil
}

// place keeps a destination and its secrets. changed says whether it may answer
// otherwise than before.
func (b *bell) place(ctx context.Context, d app.Destination, secrets map[string]string) (_ app.Destination, changed bool, err error) {
	defer changing(b.vault)()
	kept, before := make(map[string]string), app.Destination{}
	if d.ID != 0 {
		if before, err = b.destination(ctx, d.ID); err != nil {
			return d, false, err
		}
		d.Account, d.Channel = before.Account, before.Channel
		if kept, err = readSecrets(ctx, b.vault, d); err != nil {
			return d, false, err
		}
	}
	b.give(&d, kept, secrets)
	if err := checkDestination(d, kept); err != nil {
		return d, false, err
	}
	changed = d.ID == 0 || len(secrets) > 0 || d.Address != before.Address || before.Off && !d.Off || before.State != "" ||
		d.Config["private"] != before.Config["private"] || d.Config["header_name"] != before.Config["header_name"]
	others, err := b.store.Destinations(ctx, d.Account)
	if err != nil {
		return d, false, err
	}
	for _, o := range others {
		if o.Name == d.Name && o.ID != d.ID {
			return d, false, app.Invalid(fmt.Sprintf("There is a destination %q already.", d.Name), "Choose another name, or change it with `bellhop channels edit`.")
		}
	}
	if changed {
		if p := privatePlace(ctx, d, kept); p != nil {
			return d, false, p
		}
	}
	d.State, d.Note, d.FirstError, d.LastError, d.Warned = "", "", time.Time{}, time.Time{}, time.Time{} // what was held against it is forgiven
	if d.ID == 0 {
		if d, err = b.store.AddDestination(ctx, d); err != nil {
			return d, false, err
		}
		if err := writeSecrets(ctx, b.vault, d, kept); err != nil {
			return d, false, errors.Join(err, b.store.RemoveDestination(ctx, d.ID))
		}
	} else {
		if err := writeSecrets(ctx, b.vault, d, kept); err != nil {
			return d, false, err
		}
		if err := b.store.UpdateDestination(ctx, d); err != nil {
			return d, false, err
		}
	}
	err = b.switched(ctx, d)
	if len(leaked(before)) > 0 { // its old row shall not stay in the freed room
		err = errors.Join(err, b.store.ForgetSettings(ctx, nil))
	}
	return d, changed, err
}

// give adds the secrets that were given for d to those that are kept, and sets
// its address as it may be shown.
func (b *bell) give(d *app.Destination, kept, secrets map[string]string) {
	old := kept["key"]
	for name, value := range secrets {
		if kept[name] = value; value == "" {
			delete(kept, name)
		}
	}
	switch d.Channel {
	case app.ChannelTeams:
		d.Address = hostOf(kept["url"]) // the rest of the address is a secret
	case app.ChannelWebhooks:
		if kept["key"] == "" {
			kept["key"] = webhook.NewKey() // receivers that do not verify lose nothing
		}
		until := d.Config[webhook.KeyOldUntil]
		if secrets["key"] != "" {
			kept["key"] = webhook.Rotate(old, kept["key"], until, b.o.now())
		}
		kept["key"] = webhook.Signing(kept["key"], until, b.o.now())
		d.Address = webhookAddress(d.Address, kept, secrets["url"] != "")
	case app.ChannelServices:
		d.Address = services.Name(kept["url"]) // nothing else of it may be shown
	case app.ChannelMail, app.ChannelSlack, app.ChannelAlert, app.ChannelToast:
	}
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

// destination finds a destination of any account.
func (b *bell) destination(ctx context.Context, id app.DestinationID) (app.Destination, error) {
	list, err := b.everywhere(ctx)
	if err != nil {
		return app.Destination{}, err
	}
	for _, d := range list {
		if d.ID == id {
			return d, nil
		}
	}
	return app.Destination{}, app.NewProblem("not_found", "There is no such destination.", "List them with `bellhop channels list`.", false, app.ErrNotFound)
}

// RemoveDestination forgets a destination and its secrets.
func (b *bell) RemoveDestination(ctx context.Context, id app.DestinationID) error {
	defer changing(b.vault)()
	d, err := b.destination(ctx, id)
	if err != nil {
		return err
	}
	if err := b.store.RemoveDestination(ctx, id); err != nil {
		return err
	}
	err = b.vault.Drop(ctx, d.Account, secretKeyOf(id))
	if len(leaked(d)) > 0 { // they could not be moved, and shall not stay in the freed room
		err = errors.Join(err, b.store.ForgetSettings(ctx, nil))
	}
	return err
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
		n, err := b.store.ResendDead(ctx)
		if err == nil && n == 0 {
			err = b.stopped(ctx, nil)
		}
		return n, err
	}
	n, err := b.store.Resend(ctx, ids)
	if err == nil && n == 0 && len(ids) > 0 {
		if err = b.stopped(ctx, ids); err == nil {
			err = app.NewProblem("not_found", "There is no such delivery, or it is being sent just now.", "List them with `bellhop deliveries`.", false, app.ErrNotFound)
		}
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

// cursorKey names a cursor as RecordEvents takes it.
func cursorKey(account app.AccountID, name string) string {
	return strings.Join([]string{strconv.FormatInt(int64(account), 10), name}, "/")
}
