package dispatch_test

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch"
)

// pressing is a letter about something critical, as it is decided: before all others.
func pressing(n int, c app.Channel, lane string) app.Claimed {
	one := letter(n, c, lane, "critical")
	one.Event.Call.Finding = &app.FindingRef{Severity: app.SeverityCritical}
	one.Delivery.Due = time.Now().Add(-app.Ahead)
	return one
}

// arrival returns when a delivery arrived, zero where it did not.
func (p *post) arrival(id app.DeliveryID) time.Time {
	for _, s := range p.arrived() {
		if slices.Contains(s.ids, id) {
			return s.at
		}
	}
	return time.Time{}
}

func TestWhatIsCriticalGoesBeforeAStorm(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		channel app.Channel
		takes   time.Duration // each message
		within  time.Duration
	}{
		{app.ChannelSlack, 0, 3 * time.Second},
		{app.ChannelTeams, 0, 3 * time.Second},
		{app.ChannelServices, 0, 5 * time.Second},
		{app.ChannelMail, time.Second, 3 * time.Second},
		{app.ChannelWebhooks, time.Second, 3 * time.Second},
	} {
		t.Run(c.channel.String(), func(t *testing.T) {
			t.Parallel()
			q := newQueue()
			p := &post{takes: c.takes}
			story(t, q, p, func(t *testing.T) {
				for n := range 700 {
					q.add(letter(n, c.channel, "lane", fmt.Sprint(n%150)))
				}
				time.Sleep(3 * time.Second)
				told := time.Now()
				q.add(pressing(9999, c.channel, "lane"))
				time.Sleep(time.Minute)
				if at := p.arrival("D09999"); at.IsZero() || at.Sub(told) > c.within {
					t.Errorf("it arrived %s after it was decided", at.Sub(told))
				}
			})
		})
	}
}

// A storm over many products is more than a budget has room for one by one: it
// becomes as many messages as leave within seconds.
func TestAStormOverManyProductsIsToldInSeconds(t *testing.T) {
	t.Parallel()
	q := newQueue()
	p := &post{}
	story(t, q, p, func(t *testing.T) {
		for n := range 150 {
			q.add(letter(n, app.ChannelSlack, "slack", fmt.Sprint(n)))
		}
		time.Sleep(15 * time.Second)
		told := 0
		for _, s := range p.arrived() {
			told += len(s.ids)
		}
		if messages := len(p.arrived()); told != 150 || messages > 10 {
			t.Errorf("after 15 s %d of 150 were told, in %d messages", told, messages)
		}
		keeps(t, p.arrived(), 1, time.Second)
	})
}

// Lanes that wait for their budgets leave room for the others.
func TestManyBusyLanesStarveNoOther(t *testing.T) {
	t.Parallel()
	q := newQueue()
	p := &post{}
	story(t, q, p, func(t *testing.T) {
		for lane := range 40 {
			for n := range 60 {
				one := letter(lane*100+n, app.ChannelSlack, fmt.Sprintf("slack %d", lane), "")
				one.Event.Call.Finding = &app.FindingRef{Severity: app.SeverityCritical} // none is merged
				q.add(one)
			}
		}
		time.Sleep(3 * time.Second)
		q.add(letter(9999, app.ChannelWebhooks, "hook", ""))
		told := time.Now()
		time.Sleep(2 * time.Second)
		if at := p.arrival("D09999"); at.IsZero() || at.Sub(told) > time.Second {
			t.Errorf("a webhook arrived after %s", at.Sub(told))
		}
		if n := len(p.arrived()); n < 40*5 {
			t.Errorf("%d messages left by 40 lanes in 5 s, one a second each may", n)
		}
	})
}

func TestAPauseStopsALaneThatWorks(t *testing.T) {
	t.Parallel()
	for _, c := range []app.Channel{app.ChannelWebhooks, app.ChannelMail, app.ChannelSlack, app.ChannelTeams} {
		t.Run(c.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				q := newQueue()
				q.wake = make(chan struct{}, 1)
				p := &post{takes: 10 * time.Millisecond}
				var paused atomic.Bool
				box := dispatch.NewOutbox(dispatch.OutboxOptions{
					Queue: q, Post: p, Wake: q.wake, Paused: func(context.Context) bool { return paused.Load() },
				})
				runs(t, box, func() {
					for n := range 700 {
						q.add(letter(n, c, "lane", fmt.Sprint(n)))
					}
					time.Sleep(600 * time.Millisecond)
					paused.Store(true)
					q.look()
					time.Sleep(20 * time.Millisecond) // what was being sent
					before := len(p.arrived())
					time.Sleep(time.Hour)
					if after := len(p.arrived()); before == 0 || after != before {
						t.Errorf("%d messages left in an hour of pause, %d before", after-before, before)
					}
					paused.Store(false)
					q.look()
					time.Sleep(2 * time.Second)
					if len(p.arrived()) == before {
						t.Error("nothing left after the pause")
					}
				})
			})
		})
	}
}

func TestALaneThatIsClosedStopsAndStaysSo(t *testing.T) {
	t.Parallel()
	for _, c := range []app.Channel{app.ChannelWebhooks, app.ChannelMail} {
		q := newQueue()
		p := &post{takes: 10 * time.Millisecond}
		story(t, q, p, func(t *testing.T) {
			for n := range 700 {
				q.add(letter(n, c, "lane", fmt.Sprint(n)))
			}
			time.Sleep(time.Second)
			q.close("lane")
			time.Sleep(20 * time.Millisecond)
			before := len(p.arrived())
			time.Sleep(time.Hour)
			if after := len(p.arrived()); before == 0 || after != before {
				t.Errorf("%d messages by %s left in an hour, %d before", after-before, c, before)
			}
		})
	}
}

// However much has come of one group, it is told in the next message, and what is
// sent again by hand leaves at once.
func TestALargeBacklogOfAGroupIsToldInOneDigest(t *testing.T) {
	t.Parallel()
	for _, c := range []app.Channel{app.ChannelMail, app.ChannelSlack, app.ChannelTeams} {
		q := newQueue()
		p := &post{}
		story(t, q, p, func(t *testing.T) {
			q.add(letter(1, c, "lane", "shop"))
			time.Sleep(time.Second)
			list := make([]app.Claimed, 2000)
			for n := range list {
				list[n] = letter(100+n, c, "lane", "shop")
			}
			q.add(list...)
			time.Sleep(time.Minute)
			told := 0
			for _, s := range p.arrived() {
				told += len(s.ids)
			}
			if told != 2001 || len(p.arrived()) != 2 {
				t.Errorf("%s: after a minute %d messages tell of %d events", c, len(p.arrived()), told)
			}
			again := letter(9000, c, "lane", "shop")
			again.Delivery.Resent = time.Now()
			q.add(again)
			time.Sleep(5 * time.Second)
			if p.arrival("D09000").IsZero() {
				t.Errorf("%s: what was sent again by hand waits for its digest", c)
			}
		})
	}
}
