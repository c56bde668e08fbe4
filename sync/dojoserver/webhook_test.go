package dojoserver

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// callRecord is a call that a real server made, as the files in
// testdata/webhooks keep it.
type callRecord struct {
	Name    string            `json:"name"`
	Headers map[string]string `json:"headers"`
	Body    json.RawMessage   `json:"body"`
}

// heard is what came to a receiver.
type heard struct {
	header http.Header
	body   []byte
}

// receiver listens and remembers; status says what it answers to a path.
func receiver(t *testing.T, status func(path string) int) (string, func() []heard) {
	t.Helper()
	var mu sync.Mutex
	var all []heard
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		all = append(all, heard{r.Header, body})
		mu.Unlock()
		w.WriteHeader(status(r.URL.Path))
	}))
	t.Cleanup(server.Close)
	return server.URL, func() []heard {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(all)
	}
}

func noContent(string) int { return http.StatusNoContent }

// bodyRecord is what a body says about the world it was made in.
type bodyRecord struct {
	Title       string                     `json:"title"`
	Description string                     `json:"description"`
	User        *personRecord              `json:"user"`
	URL         string                     `json:"url_ui"`
	Type        *objectRecord              `json:"product_type"`
	Product     *objectRecord              `json:"product"`
	Engagement  *objectRecord              `json:"engagement"`
	Test        *objectRecord              `json:"test"`
	Finding     *findingRecord             `json:"finding"`
	RequestedBy *personRecord              `json:"requested_by"`
	Reviewers   []personRecord             `json:"reviewers"`
	Findings    map[string][]findingRecord `json:"findings"`
}

type personRecord struct {
	ID       int64  `json:"id"`
	Username string `json:"username"`
	First    string `json:"first_name"`
	Last     string `json:"last_name"`
	Email    string `json:"email"`
}

type objectRecord struct {
	ID    int64  `json:"id"`
	Name  string `json:"name"`
	Title string `json:"title"`
}

type findingRecord struct {
	ID       int64  `json:"id"`
	Title    string `json:"title"`
	Severity string `json:"severity"`
}

// people adds those of whom the body speaks.
func (b *bodyRecord) people(s *Server) (owner, asker string, reviewers []string) {
	add := func(p *personRecord) string {
		if p == nil {
			return ""
		}
		s.AddUser(User{ID: p.ID, Name: p.Username, First: p.First, Last: p.Last, Email: p.Email})
		return p.Username
	}
	for i := range b.Reviewers {
		reviewers = append(reviewers, add(&b.Reviewers[i]))
	}
	return add(b.User), add(b.RequestedBy), reviewers
}

// world makes the objects of which the body speaks, and the event.
func (b *bodyRecord) world(s *Server, kind, site string) (Event, string) {
	e := Event{Kind: kind, Title: b.Title, Description: b.Description, URL: strings.TrimPrefix(b.URL, site)}
	owner, asker, reviewers := b.people(s)
	e.RequestedBy, e.Reviewers = asker, reviewers
	if owner != "" {
		e.Users, e.NoSystem = []string{owner}, true
	}
	if b.Type != nil {
		e.ProductType = s.AddProductType(ProductType{ID: b.Type.ID, Name: b.Type.Name})
	}
	if b.Product != nil {
		e.Product = s.AddProduct(Product{ID: b.Product.ID, Name: b.Product.Name, Type: e.ProductType})
	}
	if b.Engagement != nil {
		e.Engagement = s.AddEngagement(Engagement{ID: b.Engagement.ID, Name: b.Engagement.Name, Product: e.Product})
	}
	if b.Test != nil {
		e.Test = s.AddTest(Test{ID: b.Test.ID, Title: b.Test.Title, Engagement: e.Engagement})
		if b.Engagement != nil { // the server finds what is above by itself
			e.Engagement, e.Product, e.ProductType = 0, 0, 0
		}
	}
	add := func(f findingRecord) int64 {
		return s.AddFinding(Finding{ID: f.ID, Title: f.Title, Severity: f.Severity, Test: b.Test.ID})
	}
	if b.Finding != nil {
		e.Finding = add(*b.Finding)
	}
	for part, into := range map[string]*[]int64{"new": &e.New, "reactivated": &e.Reactivated, "mitigated": &e.Mitigated, "untouched": &e.Untouched} {
		for _, f := range b.Findings[part] {
			*into = append(*into, add(f))
		}
	}
	return e, owner
}

