package app

import (
	"net/url"
	"strings"
	"time"
)

// AccountID names an account in this database. Zero means "all accounts".
type AccountID int64

// SignIn is the way an account proves who it is.
type SignIn string

// The ways to sign in.
const (
	// SignInPassword is a user name and a password; it can renew itself.
	SignInPassword SignIn = "password"
	// SignInSession is a session cookie pasted from a browser.
	SignInSession SignIn = "session"
	// SignInToken is an API v2 token. DefectDojo keeps its list of alerts from a
	// token; what happens is derived from the server's objects instead.
	SignInToken SignIn = "token"
)

// Account is one user on one DefectDojo server. Secrets are not part of it:
// they are kept under [Account.ID] in the keyring.
type Account struct {
	ID       AccountID `json:"id"`
	URL      string    `json:"url"` // base URL without a trailing slash, path prefix included
	Username string    `json:"username"`
	// UserID is the server's id of the user, 0 until the first pull told it.
	UserID     int64     `json:"user_id"`
	SignIn     SignIn    `json:"sign_in"`
	CookieName string    `json:"cookie_name"` // the session cookie's name, usually "sessionid"
	CAFile     string    `json:"ca_file,omitempty"`
	ClientCert string    `json:"client_cert,omitempty"`
	ClientKey  string    `json:"client_key,omitempty"`
	Proxy      string    `json:"proxy,omitempty"` // "" = the system's, "none", or a URL without credentials
	Insecure   bool      `json:"insecure,omitempty"`
	Demo       bool      `json:"demo,omitempty"`
	Server     string    `json:"server,omitempty"` // the server's version where it could be told
	Created    time.Time `json:"created"`
}

// LocalURL is the address of the account that stands for this machine alone:
// it has no server, and its alerts come from local events.
const LocalURL = "local:"

// Local says whether a is this machine's own account.
func (a Account) Local() bool { return a.URL == LocalURL }

// Servers returns the accounts that have a server.
func Servers(list []Account) []Account {
	var out []Account
	for _, a := range list {
		if !a.Local() {
			out = append(out, a)
		}
	}
	return out
}

// Name returns "user · host", as windows and the tray show an account.
func (a Account) Name() string {
	if a.Local() {
		return a.Host()
	}
	if a.Username == "" {
		return a.Host()
	}
	return a.Username + " · " + a.Host()
}

// Host returns the server's host and path prefix without the scheme.
func (a Account) Host() string {
	if a.Local() {
		return "This computer"
	}
	_, rest, ok := strings.Cut(a.URL, "://")
	if !ok {
		return a.URL
	}
	return rest
}

// BaseURL returns what the user typed as an account's base URL: https is
// assumed where no scheme was given, a trailing slash, a query, a fragment and
// the known pages of DefectDojo ("/login", "/dashboard", "/alerts") are cut.
// The error is a [Problem] that matches [ErrInvalid].
func BaseURL(typed string) (string, error) {
	s := strings.TrimSpace(typed)
	if s == "" {
		return "", Invalid("No server address was given.", "Type the address of your DefectDojo, for example https://dojo.example.com.")
	}
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || strings.ContainsAny(u.Host, " \t\\<>") {
		return "", Invalid("This is not a server address.", "Type it as in the browser, for example https://dojo.example.com.")
	}
	if u.Scheme != "https" && u.Scheme != "http" {
		return "", Invalid("Only http and https addresses can be used.", "Type it as in the browser, for example https://dojo.example.com.")
	}
	if u.User != nil {
		return "", Invalid("The address carries a user name or password.", "Leave them out of the address; Bellhop asks for them separately.")
	}
	return u.Scheme + "://" + strings.ToLower(u.Host) + cutPages(u.EscapedPath()), nil
}

// cutPages cuts the names of DefectDojo's own pages and slashes off the end of
// a path, so that an address copied from the browser works.
func cutPages(path string) string {
	for {
		cut := strings.TrimRight(path, "/")
		for _, page := range []string{"/login", "/dashboard", "/alerts", "/api/v2"} {
			cut = strings.TrimSuffix(cut, page)
		}
		if cut == path {
			return cut
		}
		path = cut
	}
}

// Phase is how an account's synchronisation stands.
type Phase string

// The phases of an account.
const (
	PhaseNew      Phase = "new"       // never synchronised yet
	PhaseOK       Phase = "ok"        // the last attempt succeeded
	PhaseOffline  Phase = "offline"   // the server cannot be reached or answers nonsense; Bellhop keeps trying
	PhaseNeedsYou Phase = "needs_you" // nothing happens until the user acts
)

// SyncState is what is known of an account's last and next synchronisation.
// It is stored, so that a restart knows what the last run knew.
type SyncState struct {
	Account  AccountID `json:"account"`
	Phase    Phase     `json:"phase"`
	Since    time.Time `json:"since"`     // when the phase began
	LastSync time.Time `json:"last_sync"` // last success, zero for never
	LastFull time.Time `json:"last_full"` // last complete list, zero for never
	NextSync time.Time `json:"next_sync"`
	Failures int       `json:"failures"` // attempts failed in a row
	Problem  *Problem  `json:"problem,omitempty"`
	// Skew is the server's clock minus ours, rounded to seconds.
	Skew time.Duration `json:"skew"`
}
