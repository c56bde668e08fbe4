package webhook_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/app/dispatch/dispatchtest"
	"bellhop/app/dispatch/webhook"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// last returns the newest request.
func last(t *testing.T, r *dispatchtest.Receiver) dispatchtest.Hook {
	t.Helper()
	got := r.Hooks()
	if len(got) == 0 {
		t.Fatal("nothing arrived")
	}
	return got[len(got)-1]
}

func start(t *testing.T, r *dispatchtest.Receiver) (*webhook.Channel, dispatch.Message) {
	t.Helper()
	server := dispatchtest.HTTP(t, dispatchtest.Takes, r)
	c := webhook.New(webhook.Options{})
	t.Cleanup(c.Close)
	m := dispatchtest.Message(dispatchtest.Scan())
	m.Destination = app.Destination{ID: 1, Channel: app.ChannelWebhooks, Address: server.URL + "/hook"}
	m.Config, m.Version = map[string]string{"private": "on"}, "2.46.0"
	return c, m
}

var serial atomic.Int64

// send sends a new delivery.
func send(t *testing.T, c *webhook.Channel, m dispatch.Message) {
	t.Helper()
	m.ID = fmt.Sprintf("01KB0Q8Z5N7C9V3T2R%08d", serial.Add(1))
	if _, err := c.Send(t.Context(), m); err != nil {
		f := dispatch.FailureOf(err)
		t.Fatalf("not taken: %v %q", f, f.Answer)
	}
}

func TestItKeepsTheContract(t *testing.T) {
	dispatchtest.Suite{
		Timeout: dispatchtest.Short,
		Start: func(t *testing.T, fault dispatchtest.Fault, _ *slog.Logger) dispatchtest.Peer {
			server := dispatchtest.HTTP(t, fault, &dispatchtest.Receiver{})
			c := webhook.New(webhook.Options{Timeout: dispatchtest.Timeout(fault), Resolver: server.Resolver})
			t.Cleanup(c.Close)
			m := dispatchtest.Message(dispatchtest.Scan())
			m.Destination.Address = server.URL + "/hook"
			m.Config = map[string]string{"private": "on", "header_name": "X-Secret"}
			m.Secrets = map[string]string{
				"url": server.URL + "/hook?access_token=0a1b2c3d4e5f", "header_value": "s3cr3t-header", "key": webhook.NewKey() + " " + webhook.NewKey(),
			}
			return dispatchtest.Peer{Channel: c, Message: m, Arrived: server.Arrived, Taken: server.Taken}
		},
	}.Run(t)
}

// recording is a request that a real DefectDojo sent.
type recording struct {
	Name    string            `json:"name"`
	Headers map[string]string `json:"headers"`
	Body    map[string]any    `json:"body"`
}

