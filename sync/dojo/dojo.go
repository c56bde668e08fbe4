// Package dojo talks to a DefectDojo server: it signs in, lists and removes
// the user's alerts and asks who the user is. It knows nothing of the rest of
// Bellhop and imports the standard library alone.
//
// DefectDojo (2.30 to 3.2) serves alerts to a browser session only; its REST
// API has none. The client therefore behaves as a browser would, in three
// points more careful: it follows no redirect (an expired session would look
// like a page), it sends a Referer but never an Origin (behind a TLS proxy
// that Django does not know of, an Origin is refused), and it never calls
// /logout, which since 2.52 ends every session of the user, nor
// /delete_alerts, which also removes alerts that nobody has seen yet.
//
// Everything else (people, access, settings, engagements, findings) is read
// from the REST API, with the same session or with a token, page by page and
// one after the other. Two answers matter to whoever asks: [ErrForbidden]
// means that a superuser has to, [ErrNotOffered] that this version does not
// have it, by which 2.x and 3.x are told apart.
package dojo

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Config says how a server is reached. Only BaseURL is needed.
type Config struct {
	// BaseURL is scheme, host and path prefix, without a trailing slash.
	BaseURL string
	// CookieName is the session cookie's name, where it is not "sessionid".
	CookieName string
	// CAFile is a PEM file of authorities trusted beside the system's.
	CAFile string
	// ClientCert and ClientKey are PEM files; an empty ClientKey means that
	// the key is in ClientCert too.
	ClientCert, ClientKey string
	// Proxy is "" for the one in the environment (HTTPS_PROXY, HTTP_PROXY,
	// NO_PROXY), "none", or the URL of an http, https, socks5 or socks5h proxy.
	Proxy string
	// Insecure accepts any certificate. Whoever sets it has to warn the user.
	Insecure bool
	// UserAgent is sent with each request; "" sends "Bellhop".
	UserAgent string
	// Now is the local clock, used for [Session.At], dates in Retry-After and
	// the skew; nil means [time.Now].
	Now func() time.Time
	// Limits bounds sizes and times; zero fields mean the defaults.
	Limits Limits
}

// Client speaks to one server as one user. Its methods may be called from
// several goroutines.
type Client struct {
	base      *url.URL
	userAgent string
	limits    Limits
	now       func() time.Time
	transport *http.Transport
	// web carries cookies and never a token; api carries the token and never a
	// cookie: with both, DefectDojo takes the cookie and asks for CSRF.
	web, api *http.Client

	mu         sync.Mutex
	cookieName string // configured name of the session cookie, may be ""
	session    Session
	token      string
	skew       time.Duration
}

// New returns a client; it makes no request. The error says which part of the
// configuration cannot be used and wraps [ErrTLS] or [ErrProxy] where a file
// or the proxy is to blame.
func New(cfg Config) (*Client, error) {
	base, err := url.Parse(strings.TrimRight(cfg.BaseURL, "/"))
	if err != nil || base.Hostname() == "" || (base.Scheme != "https" && base.Scheme != "http") || base.User != nil {
		return nil, &Error{Op: "set up", Err: fmt.Errorf("%w: the base URL needs http or https and a host", ErrUnreachable)}
	}
	base.RawQuery, base.Fragment = "", ""
	transport, err := newTransport(cfg)
	if err != nil {
		return nil, &Error{Op: "set up", Err: err}
	}
	c := &Client{
		base:       base,
		userAgent:  cfg.UserAgent,
		limits:     cfg.Limits.withDefaults(),
		now:        cfg.Now,
		transport:  transport,
		cookieName: cfg.CookieName,
	}
	if c.userAgent == "" {
		c.userAgent = "Bellhop"
	}
	if c.now == nil {
		c.now = time.Now
	}
	c.web = &http.Client{Transport: transport, CheckRedirect: stay}
	c.api = &http.Client{Transport: transport, CheckRedirect: stay}
	return c, nil
}

// Close drops idle connections. Requests under way go on; end them with their
// context.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

// Skew returns the server's clock minus ours, as the last answer's Date header
// told it, in whole seconds; 0 before the first answer.
func (c *Client) Skew() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.skew
}

// UseToken sets the API v2 token for [Client.User]; "" forgets it. A token
// gives no access to alerts.
func (c *Client) UseToken(token string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.token = strings.TrimSpace(token)
}

// stay makes an [http.Client] hand out a redirect instead of following it.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
