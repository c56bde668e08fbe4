package intake

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"bellhop/app"
)

// recorded is a call that a real server made, with what it has to become.
type recorded struct {
	Name     string          `json:"name"`
	Event    string          `json:"event"`
	Instance string          `json:"instance"`
	Agent    string          `json:"agent"`
	Owner    string          `json:"owner"`
	Body     json.RawMessage `json:"body"`
	Want     app.Call        `json:"want"`
}

func (r recorded) header() http.Header {
	h := http.Header{}
	h.Set(HeaderEvent, r.Event)
	h.Set(HeaderInstance, r.Instance)
	h.Set("User-Agent", r.Agent)
	return h
}

// recordings returns every call that a version was recorded making.
func recordings(tb testing.TB, version string) []recorded {
	tb.Helper()
	data, err := os.ReadFile("testdata/webhooks-" + version + ".json")
	if err != nil {
		tb.Fatal(err)
	}
	var list []recorded
	if err := json.Unmarshal(data, &list); err != nil {
		tb.Fatal(err)
	}
	return list
}

func sayJSON(tb testing.TB, v any) string {
	tb.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		tb.Fatal(err)
	}
	return string(data)
}

func TestEveryRecordedCallIsRead(t *testing.T) {
	t.Parallel()
	for version, count := range map[string]int{"2.46.0": 52, "3.2.0": 114} {
		list := recordings(t, version)
		if len(list) != count {
			t.Errorf("%s: %d calls, want %d", version, len(list), count)
		}
		for _, r := range list {
			w, err := ParseWebhook(r.header(), r.Body)
			if err != nil {
				t.Errorf("%s %s: %v", version, r.Name, err)
				continue
			}
			if got, want := sayJSON(t, w.Call), sayJSON(t, r.Want); got != want {
				t.Errorf("%s %s:\n got %s\nwant %s", version, r.Name, got, want)
			}
			if w.Version != version || w.Instance != r.Instance || w.Owner != r.Owner || w.Ping() != (r.Event == "ping") {
				t.Errorf("%s %s: version %q, instance %q, owner %q", version, r.Name, w.Version, w.Instance, w.Owner)
			}
		}
	}
}

// read parses a body that an older or newer server could have sent.
func read(t *testing.T, event, agent, body string) Webhook {
	t.Helper()
	w, err := ParseWebhook(recorded{Event: event, Instance: "http://localhost:8080", Agent: agent}.header(), []byte(body))
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return w
}

