package dojo_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"bellhop/sync/dojo"
	"bellhop/sync/dojoserver"
)

func TestRenamedCookiesAreFound(t *testing.T) {
	s, c := serve(t, dojoserver.Options{SessionName: "DOJO_SID", CSRFName: "XSRF"})
	pk := s.AddAlert("ana", dojoserver.Alert{Title: "one"})
	session := signIn(t, c)
	if session.Name != "DOJO_SID" || session.CSRFName != "XSRF" {
		t.Fatalf("the cookies are called %q and %q", session.Name, session.CSRFName)
	}
	// A restart: the session comes back from where it was kept.
	c.UseSession(dojo.Session{})
	if _, err := c.Count(t.Context()); !errors.Is(err, dojo.ErrSessionExpired) {
		t.Errorf("without a session: %v", err)
	}
	c.UseSession(session)
	if err := c.Remove(t.Context(), []int64{pk}); err != nil || len(s.Alerts("ana")) != 0 {
		t.Errorf("Remove: %v, left %v", err, s.Alerts("ana"))
	}
}

func TestAPastedSessionGetsItsOwnCSRFPair(t *testing.T) {
	s, c := serve(t, dojoserver.Options{})
	pk := s.AddAlert("ana", dojoserver.Alert{Title: "one"})
	pasted, err := dojo.ParseSession(" sessionid="+s.SignIn("ana")+"; theme=dark ", "")
	if err != nil {
		t.Fatal(err)
	}
	c.UseSession(pasted)
	if err := c.Remove(t.Context(), []int64{pk}); err != nil || len(s.Alerts("ana")) != 0 {
		t.Errorf("Remove: %v, left %v", err, s.Alerts("ana"))
	}
	if got := s.Requests(); !slices.Equal(got, []string{"POST /alerts"}) {
		t.Errorf("it took %q", got)
	}
}

func TestACSRFRefusalIsAnsweredByAFreshTokenOnce(t *testing.T) {
	// The server calls the cookie by a name that a pasted session does not tell.
	s, c := serve(t, dojoserver.Options{CSRFName: "XSRF"})
	pk := s.AddAlert("ana", dojoserver.Alert{Title: "one"})
	c.UseSession(dojo.Session{ID: s.SignIn("ana")})
	if err := c.Remove(t.Context(), []int64{pk}); err != nil || len(s.Alerts("ana")) != 0 {
		t.Errorf("Remove: %v, left %v", err, s.Alerts("ana"))
	}
	if want := []string{"POST /alerts", "GET /alerts", "POST /alerts"}; !slices.Equal(s.Requests(), want) {
		t.Errorf("requests are %q, want %q", s.Requests(), want)
	}
	s.ForgetRequests()
	s.Break(dojoserver.Only(http.MethodPost, "/alerts", dojoserver.Answer(http.StatusForbidden, "text/html", "<h1>CSRF</h1>")))
	if err := c.Remove(t.Context(), []int64{pk}); !errors.Is(err, dojo.ErrCSRF) {
		t.Errorf("a lasting refusal: %v", err)
	}
	if n := len(s.Requests()); n != 3 {
		t.Errorf("a lasting refusal took %d requests: %q", n, s.Requests())
	}
}

func TestACSRFRefusalOfTheSignInIsRepeatedOnce(t *testing.T) {
	s, c := serve(t, dojoserver.Options{})
	refusals := 1
	s.Break(dojoserver.Only(http.MethodPost, "/login", func(w http.ResponseWriter, r *http.Request) bool {
		if refusals == 0 {
			return false
		}
		refusals--
		return dojoserver.Answer(http.StatusForbidden, "text/html", "<h1>CSRF</h1>")(w, r)
	}))
	signIn(t, c)
	if n := len(s.Requests()); n != 4 {
		t.Errorf("it took %q", s.Requests())
	}
}

func TestSignInsThatAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		options dojoserver.Options
		before  func(*testing.T, *dojoserver.Server, *dojo.Client)
		want    error
	}{
		"rate limited, 3.2.0":  {dojoserver.Options{RateLimit: 1}, wrongOnce, dojo.ErrRateLimited},
		"rate limited, 2.46.0": {dojoserver.Options{Version: "2.46.0", RateLimit: 1}, wrongOnce, dojo.ErrRateLimited},
		"inactive":             {dojoserver.Options{}, func(_ *testing.T, s *dojoserver.Server, _ *dojo.Client) { s.SetActive("ana", false) }, dojo.ErrPasswordRefused},
		"host":                 {dojoserver.Options{AllowedHosts: []string{"dojo.example.com"}}, nil, dojo.ErrHostRefused},
		"https":                {dojoserver.Options{SSLRedirect: true}, nil, dojo.ErrRedirect},
		"down":                 {dojoserver.Options{}, func(_ *testing.T, s *dojoserver.Server, _ *dojo.Client) { s.Break(dojoserver.Down(0)) }, dojo.ErrServer},
		"down in between": {dojoserver.Options{}, func(_ *testing.T, s *dojoserver.Server, _ *dojo.Client) {
			s.Break(dojoserver.Only(http.MethodPost, "/login", dojoserver.Down(0)))
		}, dojo.ErrServer},
		"a page in between": {dojoserver.Options{}, func(_ *testing.T, s *dojoserver.Server, _ *dojo.Client) {
			s.Break(dojoserver.Only(http.MethodPost, "/login", dojoserver.Answer(200, "text/html", "<html>captive</html>")))
		}, dojo.ErrNotDojo},
		"forbidden in between": {dojoserver.Options{}, func(_ *testing.T, s *dojoserver.Server, _ *dojo.Client) {
			s.Break(dojoserver.Only(http.MethodPost, "/login", dojoserver.Answer(403, jsonType, "{}")))
		}, dojo.ErrForbidden},
		"no cookie": {dojoserver.Options{}, func(_ *testing.T, s *dojoserver.Server, _ *dojo.Client) {
			s.Break(dojoserver.Only(http.MethodPost, "/login", func(w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("Location", "/")
				w.WriteHeader(http.StatusFound)
				return true
			}))
		}, dojo.ErrRedirect},
		"single sign-on": {dojoserver.Options{}, func(_ *testing.T, s *dojoserver.Server, _ *dojo.Client) {
			s.Break(func(w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("Location", "https://idp.example.com/oauth2/authorize?client_id=geheim")
				w.WriteHeader(http.StatusFound)
				return true
			})
		}, dojo.ErrSSO},
	} {
		t.Run(name, func(t *testing.T) {
			s, client := serve(t, c.options)
			if c.before != nil {
				c.before(t, s, client)
			}
			session, err := client.SignIn(t.Context(), "ana", "correct horse")
			if !errors.Is(err, c.want) || session != (dojo.Session{}) || client.Session() != (dojo.Session{}) {
				t.Errorf("err = %v, want %v; %v", err, c.want, session)
			}
			if err != nil && (strings.Contains(err.Error(), "horse") || strings.Contains(err.Error(), "geheim")) {
				t.Errorf("the error tells too much: %v", err)
			}
		})
	}
}

func wrongOnce(t *testing.T, _ *dojoserver.Server, c *dojo.Client) {
	t.Helper()
	if _, err := c.SignIn(t.Context(), "ana", "wrong"); !errors.Is(err, dojo.ErrPasswordRefused) {
		t.Fatalf("the first attempt: %v", err)
	}
}

func TestAForcedPasswordChange(t *testing.T) {
	s, c := serve(t, dojoserver.Options{Prefix: "/dojo"})
	signIn(t, c)
	s.ForcePasswordChange("ana", true)
	_, count := c.Count(t.Context())
	_, user := c.User(t.Context())
	_, alerts := list(t, c, -1)
	for _, err := range []error{count, user, alerts, c.Remove(t.Context(), []int64{1})} {
		if !errors.Is(err, dojo.ErrPasswordChange) {
			t.Errorf("err = %v", err)
		}
	}
	if _, err := c.SignIn(t.Context(), "ana", "correct horse"); err != nil {
		t.Errorf("signing in still works on the real server: %v", err)
	}
}

