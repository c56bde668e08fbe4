package store

import (
	"context"
	"fmt"

	"bellhop/app"
)

// Settle notes how attempts ended, all of them in one transaction. Each outcome
// says until when the lane of its delivery is held, the zero time for not at
// all; of several about one lane the last counts. Settling twice is settling once;
// a delivery that is not claimed, or gone, is passed over.
func (s *Store) Settle(ctx context.Context, outcomes []app.Outcome) error {
	return s.surely(ctx, "note what was sent", func(ctx context.Context, t *tx) error {
		var settled []app.DeliveryID // those before the next outcome, with the same hold
		for i := range outcomes {
			o := &outcomes[i]
			known, err := t.conclude(ctx, o)
			if err != nil {
				return fmt.Errorf("delivery %s: %w", o.ID, err)
			}
			if known {
				settled = append(settled, o.ID)
			}
			if i+1 < len(outcomes) && outcomes[i+1].LaneDue.Equal(o.LaneDue) {
				continue
			}
			if err := t.holdLanesOf(ctx, settled, millis(o.LaneDue)); err != nil {
				return fmt.Errorf("lanes: %w", err)
			}
			settled = settled[:0]
		}
		t.hint(app.TopicDeliveries)
		return nil
	})
}

// conclude says whether the delivery was claimed. RETURNING would tell the lane
// too, but was measured to take half as long again.
func (t *tx) conclude(ctx context.Context, o *app.Outcome) (bool, error) {
	settled := millis(t.now)
	due := int64(-1) // stays as it was
	if o.State == app.DeliveryWaiting || o.State == app.DeliveryHeld {
		settled, due = 0, heldDue(app.Delivery{State: o.State, Due: o.Due})
	}
	n, err := t.exec(ctx, `UPDATE deliveries SET leased = 0, state = ?, due = ifnull(nullif(?, -1), due), settled = ?, took = ?, status = ?, code = ?,
		answer = ?, next = ?, ref = ?, digest = ? WHERE id = ? AND leased = 1`,
		string(o.State), due, settled, o.Took.Microseconds(), o.Status, o.Code,
		o.Answer, o.Next, o.Ref, string(o.Digest), string(o.ID))
	return n > 0, err
}

// holdLanesOf holds the lanes of some deliveries until a time, 0 for not at all.
func (t *tx) holdLanesOf(ctx context.Context, ids []app.DeliveryID, until int64) error {
	var err error
	switch len(ids) {
	case 0:
	case 1:
		_, err = t.exec(ctx, `UPDATE lanes SET not_before = ?1 WHERE id = (SELECT lane FROM deliveries WHERE id = ?2) AND not_before <> ?1`, until, string(ids[0]))
	default:
		_, err = t.exec(ctx, `UPDATE lanes SET not_before = ?1 WHERE id IN (SELECT lane FROM deliveries WHERE id IN (SELECT value FROM json_each(?2)))
			AND not_before <> ?1`, until, jsonDeliveries(ids))
	}
	return err
}
