package intake

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"bellhop/app"
)

const secret = "correct-horse-battery"

// desk is a bell's end of the listener: it keeps events by key, as the store does.
type desk struct {
	mu       sync.Mutex
	accounts []app.Account
	fails    error
	events   []app.Event
	keys     map[string]bool
	now      time.Time
	log      bytes.Buffer
}

func (d *desk) record(_ context.Context, e app.Event) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fails != nil {
		return d.fails
	}
	if key := string(rune(e.Account)) + e.Key; !d.keys[key] {
		d.keys[key] = true
		d.events = append(d.events, e)
	}
	return nil
}

// set changes the desk between two calls.
func (d *desk) set(change func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change()
}

// open returns a listener for accounts at the addresses given.
func open(t *testing.T, path string, addresses ...string) (*desk, *Listener) {
	t.Helper()
	d := &desk{keys: make(map[string]bool), now: noon}
	for i, address := range addresses {
		d.accounts = append(d.accounts, app.Account{ID: app.AccountID(i + 1), URL: address, Username: "user" + string(rune('1'+i))})
	}
	l, err := New(Options{
		Header: "X-Bell-Secret", Secret: secret, Path: path,
		Accounts: func(context.Context) ([]app.Account, error) {
			d.mu.Lock()
			defer d.mu.Unlock()
			return d.accounts, nil
		},
		Record: d.record,
		Now: func() time.Time {
			d.mu.Lock()
			defer d.mu.Unlock()
			return d.now
		},
		Log: slog.New(slog.NewTextHandler(&d.log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return d, l
}

// request is a call as a server makes it; change may spoil it.
func request(t *testing.T, url string, r recorded, change func(*http.Request)) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(r.Body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = r.header()
	req.Header.Set("X-Bell-Secret", secret)
	req.Header.Set("Content-Type", "application/json")
	if change != nil {
		change(req)
	}
	return req
}

// reply is an answer as the caller got it.
type reply struct {
	status int
	header http.Header
}

// send makes a call and returns the answer with its whole body.
func send(t *testing.T, s *httptest.Server, req *http.Request) (reply, string) {
	t.Helper()
	resp, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{resp.StatusCode, resp.Header}, string(body)
}

var simple = recorded{
	Event: "finding_added", Instance: "https://dojo.example.com", Agent: "DefectDojo-3.2.0",
	Body: []byte(`{"title":"Addition of XSS","description":"x","user":null,"url_ui":"https://dojo.example.com/finding/28"}`),
}

func TestEveryRecordedCallArrives(t *testing.T) {
	t.Parallel()
	d, l := open(t, "", "https://dojo.example.com", "http://127.0.0.1:8320")
	s := httptest.NewServer(l)
	defer s.Close()
	twice := make(map[string]bool) // what the system's endpoint and a personal one are both sent
	sent := 0
	for i, version := range []string{"2.46.0", "3.2.0"} {
		for _, r := range recordings(t, version) {
			resp, body := send(t, s, request(t, s.URL+"/any/path", r, nil))
			if resp.status != http.StatusNoContent || body != "" {
				t.Fatalf("%s: %d %s", r.Name, resp.status, body)
			}
			if r.Event != "ping" {
				if key := version + sayJSON(t, r.Want); !twice[key] {
					twice[key] = true
					sent++
				}
			}
		}
		d.set(func() {
			if d.events[len(d.events)-1].Account != app.AccountID(i+1) {
				t.Errorf("%s belongs to account %d", version, d.events[len(d.events)-1].Account)
			}
		})
	}
	if len(d.events) != sent {
		t.Errorf("%d events from %d different calls", len(d.events), sent)
	}
	for _, e := range d.events {
		if e.Origin != app.OriginWebhook || e.Key == "" || e.Kind != e.Call.Kind || !e.At.Equal(noon) || e.ID != 0 {
			t.Errorf("%+v", e)
		}
	}
	if st := l.Status(); !st.LastPing.Equal(noon) || !st.LastEvent.Equal(noon) || st.Refused != 0 || st.Server != "3.2.0" || st.Problem != nil {
		t.Errorf("%+v", st)
	}
}

func TestAPingIsAnsweredAndReported(t *testing.T) {
	t.Parallel()
	d, l := open(t, "", "https://dojo.example.com")
	s := httptest.NewServer(l)
	defer s.Close()
	ping := recorded{Event: "ping", Instance: "http://localhost:8080", Agent: "DefectDojo-2.46.0", Body: []byte(`{"description":"Test webhook notification","title":"","user":null}`)}
	if resp, _ := send(t, s, request(t, s.URL, ping, nil)); resp.status != http.StatusNoContent {
		t.Fatal(resp.status)
	}
	if st := l.Status(); !st.LastPing.Equal(noon) || st.Recorded != 0 || st.Server != "2.46.0" || len(d.events) != 0 {
		t.Errorf("%+v, %d events", st, len(d.events))
	}
}

func TestWithoutTheSecretNothingIsToldNorRead(t *testing.T) {
	t.Parallel()
	d, l := open(t, "/hook", "https://dojo.example.com")
	s := httptest.NewServer(l)
	defer s.Close()
	first := ""
	for why, change := range map[string]func(*http.Request){
		"missing":      func(r *http.Request) { r.Header.Del("X-Bell-Secret") },
		"empty":        func(r *http.Request) { r.Header.Set("X-Bell-Secret", "") },
		"wrong":        func(r *http.Request) { r.Header.Set("X-Bell-Secret", secret[1:]) },
		"longer":       func(r *http.Request) { r.Header.Set("X-Bell-Secret", secret+"x") },
		"twice":        func(r *http.Request) { r.Header.Add("X-Bell-Secret", secret) },
		"other header": func(r *http.Request) { r.Header.Del("X-Bell-Secret"); r.Header.Set("Authorization", secret) },
		"other path":   func(r *http.Request) { r.Header.Del("X-Bell-Secret"); r.URL.Path = "/" },
		"other method": func(r *http.Request) { r.Header.Del("X-Bell-Secret"); r.Method = http.MethodDelete },
		"no JSON": func(r *http.Request) {
			r.Header.Del("X-Bell-Secret")
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader("x")), 1
		},
	} {
		resp, body := send(t, s, request(t, s.URL+"/hook", simple, change))
		if resp.status != http.StatusUnauthorized {
			t.Errorf("%s: %d", why, resp.status)
		}
		if first == "" {
			first = body
		}
		if body != first {
			t.Errorf("%s: the answer tells it: %s", why, body)
		}
	}
	s.Close()
	if len(d.events) != 0 || l.Status().Refused != 9 {
		t.Errorf("%d events, %+v", len(d.events), l.Status())
	}
	if p := l.Status().Problem; p == nil || p.Step == "" || strings.Contains(first, "bellhop") {
		t.Errorf("the user is told %v, the caller %s", p, first)
	}
	if log := d.log.String(); strings.Count(log, "unauthorized") != 1 || strings.Contains(log, secret[1:]) {
		t.Errorf("the log reads %s", log)
	}
}

func TestWhatIsNoWebhookIsRefusedAndNothingIsRecorded(t *testing.T) {
	t.Parallel()
	d, l := open(t, "/hook", "https://a.example.com", "https://b.example.com")
	s := httptest.NewServer(l)
	defer s.Close()
	body := func(text string) func(*http.Request) {
		return func(r *http.Request) {
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
		}
	}
	for _, c := range []struct {
		why    string
		status int
		change func(*http.Request)
	}{
		{"a redirect's GET", http.StatusMethodNotAllowed, func(r *http.Request) { r.Method, r.Body, r.ContentLength = http.MethodGet, nil, 0 }},
		{"another path", http.StatusNotFound, func(r *http.Request) { r.URL.Path = "/elsewhere" }},
		{"compressed", http.StatusUnsupportedMediaType, func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") }},
		{"not JSON", http.StatusBadRequest, body("title: x")},
		{"a scalar", http.StatusBadRequest, body("7")},
		{"nests forever", http.StatusBadRequest, body(strings.Repeat("[", 100_000))},
		{"no event", http.StatusBadRequest, func(r *http.Request) { r.Header.Del(HeaderEvent) }},
		{"too large", http.StatusRequestEntityTooLarge, body(`{"title":"` + strings.Repeat("x", MaxBody) + `"}`)},
		{"too large, in pieces", http.StatusRequestEntityTooLarge, func(r *http.Request) {
			body(`{"title":"` + strings.Repeat("x", MaxBody) + `"}`)(r)
			r.ContentLength = -1
		}},
		{"an unknown server", http.StatusUnprocessableEntity, nil},
	} {
		resp, text := send(t, s, request(t, s.URL+"/hook", simple, c.change))
		if resp.status != c.status || !strings.Contains(text, `"message"`) {
			t.Errorf("%s: %d %s", c.why, resp.status, text)
		}
		if l.Status().Problem == nil {
			t.Errorf("%s: not reported", c.why)
		}
	}
	if len(d.events) != 0 {
		t.Errorf("recorded: %+v", d.events)
	}
	// The next good call clears the report.
	good := simple
	good.Instance = "https://b.example.com"
	if resp, text := send(t, s, request(t, s.URL+"/hook/", good, nil)); resp.status != http.StatusNoContent || l.Status().Problem != nil {
		t.Errorf("%d %s", resp.status, text)
	}
}

func TestACallThatCannotBeStoredIsSentAgain(t *testing.T) {
	t.Parallel()
	d, l := open(t, "", "https://dojo.example.com")
	s := httptest.NewServer(l)
	defer s.Close()
	d.set(func() { d.fails = errors.New("disk full at /home/ana/secret-folder") })
	resp, body := send(t, s, request(t, s.URL, simple, nil))
	if resp.status != http.StatusServiceUnavailable || resp.header.Get("Retry-After") == "" || strings.Contains(body, "secret-folder") {
		t.Errorf("%d, Retry-After %q: %s", resp.status, resp.header.Get("Retry-After"), body)
	}
	if st := l.Status(); st.Failed != 1 || st.Problem == nil || st.Recorded != 0 {
		t.Errorf("%+v", st)
	}
	d.set(func() { d.fails = nil })
	if resp, _ := send(t, s, request(t, s.URL, simple, nil)); resp.status != http.StatusNoContent || len(d.events) != 1 {
		t.Errorf("%d, %d events", resp.status, len(d.events))
	}
}

func TestOneCallCountsOnce(t *testing.T) {
	t.Parallel()
	d, l := open(t, "", "https://dojo.example.com")
	s := httptest.NewServer(l)
	defer s.Close()
	d.now = noon.Add(30 * time.Second) // the minute of the clock ends before the first call's
	owned := simple
	owned.Body = bytes.Replace(simple.Body, []byte(`"user":null`), []byte(`"user":{"username":"ana"}`), 1)
	scan := recorded{Event: "scan_added", Instance: simple.Instance, Body: []byte(`{"title":"Created/Updated 1 findings","product":{"id":1},"user":null,"findings":{"new":[{"id":1}]}}`)}
	scanOwned, other := scan, scan
	scanOwned.Body = bytes.Replace(scan.Body, []byte("null"), []byte(`{"username":"ana"}`), 1)
	other.Body = bytes.Replace(scan.Body, []byte(`[{"id":1}]`), []byte(`[{"id":2}]`), 1)
	id := func(id string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Webhook-Id", id) }
	}
	for _, c := range []struct {
		why    string
		after  time.Duration
		call   recorded
		change func(*http.Request)
		more   int
	}{
		{"the first", 0, simple, nil, 1},
		{"repeated", 5 * time.Second, simple, nil, 0},
		{"repeated over the minute of the clock", 54 * time.Second, simple, nil, 0},
		{"the same a minute after the first", time.Second, simple, nil, 1},
		{"a clock set back a little", -30 * time.Second, simple, nil, 0},
		{"for somebody alone", 0, owned, nil, 1},
		{"a scan", 0, scan, nil, 1},
		{"the scan, at the owner's endpoint too", 0, scanOwned, nil, 0},
		{"another scan in the same second", 0, other, nil, 1},
		{"with an id", 0, simple, id("msg_1"), 1},
		{"the id again, hours later", 3 * time.Hour, simple, id("msg_1"), 0},
		{"another id with the same text", 0, simple, id("msg_2"), 1},
		{"an id that is long", 0, simple, id(strings.Repeat("x", 5000)), 1},
		{"the long id again", 0, simple, id(strings.Repeat("x", 5000)), 0},
	} {
		d.set(func() { d.now = d.now.Add(c.after) })
		before := len(d.events)
		if resp, body := send(t, s, request(t, s.URL, c.call, c.change)); resp.status != http.StatusNoContent {
			t.Fatalf("%s: %d %s", c.why, resp.status, body)
		}
		if got := len(d.events) - before; got != c.more {
			t.Errorf("%s: %d events, want %d", c.why, got, c.more)
		}
	}
	for _, e := range d.events {
		if len(e.Key) > 150 {
			t.Errorf("a key of %d bytes", len(e.Key))
		}
	}
}

func TestManyCallsAreNotRememberedForEver(t *testing.T) {
	t.Parallel()
	var r recent
	var w Webhook
	for i := range 3 * maxRecent {
		w.sum[0], w.sum[1] = byte(i), byte(i>>8)
		r.seen(w.sum, noon)
	}
	if len(r.first) != maxRecent {
		t.Errorf("%d are remembered", len(r.first))
	}
	w.sum[2] = 1
	r.seen(w.sum, noon.Add(time.Hour))
	if len(r.first) != 1 {
		t.Errorf("%d are remembered after an hour", len(r.first))
	}
}

func TestAListenerNeedsASecretAndAHeader(t *testing.T) {
	t.Parallel()
	_, l := open(t, "")
	for _, c := range []struct{ header, secret string }{
		{"X-Bell-Secret", ""},
		{"X-Bell-Secret", "short"},
		{"X-Bell-Secret", strings.Repeat("x", 101)},
		{"X-Bell-Secret", "sixteen letters\n!"},
		{"", secret},
		{"Content-Type", secret},
		{"X Bell", secret},
	} {
		o := l.o
		o.Header, o.Secret = c.header, c.secret
		if _, err := New(o); !errors.Is(err, app.ErrInvalid) || (c.secret != "" && strings.Contains(err.Error(), c.secret)) {
			t.Errorf("%q with %q: %v", c.header, c.secret, err)
		}
	}
	if a, b := NewSecret(), NewSecret(); CheckSecret(a) != nil || a == b {
		t.Errorf("a new secret is %q, then %q", a, b)
	}
	if _, err := New(Options{Header: "X-Bell-Secret", Secret: secret}); err == nil {
		t.Error("a listener without a store was made")
	}
}
