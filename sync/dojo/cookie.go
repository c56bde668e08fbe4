package dojo

import (
	"crypto/rand"
	"net/http"
	"regexp"
	"strings"
)

// Django's names for its cookies; an installation may rename the first two.
const (
	defaultSession  = "sessionid"
	defaultCSRF     = "csrftoken"
	messagesCookie  = "messages"
	csrfTokenLength = 32
)

// secretPattern is the shape of both of Django's secrets: 32 letters and
// digits, or 64 for a masked CSRF token.
var secretPattern = regexp.MustCompile(`^(?:[0-9A-Za-z]{32}|[0-9A-Za-z]{64})$`)

// cookies returns the cookies that an answer sets, without those it deletes
// and without the one-off messages.
func cookies(h http.Header) []*http.Cookie {
	var out []*http.Cookie
	for _, line := range h["Set-Cookie"] {
		cookie, err := http.ParseSetCookie(line)
		if err != nil || cookie.Value == "" || cookie.MaxAge < 0 || cookie.Name == messagesCookie || !sendable(cookie.Value) {
			continue
		}
		out = append(out, cookie)
	}
	return out
}

// csrfCookie picks the CSRF cookie from those of a page with a form: the one
// that is already known by name, the usual one, or the only one that looks
// like one and is not the session.
func csrfCookie(set []*http.Cookie, known, session string) *http.Cookie {
	for _, name := range []string{known, defaultCSRF, "__Host-" + defaultCSRF, "__Secure-" + defaultCSRF} {
		for _, c := range set {
			if name != "" && c.Name == name {
				return c
			}
		}
	}
	for _, c := range set {
		if c.Name != session && c.Name != defaultSession && secretPattern.MatchString(c.Value) {
			return c
		}
	}
	return nil
}

// sessionCookie picks the session cookie from those that came with a
// successful sign-in: the configured one, the usual one, or one that is new
// there, where what looks like Django's goes before a load balancer's.
func sessionCookie(set, before []*http.Cookie, configured, csrf string) *http.Cookie {
	for _, name := range []string{configured, defaultSession} {
		for _, c := range set {
			if name != "" && c.Name == name {
				return c
			}
		}
	}
	seen := map[string]bool{csrf: true}
	for _, c := range before {
		seen[c.Name] = true
	}
	var rest []*http.Cookie
	for _, c := range set {
		if !seen[c.Name] {
			rest = append(rest, c)
		}
	}
	for _, c := range rest {
		if secretPattern.MatchString(c.Value) {
			return c
		}
	}
	for _, c := range rest {
		if c.HttpOnly {
			return c
		}
	}
	return nil
}

// mintCSRF makes a CSRF secret. Django accepts any pair of equal values in
// cookie and header; what makes the check worth something is that a foreign
// page cannot read the cookie.
func mintCSRF() string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	random := make([]byte, csrfTokenLength)
	_, _ = rand.Read(random) // never fails, see crypto/rand
	for i, b := range random {
		random[i] = letters[int(b)%len(letters)]
	}
	return string(random)
}

// sendable reports whether a value may stand in a Cookie header as it is.
func sendable(value string) bool {
	return value != "" && !strings.ContainsFunc(value, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || r == '"' || r == ',' || r == ';' || r == '\\'
	})
}

// tokenName reports whether a cookie's name is one by RFC 6265.
func tokenName(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`()<>@,;:\"/[]?={}`, r)
	})
}
