//go:build linux

package chaos

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/store"
)

// moments are when a bell is killed.
const (
	whileStarting = iota
	whileRecording
	whileRouting // and claiming: what comes after the answer
	whileSending // the other side has it and has not answered
	whileSettling
	whileResting
	moments
)

func TestKilledBellsLoseNothing(t *testing.T) {
	inWorlds(t, killWorlds, 0, "kills processes for a minute", func(t *testing.T, n int, dice *rand.Rand, seed uint64) {
		w := newWorld(t, dice, options{exim: n%2 == 0})
		began := time.Now()
		w.killed(killsPerWorld, func() { w.raise(1, "") })
		what := "kill -9"
		if w.exim != nil {
			what += ", mail to exim"
		}
		table.add(w.row(what, seed, killsPerWorld, began))
	})
}

// A digest has the id of its first delivery: sent again with other events in it,
// a mailbox would drop those that it has not seen.
func TestKilledBellsLoseNothingOfDigests(t *testing.T) {
	inWorlds(t, digestWorlds, 500, "kills processes for a minute", func(t *testing.T, _ int, dice *rand.Rand, seed uint64) {
		w := newWorld(t, dice, options{digests: true})
		began, calls := time.Now(), 0
		w.killed(killsPerWorld, func() {
			calls++ // a group's third message comes only after five minutes
			w.raise(1+dice.IntN(3), fmt.Sprintf("Product %d", calls/2))
		})
		table.add(w.row("kill -9, digests", seed, killsPerWorld, began))
	})
}

// killed lives so many lives, each of which ends by a kill, and one more that
// may finish. more raises what the bells are killed over.
func (w *world) killed(kills int, more func()) {
	w.t.Helper()
	w.now().kill()
	for n := range kills {
		w.quietAll()
		w.look()
		w.start()
		moment := w.dice.IntN(moments)
		if w.burst > 0 && n == 0 {
			moment = whileSending
		}
		if moment == whileStarting {
			w.wait(w.span(60 * time.Millisecond))
			w.now().kill()
			continue
		}
		if !w.ready() {
			w.t.Fatal("the bell ended by itself")
		}
		w.end(moment, more)
		<-w.now().done
	}
	w.quietAll()
	w.look()
	w.start()
	if !w.ready() {
		w.t.Fatal("the bell ended by itself")
	}
	w.settle()
	w.now().kill()
	w.quietAll()
	w.sound()
}

// end kills the bell at a moment.
func (w *world) end(moment int, more func()) {
	w.t.Helper()
	b := w.now()
	switch moment {
	case whileRecording:
		go func(after time.Duration) { <-time.After(after); b.kill() }(time.Duration(w.dice.Int64N(int64(w.span(8 * time.Millisecond)))))
		more()
	case whileRouting:
		more()
		w.wait(w.span(10 * time.Millisecond))
	case whileSending, whileSettling:
		p, after := w.somewhere(), time.Duration(w.dice.IntN(3000))*time.Microsecond
		nth := 0
		if w.burst > 0 {
			p, nth = w.within()
		}
		p.set(&trap{after: nth, before: moment == whileSending, kill: func() {
			if moment == whileSettling {
				<-time.After(after)
			}
			b.kill()
		}})
		more()
		select {
		case <-b.done:
		case <-time.After(1500 * time.Millisecond): // nothing was on its way there
			p.set(nil)
		}
	default:
		w.repeat()
		w.wait(400 * time.Millisecond)
	}
	b.kill()
}

// look counts what a kill has left, to show that kills fall into every stage.
func (w *world) look() {
	w.t.Helper()
	s, err := store.Open(w.t.Context(), store.Options{Dir: w.dir, ReadOnly: true})
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	unrouted, err := s.Unrouted(w.t.Context(), 1)
	if err != nil {
		w.t.Fatal(err)
	}
	counts, err := s.DeliveryCounts(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	w.left.note(w.lots())
	if w.burst > 0 {
		w.noteSent()
	}
	waits := 0
	for channel, c := range counts {
		if channel != app.ChannelToast {
			waits += c[app.DeliveryWaiting]
		}
	}
	switch {
	case len(w.open) > 0:
		w.left.unanswered++
	case len(unrouted) > 0:
		w.left.unrouted++
	case waits > 0:
		w.left.waiting++
	default:
		w.left.nothing++
	}
}

// row judges the world and makes its line of the table.
func (w *world) row(what string, seed uint64, kills int, began time.Time) row {
	w.t.Helper()
	v := w.judge()
	w.t.Logf("%d kills, %d events, %d messages, %d again; the kills left %+v (%s)", kills, len(w.raised), v.messages, v.again, w.left, filepath.Base(w.dir))
	return row{
		what: what, runs: 1, kills: kills, events: len(w.raised), messages: v.messages,
		lost: v.lost, doubled: v.doubled, again: v.again, seed: seed, took: time.Since(began),
	}
}

// left counts kills by what they left undone, and those that left lots of which
// some had been claimed (begun) or were being sent (torn).
type left struct{ unanswered, unrouted, waiting, nothing, begun, torn int }
