package dojoserver

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// browser keeps cookies and follows no redirect.
type browser struct {
	t       *testing.T
	s       *Server
	cookies map[string]string
}

func newBrowser(t *testing.T, s *Server) *browser {
	t.Helper()
	return &browser{t: t, s: s, cookies: make(map[string]string)}
}

func (b *browser) do(method, path string, form url.Values, header ...string) *httptest.ResponseRecorder {
	b.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	b.s.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		b.cookies[c.Name] = c.Value
	}
	return w
}

var tokenField = regexp.MustCompile(`name="csrfmiddlewaretoken" value="([0-9A-Za-z]{64})"`)

// signIn signs in as a person does: with the masked token of the form.
func (b *browser) signIn(prefix, name, password string) *httptest.ResponseRecorder {
	b.t.Helper()
	page := b.do(http.MethodGet, prefix+"/login", nil)
	found := tokenField.FindStringSubmatch(page.Body.String())
	if found == nil {
		b.t.Fatalf("the form has no token: %s", page.Body)
	}
	return b.do(http.MethodPost, prefix+"/login", url.Values{"username": {name}, "password": {password}, "csrfmiddlewaretoken": {found[1]}})
}

func TestABrowserSignsInWithTheMaskedTokenOfTheForm(t *testing.T) {
	s := New(Options{Prefix: "/dojo/", SessionName: "sid", CSRFName: "xsrf", Users: []User{{Name: "ana", Password: "pw"}}})
	s.AddAlert("ana", Alert{Title: "one", URL: "/dojo/finding/7"})
	b := newBrowser(t, s)
	if w := b.signIn("/dojo", "ana", "pw"); w.Code != http.StatusFound || w.Header().Get("Location") != "/dojo/" {
		t.Fatalf("status %d to %q", w.Code, w.Header().Get("Location"))
	}
	if b.cookies["sid"] == "" || b.cookies["xsrf"] == "" {
		t.Errorf("the cookies are %v", b.cookies)
	}
	for path, status := range map[string]int{"/dojo/": 302, "/dojo/dashboard": 200, "/dojo/profile": 200, "/dojo/finding/7": 200, "/dojo/finding/8": 404, "/finding/7": 404} {
		if w := b.do(http.MethodGet, path, nil); w.Code != status {
			t.Errorf("%s answers %d, want %d", path, w.Code, status)
		}
	}
	page := b.do(http.MethodGet, "/dojo/alerts", nil).Body.String()
	if !strings.Contains(page, "v. 3.2.0 (") || !strings.Contains(page, `name="alert_select" value="1"`) {
		t.Errorf("the page of alerts lacks the version or the alert:\n%s", page)
	}
	wrong := mask(randomText(csrfAlphabet, csrfLength))
	if w := b.do(http.MethodPost, "/dojo/alerts", url.Values{"alert_select": {"1"}, "csrfmiddlewaretoken": {wrong}}); w.Code != http.StatusForbidden {
		t.Errorf("a token with another secret gives %d", w.Code)
	}
	token := tokenField.FindStringSubmatch(page)[1]
	if w := b.do(http.MethodPost, "/dojo/alerts", url.Values{"alert_select": {"1"}, "csrfmiddlewaretoken": {token}}); w.Code != http.StatusOK || len(s.Alerts("ana")) != 0 {
		t.Errorf("the removal gives %d and leaves %v", w.Code, s.Alerts("ana"))
	}
}

