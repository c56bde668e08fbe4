package store_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/store"
	"bellhop/store/storetest"
)

// The limits of these benchmarks are those that `make bench` prints beside the
// figures. All run on one real file with a million alerts in the list, which is
// made when the first of them runs.
const million = 1_000_000

// seeded is the folder with the million: a new one, or the one that
// BELLHOP_BENCH_DIR names, which stays for the next run.
var seeded = sync.OnceValues(func() (string, error) {
	if dir := os.Getenv("BELLHOP_BENCH_DIR"); dir != "" {
		return dir, nil
	}
	return os.MkdirTemp("", "bellhop-bench-*")
})

// big opens the store with a million alerts.
func big(b *testing.B) (*store.Store, app.Account) {
	b.Helper()
	dir, err := seeded()
	ok(b, err)
	s := storetest.Open(b, store.Options{Dir: dir})
	account := storetest.Account(b, s, "dojo.example.com")
	if have := must(s.Count(b.Context(), account.ID))(b); have < million {
		start := time.Now()
		storetest.Fill(b, s, account.ID, 1, million)
		info, err := os.Stat(filepath.Join(dir, "bellhop.db"))
		ok(b, err)
		b.Logf("stored %d alerts in %.1f s, %d a second, %d MB", million, time.Since(start).Seconds(),
			int(million/time.Since(start).Seconds()), info.Size()/1e6)
	}
	return s, account
}

// dropSeeded deletes the folder after the last benchmark.
func dropSeeded() {
	if os.Getenv("BELLHOP_BENCH_DIR") != "" {
		return
	}
	if dir, err := seeded(); err == nil {
		_ = os.RemoveAll(dir)
	}
}

// latencies measures each run of a benchmark and reports percentiles.
type latencies []time.Duration

func (l *latencies) time(fn func()) {
	start := time.Now()
	fn()
	*l = append(*l, time.Since(start))
}

func (l latencies) report(b *testing.B) {
	b.Helper()
	slices.Sort(l)
	at := func(q float64) float64 { return float64(l[int(q*float64(len(l)-1))]) / 1e6 }
	b.ReportMetric(at(0.5), "p50-ms")
	b.ReportMetric(at(0.99), "p99-ms")
	b.ReportMetric(at(1), "max-ms")
}

func page(b *testing.B, s *store.Store, f app.Filter) app.Page {
	b.Helper()
	return must(s.Alerts(b.Context(), f))(b)
}

func BenchmarkPage(b *testing.B) {
	s, account := big(b)
	for _, f := range []app.Filter{
		{},
		{Account: account.ID},
		{View: app.ViewEverything},
		{Source: "SLA breach"},
	} {
		b.Run(fmt.Sprintf("view=%s,account=%d,source=%s", f.View, f.Account, f.Source), func(b *testing.B) {
			var l latencies
			for b.Loop() {
				f.After = app.AlertID(rand.Int64N(million) + 100)
				l.time(func() {
					if got := page(b, s, f); len(got.Alerts) == 0 {
						b.Fatal("an empty page")
					}
				})
			}
			l.report(b)
		})
	}
}

func BenchmarkPageOverRemoved(b *testing.B) {
	s, _ := big(b)
	top := page(b, s, app.Filter{Limit: 1}).Alerts[0].ID
	contiguous := make([]app.AlertID, 10_000)
	for i := range contiguous {
		contiguous[i] = top - app.AlertID(i)
	}
	scattered := make([]app.AlertID, 10_000)
	for i := range scattered {
		scattered[i] = app.AlertID(rand.Int64N(million)) + 1
	}
	sparse := make([]app.AlertID, 0, million)
	for id := app.AlertID(1); id <= top; id++ {
		if id%1000 != 0 {
			sparse = append(sparse, id)
		}
	}
	for name, ids := range map[string][]app.AlertID{"contiguous": contiguous, "scattered": scattered, "sparse": sparse} {
		b.Run(name, func(b *testing.B) {
			removed := must(s.Remove(b.Context(), ids, time.Minute))(b)
			defer func() { must(s.Undo(b.Context(), removed.Intents))(b) }()
			for _, view := range []app.View{app.ViewList, app.ViewHistory} {
				b.Run(string(view), func(b *testing.B) {
					var l latencies
					for b.Loop() {
						after := app.AlertID(0)
						if rand.IntN(2) == 0 {
							after = top - app.AlertID(rand.IntN(12_000))
						}
						l.time(func() { page(b, s, app.Filter{View: view, After: after}) })
					}
					l.report(b)
				})
			}
		})
	}
}

func BenchmarkSearch(b *testing.B) {
	s, _ := big(b)
	for name, query := range map[string]func(i int) string{
		"rare":    func(i int) string { return fmt.Sprintf("CVE-%d-%05d ", 2016+i%10, i*7919%40000) },
		"one":     func(i int) string { return fmt.Sprintf("(test %d) ", i*7919%million) },
		"common":  func(int) string { return "injection " },
		"two":     func(i int) string { return []string{"nessus portal ", "trivy critical ", "snyk redirect "}[i%3] },
		"never":   func(i int) string { return fmt.Sprintf("nessus absent%d ", i) },
		"prefix1": func(i int) string { return string("abcdefghijklmnopqrstuvwxyz0123456789"[i%36]) },
		"prefix2": func(i int) string { return []string{"cr", "se", "cv", "in", "2", "re", "00", "zz"}[i%8] },
		"prefix3": func(i int) string { return []string{"cri", "cve", "inj", "not", "123", "sql"}[i%6] },
		"prefix5": func(i int) string { return []string{"criti", "nessu", "12345", "injec", "porta"}[i%5] },
		"typing": func(i int) string {
			whole := []string{"nessus critical", "sql injection portal", "cve-2019-0012", "grace path"}[i%4]
			return whole[:1+i/4%len(whole)]
		},
	} {
		for _, view := range []app.View{app.ViewList, app.ViewEverything} {
			b.Run(name+"/"+string(view), func(b *testing.B) {
				var l latencies
				for i := 0; b.Loop(); i++ {
					l.time(func() { page(b, s, app.Filter{Search: query(i), View: view}) })
				}
				l.report(b)
			})
		}
	}
}

