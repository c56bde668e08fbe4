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
