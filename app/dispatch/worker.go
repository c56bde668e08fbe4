package dispatch

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"bellhop/app"
)

// worker sends what is due on one lane.
type worker struct {
	b      *Outbox
	lane   app.Lane
	set    []Limit // what is set for the lane
	m      manner
	budget *budget

	// stop tells it to give back what it has not tried and to end: the outbox was
	// paused, or the lane held.
	stop atomic.Bool
	// yield tells it to give that back and to claim again: something has come that
	// goes first.
	yield atomic.Bool
	// hand is the Due, in milliseconds, of what it is about to send; 0 = nothing.
	hand atomic.Int64
}

// look compares what the worker does with how its lane is now.
func (w *worker) look(lane *app.Lane, now time.Time) {
	if lane.Held.After(now) {
		w.stop.Store(true)
	}
	if hand := w.hand.Load(); hand != 0 && !lane.First.IsZero() && lane.First.UnixMilli() < hand {
		w.yield.Store(true)
	}
}

// takeUp says what the worker is about to send.
func (w *worker) takeUp(d *app.Delivery) { w.hand.Store(max(d.Due.UnixMilli(), 1)) }

// work sends until nothing is due, the lane has to wait, or ctx ends.
func (w *worker) work(ctx context.Context) {
	b := w.b
	w.m = mannerOf(w.lane.Channel)
	if w.m.merge {
		w.m.merge = b.o.Digests(ctx, w.lane.Channel)
	}
	if len(w.set) > 0 {
		w.m.limits, w.m.parallel = append(slices.Clip(w.m.limits), w.set...), 1
	}
	if w.m.gather > 0 && !b.sleep(ctx, w.m.gather) {
		return
	}
	var err error
	if w.budget, err = b.budgetOf(ctx, w.lane.Key, w.m); err != nil {
		b.rest(ctx, err)
		return
	}
	next := w.some
	if w.m.parallel > 1 && !w.m.merge {
		next = w.stream
	}
	for more := true; more && w.room(ctx) && !w.stop.Load(); {
		w.hand.Store(0)
		w.yield.Store(false)
		more = next(ctx)
	}
}

// some claims and sends a batch, and says whether the lane may go on. Where a storm
// becomes digests, it claims on as long as there is more: what is left behind waits
// for the next digest, five minutes.
func (w *worker) some(ctx context.Context) bool {
	claimed, err := w.b.o.Queue.Claim(ctx, w.lane.Key, w.m.batch)
	for last := len(claimed); err == nil && w.m.merge && last == w.m.batch && len(claimed) < digestMost; {
		var more []app.Claimed
		more, err = w.b.o.Queue.Claim(ctx, w.lane.Key, w.m.batch)
		claimed, last = append(claimed, more...), len(more)
	}
	if err != nil {
		w.b.giveBack(ctx, []parcel{{members: claimed}}, time.Time{})
		w.b.rest(ctx, err)
		return false
	}
	return len(claimed) > 0 && w.batch(ctx, claimed)
}

// digestMost bounds what a lane has in hand to be merged: some 6 MB.
const digestMost = 3000

// batch sends claimed deliveries, and says whether the lane may go on.
func (w *worker) batch(ctx context.Context, claimed []app.Claimed) bool {
	b := w.b
	list, err := b.parcels(ctx, b.allowed(ctx, claimed), w.m, w.budget)
	if err != nil {
		b.giveBack(ctx, []parcel{{members: claimed}}, time.Time{})
		b.rest(ctx, err)
		return false
	}
	if w.m.merge && !b.bind(ctx, list) {
		return false
	}
	if w.m.parallel > 1 {
		return w.together(ctx, list)
	}
	notes := b.open(ctx, w.m.ahead)
	defer notes.close() // what was sent counts in the next look at the lane's history
	for i, p := range list {
		w.takeUp(&p.members[0].Delivery)
		if !w.room(ctx) || w.stop.Load() {
			b.giveBack(ctx, list[i:], time.Time{})
			return false
		}
		if w.yield.Load() {
			b.giveBack(ctx, list[i:], time.Time{})
			return true
		}
		w.budget.spend(b.o.Now())
		if !b.send(ctx, p, notes) {
			b.giveBack(ctx, list[i+1:], time.Time{})
			return false
		}
	}
	return true
}

