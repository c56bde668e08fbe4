package store_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/store"
	"bellhop/store/storetest"
)

// childFolder names the folder in which a copy of this program is to work until
// it is killed.
const childFolder = "BELLHOP_STORE_CHILD"

// child does what a busy bell does, at random. After each round it notes the
// round in the store and then says so: what was said must be there.
func child(dir string) error {
	ctx := context.Background()
	s, err := store.Open(ctx, store.Options{Dir: dir})
	if err != nil {
		return err
	}
	account, err := s.AddAccount(ctx, app.Account{URL: "https://dojo.example.com", Username: "ada", SignIn: app.SignInPassword})
	if err != nil {
		return err
	}
	if _, err := s.Recover(ctx); err != nil {
		return err
	}
	for round := 1; ; round++ {
		if err := busy(ctx, s, account.ID); err != nil {
			return err
		}
		if err := s.Set(ctx, app.SettingHistoryDays, strconv.Itoa(round%36500+1)); err != nil {
			return err
		}
		fmt.Println(round%36500 + 1)
	}
}

func busy(ctx context.Context, s *store.Store, account app.AccountID) error {
	p, err := s.BeginPull(ctx, account, true)
	if err != nil {
		return err
	}
	first := rand.Int64N(300)
	keys := make([]int64, 200)
	for i := range keys {
		keys[i] = first + int64(i)
	}
	if err := p.Add(ctx, answer(keys...)); err != nil {
		return err
	}
	if _, err := p.Apply(ctx, app.Apply{}); err != nil {
		return err
	}
	targets, err := p.Targets(ctx, 50)
	if err != nil {
		return err
	}
	var posted []app.AlertID
	for _, one := range targets {
		posted = append(posted, one.Alert)
	}
	if err := p.Posted(ctx, posted); err != nil {
		return err
	}
	page, err := s.Alerts(ctx, app.Filter{Limit: 300})
	if err != nil {
		return err
	}
	var ids []app.AlertID
	for _, a := range page.Alerts {
		if rand.IntN(3) == 0 {
			ids = append(ids, a.ID)
		}
	}
	removed, err := s.Remove(ctx, ids, time.Minute)
	if err != nil {
		return err
	}
	if rand.IntN(2) == 0 {
		if _, err := s.Undo(ctx, removed.Intents); err != nil {
			return err
		}
	}
	if rand.IntN(3) == 0 && len(page.Alerts) > 0 {
		if _, err := s.Clear(ctx, 0, page.Alerts[len(page.Alerts)/2].ID, 0); err != nil {
			return err
		}
	}
	if err := tell(ctx, s, account); err != nil {
		return err
	}
	if err := send(ctx, s); err != nil {
		return err
	}
	if rand.IntN(10) == 0 {
		if err := s.Backup(ctx); err != nil {
			return err
		}
	}
	_, err = s.Prune(ctx, time.Now().Add(-50*time.Millisecond))
	return err
}

// tell records some events, among them ones that are known already, and routes
// what waits: each gets a decision and a delivery, and those of this machine an
// alert; now and then one is for a crowd.
func tell(ctx context.Context, s *store.Store, account app.AccountID) error {
	var events []app.Event
	for range 20 {
		key := strconv.Itoa(rand.IntN(500))
		events = append(events, app.Event{Origin: app.OriginLocal, Key: key, Kind: app.KindOther, Call: app.Call{Title: key}},
			app.Event{Account: account, Origin: app.OriginWebhook, Key: key, Kind: app.KindFindingAdded, Call: app.Call{Title: key, URL: "/finding/" + key}})
	}
	if _, err := s.RecordEvents(ctx, events, map[string][]byte{"0/lines": []byte(events[0].Key)}); err != nil {
		return err
	}
	waiting, err := s.Unrouted(ctx, 100)
	if err != nil {
		return err
	}
	var routed []app.Routed
	for _, e := range waiting {
		r := app.Routed{Event: e.ID, Decisions: []app.Decision{{Person: 1, Channel: app.ChannelToast, Yes: true}}}
		for person := range app.PersonID(1 + rand.IntN(50)/49*300) {
			r.Deliveries = append(r.Deliveries, app.Delivery{
				ID: app.DeliveryID(fmt.Sprintf("%013d%013d", time.Now().UnixMilli(), rand.Int64N(1e13))), Person: person,
				Channel: app.ChannelMail, Lane: crashLanes[rand.IntN(len(crashLanes))],
			})
		}
		if e.Origin == app.OriginLocal {
			r.Alert = &app.Remote{Title: e.Call.Title}
		}
		routed = append(routed, r)
	}
	return s.Route(ctx, routed)
}

var crashLanes = []string{"mail", "slack", "teams"}

