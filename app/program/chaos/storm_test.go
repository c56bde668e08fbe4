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
	"testing"
	"time"

	"bellhop/app"
)

// What a storm leads to waits in lots (store/lots.go) and is claimed and noted
// many at a time. The storms here are larger than a claim of any channel that
// gets them: webhooks are claimed 256 at a time, mails 100, Slack 200, Teams 500.

// stormDigests is how many events a storm that becomes digests has. Claims of all
// channels hold whole hundreds, so that no group is told twice within the half
// minute in which the second message waits.
const stormDigests = 600

func TestKilledBellsLoseNothingOfStorms(t *testing.T) {
	inWorlds(t, stormWorlds, 6000, "kills processes for some seconds", func(t *testing.T, _ int, dice *rand.Rand, seed uint64) {
		w := newWorld(t, dice, options{burst: 300 + dice.IntN(300)})
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

// raiseGroups is a storm over several products, the events of each behind one
// another: a hundred, or two times fifty.
func (w *world) raiseGroups() {
	w.t.Helper()
	for i := range w.burst {
		size := 100
		if i/100%3 == 2 {
			size = 50
		}
		w.add(fmt.Sprintf("Product %d.%d", len(w.raised)/w.burst, i/size*size))
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
	seen := make(map[string]bool)
	total := 0
	for _, a := range list {
		key := a.id
		if key == "" {
			key = a.titles[0] // copies name the same events
		}
		if seen[key] {
			continue
		}
		seen[key] = true
		total += a.events
		arrived[strings.ToUpper(strings.Trim(strings.Split(key, "@")[0], "<>"))] = a.events
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
