package dojoserver

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// exchangeRecord is one request to a real server and its answer, as the files
// in testdata/recorded keep them. Secrets are replaced by words in angle
// brackets, pages by what they contain.
type exchangeRecord struct {
	Name    string `json:"name"`
	Request struct {
		Method  string            `json:"method"`
		Path    string            `json:"path"`
		Headers map[string]string `json:"headers"`
		Body    any               `json:"body"`
	} `json:"request"`
	Response struct {
		Status  int                        `json:"status"`
		Headers map[string]json.RawMessage `json:"headers"`
		Body    any                        `json:"body"`
	} `json:"response"`
}

func recorded(t *testing.T, file string) []exchangeRecord {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", "recorded", file))
	if err != nil {
		t.Fatal(err)
	}
	var out []exchangeRecord
	if err := json.Unmarshal(content, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// step says how an exchange is repeated: as whom, and what happened on the
// real server since the one before. The zero step is a request of ana's.
type step struct {
	as       string // the user of cookie, token and Basic credentials; "" is ana
	slot     string // which of the user's sessions; "dead" is one that never was
	on       string // which server, by its settings; "" has the defaults
	password string // what stands for <password>; "" is the user's own
	before   func(*world)
	cut      bool // the recording keeps only the first rows of the list
	headOnly bool // the recorded body says nothing about ours
	fewer    bool // the recording keeps not all headers
}

// world is the state in which a file was recorded: one server for each set of
// settings, all with the same users and alerts.
type world struct {
	t       *testing.T
	records map[string]exchangeRecord
	users   []User
	options map[string]Options
	seed    func(*world, *Server)
	servers map[string]*Server
	slots   map[string]string
	on      string
}

const (
	rightPassword = "right-password"
	csrfSecret    = "AbCdEfGhIjKlMnOpQrStUvWxYz012345"
)

// server returns the current step's server.
func (w *world) server() *Server {
	if s := w.servers[w.on]; s != nil {
		return s
	}
	o, known := w.options[w.on]
	if !known {
		w.t.Fatalf("there is no server %q", w.on)
	}
	o.Users = w.users
	s := New(o)
	w.servers[w.on] = s
	w.seed(w, s)
	return s
}

// session returns the cookie of a user's session, which is made at first use.
func (w *world) session(user, slot string) string {
	if slot == "dead" {
		return strings.Repeat("z", 32)
	}
	key := w.on + "/" + user + "/" + slot
	if w.slots[key] == "" {
		w.slots[key] = w.server().SignIn(user)
	}
	return w.slots[key]
}

// born adds the alerts that a recorded list shows.
func (w *world) born(s *Server, user, name string) {
	rows, ok := w.records[name].Response.Body.([]any)
	if !ok || len(rows) == 0 {
		w.t.Fatalf("%s has no list", name)
	}
	for _, row := range slices.Backward(rows) {
		fields := row.(map[string]any)["fields"].(map[string]any)
		created, err := time.Parse(time.RFC3339Nano, fields["created"].(string))
		if err != nil {
			w.t.Fatal(err)
		}
		a := Alert{PK: int64(row.(map[string]any)["pk"].(float64)), Created: created}
		a.Title, _ = fields["title"].(string)
		a.Source, _ = fields["source"].(string)
		a.Icon, _ = fields["icon"].(string)
		var has bool
		if a.Description, has = fields["description"].(string); !has {
			a.NullDescription = true
		}
		if a.URL, has = fields["url"].(string); has && a.URL == "" {
			a.EmptyURL = true
		}
		s.AddAlert(user, a)
	}
}

// fill adds n alerts older than any recorded one.
func fill(s *Server, user string, n int) {
	for i := range n {
		s.AddAlert(user, Alert{PK: int64(1000 + i), Title: "old", Created: time.Date(2020, 1, 1, 0, 0, i, 0, time.UTC)})
	}
}

// try signs in n times with a wrong password.
func (w *world) try(user, password string, n int) {
	for range n {
		form := url.Values{"username": {user}, "password": {password}, "csrfmiddlewaretoken": {csrfSecret}}
		r := httptest.NewRequest(http.MethodPost, "/login?force_login_form", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Cookie", "csrftoken="+csrfSecret)
		w.server().ServeHTTP(httptest.NewRecorder(), r)
	}
}

// replay repeats every exchange of a file and compares the answers. A name
// that is in neither table, in both, or in no recording fails.
func (w *world) replay(t *testing.T, file string, steps map[string]step, outOfScope map[string]string) {
	t.Helper()
	w.t, w.servers, w.slots, w.records = t, make(map[string]*Server), make(map[string]string), make(map[string]exchangeRecord)
	records := recorded(t, file)
	for _, e := range records {
		w.records[e.Name] = e
	}
	for name := range steps {
		if _, ok := w.records[name]; !ok {
			t.Errorf("%s: there is no such recording", name)
		}
	}
	for _, e := range records {
		st, in := steps[e.Name]
		if _, out := outOfScope[e.Name]; in == out {
			t.Errorf("%s: in scope %v, out of scope %v", e.Name, in, out)
			continue
		}
		if !in {
			continue
		}
		t.Run(e.Name, func(t *testing.T) {
			w.t = t
			w.on = st.on
			if st.as == "" {
				st.as = "ana"
			}
			if st.before != nil {
				st.before(w)
			}
			r := w.request(e, st)
			answer := httptest.NewRecorder()
			w.server().ServeHTTP(answer, r)
			compare(t, e, st, answer)
		})
	}
}

// request builds the request of a recording, secrets filled in.
func (w *world) request(e exchangeRecord, st step) *http.Request {
	s := w.server()
	password := st.password
	if password == "" {
		password = rightPassword
	}
	cookie := e.Request.Headers["Cookie"]
	words := []string{"<csrf>", csrfSecret, "<password>", password, "<expired-session>", w.session(st.as, "dead")}
	if strings.Contains(cookie, "<session>") {
		words = append(words, "<session>", w.session(st.as, st.slot))
	}
	if strings.Contains(e.Request.Headers["Authorization"], "<token>") {
		words = append(words, "<token>", s.Token(st.as))
	}
	basic := base64.StdEncoding.EncodeToString([]byte(st.as + ":" + password))
	words = append(words, "<basic>", basic, "<base64 of user:password>", basic)
	secrets := strings.NewReplacer(words...)

	var content string
	switch body := e.Request.Body.(type) {
	case string:
		if n, ok := strings.CutPrefix(body, "alert_select=... x "); ok {
			var count int
			_, _ = fmt.Sscan(n, &count)
			body = strings.TrimSuffix(strings.Repeat("alert_select=5&", count), "&")
		}
		content = secrets.Replace(body)
	case map[string]any:
		if e.Request.Headers["Content-Type"] == jsonType {
			raw, _ := json.Marshal(body)
			raw = bytes.ReplaceAll(bytes.ReplaceAll(raw, []byte(`\u003c`), []byte("<")), []byte(`\u003e`), []byte(">"))
			content = secrets.Replace(string(raw))
		} else {
			form := make(url.Values)
			for name, value := range body {
				if many, ok := value.([]any); ok {
					for _, one := range many {
						form.Add(name, one.(string))
					}
				} else {
					form.Set(name, secrets.Replace(value.(string)))
				}
			}
			content = form.Encode()
		}
	}
	r := httptest.NewRequest(e.Request.Method, e.Request.Path, strings.NewReader(content))
	r.Host = "127.0.0.1:8246"
	if !s.old() {
		r.Host = "127.0.0.1:8320"
	}
	for name, value := range e.Request.Headers {
		if name == "Host" {
			r.Host = value
			continue
		}
		r.Header.Set(name, secrets.Replace(value))
	}
	return r
}

// compare fails where our answer differs from the recorded one.
func compare(t *testing.T, e exchangeRecord, st step, got *httptest.ResponseRecorder) {
	t.Helper()
	if got.Code != e.Response.Status {
		t.Errorf("status %d, recorded %d\n%s", got.Code, e.Response.Status, got.Body)
	}
	for _, name := range []string{"Content-Type", "Location", "Vary", "Allow", "Cache-Control"} {
		var want string
		if raw, ok := e.Response.Headers[name]; ok {
			_ = json.Unmarshal(raw, &want)
		} else if st.fewer {
			continue
		}
		if have := got.Header().Get(name); have != want {
			t.Errorf("%s is %q, recorded %q", name, have, want)
		}
	}
	if !st.fewer {
		compareCookies(t, e, got)
	}
	if !st.headOnly {
		compareBody(t, e, st, got.Body.Bytes())
	}
}

// compareCookies compares names and attributes. Whether an error page carries
// a form, and so a CSRF cookie, depends on the theme a user has chosen; there
// that cookie is not compared.
func compareCookies(t *testing.T, e exchangeRecord, got *httptest.ResponseRecorder) {
	t.Helper()
	var want []string
	_ = json.Unmarshal(e.Response.Headers["Set-Cookie"], &want)
	have := got.Header().Values("Set-Cookie")
	normal := func(lines []string) []string {
		var out []string
		for _, line := range lines {
			pair, attributes, _ := strings.Cut(line, ";")
			name, value, _ := strings.Cut(pair, "=")
			if name == "csrftoken" && got.Code >= 400 {
				continue
			}
			if value != `""` {
				value = "…"
			}
			var rest []string
			for a := range strings.SplitSeq(attributes, ";") {
				if a = strings.TrimSpace(a); strings.HasPrefix(a, "expires=") && !strings.Contains(a, "1970") {
					a = "expires=…"
				}
				rest = append(rest, a)
			}
			out = append(out, name+"="+value+"; "+strings.Join(rest, "; "))
		}
		slices.Sort(out)
		return out
	}
	if h, w := normal(have), normal(want); !slices.Equal(h, w) {
		t.Errorf("cookies are\n%q, recorded\n%q", h, w)
	}
}

func compareBody(t *testing.T, e exchangeRecord, st step, got []byte) {
	t.Helper()
	switch want := e.Response.Body.(type) {
	case nil:
		if len(got) != 0 {
			t.Errorf("the body is %d bytes, recorded none", len(got))
		}
	case string:
		if string(got) != want {
			t.Errorf("the body is %q, recorded %q", got, want)
		}
	case []any:
		var have []any
		if err := json.Unmarshal(got, &have); err != nil {
			t.Fatalf("the list is not JSON: %v", err)
		}
		if st.cut {
			have = have[:min(len(have), len(want))]
		}
		if h, w := indent(have), indent(want); h != w {
			t.Errorf("the list is\n%s, recorded\n%s", h, w)
		}
	case map[string]any:
		if want["kind"] == "html" {
			comparePage(t, want, got)
			return
		}
		var have map[string]any
		if err := json.Unmarshal(got, &have); err != nil {
			t.Fatalf("the body is not JSON: %v\n%s", err, got)
		}
		if strings.HasPrefix(e.Request.Path, "/api/v2/user_profile") || want["id"] == nil {
			compareObject(t, "", want, have)
		} else {
			compareKeys(t, "", want, have, unequalRows)
		}
	}
}

func comparePage(t *testing.T, want map[string]any, got []byte) {
	t.Helper()
	if want["bytes"] == 0.0 && len(got) != 0 {
		t.Errorf("the page is %d bytes, recorded none", len(got))
	}
	for _, marker := range want["markers"].([]any) {
		if !bytes.Contains(got, []byte(marker.(string))) {
			t.Errorf("the page lacks %q", marker)
		}
	}
}

// unequal are the keys whose values are ours: times, what only other parts of
// DefectDojo fill, and its advertising.
var unequal = map[string]bool{
	"date_joined": true, "last_login": true, "pro": true, "token": true, "title": true, "phone_number": true, "slack_username": true,
}

// unequalRows are the keys of objects in the API whose values are ours: what
// only scans and other parts of DefectDojo fill.
var unequalRows = map[string]bool{
	"phone_number": true, "findings_list": true, "cwe": true, "hash_code": true, "line": true, "file_path": true,
	"last_reviewed": true, "last_reviewed_by": true, "last_login": true, "pro": true,
	"test_import_finding_action_set": true, "import_settings": true,
}

// compareObject compares keys and values. A recording that keeps only a part
// of an object (no id) asks for that part.
func compareObject(t *testing.T, path string, want, got map[string]any) {
	t.Helper()
	if results, ok := want["results"].([]any); ok && path == "" {
		compareRows(t, results, got["results"])
		want, got = maps.Clone(want), maps.Clone(got)
		delete(want, "results")
		delete(got, "results")
	}
	compareKeys(t, path, want, got, unequal)
}

// compareRows compares the rows of a list, of which the recording keeps the
// first few.
func compareRows(t *testing.T, want []any, got any) {
	t.Helper()
	rows, _ := got.([]any)
	if len(rows) < len(want) {
		t.Errorf("%d rows, recorded %d", len(rows), len(want))
		return
	}
	for i := range want {
		wanted, _ := want[i].(map[string]any)
		have, _ := rows[i].(map[string]any)
		compareKeys(t, fmt.Sprintf("results[%d].", i), wanted, have, unequalRows)
	}
}

func compareKeys(t *testing.T, path string, want, got map[string]any, unequal map[string]bool) {
	t.Helper()
	whole := slices.ContainsFunc([]string{"id", "count", "global_role", "message"}, func(key string) bool {
		_, ok := want[key]
		return ok
	})
	for key := range got {
		if _, ok := want[key]; !ok && whole {
			t.Errorf("%s%s is ours alone", path, key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(want)) {
		have, ok := got[key]
		if unequal[key] {
			if !ok {
				t.Errorf("%s%s is missing", path, key)
			}
			continue
		}
		if aTime(want[key]) && aTime(have) {
			continue
		}
		switch inner := want[key].(type) {
		case map[string]any:
			object, isObject := have.(map[string]any)
			if !isObject {
				t.Errorf("%s%s is %v, recorded an object", path, key, have)
				continue
			}
			compareKeys(t, path+key+".", inner, object, unequal)
		default:
			if !ok {
				t.Errorf("%s%s is missing", path, key)
			} else if (path != "user_contact_info." || key != "id") && indent(sorted(have)) != indent(sorted(inner)) {
				t.Errorf("%s%s is %v, recorded %v", path, key, have, inner)
			}
		}
	}
}

// aTime reports whether a value is a time, of which the recordings' own and
// ours always differ.
func aTime(v any) bool {
	text, _ := v.(string)
	_, err := time.Parse(time.RFC3339Nano, text)
	return err == nil
}

// sorted orders a list of texts: the real server writes channels in any order.
func sorted(v any) any {
	list, _ := v.([]any)
	words := make([]string, 0, len(list))
	for _, item := range list {
		word, ok := item.(string)
		if !ok {
			return v
		}
		words = append(words, word)
	}
	if list == nil {
		return v
	}
	slices.Sort(words)
	return words
}

func indent(v any) string {
	out, _ := json.MarshalIndent(v, "", " ")
	return string(out)
}
