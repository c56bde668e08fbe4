package dispatch

import (
	"context"
	"slices"
	"time"

	"bellhop/app"
)

// liveFor is how long a message is replaced from its first posting: who looks
// after that finds a new one, and is told.
const liveFor = time.Hour

// enliven finds for digests of a storm the message that they replace. A storm's
// first message stays as it is, and what is critical or was held is a message of
// its own.
func (b *Outbox) enliven(ctx context.Context, list []parcel, now time.Time) error {
	for i := range list {
		p := &list[i]
		d := p.members[0].Delivery
		other := func(c app.Claimed) bool { return c.Delivery.Group != d.Group }
		if d.Group == "" || d.State == app.DeliveryHeld || critical(p.members[0].Event) || slices.ContainsFunc(p.members, other) {
			continue
		}
		live, err := b.o.Queue.Live(ctx, d, now.Add(-stormOver), now.Add(-liveFor))
		if err != nil {
			return err
		}
		p.live = live
	}
	return nil
}
