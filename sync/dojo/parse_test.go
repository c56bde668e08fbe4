package dojo

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// open wraps a reader as the body of an answer.
func open(tb testing.TB, r io.Reader, limit int64) *body {
	tb.Helper()
	ctx, w := newWatch(tb.Context(), time.Minute, time.Minute)
	w.pause()
	b := &body{ctx: ctx, from: io.NopCloser(r), watch: w, limit: limit}
	tb.Cleanup(func() { _ = b.Close() })
	return b
}

func decodeAll(tb testing.TB, r io.Reader) ([]Alert, error) {
	tb.Helper()
	var out []Alert
	b := open(tb, r, 1<<20)
	err := decodeAlerts(b, 1<<16, func(a Alert) bool { out = append(out, a); return true })
	_ = b.Close()
	return out, err
}

func FuzzAlerts(f *testing.F) {
	const one = `{"model": "dojo.alerts", "pk": 7, "fields": {"title": "t", "description": "&amp;lt;", "url": null, "source": "Other", "icon": "key", "user_id": 1, "created": "2026-08-08T10:00:00Z"}}`
	for _, seed := range []string{"[]", "[" + one + "]", "[" + one + "," + one + "] ", "null", "[{}]", "[" + one, "<html>", "[1e999]", `["\ud800"]`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		alerts, err := decodeAll(t, strings.NewReader(text))
		slowly, slowErr := decodeAll(t, iotest.OneByteReader(strings.NewReader(text)))
		if (err == nil) != (slowErr == nil) || !slices.Equal(alerts, slowly) {
			t.Fatalf("byte by byte: %v and %v, else %v and %v", slowly, slowErr, alerts, err)
		}
		if err != nil {
			if !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrTooLarge) {
				t.Fatalf("an error without a name: %v", err)
			}
			return
		}
		var whole []json.RawMessage
		if json.Unmarshal([]byte(text), &whole) != nil || whole == nil || len(whole) != len(alerts) {
			t.Fatalf("%d alerts were read from %q", len(alerts), text)
		}
		for _, a := range alerts {
			if a.PK <= 0 || a.UserID <= 0 || a.Created.IsZero() {
				t.Fatalf("an impossible alert: %+v", a)
			}
		}
	})
}

func FuzzCookies(f *testing.F) {
	const session, csrf = "ssssssssssssssssssssssssssssssss", "cccccccccccccccccccccccccccccccc"
	f.Add("csrftoken="+csrf+"; HttpOnly; Path=/", "sessionid="+session+"; HttpOnly; Path=/")
	f.Add(`sessionid=""; Max-Age=0`, `messages="a\054b"; Path=/`)
	f.Add("=x", "a=b=c; ;; =")
	f.Fuzz(func(t *testing.T, first, second string) {
		set := cookies(http.Header{"Set-Cookie": {first, second}})
		for _, c := range []*http.Cookie{csrfCookie(set, "", []byte(second)), sessionCookie(set, nil, "", "csrftoken")} {
			if c == nil {
				continue
			}
			if c.Name == messagesCookie || c.MaxAge < 0 || !tokenName(c.Name) || !sendable(c.Value) {
				t.Errorf("%q was taken", c)
			}
			s := Session{Name: c.Name, ID: c.Value, CSRFName: "csrftoken", CSRF: csrf}
			if strings.ContainsAny(s.header(), "\r\n\x00") {
				t.Errorf("the header breaks: %q", s.header())
			}
		}
	})
}

func FuzzParseSession(f *testing.F) {
	f.Add("abc", "")
	f.Add("Cookie: a=b; sessionid=\"abc\"; csrftoken=x", "sessionid")
	f.Add("sid=1", "")
	f.Add("a\r\nb", "x y")
	f.Fuzz(func(t *testing.T, pasted, name string) {
		s, err := ParseSession(pasted, name)
		if err != nil {
			if len(pasted) > 8 && strings.Contains(err.Error(), pasted) {
				t.Errorf("the error quotes what was pasted: %v", err)
			}
			return
		}
		if !sendable(s.ID) || !tokenName(s.Name) || strings.ContainsAny(s.header(), "\r\n") {
			t.Errorf("%q and %q gave an impossible session", pasted, name)
		}
		if again, err := ParseSession(s.Name+"="+s.ID, s.Name); err != nil || again.ID != s.ID {
			t.Errorf("it does not survive a second time: %v", err)
		}
	})
}

