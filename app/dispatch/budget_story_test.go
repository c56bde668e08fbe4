package dispatch_test

import (
	"fmt"
	"testing"
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
