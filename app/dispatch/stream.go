package dispatch

import (
	"context"
	"sync"
	"time"
)

// senders send messages of one lane at the same time. There is one until the
// other side has taken a message: a dead one is not tried by several at once.
type senders struct {
	w       *worker
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

func (w *worker) senders(ctx context.Context) *senders {
	s := &senders{w: w, ctx: ctx, notes: w.b.open(ctx, w.m.ahead), queue: make(chan parcel, w.m.batch), halted: make(chan struct{})}
	s.halt = sync.OnceFunc(func() { close(s.halted) })
	s.more = sync.OnceFunc(func() {
		for range w.m.parallel - 1 {
			s.running.Go(s.run)
		}
	})
	s.running.Go(s.run)
	return s
}

// put has a message sent, and says whether it was taken; it is not once the senders
// have stopped.
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
	s.w.b.giveBack(s.ctx, s.left, time.Time{})
	return !s.ended()
}

func (s *senders) run() {
	for p := range s.queue {
		switch {
		case s.stopped():
			s.mu.Lock()
			s.left = append(s.left, p)
			s.mu.Unlock()
		case s.w.b.send(s.ctx, p, s.notes):
			s.more()
		default:
			s.halt()
		}
	}
}

// stopped says that nothing more is tried.
func (s *senders) stopped() bool { return s.w.yield.Load() || s.ended() }

// ended says that the lane may not go on.
func (s *senders) ended() bool {
	select {
	case <-s.halted:
		return true
	default:
		return s.w.stop.Load() || s.ctx.Err() != nil
	}
}
