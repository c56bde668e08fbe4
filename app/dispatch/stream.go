package dispatch

import (
	"context"
	"sync"
	"time"
)

// stream sends each delivery of a lane by itself, several at a time, until
// nothing is due or the lane has to wait. The next ones are claimed and what was
// sent is noted meanwhile.
func (b *Outbox) stream(ctx context.Context, lane string, m manner) {
	s := b.senders(ctx, m)
	err := b.feed(ctx, lane, m.batch, s)
	s.close()
	if err != nil {
		b.rest(ctx, err)
	}
}

// feed claims what is due and has it sent until nothing is, the lane has halted
// or ctx ends.
func (b *Outbox) feed(ctx context.Context, lane string, batch int, s *senders) error {
	for ctx.Err() == nil {
		claimed, err := b.o.Queue.Claim(ctx, lane, batch)
		if err != nil || len(claimed) == 0 {
			return err
		}
		claimed = b.allowed(ctx, claimed)
		for i := range claimed {
			if !s.put(parcel{members: claimed[i : i+1]}) {
				b.giveBack(ctx, []parcel{{members: claimed[i:]}}, time.Time{})
				return nil
			}
		}
	}
	return nil
}

// senders send messages of one lane at the same time. There is one until the
// other side has taken a message: a dead one is not tried by several at once.
type senders struct {
	b       *Outbox
	ctx     context.Context //nolint:containedctx // of the worker that they serve
	notes   *notebook
	queue   chan parcel
	halted  chan struct{} // closed once the lane has to wait
	halt    func()
	more    func() // starts the others
	running sync.WaitGroup

	mu   sync.Mutex
	left []parcel // what was put and not tried
}

func (b *Outbox) senders(ctx context.Context, m manner) *senders {
	s := &senders{b: b, ctx: ctx, notes: b.open(ctx, m.ahead), queue: make(chan parcel, m.batch), halted: make(chan struct{})}
	s.halt = sync.OnceFunc(func() { close(s.halted) })
	s.more = sync.OnceFunc(func() {
		for range m.parallel - 1 {
			s.running.Go(s.run)
		}
	})
	s.running.Go(s.run)
	return s
}

// put has a message sent, and says whether it was taken; it is not once the lane
// has to wait or ctx has ended.
func (s *senders) put(p parcel) bool {
	if s.stopped() {
		return false
	}
	select {
	case s.queue <- p:
		return true
	case <-s.halted:
	case <-s.ctx.Done():
	}
	return false
}

// close waits for what is being sent and noted, gives back what was not tried,
// and says whether the lane may go on.
func (s *senders) close() bool {
	close(s.queue)
	s.running.Wait()
	s.notes.close()
	s.b.giveBack(s.ctx, s.left, time.Time{})
	return !s.stopped()
}

func (s *senders) run() {
	for p := range s.queue {
		switch {
		case s.stopped():
			s.mu.Lock()
			s.left = append(s.left, p)
			s.mu.Unlock()
		case s.b.send(s.ctx, p, s.notes):
			s.more()
		default:
			s.halt()
		}
	}
}

func (s *senders) stopped() bool {
	select {
	case <-s.halted:
		return true
	default:
		return s.ctx.Err() != nil
	}
}
