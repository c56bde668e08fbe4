package intake

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"

	"bellhop/app"
)

const (
	minSecret = 16  // characters; shorter ones can be guessed
	maxSecret = 100 // characters; DefectDojo's limit of a header's value
)

// NewSecret makes a secret of 130 random bits for a webhook's header.
func NewSecret() string { return rand.Text() }

// CheckSecret says what is wrong with a secret, as an [app.Problem] that does
// not repeat it.
func CheckSecret(secret string) error {
	if len(secret) < minSecret || len(secret) > maxSecret || secret != strings.TrimSpace(secret) ||
		strings.ContainsFunc(secret, func(r rune) bool { return r < ' ' || r > '~' }) {
		return app.Invalid("This secret cannot be used.", "It has 16 to 100 plain letters, digits and signs; let `bellhop intake` make one.")
	}
	return nil
}

// guard knows the secret by its hash alone.
type guard struct {
	header string
	sum    [sha256.Size]byte
}

// passes compares in a time that depends neither on what was sent nor on
// whether it was.
func (g *guard) passes(h http.Header) bool {
	sent := ""
	values := h.Values(g.header)
	if len(values) == 1 {
		sent = values[0]
	}
	sum := sha256.Sum256([]byte(sent))
	return subtle.ConstantTimeCompare(sum[:], g.sum[:]) == 1
}
