package dispatch

import (
	"context"
	"sync"
	"time"

	"bellhop/app"
)

// stream sends each delivery of a lane by itself, several at a time, until
// nothing is due or the lane has to wait. The next ones are claimed and what was
// sent is noted meanwhile.
func (b *Outbox) stream(ctx context.Context, lane string, m manner) {
	queue := make(chan app.Claimed, m.batch)
	halted := make(chan struct{})
	halt := sync.OnceFunc(func() { close(halted) })
	notes := b.open(ctx, m.ahead)
	var left []app.Claimed // what was claimed and not tried
	var mu sync.Mutex
	var senders sync.WaitGroup
	for range m.parallel {
		senders.Go(func() {
			for c := range queue {
				if ctx.Err() != nil || stopped(halted) {
					mu.Lock()
					left = append(left, c)
					mu.Unlock()
				} else if !b.send(ctx, []app.Claimed{c}, notes) {
					halt()
				}
			}
		})
	}
	err := b.feed(ctx, lane, m.batch, queue, halted)
	close(queue)
	senders.Wait()
	notes.close()
	b.giveBack(ctx, []parcel{{members: left}}, time.Time{})
	if err != nil {
		b.rest(ctx, err)
	}
}

// feed claims what is due and queues it until nothing is, the lane has halted or
// ctx ends.
func (b *Outbox) feed(ctx context.Context, lane string, batch int, queue chan<- app.Claimed, halted <-chan struct{}) error {
	for {
		claimed, err := b.o.Queue.Claim(ctx, lane, batch)
		if err != nil || len(claimed) == 0 {
			return err
		}
		claimed = b.allowed(ctx, claimed)
		for i, c := range claimed {
			select {
			case queue <- c:
				continue
			case <-halted:
			case <-ctx.Done():
			}
			b.giveBack(ctx, []parcel{{members: claimed[i:]}}, time.Time{})
			return nil
		}
	}
}

func stopped(halted <-chan struct{}) bool {
	select {
	case <-halted:
		return true
	default:
		return false
	}
}
