package dojo

import (
	"net/url"
	"regexp"
	"strings"
)

// destination is where a redirect leads.
type destination int

const (
	toElsewhere destination = iota // another page
	toLogin                        // DefectDojo's own sign-in form
	toPasswordChange
	toSSO   // an identity provider, or the way there
	toHTTPS // the same page by https
)

// ssoPattern finds the ways to identity providers: those of DefectDojo 2.x
// ("/login/<backend>/", "/saml2/login", "/complete/<backend>/") and those of
// proxies that sign users in.
var ssoPattern = regexp.MustCompile(`(?i)/login/[^/]|/complete/|saml|oauth|oidc|openid|/authorize|/adfs/|/sso\b|/cdn-cgi/access|client_id=|samlrequest=|response_type=`)

// classify says where location leads, seen from the request to from on the
// server at base. Django's own redirects are relative; the login path may or
// may not carry the base's prefix (it is a setting of its own).
func classify(base, from *url.URL, location string) destination {
	u, err := url.Parse(location)
	if err != nil || location == "" {
		return toElsewhere
	}
	target := from.ResolveReference(u)
	if !strings.EqualFold(target.Hostname(), base.Hostname()) {
		if ssoPattern.MatchString(location) || strings.Contains(strings.ToLower(target.Path), "/login") || strings.Contains(strings.ToLower(target.Path), "/signin") {
			return toSSO
		}
		return toElsewhere
	}
	path := strings.TrimSuffix(target.Path, "/")
	short := strings.TrimPrefix(path, base.Path)
	switch {
	case from.Scheme == "http" && target.Scheme == "https" && strings.TrimSuffix(from.Path, "/") == path:
		return toHTTPS // first: the login page itself is redirected like this too
	case path == "/login" || short == "/login":
		return toLogin
	case path == "/change_password" || short == "/change_password":
		return toPasswordChange
	case ssoPattern.MatchString(target.Path) || ssoPattern.MatchString("?"+target.RawQuery):
		return toSSO
	case strings.Contains(strings.ToLower(path), "login") && target.Query().Has("next"):
		return toLogin // DD_LOGIN_URL was changed
	}
	return toElsewhere
}

// shown returns a redirect's target as an error may quote it: without user,
// query and fragment.
func shown(from *url.URL, location string) string {
	u, err := url.Parse(location)
	if err != nil {
		return "an address that cannot be read"
	}
	target := from.ResolveReference(u)
	path := target.EscapedPath()
	if len(path) > 100 {
		path = path[:100] + "…"
	}
	return target.Scheme + "://" + target.Host + path
}
