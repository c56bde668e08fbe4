//go:build linux

package chaos

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bellhop/app"
)

// What a storm leads to waits in lots (store/lots.go) and is claimed and noted
// many at a time. The storms here are larger than a claim of any channel that
// gets them: webhooks are claimed 512 at a time, mails 100, Slack 200, Teams 500.

// stormDigests is how many events a storm that becomes digests has. They are told in
// hundreds, which no claim of a channel with digests cuts, wherever the one before
// was killed: the rest of a group would wait, and replace what Slack has shown.
const stormDigests = 600

func TestKilledBellsLoseNothingOfStorms(t *testing.T) {
	inWorlds(t, stormWorlds, 6000, "kills processes for some seconds", func(t *testing.T, _ int, dice *rand.Rand, seed uint64) {
		w := newWorld(t, dice, options{burst: 550 + dice.IntN(250)})
		began := time.Now()
		w.killed(stormKills, func() { w.raise(w.burst, "") })
		w.metLots()
		table.add(w.row("kill -9 in storms", seed, stormKills, began))
	})
}

func TestKilledBellsLoseNothingOfStormsInDigests(t *testing.T) {
	inWorlds(t, stormDigestWorlds, 6500, "kills processes for some seconds", func(t *testing.T, _ int, dice *rand.Rand, seed uint64) {
		w := newWorld(t, dice, options{burst: stormDigests, digests: true})
		began, calls := time.Now(), 0
		w.killed(stormDigestKills, func() {
			if calls++; calls%2 == 1 { // Slack takes one message a second
				w.raiseGroups()
			} else {
				w.repeat()
			}
		})
		w.metLots()
		table.add(w.row("kill -9 in storms, digests", seed, stormDigestKills, began))
	})
}

func TestPowerCutsLoseNothingOfStorms(t *testing.T) {
	inWorlds(t, stormPowerWorlds, 7000, "mounts file systems", func(t *testing.T, _ int, dice *rand.Rand, seed uint64) {
		m := newMachine(t)
		w := newWorld(t, dice, options{dir: filepath.Join(m.dir, "data"), burst: 550 + dice.IntN(50)})
		began := time.Now()
		for n := range stormCuts {
			way, cutSeed := []string{"none", "all", "writes", "sectors"}[dice.IntN(4)], dice.Uint64()
			if n == 0 || dice.IntN(2) == 0 {
				release := w.raiseUntil(dice.IntN(w.burst/2), true)
				m.cut(1+dice.IntN(20), way, cutSeed, w.now().kill)
				release()
			} else {
				told := make(chan struct{})
				go func() { defer close(told); w.raise(w.burst, "") }()
				w.wait(100 * time.Millisecond)
				m.cut(1+dice.IntN(200), way, cutSeed, w.now().kill)
				<-told
			}
			w.quietAll()
			w.look()
			w.start()
			if !w.ready() {
				t.Fatal("the bell ended by itself")
			}
		}
		w.settle()
		w.now().kill()
		w.quietAll()
		w.sound()
		w.metLots()
		t.Logf("the cuts lost %d of %d cached sectors", m.lost, m.of)
		table.add(w.row("power cut in storms", seed, stormCuts, began))
	})
}

func TestAFullDiskLosesNothingOfStorms(t *testing.T) {
	inWorlds(t, stormFullWorlds, 7500, "mounts file systems", func(t *testing.T, _ int, dice *rand.Rand, seed uint64) {
		disk := smallDisk(t, 48)
		w := newWorld(t, dice, options{dir: filepath.Join(disk, "data"), burst: 550 + dice.IntN(50)})
		began, kills := time.Now(), 0
		for n := range 3 {
			release := w.raiseUntil(dice.IntN(w.burst), false)
			free := fill(t, disk) // while a lot is half sent
			w.left.note(w.lots())
			release()
			w.raise(1, "") // without an answer it is told again
			w.wait(500 * time.Millisecond)
			if n == 0 || dice.IntN(2) == 0 {
				w.now().kill()
				kills++
				w.quietAll()
				w.start()
				if w.ready() { // it may also say that it cannot
					w.wait(300 * time.Millisecond)
				}
			}
			free()
			w.rise()
			w.until("every answer", w.repeat)
		}
		w.settle()
		w.now().kill()
		w.quietAll()
		w.sound()
		w.metLots()
		table.add(w.row("full disk in storms", seed, kills, began))
	})
}

// raiseUntil raises a storm and waits until the webhooks' receiver has one of its
// messages in hand, before or after its answer. It keeps it there until release is
// called.
func (w *world) raiseUntil(nth int, before bool) (release func()) {
	w.t.Helper()
	reached, let := make(chan struct{}), make(chan struct{})
	w.hook.set(&trap{after: nth, before: before, kill: func() { close(reached); <-let }})
	release = sync.OnceFunc(func() { close(let) })
	w.t.Cleanup(release)
	w.raise(w.burst, "")
	w.until("the storm has come so far", func() bool {
		select {
		case <-reached:
			return true
		default:
			return w.repeat() && false
		}
	})
	return release
}

