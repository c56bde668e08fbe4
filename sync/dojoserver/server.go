// Package dojoserver is a small DefectDojo: the part of a 2.46.0 or 3.2.0
// server that a user's alerts go through, and of its API what Bellhop reads
// and writes: people and what they may see, notification settings, webhooks,
// engagements, tests and findings. Bellhop's demo plays on it and its tests
// talk to it, so it is as strict as the real one: it redirects expired
// sessions, checks CSRF tokens, referers and origins, limits sign-ins, forces
// password changes, shows each user what that user may see and answers
// nonsense with the errors that the real server answers. It calls webhooks as
// the real one does. Everything is held in memory.
package dojoserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Options says which server to play. The zero value is a 3.2.0 with its
// default settings and without users.
type Options struct {
	Version string // "2.46.0" or "3.2.0"; "" means "3.2.0"
	Prefix  string // path prefix, such as "/dojo"; "" for none
	Users   []User
	// SingleSession ends a user's other sessions at each sign-in
	// (DD_SINGLE_USER_SESSION).
	SingleSession bool
	// RateLimit is the number of sign-ins a minute that one user name, or one
	// password, may be used for (DD_RATE_LIMITER_BLOCK, _RATE); 0 for no limit.
	RateLimit int
	// Lockout forces a password change on a user name that exceeds RateLimit
	// (DD_RATE_LIMITER_ACCOUNT_LOCKOUT).
	Lockout bool
	// MaxAlerts is what [Server.CleanUp] leaves of each user's alerts
	// (DD_MAX_ALERTS_PER_USER); 0 means 999 and -1 all.
	MaxAlerts int
	// CounterDisabled makes every count 0 (DD_DISABLE_ALERT_COUNTER).
	CounterDisabled bool
	// AllowedHosts are the host names answered to (DD_ALLOWED_HOSTS); nil for
	// any.
	AllowedHosts []string
	// SessionName and CSRFName rename the cookies; "" means Django's names.
	SessionName, CSRFName string
	// ProxyHeader believes X-Forwarded-Proto (DD_SECURE_PROXY_SSL_HEADER).
	ProxyHeader bool
	// SecureCookies marks cookies Secure (DD_SESSION_COOKIE_SECURE,
	// DD_CSRF_COOKIE_SECURE).
	SecureCookies bool
	// SSLRedirect sends http requests to https (DD_SECURE_SSL_REDIRECT).
	SSLRedirect bool
	// TokensDisabled switches API tokens off (DD_API_TOKENS_ENABLED).
	TokensDisabled bool
	// SSO names the identity provider, such as "google-oauth2", to which
	// /login leads unless it is asked for the form (2.x only).
	SSO string
	// OldLabels keeps /product instead of /asset on 3.x
	// (DD_ENABLE_V3_ORGANIZATION_ASSET_RELABEL off).
	OldLabels bool
	// SiteURL is what the server calls itself in webhooks (DD_SITE_URL); ""
	// means DefectDojo's default, http://localhost:8080.
	SiteURL string
	// Now is the clock, which the Date header shows; nil means [time.Now].
	Now func() time.Time
}

// Server is the server. It is an [http.Handler], and [Server.Start] makes it
// listen by itself. All methods may be called at any time from any goroutine.
type Server struct {
	opts      Options
	catalogue map[string]*collection // the lists of the API

	mu       sync.Mutex
	data     data
	users    map[string]*account
	nextUser int64
	nextPK   int64
	sessions map[string]*session
	hits     map[string]*hits
	pages    map[string]*Page
	hook     func(http.ResponseWriter, *http.Request) bool
	log      requestLog

	listening *http.Server
	serving   sync.WaitGroup // the goroutine that accepts
	active    int            // handlers that run
	quiet     *sync.Cond     // active may be 0
}