func TestParseSession(t *testing.T) {
	const csrf = "CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC"
	for _, c := range []struct {
		pasted, name string
		want         Session
	}{
		{"  abc\n", "", Session{Name: "sessionid", ID: "abc"}},
		{`"abc"`, "", Session{Name: "sessionid", ID: "abc"}},
		{"abc", "DOJO", Session{Name: "DOJO", ID: "abc"}},
		{"sessionid=abc", "", Session{Name: "sessionid", ID: "abc"}},
		{"DOJO=abc", "", Session{Name: "DOJO", ID: "abc"}},
		{"cookie: csrftoken=" + csrf + "; sessionid=abc; theme=dark", "", Session{Name: "sessionid", ID: "abc", CSRF: csrf}},
		{"sessionid=abc; csrftoken=short", "", Session{Name: "sessionid", ID: "abc"}},
		{"a=1; b=2", "", Session{}},
		{"csrftoken=" + csrf, "", Session{}},
		{"", "", Session{}},
		{"a b", "", Session{}},
		{"abc", "bad name", Session{}},
	} {
		if got, err := ParseSession(c.pasted, c.name); got != c.want || (err != nil) != (c.want == Session{}) {
			t.Errorf("ParseSession(%q, %q) is wrong: %v", c.pasted, c.name, err)
		}
	}
}

func TestASessionHidesItsSecrets(t *testing.T) {
	s := Session{Name: "sessionid", ID: "geheim", CSRF: "geheim"}
	if text := s.String() + s.GoString() + s.LogValue().String(); strings.Contains(text, "geheim") {
		t.Errorf("it prints as %q", text)
	}
}

func TestWhichCookieIsTheSession(t *testing.T) {
	cookie := func(line string) *http.Cookie {
		c, err := http.ParseSetCookie(line)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	djangos := strings.Repeat("a1", 16)
	for _, c := range []struct {
		set        []string
		configured string
		want       string
	}{
		{[]string{"csrftoken=x", "sessionid=s"}, "", "sessionid"},
		{[]string{"csrftoken=x", "sessionid=s", "DOJO=d"}, "DOJO", "DOJO"},
		{[]string{"LB=" + djangos, "AWSALB=x; HttpOnly", "DOJO=" + djangos}, "", "DOJO"}, // LB was there before
		{[]string{"a=1", "b=2; HttpOnly"}, "", "b"},
		{[]string{"a=1"}, "", ""},
		{[]string{"csrftoken=" + djangos}, "", ""},
	} {
		var set []*http.Cookie
		for _, line := range c.set {
			set = append(set, cookie(line))
		}
		got := ""
		if found := sessionCookie(set, []*http.Cookie{cookie("LB=1")}, c.configured, "csrftoken"); found != nil {
			got = found.Name
		}
		if got != c.want {
			t.Errorf("of %q it is %q, want %q", c.set, got, c.want)
		}
	}
}

func TestWhichCookieIsForCSRF(t *testing.T) {
	secret, other := strings.Repeat("aB3", 11)[:32], strings.Repeat("x", 32)
	form := `<input type="hidden" name="csrfmiddlewaretoken" value="` + strings.Repeat("b", 32) + strings.Repeat("bC4", 11)[:32] + `">`
	for _, c := range []struct {
		names, known, page, want string
	}{
		{"LB XSRF csrftoken", "", form, "XSRF"}, // the secret decides
		{"LB csrftoken", "", "", "csrftoken"},
		{"LB __Host-csrftoken", "", "", "__Host-csrftoken"},
		{"LB XSRF", "XSRF", "", "XSRF"},
		{"csrftoken XSRF", "XSRF", "", "csrftoken"},
		{"LB", "", form, ""},
		{"LB", "", "", ""},
	} {
		var set []*http.Cookie
		for name := range strings.FieldsSeq(c.names) {
			value := other
			if name == "XSRF" {
				value = secret
			}
			set = append(set, &http.Cookie{Name: name, Value: value})
		}
		got := ""
		if found := csrfCookie(set, c.known, []byte(c.page)); found != nil {
			got = found.Name
		}
		if got != c.want {
			t.Errorf("of %q (%q before, form %v) it is %q, want %q", c.names, c.known, c.page != "", got, c.want)
		}
	}
}

func TestWhereRedirectsLead(t *testing.T) {
	for _, c := range []struct {
		base, from, location string
		want                 destination
	}{
		{"https://d", "/alerts/json", "/login?next=/alerts/json", toLogin},
		{"https://d/dojo", "/dojo/alerts/json", "/login?next=/dojo/alerts/json", toLogin},
		{"https://d/dojo", "/dojo/alerts/json", "/dojo/login?next=/x", toLogin},
		{"https://d", "/alerts", "https://d/login?next=/alerts", toLogin},
		{"https://d", "/alerts", "http://d/login", toLogin}, // Django behind a TLS proxy it does not know of
		{"https://d", "/alerts", "https://d:8443/login", toLogin},
		{"https://d", "/alerts", "/my-login/?next=/alerts", toLogin},
		{"https://d", "/alerts", "/change_password", toPasswordChange},
		{"https://d/dojo", "/dojo/alerts", "/dojo/change_password", toPasswordChange},
		{"https://d", "/login", "/login/google-oauth2/?next=/", toSSO},
		{"https://d", "/login", "/saml2/login?next=/", toSSO},
		{"https://d", "/alerts", "https://idp.example.com/adfs/ls/?wa=wsignin1.0", toSSO},
		{"https://d", "/alerts", "https://idp.example.com/realms/x/protocol/openid-connect/auth", toSSO},
		{"https://d", "/alerts", "//idp.example.com/login", toSSO},
		{"https://d", "/alerts", "/oauth2/start?rd=/alerts", toSSO},
		{"http://d", "/alerts/json", "https://d/alerts/json", toHTTPS},
		{"http://d", "/alerts/json", "https://d/alerts/json?limit=5", toHTTPS},
		{"http://d", "/login", "https://d/login?force_login_form", toHTTPS}, // DD_SECURE_SSL_REDIRECT, seen with 2.46.0
		{"https://d", "/alerts", "https://elsewhere.example.com/", toElsewhere},
		{"https://d", "/alerts", "/", toElsewhere},
		{"https://d", "/alerts", "", toElsewhere},
		{"https://d", "/alerts", "http://[::1", toElsewhere},
	} {
		base, err := url.Parse(c.base)
		if err != nil {
			t.Fatal(err)
		}
		from := *base
		from.Path = c.from
		if got := classify(base, &from, c.location); got != c.want {
			t.Errorf("%s%s to %q is %d, want %d", c.base, c.from, c.location, got, c.want)
		}
	}
}

func FuzzLocation(f *testing.F) {
	for _, seed := range []string{"/login?next=/", "https://u:p@h/x?code=1#f", "//h", "\x00", "http://[", "?client_id=1", strings.Repeat("/a", 200)} {
		f.Add(seed)
	}
	base, err := url.Parse("https://dojo.example.com/dojo")
	if err != nil {
		f.Fatal(err)
	}
	from := base.JoinPath("alerts")
	f.Fuzz(func(t *testing.T, location string) {
		if d := classify(base, from, location); d < toElsewhere || d > toHTTPS {
			t.Errorf("%q leads to %d", location, d)
		}
		text := shown(from, location)
		if strings.ContainsAny(text, "?@#\r\n") && !strings.Contains(location, "%") && len(text) < 100 {
			// A path may hold an @; a user, a query or a fragment may not show.
			if u, err := url.Parse(text); err != nil || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
				t.Errorf("%q is shown as %q", location, text)
			}
		}
	})
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"":                                  0,
		"0":                                 0,
		"120":                               2 * time.Minute,
		" 7 ":                               7 * time.Second,
		"-5":                                0,
		"1.5":                               0,
		"soon":                              0,
		"99999999999999":                    longestRetry,
		"Wed, 25 Nov 2026 10:05:00 GMT":     5 * time.Minute,
		"Wed, 25 Nov 2026 09:00:00 GMT":     0,
		"Wed, 25 Nov 2099 09:00:00 GMT":     longestRetry,
		"Wednesday, 25-Nov-26 10:05:00 GMT": 5 * time.Minute,
	} {
		if got := retryAfter(header, now); got != want {
			t.Errorf("%q is %v, want %v", header, got, want)
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"1", "Wed, 25 Nov 2026 10:05:00 GMT", "18446744073709551616", "-1"} {
		f.Add(seed)
	}
	now := time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, header string) {
		if d := retryAfter(header, now); d < 0 || d > longestRetry {
			t.Errorf("%q is %v", header, d)
		}
	})
}