// together sends messages of a lane without limits, several at a time, and says
// whether the lane may go on.
func (w *worker) together(ctx context.Context, list []parcel) bool {
	s := w.senders(ctx)
	for i, p := range list {
		w.takeUp(&p.members[0].Delivery)
		if !s.put(p) {
			w.b.giveBack(ctx, list[i:], time.Time{})
			break
		}
	}
	return s.close()
}

// stream sends each delivery by itself, several at a time, until nothing is due or
// the lane has to wait. The next ones are claimed and what was sent is noted
// meanwhile. It says whether something has come that goes first.
func (w *worker) stream(ctx context.Context) bool {
	s := w.senders(ctx)
	err := w.feed(ctx, s)
	more := s.close()
	if err != nil {
		w.b.rest(ctx, err)
		return false
	}
	return more && w.yield.Load()
}

// feed claims what is due and has it sent until nothing is, the lane has halted
// or ctx ends.
func (w *worker) feed(ctx context.Context, s *senders) error {
	for !s.stopped() {
		claimed, err := w.b.o.Queue.Claim(ctx, w.lane.Key, w.m.batch)
		if err != nil || len(claimed) == 0 {
			return err
		}
		claimed = w.b.allowed(ctx, claimed)
		for i := range claimed {
			w.takeUp(&claimed[i].Delivery)
			if !s.put(parcel{members: claimed[i : i+1]}) {
				w.b.giveBack(ctx, []parcel{{members: claimed[i:]}}, time.Time{})
				return nil
			}
		}
	}
	return nil
}

// room waits a moment for the lane's budget. Where that takes longer, the lane
// is left alone until then and room says no.
func (w *worker) room(ctx context.Context) bool {
	b := w.b
	now := b.o.Now()
	wait := w.budget.next(now).Sub(now)
	switch {
	case wait > shortWait:
		b.fill(w.lane.Key, spent{now, now.Add(min(wait, fullLook))})
		return false
	case wait <= 0:
		return ctx.Err() == nil
	}
	// Another lane may be worked meanwhile.
	b.asleep.Add(1)
	defer b.asleep.Add(-1)
	b.nudge()
	return b.sleep(ctx, wait)
}

// shortWait is how long a worker waits for its budget with deliveries in hand.
const shortWait = 2 * time.Second

// fullLook is how often a lane is looked at whose budget is spent: another one may be
// set for it.
const fullLook = time.Minute

// send delivers one message for its members and has the outcome noted. It says
// whether the lane may go on.
func (b *Outbox) send(ctx context.Context, p parcel, notes *notebook) bool {
	begun, members := b.o.Now(), p.members
	lane := members[0].Delivery.Lane
	receipt, err := b.post(b.late, p) //nolint:contextcheck // it outlives ctx by a moment
	if err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		// We were told to end: the attempt counts, its outcome is not known, and
		// the delivery is tried again at the next start.
		return false
	}
	n := note{members: members, outcomes: make([]app.Outcome, len(members))}
	var hold time.Duration
	ended := false
	if err == nil {
		ended = b.eased(lane)
	} else if n.failure = FailureOf(err); !n.failure.Alone {
		hold = b.strained(lane, begun)
	}
	took := max(b.o.Now().Sub(begun), 0) // the clock may have been set back
	for i := range members {
		c := &members[i]
		o := app.Outcome{ID: c.Delivery.ID, State: app.DeliverySent, Took: took, Status: receipt.Status, Answer: receipt.Answer, Ref: receipt.Ref}
		if len(members) > 1 || p.live.Ref != "" {
			o.Digest = members[0].Delivery.ID
		}
		if n.failure != nil {
			o = b.failed(c, n.failure, took, hold)
			if n.failure.Status == 0 && mannerOf(c.Delivery.Channel).merge {
				o.Digest = members[0].Delivery.ID // without an answer it may have arrived
			}
		}
		n.outcomes[i] = o
	}
	noted := notes.add(n) //nolint:contextcheck // the notebook has the worker's
	if ended {
		b.recovered(ctx, lane)
	}
	return noted && ctx.Err() == nil && (n.failure == nil || n.failure.Alone && !n.failure.Disable)
}

func (b *Outbox) post(ctx context.Context, p parcel) (Receipt, error) {
	if p.live.Ref != "" {
		return b.o.Post.Replace(ctx, p.members, p.live)
	}
	return b.o.Post.Send(ctx, p.members)
}
