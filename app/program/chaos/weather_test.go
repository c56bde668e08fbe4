//go:build linux

package chaos

import (
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/app/control"
)

// clock is what bells in this process go by.
type clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

// now is without the monotonic part, which would hide that the clock was set.
func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead).Round(0)
}

func (c *clock) set(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += by
}

// jump sets the clock, and lets the bell look at it: nothing else tells it.
func (w *world) jump(by time.Duration) {
	w.t.Helper()
	w.clock.set(by)
	c, err := control.Dial(w.dir)
	if err != nil {
		w.t.Fatal(err)
	}
	defer c.Close()
	w.serial++
	if err := c.Set(w.t.Context(), app.SettingTeam, "Team "+strconv.Itoa(w.serial)); err != nil {
		w.t.Fatal(err)
	}
}

// pass lets time pass until nothing waits, at most a day and a half.
func (w *world) pass() {
	w.t.Helper()
	w.until("every answer", w.repeat)
	s := w.inbox()
	defer func() { _ = s.Close() }()
	for range 36 * 4 {
		quiet, last := 0, -1
		for quiet < 100 { // as long as something goes on
			n := w.waiting(s)
			if n == 0 {
				return
			}
			if quiet++; n != last {
				quiet, last = 0, n
			}
			<-time.After(5 * time.Millisecond)
		}
		w.jump(15 * time.Minute)
	}
	w.t.Fatal("in vain: nothing waits any more")
}

// storm breaks a network at random: connections that are refused in the middle,
// reset or stalled, answers that are late, lost or a wish to come back later.
func (w *world) storm(seed uint64) {
	var mu sync.Mutex
	dice := rand.New(rand.NewPCG(seed, 7))
	roll := func(n int) int {
		mu.Lock()
		defer mu.Unlock()
		return dice.IntN(n)
	}
	for _, p := range []*place{w.hook, w.slack, w.teams} {
		p.brew(func(rw http.ResponseWriter, r *http.Request, taken func()) bool {
			switch n := roll(40); {
			case n < 16:
				return false
			case n < 20: // the connection drops
				hangUp(rw)
			case n < 24: // or is reset
				if conn, _, err := http.NewResponseController(rw).Hijack(); err == nil {
					if tcp, ok := conn.(*guest).Conn.(*net.TCPConn); ok {
						_ = tcp.SetLinger(0)
					}
					_ = conn.Close()
				}
			case n < 29: // it was taken, and the answer is lost
				taken()
				hangUp(rw)
			case n < 32:
				<-time.After(200 * time.Millisecond)
				return false
			case n < 35:
				rw.WriteHeader(http.StatusServiceUnavailable)
			case n < 38:
				rw.Header().Set("Retry-After", "2")
				rw.WriteHeader(http.StatusTooManyRequests)
			case n == 38: // it stalls for good
				<-r.Context().Done()
			default: // it answers after nobody listens any more
				taken()
				<-r.Context().Done()
			}
			return true
		})
	}
	w.post.feel(func(say func(string), taken func()) bool {
		switch n := roll(10); {
		case n < 4:
			return false
		case n < 6:
			return true
		case n < 8:
			taken()
			return true
		default:
			say("451 4.3.0 come back later")
			return true
		}
	})
}

// fair ends a storm, and mends what the storm made the bell give up.
func (w *world) fair() {
	w.t.Helper()
	for _, p := range []*place{w.hook, w.slack, w.teams} {
		p.brew(nil)
	}
	w.post.feel(nil)
	w.cli("", "channels", "edit", "hook", "--on")
}

func TestABrokenNetworkLosesNothing(t *testing.T) {
	inWorlds(t, weatherWorlds, 2000, "stalls for some seconds", func(t *testing.T, n int, dice *rand.Rand, seed uint64) {
		w := newWorld(t, dice, options{clock: &clock{}})
		began := time.Now()
		w.storm(seed + uint64(n))
		for range 12 {
			w.raise(1+dice.IntN(2), "")
			w.wait(100 * time.Millisecond)
			w.jump(time.Duration(dice.IntN(20)) * time.Minute)
		}
		w.fair()
		w.pass()
		w.now().kill()
		w.sound()
		table.add(w.row("network drops, stalls, resets, answers late", seed, 0, began))
	})
}

func TestAClockThatJumpsLosesNothing(t *testing.T) {
	inWorlds(t, clockWorlds, 3000, "takes some seconds", func(t *testing.T, _ int, dice *rand.Rand, seed uint64) {
		w := newWorld(t, dice, options{clock: &clock{}})
		began := time.Now()
		jumps := []time.Duration{
			time.Second, -time.Second, time.Hour, -time.Hour, 25 * time.Hour, -25 * time.Hour, 400 * 24 * time.Hour, -400 * 24 * time.Hour,
		}
		for range 10 {
			w.raise(1+dice.IntN(2), "")
			w.wait(50 * time.Millisecond)
			w.jump(jumps[dice.IntN(len(jumps))])
			if dice.IntN(3) == 0 {
				w.now().kill()
				w.start()
				if !w.ready() {
					t.Fatal("the bell ended by itself")
				}
			}
		}
		w.settle() // nothing waits for what the clock said before
		w.now().kill()
		w.sound()
		table.add(w.row("clock jumps", seed, 0, began))
	})
}