func BenchmarkCount(b *testing.B) {
	s, account := big(b)
	for name, id := range map[string]app.AccountID{"one": account.ID, "all": 0} {
		b.Run(name, func(b *testing.B) {
			var l latencies
			for b.Loop() {
				l.time(func() { must(s.Count(b.Context(), id))(b) })
			}
			l.report(b)
		})
	}
}

func BenchmarkNewCount(b *testing.B) {
	s, account := big(b)
	var l latencies
	for b.Loop() {
		l.time(func() { must(s.NewCount(b.Context(), account.ID))(b) })
	}
	l.report(b)
}

func BenchmarkRemove10000(b *testing.B) {
	s, _ := big(b)
	for _, name := range []string{"contiguous", "scattered"} {
		b.Run(name, func(b *testing.B) {
			ids := make([]app.AlertID, 10_000)
			for i := range ids {
				ids[i] = app.AlertID(million - i)
				if name == "scattered" {
					ids[i] = app.AlertID(1 + i*100)
				}
			}
			var remove, undo latencies
			for b.Loop() {
				var removed app.Removed
				remove.time(func() { removed = must(s.Remove(b.Context(), ids, time.Minute))(b) })
				if removed.Count != len(ids) {
					b.Fatalf("removed %d", removed.Count)
				}
				undo.time(func() { must(s.Undo(b.Context(), removed.Intents))(b) })
			}
			remove.report(b)
			slices.Sort(undo)
			b.ReportMetric(float64(undo[len(undo)/2])/1e6, "undo-p50-ms")
		})
	}
}

func BenchmarkClearMillion(b *testing.B) {
	s, account := big(b)
	var cleared, undo, both latencies
	for b.Loop() {
		both.time(func() {
			var removed app.Removed
			cleared.time(func() { removed = must(s.Clear(b.Context(), account.ID, 1<<40, time.Minute))(b) })
			if removed.Count < million {
				b.Fatalf("cleared %d", removed.Count)
			}
			undo.time(func() { must(s.Undo(b.Context(), removed.Intents))(b) })
		})
	}
	both.report(b)
	slices.Sort(cleared)
	slices.Sort(undo)
	b.ReportMetric(float64(cleared[len(cleared)/2])/1e6, "clear-p50-ms")
	b.ReportMetric(float64(undo[len(undo)/2])/1e6, "undo-p50-ms")
}

func BenchmarkApply999(b *testing.B) {
	s, _ := big(b)
	account := storetest.Account(b, s, "second.example.com")
	next := time.Now().UnixMilli()
	var l latencies
	for b.Loop() {
		batch := make([]app.Remote, 999)
		for i := range batch {
			next++
			batch[i] = storetest.Alert(next)
		}
		l.time(func() {
			p := must(s.BeginPull(b.Context(), account.ID, true))(b)
			ok(b, p.Add(b.Context(), batch))
			must(p.Plan(b.Context()))(b)
			must(p.Apply(b.Context(), app.Apply{}))(b)
			ok(b, p.Close())
		})
	}
	l.report(b)
	b.StopTimer()
	ok(b, s.RemoveAccount(b.Context(), account.ID))
}

func BenchmarkApplySame999(b *testing.B) {
	s, _ := big(b)
	account := storetest.Account(b, s, "second.example.com")
	storetest.Fill(b, s, account.ID, 5_000_000, 999)
	batch := make([]app.Remote, 999)
	for i := range batch {
		batch[i] = storetest.Alert(5_000_000 + int64(i))
	}
	var l latencies
	for b.Loop() {
		l.time(func() {
			p := must(s.BeginPull(b.Context(), account.ID, true))(b)
			ok(b, p.Add(b.Context(), batch))
			if got := must(p.Apply(b.Context(), app.Apply{}))(b); got != (app.Pulled{}) {
				b.Fatalf("changed %+v", got)
			}
			ok(b, p.Close())
		})
	}
	l.report(b)
	b.StopTimer()
	ok(b, s.RemoveAccount(b.Context(), account.ID))
}

func BenchmarkOpen(b *testing.B) {
	s, _ := big(b)
	_ = s
	dir, err := seeded()
	ok(b, err)
	b.Run("read", func(b *testing.B) {
		var l latencies
		for b.Loop() {
			l.time(func() {
				s := must(store.Open(b.Context(), store.Options{Dir: dir, ReadOnly: true}))(b)
				must(s.Alerts(b.Context(), app.Filter{}))(b)
				ok(b, s.Close())
			})
		}
		l.report(b)
	})
}

func BenchmarkOpenToWrite(b *testing.B) {
	big(b)
	b.StopTimer()
	dir, err := seeded()
	ok(b, err)
	b.StartTimer()
	var l latencies
	for b.Loop() {
		l.time(func() {
			s := must(store.Open(b.Context(), store.Options{Dir: dir}))(b)
			must(s.Count(b.Context(), 0))(b)
			ok(b, s.Close())
		})
	}
	l.report(b)
}
