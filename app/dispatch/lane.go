package dispatch

import (
	"context"
	"errors"
	"slices"
	"time"

	"bellhop/app"
)

// work sends what is due on a lane until nothing is, the lane has to wait, or
// ctx ends.
func (b *Outbox) work(ctx context.Context, lane app.Lane) {
	m := mannerOf(lane.Channel)
	if m.merge {
		m.merge = b.o.Digests(ctx, lane.Channel)
	}
	if m.gather > 0 && !b.sleep(ctx, m.gather) {
		return
	}
	budget, err := b.budgetOf(ctx, lane.Key, m)
	if err != nil {
		b.rest(ctx, err)
		return
	}
	if m.parallel > 1 && !m.merge {
		b.stream(ctx, lane.Key, m)
		return
	}
	for b.room(ctx, lane.Key, budget) {
		claimed, err := b.o.Queue.Claim(ctx, lane.Key, m.batch)
		if err != nil {
			b.rest(ctx, err)
			return
		}
		if len(claimed) == 0 {
			return
		}
		if !b.batch(ctx, claimed, m, budget) {
			return
		}
	}
}

// batch sends claimed deliveries, and says whether the lane may go on.
func (b *Outbox) batch(ctx context.Context, claimed []app.Claimed, m manner, budget *budget) bool {
	list, err := b.parcels(ctx, b.allowed(ctx, claimed), m, budget)
	if err != nil {
		b.giveBack(ctx, []parcel{{members: claimed}}, time.Time{})
		b.rest(ctx, err)
		return false
	}
	if m.merge && !b.bind(ctx, list) {
		return false
	}
	if m.parallel > 1 {
		return b.together(ctx, list, m)
	}
	notes := b.open(ctx, m.ahead)
	defer notes.close() // what was sent counts in the next look at the lane's history
	for i, p := range list {
		if !b.room(ctx, p.members[0].Delivery.Lane, budget) {
			b.giveBack(ctx, list[i:], time.Time{})
			return false
		}
		budget.spend(b.o.Now())
		if !b.send(ctx, p, notes) {
			b.giveBack(ctx, list[i+1:], time.Time{})
			return false
		}
	}
	return true
}

// together sends messages of a lane without limits, several at a time, and says
// whether the lane may go on.
func (b *Outbox) together(ctx context.Context, list []parcel, m manner) bool {
	s := b.senders(ctx, m)
	for i, p := range list {
		if !s.put(p) {
			b.giveBack(ctx, list[i:], time.Time{})
			break
		}
	}
	return s.close()
}

// bind notes which deliveries are about to leave in which message. One whose
// end nobody sees is sent again as it was: a receiver that knows its id already
// drops it, and with it whatever else it told.
func (b *Outbox) bind(ctx context.Context, list []parcel) bool {
	var bound []app.Bound
	for _, p := range list {
		for _, c := range p.members {
			if first := p.members[0].Delivery.ID; c.Delivery.Digest != first {
				bound = append(bound, app.Bound{ID: c.Delivery.ID, Digest: first})
			}
		}
	}
	if len(bound) == 0 {
		return true
	}
	if err := b.o.Queue.Bind(ctx, bound); err != nil {
		b.giveBack(ctx, list, time.Time{})
		b.rest(ctx, err)
		return false
	}
	return true
}

