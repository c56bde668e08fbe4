package dojo_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bellhop/sync/dojo"
)

// The client is held against the same recordings as package dojoserver, whose
// testdata explains their form.
const recordings = "../dojoserver/testdata/recorded"

type recording struct {
	Name    string `json:"name"`
	Request struct {
		Method  string            `json:"method"`
		Path    string            `json:"path"`
		Headers map[string]string `json:"headers"`
		Body    json.RawMessage   `json:"body"`
	} `json:"request"`
	Response struct {
		Status  int                        `json:"status"`
		Headers map[string]json.RawMessage `json:"headers"`
		Body    json.RawMessage            `json:"body"`
	} `json:"response"`
}

// values of the secrets that recordings leave out.
var fillIn = strings.NewReplacer(
	"<csrf>", strings.Repeat("c", 32), "<session>", strings.Repeat("s", 32), "<messages>", `"a\054b":1`,
	"<date>", "Wed, 24 Nov 2027 04:43:38 GMT",
)

// answer plays the recorded answer. Of pages the recordings keep length and
// marks; they are made up around those.
func (e *recording) answer(w http.ResponseWriter) {
	for name, raw := range e.Response.Headers {
		var one string
		var many []string
		if json.Unmarshal(raw, &many) != nil {
			_ = json.Unmarshal(raw, &one)
			many = []string{one}
		}
		for _, value := range many {
			w.Header().Add(name, fillIn.Replace(value))
		}
	}
	w.WriteHeader(e.Response.Status)
	var page struct {
		Kind    string   `json:"kind"`
		Bytes   int      `json:"bytes"`
		Markers []string `json:"markers"`
	}
	if json.Unmarshal(e.Response.Body, &page) != nil || page.Kind != "html" {
		if string(e.Response.Body) != "null" {
			_, _ = w.Write(e.Response.Body)
		}
		return
	}
	text := strings.Join(page.Markers, "\n")
	if strings.HasPrefix(e.Request.Path, "/login") && e.Response.Status == http.StatusOK {
		text += loginPage
	}
	if missing := page.Bytes - len(text); missing > 0 {
		text += strings.Repeat(" ", missing)
	}
	_, _ = io.WriteString(w, text)
}

// loginPage is what matters of the form that both versions serve.
const loginPage = `<!DOCTYPE html><html><head><title>Login | DefectDojo</title></head><body>
<form class="form-horizontal" method="POST" autocomplete="off">
<input type="hidden" name="csrfmiddlewaretoken" value="` + "MMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTT" + `">
<input type="text" name="username" autofocus maxlength="150" required id="id_username">
<input type="password" name="password" required id="id_password"></form></body></html>`

// call is what the client does to make a request like the recorded one.
func (e *recording) call(t *testing.T, c *dojo.Client) error {
	t.Helper()
	path, _, _ := strings.Cut(e.Request.Path, "?")
	session := dojo.Session{Name: "sessionid", ID: strings.Repeat("a", 32)}
	switch e.Request.Method + " " + path {
	case "GET /alerts/json":
		c.UseSession(session)
		alerts, err := list(t, c, -1)
		if err == nil {
			e.compare(t, alerts)
		}
		return err
	case "GET /alerts/count":
		c.UseSession(session)
		n, err := c.Count(t.Context())
		if want := fmt.Sprintf(`{"count": %d}`, n); err == nil && string(e.Response.Body) != want {
			t.Errorf("Count is %d, recorded %s", n, e.Response.Body)
		}
		return err
	case "POST /alerts":
		c.UseSession(session)
		return c.Remove(t.Context(), []int64{42})
	case "GET /alerts":
		c.UseSession(session)
		_, err := c.Version(t.Context())
		return err
	case "GET /api/v2/user_profile/":
		if e.Request.Headers["Cookie"] != "" {
			c.UseSession(session)
		} else {
			c.UseToken(strings.Repeat("0", 40))
		}
		user, err := c.User(t.Context())
		if want := fmt.Sprintf(`{"user": {"id": %d, "username": %q,`, user.ID, user.Username); err == nil && !strings.HasPrefix(string(e.Response.Body), want) {
			t.Errorf("User is %+v, recorded %.100s", user, e.Response.Body)
		}
		if super := strings.Contains(string(e.Response.Body), `"is_superuser": true`); err == nil && super != user.Superuser {
			t.Errorf("User is %+v", user)
		}
		return err
	case "GET /login":
		_, err := c.Probe(t.Context())
		return err
	case "POST /login":
		_, err := c.SignIn(t.Context(), "ana", "pw")
		return err
	}
	return errNotOurs
}

