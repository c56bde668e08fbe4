package syncer_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/store"
	"bellhop/sync/dojoserver"
	"bellhop/sync/syncer"
)

// desk is a store with one connected account, in real time.
type desk struct {
	store   *store.Store
	secrets *vault
	account app.Account
}

func newDesk(tb testing.TB, url string) *desk {
	tb.Helper()
	st, err := store.Open(tb.Context(), store.Options{Dir: tb.TempDir()})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := st.Close(); err != nil {
			tb.Error(err)
		}
	})
	d := &desk{store: st, secrets: &vault{}}
	d.join(tb, url, ada)
	return d
}

// join connects ada, as an account under the given name.
func (d *desk) join(tb testing.TB, url, name string) {
	tb.Helper()
	account, session, err := syncer.Connect(tb.Context(), app.Connect{URL: url, SignIn: app.SignInPassword, Username: ada, Password: password}, syncer.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	account.Username = name
	if d.account, err = d.store.AddAccount(tb.Context(), account); err != nil {
		tb.Fatal(err)
	}
	d.secrets.put(d.account.ID, syncer.SecretPassword, password)
	d.secrets.keep(tb, d.account.ID, session)
	// Synchronised today: the version is not looked up again.
	state := app.SyncState{Account: d.account.ID, Phase: app.PhaseNeedsYou, LastSync: time.Now()}
	if err := d.store.SetSyncState(tb.Context(), state); err != nil {
		tb.Fatal(err)
	}
}

// run starts a Syncer, which waits for SyncNow, and returns it with its end.
func (d *desk) run(tb testing.TB) (*syncer.Syncer, func()) {
	tb.Helper()
	s := syncer.New(syncer.Options{Account: d.account, Local: local{d.store}, Secrets: d.secrets})
	ctx, cancel := context.WithCancel(tb.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	return s, func() {
		cancel()
		if err := <-ended; err != nil {
			tb.Error(err)
		}
	}
}

// writeAlert writes one alert as DefectDojo does: about 300 bytes, as measured
// on recorded lists.
func writeAlert(w *bufio.Writer, pk int, at time.Time) {
	fmt.Fprintf(w, `{"model": "dojo.alerts", "pk": %d, "fields": {"title": "Created/Updated %d findings for Shop: nightly %d: ZAP Scan", `+
		`"description": "Event scan_added has occurred for the engagement &quot;CI&quot; of the product Shop &amp; Pay, test number %d.", `+
		`"url": "/test/%d", "source": "Scan Added", "icon": "info-circle", "user_id": 7, "created": "%s"}}`,
		pk, pk%40+1, pk, pk, pk, at.UTC().Format("2006-01-02T15:04:05.000Z"))
}

// flood answers the complete list with n alerts, one after the other.
func flood(n int) dojoserver.Hook {
	born := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/alerts/json" || r.URL.Query().Has("limit") {
			return false
		}
		w.Header().Set("Content-Type", "application/json")
		out := bufio.NewWriterSize(w, 64<<10)
		_ = out.WriteByte('[')
		for pk := n; pk > 0; pk-- {
			writeAlert(out, pk, born.Add(time.Duration(pk)*time.Second))
			if pk > 1 {
				_, _ = out.WriteString(", ")
			}
		}
		_ = out.WriteByte(']')
		_ = out.Flush()
		return true
	}
}

// TestMemoryStaysFlatWithAVeryLongList pulls a list of some 200 MB through
// client, Syncer and store. What the process gains must be a small part of it.
func TestMemoryStaysFlatWithAVeryLongList(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a while")
	}
	server, url := serve(t, dojoserver.Options{})
	d := newDesk(t, url)
	s, stop := d.run(t)
	defer stop()
	server.Break(flood(2000)) // warms caches and pools up
	if err := s.SyncNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	server.Break(flood(large))
	debug.FreeOSMemory()
	before, resettable := resident(t), resetPeak()
	begin := time.Now()
	if err := s.SyncNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n, err := d.store.Count(t.Context(), d.account.ID); err != nil || n != large {
		t.Errorf("the bell shows %d, %v", n, err)
	}
	t.Logf("%d alerts in %v", large, time.Since(begin).Round(time.Millisecond))
	if !resettable {
		t.Skip("no peak of the resident memory is told here")
	}
	gained := peak(t) - before
	t.Logf("resident memory rose by %d MB at its peak", gained>>20)
	if limit := 96 << 20; gained > limit {
		t.Errorf("resident memory rose by %d MB, want at most %d MB", gained>>20, limit>>20)
	}
}

// resetPeak makes the kernel count the peak anew (Linux only).
func resetPeak() bool {
	return runtime.GOOS == "linux" && os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) == nil
}

func resident(t *testing.T) int { return statusLine(t, "VmRSS:") }
func peak(t *testing.T) int     { return statusLine(t, "VmHWM:") }

// statusLine returns a figure of /proc/self/status in bytes, 0 where there is none.
func statusLine(t *testing.T, name string) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(text) {
		if rest, ok := strings.CutPrefix(string(line), name); ok {
			kb, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")))
			if err != nil {
				t.Fatal(err)
			}
			return kb << 10
		}
	}
	return 0
}

// BenchmarkAnswerToSearchable measures from "synchronise now" until 999 alerts,
// the usual cap, have come over HTTP and are committed and searchable. The
// limit is 60 ms.
func BenchmarkAnswerToSearchable(b *testing.B) {
	server, url := serve(b, dojoserver.Options{})
	server.Break(flood(999))
	d := newDesk(b, url)
	for n := 0; b.Loop(); n++ {
		b.StopTimer()
		d.join(b, url, fmt.Sprintf("%s%d", ada, n))
		s, stop := d.run(b)
		b.StartTimer()
		if err := s.SyncNow(b.Context()); err != nil {
			b.Fatal(err)
		}
		page, err := d.store.Alerts(b.Context(), app.Filter{Account: d.account.ID, Search: "nightly 998"})
		if err != nil || len(page.Alerts) != 1 {
			b.Fatalf("found %d alerts, %v", len(page.Alerts), err)
		}
		b.StopTimer()
		stop()
		b.StartTimer()
	}
	b.ReportMetric(60, "limit-ms")
}
