package control

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"bellhop/app"
)

// unasked is a bell that must not be asked anything.
type unasked struct{ Bell }

func serve(t *testing.T, r *http.Request) (int, errorBody, http.Header) {
	t.Helper()
	w := httptest.NewRecorder()
	NewServer(unasked{}, slog.New(slog.DiscardHandler)).ServeHTTP(w, r)
	var body errorBody
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		t.Fatalf("the answer is no JSON: %v in %q", err, w.Body)
	}
	if got := w.Header().Get("Content-Type"); got != "application/json" {
		t.Errorf("Content-Type %q", got)
	}
	return w.Code, body, w.Header()
}

func request(method, path, body string) *http.Request {
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, "http://bell"+path, reader)
	if body != "" {
		r.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	return r
}

func TestBadRequestsNeverReachTheBell(t *testing.T) {
	t.Parallel()
	secret := "correct-horse"
	for name, tt := range map[string]struct {
		method, path, body string
		status             int
		code               string
	}{
		"no such call":       {"GET", "/v2/status", "", 404, "no_such_call"},
		"the root":           {"GET", "/", "", 404, "no_such_call"},
		"wrong method":       {"POST", "/v1/status", "", 405, "wrong_method"},
		"no ids":             {"POST", "/v1/remove", `{"ids": []}`, 400, "invalid"},
		"no body":            {"POST", "/v1/remove", "", 400, "invalid"},
		"unknown field":      {"POST", "/v1/clear", `{"upto": 7}`, 400, "invalid"},
		"clear without end":  {"POST", "/v1/clear", `{"account": 1}`, 400, "invalid"},
		"negative end":       {"POST", "/v1/clear", `{"up_to": -1}`, 400, "invalid"},
		"wrong type":         {"POST", "/v1/connect", `{"url": "https://d", "password": {"` + secret + `": 1}}`, 400, "invalid"},
		"broken JSON":        {"POST", "/v1/connect", `{"password": "` + secret + `", x`, 400, "invalid"},
		"secret as a field":  {"POST", "/v1/connect", `{"` + strings.Repeat(secret, 4) + `": 1}`, 400, "invalid"},
		"two values":         {"POST", "/v1/sync", `{} {}`, 400, "invalid"},
		"huge":               {"PUT", "/v1/settings", `{"key": "` + strings.Repeat("a", small) + `"}`, 413, "too_large"},
		"snooze for ever":    {"POST", "/v1/snooze", `{"id": 1, "seconds": 9223372036854775807}`, 400, "invalid"},
		"snooze backwards":   {"POST", "/v1/snooze", `{"id": 1, "seconds": -1}`, 400, "invalid"},
		"pause without end":  {"POST", "/v1/pause", `{}`, 400, "invalid"},
		"page too large":     {"GET", "/v1/alerts?limit=1001", "", 400, "invalid"},
		"misspelt limit":     {"GET", "/v1/alerts?limt=10", "", 400, "invalid"},
		"limit twice":        {"GET", "/v1/alerts?limit=1&limit=2", "", 400, "invalid"},
		"view of nothing":    {"GET", "/v1/alerts?view=all", "", 400, "invalid"},
		"account of letters": {"GET", "/v1/count?account=x", "", 400, "invalid"},
		"account 0":          {"DELETE", "/v1/accounts/0", "", 400, "invalid"},
		"account of nothing": {"DELETE", "/v1/accounts/", "", 404, "no_such_call"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, body, header := serve(t, request(tt.method, tt.path, tt.body))
			if status != tt.status || body.Error.Code != tt.code {
				t.Errorf("got %d %+v, want %d %s", status, body.Error, tt.status, tt.code)
			}
			if tt.status == 405 && header.Get("Allow") == "" {
				t.Error("405 without Allow")
			}
			if strings.Contains(body.Error.Error(), secret) {
				t.Errorf("a secret came back: %s", body.Error.Error())
			}
		})
	}
}

