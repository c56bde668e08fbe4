package dojo_test

import (
	"bufio"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"testing"
	"time"

	"bellhop/sync/dojo"
	"bellhop/sync/dojoserver"
)

// alertsOf serves a list of n typical alerts, made up while it is sent.
func alertsOf(n int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", jsonType)
		out := bufio.NewWriterSize(w, 64<<10)
		_, _ = out.WriteString("[")
		var line []byte
		for i := range n {
			line = line[:0]
			if i > 0 {
				line = append(line, ", "...)
			}
			line = append(line, `{"model": "dojo.alerts", "pk": `...)
			line = strconv.AppendInt(line, int64(n-i), 10)
			line = append(line, `, "fields": {"title": "Created/Updated 3 findings for Shop: nightly: ZAP Scan `...)
			line = strconv.AppendInt(line, int64(i), 10)
			line = append(line, `", "description": "Event &quot;scan_added&quot; has occurred.", "url": "/test/33", "source": "Scan Added", "icon": "info-circle", "user_id": 1, "created": "2026-08-08T10:00:00.123Z"}}`...)
			if _, err := out.Write(line); err != nil {
				return
			}
		}
		_, _ = out.WriteString("]")
		_ = out.Flush()
	})
}

// A list of 600,000 alerts passes through without being held: the heap stays
// where it was, give or take what the collector has not yet taken away.
func TestAHugeListNeedsNoMemory(t *testing.T) {
	if testing.Short() || underRace {
		t.Skip("takes 5 s, and two minutes under the race detector")
	}
	const alerts, slack = 600_000, 24 << 20
	server := httptest.NewServer(alertsOf(alerts))
	defer server.Close()
	c := connect(t, server.URL)
	c.UseSession(dojo.Session{ID: "x"})
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	runtime.GC()
	before, peak, n := heap(), uint64(0), 0
	start := time.Now()
	for a, err := range c.Alerts(t.Context(), -1) {
		if err != nil {
			t.Fatal(err)
		}
		if a.PK != int64(alerts-n) {
			t.Fatalf("alert %d has the key %d", n, a.PK)
		}
		if n++; n%5_000 == 0 {
			peak = max(peak, heap())
		}
	}
	if n != alerts {
		t.Errorf("%d alerts came", n)
	}
	t.Logf("%d alerts in %v, heap %d KiB before, %d KiB at most", n, time.Since(start).Round(time.Millisecond), before>>10, peak>>10)
	if peak > before+slack {
		t.Errorf("the heap grew from %d to %d bytes", before, peak)
	}
}

// BenchmarkAlerts reads the 999 alerts that a server keeps for a user by
// default, from the request to the last one decoded.
func BenchmarkAlerts(b *testing.B) {
	server := httptest.NewServer(alertsOf(999))
	defer server.Close()
	c, err := dojo.New(dojo.Config{BaseURL: server.URL, Proxy: "none"})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	c.UseSession(dojo.Session{ID: "x"})
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for _, err := range c.Alerts(b.Context(), -1) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != 999 {
			b.Fatal(n)
		}
	}
}

// BenchmarkAlertsFromServer is the same against the small DefectDojo.
func BenchmarkAlertsFromServer(b *testing.B) {
	s := dojoserver.New(dojoserver.Options{Users: []dojoserver.User{ana}})
	for i := range 999 {
		s.AddAlert("ana", dojoserver.Alert{Title: fmt.Sprintf("Created/Updated 3 findings for Shop: nightly: ZAP Scan %d", i), Description: "Event scan_added has occurred.", URL: "/test/33"})
	}
	base, err := s.Start(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	c, err := dojo.New(dojo.Config{BaseURL: base, Proxy: "none"})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	c.UseSession(dojo.Session{ID: s.SignIn("ana")})
	for b.Loop() {
		for _, err := range c.Alerts(b.Context(), -1) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
