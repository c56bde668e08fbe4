package store

import (
	"context"
	"fmt"
	"time"

	"bellhop/app"
)

// Settle notes how attempts ended, all of them in one transaction. Each outcome
// says until when the lane of its delivery is held, the zero time for not at
// all. Settling twice is settling once; a delivery that is not claimed, or gone,
// is passed over.
func (s *Store) Settle(ctx context.Context, outcomes []app.Outcome) error {
	return s.surely(ctx, "note what was sent", func(ctx context.Context, t *tx) error {
		holds := make(map[int64]time.Time)
		for i := range outcomes {
			lane, held, err := t.conclude(ctx, &outcomes[i])
			if err != nil {
				return fmt.Errorf("delivery %s: %w", outcomes[i].ID, err)
			}
			if _, other := holds[lane]; lane != 0 && (other || held != millis(outcomes[i].LaneDue)) {
				holds[lane] = outcomes[i].LaneDue
			}
		}
		for lane, until := range holds {
			if err := t.hold(ctx, lane, until); err != nil {
				return err
			}
		}
		t.hint(app.TopicDeliveries)
		return nil
	})
}

// conclude returns the number of the delivery's lane and until when that is held,
// 0 where it was not claimed.
func (t *tx) conclude(ctx context.Context, o *app.Outcome) (lane, held int64, err error) {
	settled := millis(t.now)
	due := int64(-1) // stays as it was
	if o.State == app.DeliveryWaiting || o.State == app.DeliveryHeld {
		settled, due = 0, heldDue(app.Delivery{State: o.State, Due: o.Due})
	}
	err = t.row(ctx, `UPDATE deliveries SET leased = 0, state = ?, due = ifnull(nullif(?, -1), due), settled = ?, took = ?, status = ?, code = ?,
		answer = ?, next = ?, ref = ?, digest = ? WHERE id = ? AND leased = 1 RETURNING lane, (SELECT not_before FROM lanes WHERE id = lane)`,
		string(o.State), due, settled, o.Took.Microseconds(), o.Status, o.Code,
		o.Answer, o.Next, o.Ref, string(o.Digest), string(o.ID)).Scan(&lane, &held)
	if isNoRows(err) {
		return 0, 0, nil
	}
	return lane, held, err
}
