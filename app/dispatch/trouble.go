package dispatch

import (
	"context"
	"time"
)

// trouble is the failures of a lane since a message of it was taken.
type trouble struct {
	rounds int       // how often it was tried; several at the same time are one
	until  time.Time // the end of the lane's hold
}

// The holds of a lane that fails: they grow by each try. The hold is the lane's and
// not that of the message that failed, whose own wait grows to a day: with that a
// lane would rest for hours after the other side was well again, and nobody would
// know.
const (
	holdFirst = 5 * time.Second
	holdGrows = 3
	holdMost  = 5 * time.Minute
	// outage is from how many tries on a lane's other side was away; below that the
	// message itself may be why.
	outage = 2
	// retryEvery is how often what failed is made due at most: messages that the
	// other side cannot bear look like an outage, and come back by their own steps.
	retryEvery = time.Hour
)

// strained notes that a lane failed in a try that began at a time, and returns how
// long it is held.
func (b *Outbox) strained(lane string, begun time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.troubles[lane]
	if t.rounds == 0 || !begun.Before(t.until) {
		t.rounds++
	}
	hold := holdFirst
	for range t.rounds - 1 {
		hold = min(hold*holdGrows, holdMost)
	}
	t.until = b.o.Now().Add(hold)
	b.troubles[lane] = t
	return hold
}

// eased notes that the other side of a lane has taken a message, and says whether
// what failed there is to be tried again at once: the other side was away.
func (b *Outbox) eased(lane string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	t, ok := b.troubles[lane]
	if !ok {
		return false
	}
	delete(b.troubles, lane)
	now := b.o.Now()
	if last := b.retried[lane]; t.rounds < outage || !last.After(now) && now.Sub(last) < retryEvery {
		return false
	}
	b.retried[lane] = now
	return true
}

// recovered makes due what failed on a lane while its other side was away.
func (b *Outbox) recovered(ctx context.Context, lane string) {
	if err := b.o.Queue.RetryLane(ctx, lane); err != nil && ctx.Err() == nil {
		b.o.Log.WarnContext(ctx, "what failed in an outage waits for its own time", "error", err)
	}
}
