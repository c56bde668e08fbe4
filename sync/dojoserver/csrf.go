package dojoserver

import (
	"net/http"
	"net/url"
	"strings"
)

// csrfAlphabet is the one Django draws its secrets from; masking counts in it.
const csrfAlphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

const csrfLength = 32

// csrfFault says why a request fails Django's CSRF check, "" where it passes.
// The texts are those that the API quotes.
func (x *exchange) csrfFault() string {
	switch x.r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return ""
	}
	scheme := "http"
	if x.secure() {
		scheme = "https"
	}
	if origin := x.r.Header.Get("Origin"); origin != "" {
		if origin != scheme+"://"+x.r.Host {
			return "Origin checking failed - " + origin + " does not match any trusted origins."
		}
	} else if x.secure() {
		if fault := refererFault(x.r.Header.Get("Referer"), x.r.Host); fault != "" {
			return fault
		}
	}
	cookie, err := x.r.Cookie(x.s.opts.CSRFName)
	if err != nil {
		return "CSRF cookie not set."
	}
	secret, ok := unmask(cookie.Value)
	if !ok {
		return "CSRF cookie has incorrect length."
	}
	token := ""
	if x.r.Method == http.MethodPost {
		token = x.parseForm().field("csrfmiddlewaretoken")
	}
	if token == "" {
		token = x.r.Header.Get("X-CSRFToken")
	}
	if token == "" {
		return "CSRF token missing."
	}
	given, ok := unmask(token)
	switch {
	case !ok:
		return "CSRF token has incorrect length."
	case given != secret:
		return "CSRF token incorrect."
	}
	return ""
}

// refererFault applies Django's rule for https: a referer on the same host, by
// https.
func refererFault(referer, host string) string {
	if referer == "" {
		return "Referer checking failed - no Referer."
	}
	u, err := url.Parse(referer)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return "Referer checking failed - Referer is malformed."
	}
	if u.Scheme != "https" {
		return "Referer checking failed - Referer is insecure while host is secure."
	}
	if !strings.EqualFold(u.Host, host) {
		return "Referer checking failed - " + referer + " does not match any trusted origins."
	}
	return ""
}

// unmask returns the secret in a token: the token itself, or, in the 64
// letters a form carries, what its second half hides behind the first.
func unmask(token string) (string, bool) {
	for i := range len(token) {
		if strings.IndexByte(csrfAlphabet, token[i]) < 0 {
			return "", false
		}
	}
	switch len(token) {
	case csrfLength:
		return token, true
	case 2 * csrfLength:
		secret := make([]byte, csrfLength)
		for i := range secret {
			key := strings.IndexByte(csrfAlphabet, token[i])
			hidden := strings.IndexByte(csrfAlphabet, token[csrfLength+i])
			secret[i] = csrfAlphabet[(hidden-key+len(csrfAlphabet))%len(csrfAlphabet)]
		}
		return string(secret), true
	default:
		return "", false
	}
}

// mask hides a secret behind a fresh key, for a form.
func mask(secret string) string {
	key := randomText(csrfAlphabet, csrfLength)
	out := []byte(key)
	for i := range len(secret) {
		sum := strings.IndexByte(csrfAlphabet, secret[i]) + strings.IndexByte(csrfAlphabet, key[i])
		out = append(out, csrfAlphabet[sum%len(csrfAlphabet)])
	}
	return string(out)
}

// formToken makes sure that the answer sets the CSRF cookie, keeping the
// browser's secret where it has one, and returns the value for the form.
func (x *exchange) formToken() string {
	if x.csrf == "" {
		x.csrf = randomText(csrfAlphabet, csrfLength)
		if cookie, err := x.r.Cookie(x.s.opts.CSRFName); err == nil {
			if secret, ok := unmask(cookie.Value); ok {
				x.csrf = secret
			}
		}
	}
	return mask(x.csrf)
}
