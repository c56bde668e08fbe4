package webhook

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// The bounds of a key in bytes, by Standard Webhooks 1.0.0.
const (
	minKey = 24
	maxKey = 64
)

const keyPrefix = "whsec_"

// NewKey returns a new signing key of 32 random bytes, as it is given to the
// receiver.
func NewKey() string {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	return keyPrefix + base64.StdEncoding.EncodeToString(key)
}

var errKey = errors.New("a signing key is no base64 of 24 to 64 bytes")

// keys reads signing keys that are separated by blanks.
func keys(list string) ([]*standardwebhooks.Webhook, error) {
	var signers []*standardwebhooks.Webhook
	for key := range strings.FieldsSeq(list) {
		raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(key, keyPrefix))
		if err != nil || len(raw) < minKey || len(raw) > maxKey {
			return nil, errKey
		}
		signer, err := standardwebhooks.NewWebhookRaw(raw)
		if err != nil {
			return nil, errKey
		}
		signers = append(signers, signer)
	}
	return signers, nil
}

// sign returns the header webhook-signature: one signature for each key, so
// that a receiver may know the old one or the new one while they change. It is
// "" without a key.
func sign(signers []*standardwebhooks.Webhook, id string, at time.Time, body []byte) (string, error) {
	signatures := make([]string, len(signers))
	for i, s := range signers {
		var err error
		if signatures[i], err = s.Sign(id, at, body); err != nil {
			return "", errKey
		}
	}
	return strings.Join(signatures, " "), nil
}
