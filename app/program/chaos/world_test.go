//go:build linux

package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/app/control"
	"bellhop/app/dispatch/dispatchtest"
	"bellhop/store"
	"bellhop/store/storetest"
)

// world is a data folder, the bells that live on it one after the other, the
// places that get its messages, and a sender that repeats what got no answer.
type world struct {
	t    *testing.T
	dice *rand.Rand
	home string // of the user
	dir  string // the data folder

	hook, slack, teams *place
	post               *postOffice
	exim               *dispatchtest.Exim // in the place of post; nil for none
	// clock is there where the bells live in this process and go by it.
	clock *clock
	// burst is how many events a call raises that is a storm; 0 where there is none.
	burst   int
	digests bool
	noted   map[string]int // messages that a bell has noted as sent, by their ids; the bell

	mu    sync.Mutex
	bell  *bell
	lives int

	raised []event // every event, answered or not
	open   []event // those without an answer
	serial int
	left   left
}

// event is what the sender tells.
type event struct {
	title, product string
}

// options are what worlds differ in.
type options struct {
	dir     string // the data folder; "" = in the user's home
	digests bool   // events of one product become one message
	burst   int    // events come in storms of so many; without digests, by webhook and mail alone
	clock   *clock // bells live in this process and go by it; nil = real ones
	exim    bool   // mail goes to the distribution's server, where it is installed
}

// newWorld prepares a user's bell that tells her by every channel, and lets it
// live.
func newWorld(t *testing.T, dice *rand.Rand, o options) *world {
	t.Helper()
	w := &world{t: t, dice: dice, home: t.TempDir(), dir: o.dir, clock: o.clock, burst: o.burst, digests: o.digests, noted: make(map[string]int)}
	if w.dir == "" {
		w.dir = filepath.Join(w.home, "data")
	}
	if err := os.MkdirAll(w.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if b := w.now(); b != nil {
			if t.Failed() && b.dump != nil {
				b.dump()
			}
			b.kill()
		}
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(w.home, "log"))
			t.Logf("the bells printed:\n%s", log[max(0, len(log)-200_000):])
		}
	})
	life := func() int {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.lives
	}
	w.hook, w.slack, w.teams, w.post = newHook(t, life), newSlack(t, life), newTeams(t, life), newPostOffice(t, life)
	if o.exim {
		w.exim = dispatchtest.StartExim(t, dispatchtest.EximOptions{Domain: "example.org", Users: []string{"ada"}})
	}
	w.start()
	w.ready()
	w.raise(1, "") // makes the machine's own account, before there is a channel
	w.settle()
	w.raised = nil
	w.channels()
	return w
}

// slow says whether the bell tells by Slack and Teams too, whose limits let a
// storm leave only as digests.
func (w *world) slow() bool { return w.burst == 0 || w.digests }

// ways are the channels by which the bell tells.
func (w *world) ways() []app.Channel {
	if w.slow() {
		return []app.Channel{app.ChannelMail, app.ChannelWebhooks, app.ChannelSlack, app.ChannelTeams}
	}
	return []app.Channel{app.ChannelMail, app.ChannelWebhooks}
}

// channels adds a destination of each kind and switches them on.
func (w *world) channels() {
	w.t.Helper()
	address := w.post.address()
	if w.exim != nil {
		address = w.exim.Addr
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		w.t.Fatal(err)
	}
	w.cli("", "channels", "add", "mail", "--name", "mail", "--mine", "--address", "ada@example.org", "--set", "host=127.0.0.1",
		"--set", "port="+port, "--set", "tls=none", "--set", "auth=none", "--set", "from=bell@example.org")
	names := []string{"alert"}
	for _, c := range w.ways() {
		names = append(names, c.String())
	}
	if w.slow() {
		w.cli(slackToken+"\n", "channels", "add", "slack", "--name", "slack", "--mine", "--address", "C1",
			"--set", "api=http://"+w.slack.address()+"/", "--secret", "token")
		w.cli("http://"+w.teams.address()+"/workflow?sig=chaos\n", "channels", "add", "msteams", "--name", "teams", "--mine",
			"--set", "hosts=127.0.0.1", "--secret", "url")
	}
	w.cli(hookKey+"\n", "channels", "add", "webhooks", "--name", "hook", "--mine", "--address", "http://"+w.hook.address()+"/in",
		"--set", "private=on", "--no-ping", "--secret", "key")
	w.cli("", "prefs", "set", "other", strings.Join(names, ","))
	if !w.digests {
		w.cli("", "settings", "set", app.SettingDigests, "off")
	}
}