// New returns a server that does not listen yet.
func New(o Options) *Server {
	if o.Version == "" {
		o.Version = "3.2.0"
	}
	if o.MaxAlerts == 0 {
		o.MaxAlerts = 999
	}
	if o.SessionName == "" {
		o.SessionName = "sessionid"
	}
	if o.CSRFName == "" {
		o.CSRFName = "csrftoken"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Prefix = strings.TrimRight(o.Prefix, "/")
	s := &Server{
		opts:     o,
		users:    make(map[string]*account),
		nextPK:   1,
		sessions: make(map[string]*session),
		hits:     make(map[string]*hits),
		pages:    make(map[string]*Page),
	}
	s.quiet = sync.NewCond(&s.mu)
	s.log.changed = make(chan struct{})
	s.found()
	for _, u := range o.Users {
		s.AddUser(u)
	}
	return s
}

// found makes what a server has from the start.
func (s *Server) found() {
	if s.opts.SiteURL == "" {
		s.opts.SiteURL = "http://localhost:8080"
	}
	s.catalogue = s.catalog()
	s.data.members = make(map[string]*table[Member])
	s.data.settings = defaultSettings(s.old())
	s.addSLA(SLAConfiguration{
		Name: "Default", Critical: 7, High: 30, Medium: 90, Low: 120,
		Description: "The Default SLA Configuration. Products not using an explicit SLA Configuration will use this one.",
	})
	s.addSLA(SLAConfiguration{
		Name: "No SLA Enforced", Description: "No SLA is enforced for a product which uses this SLA configuration.",
	})
}

// old reports whether this is a 2.x server.
func (s *Server) old() bool { return strings.HasPrefix(s.opts.Version, "2.") }

// Start listens on a free port of 127.0.0.1 and returns the base URL, prefix
// included. [Server.Close] ends it.
func (s *Server) Start(ctx context.Context) (string, error) {
	var listen net.ListenConfig
	l, err := listen.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("listen for the demo server: %w", err)
	}
	server := &http.Server{
		Handler: s, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute,
		ErrorLog: log.New(io.Discard, "", 0), // broken connections are nobody's news here
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listening != nil {
		_ = l.Close()
		return "", errors.New("the demo server listens already")
	}
	s.listening = server
	s.serving.Go(func() { _ = server.Serve(l) })
	return "http://" + l.Addr().String() + s.opts.Prefix, nil
}

// Close stops listening, breaks off the requests under way and waits for
// their handlers. What the server holds stays, and it can be started again.
func (s *Server) Close() error {
	s.mu.Lock()
	server := s.listening
	s.listening = nil
	s.mu.Unlock()
	if server == nil {
		return nil
	}
	err := server.Close()
	s.serving.Wait()
	s.mu.Lock()
	for s.active > 0 {
		s.quiet.Wait()
	}
	s.mu.Unlock()
	if err != nil {
		return fmt.Errorf("close the demo server: %w", err)
	}
	return nil
}

// ServeHTTP answers one request, in the order of the real server's layers:
// host, https, session, sign-in and password change, path, CSRF, view.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	hook := s.enter(r)
	defer s.leave()
	w.Header().Set("Date", s.opts.Now().UTC().Format(http.TimeFormat))
	if hook != nil && hook(w, r) {
		return
	}
	x := &exchange{s: s, w: w, r: r}
	if !s.allowedHost(r.Host) {
		w.Header().Set("Content-Type", htmlType)
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write(x.errorPage("Bad Request"))
		return
	}
	if s.opts.SSLRedirect && !x.secure() {
		w.Header().Set("Content-Type", htmlType)
		w.Header().Set("Location", "https://"+r.Host+r.URL.RequestURI())
		w.WriteHeader(http.StatusMovedPermanently)
		return
	}
	path, ok := strings.CutPrefix(r.URL.Path, s.opts.Prefix)
	if !ok || (path != "" && path[0] != '/') {
		x.notFound()
		return
	}
	x.path = "/" + strings.TrimPrefix(path, "/")
	x.findSession()
	x.route()
}

// enter counts a request in and returns the hook that may answer it.
func (s *Server) enter(r *http.Request) func(http.ResponseWriter, *http.Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.active++
	s.log.add(r)
	return s.hook
}

func (s *Server) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.active--
	s.quiet.Broadcast()
}

func (s *Server) allowedHost(host string) bool {
	if s.opts.AllowedHosts == nil {
		return true
	}
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	for _, allowed := range s.opts.AllowedHosts {
		if allowed == "*" || strings.EqualFold(allowed, host) {
			return true
		}
	}
	return false
}
