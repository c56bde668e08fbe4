package program

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"bellhop/app"
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

// codeReadable names the notice that secrets can be read in the database.
const codeReadable = "secrets_in_database"

// hideSecrets brings secrets that an earlier Bellhop took among the settings of
// destinations to where secrets are kept, and wipes them out of the database. A
// keyring that cannot be asked leaves everything as it is until the next start.
func (b *bell) hideSecrets(ctx context.Context) {
	hidden, err := b.hideAll(ctx)
	if err == nil {
		if len(hidden) > 0 {
			b.log.WarnContext(ctx, "secrets were moved from the database to the keyring", "destinations", len(hidden))
		}
		return
	}
	if ctx.Err() != nil {
		return
	}
	b.log.WarnContext(ctx, "secrets of destinations stand in the database", "error", err)
	b.notices.put(app.NewProblem(codeReadable, "Secrets of a destination can be read in the database: they could not be moved to the keyring.",
		"Unlock the keyring, then end Bellhop with `bellhop quit` and start it again; `bellhop doctor` looks for a cause.", true, nil))
}

// hideAll returns the destinations whose secrets it moved.
func (b *bell) hideAll(ctx context.Context) (map[app.DestinationID][]string, error) {
	defer changing(b.vault)()
	list, err := b.everywhere(ctx)
	if err != nil {
		return nil, err
	}
	hidden := make(map[app.DestinationID][]string)
	for _, d := range list {
		names := leaked(d)
		if len(names) == 0 {
			continue
		}
		secrets, err := readSecrets(ctx, b.vault, d)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if secrets[name] == "" { // else that one is in use
				secrets[name] = d.Config[name]
			}
		}
		if err := writeSecrets(ctx, b.vault, d, secrets); err != nil {
			return nil, err
		}
		hidden[d.ID] = names
	}
	if len(hidden) == 0 {
		return hidden, nil
	}
	return hidden, b.store.ForgetSettings(ctx, hidden)
}
