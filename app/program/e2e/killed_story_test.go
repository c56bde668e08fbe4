//go:build e2e && linux

package e2e

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"bellhop/sync/dojoserver"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// removes says whether a request removes alerts.
func removes(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/alerts")
}

func TestABellKilledBeforeItsRemovalIsCarriedOutRemovesOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 4)
	w.connect()
	bell := w.ring()
	w.untilCount(bell, 4)
	w.hasty()

	// The bell dies at the worst moment: the server has the request and has not
	// carried it out.
	var once sync.Once
	w.dojo.Break(func(_ http.ResponseWriter, r *http.Request) bool {
		killed := false
		if removes(r) {
			once.Do(func() { w.bell.strike(); killed = true })
		}
		return killed
	})
	w.cli("remove", itoa(w.alerts()[0].ID), itoa(w.alerts()[1].ID))
	<-w.bell.done
	if n := len(w.alerts()); n != 2 {
		t.Errorf("after the kill the list has %d alerts", n)
	}
	if n := len(w.dojo.Alerts(user)); n != 4 {
		t.Errorf("the server holds %d alerts", n)
	}
	bell = w.ring()
	w.untilServer(2)
	w.untilCount(bell, 2)
	w.untilSettled()
}

func TestABellKilledBetweenRemovalAndProofRemovesOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 4)
	w.connect()
	bell := w.ring()
	w.untilCount(bell, 4)
	w.hasty()

	// The server has carried the removal out; the bell dies before it sees that.
	var mu sync.Mutex
	posted, killed := 0, false
	w.dojo.Break(func(_ http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		if removes(r) {
			posted++
			return false
		}
		if posted == 0 || killed {
			return false
		}
		killed = true
		w.bell.strike()
		return true
	})
	w.cli("remove", itoa(w.alerts()[0].ID), itoa(w.alerts()[1].ID))
	<-w.bell.done
	w.untilServer(2)
	w.born("Born meanwhile", "/finding/9")
	bell = w.ring()
	w.untilCount(bell, 3)
	w.untilSettled()
	w.untilServer(3)
	mu.Lock()
	defer mu.Unlock()
	if posted != 1 {
		t.Errorf("the removal was sent %d times", posted)
	}
}

func TestWhatWasRemovedOfflineIsReplayedEvenByAnotherBell(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3)
	w.connect()
	bell := w.ring()
	w.untilCount(bell, 3)
	w.hasty()
	w.away()
	w.until("the tooltip says offline", func() bool { return strings.Contains(bell.tooltip(), "offline") })
	if found := w.alerts("--search", "overdue"); len(found) != 3 {
		t.Errorf("offline the search finds %d alerts", len(found))
	}
	w.cli("remove", itoa(w.alerts()[0].ID))
	w.untilCount(bell, 2)
	w.bell.strike()
	if n := len(w.alerts()); n != 2 {
		t.Errorf("without a bell the list has %d alerts", n)
	}

	bell = w.ring()
	w.untilCount(bell, 2)
	w.untilServer(3) // still: it is away
	w.dojo.Break(nil)
	w.sync()
	w.untilServer(2)
	w.untilCount(bell, 2)
	w.untilSettled()
	if n := w.requests("POST /alerts"); n != 1 {
		t.Errorf("the removal was sent %d times", n)
	}
}

// untilSettled waits until no removal waits for the server any more.
func (w *world) untilSettled() {
	w.t.Helper()
	w.until("no removal waits for the server", func() bool { return w.status().Pending == 0 })
}

// away takes the server away, so that the bell notices.
func (w *world) away() {
	w.t.Helper()
	w.dojo.Break(dojoserver.Down(0))
	if _, said, status := w.runBoth("", w.program("bellhop"), "sync"); status != 1 || !strings.Contains(said, "502") {
		w.t.Errorf("a sync with a server that is away ended with status %d and said %q", status, said)
	}
}
