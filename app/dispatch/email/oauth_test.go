package email_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/app/dispatch/email"
	"bellhop/app/dispatch/internal/post"
)

// tokenServer renews tokens: each access token works until the next, each
// refresh token once.
type tokenServer struct {
	*httptest.Server
	mu      sync.Mutex
	valid   string // the refresh token that works
	access  string
	asked   atomic.Int32
	expires int
	refuse  string // a body to refuse with
}

func startTokenServer(t *testing.T) *tokenServer {
	s := &tokenServer{valid: "refresh-0-secret", expires: 3600}
	s.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := s.asked.Add(1)
		s.mu.Lock()
		defer s.mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		if s.refuse != "" {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(s.refuse))
			return
		}
		if r.Method != http.MethodPost || r.FormValue("grant_type") != "refresh_token" || r.FormValue("client_id") != "app" ||
			r.FormValue("client_secret") != "client-secret-1" || r.FormValue("refresh_token") != s.valid {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = fmt.Fprintf(w, `{"error":"invalid_grant","error_description":"the token %s is not valid"}`, r.FormValue("refresh_token"))
			return
		}
		s.valid, s.access = fmt.Sprintf("refresh-%d-secret", n), fmt.Sprintf("access-%d-secret", n)
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": s.access, "refresh_token": s.valid, "expires_in": s.expires, "token_type": "Bearer"})
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *tokenServer) options() post.Options {
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return post.Options{RootCAs: roots}
}

func (s *tokenServer) takes(token string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return token == s.access
}

// oauth is a message that signs in with a token.
func oauth(server *fake, tokens *tokenServer) dispatch.Message {
	m := message(config(server.addr, map[string]string{
		email.KeyCAFile: server.ca, email.KeyAuth: "xoauth2", email.KeyTokenURL: tokens.URL + "/token", email.KeyClientID: "app",
	}))
	m.Secrets = map[string]string{email.SecretRefreshToken: "refresh-0-secret", email.SecretClientSecret: "client-secret-1"}
	return m
}

func TestATokenIsRenewedKeptAndRenewedAgain(t *testing.T) {
	tokens := startTokenServer(t)
	server := startFake(t, script{mechanisms: []string{"LOGIN", "XOAUTH2"}, token: tokens.takes})
	now := time.Now()
	saved := ""
	c := channel(t, email.Options{
		Idle: -1, Tokens: tokens.options(), Now: func() time.Time { return now },
		Save: func(_ context.Context, d app.Destination, name, value string) error {
			if name != email.SecretRefreshToken || d.ID != 2 {
				t.Errorf("saved %s of %d", name, d.ID)
			}
			saved = value
			return nil
		},
	})
	m := oauth(server, tokens)
	send(t, c, m)
	send(t, c, m)
	if got := tokens.asked.Load(); got != 1 || saved != "refresh-1-secret" {
		t.Errorf("asked %d times, saved %q", got, saved)
	}
	// The program has stored the new one and hands it in from now on.
	m.Secrets[email.SecretRefreshToken] = saved
	send(t, c, m)
	if got := tokens.asked.Load(); got != 1 {
		t.Errorf("the stored token made it ask again: %d", got)
	}
	now = now.Add(time.Hour - 30*time.Second)
	send(t, c, m)
	if got := tokens.asked.Load(); got != 2 || saved != "refresh-2-secret" {
		t.Errorf("near its end: asked %d times, saved %q", got, saved)
	}
	if got := server.taken(); len(got) != 4 || got[3].with != "XOAUTH2" {
		t.Errorf("taken: %d", len(got))
	}
}

func TestAWithdrawnTokenIsReplacedWithinTheAttempt(t *testing.T) {
	tokens := startTokenServer(t)
	server := startFake(t, script{mechanisms: []string{"XOAUTH2"}, token: tokens.takes})
	c := channel(t, email.Options{Idle: -1, Tokens: tokens.options()})
	m := oauth(server, tokens)
	send(t, c, m)
	tokens.mu.Lock()
	tokens.access = "withdrawn"
	tokens.mu.Unlock()
	send(t, c, m)
	if got := tokens.asked.Load(); got != 2 {
		t.Errorf("asked %d times", got)
	}
}

func TestManyMailsRenewATokenOnce(t *testing.T) {
	tokens := startTokenServer(t)
	server := startFake(t, script{mechanisms: []string{"XOAUTH2"}, token: tokens.takes})
	c := channel(t, email.Options{Tokens: tokens.options()})
	m := oauth(server, tokens)
	m.Config[email.KeyConnections] = "8"
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := c.Send(t.Context(), m); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := tokens.asked.Load(); got != 1 {
		t.Errorf("asked %d times", got)
	}
}

func TestWhyATokenIsNotRenewedIsSaid(t *testing.T) {
	tokens := startTokenServer(t)
	server := startFake(t, script{mechanisms: []string{"XOAUTH2"}, token: tokens.takes})
	for name, c := range map[string]struct {
		change func(m *dispatch.Message)
		refuse string
		code   string
		final  bool
		next   string
	}{
		"withdrawn":           {func(m *dispatch.Message) { m.Secrets[email.SecretRefreshToken] = "old-refresh-secret" }, "", "token_refused", true, "Sign in with the provider again"},
		"unknown application": {nil, `{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret client-secret-1"}`, "token_refused", true, "client_id"},
		"another scope":       {nil, `{"error":"invalid_scope"}`, "token_refused", true, "scope"},
		"busy":                {nil, `{"error":"temporarily_unavailable"}`, "rejected", false, ""},
		"no token URL":        {func(m *dispatch.Message) { delete(m.Config, email.KeyTokenURL) }, "", "no_secret", true, "token_url"},
		"no server":           {func(m *dispatch.Message) { m.Config[email.KeyTokenURL] = "https://127.0.0.1:1/token" }, "", "connection_refused", false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			m := oauth(server, tokens)
			if c.change != nil {
				c.change(&m)
			}
			tokens.mu.Lock()
			tokens.refuse = c.refuse
			tokens.mu.Unlock()
			f := refusal(t, channel(t, email.Options{Tokens: tokens.options()}), m)
			if f.Code != c.code || f.Final != c.final || f.Alone || !strings.Contains(f.Next, c.next) {
				t.Errorf("got %+v", f)
			}
		})
	}
	if n := server.seen("MAIL"); n != 0 {
		t.Errorf("%d mails were begun", n)
	}
}

// Where the new refresh token cannot be kept the mail leaves all the same.
func TestAMailLeavesWhereTheNewTokenCannotBeKept(t *testing.T) {
	tokens := startTokenServer(t)
	server := startFake(t, script{mechanisms: []string{"XOAUTH2"}, token: tokens.takes})
	send(t, channel(t, email.Options{Tokens: tokens.options()}), oauth(server, tokens))
}

func TestAReadyTokenIsUsedAsItIs(t *testing.T) {
	server := startFake(t, script{mechanisms: []string{"XOAUTH2"}, token: func(s string) bool { return s == "ready-token-secret" }})
	m := message(config(server.addr, map[string]string{email.KeyCAFile: server.ca}))
	m.Secrets = map[string]string{email.SecretAccessToken: "ready-token-secret"}
	c := channel(t, email.Options{Idle: -1})
	send(t, c, m)
	m.Secrets[email.SecretAccessToken] = "another-token-secret"
	if f := refusal(t, c, m); f.Code != "auth_refused" {
		t.Errorf("got %+v", f)
	}
}
