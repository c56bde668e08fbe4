package store_test

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/store"
	"bellhop/store/storetest"
)

// bench is a store of its own with the person whom everything is for.
type bench struct {
	*testing.B
	store   *store.Store
	account app.Account
	me      app.Person
	last    atomic.Int64 // the last number of a delivery
}

func newBench(b *testing.B) *bench {
	b.Helper()
	s := storetest.Open(b, store.Options{Dir: b.TempDir()})
	account := storetest.Account(b, s, "dojo.example.com")
	return &bench{B: b, store: s, account: account, me: must(s.Me(b.Context(), account.ID))(b)}
}

// next makes a delivery for the person who signed in.
func (b *bench) next(lane string) app.Delivery {
	n := b.last.Add(1)
	return app.Delivery{
		ID: deliveryID(int(n)), Person: b.me.ID, Channel: app.ChannelWebhooks,
		Lane: lane, Group: "scan_added:7", Due: time.Now(),
	}
}

// record stores n events at once.
func (b *bench) record(n int) []app.Event {
	b.Helper()
	list := make([]app.Event, n)
	for i := range list {
		key := strconv.FormatInt(b.last.Add(1), 10)
		list[i] = app.Event{
			Account: b.account.ID, Origin: app.OriginLocal, Key: key, Kind: app.KindOther,
			Call: app.Call{Title: "Scan " + key + " was added", Description: "Nightly scan of the payments gateway: 12 new findings.", URL: "/test/" + key},
		}
	}
	return must(b.store.RecordEvents(b.Context(), list, nil))(b)
}

// fill lets n deliveries wait, spread over lanes.
func (b *bench) fill(n, lanes int) {
	b.Helper()
	const batch = 2000
	for done := 0; done < n; done += batch {
		events := b.record(min(batch, n-done))
		routed := make([]app.Routed, len(events))
		for i, e := range events {
			d := b.next("lane " + strconv.Itoa((done+i)%lanes))
			routed[i] = app.Routed{Event: e.ID, Deliveries: []app.Delivery{d}}
		}
		ok(b, b.store.Route(b.Context(), routed))
	}
}

// cpu is how long this process has computed so far: what a benchmark takes where
// the machine has other work too.
func cpu() time.Duration {
	runtime.GC() // the figures are of the last collection
	sample := []metrics.Sample{{Name: "/cpu/classes/user:cpu-seconds"}}
	metrics.Read(sample)
	return time.Duration(sample[0].Value.Float64() * float64(time.Second))
}

// BenchmarkPair is one delivery from its decision to its receipt: routed, claimed
// and settled, each on the disk; claims take what there is.
func BenchmarkPair(b *testing.B) {
	for _, waiting := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("waiting=%d", waiting), func(b *testing.B) {
			x := newBench(b)
			events := x.record(b.N)
			var next atomic.Int64
			var enqueue latencies
			var mu sync.Mutex
			queue := make(chan app.Claimed, 4*waiting)
			hungry := make(chan struct{}, 1)
			b.ResetTimer()
			busy := cpu()
			var group sync.WaitGroup
			for range waiting {
				group.Go(func() {
					var l latencies
					for i := next.Add(1); i <= int64(len(events)); i = next.Add(1) {
						d := x.next("lane")
						l.time(func() {
							ok(b, x.store.Route(b.Context(), []app.Routed{{Event: events[i-1].ID, Deliveries: []app.Delivery{d}}}))
						})
						select {
						case hungry <- struct{}{}:
						default:
						}
					}
					mu.Lock()
					defer mu.Unlock()
					enqueue = append(enqueue, l...)
				})
			}
			group.Go(func() {
				for done := 0; done < len(events); {
					claimed := must(x.store.Claim(b.Context(), "lane", 64))(b)
					for _, c := range claimed {
						queue <- c
					}
					if done += len(claimed); len(claimed) == 0 {
						<-hungry
					}
				}
				close(queue)
			})
			for range waiting {
				group.Go(func() {
					for c := range queue {
						ok(b, x.store.Settle(b.Context(), []app.Outcome{{ID: c.Delivery.ID, State: app.DeliverySent, Took: time.Millisecond, Status: 200}}))
					}
				})
			}
			group.Wait()
			b.ReportMetric(float64((cpu()-busy).Microseconds())/float64(b.N), "cpu-µs/op")
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pairs/s")
			enqueue.report(b)
		})
	}
}