// send claims some of what waits on each lane; some of it arrives, some does not,
// some is given back, and some is being sent when the bell is killed.
func send(ctx context.Context, s *store.Store) error {
	for _, lane := range crashLanes {
		claimed, err := s.Claim(ctx, lane, 40)
		if err != nil {
			return err
		}
		var outcomes []app.Outcome
		var back []app.DeliveryID
		for _, c := range claimed {
			switch rand.IntN(6) {
			case 0:
				outcomes = append(outcomes, app.Outcome{ID: c.Delivery.ID, State: app.DeliveryWaiting, Due: time.Now(), Code: "refused"})
			case 1:
				outcomes = append(outcomes, app.Outcome{ID: c.Delivery.ID, State: app.DeliveryDead, Code: "no_mailbox"})
			case 2:
				back = append(back, c.Delivery.ID)
			case 3:
			default:
				outcomes = append(outcomes, app.Outcome{ID: c.Delivery.ID, State: app.DeliverySent})
			}
		}
		if err := s.Settle(ctx, outcomes); err != nil {
			return err
		}
		if err := s.Release(ctx, back, time.Time{}); err != nil {
			return err
		}
	}
	_, err := s.ResendDead(ctx)
	return err
}

// told checks that an event has a decision and its deliveries, and one of this machine an alert,
// where it was routed, and has neither where it was not; no key is there twice.
func (w *world) told() {
	w.Helper()
	ok(w, w.store.Unlot(w.Context())) // the questions are about rows
	for what, text := range map[string]string{
		"routed without a decision": `SELECT count(*) FROM events AS e WHERE routed_at IS NOT NULL AND same = 0 AND NOT EXISTS (SELECT 1 FROM decisions WHERE event = e.id)`,
		"decided and not routed":    `SELECT count(*) FROM events AS e WHERE routed_at IS NULL AND EXISTS (SELECT 1 FROM decisions WHERE event = e.id)`,
		// One that is still to be delivered outlives its alert.
		"without their alert":       `SELECT count(*) FROM events AS e WHERE origin = 'local' AND (alert = 0) = (routed_at IS NOT NULL) AND NOT EXISTS (SELECT 1 FROM deliveries WHERE event = e.id)`,
		"routed and lost":           `SELECT count(*) FROM events AS e WHERE routed_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM deliveries WHERE event = e.id UNION ALL SELECT 1 FROM packs WHERE event = e.id)`,
		"delivered, not routed":     `SELECT count(*) FROM deliveries WHERE event NOT IN (SELECT id FROM events WHERE routed_at IS NOT NULL)`,
		"with another ledger":       `SELECT count(*) FROM deliveries AS d WHERE max(tries, 1) - 1 <> (SELECT count(*) FROM attempts WHERE delivery = d.id)`,
		"counted wrongly":           `SELECT count(*) FROM delivery_counts AS c WHERE n <> (SELECT count(*) FROM deliveries WHERE channel = c.channel AND state = c.state)`,
		"with an alert that is not": `SELECT count(*) FROM events WHERE alert > 0 AND alert NOT IN (SELECT id FROM alerts)`,
		"there twice":               `SELECT count(*) FROM (SELECT 1 FROM events WHERE origin <> 'alert' GROUP BY account, origin, key HAVING count(*) > 1)`,
		"an orphan decision":        `SELECT count(*) FROM decisions WHERE event NOT IN (SELECT id FROM events)`,
	} {
		if n := w.ask(text); n != 0 {
			w.Errorf("%d events %s", n, what)
		}
	}
}

func TestABellThatIsKilledLeavesNothingHalfDone(t *testing.T) {
	if testing.Short() {
		t.Skip("kills processes for some seconds")
	}
	w := newWorld(t)
	for kill := range 8 {
		ok(t, w.store.Close())
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), childFolder+"="+w.dir)
		cmd.Stderr = os.Stderr
		out := must(cmd.StdoutPipe())(t)
		ok(t, cmd.Start())
		lines := bufio.NewScanner(out)
		// It goes on after each line, so that the kill comes in the middle of
		// whatever it does then.
		for range rand.IntN(12) + 1 {
			if !lines.Scan() {
				t.Fatal("the child ended by itself")
			}
		}
		ok(t, cmd.Process.Kill())
		said := lines.Text()
		for lines.Scan() {
			said = lines.Text()
		}
		if err := cmd.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
			t.Fatalf("the child ended with %v", err)
		}
		w.store = storetest.Open(t, store.Options{Dir: w.dir})
		if notices := w.store.Notices(); len(notices) > 0 {
			t.Fatalf("kill %d: %+v", kill, notices)
		}
		w.recount()
		w.told()
		w.deepCheck()
		kept := must(strconv.Atoi(must(w.store.Setting(t.Context(), app.SettingHistoryDays))(t)))(t)
		if last := must(strconv.Atoi(said))(t); kept < last {
			t.Errorf("round %d was said to be done, %d was kept", last, kept)
		}
	}
}
