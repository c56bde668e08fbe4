package program

import (
	"context"
	"errors"

	"bellhop/app"
)

// stopped says why none of the deliveries was sent again, nil for another reason
// than that their destination is switched off. No ids stand for all that need
// somebody.
func (b *bell) stopped(ctx context.Context, ids []app.DeliveryID) error {
	var list []app.Delivery
	if ids == nil {
		var err error
		if list, _, err = b.store.Deliveries(ctx, app.DeliveryFilter{NeedsYou: true, Limit: 1}); err != nil {
			return err
		}
	}
	for _, id := range ids {
		d, err := b.store.Delivery(ctx, id)
		if errors.Is(err, app.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		list = append(list, d)
	}
	for _, d := range list {
		if d.Stopped != nil {
			return app.NewProblem("stopped", "Nothing was sent again: "+d.Stopped.Reason+".", d.Stopped.Next, true, nil)
		}
	}
	return nil
}
