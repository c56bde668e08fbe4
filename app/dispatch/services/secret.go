package services

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// shortest is the length from which on a part of an address is a secret of its
// own; what is shorter ("up", "v1") would make answers unreadable and opens
// nothing.
const shortest = 5

// secretParts returns what would open an address, by names that mean nothing:
// shoutrrr has tokens at every place, the host among them.
func secretParts(address string) map[string]string {
	parts := map[string]string{"address": address}
	add := func(s string) {
		if len(s) >= shortest {
			parts["part "+strconv.Itoa(len(parts))] = s
		}
	}
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		return parts
	}
	user, host := u.User.Username(), strings.ToLower(u.Hostname())
	if password, ok := u.User.Password(); ok {
		add(user + ":" + password) // as Basic has it, and Telegram
		add(password)
	}
	add(user)
	if !strings.Contains(host, ".") && host != "localhost" && host != "telegram" && host != "join" {
		add(u.Hostname()) // a token
		add(u.Host)
	}
	for _, path := range []string{u.Path, u.RawPath, u.Opaque} {
		for segment := range strings.SplitSeq(path, "/") {
			add(segment)
		}
	}
	for _, values := range u.Query() {
		for _, v := range values {
			for one := range strings.SplitSeq(v, ",") {
				add(one)
			}
			add(v)
		}
	}
	add(u.Fragment)
	return parts
}

// sentParts adds what a request carries of secrets: its address and the headers
// by which services sign in.
func sentParts(parts map[string]string, req *http.Request) {
	add := func(s string) {
		if len(s) >= shortest {
			parts["part "+strconv.Itoa(len(parts))] = s
		}
	}
	add(req.URL.String())
	for _, values := range req.URL.Query() {
		for _, v := range values {
			add(v)
		}
	}
	for _, name := range []string{"Authorization", "X-Gotify-Key", "Access-Token"} {
		value := req.Header.Get(name)
		add(value)
		if _, token, ok := strings.Cut(value, " "); ok {
			add(token)
		}
	}
}