// raiseGroups is a storm over several products, a hundred events of each behind one
// another.
func (w *world) raiseGroups() {
	w.t.Helper()
	for range w.burst {
		w.add(fmt.Sprintf("Product %d", len(w.raised)/100))
	}
	w.repeat()
}

// within picks a message of a storm: at a place, after so many others.
func (w *world) within() (*place, int) {
	p, n := w.somewhere(), w.burst
	switch {
	case w.left.begun == 0: // the first one meets a lot for sure
		if p = w.hook; w.digests {
			p, n = w.slack, 2
		}
	case w.digests && p != w.hook:
		n = 4
	}
	return p, w.dice.IntN(n)
}

// span is how long something takes that takes d for a few events.
func (w *world) span(d time.Duration) time.Duration {
	if w.burst > 0 {
		return 4 * d
	}
	return d
}

// lots is how far the lots of a database have come.
type lots struct {
	n     int
	begun int // of which some are claimed
	torn  int // of which some were claimed, and nobody has noted how that ended
}

// note counts what a kill has left.
func (l *left) note(found lots) {
	l.begun += min(found.begun, 1)
	l.torn += min(found.torn, 1)
}

// lots looks past the store, which shows no lots.
func (w *world) lots() (found lots) {
	w.t.Helper()
	path := url.URL{Scheme: "file", Path: filepath.Join(w.dir, "bellhop.db"), RawQuery: "mode=ro&_pragma=busy_timeout(10000)"}
	db, err := sql.Open("sqlite", path.String())
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	err = db.QueryRowContext(w.t.Context(), `SELECT count(*), count(*) FILTER (WHERE taken > 0), count(*) FILTER (WHERE taken > gone + sent)
		FROM lot_states`).Scan(&found.n, &found.begun, &found.torn)
	if err != nil {
		w.t.Fatalf("look for lots: %v", err)
	}
	return found
}

// metLots fails where no kill fell into a lot: then the world has shown nothing.
func (w *world) metLots() {
	w.t.Helper()
	if w.left.begun == 0 || !w.digests && w.left.torn == 0 {
		w.t.Errorf("no kill has met a lot of which something was claimed: %+v", w.left)
	}
}

// counted says whether the messages of a channel tell some of their events only
// by their number.
func (w *world) counted(name string) bool { return w.burst > 0 && w.digests && name != "webhooks" }

// judgeLedger compares what has arrived with what the bell believes: the
// messages, and of how many events each tells.
func (w *world) judgeLedger(name string, list []arrival, v *verdict) {
	w.t.Helper()
	believed := w.ledger(name)
	arrived := make(map[string]int)
	total := 0
	for _, a := range list {
		key := message(a)
		if before, ok := w.noted[key]; ok && a.life > before {
			w.t.Errorf("%s: bell %d has noted that %s was sent, bell %d has sent it again", name, before, key, a.life)
		}
		if _, again := arrived[key]; !again {
			arrived[key] = a.events
			total += a.events
		}
	}
	if lost := len(w.raised) - total; lost != 0 {
		v.lost += max(lost, 0)
		v.doubled += max(-lost, 0)
		w.t.Errorf("%s: the messages tell of %d events, raised were %d", name, total, len(w.raised))
	}
	if name == "webhooks" || name == "mail" {
		if !maps.Equal(believed, arrived) {
			w.t.Errorf("%s: the bell has other messages in its books than have arrived: %d and %d", name, len(believed), len(arrived))
		}
		return
	}
	want, got := slices.Sorted(maps.Values(believed)), slices.Sorted(maps.Values(arrived))
	if !slices.Equal(want, got) {
		w.t.Errorf("%s: in the books, messages tell of %v events, arrived have %v", name, want, got)
	}
}

// message is the id of a message; of one without it is the first event that it
// names, as copies do.
func message(a arrival) string {
	if a.id == "" {
		return a.titles[0]
	}
	id, _, _ := strings.Cut(strings.Trim(a.id, "<>"), "@") // a mail's
	return strings.ToUpper(id)
}

// noteSent remembers what a dead bell has noted as sent: no other may send that
// again.
func (w *world) noteSent() {
	w.t.Helper()
	for _, c := range w.ways() {
		for id := range w.ledger(c.String()) {
			if _, known := w.noted[id]; !known {
				w.noted[id] = w.lives
			}
		}
	}
}

// ledger returns how many events each message of a channel told, by its id.
func (w *world) ledger(channel string) map[string]int {
	w.t.Helper()
	s := w.inbox()
	defer func() { _ = s.Close() }()
	told := make(map[string]int)
	f := app.DeliveryFilter{Channel: channel, State: app.DeliverySent, Limit: 1000}
	for more := true; more; more = f.After != "" {
		page, next, err := s.Deliveries(context.WithoutCancel(w.t.Context()), f)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, d := range page {
			told[string(cmp.Or(d.Digest, d.ID))]++
		}
		f.After = next
	}
	return told
}
