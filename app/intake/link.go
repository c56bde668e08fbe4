package intake

import (
	"net/url"
	"strings"
)

// place is a link taken apart: where the server believes to be, and the page.
type place struct {
	hosts []string // host, or host:port, in lower case; two where two addresses were glued together
	path  string   // begins with one slash, with query and fragment; "" = no page
}

// splitLink takes a link of a webhook apart. The server puts DD_SITE_URL before
// every link, also before one that is an address already
// ("http://localhost:8080https://dojo.example.com/finding/1"), and before the
// word None. A link of another scheme, or one that no browser should be given,
// has no page.
func splitLink(link string) place {
	link = strings.TrimSpace(link)
	if len(link) > maxLink || strings.ContainsFunc(link, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\\' }) {
		return place{}
	}
	var p place
	for {
		rest, ok := cutScheme(link)
		if !ok {
			break
		}
		if next := glued(rest); next >= 0 {
			// The first address ends where the next begins: its prefix goes with it.
			host, _, _ := strings.Cut(rest[:next], "/")
			p.addHost(host)
			link = rest[next:]
			continue
		}
		end := strings.IndexAny(rest, "/?#")
		if end < 0 {
			end = len(rest)
		}
		host := rest[:end]
		if end == len(rest) {
			host = strings.TrimSuffix(host, "None")
		}
		p.addHost(host)
		link = rest[end:]
		break
	}
	p.path = cleanPath(link)
	return p
}

func (p *place) addHost(host string) {
	if host != "" && !strings.ContainsAny(host, "@ <>\"") {
		p.hosts = append(p.hosts, strings.ToLower(host))
	}
}

// glued returns where a second address begins in front of any query, -1 where
// none does.
func glued(rest string) int {
	before := rest
	if i := strings.IndexAny(rest, "?#"); i >= 0 {
		before = rest[:i]
	}
	lower := strings.ToLower(before)
	a, b := strings.Index(lower, "http://"), strings.Index(lower, "https://")
	if a < 0 || (b >= 0 && b < a) {
		return b
	}
	return a
}

func cutScheme(link string) (rest string, ok bool) {
	for _, scheme := range []string{"http://", "https://"} {
		if len(link) >= len(scheme) && strings.EqualFold(link[:len(scheme)], scheme) {
			return link[len(scheme):], true
		}
	}
	return link, false
}

// cleanPath returns a path with exactly one leading slash, or "" where there is
// no page: two slashes would lead to another host.
func cleanPath(path string) string {
	switch strings.Trim(path, "/") {
	case "", "None", "null":
		return ""
	}
	u, err := url.Parse(path)
	if err != nil || u.Scheme != "" || u.User != nil {
		return ""
	}
	if strings.HasPrefix(path, "?") || strings.HasPrefix(path, "#") {
		return ""
	}
	if u.Host != "" && !strings.HasPrefix(path, "//") {
		return ""
	}
	return "/" + strings.TrimLeft(path, "/")
}