// compare holds alerts against the recorded list, read in another way.
func (e *recording) compare(t *testing.T, alerts []dojo.Alert) {
	t.Helper()
	var rows []struct {
		PK     int64          `json:"pk"`
		Fields map[string]any `json:"fields"`
	}
	if err := json.Unmarshal(e.Response.Body, &rows); err != nil || len(rows) != len(alerts) {
		t.Fatalf("%d alerts, recorded %d (%v)", len(alerts), len(rows), err)
	}
	for i, row := range rows {
		text := func(key string) string { s, _ := row.Fields[key].(string); return s }
		created, err := time.Parse(time.RFC3339Nano, text("created"))
		if err != nil {
			t.Fatal(err)
		}
		user, _ := row.Fields["user_id"].(float64)
		want := dojo.Alert{
			PK: row.PK, UserID: int64(user), Title: text("title"), URL: text("url"), Source: text("source"), Icon: text("icon"), Created: created,
			Description: strings.TrimSpace(html.UnescapeString(text("description"))),
		}
		if alerts[i] != want {
			t.Errorf("alert %d is\n%+v, recorded\n%+v", i, alerts[i], want)
		}
	}
}

var errNotOurs = errors.New("the client makes no such request")

// wanted says how an exchange ends for the client where that is not success:
// by the beginning of its name, the longest one counts.
var wanted = map[string]error{
	// Signing in.
	"login-post-wrong": dojo.ErrPasswordRefused, "login-post-unknown": dojo.ErrPasswordRefused,
	"login-post-inactive": dojo.ErrPasswordRefused, "login-post-empty": dojo.ErrPasswordRefused, "login-post-username-case": dojo.ErrPasswordRefused,
	"login-post-missing-csrf": dojo.ErrCSRF, "login-post-no-csrf": dojo.ErrCSRF, "login-post-csrf-cookie": dojo.ErrCSRF,
	"login-post-csrf-mismatch": dojo.ErrCSRF, "login-post-origin-other": dojo.ErrCSRF, "login-post-origin-https": dojo.ErrCSRF,
	"https-login-no-referer": dojo.ErrCSRF, "https-login-referer-": dojo.ErrCSRF,
	"rate-limit-wrong-1": dojo.ErrPasswordRefused, "rate-limit-wrong-5": dojo.ErrPasswordRefused,
	"rate-limit-wrong-": dojo.ErrRateLimited, "rate-limit-right": dojo.ErrRateLimited,
	"rate-limit-block-attempt-": dojo.ErrPasswordRefused, "rate-limit-block-attempt-6": dojo.ErrRateLimited,
	"rate-limit-block-attempt-7": dojo.ErrRateLimited, "rate-limit-block-right": dojo.ErrRateLimited,
	"rate-limit-block-other-user-same": dojo.ErrRateLimited, "rate-limit-lockout-6th": dojo.ErrRateLimited,
	"host-not-allowed": dojo.ErrHostRefused,
	// Sessions that are over, and other redirects.
	"expired-": dojo.ErrSessionExpired, "anonymous-get-alerts": dojo.ErrSessionExpired, "logout-own": dojo.ErrSessionExpired,
	"logout-other-session-after": dojo.ErrSessionExpired, "logout-third": dojo.ErrSessionExpired,
	"password-change-after": dojo.ErrSessionExpired, "user-deactivated": dojo.ErrSessionExpired,
	"change-password-own": dojo.ErrSessionExpired, "change-password-other": dojo.ErrSessionExpired,
	"single-user-session-older": dojo.ErrSessionExpired, "https-expired": dojo.ErrSessionExpired,
	"ui-with": dojo.ErrSessionExpired, "token-on-ui": dojo.ErrSessionExpired,
	"force-password-alerts": dojo.ErrPasswordChange, "force-password-api-session": dojo.ErrPasswordChange,
	"forced-change-alerts": dojo.ErrPasswordChange, "forced-change-post": dojo.ErrPasswordChange, "forced-change-session": dojo.ErrPasswordChange,
	"rate-limit-lockout-live-session-with": dojo.ErrPasswordChange, "rate-limit-lockout-live-session-no": nil,
	"ssl-redirect": dojo.ErrRedirect,
	// Alerts.
	"alerts-json-limit-minus": dojo.ErrServer, "alerts-json-limit-abc": dojo.ErrServer, "alerts-json-limit-1-5": dojo.ErrServer,
	"alerts-post-no-csrf": dojo.ErrCSRF, "alerts-post-csrf-cookie": dojo.ErrCSRF, "alerts-post-wrong-token": dojo.ErrCSRF,
	"alerts-post-origin-other": dojo.ErrCSRF, "alerts-post-origin-https": dojo.ErrCSRF,
	"alerts-post-non-integer": dojo.ErrServer, "alerts-post-empty-value": dojo.ErrServer, "alerts-post-comma": dojo.ErrServer,
	"alerts-post-mixed-with": dojo.ErrServer, "alerts-html-page-size-junk": dojo.ErrServer, "alerts-post-10241": dojo.ErrHostRefused,
	// The API.
	"user-profile-anonymous": dojo.ErrTokenRefused, "user-profile-bad": dojo.ErrTokenRefused, "user-profile-malformed": dojo.ErrTokenRefused,
	"inactive-user-basic": dojo.ErrTokenRefused, "bad-token-on-api": dojo.ErrTokenRefused, "basic-bad": dojo.ErrTokenRefused,
	"no-auth-on-api": dojo.ErrTokenRefused, "api-tokens-disabled-token": dojo.ErrTokenRefused, "expired-session-on-api": dojo.ErrSessionExpired,
	"accept-html": dojo.ErrMalformed,
	// These recordings keep only a part of the profile, which has no id.
	"force-password-api-token": dojo.ErrMalformed, "api-with-session": dojo.ErrMalformed, "api-get-": dojo.ErrMalformed,
	"api-expired-cookie": dojo.ErrMalformed, "api-with-basic": dojo.ErrMalformed,
}

