package dispatch

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"bellhop/app"
)

// Queue is what the outbox asks of the store. Every method is one transaction,
// on the disk when it returns.
type Queue interface {
	Recover(ctx context.Context) (int, error)
	Lanes(ctx context.Context) ([]app.Lane, error)
	Claim(ctx context.Context, lane string, limit int) ([]app.Claimed, error)
	Bind(ctx context.Context, bound []app.Bound) error
	Settle(ctx context.Context, outcomes []app.Outcome) error
	Release(ctx context.Context, ids []app.DeliveryID, due time.Time) error
	LaneHistory(ctx context.Context, lane string, since time.Time) ([]time.Time, error)
	GroupHistory(ctx context.Context, lane, group string, since time.Time) ([]time.Time, error)
	// Live returns the newest digest of a delivery's group, person and destination
	// that was sent since a time, with all that it tells; none where it can not be
	// replaced, was first posted before begun, or tells more than [app.LiveMost].
	Live(ctx context.Context, d app.Delivery, since, begun time.Time) (app.Live, error)
	SetBack(ctx context.Context) (int, error)
	// RetryLane makes due what failed on a lane, and ends its hold where that has an
	// end.
	RetryLane(ctx context.Context, lane string) error
}

// Post is everything beside the queue that a message needs.
type Post interface {
	// Send delivers one message that stands for the claimed deliveries, through
	// the channel of the first one.
	Send(ctx context.Context, claimed []app.Claimed) (Receipt, error)
	// Replace is Send for a message in the place of one that was sent before.
	Replace(ctx context.Context, claimed []app.Claimed, live app.Live) (Receipt, error)
	// Allowed asks once more, with the facts as they are now, whether the person
	// may see the event; where not, it says why.
	Allowed(ctx context.Context, c *app.Claimed) (ok bool, why string, err error)
	// Failed is told of what needs somebody to act: a delivery that died, or one
	// whose whole lane stands still (o.LaneDue). It is called after that was
	// noted, for each such attempt.
	Failed(ctx context.Context, c app.Claimed, f *Failure, o app.Outcome)
}

// OutboxOptions says how an outbox works. Queue and Post are needed.
type OutboxOptions struct {
	Queue Queue
	Post  Post
	Log   *slog.Logger
	Now   func() time.Time
	// Wake hints that something was added or a lane was let go.
	Wake <-chan struct{}
	// Paused says whether nothing but toasts may leave now.
	Paused func(ctx context.Context) bool
	// Digests says whether a storm is merged on the channel; nil = yes.
	Digests func(ctx context.Context, c app.Channel) bool
	// Limits returns what is set for a lane beside its channel's own limits; nil =
	// nothing. A lane with such limits sends one message after the other.
	Limits func(ctx context.Context, lane app.Lane) []Limit
	// Workers bounds the lanes on which something is sent at the same time; 0 = 16.
	// Those that wait for their budget do not count.
	Workers int
	// Spread is the randomness of the back-off, 0 to 1; nil = random.
	Spread func() float64
}

// Outbox sends what waits in the queue: one worker for each lane, so that one
// that is slow or dead delays no other. A delivery is in the queue until the
// other side took it; it can arrive twice only where the bell dies between that
// and the note about it.
type Outbox struct {
	o      OutboxOptions
	late   context.Context //nolint:containedctx // of Run: ends sendFor after Run's own
	ended  chan string     // a lane whose worker ended
	again  chan struct{}   // a worker waits for its budget
	asleep atomic.Int32    // how many do
	seen   time.Time       // the latest that the wall clock has shown
	cut    time.Time       // when this run began, where the last one was cut off while it sent

	mu       sync.Mutex
	budgets  map[string]*budget   // by lane, for lanes with limits
	full     map[string]spent     // by lane, until when its budget is spent
	troubles map[string]trouble   // by lane, for lanes that fail
	retried  map[string]time.Time // by lane, when what failed there was last made due
}

const (
	outboxWorkers = 16
	// lanesMost bounds the lanes that are worked at all: each has up to a batch of
	// deliveries in memory.
	lanesMost = 256
	// sendFor is how long a message that is being sent may take to be taken after
	// the bell was told to end: what is cut off in between is sent again, and
	// arrives twice where it had been taken.
	sendFor = time.Second
	// settleFor is how long a worker goes on noting what was sent after the
	// bell was told to end.
	settleFor = 2 * time.Second
	// longRest is when the queue is looked at without any hint.
	longRest = 15 * time.Minute
	// storeRest is the pause after the store has failed.
	storeRest = 5 * time.Second
)

// NewOutbox returns an outbox that is not running yet.
func NewOutbox(o OutboxOptions) *Outbox {
	if o.Now == nil {
		o.Now = time.Now
	}
	// The wall clock alone: the other one stands still while the computer sleeps, and
	// an hour or a day of a limit does not.
	now := o.Now
	o.Now = func() time.Time { return now().Round(0) }
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Workers == 0 {
		o.Workers = outboxWorkers
	}
	if o.Spread == nil {
		o.Spread = randomSpread
	}
	if o.Paused == nil {
		o.Paused = func(context.Context) bool { return false }
	}
	if o.Digests == nil {
		o.Digests = func(context.Context, app.Channel) bool { return true }
	}
	return &Outbox{
		o: o, ended: make(chan string), again: make(chan struct{}, 1),
		budgets: make(map[string]*budget), full: make(map[string]spent), troubles: make(map[string]trouble), retried: make(map[string]time.Time),
	}
}

