package dojo

import (
	"crypto/rand"
	"regexp"
	"strings"
)

// csrfAlphabet is what Django's CSRF secrets are made of, in the order in
// which masking counts.
const csrfAlphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

const csrfLength = 32

// formToken finds the hidden field of a form.
var formToken = regexp.MustCompile(`name=["']?csrfmiddlewaretoken["']?\s+value=["']?([0-9A-Za-z]{64}|[0-9A-Za-z]{32})\b`)

// mintCSRF makes a CSRF secret. Django accepts any pair of equal values in
// cookie and header; what makes the check worth something is that a foreign
// page cannot read the cookie.
func mintCSRF() string {
	random := make([]byte, csrfLength)
	_, _ = rand.Read(random) // never fails, see crypto/rand
	for i, b := range random {
		random[i] = csrfAlphabet[int(b)%len(csrfAlphabet)]
	}
	return string(random)
}

// formSecret returns the secret behind the token of the first form on a page,
// "" where there is none.
func formSecret(page []byte) string {
	found := formToken.FindSubmatch(page)
	if found == nil {
		return ""
	}
	return unmask(string(found[1]))
}

// unmask returns the secret in a token: of 64 letters the second half is the
// secret, shifted by the first; 32 letters are the secret itself. Anything else
// gives "".
func unmask(token string) string {
	if !secretPattern.MatchString(token) {
		return ""
	}
	if len(token) == csrfLength {
		return token
	}
	secret := make([]byte, csrfLength)
	for i := range secret {
		key := strings.IndexByte(csrfAlphabet, token[i])
		shifted := strings.IndexByte(csrfAlphabet, token[csrfLength+i])
		secret[i] = csrfAlphabet[(shifted-key+len(csrfAlphabet))%len(csrfAlphabet)]
	}
	return string(secret)
}
