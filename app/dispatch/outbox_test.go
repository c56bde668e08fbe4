package dispatch_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch"
)

var errDisk = errors.New("disk full")

// letter is a delivery on a lane.
func letter(n int, c app.Channel, lane, group string) app.Claimed {
	return app.Claimed{
		Delivery: app.Delivery{ID: app.DeliveryID(fmt.Sprintf("D%05d", n)), Channel: c, Lane: lane, Group: group},
		Event:    &app.Event{ID: int64(n), Kind: app.KindScanAdded},
		Person:   app.Person{ID: app.PersonID(n)},
	}
}

// story runs an outbox on a clock of its own until tell returns.
func story(t *testing.T, q *memoryQueue, p *post, tell func(t *testing.T)) {
	t.Helper()
	storyBy(t, time.Now, q, p, tell)
}

// storyBy is story with a wall clock that may be set.
func storyBy(t *testing.T, now func() time.Time, q *memoryQueue, p *post, tell func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		q.wake = make(chan struct{}, 1)
		box := dispatch.NewOutbox(dispatch.OutboxOptions{
			Queue: q, Post: p, Wake: q.wake, Now: now, Spread: func() float64 { return 0.5 },
		})
		runs(t, box, func() { tell(t) })
	})
}

// runs runs an outbox until tell returns.
func runs(t *testing.T, box *dispatch.Outbox, tell func()) {
	t.Helper()
	ctx, end := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- box.Run(ctx) }()
	tell()
	told := time.Now()
	end()
	if err := <-done; err != nil {
		t.Errorf("the outbox ended with %v", err)
	}
	// Whatever hangs: the end of the bell has two seconds, and others need some of them.
	if took := time.Since(told); took > 1500*time.Millisecond {
		t.Errorf("the outbox ended after %s", took)
	}
}

func TestADeadLaneDelaysNoOther(t *testing.T) {
	t.Parallel()
	q := newQueue()
	p := &post{answer: func(c []app.Claimed) error {
		if c[0].Delivery.Lane == "mail" {
			return &dispatch.Failure{Code: "unreachable"}
		}
		return nil
	}}
	story(t, q, p, func(t *testing.T) {
		for n := range 50 {
			q.add(letter(n, app.ChannelMail, "mail", ""), letter(100+n, app.ChannelWebhooks, "hook", ""))
		}
		time.Sleep(time.Second)
		if got := len(p.arrived()); got != 50 {
			t.Errorf("%d of 50 webhooks arrived beside a dead mail server", got)
		}
		tries := 0
		for n := range 50 {
			tries += q.get(app.DeliveryID(fmt.Sprintf("D%05d", n))).Attempts
		}
		if tries != 1 {
			t.Errorf("a dead mail server was tried %d times at once", tries)
		}
	})
}

func TestAWebhookComesBackAsLongAsTheSpecificationAsks(t *testing.T) {
	t.Parallel()
	q := newQueue()
	var times []time.Duration
	var begun time.Time
	p := &post{}
	p.answer = func([]app.Claimed) error {
		p.mu.Lock()
		defer p.mu.Unlock()
		times = append(times, time.Since(begun).Round(time.Second))
		return &dispatch.Failure{Code: "server_error", Status: 503}
	}
	story(t, q, p, func(t *testing.T) {
		p.mu.Lock()
		begun = time.Now()
		p.mu.Unlock()
		q.add(letter(1, app.ChannelWebhooks, "hook", ""))
		time.Sleep(100 * time.Hour)
		p.mu.Lock()
		defer p.mu.Unlock()
		var want []time.Duration
		at := time.Duration(0)
		for _, wait := range []time.Duration{0, 5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour} {
			at += wait
			want = append(want, at)
		}
		if !slices.Equal(times, want) {
			t.Errorf("tried at %v, want %v", times, want)
		}
		if d := q.get("D00001"); d.State != app.DeliveryDead || d.Next == "" {
			t.Errorf("given up as %s, next %q", d.State, d.Next)
		}
		if !slices.Equal(p.failed, []string{"D00001 server_error"}) {
			t.Errorf("told of %v", p.failed)
		}
	})
}

func TestRetryAfterIsObeyedByTheWholeLane(t *testing.T) {
	t.Parallel()
	q := newQueue()
	refused := false
	p := &post{}
	p.answer = func([]app.Claimed) error { // one lane, one worker: nobody else is here
		if refused {
			return nil
		}
		refused = true
		return &dispatch.Failure{Code: "rate_limited", Status: 429, After: 10 * time.Minute}
	}
	story(t, q, p, func(t *testing.T) {
		begun := time.Now()
		q.add(letter(1, app.ChannelMail, "mail", ""), letter(2, app.ChannelMail, "mail", ""))
		time.Sleep(time.Hour)
		for _, s := range p.arrived() {
			if s.at.Sub(begun) < 10*time.Minute {
				t.Errorf("%v left after %v", s.ids, s.at.Sub(begun))
			}
		}
		if len(p.arrived()) != 2 {
			t.Errorf("%d of 2 arrived", len(p.arrived()))
		}
	})
}

