package intake

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"bellhop/app"
)

// discard is a response that nobody reads.
type discard struct{ h http.Header }

func (d discard) Header() http.Header       { return d.h }
func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)             {}

func scanCall(tb testing.TB) recorded {
	tb.Helper()
	for _, r := range recordings(tb, "3.2.0") {
		if r.Event == "scan_added" {
			return r
		}
	}
	tb.Fatal("no scan was recorded")
	return recorded{}
}

// BenchmarkWebhook is one scan_added of three findings, from header to 204,
// without the network and the store.
func BenchmarkWebhook(b *testing.B) {
	r := scanCall(b)
	accounts := []app.Account{{ID: 1, URL: "http://127.0.0.1:8320"}, {ID: 2, URL: "https://dojo.example.com"}}
	l, err := New(Options{
		Header: "X-Bell-Secret", Secret: secret,
		Accounts: func(context.Context) ([]app.Account, error) { return accounts, nil },
		Record:   func(context.Context, app.Event) error { return nil },
	})
	if err != nil {
		b.Fatal(err)
	}
	req := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/", nil)
	req.Header = r.header()
	req.Header.Set("X-Bell-Secret", secret)
	b.ReportAllocs()
	for b.Loop() {
		body := strings.NewReader(string(r.Body))
		req.Body, req.ContentLength = io.NopCloser(body), body.Size()
		l.ServeHTTP(discard{make(http.Header)}, req)
	}
	if l.Status().Recorded == 0 || l.Status().Refused != 0 {
		b.Fatalf("%+v", l.Status())
	}
}

// BenchmarkLargestWebhook parses 8 MB: about 40,000 findings.
func BenchmarkLargestWebhook(b *testing.B) {
	r := scanCall(b)
	one := `{"id":12345,"title":"CVE-2026-12345 in libexample 1.2.3","severity":"High","url_ui":"https://dojo.example.com/finding/12345","url_api":"https://dojo.example.com/api/v2/findings/12345/"},`
	n := (MaxBody - 200) / len(one)
	body := []byte(`{"title":"Created/Updated","findings":{"new":[` + strings.Repeat(one, n-1) + one[:len(one)-1] + `]}}`)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if w, err := ParseWebhook(r.header(), body); err != nil || w.Call.More.New != n-MaxFindings {
			b.Fatal(w.Call.More, err)
		}
	}
}