func TestUsersComeAndGo(t *testing.T) {
	s := New(Options{SingleSession: true})
	id := s.AddUser(User{Name: "ana", Password: "pw"})
	first, second := newBrowser(t, s), newBrowser(t, s)
	first.signIn("", "ana", "pw")
	second.signIn("", "ana", "pw")
	if w := first.do(http.MethodGet, "/alerts/count", nil); w.Code != http.StatusFound {
		t.Errorf("the first session survives the second: %d", w.Code)
	}
	if n := s.Sessions("ana"); n != 1 {
		t.Errorf("%d sessions", n)
	}
	s.ExpireSessions("ana")
	if w := second.do(http.MethodGet, "/alerts/count", nil); w.Code != http.StatusFound {
		t.Errorf("an expired session answers %d", w.Code)
	}
	s.AddAlert("ana", Alert{Title: "kept"})
	if again := s.AddUser(User{Name: "ana", Password: "new"}); again == id || len(s.Alerts("ana")) != 1 {
		t.Errorf("replaced: id %d after %d, alerts %v", again, id, s.Alerts("ana"))
	}
	if w := second.signIn("", "ana", "pw"); w.Code != http.StatusOK {
		t.Errorf("the old password answers %d", w.Code)
	}
}

func TestSessionsExpireAfterTwoWeeks(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s := New(Options{Users: []User{{Name: "ana", Password: "pw"}}, Now: func() time.Time { return now }})
	b := newBrowser(t, s)
	b.signIn("", "ana", "pw")
	now = now.Add(13 * 24 * time.Hour)
	b.do(http.MethodGet, "/alerts/json", nil) // does not prolong it
	if w := b.do(http.MethodGet, "/alerts", nil); w.Code != http.StatusOK {
		t.Fatalf("after 13 days: %d", w.Code)
	}
	now = now.Add(13 * 24 * time.Hour) // the page did prolong it
	if w := b.do(http.MethodGet, "/alerts/json", nil); w.Code != http.StatusOK {
		t.Fatalf("13 days after the page: %d", w.Code)
	}
	now = now.Add(24 * time.Hour)
	if w := b.do(http.MethodGet, "/alerts/json", nil); w.Code != http.StatusFound {
		t.Errorf("14 days after the page: %d", w.Code)
	}
}

func TestSingleSignOnTakesThePlainLoginOf2x(t *testing.T) {
	s := New(Options{Version: "2.46.0", SSO: "google-oauth2"})
	b := newBrowser(t, s)
	if w := b.do(http.MethodGet, "/login?next=/alerts", nil); w.Header().Get("Location") != "/login/google-oauth2/?next=/alerts" {
		t.Errorf("/login leads to %q", w.Header().Get("Location"))
	}
	if w := b.do(http.MethodGet, "/login?force_login_form", nil); w.Code != http.StatusOK {
		t.Errorf("the form answers %d", w.Code)
	}
	if w := newBrowser(t, New(Options{SSO: "google-oauth2"})).do(http.MethodGet, "/login", nil); w.Code != http.StatusOK {
		t.Errorf("3.x, which has no single sign-on, answers %d", w.Code)
	}
}

func TestARestoredDatabaseGivesKeysAgain(t *testing.T) {
	s := New(Options{Users: []User{{Name: "ana"}}})
	s.AddAlert("ana", Alert{Title: "before"})
	backup := s.Backup()
	lost := s.AddAlert("ana", Alert{Title: "lost"})
	s.RemoveAlert("ana", 1)
	s.Restore(backup)
	if again := s.AddAlert("ana", Alert{Title: "another"}); again != lost {
		t.Errorf("the new key is %d, want %d again", again, lost)
	}
	var titles []string
	for _, a := range s.Alerts("ana") {
		titles = append(titles, a.Title)
	}
	if !slices.Equal(titles, []string{"another", "before"}) {
		t.Errorf("the alerts are %q", titles)
	}
	s.Restore(Backup{})
	if pk := s.AddAlert("ana", Alert{}); pk != 1 || len(s.Alerts("ana")) != 1 {
		t.Errorf("an empty database gives key %d", pk)
	}
}

func TestAServerListensAndCloses(t *testing.T) {
	s := New(Options{Prefix: "/dojo"})
	for range 2 { // it can be started again
		base, err := s.Start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Start(t.Context()); err == nil {
			t.Error("it listens twice")
		}
		if status, _ := get(t, base+"/login"); status != http.StatusOK {
			t.Errorf("%s/login answers %d", base, status)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("closed again: %v", err)
		}
	}
	if got := s.Requests(); !slices.Equal(got, []string{"GET /dojo/login", "GET /dojo/login"}) {
		t.Errorf("the log is %q", got)
	}
	s.ForgetRequests()
	if len(s.Requests()) != 0 {
		t.Error("the log was not forgotten")
	}
}