// BenchmarkDrain claims and settles what waits on a lane, eight at a time, as the
// outbox does for a webhook that answers at once.
func BenchmarkDrain(b *testing.B) {
	x := newBench(b)
	x.fill(b.N, 1)
	b.ResetTimer()
	busy := cpu()
	for {
		claimed := must(x.store.Claim(b.Context(), "lane 0", 64))(b)
		if len(claimed) == 0 {
			break
		}
		queue := make(chan app.Claimed, len(claimed))
		for _, c := range claimed {
			queue <- c
		}
		close(queue)
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				for c := range queue {
					ok(b, x.store.Settle(b.Context(), []app.Outcome{{ID: c.Delivery.ID, State: app.DeliverySent, Took: time.Millisecond, Status: 200}}))
				}
			})
		}
		group.Wait()
	}
	b.ReportMetric(float64((cpu()-busy).Microseconds())/float64(b.N), "cpu-µs/op")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "deliveries/s")
}

// BenchmarkEnqueueWhileManyWait is one event after the other, decided and on the
// disk, while 100,000 deliveries wait. Limit: p99 5 ms.
func BenchmarkEnqueueWhileManyWait(b *testing.B) {
	x := newBench(b)
	x.fill(100_000, 10)
	var l latencies
	for b.Loop() {
		d := x.next("lane 1")
		e := x.record(1)[0]
		l.time(func() {
			ok(b, x.store.Route(b.Context(), []app.Routed{{Event: e.ID, Deliveries: []app.Delivery{d}}}))
		})
	}
	l.report(b)
}

// BenchmarkMillionWaiting opens a store in which a million deliveries wait and
// looks at its lanes. Limit of opening: 100 ms.
func BenchmarkMillionWaiting(b *testing.B) {
	x := newBench(b)
	const n = 1_000_000
	start := time.Now()
	x.fill(n, 5)
	b.Logf("filled in %s", time.Since(start))
	b.Run("lanes", func(b *testing.B) {
		var l latencies
		for b.Loop() {
			l.time(func() {
				if got := must(x.store.Lanes(b.Context()))(b); len(got) != 5 {
					b.Fatalf("%d lanes", len(got))
				}
			})
		}
		l.report(b)
	})
	b.Run("claim", func(b *testing.B) {
		var l latencies
		for b.Loop() {
			l.time(func() {
				if got := must(x.store.Claim(b.Context(), "lane 0", 64))(b); len(got) == 0 {
					b.Fatal("nothing is due")
				}
			})
		}
		l.report(b)
	})
}

func BenchmarkTenThousandLanes(b *testing.B) {
	x := newBench(b)
	x.fill(20_000, 10_000)
	var l latencies
	for b.Loop() {
		l.time(func() {
			if got := must(x.store.Lanes(b.Context()))(b); len(got) != 10_000 {
				b.Fatalf("%d lanes", len(got))
			}
		})
	}
	l.report(b)
}

// BenchmarkOpenMillionWaiting is the start of a bell for which a million deliveries
// wait. Limit: 100 ms. BELLHOP_BENCH_WAITING names a folder in which the database
// stays, with the outbox paused.
func BenchmarkOpenMillionWaiting(b *testing.B) {
	dir := cmp.Or(os.Getenv("BELLHOP_BENCH_WAITING"), b.TempDir())
	if _, err := os.Stat(filepath.Join(dir, "bellhop.db")); err == nil {
		b.Skip("the database is there")
	}
	s := must(store.Open(b.Context(), store.Options{Dir: dir}))(b)
	account := storetest.Account(b, s, "dojo.example.com")
	x := &bench{B: b, store: s, account: account, me: must(s.Me(b.Context(), account.ID))(b)}
	ok(b, s.Set(b.Context(), app.SettingOutbox, "paused"))
	x.fill(1_000_000, 5)
	must(s.Claim(b.Context(), "lane 1", 500))(b)
	ok(b, s.Close())
	info := must(os.Stat(filepath.Join(dir, "bellhop.db")))(b)
	b.Logf("%d MB", info.Size()/1e6)
	var l latencies
	for b.Loop() {
		var again *store.Store
		l.time(func() {
			again = must(store.Open(b.Context(), store.Options{Dir: dir}))(b)
			must(again.Recover(b.Context()))(b)
			must(again.Lanes(b.Context()))(b)
		})
		ok(b, again.Close())
	}
	l.report(b)
}

// BenchmarkFanOut is one event for 10,000 people through two channels, on the
// disk. Limit: 20 ms.
func BenchmarkFanOut(b *testing.B) {
	x := newBench(b)
	var l latencies
	for b.Loop() {
		e := x.record(1)[0]
		r := app.Routed{Event: e.ID}
		for person := range app.PersonID(10_000) {
			for _, c := range []app.Channel{app.ChannelMail, app.ChannelWebhooks} {
				r.Decisions = append(r.Decisions, app.Decision{Event: e.ID, Person: person + 1, Channel: c, Yes: true, Why: 7})
				d := x.next("lane " + c.String())
				d.Person, d.Channel = person+1, c
				r.Deliveries = append(r.Deliveries, d)
			}
		}
		l.time(func() { ok(b, x.store.Route(b.Context(), []app.Routed{r})) })
	}
	l.report(b)
}
