package dispatch_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch"
)

// Live is as the store has it.
func (q *memoryQueue) Live(_ context.Context, d app.Delivery, since, begun time.Time) (app.Live, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	var live app.Live
	var last time.Time
	for _, r := range q.sorted() {
		same := r.Delivery.Lane == d.Lane && r.Delivery.Group == d.Group && r.Delivery.State == app.DeliverySent && r.digest != ""
		if same && r.Delivery.Ref != "" && !r.Delivery.Settled.Before(since) && r.Delivery.Settled.After(last) {
			live.Ref, last = r.Delivery.Ref, r.Delivery.Settled
		}
	}
	for _, r := range q.sorted() {
		if live.Ref == "" || r.Delivery.Ref != live.Ref || r.Delivery.State != app.DeliverySent {
			continue
		}
		if r.Delivery.Settled.Before(begun) {
			return app.Live{}, nil
		}
		live.Events = append(live.Events, *r.Event)
	}
	return live, nil
}

// Replace notes what the message tells now, and keeps its name.
func (p *post) Replace(ctx context.Context, claimed []app.Claimed, live app.Live) (dispatch.Receipt, error) {
	receipt, err := p.Send(ctx, claimed)
	if err != nil {
		return receipt, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	last := &p.sent[len(p.sent)-1]
	last.ref = live.Ref
	for _, e := range live.Events {
		last.told = append(last.told, e.ID)
	}
	receipt.Ref = live.Ref
	return receipt, nil
}

// urgent makes an event speak of a critical finding.
func urgent(c app.Claimed) app.Claimed {
	c.Event.Call.Finding = &app.FindingRef{Severity: app.SeverityCritical}
	return c
}

// A storm on Slack is its first message and one that is replaced, for an hour;
// what is critical is a message of its own, and so is the next storm.
func TestAStormOnSlackIsOneMessageThatIsReplaced(t *testing.T) {
	t.Parallel()
	q := newQueue()
	p := &post{refs: true}
	slack := func(n int) app.Claimed {
		c := letter(n, app.ChannelSlack, "slack 1", "shop")
		c.Person = app.Person{ID: 1}
		return c
	}
	story(t, q, p, func(t *testing.T) {
		q.add(slack(1))
		time.Sleep(time.Second)
		q.add(slack(2), slack(3))
		time.Sleep(time.Minute)
		q.add(slack(4), urgent(slack(5)))
		time.Sleep(6 * time.Minute)
		q.add(slack(6))
		time.Sleep(6 * time.Minute)
		want := []string{
			"new [D00001]", "new [D00002 D00003]", "new [D00005]",
			"D00002 [D00004] beside [2 3]", "D00002 [D00006] beside [2 3 4]",
		}
		if got := p.seen(); !slices.Equal(got, want) {
			t.Errorf("sent\n%q, want\n%q", got, want)
		}
		for n := range 15 { // more than an hour of it
			q.add(slack(10+2*n), slack(11+2*n))
			time.Sleep(6 * time.Minute)
		}
		replaced := 0
		for _, s := range p.seen()[len(want):] {
			if s[:3] != "new" {
				replaced++
			}
		}
		if n := len(p.seen()) - len(want); n-replaced != 1 || n < 13 {
			t.Errorf("of %d further messages %d were replaced:\n%q", n, replaced, p.seen())
		}
		time.Sleep(20 * time.Minute) // it is over
		q.add(slack(90))
		time.Sleep(time.Second)
		q.add(slack(91), slack(92))
		time.Sleep(time.Minute)
		if got := p.seen(); got[len(got)-2] != "new [D00090]" || got[len(got)-1] != "new [D00091 D00092]" {
			t.Errorf("the next storm is %q", got[len(got)-2:])
		}
	})
}

// Where the other side cannot replace anything, a storm is new messages.
func TestAStormByMailIsNewMessages(t *testing.T) {
	t.Parallel()
	q := newQueue()
	p := &post{refs: true}
	story(t, q, p, func(t *testing.T) {
		for n := range 4 {
			for i := range 2 {
				c := letter(10*n+i, app.ChannelMail, "mail", "shop")
				c.Person = app.Person{ID: 1}
				q.add(c)
			}
			time.Sleep(6 * time.Minute)
		}
		for _, s := range p.seen() {
			if s[:3] != "new" {
				t.Errorf("a mail was replaced: %s", s)
			}
		}
		if n := len(p.seen()); n < 4 {
			t.Errorf("%d mails", n)
		}
	})
}

// seen is what arrived: whether it was new, or what it took the place of.
func (p *post) seen() (out []string) {
	for _, s := range p.arrived() {
		if s.ref == "" {
			out = append(out, fmt.Sprintf("new %v", s.ids))
			continue
		}
		out = append(out, fmt.Sprintf("%s %v beside %v", s.ref, s.ids, s.told))
	}
	return out
}