func TestASessionThatEnds(t *testing.T) {
	for name, end := range map[string]func(*dojoserver.Server){
		"expired":  func(s *dojoserver.Server) { s.ExpireSessions("ana") },
		"password": func(s *dojoserver.Server) { s.SetPassword("ana", "another") },
		"inactive": func(s *dojoserver.Server) { s.SetActive("ana", false) },
		"single":   func(s *dojoserver.Server) { s.SignIn("ana") },
	} {
		for _, prefix := range []string{"", "/dojo"} {
			t.Run(name+prefix, func(t *testing.T) {
				s, c := serve(t, dojoserver.Options{Prefix: prefix, SingleSession: true})
				signIn(t, c)
				end(s)
				_, count := c.Count(t.Context())
				_, user := c.User(t.Context())
				_, version := c.Version(t.Context())
				for _, err := range []error{count, user, version, c.Remove(t.Context(), []int64{1})} {
					if !errors.Is(err, dojo.ErrSessionExpired) {
						t.Errorf("err = %v", err)
					}
				}
			})
		}
	}
}

func TestATokenHasAUserButNoAlerts(t *testing.T) {
	s, c := serve(t, dojoserver.Options{Users: []dojoserver.User{{Name: "sue", Superuser: true, Staff: true}}})
	if _, err := c.User(t.Context()); !errors.Is(err, dojo.ErrSessionExpired) {
		t.Errorf("without anything: %v", err)
	}
	c.UseToken(s.Token("sue") + "\n")
	user, err := c.User(t.Context())
	if err != nil || user != (dojo.User{ID: 1, Username: "sue", Superuser: true, Staff: true}) {
		t.Errorf("User = %+v, %v", user, err)
	}
	s.ForgetRequests()
	if _, err := list(t, c, -1); !errors.Is(err, dojo.ErrTokenHasNoAlerts) {
		t.Errorf("Alerts: %v", err)
	}
	if err := c.Remove(t.Context(), []int64{1}); !errors.Is(err, dojo.ErrTokenHasNoAlerts) {
		t.Errorf("Remove: %v", err)
	}
	if len(s.Requests()) != 0 {
		t.Errorf("it asked in vain: %q", s.Requests())
	}
	for _, bad := range []string{"0123456789", "geheim geheim", "geheim\r\nX-Evil: 1"} {
		c.UseToken(bad)
		if _, err := c.User(t.Context()); !errors.Is(err, dojo.ErrTokenRefused) || strings.Contains(err.Error(), "geheim") {
			t.Errorf("a bad token: %v", err)
		}
	}
}

// Cookie and token never travel together: the server would take the cookie
// and ask for CSRF.
func TestCookieAndTokenStayApart(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Cookie") != "" && r.Header.Get("Authorization") != "" {
			t.Errorf("%s %s carries both", r.Method, r.URL.Path)
		}
		if r.Header.Get("Origin") != "" {
			t.Errorf("%s %s carries an Origin", r.Method, r.URL.Path)
		}
		if r.Method == http.MethodPost && !strings.HasPrefix(r.Header.Get("Referer"), "http://"+r.Host+"/dojo/") {
			t.Errorf("%s %s carries the Referer %q", r.Method, r.URL.Path, r.Header.Get("Referer"))
		}
		if r.Header.Get("Idempotency-Key") != "" || r.Header.Get("User-Agent") != "Bellhop/1" {
			t.Errorf("the headers are %v", r.Header)
		}
		w.Header().Set("Content-Type", "text/html")
		http.SetCookie(w, &http.Cookie{Name: "csrftoken", Value: strings.Repeat("c", 32)})
		if r.Method == http.MethodPost {
			http.SetCookie(w, &http.Cookie{Name: "AWSALB", Value: "balancer", HttpOnly: true})
			http.SetCookie(w, &http.Cookie{Name: "sessionid", Value: strings.Repeat("s", 32)})
			w.Header().Set("Location", "/dojo/")
			w.WriteHeader(http.StatusFound)
			return
		}
		_, _ = io.WriteString(w, loginPage)
	}))
	defer server.Close()
	c := connect(t, server.URL+"/dojo/", func(cfg *dojo.Config) { cfg.UserAgent = "Bellhop/1" })
	c.UseToken(strings.Repeat("0", 40))
	_, _ = c.User(t.Context())
	if s := signIn(t, c); s.Name != "sessionid" {
		t.Errorf("the session cookie is %q", s.Name)
	}
	_, _ = c.User(t.Context())
	_, _ = c.Count(t.Context())
	_ = c.Remove(t.Context(), []int64{1})
}

