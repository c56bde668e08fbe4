package program

import (
	"context"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/app/dispatch/webhook"
)

// switched does for the lanes what a destination's switch says: where it is off,
// what waits for it stays, and where it is on, what failed on the channel's lanes is
// tried, since others may have waited for the way that it is.
func (b *bell) switched(ctx context.Context, d app.Destination) error {
	if d.Off {
		return b.store.HoldLane(ctx, ownLane(d), d.Channel)
	}
	return b.letGo(ctx, d.Channel)
}

// ownLane names the lane of a destination's own deliveries.
func ownLane(d app.Destination) string {
	return laneOf(d.Account, app.Decision{Channel: d.Channel, Destination: d.ID})
}

// letGo ends the holds of a channel's lanes: what held them may be mended. Those of
// destinations that are switched off, by hand or after failures, stay.
func (b *bell) letGo(ctx context.Context, c app.Channel) error {
	lanes, err := b.store.Lanes(ctx)
	if err != nil {
		return err
	}
	list, err := b.everywhere(ctx)
	if err != nil {
		return err
	}
	off := make(map[string]bool)
	for _, d := range list {
		off[ownLane(d)] = d.Off || d.State == string(webhook.StatusInactivePermanent)
	}
	for _, lane := range lanes {
		if lane.Channel != c || off[lane.Key] {
			continue
		}
		if err := b.store.ReleaseLane(ctx, lane.Key); err != nil {
			return err
		}
	}
	return nil
}

// rate is how many messages may leave on a lane, as its destination says; one that
// has no mail server of its own goes by that of the account.
func (b *bell) rate(ctx context.Context, lane app.Lane) []dispatch.Limit {
	if lane.Channel != app.ChannelMail && lane.Channel != app.ChannelWebhooks {
		return nil
	}
	list, err := b.everywhere(ctx)
	if err != nil {
		b.log.WarnContext(ctx, "the rate of a destination was not read", "error", err)
		return nil
	}
	var own, server app.Destination
	for _, d := range list {
		switch {
		case d.Channel != lane.Channel:
		case ownLane(d) == lane.Key:
			own = d
		case d.Channel == app.ChannelMail && server.ID == 0 && ownMailServer(d) && !d.Off && d.Person == 0:
			server = d
		}
	}
	of := own
	if lane.Channel == app.ChannelMail && !ownMailServer(own) {
		of = server
	}
	limits, err := dispatch.ParseRate(of.Config[webhook.KeyRate])
	if err != nil {
		b.log.WarnContext(ctx, "the rate of a destination cannot be read", "destination", of.Name)
	}
	return limits
}

// everywhere returns the destinations of all accounts.
func (b *bell) everywhere(ctx context.Context) ([]app.Destination, error) {
	accounts, err := b.store.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	var all []app.Destination
	for _, a := range accounts {
		list, err := b.store.Destinations(ctx, a.ID)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return all, nil
}

// holdOff holds the lanes of what is switched off, at the start: an earlier Bellhop
// did not, or the last run was cut off between the switch and the hold.
func (b *bell) holdOff(ctx context.Context) error {
	list, err := b.everywhere(ctx)
	for _, d := range list {
		if d.Off && err == nil {
			err = b.store.HoldLane(ctx, ownLane(d), d.Channel)
		}
	}
	return err
}

// awake is for when the bell, the computer or its network has come back: what waits
// because of that need not wait until its time comes.
func (b *bell) awake(ctx context.Context) {
	n, err := b.store.RetryLanes(ctx)
	if err != nil && ctx.Err() == nil {
		b.log.WarnContext(ctx, "what failed waits for its time", "error", err)
	}
	if n > 0 {
		b.log.InfoContext(ctx, "what failed is tried at once", "count", n)
	}
	b.store.Changes().Publish(app.TopicOutbox) // timers have slept with the machine
}
