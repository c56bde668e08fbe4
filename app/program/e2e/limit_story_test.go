//go:build e2e && linux

package e2e

import (
	"fmt"
	"image"
	"image/color"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"bellhop/app"
	"bellhop/store"
	"bellhop/store/storetest"
	"bellhop/sync/dojoserver"
)

// What is promised is measured by `make bench` on a quiet machine. What is
// guarded here has slack for a busy one.
const (
	registeredIn = 250 * time.Millisecond // promised: 50 ms
	restingRSS   = 30 << 20               // promised: 20 MB
	restingTicks = 1                      // promised: none
	firstPageIn  = time.Second            // promised: 300 ms
	resting      = 10 * time.Second       // long enough for a timer that should not be there
)

// stored is how many alerts the limits are held with. A million takes minutes
// to make; BELLHOP_E2E_STORED asks for another number.
func stored(t *testing.T) int {
	t.Helper()
	text := os.Getenv("BELLHOP_E2E_STORED")
	if text == "" {
		return 20_000
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 100 {
		t.Fatalf("BELLHOP_E2E_STORED is %q", text)
	}
	return n
}

// These two run before the parallel stories and so have the machine to
// themselves.

func TestTheIconAndTheFirstPageAreThereAtOnce(t *testing.T) {
	w := newWorld(t, 1)
	w.seed(stored(t))
	w.connect()
	w.dojo.Break(dojoserver.Down(time.Hour))
	w.within("the icon was registered", registeredIn, func() time.Duration {
		took := w.untilRegistered()
		w.cli("quit")
		w.bell.ended(t)
		return took
	})
	w.ring()
	w.within("the first page was drawn", firstPageIn, w.untilFirstPage)
}

// within measures at least three times, and ten times where a busy machine is in
// the way of the limit.
func (w *world) within(what string, limit time.Duration, measure func() time.Duration) {
	w.t.Helper()
	fastest, times := measure(), 1
	for ; times < 3 || (times < 10 && fastest > limit); times++ {
		fastest = min(fastest, measure())
	}
	w.t.Logf("%s %s after the start (the fastest of %d)", what, fastest.Round(100*time.Microsecond), times)
	if fastest > limit {
		w.t.Errorf("%s only %s after the start", what, fastest)
	}
}

// untilRegistered starts the bell and measures until the panel knows its icon.
func (w *world) untilRegistered() time.Duration {
	w.t.Helper()
	conn, err := dbus.Connect(w.busAddress())
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.AddMatchSignal(dbus.WithMatchInterface(watcher), dbus.WithMatchMember("StatusNotifierItemRegistered")); err != nil {
		w.t.Fatal(err)
	}
	signals := make(chan *dbus.Signal, 4)
	conn.Signal(signals)
	w.bell = w.start("bell", w.program("bellhop"))
	select {
	case <-signals:
		return time.Since(w.bell.began)
	case <-time.After(patience):
		w.t.Fatal("the panel never knew the icon")
		return 0
	}
}

// untilFirstPage starts the window program and measures until its rows can be
// read on the screen.
func (w *world) untilFirstPage() time.Duration {
	w.t.Helper()
	p := w.start("window", w.program("bellhop-window"))
	rows := image.Rect(300, 230, 700, 700)
	var took time.Duration
	w.until("the rows are on the screen", func() bool {
		// The titles are the only things so light in this place.
		light := pixels(w.look(rows), func(c color.RGBA) bool { return c.R > 200 && c.G > 200 && c.B > 200 })
		took = time.Since(p.began)
		return light > 500
	})
	p.end()
	w.untilClosed()
	return took
}

func TestTheBellRestsAndStaysSmall(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	w.seed(stored(t))
	w.connect()
	w.dojo.Break(dojoserver.Down(time.Hour)) // or the server's short list would end the long one
	w.bell = w.start("bell", w.program("bellhop"))
	bell := icon{w.desktop, w.bell.pid()}
	w.until("the bell has tried the server", func() bool { return strings.Contains(bell.tooltip(), "offline") })
	w.cli("settings", "set", app.SettingWatchMinutes, "off") // as below
	w.rests()
}

func TestAfterASyncTheBellRestsUntilTheNext(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 200)
	w.connect()
	bell := w.ring()
	w.untilCount(bell, 200)
	// A look at the server's objects is work, twenty requests at a slow pace; this
	// is about the time between two of them.
	w.cli("settings", "set", app.SettingWatchMinutes, "off")
	w.sync()
	w.rests()
}

// rests makes sure that the bell does nothing and needs little. What it still
// has to put in order after something happened may take it a few seconds.
func (w *world) rests() {
	w.t.Helper()
	quiet, ticks := 0, w.ticks()
	look := time.NewTicker(time.Second)
	defer look.Stop()
	for quiet < 3 {
		<-look.C
		now := w.ticks()
		if now == ticks {
			quiet++
		} else if quiet, ticks = 0, now; time.Since(w.bell.began) > patience {
			w.t.Fatal("the bell never rests")
		}
	}
	asked := len(w.dojo.Requests())
	spent := restingTicks + 1
	for tries := 0; tries < 3 && spent > restingTicks; tries++ {
		before := w.ticks()
		<-time.After(resting) // the one place where time itself is what is measured
		spent = w.ticks() - before
	}
	rss := w.rss()
	w.t.Logf("%d ticks in %s, RSS %.1f MB", spent, resting, float64(rss)/(1<<20))
	if n := len(w.dojo.Requests()); n != asked {
		w.t.Errorf("the server was asked %d times meanwhile", n-asked)
	}
	if spent > restingTicks {
		w.t.Errorf("the bell has spent %d ticks", spent)
	}
	if rss > restingRSS {
		w.t.Errorf("the bell needs %d bytes", rss)
	}
}

// ticks is the CPU time that the bell has spent, in clock ticks (10 ms):
// proc_pid_stat(5), fields 14 and 15.
func (w *world) ticks() int {
	w.t.Helper()
	stat := string(w.read(fmt.Sprintf("/proc/%d/stat", w.bell.pid())))
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	user, err1 := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	if err1 != nil || err2 != nil {
		w.t.Fatalf("read %q: %v, %v", stat, err1, err2)
	}
	return user + system
}

// rss is the bell's resident memory in bytes.
func (w *world) rss() int {
	w.t.Helper()
	status := string(w.read(fmt.Sprintf("/proc/%d/status", w.bell.pid())))
	_, rest, _ := strings.Cut(status, "VmRSS:")
	kilobytes, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		w.t.Fatal(err)
	}
	return kilobytes << 10
}

// seed fills the user's database before a bell runs.
func (w *world) seed(n int) {
	w.t.Helper()
	if err := os.MkdirAll(w.dataDir(), 0o700); err != nil {
		w.t.Fatal(err)
	}
	began := time.Now()
	s, err := store.Open(w.t.Context(), store.Options{Dir: w.dataDir()})
	if err != nil {
		w.t.Fatal(err)
	}
	account, err := s.AddAccount(w.t.Context(), app.Account{URL: w.url, Username: user, SignIn: app.SignInPassword, CookieName: "sessionid"})
	if err != nil {
		w.t.Fatal(err)
	}
	storetest.Fill(w.t, s, account.ID, 1, n)
	if err := s.Close(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Logf("%d alerts stored in %s", n, time.Since(began).Round(time.Millisecond))
}