func TestRemovalsAreCut(t *testing.T) {
	s, c := serve(t, dojoserver.Options{})
	signIn(t, c)
	pks := make([]int64, dojo.MaxRemove+1)
	for i := range pks {
		pks[i] = s.AddAlert("ana", dojoserver.Alert{Title: "x"})
	}
	s.ForgetRequests()
	if err := c.Remove(t.Context(), pks); err == nil || len(s.Requests()) != 0 {
		t.Errorf("%d at once: %v, %q", len(pks), err, s.Requests())
	}
	if err := c.Remove(t.Context(), nil); err != nil || len(s.Requests()) != 0 {
		t.Errorf("none: %v, %q", err, s.Requests())
	}
	if err := c.Remove(t.Context(), pks[:dojo.MaxRemove]); err != nil || len(s.Alerts("ana")) != 1 {
		t.Errorf("%d at once: %v, left %d", dojo.MaxRemove, err, len(s.Alerts("ana")))
	}
}

func TestTheProbeSeesSingleSignOn(t *testing.T) {
	_, c := serve(t, dojoserver.Options{Version: "2.46.0", SSO: "keycloak"})
	p, err := c.Probe(t.Context())
	if err != nil || !p.DefectDojo || !p.SSO {
		t.Errorf("with the form still there: %+v, %v", p, err)
	}
	_, c = serve(t, dojoserver.Options{})
	if p, err := c.Probe(t.Context()); err != nil || !p.DefectDojo || p.SSO {
		t.Errorf("without: %+v, %v", p, err)
	}
}

func TestTheSkewOfTheClocks(t *testing.T) {
	now := time.Now().Add(-time.Hour)
	_, c := serve(t, dojoserver.Options{}, func(cfg *dojo.Config) { cfg.Now = func() time.Time { return now } })
	if c.Skew() != 0 {
		t.Errorf("before any answer: %v", c.Skew())
	}
	session := signIn(t, c)
	if skew := c.Skew(); (skew-time.Hour).Abs() > 2*time.Second || skew%time.Second != 0 {
		t.Errorf("the skew is %v", skew)
	}
	if !session.At.Equal(now) {
		t.Errorf("signed in at %v, it is %v", session.At, now)
	}
}

func TestAServerWithItsOwnClock(t *testing.T) {
	future := time.Now().Add(48 * time.Hour)
	_, c := serve(t, dojoserver.Options{Now: func() time.Time { return future }})
	if p, err := c.Probe(t.Context()); err != nil || (p.Skew-48*time.Hour).Abs() > 5*time.Second {
		t.Errorf("the skew is %v, %v", p.Skew, err)
	}
}

func TestThePageRenewsTheSession(t *testing.T) {
	s, c := serve(t, dojoserver.Options{})
	signIn(t, c)
	fresh := strings.Repeat("n", 32)
	id := c.Session().ID
	s.Break(dojoserver.Only(http.MethodPost, "/alerts", func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Add("Set-Cookie", "sessionid="+id+"; Path=/")
		w.Header().Add("Set-Cookie", "csrftoken="+fresh+"; Path=/")
		w.Header().Add("Set-Cookie", "messages=x; Path=/")
		return true
	}))
	if err := c.Remove(t.Context(), []int64{1}); err != nil {
		t.Fatal(err)
	}
	if got := c.Session(); got.CSRF != fresh || got.ID != id {
		t.Error("the fresh CSRF secret was not kept")
	}
}
