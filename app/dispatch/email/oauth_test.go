package email_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/app/dispatch/dispatchtest"
	"bellhop/app/dispatch/email"
)

// A day with a provider: the first mail renews, those after it do not, a token
// that ends is replaced before its end, a new refresh token is kept before the
// mail leaves, and a program that starts again goes on with what was kept.
func TestATokenIsRenewedKeptAndRenewedAgain(t *testing.T) {
	for name, like := range map[string]*provider{
		"like Google": {}, "like Microsoft": {rotates: true}, "like Microsoft, without a secret": {rotates: true, public: true},
	} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			now := time.Now()
			like.now = func() time.Time {
				mu.Lock()
				defer mu.Unlock()
				return now
			}
			pass := func(d time.Duration) {
				mu.Lock()
				defer mu.Unlock()
				now = now.Add(d)
			}
			p := startProvider(t, like)
			server := startFake(t, script{mechanisms: []string{"LOGIN", "XOAUTH2"}, token: p.takes})
			m := oauth(server, p)
			options := email.Options{
				Idle: 3 * time.Hour, Tokens: p.options(), Now: like.now,
				Save: func(_ context.Context, d app.Destination, was []string, name, value string) error {
					if name != email.SecretRefreshToken || d.ID != 2 || !slices.Contains(was, m.Secrets[name]) {
						t.Errorf("saved %s of %d in the place of %.8q", name, d.ID, was)
					}
					if sent := len(server.taken()); sent >= 6 {
						t.Errorf("saved after %d mails", sent)
					}
					m.Secrets[name] = value // the program hands it in from now on
					return nil
				},
			}
			c := channel(t, options)
			mails := 0
			expect := func(what string, renewals int) {
				t.Helper()
				send(t, c, m)
				mails++
				if got := p.renewals(); got != renewals || len(server.taken()) != mails {
					t.Errorf("%s: renewed %d times, want %d; %d mails of %d", what, got, renewals, len(server.taken()), mails)
				}
				if m.Secrets[email.SecretRefreshToken] != p.newest() {
					t.Errorf("%s: another refresh token is kept than the one that works", what)
				}
			}
			expect("the first mail", 1)
			expect("the second", 1)
			// The connection outlives the token: the server has nothing against that.
			pass(lifetime + time.Minute)
			expect("over the same connection", 1)
			// Now it has: it ends the session, and the mail goes over a new one.
			server.rewrite(map[string][]string{"MAIL": {"421 4.7.0 Your session has expired"}})
			expect("after the server has ended it", 2)
			// Half a minute before its end a token is not used any more.
			server.drop()
			pass(lifetime - 30*time.Second)
			expect("near the end", 3)
			c = channel(t, options)
			expect("after a new start", 4)
			for _, one := range server.taken() {
				if one.with != "XOAUTH2" {
					t.Errorf("signed in by %s", one.with)
				}
			}
		})
	}
}

// Where the new refresh token cannot be kept the mail leaves all the same, and
// so do those after it; the next start finds the old one, which is refused for
// good, and says what to do.
func TestARefreshTokenThatIsNotKeptIsRefusedNextTime(t *testing.T) {
	p := startProvider(t, &provider{rotates: true})
	server := startFake(t, script{mechanisms: []string{"XOAUTH2"}, token: p.takes})
	var log bytes.Buffer
	o := email.Options{Idle: -1, Tokens: p.options(), Log: slog.New(slog.NewTextHandler(&log, nil))}
	m := oauth(server, p)
	c := channel(t, o)
	send(t, c, m)
	send(t, c, m)
	if p.renewals() != 1 || !strings.Contains(log.String(), "could not be kept") {
		t.Errorf("renewed %d times, noted %s", p.renewals(), log.String())
	}
	for range 2 {
		f := refusal(t, channel(t, o), m)
		if f.Code != "token_refused" || !f.Final || f.Alone || !strings.Contains(f.Next, "Sign in with the provider again") {
			t.Errorf("got %+v", f)
		}
		dispatchtest.NoSecret(t, "the refusal", quoted(f), m.Secrets)
	}
	dispatchtest.NoSecret(t, "the log", log.String(), map[string]string{"old": m.Secrets[email.SecretRefreshToken], "new": p.newest(), "client": clientSecret})
	if len(server.taken()) != 2 {
		t.Errorf("%d mails", len(server.taken()))
	}
}

