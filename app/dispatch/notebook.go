package dispatch

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"bellhop/app"
)

// note is what became of one message.
type note struct {
	members  []app.Claimed
	outcomes []app.Outcome
	failure  *Failure // nil where it was taken
}

// notebook brings outcomes into the store while the next messages leave: those
// that come while the disk is waited for are noted together. A crash sends again
// what is in it, so that it has room for few.
type notebook struct {
	b      *Outbox
	ctx    context.Context //nolint:containedctx // of the worker that it serves
	in     chan note       // nil where each note is waited for
	ended  sync.WaitGroup
	failed atomic.Bool // the store did not take something at once
}

const (
	// noteAtMost bounds what is noted in one transaction.
	noteAtMost = 256
	// noteWait is how long a note waits for others, so that the disk is not
	// waited for once for each.
	noteWait = 5 * time.Millisecond
)

// open returns a notebook with room for some messages; with none, adding to it
// is noting. It must be closed.
func (b *Outbox) open(ctx context.Context, room int) *notebook {
	n := &notebook{b: b, ctx: ctx}
	if room > 0 {
		n.in = make(chan note, room)
		n.ended.Go(n.run)
	}
	return n
}

// add has something noted, and says whether the lane may go on for all that the
// store said so far.
func (n *notebook) add(one note) bool {
	if n.in == nil {
		n.write([]note{one})
	} else {
		n.in <- one
	}
	return !n.failed.Load()
}

// close waits until everything is noted.
func (n *notebook) close() {
	if n.in != nil {
		close(n.in)
		n.ended.Wait()
	}
}

func (n *notebook) run() {
	var batch []note
	for one := range n.in {
		batch = append(batch[:0], one)
		wait := time.NewTimer(noteWait)
		for more := true; more && len(batch) < noteAtMost; {
			select {
			case next, ok := <-n.in:
				if more = ok; ok {
					batch = append(batch, next)
				}
			case <-wait.C:
				more = false
			}
		}
		wait.Stop()
		n.write(batch)
	}
}

// write notes some messages and tells of those that need somebody.
func (n *notebook) write(batch []note) {
	outcomes := batch[0].outcomes
	if len(batch) > 1 {
		outcomes = make([]app.Outcome, 0, len(batch))
		for _, one := range batch {
			outcomes = append(outcomes, one.outcomes...)
		}
	}
	n.b.settle(n.ctx, outcomes, func() { n.failed.Store(true) })
	for _, one := range batch {
		if one.failure == nil {
			continue
		}
		for i, c := range one.members {
			if o := one.outcomes[i]; o.State == app.DeliveryDead || one.failure.Final {
				n.b.o.Post.Failed(context.WithoutCancel(n.ctx), c, one.failure, o)
			}
		}
	}
}

// settle notes outcomes until the store has them. What was sent must not be
// forgotten, so a store that fails (a full disk) is asked again; trouble is
// called then, once each time.
func (b *Outbox) settle(ctx context.Context, outcomes []app.Outcome, trouble func()) {
	b.insist(ctx, func(ctx context.Context) error { return b.o.Queue.Settle(ctx, outcomes) }, func(err error) {
		trouble()
		b.o.Log.WarnContext(ctx, "what was sent is not noted yet", "error", err)
	})
}

// insist asks the store until it does something: what it has claimed for us comes
// back only that way. failed is called each time that it fails.
func (b *Outbox) insist(ctx context.Context, do func(context.Context) error, failed func(error)) {
	noting, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(settleFor, end) })
	defer stop()
	for {
		err := do(noting)
		if err == nil {
			return
		}
		failed(err)
		select {
		case <-noting.Done():
			return
		case <-time.After(storeRest / 5):
		}
	}
}