func TestWhatCannotBeDeliveredDiesAloneAndIsTold(t *testing.T) {
	t.Parallel()
	q := newQueue()
	p := &post{answer: func(c []app.Claimed) error {
		if c[0].Delivery.ID == "D00001" {
			return &dispatch.Failure{Code: "no_such_mailbox", Status: 550, Final: true, Alone: true, Next: "Correct the address."}
		}
		return nil
	}}
	story(t, q, p, func(t *testing.T) {
		q.add(letter(1, app.ChannelMail, "mail", ""), letter(2, app.ChannelMail, "mail", ""))
		synctest.Wait()
		if d := q.get("D00001"); d.State != app.DeliveryDead || d.Next != "Correct the address." {
			t.Errorf("the first is %s, %q", d.State, d.Next)
		}
		if d := q.get("D00002"); d.State != app.DeliverySent {
			t.Errorf("the second is %s", d.State)
		}
		if told := p.told(); len(told) != 1 {
			t.Errorf("told of %v", told)
		}
	})
}

func TestALaneThatNeedsSomebodyStandsStillAndLosesNothing(t *testing.T) {
	t.Parallel()
	q := newQueue()
	var mended atomic.Bool
	p := &post{}
	p.answer = func([]app.Claimed) error {
		if !mended.Load() {
			return &dispatch.Failure{Code: "auth_refused", Status: 535, Final: true, Next: "Give the password again."}
		}
		return nil
	}
	story(t, q, p, func(t *testing.T) {
		for n := range 20 {
			q.add(letter(n, app.ChannelMail, "mail", ""))
		}
		time.Sleep(30 * time.Minute)
		if n := len(p.told()); n != 1 {
			t.Errorf("told %d times in half an hour", n)
		}
		mended.Store(true)
		time.Sleep(2 * time.Hour)
		if got := len(p.arrived()); got != 20 {
			t.Errorf("%d of 20 arrived once the password was right", got)
		}
	})
}

func TestAClosedEndpointKeepsWhatComesUntilSomebodyActs(t *testing.T) {
	t.Parallel()
	q := newQueue()
	p := &post{answer: func([]app.Claimed) error {
		return &dispatch.Failure{Code: "gone", Status: 410, Final: true, Disable: true}
	}}
	story(t, q, p, func(t *testing.T) {
		for n := range 9 {
			q.add(letter(n, app.ChannelTeams, "teams", fmt.Sprint(n)))
		}
		time.Sleep(1000 * time.Hour)
		tries := 0
		for n := range 9 {
			d := q.get(app.DeliveryID(fmt.Sprintf("D%05d", n)))
			if tries += d.Attempts; d.State != app.DeliveryWaiting {
				t.Errorf("%s is %s", d.ID, d.State)
			}
		}
		if tries != 1 || len(p.told()) != 1 {
			t.Errorf("tried %d times, told of %v", tries, p.told())
		}
	})
}

func TestNobodyLearnsWhatTheyMayNoLongerSee(t *testing.T) {
	t.Parallel()
	q := newQueue()
	p := &post{blind: map[app.PersonID]bool{2: true}}
	story(t, q, p, func(t *testing.T) {
		q.add(letter(1, app.ChannelMail, "mail", ""), letter(2, app.ChannelMail, "mail", ""))
		synctest.Wait()
		if len(p.arrived()) != 1 || q.get("D00002").State != app.DeliveryDropped || q.get("D00002").Code != "no_access" {
			t.Errorf("sent %v, the second is %+v", p.arrived(), q.get("D00002"))
		}
	})
}

func TestAStormOnTeamsBecomesDigestsWithinEveryLimit(t *testing.T) {
	t.Parallel()
	q := newQueue()
	p := &post{}
	story(t, q, p, func(t *testing.T) {
		for n := range 300 { // 300 products at once: more than an hour's limit
			q.add(letter(n, app.ChannelTeams, "teams", fmt.Sprintf("product %d", n)))
		}
		time.Sleep(30 * time.Minute)
		urgent := letter(999, app.ChannelTeams, "teams", "product 7")
		urgent.Event.Call.Finding = &app.FindingRef{Severity: "Critical"}
		q.add(urgent)
		time.Sleep(5 * time.Second)
		if q.get("D00999").State != app.DeliverySent {
			t.Error("a critical event waited for the storm to pass")
		}
		time.Sleep(5 * time.Hour)
		members := 0
		sent := p.arrived()
		for _, s := range sent {
			members += len(s.ids)
		}
		if members != 301 {
			t.Errorf("%d of 301 deliveries left", members)
		}
		keeps(t, sent, 4, time.Second)
		keeps(t, sent, 60, 30*time.Second)
		keeps(t, sent, 100, time.Hour)
	})
}

