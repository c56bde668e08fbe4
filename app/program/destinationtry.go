package program

import (
	"context"
	"errors"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/app/dispatch/webhook"
)

// TestDestination sends a real message and says how it went; a webhook gets
// DefectDojo's ping. It is tried also where the destination is switched off; where
// it is taken, failures are forgiven, and what waits is let go, unless somebody has
// switched it off.
func (b *bell) TestDestination(ctx context.Context, id app.DestinationID) (app.Tested, error) {
	d, err := b.destination(ctx, id)
	if err != nil {
		return app.Tested{}, err
	}
	out, err := b.tried(ctx, d)
	if err != nil || !out.OK {
		return out, err
	}
	d, err = b.destination(ctx, id) // the attempt has taken its time
	if errors.Is(err, app.ErrNotFound) {
		return out, nil
	}
	if err != nil {
		return app.Tested{}, err
	}
	if !d.Off && (d.State != "" || !d.FirstError.IsZero()) {
		d.State, d.Note, d.FirstError, d.LastError, d.Warned = "", "", time.Time{}, time.Time{}, time.Time{}
		if err := b.store.UpdateDestinationState(ctx, d); err != nil {
			return app.Tested{}, err
		}
	}
	return out, b.switched(ctx, d)
}

// tried sends the message by which a destination is tried.
func (b *bell) tried(ctx context.Context, d app.Destination) (app.Tested, error) {
	me, err := b.store.Me(ctx, d.Account)
	if err != nil {
		return app.Tested{}, err
	}
	to := me
	switch {
	case d.Person == 0 && d.Address != "":
		to = app.Person{}
	case d.Person != 0 && d.Person != me.ID:
		people, err := b.store.People(ctx, d.Account)
		if err != nil {
			return app.Tested{}, err
		}
		for _, p := range people {
			if p.ID == d.Person {
				to = p
			}
		}
	}
	now := b.o.now()
	event := app.Event{
		Origin: app.OriginLocal, Kind: app.KindOther, At: now,
		Call: app.Call{Kind: app.KindOther, Title: "Test message of Bellhop", Description: "If you read this, messages arrive here. Nothing has happened."},
	}
	if d.Channel == app.ChannelWebhooks {
		event = webhook.Ping(now)
	}
	event.Account = d.Account
	receipt, _, err := b.poster.try(ctx, []app.Claimed{{
		Delivery: app.Delivery{ID: NewDeliveryID(now), Account: d.Account, Channel: d.Channel, Destination: d.ID, Attempts: 1, Created: now},
		Event:    &event, Person: to, Destination: d,
	}}, app.Live{})
	if err != nil {
		f := dispatch.FailureOf(err)
		return app.Tested{Status: f.Status, Code: f.Code, Answer: f.Answer, Next: triedNext(f, d)}, nil
	}
	return app.Tested{OK: true, Status: receipt.Status, Answer: receipt.Answer}, nil
}
