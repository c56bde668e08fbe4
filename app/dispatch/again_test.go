package dispatch_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch"
)

// life runs an outbox on the queue until it has nothing to do for a second, or
// until deadly says that the bell dies in a send, which nobody notes then.
func life(t *testing.T, q *memoryQueue, p *post, deadly func(claimed []app.Claimed) bool) {
	t.Helper()
	ctx, die := context.WithCancel(t.Context())
	defer die()
	after := time.AfterFunc(time.Second, die)
	defer after.Stop()
	p.answer = func(claimed []app.Claimed) error {
		if !deadly(claimed) {
			return nil
		}
		p.note(claimed) // the other side has it
		die()
		return ctx.Err()
	}
	if err := dispatch.NewOutbox(dispatch.OutboxOptions{Queue: q, Post: p, Wake: q.wake}).Run(ctx); err != nil {
		t.Errorf("the outbox ended with %v", err)
	}
}

func never([]app.Claimed) bool  { return false }
func always([]app.Claimed) bool { return true }

func ids(sent []parcelSent) (out [][]app.DeliveryID) {
	for _, s := range sent {
		out = append(out, s.ids)
	}
	return out
}

func TestADigestCutOffIsSentAgainAsItWas(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q, p := newQueue(), &post{}
		q.add(letter(1, app.ChannelMail, "mail", "scans"), letter(2, app.ChannelMail, "mail", "scans"))
		life(t, q, p, always)
		q.add(letter(3, app.ChannelMail, "mail", "scans")) // between the death and the next life
		life(t, q, p, never)
		// A receiver that drops a second mail with the id D00001 would else drop
		// the third event with it.
		if got, want := ids(p.arrived()), [][]app.DeliveryID{{"D00001", "D00002"}, {"D00001", "D00002"}, {"D00003"}}; !equal(got, want) {
			t.Errorf("sent %v, want %v", got, want)
		}
	})
}

func TestAMailWithoutAnAnswerStaysAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q, p := newQueue(), &post{}
		q.add(letter(1, app.ChannelMail, "mail", "scans"))
		ctx, end := context.WithCancel(t.Context())
		lost := true
		p.answer = func(claimed []app.Claimed) error { // one lane, one worker: nobody else is here
			if !lost {
				return nil
			}
			lost = false
			p.note(claimed)
			return &dispatch.Failure{Code: "timeout", Err: errors.New("no answer"), After: time.Minute}
		}
		time.AfterFunc(5*time.Second, func() { q.add(letter(2, app.ChannelMail, "mail", "scans")) })
		time.AfterFunc(time.Hour, end)
		if err := dispatch.NewOutbox(dispatch.OutboxOptions{Queue: q, Post: p, Wake: q.wake}).Run(ctx); err != nil {
			t.Error(err)
		}
		if got, want := ids(p.arrived()), [][]app.DeliveryID{{"D00001"}, {"D00001"}, {"D00002"}}; !equal(got, want) {
			t.Errorf("sent %v, want %v", got, want)
		}
	})
}

func TestAFullDiskAtTheStartIsWaitedFor(t *testing.T) {
	t.Parallel()
	q, p := newQueue(), &post{}
	q.broken = 5
	story(t, q, p, func(t *testing.T) {
		q.add(letter(1, app.ChannelMail, "mail", ""))
		time.Sleep(time.Minute)
		if got, want := ids(p.arrived()), [][]app.DeliveryID{{"D00001"}}; !equal(got, want) {
			t.Errorf("sent %v, want %v", got, want)
		}
	})
}

// A bell that ends while it asks who may see what has tried nothing.
func TestAnEndBeforeTheSendCostsNoAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q, p := newQueue(), &post{}
		q.add(letter(1, app.ChannelMail, "mail", "scans"), letter(2, app.ChannelWebhooks, "hook", ""))
		ctx, end := context.WithCancel(t.Context())
		box := dispatch.NewOutbox(dispatch.OutboxOptions{Queue: q, Post: ending{p, end}, Wake: q.wake})
		if err := box.Run(ctx); err != nil {
			t.Error(err)
		}
		for _, id := range []app.DeliveryID{"D00001", "D00002"} {
			if d := q.get(id); d.Attempts != 0 || d.Code != "" || d.Due.After(time.Now()) {
				t.Errorf("it waits as %+v", d)
			}
		}
	})
}

// ending is a post that is told to end when it is first asked.
type ending struct {
	*post
	end func()
}

func (p ending) Allowed(ctx context.Context, _ *app.Claimed) (bool, string, error) {
	p.end()
	return false, "", ctx.Err()
}

func equal(a, b [][]app.DeliveryID) bool { return slices.EqualFunc(a, b, slices.Equal) }
