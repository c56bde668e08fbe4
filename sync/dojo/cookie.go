package dojo

import (
	"net/http"
	"regexp"
	"strings"
)

// Django's names for its cookies; an installation may rename the first two.
const (
	defaultSession = "sessionid"
	defaultCSRF    = "csrftoken"
	messagesCookie = "messages"
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

// csrfCookie picks the CSRF cookie among those that an answer sets: the one
// with the secret of the form on the page (which may be empty), else the one
// with the usual name or with the name it had before. Other cookies may look
// like it, a load balancer's for example, and are never guessed at.
func csrfCookie(set []*http.Cookie, known string, page []byte) *http.Cookie {
	if secret := formSecret(page); secret != "" {
		for _, c := range set {
			if unmask(c.Value) == secret {
				return c
			}
		}
	}
	for _, name := range []string{defaultCSRF, "__Host-" + defaultCSRF, "__Secure-" + defaultCSRF, known} {
		for _, c := range set {
			if name != "" && c.Name == name {
				return c
			}
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
