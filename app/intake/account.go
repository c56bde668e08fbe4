package intake

import (
	"net/url"
	"slices"
	"strings"

	"bellhop/app"
)

// match returns the account to which a call belongs; the package comment says
// by which rules. The accounts are the servers', without this machine's own.
func match(accounts []app.Account, w *Webhook) (app.Account, error) {
	accounts = slices.DeleteFunc(slices.Clone(accounts), app.Account.Local)
	slices.SortFunc(accounts, func(a, b app.Account) int { return int(a.ID - b.ID) })
	var found []app.Account
	if host, path, ok := splitBase(w.Instance); ok {
		found = within(accounts, host, path, func(base, path string) bool { return base == path })
		if len(found) == 0 {
			found = within(accounts, host, w.Call.URL, under)
		}
	}
	if host, _, ok := splitBase(w.Instance); ok && len(found) == 0 {
		found = onlyBase(accounts, host)
	}
	for _, host := range w.link.hosts {
		if len(found) == 0 {
			found = within(accounts, bareHost(host), w.link.path, under)
		}
	}
	switch {
	case len(found) > 0:
		return ownedBy(found, w.Owner), nil
	case len(accounts) == 1:
		return accounts[0], nil
	case len(accounts) == 0:
		return app.Account{}, app.NewProblem("no_account", "This bell has no account on a DefectDojo server.",
			"Connect one with `bellhop connect`.", true, app.ErrNotFound)
	}
	return app.Account{}, app.NewProblem("unknown_instance",
		"The call comes from a DefectDojo that none of this bell's accounts is on.",
		"Set DD_SITE_URL there to the address of the account, or connect an account on it.", true, app.ErrNotFound)
}

// within returns the accounts on a host whose path prefix fits; of several
// prefixes the longest.
func within(accounts []app.Account, host, path string, fits func(base, path string) bool) []app.Account {
	var found []app.Account
	longest := -1
	for _, a := range accounts {
		h, base, ok := splitBase(a.URL)
		if !ok || h != host || !fits(base, path) || len(base) < longest {
			continue
		}
		if len(base) > longest {
			found, longest = nil, len(base)
		}
		found = append(found, a)
	}
	return found
}

// onlyBase returns the accounts on a host, if they are all on one server: the
// host tells nothing where several servers share it under different prefixes.
func onlyBase(accounts []app.Account, host string) []app.Account {
	var found []app.Account
	for _, a := range accounts {
		if h, _, ok := splitBase(a.URL); !ok || h != host {
			continue
		}
		if len(found) > 0 && found[0].URL != a.URL {
			return nil
		}
		found = append(found, a)
	}
	return found
}

// under says whether a path is below an account's path prefix.
func under(base, path string) bool {
	return base == "" || path == base || strings.HasPrefix(path, base+"/")
}

// ownedBy returns the account that the owner of the endpoint signed in with,
// or the first.
func ownedBy(accounts []app.Account, owner string) app.Account {
	for _, a := range accounts {
		if owner != "" && a.Username == owner {
			return a
		}
	}
	return accounts[0]
}

// splitBase takes a server's address apart into its host, with a port where it
// is not the scheme's own, and its path prefix. The scheme does not count: a
// server behind a proxy often believes in the other one.
func splitBase(address string) (host, path string, ok bool) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Host == "" {
		return "", "", false
	}
	return bareHost(u.Host), strings.TrimRight(u.EscapedPath(), "/"), true
}

func bareHost(host string) string {
	host = strings.ToLower(host)
	return strings.TrimSuffix(strings.TrimSuffix(host, ":80"), ":443")
}
