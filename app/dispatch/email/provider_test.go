package email_test

import (
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bellhop/app/dispatch"
	"bellhop/app/dispatch/email"
	"bellhop/app/dispatch/internal/post"
)

// provider renews tokens as RFC 6749 says, and refuses what Google and Microsoft
// refuse. Its access tokens are as long as Microsoft's.
type provider struct {
	*httptest.Server
	now func() time.Time

	// rotates gives a new refresh token with each access token and takes an old
	// one for a theft, which withdraws them all (RFC 9700, 4.14.2). Google
	// gives none.
	rotates bool
	// public is an application without a secret; it may not show one
	// (AADSTS700025).
	public bool
	// strange answers in the place of everything else.
	strange http.HandlerFunc

	mu      sync.Mutex
	refresh []string // every one that was given, the newest last
	gone    bool     // the user has withdrawn her consent
	access  map[string]time.Time
	renewed int
}

const (
	clientID     = "7e1b2c3d-app"
	clientSecret = "client-secret-1~x"
	scope        = "https://mail.example.org/SMTP.Send offline_access"
	lifetime     = 3599 * time.Second // what both say
)

func startProvider(t *testing.T, p *provider) *provider {
	t.Helper()
	if p.now == nil {
		p.now = time.Now
	}
	p.refresh, p.access = []string{secret("1//refresh", 900)}, make(map[string]time.Time)
	p.Server = httptest.NewTLSServer(http.HandlerFunc(p.answer))
	t.Cleanup(p.Close)
	return p
}

// secret makes a token of so many random bytes.
func secret(name string, n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return name + "." + base64.RawURLEncoding.EncodeToString(b)
}

func (p *provider) answer(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if p.strange != nil {
		p.strange(w, r)
		return
	}
	status, refused, says := p.judge(r)
	if refused != "" {
		w.WriteHeader(status)
		// Like servers that help whoever debugs, it quotes what it was sent.
		_ = json.NewEncoder(w).Encode(map[string]any{"error": refused, "error_description": says + " " + r.PostForm.Encode()})
		return
	}
	p.renewed++
	token := secret("eyJ0eXAi", 1500)
	p.access[token] = p.now().Add(lifetime)
	given := map[string]any{"token_type": "Bearer", "scope": r.PostForm.Get("scope"), "expires_in": lifetime / time.Second, "access_token": token}
	if p.rotates {
		p.refresh = append(p.refresh, secret("1//refresh", 900))
		given["refresh_token"] = p.refresh[len(p.refresh)-1]
	}
	_ = json.NewEncoder(w).Encode(given)
}

// judge says why a request is refused.
func (p *provider) judge(r *http.Request) (status int, refused, says string) {
	const bad, unknown = http.StatusBadRequest, http.StatusUnauthorized
	if r.Method != http.MethodPost || r.URL.RawQuery != "" || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" || r.ParseForm() != nil {
		return bad, "invalid_request", "not a form that is posted"
	}
	form := r.PostForm
	for name, values := range form {
		if len(values) != 1 || values[0] == "" {
			return bad, "invalid_request", "the parameter " + name + " is there " + fmt.Sprint(len(values)) + " times or has no value"
		}
	}
	token := form.Get("refresh_token")
	switch {
	case r.Header.Get("Authorization") != "":
		return bad, "invalid_request", "two ways to say who asks"
	case form.Get("client_id") != clientID:
		return unknown, "invalid_client", "The OAuth client was not found."
	case p.public && form.Has("client_secret"):
		return unknown, "invalid_client", "AADSTS700025: Client is public so neither 'client_assertion' nor 'client_secret' should be presented."
	case !p.public && form.Get("client_secret") != clientSecret:
		return unknown, "invalid_client", "AADSTS7000215: Invalid client secret provided."
	case form.Get("grant_type") != "refresh_token":
		return bad, "unsupported_grant_type", ""
	case !slices.Contains(p.refresh, token):
		return bad, "invalid_grant", "Bad Request"
	case p.rotates && token != p.refresh[len(p.refresh)-1]:
		p.gone = true
	}
	if p.gone {
		clear(p.access)
		return bad, "invalid_grant", "Token has been expired or revoked."
	}
	for want := range strings.FieldsSeq(form.Get("scope")) {
		if !slices.Contains(strings.Fields(scope), want) {
			return bad, "invalid_scope", want
		}
	}
	return http.StatusOK, "", ""
}

// takes says whether a mail server takes an access token.
func (p *provider) takes(token string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	until, given := p.access[token]
	return given && !p.gone && p.now().Before(until)
}

// change changes something while it serves.
func (p *provider) change(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
}

// renewals is how many access tokens it has given.
func (p *provider) renewals() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.renewed
}

// newest is the refresh token that works.
func (p *provider) newest() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.refresh[len(p.refresh)-1]
}

func (p *provider) options() post.Options {
	roots := x509.NewCertPool()
	roots.AddCert(p.Certificate())
	return post.Options{RootCAs: roots}
}

// oauth is a message that signs in with a token.
func oauth(server *fake, p *provider) dispatch.Message {
	m := message(config(server.addr, map[string]string{
		email.KeyCAFile: server.ca, email.KeyAuth: "xoauth2", email.KeyTokenURL: p.URL + "/token", email.KeyClientID: clientID, email.KeyScope: scope,
	}))
	m.Secrets = map[string]string{email.SecretRefreshToken: p.newest()}
	if !p.public {
		m.Secrets[email.SecretClientSecret] = clientSecret
	}
	return m
}

// quoted is what of a refusal could hold a secret.
func quoted(f *dispatch.Failure) string {
	return strings.Join([]string{f.Error(), f.Answer, f.Next, fmt.Sprintf("%+v", f)}, "\n")
}
