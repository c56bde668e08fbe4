package email

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"bellhop/app/dispatch"
	"bellhop/app/dispatch/internal/post"
	"bellhop/app/dispatch/internal/redact"
)

// early is how long before its end an access token is replaced, so that it
// does not end between our clock and the server's.
const early = time.Minute

// grant names whose token it is.
type grant struct{ url, client, user string }

// tokens keeps access tokens in memory and renews them, one at a time for each
// grant.
type tokens struct {
	client *post.Client
	now    func() time.Time

	mu     sync.Mutex
	grants map[grant]*kept
}

// kept is one grant's state. Whoever sends on turn owns the rest.
type kept struct {
	turn chan struct{}
	// seen are the digests of the refresh tokens there have been: a message
	// that waited brings an old one, which is not to be used again.
	seen    map[[32]byte]bool
	refresh string // the newest one
	access  string
	until   time.Time
}

// save tells whoever keeps the secrets that the refresh token has changed, and
// which one it was.
type save func(ctx context.Context, was, refresh string) error

// access returns a token for the user: the one in hand, or a new one. A
// refused token is not returned again.
func (t *tokens) access(ctx context.Context, c *Config, secrets map[string]string, refused string, keep save) (string, error) {
	given := secrets[SecretRefreshToken]
	if given == "" {
		if ready := secrets[SecretAccessToken]; ready != "" && ready != refused {
			return ready, nil
		}
		if refused != "" {
			return "", nil
		}
		return "", missing("xoauth2 needs a refresh token (or an access token): `bellhop channels edit NAME --secret refresh_token`.")
	}
	if c.TokenURL == "" || c.ClientID == "" {
		return "", missing("Renewing a token needs two settings: `bellhop channels edit NAME --set token_url=... --set client_id=...`.")
	}
	k := t.of(grant{c.TokenURL, c.ClientID, c.Username})
	select {
	case k.turn <- struct{}{}:
		defer func() { <-k.turn }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if !k.seen[sha256.Sum256([]byte(given))] { // the user has signed in anew
		k.take(given)
		k.access = ""
	}
	if k.access != "" && k.access != refused && t.now().Before(k.until.Add(-early)) {
		return k.access, nil
	}
	return k.renew(ctx, t, c, secrets, keep)
}

func (t *tokens) of(g grant) *kept {
	t.mu.Lock()
	defer t.mu.Unlock()
	k := t.grants[g]
	if k == nil {
		k = &kept{turn: make(chan struct{}, 1), seen: make(map[[32]byte]bool)}
		t.grants[g] = k
	}
	return k
}

// take makes a refresh token the newest one.
func (k *kept) take(refresh string) {
	k.seen[sha256.Sum256([]byte(refresh))], k.refresh = true, refresh
}

// tokenAnswer is what a token server says (RFC 6749, 5.1 and 5.2).
type tokenAnswer struct {
	Access  string      `json:"access_token"`
	Refresh string      `json:"refresh_token"`
	Type    string      `json:"token_type"`
	Expires json.Number `json:"expires_in"`
	Error   string      `json:"error"`
	Says    string      `json:"error_description"`
}

func (k *kept) renew(ctx context.Context, t *tokens, c *Config, secrets map[string]string, keep save) (string, error) {
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {k.refresh}, "client_id": {c.ClientID}}
	if secret := secrets[SecretClientSecret]; secret != "" {
		form.Set("client_secret", secret)
	}
	if c.Scope != "" {
		form.Set("scope", c.Scope)
	}
	hush := redact.New(map[string]string{"a": k.refresh, "b": secrets[SecretClientSecret], "c": secrets[SecretRefreshToken]})
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Accept": {"application/json"}}
	asked := t.now()
	answer, err := t.client.Post(ctx, c.TokenURL, header, []byte(form.Encode()), hush)
	if err != nil {
		return "", err
	}
	var said tokenAnswer
	odd := json.Unmarshal(answer.Body, &said)
	if f := answer.Failure(hush); f != nil {
		return "", tokenFailure(f, said, hush)
	}
	// A token of a kind that one does not understand is not to be used (7.1).
	if odd != nil || said.Access == "" || strings.ContainsAny(said.Access, "\x01\r\n") || said.Type != "" && !strings.EqualFold(said.Type, "Bearer") {
		return "", &dispatch.Failure{
			Code: post.CodeOdd, Status: answer.Status, Err: errors.New("the token server's answer has no access token"),
			Next: "Check whether " + KeyTokenURL + " is the address at which tokens are renewed.",
		}
	}
	k.access, k.until = said.Access, asked.Add(lifetime(said.Expires))
	if said.Refresh != "" && said.Refresh != k.refresh {
		was := k.refresh
		k.take(said.Refresh)
		if err := keep(ctx, was, said.Refresh); err != nil {
			// The token in hand works until the program ends; then the old one
			// may be refused. The mail matters more now.
			return k.access, &unsaved{hush.Error(err, nil)}
		}
	}
	return k.access, nil
}

// unsaved reports a new refresh token that could not be kept, beside an access
// token that works.
type unsaved struct{ err error }

func (u *unsaved) Error() string { return fmt.Sprintf("keep the new refresh token: %v", u.err) }

// lifetime is how long a token works: the answer's seconds, an hour where it
// does not say.
func lifetime(seconds json.Number) time.Duration {
	n, err := seconds.Float64()
	if err != nil || n <= 0 || n > 1e7 {
		return time.Hour
	}
	return time.Duration(n * float64(time.Second))
}

func tokenFailure(f *dispatch.Failure, said tokenAnswer, hush *redact.Redactor) *dispatch.Failure {
	f.Alone = false
	if said.Error != "" {
		f.Answer = hush.Answer([]byte(said.Error+": "+said.Says), false)
	}
	switch said.Error {
	case "":
	case "invalid_grant", "interaction_required", "consent_required", "login_required": // all but the first are Microsoft's
		f.Code, f.Final = CodeTokenRefused, true
		f.Next = "Sign in with the provider again and give the new refresh token: `bellhop channels edit NAME --secret refresh_token`. The old one was withdrawn, is too old or was used already."
	case "invalid_client", "unauthorized_client":
		f.Code, f.Final = CodeTokenRefused, true
		f.Next = "Check " + KeyClientID + " and the secret " + SecretClientSecret + "; the token server does not know this application."
	case "temporarily_unavailable", "server_error":
		f.Final = false
	default:
		f.Code = CodeTokenRefused
		f.Next = "Read the answer; the token is not renewed. Check " + KeyTokenURL + ", " + KeyClientID + " and " + KeyScope + "."
	}
	return f
}

func missing(next string) *dispatch.Failure {
	return &dispatch.Failure{Code: CodeNoSecret, Final: true, Next: next}
}
