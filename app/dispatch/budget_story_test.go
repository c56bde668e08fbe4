package dispatch_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch"
)

// Everything here is critical and so is never merged: what leaves is what the
// budget lets leave, all of it and no more.
func TestABudgetIsUsedUpAndNeverBroken(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		channel app.Channel
		over    time.Duration
		limits  []dispatch.Limit
		// reached are the limits that bind, in messages from the beginning.
		reached []dispatch.Limit
	}{
		{app.ChannelSlack, 2 * time.Minute, []dispatch.Limit{{N: 1, Per: time.Second}}, []dispatch.Limit{{N: 120, Per: 2 * time.Minute}}},
		{
			app.ChannelTeams, 26 * time.Hour,
			[]dispatch.Limit{{N: 4, Per: time.Second}, {N: 60, Per: 30 * time.Second}, {N: 100, Per: time.Hour}, {N: 150, Per: 2 * time.Hour}, {N: 1800, Per: 24 * time.Hour}},
			[]dispatch.Limit{{N: 4, Per: time.Second}, {N: 60, Per: 30 * time.Second}, {N: 100, Per: time.Hour}, {N: 150, Per: 2 * time.Hour}, {N: 1800, Per: 24 * time.Hour}},
		},
	} {
		t.Run(c.channel.String(), func(t *testing.T) {
			t.Parallel()
			q := newQueue()
			p := &post{}
			story(t, q, p, func(t *testing.T) {
				begun := time.Now()
				for n := range 2000 {
					one := letter(n, c.channel, "lane", fmt.Sprint(n))
					one.Event.Call.Finding = &app.FindingRef{Severity: "Critical"}
					q.add(one)
				}
				time.Sleep(c.over)
				sent := p.arrived()
				for _, l := range c.limits {
					keeps(t, sent, l.N, l.Per)
				}
				for _, l := range c.reached {
					left := 0
					for _, s := range sent {
						if s.at.Sub(begun) < l.Per {
							left++
						}
					}
					t.Logf("budget %s: %d of %d in %s", c.channel, left, l.N, l.Per)
					if left != l.N {
						t.Errorf("%d messages left in the first %s, %d may", left, l.Per, l.N)
					}
				}
			})
		})
	}
}

// A run that was cut off may have sent a message that nobody noted.
func TestACrashBreaksNoLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		q.wake = make(chan struct{}, 1)
		q.add(letter(1, app.ChannelSlack, "slack", "a"), letter(2, app.ChannelSlack, "slack", "b"))
		if _, err := q.Claim(t.Context(), "slack", 1); err != nil {
			t.Fatal(err)
		}
		p := &post{}
		box := dispatch.NewOutbox(dispatch.OutboxOptions{Queue: q, Post: p, Wake: q.wake})
		ctx, end := context.WithCancel(t.Context())
		done := make(chan error, 1)
		begun := time.Now()
		go func() { done <- box.Run(ctx) }()
		time.Sleep(5 * time.Second)
		sent := p.arrived()
		if len(sent) != 2 || sent[0].at.Sub(begun) < time.Second || sent[1].at.Sub(sent[0].at) < time.Second {
			t.Errorf("after a start at %s there left %+v", begun, sent)
		}
		end()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// The clock goes back after a message's turn was counted and before the message
// left: it has an earlier time than those before it.
func TestAClockSetBackWhileAMessageWaitsForItsTurnHoldsNothing(t *testing.T) {
	t.Parallel()
	q := newQueue()
	p := &post{}
	var ahead atomic.Int64
	ahead.Store(int64(400 * 24 * time.Hour))
	now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())).Round(0) }
	storyBy(t, now, q, p, func(t *testing.T) {
		for n := range 12 {
			one := letter(n, app.ChannelTeams, "lane", fmt.Sprint(n))
			one.Event.Call.Finding = &app.FindingRef{Severity: "Critical"}
			q.add(one)
		}
		time.Sleep(500 * time.Millisecond) // four left, the next one waits for the second to end
		ahead.Store(0)
		time.Sleep(10 * time.Second)
		if n := len(p.arrived()); n != 12 {
			t.Errorf("%d of 12 messages left within ten seconds", n)
		}
	})
}