func TestFragileBodiesAreRead(t *testing.T) {
	t.Parallel()
	const old, now = "DefectDojo-2.40.1", "DefectDojo-3.2.0"
	for _, c := range []struct{ why, event, agent, body, want string }{
		{
			"nothing but an object", "scan_added", now, `{}`,
			`{"event":"scan_added","title":"Scan Added","recipients":null}`,
		},
		{
			"everything is null", "review_requested", now,
			`{"description":null,"title":null,"user":null,"url_ui":null,"url_api":null,"product_type":null,"product":null,"engagement":null,"test":null,"finding":null,"requested_by":null,"reviewers":null,"finding_count":null,"findings":null}`,
			`{"event":"review_requested","title":"Review Requested","recipients":null}`,
		},
		{
			"numbers as texts, texts as numbers and truth values", "test_added", old,
			`{"title":123,"description":true,"product":{"name":2024,"id":"7"},"engagement":{"name":"CI","id":21.0},"test":{"title":false,"id":"x"},"finding_count":"3"}`,
			`{"event":"test_added","title":"123","description":"true","product":{"id":7,"name":"2024"},"engagement":{"id":21,"name":"CI"},"test":{"name":"false"},"recipients":null,"finding_count":3}`,
		},
		{
			"brackets became a list", "other", old, `{"title":["x",1],"description":{"Colon":"x"}}`,
			`{"event":"other","title":"[\"x\",1]","description":"{\"Colon\":\"x\"}","recipients":null}`,
		},
		{
			"texts were escaped up to 2.45.2, once", "product_added", "DefectDojo-2.45.2",
			`{"title":"a &amp; &lt;b&gt; &amp;amp;","description":"None","product":{"name":"&quot;P&quot;","id":1}}`,
			`{"event":"product_added","title":"a \u0026 \u003cb\u003e \u0026amp;","product":{"id":1,"name":"\"P\""},"recipients":null}`,
		},
		{
			"and never since", "product_added", "DefectDojo-2.45.3", `{"title":"a &amp; b","description":"None"}`,
			`{"event":"product_added","title":"a \u0026amp; b","description":"None","recipients":null}`,
		},
		{
			"an unknown event, unknown members, a name twice", "gate_opened", now,
			`{"disclaimer":"x","title":"a","title":"b","deep":{"er":[[]]}}`,
			`{"event":"gate_opened","title":"b","recipients":null}`,
		},
		{
			"an empty title is taken from the text", "jira_update", now, `{"title":" ","description":"cannot log in\nto JIRA"}`,
			`{"event":"jira_update","title":"cannot log in","description":"cannot log in\nto JIRA","recipients":null}`,
		},
		{
			"an owner by name alone", "user_mentioned", "DefectDojo-2.45.0", `{"title":"sue jotted a note","user":"ana"}`,
			`{"event":"user_mentioned","title":"sue jotted a note","acting_user":"sue","requested_by":"sue","recipients":["ana"]}`,
		},
		{
			"an object in place of its name", "product_deleted", now, `{"title":"x","product":"Shop","engagement":9,"test":[1]}`,
			`{"event":"product_deleted","title":"x","product":{"name":"Shop"},"engagement":{"id":9,"name":""},"recipients":null}`,
		},
		{
			"ids that no database has", "product_added", now, `{"title":"x","product":{"name":"P","id":-3},"test":{"id":1e300,"title":"t"}}`,
			`{"event":"product_added","title":"x","product":{"name":"P"},"test":{"name":"t"},"recipients":null}`,
		},
		{
			"emoji, escapes and half an emoji", "other", now, `{"title":"\ud83d\ude00 \u0000\ud83d","url_ui":"http:\/\/localhost:8080\/finding\/9"}`,
			`{"event":"other","title":"😀 ` + "\ufffd" + `","url":"/finding/9","recipients":null}`,
		},
	} {
		if got := sayJSON(t, read(t, c.event, c.agent, c.body).Call); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.why, got, c.want)
		}
	}
	// A byte order mark and space around are no harm.
	if got := read(t, "other", now, "\ufeff \n{\"title\":\"x\"}\r\n").Call.Title; got != "x" {
		t.Errorf("title %q", got)
	}
}

func TestTextsAreCutAsInTheServersOwnList(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", 3000)
	w := read(t, "scan_added", "", fmt.Sprintf(`{"title":%q,"description":%q,"product":{"name":%q}}`, long, long, long))
	for what, c := range map[string]struct {
		got   string
		limit int
	}{
		"title":       {w.Call.Title, 250},
		"description": {w.Call.Description, 2000},
		"product":     {w.Call.Product.Name, 300},
	} {
		if n := len([]rune(c.got)); n != c.limit {
			t.Errorf("%s has %d characters", what, n)
		}
	}
}

func TestALargeScanIsCountedAndNotKept(t *testing.T) {
	t.Parallel()
	const many = 20_000
	one := `{"id":1,"title":"Weak TLS","severity":"Low","url_ui":"http://localhost:8080/finding/1"}`
	list := "[" + strings.Repeat(one+",", many-1) + one + "]"
	w := read(t, "scan_added", "", `{"title":"x","finding_count":20000,"findings":{"new":`+list+`,"untouched":[`+one+`],"new_duplicate":`+list+`}}`)
	c := w.Call
	if len(c.FindingsNew)+c.More.New != many || len(c.FindingsNew) != MaxFindings || len(c.FindingsUntouched) != 1 || c.More.Untouched != 0 {
		t.Errorf("%d new and %+v more", len(c.FindingsNew), c.More)
	}
	if c.FindingCount == nil || *c.FindingCount != many {
		t.Errorf("finding_count is %v", c.FindingCount)
	}
}