// raise tells n new events, in one call.
func (w *world) raise(n int, product string) {
	w.t.Helper()
	for range n {
		w.add(product)
	}
	w.repeat()
}

// add adds an event to those that have to be told.
func (w *world) add(product string) {
	w.serial++
	e := event{title: fmt.Sprintf("ring-%dx", w.serial), product: product}
	w.raised, w.open = append(w.raised, e), append(w.open, e)
}

// repeat tells whatever has no answer yet, and says whether it has now.
func (w *world) repeat() bool {
	w.t.Helper()
	if len(w.open) == 0 {
		return true
	}
	if err := w.notify(w.t.Context(), w.open); err != nil {
		return false
	}
	w.open = nil
	return true
}

func (w *world) notify(ctx context.Context, events []event) error {
	c, err := control.Dial(w.dir)
	if err != nil {
		return err
	}
	defer c.Close()
	var notices []json.RawMessage
	for _, e := range events {
		text, err := json.Marshal(map[string]string{"event": "other", "title": e.title, "key": e.title, "product": e.product})
		if err != nil {
			return err
		}
		notices = append(notices, text)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err = c.Notify(ctx, 0, notices)
	return err
}

// inbox opens the database beside the bell.
func (w *world) inbox() *store.Store {
	w.t.Helper()
	return storetest.Open(w.t, store.Options{Dir: w.dir, ReadOnly: true})
}

// settle waits until the bell has nothing more to do.
func (w *world) settle() {
	w.t.Helper()
	w.until("every answer", w.repeat)
	s := w.inbox()
	defer func() { _ = s.Close() }()
	defer func() {
		if w.t.Failed() {
			counts, err := s.DeliveryCounts(context.Background())
			w.t.Logf("deliveries: %v, %v", counts, err)
			list, _, _ := s.Deliveries(context.Background(), app.DeliveryFilter{State: app.DeliveryWaiting, Limit: 20})
			for _, d := range list {
				w.t.Logf("%+v", d)
			}
		}
	}()
	for left := w.waiting(s); left > 0; {
		w.until("less waits", func() bool {
			before := left
			left = w.waiting(s)
			return left < before
		})
		if w.burst > 0 {
			<-time.After(50 * time.Millisecond) // looking costs the bell time
		}
	}
}

// waiting is how many events and deliveries the bell has not done with.
func (w *world) waiting(s *store.Store) int {
	w.t.Helper()
	unrouted, err := s.Unrouted(w.t.Context(), 1)
	if err != nil {
		w.t.Fatal(err)
	}
	counts, err := s.DeliveryCounts(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	waits := len(unrouted)
	for channel, c := range counts {
		if channel != app.ChannelToast {
			waits += c[app.DeliveryWaiting] + c[app.DeliveryHeld]
		}
	}
	return waits
}

// places returns all of them by name, with what arrived.
func (w *world) arrivals() map[string][]arrival {
	mails := w.post.all()
	if w.exim != nil {
		mails = nil
		for _, raw := range w.exim.Mails("ada") {
			a, err := readLetter(strings.NewReader(raw))
			if err != nil {
				w.t.Errorf("a mail in the mailbox: %v", err)
				continue
			}
			mails = append(mails, a)
		}
	}
	all := map[string][]arrival{"webhooks": w.hook.all(), "mail": mails}
	if w.slow() {
		all["slack"], all["msteams"] = w.slack.all(), w.teams.all()
	}
	return all
}

// verdict is what came of a world.
type verdict struct{ messages, lost, doubled, again int }

// judge looks at everything that has arrived. A receiver with an id keeps the
// first message of each id; what Slack and Teams get twice is allowed where a
// bell died between, one message for each death.
func (w *world) judge() verdict {
	w.t.Helper()
	var v verdict
	for name, list := range w.arrivals() {
		v.messages += len(list)
		if name == "webhooks" || name == "mail" {
			w.judgeIDs(name, list, &v)
		} else {
			w.judgeCopies(name, list, &v)
		}
		if w.burst > 0 {
			w.judgeLedger(name, list, &v)
		}
	}
	w.judgeStore(&v)
	return v
}

func (w *world) judgeIDs(name string, list []arrival, v *verdict) {
	w.t.Helper()
	kept := make(map[string][]string) // ids by title
	seen := make(map[string]bool)
	for _, a := range list {
		if a.id == "" {
			w.t.Errorf("%s: a message without an id", name)
		}
		if seen[a.id] {
			continue // collapsed
		}
		seen[a.id] = true
		for _, title := range a.titles {
			kept[title] = append(kept[title], a.id)
		}
	}
	for _, e := range w.raised {
		switch ids := kept[e.title]; len(ids) {
		case 1:
		case 0:
			if w.counted(name) {
				continue
			}
			v.lost++
			w.t.Errorf("%s: %s is lost", name, e.title)
		default:
			v.doubled++
			w.t.Errorf("%s: %s arrived under the ids %v", name, e.title, ids)
		}
	}
}

func (w *world) judgeCopies(name string, list []arrival, v *verdict) {
	w.t.Helper()
	lives := make(map[string][]int) // by title, in the order of arrival
	type death struct{ life int }
	again := make(map[death]int) // messages that were repeated because of it
	answered := make(map[string]bool)
	for _, a := range list {
		repeated := 0
		for _, title := range a.titles {
			before := lives[title]
			lives[title] = append(before, a.life)
			if len(before) == 0 {
				continue
			}
			last := before[len(before)-1]
			if last == a.life && !answered[title] {
				v.again++ // it had no answer
				continue
			}
			if last == a.life {
				v.doubled++
				w.t.Errorf("%s: %s arrived twice from the same bell", name, title)
			}
			repeated = last
		}
		for _, title := range a.titles {
			answered[title] = a.answered
		}
		if repeated > 0 {
			v.again++
			again[death{repeated}]++
		}
	}
	for d, n := range again {
		if n > 1 {
			v.doubled += n - 1
			w.t.Errorf("%s: the death of bell %d doubled %d messages", name, d.life, n)
		}
	}
	for _, e := range w.raised {
		if len(lives[e.title]) == 0 && !w.counted(name) {
			v.lost++
			w.t.Errorf("%s: %s is lost", name, e.title)
		}
	}
}

// judgeStore asks the bell's own books: each event once, with one row in the
// inbox and one delivery for each place, all of them sent.
func (w *world) judgeStore(v *verdict) {
	w.t.Helper()
	s := w.inbox()
	defer func() { _ = s.Close() }()
	events, rows := make(map[string]int), make(map[string]int)
	for e, err := range s.EachEvent(w.t.Context(), app.EventFilter{}) {
		if err != nil {
			w.t.Fatal(err)
		}
		events[e.Call.Title]++
	}
	for a, err := range s.Each(w.t.Context(), app.Filter{View: app.ViewList}) {
		if err != nil {
			w.t.Fatal(err)
		}
		rows[a.Title]++
	}
	for _, e := range w.raised {
		if events[e.title] != 1 || rows[e.title] != 1 {
			w.t.Errorf("the bell has %s %d times, and %d times in the inbox", e.title, events[e.title], rows[e.title])
			v.lost += max(0, 1-rows[e.title])
			v.doubled += max(0, rows[e.title]-1)
		}
	}
	counts, err := s.DeliveryCounts(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, c := range w.ways() {
		if n := counts[c][app.DeliverySent]; n != len(w.raised) || len(counts[c]) != 1 {
			w.t.Errorf("%s: %v deliveries for %d events", c, counts[c], len(w.raised))
		}
	}
	for _, n := range s.Notices() {
		w.t.Errorf("the store tells: %s", n.Message)
	}
}

// sound lets the store look through its file, which no bell may have open.
func (w *world) sound() {
	w.t.Helper()
	s := storetest.Open(w.t, store.Options{Dir: w.dir})
	defer func() { _ = s.Close() }()
	if n := s.Notices(); len(n) > 0 {
		w.t.Errorf("the store tells %+v", n)
	}
	checks, err := s.Check(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, c := range checks {
		if !c.OK {
			w.t.Errorf("the store's check: %+v", c)
		}
	}
}

// wait is a pause at random.
func (w *world) wait(most time.Duration) {
	<-time.After(time.Duration(w.dice.Int64N(int64(most) + 1)))
}

// somewhere is one of the places whose traps can be set.
func (w *world) somewhere() *place {
	list := []*place{w.hook}
	if w.slow() {
		list = append(list, w.slack, w.teams)
	}
	if w.exim == nil {
		list = append(list, w.post.place)
	}
	return list[w.dice.IntN(len(list))]
}

func (w *world) quietAll() {
	for _, p := range []*place{w.hook, w.slack, w.teams, w.post.place} {
		w.quiet(p.door)
	}
}

// hookKey signs webhooks: "whsec_" and 32 bytes in base 64.
const hookKey = "whsec_Q2hhb3NDaGFvc0NoYW9zQ2hhb3NDaGFvc0NoYW9zISE="