// A message that waited for its turn brings the refresh token of before. Used
// again it would cost them all.
func TestAnOldRefreshTokenIsNotTakenForANewOne(t *testing.T) {
	now := time.Now()
	p := startProvider(t, &provider{rotates: true, now: func() time.Time { return now }})
	server := startFake(t, script{mechanisms: []string{"XOAUTH2"}, token: p.takes})
	kept := ""
	c := channel(t, email.Options{
		Idle: -1, Tokens: p.options(), Now: func() time.Time { return now },
		Save: func(_ context.Context, _ app.Destination, _ []string, _, value string) error {
			kept = value
			return nil
		},
	})
	m := oauth(server, p)
	brought := []string{m.Secrets[email.SecretRefreshToken]}
	for range 3 {
		send(t, c, m)
		now = now.Add(lifetime)
		brought = append(brought, kept)
		m.Secrets[email.SecretRefreshToken] = kept
	}
	for _, old := range brought {
		m.Secrets[email.SecretRefreshToken] = old
		send(t, c, m)
		now = now.Add(lifetime)
	}
	// One that the user has just got is another matter.
	p.change(func() {
		p.gone = false
		p.refresh = []string{secret("1//signed-in-anew", 900)}
	})
	m.Secrets[email.SecretRefreshToken] = p.newest()
	send(t, c, m)
	if got := p.renewals(); got != 3+len(brought)+1 {
		t.Errorf("renewed %d times", got)
	}
}

func TestAWithdrawnTokenIsReplacedWithinTheAttempt(t *testing.T) {
	p := startProvider(t, &provider{})
	server := startFake(t, script{mechanisms: []string{"XOAUTH2"}, token: p.takes})
	c := channel(t, email.Options{Idle: -1, Tokens: p.options()})
	m := oauth(server, p)
	send(t, c, m)
	p.change(func() { clear(p.access) })
	send(t, c, m)
	if got := p.renewals(); got != 2 {
		t.Errorf("renewed %d times", got)
	}
}

// A mail server that takes no token at all is asked twice, not for ever.
func TestAMailServerThatTakesNoTokenIsAskedTwice(t *testing.T) {
	p := startProvider(t, &provider{rotates: true})
	var mu sync.Mutex
	shown := make(map[string]string)
	server := startFake(t, script{mechanisms: []string{"XOAUTH2"}, token: func(token string) bool {
		mu.Lock()
		defer mu.Unlock()
		shown[fmt.Sprint(len(shown))] = token
		return false
	}})
	f := refusal(t, channel(t, email.Options{Tokens: p.options()}), oauth(server, p))
	if f.Code != "auth_refused" || !f.Final || f.Alone || !strings.Contains(f.Next, "scope") || strings.Contains(f.Next, "password") {
		t.Errorf("got %+v", f)
	}
	if server.seen("AUTH") != 2 || p.renewals() != 2 || len(shown) != 2 {
		t.Errorf("signed in %d times with %d tokens, renewed %d times", server.seen("AUTH"), len(shown), p.renewals())
	}
	dispatchtest.NoSecret(t, "the refusal", quoted(f), shown)
}

func TestManyMailsRenewATokenOnce(t *testing.T) {
	p := startProvider(t, &provider{rotates: true})
	server := startFake(t, script{mechanisms: []string{"XOAUTH2"}, token: p.takes})
	c := channel(t, email.Options{Tokens: p.options()})
	m := oauth(server, p)
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
	if got := p.renewals(); got != 1 {
		t.Errorf("renewed %d times", got)
	}
}