func TestWebPagesAreRefused(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*http.Request){
		"origin":      func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") },
		"null origin": func(r *http.Request) { r.Header.Set("Origin", "null") },
		"host":        func(r *http.Request) { r.Host = "evil.example" },
		"host port":   func(r *http.Request) { r.Host = "bell:80" },
		"no host":     func(r *http.Request) { r.Host = "" },
	} {
		r := request("POST", "/v1/quit", "")
		change(r)
		if status, body, header := serve(t, r); status != 403 || body.Error.Code != "foreign_caller" || header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: got %d %+v %v", name, status, body, header)
		}
	}
	form := request("POST", "/v1/remove", "ids=1")
	form.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if status, body, _ := serve(t, form); status != 415 || body.Error.Code != "not_json" {
		t.Errorf("form: got %d %+v", status, body)
	}
}

func TestEveryStatusFits(t *testing.T) {
	t.Parallel()
	for want, err := range map[int]error{
		400: app.Invalid("M.", "S."),
		404: app.ErrNotFound,
		409: app.ErrForeignHost,
		410: app.ErrTooLate,
		422: app.NewProblem("password_refused", "M.", "S.", true, nil),
		500: io.ErrNoProgress,
		502: app.NewProblem("unreachable", "M.", "S.", false, nil),
		503: app.ErrNewerDatabase,
	} {
		if got, body := encodeError(err); got != want || body.Error.Code == "" {
			t.Errorf("%v: got %d %+v, want %d", err, got, body, want)
		}
	}
}

func FuzzRequest(f *testing.F) {
	f.Add("/v1/clear", `{"account": 1, "up_to": 2}`)
	f.Add("/v1/remove", `{"ids": [1, 2, 1e3]}`)
	f.Add("/v1/pause", `{"until": "2026-01-02T03:04:05Z"}`)
	f.Add("/v1/connect", `{"url": "https://d", "password": "\u0000"}`)
	f.Add("/v1/undo", "")
	f.Fuzz(func(t *testing.T, path, body string) {
		if !strings.HasPrefix(path, "/v1/") || strings.ContainsAny(path, " \r\n?#%") {
			return
		}
		r := request("POST", "/v1/x", body)
		r.URL.Path = path
		w := httptest.NewRecorder()
		NewServer(agreeable{}, slog.New(slog.DiscardHandler)).ServeHTTP(w, r)
		if w.Code == http.StatusInternalServerError {
			t.Fatalf("%s with %q: %s", path, body, w.Body)
		}
		if w.Code/100 != 3 && !json.Valid(w.Body.Bytes()) {
			t.Fatalf("%s with %q: no JSON in %q", path, body, w.Body)
		}
	})
}

func FuzzAlertsQuery(f *testing.F) {
	f.Add("account=1&view=list&search=a&source=b&after=2&limit=3")
	f.Add("limit=-1")
	f.Add("search=%00%ff")
	f.Fuzz(func(t *testing.T, raw string) {
		r := request("GET", "/v1/alerts", "")
		r.URL.RawQuery = raw
		got, err := filterOf(r.URL.Query())
		if err != nil {
			return
		}
		if got.Limit < 0 || got.Limit > maxLimit || got.After < 0 || got.Account < 0 {
			t.Fatalf("%q: %+v", raw, got)
		}
		again, err := filterOf(filterQuery(got))
		if err != nil || again != got {
			t.Fatalf("%q: %+v became %+v, %v", raw, got, again, err)
		}
	})
}

func FuzzHints(f *testing.F) {
	f.Add(": hello\n\nevent: hint\ndata: [\"alerts\"]\n\nevent: raise\ndata: \"history\"\n\n")
	f.Add("event: later\ndata: {}\n\nevent: hint\ndata: [\"state\"]\n\n")
	f.Fuzz(func(t *testing.T, stream string) {
		_ = readHints(strings.NewReader(stream), func(h Hint) bool {
			if h.Topics == nil && h.Raise == "" {
				t.Fatalf("%q: an empty hint", stream)
			}
			return true
		})
	})
}
