package store_test

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/store/storetest"
)

// heap returns the bytes that are in use after a collection.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestAVeryLargeAnswerTakesNoMoreMemoryThanASmallOne stages more than a hundred
// times what fits the memory's share, applies it, and has it all gone the next
// time. BenchmarkHuge does the same with 600,000.
func TestAVeryLargeAnswerTakesNoMoreMemoryThanASmallOne(t *testing.T) {
	n := 30_000
	if testing.Short() {
		n = 12_000
	}
	huge(t, n)
}

func BenchmarkHuge(b *testing.B) {
	for b.Loop() {
		huge(b, 600_000)
	}
}

func huge(tb testing.TB, n int) {
	tb.Helper()
	ctx := tb.Context()
	s := storetest.New(tb)
	account := storetest.Account(tb, s, "dojo.example.com")
	before := heap()
	var most atomic.Uint64
	look := func() { most.Store(max(most.Load(), heap())) }
	pull := must(s.BeginPull(ctx, account.ID, true))(tb)
	batch := make([]app.Remote, 0, 500)
	for key := range n {
		batch = append(batch, storetest.Alert(int64(key)+1))
		if len(batch) == cap(batch) {
			ok(tb, pull.Add(ctx, batch))
			batch = batch[:0]
		}
		if key%(n/5) == 0 {
			look()
		}
	}
	plan := must(pull.Plan(ctx))(tb)
	if plan.New != n || plan.Received != n {
		tb.Errorf("the plan: %+v", plan)
	}
	look()
	start := time.Now()
	if got := must(pull.Apply(ctx, app.Apply{First: true}))(tb); got != (app.Pulled{New: n}) {
		tb.Errorf("the pull: %+v", got)
	}
	look()
	tb.Logf("%d alerts applied in %.1f s", n, time.Since(start).Seconds())
	if plan := must(pull.Plan(ctx))(tb); plan.New != 0 || plan.Gone != 0 || plan.Listed != n {
		tb.Errorf("the plan afterwards: %+v", plan)
	}
	ok(tb, pull.Close())
	// The whole answer is some 500 bytes an alert.
	if grown := int64(most.Load()) - int64(before); grown > 16<<20 {
		tb.Errorf("the heap grew by %d MB", grown>>20)
	}
	if n := must(s.Unrouted(ctx, 1))(tb); len(n) > 0 {
		tb.Error("the backlog made events")
	}
	empty := must(s.BeginPull(ctx, account.ID, true))(tb)
	if got := must(empty.Apply(ctx, app.Apply{Why: app.WhyExpired}))(tb); got != (app.Pulled{Gone: n}) {
		tb.Errorf("the pull of nothing: %+v", got)
	}
	ok(tb, empty.Close())
	if n := must(s.Count(ctx, 0))(tb); n != 0 {
		tb.Errorf("%d remain", n)
	}
	page := must(s.Alerts(ctx, app.Filter{View: app.ViewHistory}))(tb)
	if len(page.Alerts) != 50 || page.Alerts[0].Removal.Why != app.WhyExpired {
		tb.Errorf("the history: %+v", page.Alerts[:1])
	}
}
