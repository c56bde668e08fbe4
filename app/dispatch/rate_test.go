package dispatch_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch"
)

func TestARateIsReadAsItIsWritten(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]dispatch.Limit{
		"":              nil,
		"100/h":         {{N: 100, Per: time.Hour}},
		" 2/s , 500/d ": {{N: 2, Per: time.Second}, {N: 500, Per: 24 * time.Hour}},
		"1/m":           {{N: 1, Per: time.Minute}},
	} {
		if got, err := dispatch.ParseRate(text); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q is %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"100", "100/", "/h", "0/h", "-1/h", "1/w", "1/h,", ",", " ", "1/s,1/s,1/s,1/s,1/s,1/s", "1000000/s", "1.5/h"} {
		if got, err := dispatch.ParseRate(text); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
}

func FuzzParseRate(f *testing.F) {
	for _, s := range []string{"100/h", "2/s,500/d", "", "x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		limits, err := dispatch.ParseRate(text)
		for _, l := range limits {
			if err != nil || l.N < 1 || l.Per < time.Second {
				t.Errorf("%q is %v, %v", text, limits, err)
			}
		}
	})
}

// What somebody sets for a mail server or an endpoint is kept before sending: a
// storm of mails becomes fewer of them, webhooks wait for their turn. A change
// counts at once.
func TestASetRateIsKept(t *testing.T) {
	t.Parallel()
	for _, c := range []app.Channel{app.ChannelMail, app.ChannelWebhooks} {
		t.Run(c.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				q, p := newQueue(), &post{}
				q.wake = make(chan struct{}, 1)
				limits := []dispatch.Limit{{N: 10, Per: time.Minute}}
				box := dispatch.NewOutbox(dispatch.OutboxOptions{Queue: q, Post: p, Wake: q.wake, Limits: func(context.Context, app.Lane) []dispatch.Limit {
					q.mu.Lock()
					defer q.mu.Unlock()
					return limits
				}})
				runs(t, box, func() {
					for n := range 100 {
						q.add(letter(n, c, "lane", fmt.Sprint(n)))
					}
					time.Sleep(3*time.Minute - time.Second)
					told := 0
					for _, s := range p.arrived() {
						told += len(s.ids)
					}
					keeps(t, p.arrived(), 10, time.Minute)
					if n := len(p.arrived()); c == app.ChannelWebhooks && n != 30 || c == app.ChannelMail && (told != 100 || n > 30) {
						t.Errorf("after three minutes %d messages tell of %d", n, told)
					}
					q.mu.Lock()
					limits = nil
					q.mu.Unlock()
					q.add(letter(500, c, "lane", "later"))
					time.Sleep(time.Minute)
					if p.arrival("D00500").IsZero() {
						t.Error("what came after the limit was taken away has not arrived")
					}
				})
			})
		})
	}
}

// A rate that is set while a storm leaves counts for what is left of it, and one that
// is taken away lets go what waits for it.
func TestARateThatChangesCountsInAStorm(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q, p := newQueue(), &post{takes: 10 * time.Millisecond}
		q.wake = make(chan struct{}, 1)
		var limits []dispatch.Limit
		set := func(l []dispatch.Limit) {
			q.mu.Lock()
			limits = l
			q.mu.Unlock()
			q.look()
		}
		box := dispatch.NewOutbox(dispatch.OutboxOptions{Queue: q, Post: p, Wake: q.wake, Limits: func(context.Context, app.Lane) []dispatch.Limit {
			q.mu.Lock()
			defer q.mu.Unlock()
			return limits
		}})
		runs(t, box, func() {
			for n := range 1000 {
				q.add(letter(n, app.ChannelWebhooks, "hook", ""))
			}
			time.Sleep(500 * time.Millisecond)
			set([]dispatch.Limit{{N: 2, Per: 24 * time.Hour}})
			time.Sleep(time.Second)
			before := len(p.arrived())
			if before > 500 {
				t.Errorf("%d left although two a day may", before)
			}
			time.Sleep(time.Hour)
			if n := len(p.arrived()); n != before {
				t.Errorf("%d left in an hour of a day in which two may", n-before)
			}
			set(nil)
			time.Sleep(time.Minute)
			if n := len(p.arrived()); n != 1000 {
				t.Errorf("%d of 1000 arrived a minute after the rate was taken away", n)
			}
		})
	})
}