func TestCloseEndsHeldRequests(t *testing.T) {
	s := New(Options{})
	base, err := s.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.Break(Hold(nil)) // never let go
	failed := make(chan error)
	go func() {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/login", nil)
		if err != nil {
			failed <- err
			return
		}
		resp, err := client.Do(r)
		if err == nil {
			_ = resp.Body.Close()
		}
		failed <- err
	}()
	if err := s.Await(t.Context(), func(requests []string) bool { return len(requests) == 1 }); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-failed; err == nil {
		t.Error("the held request was answered")
	}
}

func TestAwaitEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := New(Options{}).Await(ctx, func([]string) bool { return false }); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
}

func TestTheLogOfRequestsIsBounded(t *testing.T) {
	s := New(Options{})
	for range requestLogSize + 5 {
		s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/old", nil))
	}
	s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/new", nil))
	got := s.Requests()
	if len(got) > requestLogSize || got[len(got)-1] != "GET /new" {
		t.Errorf("%d lines, the last is %q", len(got), got[len(got)-1])
	}
}

func TestThePageShows25Alerts(t *testing.T) {
	s := New(Options{Users: []User{{Name: "ana", Password: "pw"}}})
	for range 60 {
		s.AddAlert("ana", Alert{Title: "x"})
	}
	b := newBrowser(t, s)
	b.signIn("", "ana", "pw")
	for query, want := range map[string]string{
		"":                     "60 25", // the first key and how many
		"?page=2":              "35 25",
		"?page=3":              "10 10",
		"?page=99":             "10 10",
		"?page=-1":             "10 10", // Django's paginator takes any integer out of range for the last page
		"?page=x":              "60 25",
		"?page_size=7&page=2":  "53 7",
		"?page_size=999999999": "60 60",
		"?page_size=99999999999999999999&page=99999999999999999999": "60 60",
	} {
		keys := regexp.MustCompile(`name="alert_select" value="(\d+)"`).FindAllStringSubmatch(b.do(http.MethodGet, "/alerts"+query, nil).Body.String(), -1)
		if len(keys) == 0 || keys[0][1]+" "+itoa(int64(len(keys))) != want {
			t.Errorf("%q shows %d alerts from %v, want %s", query, len(keys), keys, want)
		}
	}
}

// client makes one connection a request, so that nothing outlives a test.
var client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

func get(t *testing.T, target string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = resp.Body.Close() }()
	content, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return resp.StatusCode, err.Error()
	}
	return resp.StatusCode, string(content)
}

func TestBreakages(t *testing.T) {
	s := New(Options{})
	base, err := s.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	pieces := make(chan string, 2)
	pieces <- "one "
	pieces <- "two"
	close(pieces)
	for name, c := range map[string]struct {
		hook   Hook
		status int
		text   string
	}{
		"answer":  {Answer(418, "text/plain", "tea"), 418, "tea"},
		"down":    {Down(0), 502, "Bad Gateway"},
		"pause":   {Down(time.Minute), 503, "Service Unavailable"},
		"cut":     {Cut("application/json", "[{"), 200, "unexpected EOF"},
		"drop":    {Drop(), 0, "EOF"},
		"endless": {Endless("text/plain", "x", strings.Repeat("y", 1000)), 200, "xyyy"},
		"pieces":  {Pieces("text/plain", pieces), 200, "one two"},
		"only":    {Only(http.MethodPost, "/login", Drop()), 200, "csrfmiddlewaretoken"},
		"none":    {nil, 200, "csrfmiddlewaretoken"},
	} {
		t.Run(name, func(t *testing.T) {
			s.Break(c.hook)
			if status, text := get(t, base+"/login"); status != c.status || !strings.Contains(text, c.text) {
				t.Errorf("%d %.200q, want %d and %q", status, text, c.status, c.text)
			}
		})
	}
}