// parcels makes messages of claimed deliveries and gives back those whose group
// has just been told, or for which the budget has no room but the one that is
// kept for what is critical.
func (b *Outbox) parcels(ctx context.Context, claimed []app.Claimed, m manner, budget *budget) ([]parcel, error) {
	switch {
	case len(claimed) == 0:
		return nil, nil
	case m.gather > 0:
		return []parcel{{members: claimed}}, nil
	case !m.merge:
		list := make([]parcel, len(claimed))
		for i := range claimed {
			list[i].members = claimed[i : i+1]
		}
		return list, nil
	}
	now := b.o.Now()
	var urgent, usual []parcel
	var waits []app.Claimed
	var until time.Time
	again, claimed := repeated(claimed)
	for _, p := range parcels(claimed) {
		if p.group == "" || critical(p.members[0].Event) {
			urgent = append(urgent, p)
			continue
		}
		sent, err := b.o.Queue.GroupHistory(ctx, p.members[0].Delivery.Lane, p.group, now.Add(-stormOver))
		if err != nil {
			return nil, err
		}
		if due := groupDue(past(sent, now), now); due.After(now) {
			b.giveBack(ctx, []parcel{p}, due)
			continue
		}
		usual = append(usual, p)
	}
	if left, reserve, bound := budget.left(now); bound {
		room := left - len(again) - len(urgent) - reserve
		if room < 1 && len(usual) > 0 {
			for _, p := range usual {
				waits = append(waits, p.members...)
			}
			usual, until = nil, now.Add(stormNext)
		} else {
			usual = squeeze(usual, room)
		}
	}
	b.giveBack(ctx, []parcel{{members: waits}}, until)
	list := append(append(again, urgent...), usual...)
	if m.live {
		if err := b.enliven(ctx, list, now); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// room waits a moment for the lane's budget. Where that takes longer, the lane
// is left alone until then and room says no.
func (b *Outbox) room(ctx context.Context, lane string, budget *budget) bool {
	now := b.o.Now()
	next := budget.next(now)
	if next.Sub(now) > shortWait {
		b.fill(lane, spent{now, next})
		return false
	}
	return b.sleep(ctx, next.Sub(now))
}

// shortWait is how long a worker waits for its budget with deliveries in hand.
const shortWait = 2 * time.Second

// send delivers one message for its members and has the outcome noted. It says
// whether the lane may go on.
func (b *Outbox) send(ctx context.Context, p parcel, notes *notebook) bool {
	begun, members := b.o.Now(), p.members
	receipt, err := b.post(b.late, p) //nolint:contextcheck // it outlives ctx by a moment
	if err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		// We were told to end: the attempt counts, its outcome is not known, and
		// the delivery is tried again at the next start.
		return false
	}
	n := note{members: members, outcomes: make([]app.Outcome, len(members))}
	if err != nil {
		n.failure = FailureOf(err)
	}
	took := max(b.o.Now().Sub(begun), 0) // the clock may have been set back
	for i := range members {
		c := &members[i]
		o := app.Outcome{ID: c.Delivery.ID, State: app.DeliverySent, Took: took, Status: receipt.Status, Answer: receipt.Answer, Ref: receipt.Ref}
		if len(members) > 1 || p.live.Ref != "" {
			o.Digest = members[0].Delivery.ID
		}
		if n.failure != nil {
			o = b.failed(c, n.failure, took)
			if n.failure.Status == 0 && mannerOf(c.Delivery.Channel).merge {
				o.Digest = members[0].Delivery.ID // without an answer it may have arrived
			}
		}
		n.outcomes[i] = o
	}
	noted := notes.add(n) //nolint:contextcheck // the notebook has the worker's
	return noted && ctx.Err() == nil && (n.failure == nil || n.failure.Alone && !n.failure.Disable)
}

func (b *Outbox) post(ctx context.Context, p parcel) (Receipt, error) {
	if p.live.Ref != "" {
		return b.o.Post.Replace(ctx, p.members, p.live)
	}
	return b.o.Post.Send(ctx, p.members)
}

// failed says what becomes of a delivery after an attempt that failed. One that
// alone cannot be delivered dies. Where nothing on the lane can be until someone
// acts, it stands still with all that waits on it, and is tried now and then.
func (b *Outbox) failed(c *app.Claimed, f *Failure, took time.Duration) app.Outcome {
	o := app.Outcome{
		ID: c.Delivery.ID, State: app.DeliveryDead, Took: took,
		Status: f.Status, Code: f.Code, Answer: f.Answer, Next: f.Next,
	}
	if f.Disable {
		o.LaneDue = Closed
	}
	if f.Final && f.Alone {
		return o
	}
	now := b.o.Now()
	wait, again := backoff(c.Delivery.Channel, c.Delivery.Attempts, now.Sub(latest(c.Delivery.Created, c.Delivery.Resent)), b.o.Spread())
	if !again {
		o.Next = "Bellhop gave up after many attempts. Mend the destination, then send it again."
		return o
	}
	if f.Final {
		wait = max(wait, standStill)
	}
	o.State, o.Due = app.DeliveryWaiting, now.Add(max(wait, f.After))
	switch {
	case f.Disable:
		o.Due = now
	case !f.Alone:
		o.LaneDue = o.Due
	}
	return o
}

// standStill is the least pause of a lane that needs somebody to act.
const standStill = time.Hour

// Closed is the end of a hold that somebody has to take away.
var Closed = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// allowed drops deliveries whose person may not see the event any more.
func (b *Outbox) allowed(ctx context.Context, claimed []app.Claimed) []app.Claimed {
	kept := claimed[:0]
	var dropped []app.Outcome
	var untried []app.Claimed
	for i := range claimed {
		c := &claimed[i]
		ok, why, err := b.o.Post.Allowed(ctx, c)
		switch {
		case err != nil && ctx.Err() != nil: // we were told to end
			untried = append(untried, *c)
		case err != nil:
			b.o.Log.WarnContext(ctx, "access was not asked again", "error", err)
			dropped = append(dropped, app.Outcome{ID: c.Delivery.ID, State: app.DeliveryWaiting, Due: b.o.Now().Add(time.Minute), Code: "access_unknown", Digest: c.Delivery.Digest})
		case ok:
			if len(kept) == i {
				kept = claimed[:i+1] // they are large, and mostly all stay
			} else {
				kept = append(kept, *c)
			}
		default:
			dropped = append(dropped, app.Outcome{ID: c.Delivery.ID, State: app.DeliveryDropped, Code: "no_access", Answer: why})
		}
	}
	if len(dropped) > 0 {
		b.settle(ctx, dropped, func() {})
	}
	b.giveBack(ctx, []parcel{{members: untried}}, time.Time{})
	return kept
}

// giveBack returns claimed deliveries that were not tried. A zero due leaves
// theirs.
func (b *Outbox) giveBack(ctx context.Context, list []parcel, due time.Time) {
	var ids []app.DeliveryID
	for _, p := range list {
		for _, c := range p.members {
			ids = append(ids, c.Delivery.ID)
		}
	}
	if len(ids) == 0 {
		return
	}
	if err := b.o.Queue.Release(context.WithoutCancel(ctx), ids, due); err != nil {
		b.o.Log.WarnContext(ctx, "deliveries were not given back", "error", err)
	}
}

// budgetOf returns the lane's budget, read from what was sent before.
func (b *Outbox) budgetOf(ctx context.Context, lane string, m manner) (*budget, error) {
	if len(m.limits) == 0 {
		return &budget{}, nil
	}
	b.mu.Lock()
	known := b.budgets[lane]
	b.mu.Unlock()
	if known != nil {
		return known, nil
	}
	sent, err := b.o.Queue.LaneHistory(ctx, lane, b.o.Now().Add(-longest(m.limits)))
	if err != nil {
		return nil, err
	}
	if !b.cut.IsZero() {
		// A message may have left that nobody noted: it counts as if it had done so
		// when this run began, or the limit of a second would be broken now.
		sent = append(sent, b.cut)
		slices.SortFunc(sent, time.Time.Compare)
	}
	fresh := &budget{limits: m.limits, sent: sent}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.budgets[lane] = fresh
	return fresh, nil
}

// rest pauses after the store has failed, and says whether ctx is still alive.
func (b *Outbox) rest(ctx context.Context, err error) bool {
	if ctx.Err() != nil {
		return false
	}
	b.o.Log.WarnContext(ctx, "the outbox waits for the database", "error", err)
	return b.sleep(ctx, storeRest)
}

// sleep waits, and says whether ctx is still alive.
func (b *Outbox) sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
