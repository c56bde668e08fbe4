package dispatch_test

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch"
)

// down is a post whose other side is away while it is true.
func down(away *atomic.Bool) *post {
	return &post{answer: func([]app.Claimed) error {
		if away.Load() {
			return &dispatch.Failure{Code: "unreachable", Err: errors.New("refused")}
		}
		return nil
	}}
}

// What failed in an outage of hours waits by its own steps, which are hours by then.
// The lane does not: what comes new is tried within minutes, and once it is taken,
// the old leaves too.
func TestALaneComesBackMinutesAfterItsOtherSide(t *testing.T) {
	t.Parallel()
	for _, c := range []app.Channel{app.ChannelWebhooks, app.ChannelMail, app.ChannelSlack, app.ChannelTeams} {
		t.Run(c.String(), func(t *testing.T) {
			t.Parallel()
			q := newQueue()
			var away atomic.Bool
			away.Store(true)
			p := down(&away)
			story(t, q, p, func(t *testing.T) {
				q.add(letter(1, c, "lane", "a"))
				time.Sleep(20 * time.Hour)
				if d := q.get("D00001"); time.Until(d.Due) < time.Hour {
					t.Fatalf("the old one waits for %s only", time.Until(d.Due))
				}
				q.add(letter(2, c, "lane", "b"), letter(3, c, "lane", "c"))
				time.Sleep(10 * time.Minute)
				away.Store(false)
				time.Sleep(6 * time.Minute)
				if n := len(p.arrived()); n != 3 {
					t.Errorf("%d of 3 arrived six minutes after the outage", n)
				}
			})
		})
	}
}

// Messages that their receiver cannot bear do not keep the others, and wait by their
// own steps.
func TestMessagesThatAlwaysFailKeepNoOther(t *testing.T) {
	t.Parallel()
	for _, bad := range [][]app.DeliveryID{{"D00003"}, {"D00003", "D00004"}, {"D00003", "D00004", "D00005", "D00006", "D00007"}} {
		keepsNoOther(t, bad)
	}
}

func keepsNoOther(t *testing.T, bad []app.DeliveryID) {
	t.Helper()
	q := newQueue()
	p := &post{answer: func(c []app.Claimed) error {
		if slices.Contains(bad, c[0].Delivery.ID) {
			return &dispatch.Failure{Code: "server_error", Status: 500}
		}
		return nil
	}}
	story(t, q, p, func(t *testing.T) {
		for n := range 300 {
			q.add(letter(n, app.ChannelWebhooks, "hook", ""))
			time.Sleep(time.Minute)
		}
		time.Sleep(5 * time.Minute)
		if n := len(p.arrived()); n != 300-len(bad) {
			t.Errorf("%d of %d arrived beside %v", n, 300-len(bad), bad)
		}
		for _, id := range bad {
			if d := q.get(id); d.State != app.DeliveryWaiting || d.Attempts > 12 {
				t.Errorf("%s is %s after %d attempts in five hours", id, d.State, d.Attempts)
			}
		}
	})
}

// A pause of days or a laptop that was closed: nothing is too old for its first tries.
func TestWhatIsOldIsTriedAsOftenAsWhatIsNew(t *testing.T) {
	t.Parallel()
	q := newQueue()
	var away atomic.Bool
	away.Store(true)
	p := down(&away)
	story(t, q, p, func(t *testing.T) {
		for n := range 6 {
			one := letter(n, app.ChannelMail, "mail", fmt.Sprint(n))
			one.Delivery.Created = time.Now().Add(-80 * time.Hour)
			q.add(one)
		}
		time.Sleep(30 * time.Minute)
		away.Store(false)
		time.Sleep(time.Hour)
		if n := len(p.arrived()); n != 6 {
			t.Errorf("%d of 6 old mails arrived: %+v", n, q.get("D00000"))
		}
	})
}

// Giving one up is no reason to try the next at once.
func TestALaneThatGivesUpRests(t *testing.T) {
	t.Parallel()
	q := newQueue()
	var away atomic.Bool
	away.Store(true)
	p := down(&away)
	story(t, q, p, func(t *testing.T) {
		for n := range 20 {
			one := letter(n, app.ChannelMail, "mail", fmt.Sprint(n))
			one.Delivery.Attempts = 9
			one.Delivery.Created = time.Now().Add(-80 * time.Hour)
			q.add(one)
		}
		time.Sleep(time.Second)
		if dead := len(p.told()); dead != 1 {
			t.Errorf("%d of 20 were given up at once", dead)
		}
	})
}
