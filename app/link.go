package app

import (
	"net/url"
	"strings"
)

// Link resolves an alert's URL against the account's base URL. DefectDojo sends
// a path that already contains a path prefix, an absolute URL that was built
// from the acting user's own request, or nothing (then the alerts page is
// meant). The result is http or https, never anything else; foreign is true
// where it leads to a host other than the account's, which has to be asked
// first. A link that cannot be opened safely is an error that matches
// [ErrInvalid].
func Link(base, link string) (target string, foreign bool, err error) {
	b, err := url.Parse(base)
	if err != nil || b.Host == "" || (b.Scheme != "https" && b.Scheme != "http") {
		return "", false, Invalid("The account has no usable address.", "Connect it again.")
	}
	link = strings.TrimSpace(link)
	if link == "" {
		return strings.TrimRight(base, "/") + "/alerts", false, nil
	}
	bad := Invalid("This alert's link cannot be opened safely.", "Look the object up in DefectDojo.")
	if strings.ContainsFunc(link, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\\' }) {
		return "", false, bad
	}
	u, err := url.Parse(link)
	if err != nil || u.User != nil {
		return "", false, bad
	}
	if u.Scheme == "" && u.Host == "" {
		if !strings.HasPrefix(u.Path, "/") {
			u.Path = "/" + u.Path
		}
		prefix := strings.TrimRight(b.Path, "/")
		if prefix != "" && u.Path != prefix && !strings.HasPrefix(u.Path, prefix+"/") {
			u.Path = prefix + u.Path
		}
		u.Scheme, u.Host = b.Scheme, b.Host
		return u.String(), false, nil
	}
	if u.Scheme == "" {
		u.Scheme = b.Scheme
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" {
		return "", false, bad
	}
	if strings.EqualFold(u.Hostname(), b.Hostname()) {
		return u.String(), false, nil
	}
	return u.String(), true, nil
}