func recordings(t *testing.T) []recording {
	t.Helper()
	data, err := os.ReadFile("testdata/recorded.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []recording
	if err := json.Unmarshal(data, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// 63, 65 to 71: what DefectDojo 2.46.0 and 3.2.0 were recorded sending is what a receiver
// gets from us, header by header and value by value, and our three besides.
func TestRequestsAreDefectDojosToTheLetter(t *testing.T) {
	t.Parallel()
	r := &dispatchtest.Receiver{}
	c, m := start(t, r)
	people := map[string]app.Person{}
	c.People = func(_ context.Context, _ app.AccountID, username string) (app.Person, bool) {
		p, ok := people[username]
		return p, ok
	}
	checked := 0
	for _, rec := range recordings(t) {
		site := rec.Headers["X-DefectDojo-Instance"]
		m.Site, m.Version = site, strings.TrimPrefix(rec.Headers["User-Agent"], "DefectDojo-")
		m.To, m.Destination.Person = app.Person{}, 0
		if user, ok := rec.Body["user"].(map[string]any); ok {
			m.To, m.Destination.Person = person(user), 7
		}
		call := callOf(rec, site, people)
		m.Events = []app.Event{dispatchtest.Event(1, call)}
		send(t, c, m)
		got := last(t, r)
		for name, want := range rec.Headers {
			if got.Header.Get(name) != want {
				t.Errorf("%s: header %s is %q, recorded %q", rec.Name, name, got.Header.Get(name), want)
			}
		}
		for name := range got.Header {
			known := []string{"Content-Length", "Webhook-Id", "Webhook-Timestamp"}
			if rec.Headers[spelled(name)] == "" && !slices.Contains(known, name) {
				t.Errorf("%s: header %s is not DefectDojo's", rec.Name, name)
			}
		}
		want := rec.Body
		if to, ok := want["url_ui"].(string); ok && strings.HasPrefix(to[4:], site[4:]+"http") {
			want["url_ui"] = to[len(site):] // DefectDojo doubles the host; we do not
		} else if ok && strings.HasPrefix(to, site+"http") {
			want["url_ui"] = to[len(site):]
		}
		if !reflect.DeepEqual(got.Body, want) {
			t.Errorf("%s:\n got %s\nwant %s", rec.Name, dump(got.Body), dump(want))
		}
		checked++
	}
	if checked < 120 {
		t.Errorf("only %d recordings were compared", checked)
	}
}

func dump(v any) []byte { b, _ := json.Marshal(v); return b }

func spelled(canonical string) string {
	return strings.Replace(canonical, "X-Defectdojo", "X-DefectDojo", 1)
}

func person(o map[string]any) app.Person {
	text := func(name string) string { s, _ := o[name].(string); return s }
	id, _ := o["id"].(float64)
	return app.Person{RemoteID: int64(id), Username: text("username"), FirstName: text("first_name"), LastName: text("last_name"), Email: text("email")}
}

// callOf is the call that led to a recorded request.
func callOf(rec recording, site string, people map[string]app.Person) app.Call {
	text := func(name string) string { s, _ := rec.Body[name].(string); return s }
	call := app.Call{
		Kind: app.Kind(rec.Headers["X-DefectDojo-Event"]), Title: text("title"), Description: text("description"),
		URL: strings.TrimPrefix(text("url_ui"), site), URLAPI: strings.TrimPrefix(text("url_api"), site),
	}
	ref := func(name, title string) *app.Ref {
		o, ok := rec.Body[name].(map[string]any)
		if !ok {
			return nil
		}
		s, _ := o[title].(string)
		return &app.Ref{ID: int64(o["id"].(float64)), Name: s}
	}
	call.ProductType, call.Product = ref("product_type", "name"), ref("product", "name")
	call.Engagement, call.Test = ref("engagement", "name"), ref("test", "title")
	finding := func(v any) app.FindingRef {
		o := v.(map[string]any)
		return app.FindingRef{ID: int64(o["id"].(float64)), Title: o["title"].(string), Severity: o["severity"].(string)}
	}
	if n, ok := rec.Body["finding_count"].(float64); ok {
		count := int(n)
		call.FindingCount = &count
	}
	if lists, ok := rec.Body["findings"].(map[string]any); ok {
		for name, list := range map[string]*[]app.FindingRef{
			"new": &call.FindingsNew, "reactivated": &call.FindingsReactivated, "mitigated": &call.FindingsMitigated, "untouched": &call.FindingsUntouched,
		} {
			for _, v := range lists[name].([]any) {
				*list = append(*list, finding(v))
			}
		}
	}
	if f, ok := rec.Body["finding"]; ok {
		one := finding(f)
		call.Finding = &one
	}
	if by, ok := rec.Body["requested_by"].(map[string]any); ok {
		p := person(by)
		people[p.Username], call.Actor = p, p.Username
	}
	if list, ok := rec.Body["reviewers"].([]any); ok {
		for _, v := range list {
			p := person(v.(map[string]any))
			people[p.Username] = p
			call.Reviewers = append(call.Reviewers, p.Username)
		}
	}
	return call
}

// 64 and 72: a ping has a fixed text, an empty title, and the owner.
func TestAPingIsDefectDojos(t *testing.T) {
	t.Parallel()
	r := &dispatchtest.Receiver{}
	c, m := start(t, r)
	m.Events = []app.Event{webhook.Ping(dispatchtest.At)}
	send(t, c, m)
	got := last(t, r)
	if string(got.Raw) != `{"description":"Test webhook notification","title":"","user":null}` || got.Header.Get("X-DefectDojo-Event") != "ping" {
		t.Errorf("got %s of %v", got.Raw, got.Header)
	}
	m.Destination.Person, m.To = 7, app.Person{RemoteID: 4, Username: "ana", FirstName: "Ana", LastName: "Lima", Email: "ana@example.com"}
	send(t, c, m)
	want := `{"description":"Test webhook notification","title":"","user":{"id":4,"email":"ana@example.com","username":"ana","first_name":"Ana","last_name":"Lima","url_ui":"https://dojo.example.com/user/4","url_api":"https://dojo.example.com/api/v2/users/4/"}}`
	if got := last(t, r); string(got.Raw) != want {
		t.Errorf("got %s", got.Raw)
	}
}

func TestSignaturesAreVerifiedByTheStandardsLibraryAlsoWhileKeysChange(t *testing.T) {
	t.Parallel()
	old, fresh := webhook.NewKey(), webhook.NewKey()
	for name, has := range map[string]string{"the old key": old, "the new key": fresh} {
		r := &dispatchtest.Receiver{Keys: []string{has}}
		c, m := start(t, r)
		m.Secrets = map[string]string{"key": fresh + "\n" + old}
		send(t, c, m)
		got := last(t, r)
		if len(got.Header.Get("webhook-id")) != 26 || strings.Count(got.Header.Get("webhook-signature"), "v1,") != 2 {
			t.Errorf("%s: headers are %v", name, got.Header)
		}
		m.Secrets["key"] = webhook.NewKey()
		if _, err := c.Send(t.Context(), m); err == nil || !dispatch.FailureOf(err).Final {
			t.Errorf("%s: a third key gave %v", name, err)
		}
	}
}

// The id stays from attempt to attempt, the time is the attempt's.
func TestTheIDIsTheDeliverysAndTheTimeTheAttempts(t *testing.T) {
	t.Parallel()
	r := &dispatchtest.Receiver{}
	server := dispatchtest.HTTP(t, dispatchtest.Takes, r)
	at := time.Unix(1_700_000_000, 0)
	c := webhook.New(webhook.Options{Now: func() time.Time { return at }})
	t.Cleanup(c.Close)
	m := dispatchtest.Message(dispatchtest.Closed())
	m.Destination.Address, m.Config = server.URL, map[string]string{"private": "on"}
	try := func() { // the same delivery each time
		if _, err := c.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	try()
	first := last(t, r).Header
	at, m.Attempt = at.Add(time.Hour), 2
	try()
	if r.Times(m.ID) != 2 || len(r.Hooks()) != 1 {
		t.Errorf("%d requests with the id arrived and make %d", r.Times(m.ID), len(r.Hooks()))
	}
	send(t, c, m)
	second := last(t, r).Header
	if first.Get("webhook-id") != m.ID || first.Get("webhook-timestamp") != "1700000000" || second.Get("webhook-timestamp") != "1700003600" {
		t.Errorf("first %v\nthen %v", first, second)
	}
}

func TestTheOwnHeaderIsSentAndCannotReplaceOurs(t *testing.T) {
	t.Parallel()
	r := &dispatchtest.Receiver{}
	c, m := start(t, r)
	m.Config["header_name"], m.Secrets = "X-Tray-Secret", map[string]string{"header_value": "swordfish ü"}
	send(t, c, m)
	if got := last(t, r).Header.Get("X-Tray-Secret"); got != "swordfish ü" {
		t.Errorf("got %q", got)
	}
	for _, name := range []string{"webhook-id", "HOST", "content-length", "X-DefectDojo-Event", "Transfer-Encoding", "a b", "x:", "x\r\ny", "ü"} {
		m.Config["header_name"] = name
		if _, err := c.Send(t.Context(), m); err == nil || dispatch.FailureOf(err).Code != "bad_header" {
			t.Errorf("%q gave %v", name, err)
		}
	}
	m.Config["header_name"], m.Secrets["header_value"] = "X-S", "a\r\nX-Evil: b"
	_, err := c.Send(t.Context(), m)
	if err == nil || dispatch.FailureOf(err).Code != "bad_header" {
		t.Errorf("a value of two lines gave %v", err)
	}
	if len(r.Hooks()) != 1 {
		t.Errorf("%d requests arrived", len(r.Hooks()))
	}
}

func TestPrivateAddressesNeedTheUsersWord(t *testing.T) {
	t.Parallel()
	r := &dispatchtest.Receiver{}
	c, m := start(t, r)
	delete(m.Config, "private")
	_, err := c.Send(t.Context(), m)
	if f := dispatch.FailureOf(err); err == nil || f.Code != "private_address" || !f.Final || len(r.Hooks()) != 0 {
		t.Errorf("got %v, %d requests arrived", err, len(r.Hooks()))
	}
}

func TestWhatIsSetWrongIsSaidBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	for code, set := range map[string]struct {
		address         string
		config, secrets map[string]string
	}{
		"bad_address": {"example.com/hook", nil, nil},
		"bad_key":     {"https://example.com/hook", nil, map[string]string{"key": "whsec_c2hvcnQ="}},
		"bad_header":  {"https://example.com/hook", nil, map[string]string{"header_value": "x"}},
	} {
		p := webhook.Check(set.address, set.config, set.secrets)
		if p == nil || p.Code != code || p.Message == "" || p.Step == "" {
			t.Errorf("%s: got %#v", code, p)
		}
		dispatchtest.NoSecret(t, "the problem", p.Error(), map[string]string{"key": "c2hvcnQ="})
	}
	if p := webhook.Check("", nil, map[string]string{"url": "https://example.com/hook?t=1", "key": webhook.NewKey()}); p != nil {
		t.Errorf("a good endpoint gave %v", p)
	}
}

func TestAnAddressIsShownWithoutItsSecrets(t *testing.T) {
	t.Parallel()
	for secret, want := range map[string]string{
		"https://ana:pw@example.com:8443/hook/x?token=1#f": "https://example.com:8443/hook/x", "https://example.com": "https://example.com", "hook": "", "%": "",
	} {
		if got := webhook.Shown(secret); got != want {
			t.Errorf("%q is shown as %q", secret, got)
		}
	}
}

func TestSeveralEventsAreNotOneRequest(t *testing.T) {
	t.Parallel()
	r := &dispatchtest.Receiver{}
	c, m := start(t, r)
	m.Events = append(m.Events, m.Events[0])
	if _, err := c.Send(t.Context(), m); err == nil || dispatch.FailureOf(err).Code != "one_event_each" || len(r.Hooks()) != 0 {
		t.Errorf("got %v", err)
	}
}
