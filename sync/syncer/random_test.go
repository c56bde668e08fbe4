package syncer_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/sync/dojoserver"
)

// TestRandomStoriesEndInAgreement lets chance play user, browser, network,
// keyboard and clock for a while, then lets everything calm down. However it
// went, the list must equal the server's, everything that the user removed must
// be gone, and nothing else may have been removed by us.
func TestRandomStoriesEndInAgreement(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
				c := &chance{world: w, dice: rand.New(rand.NewPCG(seed, 1843)), ours: map[int64]bool{}, theirs: map[int64]bool{}}
				c.all = append(c.all, w.born(c.dice.IntN(80))...)
				w.signedUp()
				w.start()
				for range 80 {
					c.step()
				}
				w.server.Break(nil)
				w.pass(3 * time.Hour)
				c.wantAgreement()
				if t.Failed() {
					t.Log("what happened:", c.told)
				}
			})
		})
	}
}

// chance is what happens by chance, and a model of what must come of it.
type chance struct {
	*world
	dice   *rand.Rand
	told   []string
	all    []int64        // every key ever given
	ours   map[int64]bool // removed by the user, here
	theirs map[int64]bool // removed in a browser
	last   []int64        // what the last removal took
	intent []app.IntentID
	undo   time.Time
}

func (c *chance) tell(format string, args ...any) {
	c.told = append(c.told, c.clock.now().Format("15:04:05 ")+fmt.Sprintf(format, args...))
}

func (c *chance) step() {
	switch c.dice.IntN(13) {
	case 0, 1:
		n := 1 + c.dice.IntN(5)
		c.all = append(c.all, c.born(n)...)
		c.tell("%d are born", n)
	case 2:
		c.all = append(c.all, c.born(70)...)
		c.tell("70 are born")
	case 3:
		c.removeElsewhere()
	case 4, 5, 6:
		c.removeHere()
	case 7:
		c.undoLast()
	case 8:
		c.server.ExpireSessions(ada)
		c.tell("the session ends")
	case 9:
		c.fail()
	case 10:
		c.server.Break(nil)
		c.tell("the server recovers")
	case 11:
		c.restart()
		c.tell("restart")
	case 12:
		by := time.Duration(c.dice.IntN(7200)-3600) * time.Second
		c.clock.move(by)
		c.tell("the clock moves by %v", by)
	}
	c.pass(time.Duration(c.dice.IntN(40_000)) * time.Millisecond)
}

func (c *chance) removeElsewhere() {
	alerts := c.server.Alerts(ada)
	if len(alerts) == 0 {
		return
	}
	pk := alerts[c.dice.IntN(len(alerts))].PK
	c.server.RemoveAlert(ada, pk)
	c.theirs[pk] = true
	c.tell("%d is removed in a browser", pk)
}

func (c *chance) removeHere() {
	list := c.list()
	c.dice.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	list = list[:min(len(list), 1+c.dice.IntN(4))]
	if len(list) == 0 {
		return
	}
	removed := c.remove(5*time.Second, ids(list)...)
	c.intent, c.undo, c.last = removed.Intents, removed.UndoUntil, nil
	for _, a := range list {
		c.ours[a.RemoteID] = true
		c.last = append(c.last, a.RemoteID)
	}
	c.tell("%v are removed here", c.last)
}

func (c *chance) undoLast() {
	if len(c.intent) == 0 || !c.clock.now().Before(c.undo) {
		return
	}
	n, err := c.store.Undo(c.t.Context(), c.intent)
	if err != nil || n == 0 {
		c.tell("undo comes too late")
		return
	}
	for _, pk := range c.last {
		delete(c.ours, pk)
	}
	c.intent = nil
	c.tell("%v are taken back", c.last)
}

func (c *chance) fail() {
	page := "<html><title>Maintenance</title></html>"
	hooks := map[string]dojoserver.Hook{
		"no answer":              dojoserver.Drop(),
		"502":                    dojoserver.Down(0),
		"503, later":             dojoserver.Down(20 * time.Second),
		"a page":                 dojoserver.Answer(http.StatusOK, "text/html", page),
		"a body cut short":       dojoserver.Cut("application/json", "["),
		"an empty backend, once": emptyFor(1),
		"removals fail":          dojoserver.Only(http.MethodPost, "/alerts", dojoserver.Answer(http.StatusInternalServerError, "text/html", page)),
		"the counter is silent":  dojoserver.Only("", "/alerts/count", dojoserver.Down(0)),
	}
	names := make([]string, 0, len(hooks))
	for name := range hooks {
		names = append(names, name)
	}
	slices.Sort(names)
	name := names[c.dice.IntN(len(names))]
	c.server.Break(hooks[name])
	c.tell("the server breaks: %s", name)
}

func (c *chance) wantAgreement() {
	c.t.Helper()
	var here, there, want []int64
	for _, a := range c.list() {
		here = append(here, a.RemoteID)
	}
	for _, a := range c.server.Alerts(ada) {
		there = append(there, a.PK)
	}
	for _, pk := range c.all {
		if !c.ours[pk] && !c.theirs[pk] {
			want = append(want, pk)
		}
	}
	slices.Sort(here)
	slices.Sort(there)
	slices.Sort(want)
	if !slices.Equal(here, there) {
		c.t.Errorf("the list holds\n%v, the server\n%v", here, there)
	}
	if !slices.Equal(there, want) {
		c.t.Errorf("the server holds\n%v, want\n%v", there, want)
	}
	if n := c.pending(); n != 0 {
		c.t.Errorf("%d removals still wait", n)
	}
	c.wantState(app.PhaseOK, "")
	// What was there for longer than a look takes has been seen.
	seen := map[int64]bool{}
	for _, a := range c.everything() {
		seen[a.RemoteID] = true
	}
	for _, pk := range c.all {
		if !seen[pk] && !c.theirs[pk] {
			c.t.Errorf("alert %d was never seen", pk)
		}
	}
}

// everything returns all alerts, list and history.
func (w *world) everything() []app.Alert {
	w.t.Helper()
	var out []app.Alert
	for a, err := range w.store.Each(w.t.Context(), app.Filter{Account: w.account.ID, View: app.ViewEverything}) {
		if err != nil {
			w.t.Fatal(err)
		}
		out = append(out, a)
	}
	return out
}
