package dispatch

import (
	"context"
	"slices"
	"time"

	"bellhop/app"
)

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
		if slices.ContainsFunc(p.members, func(c app.Claimed) bool { return !c.Delivery.Resent.IsZero() }) {
			usual = append(usual, p) // somebody wants it now
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
	if left, reserve, per := budget.left(now); per > 0 {
		room := left - len(again) - len(urgent) - reserve
		if room < 1 && len(usual) > 0 {
			for _, p := range usual {
				waits = append(waits, p.members...)
			}
			usual, until = nil, now.Add(min(per, stormNext))
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

// failed says what becomes of a delivery after an attempt that failed. One that
// alone cannot be delivered dies. Where nothing on the lane can be until someone
// acts, it stands still with all that waits on it, and is tried now and then. hold
// is for how long the lane waits; the delivery may wait longer.
func (b *Outbox) failed(c *app.Claimed, f *Failure, took, hold time.Duration) app.Outcome {
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
	if f.Final {
		hold = max(hold, standStill)
	}
	if !f.Alone && !f.Disable {
		o.LaneDue = now.Add(max(hold, f.After))
	}
	wait, again := backoff(c.Delivery.Channel, c.Delivery.Attempts, now.Sub(latest(c.Delivery.Created, c.Delivery.Resent)), b.o.Spread())
	if !again {
		o.Next = "Bellhop gave up after many attempts. Mend the destination, then send it again."
		return o
	}
	if f.Final {
		wait = max(wait, standStill)
	}
	o.State, o.Due = app.DeliveryWaiting, now.Add(max(wait, f.After))
	if f.Disable {
		o.Due = now
	}
	return o
}

// standStill is the least pause of a lane that needs somebody to act.
const standStill = time.Hour

// Closed is the end of a hold that somebody has to take away; the outcome of what was
// in the air then does not.
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
	b.insist(ctx, func(ctx context.Context) error { return b.o.Queue.Release(ctx, ids, due) }, func(err error) {
		b.o.Log.WarnContext(ctx, "deliveries are not given back yet", "error", err)
	})
}

// budgetOf returns the lane's budget, read from what was sent before.
func (b *Outbox) budgetOf(ctx context.Context, lane string, m manner) (*budget, error) {
	if len(m.limits) == 0 {
		return &budget{}, nil
	}
	b.mu.Lock()
	known := b.budgets[lane]
	b.mu.Unlock()
	if known != nil && slices.Equal(known.limits, m.limits) {
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