func TestWhatIsNoWebhookIsRefused(t *testing.T) {
	t.Parallel()
	good := recorded{Event: "other"}.header()
	for _, c := range []struct {
		code, body string
		header     http.Header
	}{
		{"empty_body", "", good},
		{"empty_body", " \r\n", good},
		{"not_json", "<html>secret</html>", good},
		{"not_json", `{"title":"secret"`, good},
		{"not_json", `{"title":"secret"}{}`, good},
		{"not_json", `{'title':1}`, good},
		{"not_json", strings.Repeat("]", 9999), good},
		{"not_object", `"secret"`, good},
		{"not_object", `42`, good},
		{"not_object", `null`, good},
		{"not_object", `[{"title":"secret"}]`, good},
		{"too_deep", `{"title":` + strings.Repeat("[", 200_000), good},
		{"too_deep", strings.Repeat(`{"a":`, 33) + "1" + strings.Repeat("}", 33), good},
		{"too_large", `{"title":"` + strings.Repeat("x", MaxBody) + `"}`, good},
		{"no_event", `{}`, http.Header{}},
		{"no_event", `{}`, recorded{Event: "scan added"}.header()},
		{"no_event", `{}`, recorded{Event: strings.Repeat("a", 101)}.header()},
	} {
		_, err := ParseWebhook(c.header, []byte(c.body))
		p, ok := errors.AsType[*app.Problem](err)
		if !ok || p.Code != c.code || !errors.Is(err, app.ErrInvalid) || p.Message == "" || p.Step == "" {
			t.Errorf("%.40s: %v, want %s", c.body, err, c.code)
			continue
		}
		if strings.Contains(p.Error(), "secret") {
			t.Errorf("%.40s: the refusal repeats the body: %v", c.body, p)
		}
	}
	if _, err := ParseWebhook(good, []byte(strings.Repeat(`{"a":`, 32)+"1"+strings.Repeat("}", 32))); err != nil {
		t.Errorf("depth 32: %v", err)
	}
}

func TestLinksKeepTheirPathAlone(t *testing.T) {
	t.Parallel()
	for link, want := range map[string]string{
		"http://localhost:8080/finding/9":                                   "/finding/9",
		"https://dojo.example.com/dojo/test/3?a=b#c":                        "/dojo/test/3?a=b#c",
		"http://localhost:8080https://dojo.example.com/finding/1":           "/finding/1",
		"http://localhost:8080/dojohttps://dojo.example.com/dojo/finding/1": "/dojo/finding/1",
		"HTTP://localhost:8080HTTPS://dojo.example.com/finding/1":           "/finding/1",
		"http://localhost:8080/login?next=https://evil.example.com/x":       "/login?next=https://evil.example.com/x",
		"/finding/9":                 "/finding/9",
		"finding/9":                  "/finding/9",
		"http://localhost:8080None":  "",
		"http://localhost:8080/None": "",
		"None":                       "",
		"":                           "",
		"http://localhost:8080":      "",
		"http://localhost:8080//evil.example.com/x":                               "/evil.example.com/x",
		"//evil.example.com/x":                                                    "/evil.example.com/x",
		"http://user:pw@evil.example.com/x":                                       "/x",
		"javascript:alert(1)":                                                     "",
		"file:///etc/passwd":                                                      "",
		"http://localhost:8080/a\nb":                                              "",
		`http://localhost:8080\@evil.example.com/`:                                "",
		"http://localhost:8080/%zz":                                               "",
		"http://localhost:8080/" + strings.Repeat("a", maxLink):                   "",
		strings.Repeat("http://x", 200) + "/finding/2":                            "/finding/2",
		"http://localhost:8080/engagement/9/finding/all?title=http%3A%2F%2Fx%2Fy": "/engagement/9/finding/all?title=http%3A%2F%2Fx%2Fy",
	} {
		body := `{"title":"x","url_ui":` + sayJSON(t, link) + `}`
		if got := read(t, "other", "", body).Call.URL; got != want {
			t.Errorf("%q leads to %q, want %q", link, got, want)
		}
	}
}
