package intake

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"bellhop/app"
)

func FuzzParseWebhook(f *testing.F) {
	for _, version := range []string{"2.46.0", "3.2.0"} {
		for _, r := range recordings(f, version)[:20] {
			f.Add(r.Event, r.Instance, r.Agent, []byte(r.Body))
		}
	}
	f.Add("scan_added", "http://localhost:8080", "DefectDojo-2.40.0", []byte(`{"title":123,"url_ui":"http://aNone","findings":{"new":[{"id":"1"},null,3]},"user":"ana"}`))
	f.Add("other", "", "", []byte(`{"title":"\u0000\ud83d","url_ui":"http://ahttp://b//c?d=http://e","reviewers":[{"username":"x"}]}`))
	f.Fuzz(func(t *testing.T, event, instance, agent string, body []byte) {
		h := recorded{Event: event, Instance: instance, Agent: agent}.header()
		before := slices.Clone(body)
		w, err := ParseWebhook(h, body)
		if string(before) != string(body) {
			t.Fatal("the body was changed")
		}
		if err != nil {
			if p, ok := errors.AsType[*app.Problem](err); !ok || !errors.Is(err, app.ErrInvalid) || p.Step == "" {
				t.Fatalf("%v is not explained", err)
			}
			return
		}
		if !json.Valid(body) && !strings.HasPrefix(string(body), "\ufeff") {
			t.Fatal("what is no JSON was read")
		}
		checkCall(t, w.Call)
		if again, err := ParseWebhook(h, body); err != nil || again.sum != w.sum {
			t.Fatalf("read again it is another call: %v", err)
		}
		for _, link := range []string{w.Call.URL, w.Call.URLAPI} {
			if link == "" {
				continue
			}
			// Every link leads to the account's server and nowhere else.
			target, foreign, err := app.Link("https://dojo.example.com/dojo", link)
			if err != nil || foreign || !strings.HasPrefix(target, "https://dojo.example.com/dojo") {
				t.Fatalf("%q leads to %q, foreign %t, %v", link, target, foreign, err)
			}
		}
	})
}

func FuzzParseNotify(f *testing.F) {
	f.Add([]byte(`{"event":"scan_added","title":"x","product":{"id":1,"name":"Shop"},"recipients":["ana"],"severity":"high"}`))
	f.Add([]byte(`{"title":"x","url":"https://a/b","tags":[],"key":"k","at":"2026-01-01T00:00:00Z","no_users":true}`))
	f.Add([]byte(`{"title":"x","tag":[]}`))
	f.Add([]byte("\ufeff{\"title\":null}"))
	f.Fuzz(func(t *testing.T, body []byte) {
		n, err := ParseNotify(body, noon)
		if err != nil {
			if !errors.Is(err, app.ErrInvalid) || app.AsProblem(err).Step == "" {
				t.Fatalf("%v is not explained", err)
			}
			return
		}
		e := n.Event
		checkCall(t, e.Call)
		if e.Call.Title == "" || e.Key == "" || e.Kind != e.Call.Kind || e.Kind == "" || e.At.IsZero() {
			t.Fatalf("%+v", e)
		}
		if e.Call.URL != "" {
			if _, _, err := app.Link("https://dojo.example.com", e.Call.URL); err != nil {
				t.Fatalf("%q: %v", e.Call.URL, err)
			}
		}
		// The batch reader agrees, but for what a line cannot hold.
		if list, err := ReadNotify(strings.NewReader(string(body)), noon); !strings.ContainsAny(string(body), "\r\n") && (err != nil || len(list) != 1) {
			t.Fatalf("as a batch: %d events, %v", len(list), err)
		}
	})
}

// checkCall holds for whatever came in.
func checkCall(t *testing.T, c app.Call) {
	t.Helper()
	for _, text := range []struct {
		s     string
		limit int
	}{{c.Title, app.MaxTitle}, {c.Description, app.MaxDescription}, {c.URL, maxLink + 1}, {c.URLAPI, maxLink + 1}, {c.Actor, app.MaxTitle}, {string(c.Kind), maxKind}} {
		if utf8.RuneCountInString(text.s) > text.limit || !utf8.ValidString(text.s) || strings.Contains(text.s, "\x00") {
			t.Fatalf("%q is no text of %d characters", text.s, text.limit)
		}
	}
	for _, list := range [][]app.FindingRef{c.FindingsNew, c.FindingsReactivated, c.FindingsMitigated, c.FindingsUntouched} {
		if len(list) > MaxFindings {
			t.Fatalf("%d findings", len(list))
		}
	}
	var again app.Call
	data, err := json.Marshal(c)
	if err == nil {
		err = json.Unmarshal(data, &again)
	}
	if err != nil || sayJSON(t, again) != string(data) {
		t.Fatalf("the call does not survive being stored: %v", err)
	}
}