func TestWhyATokenIsNotRenewedIsSaid(t *testing.T) {
	says := func(status int, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "90")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, text)
		}
	}
	change := func(f func(m *dispatch.Message)) func(*provider, *dispatch.Message) {
		return func(_ *provider, m *dispatch.Message) { f(m) }
	}
	strange := func(status int, text string) func(*provider, *dispatch.Message) {
		return func(p *provider, _ *dispatch.Message) { p.strange = says(status, text) }
	}
	for name, c := range map[string]struct {
		change func(*provider, *dispatch.Message)
		code   string
		final  bool
		next   string
		after  time.Duration
	}{
		"another's token":     {change(func(m *dispatch.Message) { m.Secrets[email.SecretRefreshToken] = "1//old-refresh-secret" }), "token_refused", true, "Sign in with the provider again", 0},
		"withdrawn":           {func(p *provider, _ *dispatch.Message) { p.gone = true }, "token_refused", true, "Sign in with the provider again", 0},
		"a second factor":     {strange(400, `{"error":"interaction_required","suberror":"basic_action","error_description":"AADSTS50076"}`), "token_refused", true, "Sign in with the provider again", 90 * time.Second},
		"no consent":          {strange(400, `{"error":"consent_required"}`), "token_refused", true, "Sign in with the provider again", 90 * time.Second},
		"unknown application": {change(func(m *dispatch.Message) { m.Config[email.KeyClientID] = "nobody" }), "token_refused", true, "client_id", 0},
		"another secret":      {change(func(m *dispatch.Message) { m.Secrets[email.SecretClientSecret] = "client-secret-2" }), "token_refused", true, "client_secret", 0},
		"a secret too much":   {func(p *provider, _ *dispatch.Message) { p.public = true }, "token_refused", true, "client_secret", 0},
		"another scope":       {change(func(m *dispatch.Message) { m.Config[email.KeyScope] = "mail.all" }), "token_refused", true, "scope", 0},
		"busy":                {strange(400, `{"error":"temporarily_unavailable"}`), "rejected", false, "", 90 * time.Second},
		"down":                {strange(503, `{"error":"server_error"}`), "server_error", false, "", 90 * time.Second},
		"too often":           {strange(429, `{"error":"slow_down"}`), "token_refused", false, "", 90 * time.Second},
		"a hotel's page":      {strange(200, `<html>Welcome to our network</html>`), "odd_answer", false, "token_url", 0},
		"another kind":        {strange(200, `{"access_token":"abc","token_type":"mac","expires_in":60}`), "odd_answer", false, "token_url", 0},
		"a token of commands": {strange(200, `{"access_token":"a\r\nQUIT","token_type":"Bearer"}`), "odd_answer", false, "token_url", 0},
		"elsewhere":           {strange(302, ``), "redirected", true, "", 90 * time.Second},
		"no token URL":        {change(func(m *dispatch.Message) { delete(m.Config, email.KeyTokenURL) }), "no_secret", true, "token_url", 0},
		"no server":           {change(func(m *dispatch.Message) { m.Config[email.KeyTokenURL] = "https://127.0.0.1:1/token" }), "connection_refused", false, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			p := startProvider(t, &provider{})
			server := startFake(t, script{mechanisms: []string{"XOAUTH2"}, token: p.takes})
			m := oauth(server, p)
			c.change(p, &m)
			f := refusal(t, channel(t, email.Options{Tokens: p.options()}), m)
			if f.Code != c.code || f.Final != c.final || f.Alone || !strings.Contains(f.Next, c.next) || f.After != c.after {
				t.Errorf("got %+v", f)
			}
			dispatchtest.NoSecret(t, "the refusal", quoted(f), m.Secrets)
			if server.dialled() != 0 && server.seen("MAIL") != 0 {
				t.Error("a mail was begun")
			}
		})
	}
}

// Numbers may be in quotes, and what is not said is an hour.
func TestHowLongATokenWorksIsReadAsProvidersSayIt(t *testing.T) {
	for expires, works := range map[string]time.Duration{`,"expires_in":"120"`: 2 * time.Minute, `,"expires_in":120.5`: 2 * time.Minute, ``: time.Hour, `,"expires_in":-1`: time.Hour} {
		now := time.Now()
		p := startProvider(t, &provider{})
		p.strange = func(w http.ResponseWriter, _ *http.Request) {
			p.renewed++
			_, _ = fmt.Fprintf(w, `{"access_token":"abc","token_type":"bearer"%s}`, expires)
		}
		server := startFake(t, script{mechanisms: []string{"XOAUTH2"}, token: func(s string) bool { return s == "abc" }})
		c := channel(t, email.Options{Idle: -1, Tokens: p.options(), Now: func() time.Time { return now }})
		m := oauth(server, p)
		send(t, c, m)
		now = now.Add(works - 2*time.Minute + 30*time.Second)
		send(t, c, m)
		if works > 2*time.Minute && p.renewals() != 1 {
			t.Errorf("%s: renewed before its time", expires)
		}
		now = now.Add(time.Minute)
		send(t, c, m)
		if p.renewals() != 2 {
			t.Errorf("%s: renewed %d times", expires, p.renewals())
		}
	}
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