// Every event is raised in a world made of its recorded body; what is sent
// then has to be what the real server sent, to the byte.
func TestWebhooksAgreeWithRecordings(t *testing.T) {
	for _, version := range []string{"2.46.0", "3.2.0"} {
		content, err := os.ReadFile(filepath.Join("testdata", "webhooks", version+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var calls []callRecord
		if err := json.Unmarshal(content, &calls); err != nil {
			t.Fatal(err)
		}
		for _, call := range calls {
			t.Run(version+"/"+call.Name, func(t *testing.T) { playCall(t, version, call) })
		}
	}
}

func playCall(t *testing.T, version string, call callRecord) {
	t.Helper()
	site, kind := call.Headers["X-DefectDojo-Instance"], call.Headers["X-DefectDojo-Event"]
	s := New(Options{Version: version, SiteURL: site})
	s.SetSystem("enable_webhooks_notifications", true)
	var body bodyRecord
	if err := json.Unmarshal(call.Body, &body); err != nil {
		t.Fatal(err)
	}
	event, owner := body.world(s, kind, site)
	address, all := receiver(t, noContent)
	hook := Webhook{Name: "w", URL: address, Owner: owner}
	for name, value := range call.Headers {
		if strings.HasPrefix(name, "X-") && strings.HasSuffix(name, "-Secret") || name == "Authorization" {
			hook.HeaderName, hook.HeaderValue = &name, &value
		}
	}
	id := s.AddWebhook(hook)
	if kind == "ping" {
		if d := s.Ping(t.Context(), id); d.Status != http.StatusNoContent {
			t.Fatalf("the ping says %+v", d)
		}
	} else if d := s.Raise(t.Context(), event); len(d) != 1 || d[0].Status != http.StatusNoContent {
		t.Fatalf("the deliveries are %+v", d)
	}
	got := all()
	if len(got) != 1 {
		t.Fatalf("%d calls came", len(got))
	}
	for name, value := range call.Headers {
		if have := got[0].header.Get(name); name != "Content-Length" && have != value {
			t.Errorf("%s is %q, recorded %q", name, have, value)
		}
	}
	if length := call.Headers["Content-Length"]; length != "" && length != strconv.Itoa(len(got[0].body)) {
		t.Errorf("the body has %d bytes, recorded %s", len(got[0].body), length)
	}
	var have, want bytes.Buffer
	if json.Compact(&have, got[0].body) != nil || json.Compact(&want, call.Body) != nil || have.String() != want.String() {
		t.Errorf("sent\n%s, recorded\n%s", have.String(), want.String())
	}
}

// What a receiver answers decides about the webhook, as recorded: what may
// pass keeps it half alive, all else ends it.
func TestAnswersDecideAboutAWebhook(t *testing.T) {
	for _, version := range []string{"2.46.0", "3.2.0"} {
		s := New(Options{Version: version, Users: []User{{Name: "ana"}}})
		address, all := receiver(t, func(path string) int {
			n, _ := strconv.Atoi(strings.Trim(path, "/"))
			return n
		})
		empty := ""
		want := map[string]string{
			"200": "active", "204": "active", "400": "inactive_permanent", "404": "inactive_permanent", "410": "inactive_permanent",
			"429": "inactive_tmp", "500": "inactive_tmp", "503": "inactive_tmp",
		}
		for path := range want {
			s.AddWebhook(Webhook{Name: path, URL: address + "/" + path})
		}
		s.AddWebhook(Webhook{Name: "no header", URL: address + "/200", HeaderName: &empty})
		s.AddWebhook(Webhook{Name: "refused", URL: "http://127.0.0.1:1/"})
		s.AddWebhook(Webhook{Name: "owned", URL: address + "/200", Owner: "ana"})
		want["no header"], want["refused"], want["owned"] = "inactive_permanent", "inactive_permanent", "active"
		if version == "2.46.0" {
			want["owned"] = "inactive_permanent"
		}
		event := Event{Kind: "product_added", Title: "Shop", URL: "/product/1", Users: []string{"ana"}}
		if d := s.Raise(t.Context(), event); len(d) != 0 {
			t.Errorf("%s: webhooks are off, and %d were called", version, len(d))
		}
		s.SetSystem("enable_webhooks_notifications", true)
		s.Raise(t.Context(), event)
		for _, w := range s.Webhooks() {
			if w.Status != want[w.Name] || (w.Status == "active") != (w.Note == "") {
				t.Errorf("%s: %s is %s, want %s; %q", version, w.Name, w.Status, want[w.Name], w.Note)
			}
		}
		before := len(all())
		again := s.Raise(t.Context(), event)
		if len(all())-before != len(again) || len(again) > 3 {
			t.Errorf("%s: then %d are called", version, len(again))
		}
		alerts := s.Alerts("ana")
		if len(alerts) != 3 || alerts[0].Source != "Product Added" || alerts[0].URL != "/product/1" {
			t.Errorf("%s: ana's alerts are %+v", version, alerts)
		}
	}
}

// An event that is for some people alone reaches their webhooks and no other.
func TestWhoseWebhooksAreCalled(t *testing.T) {
	s := New(Options{Users: []User{{Name: "ana"}, {Name: "ben"}}})
	s.SetSystem("enable_webhooks_notifications", true)
	address, _ := receiver(t, noContent)
	system := s.AddWebhook(Webhook{Name: "system", URL: address})
	anas := s.AddWebhook(Webhook{Name: "ana", URL: address, Owner: "ana"})
	bens := s.AddWebhook(Webhook{Name: "ben", URL: address, Owner: "ben"})
	for want, e := range map[int64]Event{
		system: {},
		anas:   {Users: []string{"ana"}, NoSystem: true},
		bens:   {Users: []string{"ben"}, NoSystem: true},
	} {
		e.Kind, e.Title = "other", "x"
		if d := s.Raise(t.Context(), e); len(d) != 1 || d[0].Webhook != want {
			t.Errorf("%+v calls %+v, want %d", e, d, want)
		}
	}
}

// A receiver that says nothing within the time of the system settings may pass.
func TestASilentReceiver(t *testing.T) {
	s := New(Options{})
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-release
	}))
	defer server.Close()
	defer close(release)
	s.SetSystem("enable_webhooks_notifications", true)
	s.SetSystem("webhooks_notifications_timeout", 0.05)
	s.AddWebhook(Webhook{Name: "w", URL: server.URL})
	start := time.Now()
	d := s.Raise(t.Context(), Event{Kind: "other", Title: "x"})
	if len(d) != 1 || d[0].Err == nil || time.Since(start) > 10*time.Second || s.Webhooks()[0].Status != "inactive_tmp" {
		t.Errorf("after %v: %+v, %s", time.Since(start), d, s.Webhooks()[0].Status)
	}
}