// Run sends until ctx ends, and then waits for what is being sent: a second, and
// as long as a channel needs to give up then, and two seconds for the notes about
// it.
func (b *Outbox) Run(ctx context.Context) error {
	late, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(sendFor, end) })
	defer stop()
	b.late = late
	for {
		err := b.resume(ctx)
		if err == nil {
			break
		}
		if !b.rest(ctx, err) { // a full disk: nothing may be sent before it is known what was
			return nil
		}
	}
	var workers sync.WaitGroup
	defer workers.Wait()
	working := make(map[string]*worker)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			for range working {
				<-b.ended
			}
			return nil
		case lane := <-b.ended:
			delete(working, lane)
		case <-b.o.Wake:
		case <-b.again:
		case <-timer.C:
		}
		next := b.begin(ctx, working, &workers)
		timer.Reset(next)
	}
}

// begin starts a worker for every lane that is due and has none, tells the others
// what is different on theirs, and returns when to look again.
func (b *Outbox) begin(ctx context.Context, working map[string]*worker, workers *sync.WaitGroup) time.Duration {
	b.watchClock(ctx)
	lanes, err := b.o.Queue.Lanes(ctx)
	if err != nil {
		if ctx.Err() == nil {
			b.o.Log.WarnContext(ctx, "the outbox was not read", "error", err)
		}
		return storeRest
	}
	next, now, paused := longRest, b.o.Now(), b.o.Paused(ctx)
	for _, w := range working {
		if paused && w.lane.Channel != app.ChannelToast || !slices.Equal(w.set, b.limitsOf(ctx, w.lane)) {
			w.stop.Store(true)
		}
	}
	for _, lane := range lanes {
		if w := working[lane.Key]; w != nil {
			w.look(&lane, now)
			continue
		}
		if lane.First.IsZero() || paused && lane.Channel != app.ChannelToast {
			continue
		}
		if wait := latest(lane.Due(), b.fullUntil(lane.Key, now)).Sub(now); wait > 0 {
			next = min(next, wait)
			continue
		}
		if (len(working)-int(b.asleep.Load()) >= b.o.Workers || len(working) >= lanesMost) && lane.Channel != app.ChannelToast {
			continue // a worker that ends or sleeps makes room, and asks again
		}
		w := &worker{b: b, lane: lane, set: b.limitsOf(ctx, lane)}
		working[lane.Key] = w
		workers.Go(func() {
			w.work(ctx)
			b.ended <- lane.Key
		})
	}
	return max(next, time.Millisecond)
}

// limitsOf returns what is set for a lane.
func (b *Outbox) limitsOf(ctx context.Context, lane app.Lane) []Limit {
	if b.o.Limits == nil {
		return nil
	}
	return b.o.Limits(ctx, lane)
}

// nudge has the lanes looked at again.
func (b *Outbox) nudge() {
	select {
	case b.again <- struct{}{}:
	default:
	}
}

// resume takes back what the last run left in the air, and what a clock that was
// set back meanwhile would hold.
func (b *Outbox) resume(ctx context.Context) error {
	n, err := b.o.Queue.Recover(ctx)
	if err != nil {
		return err
	}
	if n > 0 {
		b.cut = b.o.Now()
		b.o.Log.InfoContext(ctx, "deliveries that were cut off are tried again", "count", n)
	}
	_, err = b.o.Queue.SetBack(ctx)
	return err
}

// watchClock notices that the clock was set back, and lets go what would wait
// until it shows again what it showed before.
func (b *Outbox) watchClock(ctx context.Context) {
	now := b.o.Now()
	if now.Before(b.seen) {
		if b.seen.Sub(now) < setBack {
			return
		}
		n, err := b.o.Queue.SetBack(ctx)
		if err != nil {
			if ctx.Err() == nil {
				b.o.Log.WarnContext(ctx, "the outbox still goes by a clock that was set back", "error", err)
			}
			return // the next look tries again
		}
		b.o.Log.InfoContext(ctx, "the clock was set back", "by", b.seen.Sub(now), "deliveries_due_now", n)
		b.mu.Lock()
		clear(b.full)
		b.mu.Unlock()
	}
	b.seen = now
}

// setBack is how far a clock has to go back to be noticed: what waits longer for
// less would be late by less than this.
const setBack = 5 * time.Second

func (b *Outbox) fullUntil(lane string, now time.Time) time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	if s := b.full[lane]; !s.since.After(now) {
		return s.until
	}
	return time.Time{} // the clock was set back
}

// spent is a budget that has no room from one time until another.
type spent struct {
	since, until time.Time
}

// fill remembers until when a lane's budget is spent.
func (b *Outbox) fill(lane string, s spent) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.full[lane] = s
}