// want returns the longest entry of wanted that name begins with.
func want(name string) error {
	best := ""
	for begin := range wanted {
		if strings.HasPrefix(name, begin) && len(begin) > len(best) {
			best = begin
		}
	}
	return wanted[best]
}

// neverAsked are the paths that recordings have and the client never asks for.
var neverAsked = []string{
	"/logout", "/delete_alerts", "/change_password", "/alerts/count/text", "/alerts/partial", "/alerts/json/", "/login/", "/",
	"/no/such/path", "/no-such-page", "/static/no-such.js", "/notifications", "/notifications/system",
	"/finding/", "/engagement/", "/asset/", "/product/",
}

func TestTheClientUnderstandsRecordedAnswers(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(recordings, "*.json"))
	if err != nil || len(files) != 6 {
		t.Fatalf("the recordings are %q, %v", files, err)
	}
	used := make(map[string]bool)
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var all []recording
		if err := json.Unmarshal(content, &all); err != nil {
			t.Fatal(err)
		}
		for i := range all {
			e := &all[i]
			if !e.ours() {
				continue
			}
			used[e.Name] = true
			t.Run(filepath.Base(file)+"/"+e.Name, func(t *testing.T) { play(t, e) })
		}
	}
	for _, begin := range slices.Sorted(maps.Keys(wanted)) {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(used)), func(name string) bool { return strings.HasPrefix(name, begin) }) {
			t.Errorf("no recording begins with %q", begin)
		}
	}
}

// ours reports whether the client makes such a request.
func (e *recording) ours() bool {
	path, _, _ := strings.Cut(e.Request.Path, "?")
	if strings.HasPrefix(path, "/api/") && path != "/api/v2/user_profile/" {
		return false
	}
	if e.Request.Method != http.MethodGet && (e.Request.Method != http.MethodPost || path != "/login" && path != "/alerts") {
		return false
	}
	return !slices.ContainsFunc(neverAsked, func(p string) bool {
		return path == p || strings.HasSuffix(p, "/") && p != "/" && strings.HasPrefix(path, p)
	})
}

func play(t *testing.T, e *recording) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/login" && r.Method == http.MethodGet && e.Request.Method == http.MethodPost {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Add("Set-Cookie", fillIn.Replace("csrftoken=<csrf>; HttpOnly; Max-Age=31449600; Path=/; SameSite=Lax"))
			_, _ = io.WriteString(w, loginPage)
			return
		}
		if r.URL.Path == "/alerts" && r.Method == http.MethodGet && e.Request.Method == http.MethodPost {
			return // the page that renews the CSRF cookie
		}
		e.answer(w)
	}))
	defer server.Close()
	c := connect(t, server.URL)
	err := e.call(t, c)
	if errors.Is(err, errNotOurs) {
		t.Fatalf("%s %s is neither asked for nor listed", e.Request.Method, e.Request.Path)
	}
	if w := want(e.Name); w == nil && err != nil || !errors.Is(err, w) {
		t.Errorf("the client says %v, want %v", err, w)
	}
	failure, ok := errors.AsType[*dojo.Error](err)
	if err != nil && (!ok || failure.Status != e.Response.Status) {
		t.Errorf("the error %v has not the status %d", err, e.Response.Status)
	}
}