func TestSlackGetsOneMessageASecondAndAGroupAtItsSteps(t *testing.T) {
	t.Parallel()
	q := newQueue()
	p := &post{}
	story(t, q, p, func(t *testing.T) {
		begun := time.Now()
		for n := range 100 {
			q.add(letter(n, app.ChannelSlack, "slack #sec", "Shop scan_added"))
			time.Sleep(6 * time.Second) // ten minutes in all
		}
		time.Sleep(time.Hour)
		sent := p.arrived()
		var at []time.Duration
		members := 0
		for _, s := range sent {
			at = append(at, s.at.Sub(begun).Round(time.Second))
			members += len(s.ids)
		}
		if members != 100 || at[0] != 0 || at[1] < 30*time.Second || at[1] > 37*time.Second || len(at) > 5 {
			t.Errorf("%d deliveries left in messages at %v", members, at)
		}
		keeps(t, sent, 1, time.Second)
	})
}

func TestWhatWasHeldComesAsOneSummary(t *testing.T) {
	t.Parallel()
	q := newQueue()
	p := &post{}
	story(t, q, p, func(t *testing.T) {
		var list []app.Claimed
		for n := range 5 {
			list = append(list, letter(n, app.ChannelMail, "mail", fmt.Sprint("product ", n)))
		}
		list[3].Event.Call.Finding = &app.FindingRef{Severity: "High"}
		q.hold(list...)
		q.add(letter(9, app.ChannelMail, "mail", "product 1"))
		synctest.Wait()
		sent := p.arrived()
		if len(sent) != 2 || len(sent[0].ids) != 5 || sent[0].ids[0] != "D00003" {
			t.Errorf("left as %v", sent)
		}
	})
}

// keeps checks that no stretch of time holds more than n messages.
func keeps(t *testing.T, sent []parcelSent, n int, per time.Duration) {
	t.Helper()
	for i := n; i < len(sent); i++ {
		if sent[i].at.Sub(sent[i-n].at) < per {
			t.Errorf("%d messages within %v of each other, %d are allowed in %v", n+1, sent[i].at.Sub(sent[i-n].at), n, per)
			return
		}
	}
}

func TestWhatWasSentIsNotedAlsoWhereTheDiskIsFullForAWhile(t *testing.T) {
	t.Parallel()
	q := newQueue()
	q.broken = 5
	p := &post{}
	story(t, q, p, func(t *testing.T) {
		q.add(letter(1, app.ChannelMail, "mail", ""))
		time.Sleep(time.Minute)
		if len(p.arrived()) != 1 || q.get("D00001").State != app.DeliverySent {
			t.Errorf("sent %d times, noted as %s", len(p.arrived()), q.get("D00001").State)
		}
	})
}

func TestWhatWasNotTriedLeavesOnceTheDiskHasRoom(t *testing.T) {
	t.Parallel()
	for _, c := range []app.Channel{app.ChannelMail, app.ChannelWebhooks} {
		q := newQueue()
		p := &post{takes: 10 * time.Millisecond}
		story(t, q, p, func(t *testing.T) {
			const n = 1200 // more than are claimed at once and wait for a sender
			for i := range n {
				q.add(letter(i, c, "lane", "group"))
			}
			time.Sleep(30 * time.Millisecond) // while some are sent, and others claimed
			q.mu.Lock()
			q.broken = 20 // the disk is full for some seconds
			q.mu.Unlock()
			time.Sleep(24 * time.Hour)
			told := 0
			for _, s := range p.arrived() {
				told += len(s.ids)
			}
			if told != n {
				t.Errorf("%d of %d by %s are told a day later", told, n, c)
			}
		})
	}
}

func TestTheEndComesSoonAndLosesNothing(t *testing.T) {
	t.Parallel()
	q := newQueue()
	p := &post{}
	story(t, q, p, func(t *testing.T) {
		p.started = make(chan struct{})
		for n := range 10 {
			q.add(letter(n, app.ChannelMail, "mail", ""))
		}
		<-p.started // the first one is on its way, the second one will hang
	})
	p.started = nil
	story(t, q, p, func(t *testing.T) {
		time.Sleep(time.Minute)
		seen := make(map[app.DeliveryID]int)
		for _, s := range p.arrived() {
			seen[s.ids[0]]++
		}
		if len(seen) != 10 {
			t.Errorf("%d of 10 arrived after a restart", len(seen))
		}
		for id, n := range seen {
			if n != 1 {
				t.Errorf("%s arrived %d times", id, n)
			}
		}
	})
}

// A message is cut off only where the other side takes longer over it than the
// end may take.
func TestWhatIsBeingSentAtTheEndIsNotSentTwice(t *testing.T) {
	t.Parallel()
	for takes, want := range map[time.Duration]int{900 * time.Millisecond: 1, 1100 * time.Millisecond: 2} {
		q := newQueue()
		p := &post{takes: takes}
		story(t, q, p, func(t *testing.T) {
			q.add(letter(1, app.ChannelMail, "mail", ""))
			time.Sleep(time.Millisecond) // it is on its way
		})
		p.takes = 0
		story(t, q, p, func(*testing.T) { time.Sleep(time.Minute) })
		if got := p.tried; got != want {
			t.Errorf("a message that takes %v was sent %d times", takes, got)
		}
	}
}