func FuzzLoginPage(f *testing.F) {
	f.Add([]byte(`<title>DefectDojo</title><input name="csrfmiddlewaretoken"><input name='username'><input type=password name=password>`))
	f.Add([]byte("<html>"))
	f.Add([]byte("v. 3.2.0 ( x )"))
	f.Fuzz(func(t *testing.T, page []byte) {
		if isLoginPage(page) && (!isDjangoLogin(page) || !bytes.Contains(page, []byte("csrfmiddlewaretoken"))) {
			t.Errorf("%q", page)
		}
		if isCSRFPage(page) && len(page) >= 8<<10 {
			t.Errorf("a page of %d bytes is no CSRF page", len(page))
		}
		if v := version(page); strings.ContainsAny(v, " <>\n") {
			t.Errorf("the version is %q", v)
		}
	})
}

func TestTheVersionIsInTheFooter(t *testing.T) {
	for page, want := range map[string]string{
		"<p>v. 1.0 of a finding</p><footer>v. 3.2.0 ( release mode )</footer>": "3.2.0",
		"<footer>v. 2.46.0</footer>":          "2.46.0",
		"<footer>v. 3.3.0-dev</footer>":       "3.3.0-dev",
		"<footer>rev. 5.1</footer>":           "",
		"<footer>our server</footer>":         "",
		"v. 1.2" + strings.Repeat("x", 1<<20): "1.2" + strings.Repeat("x", 40),
	} {
		if got := version([]byte(page)); got != want {
			t.Errorf("%q has %q, want %q", page, got, want)
		}
	}
}
