package program

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/app/dispatch/webhook"
)

const (
	// outageAfter is from when on somebody is told that a destination is not
	// reached, though nothing was given up yet.
	outageAfter = time.Hour
	// outageTries is how often one message has failed where an outage is told
	// although no failure was met in the last [outageAfter].
	outageTries = 3
	// lastErrorEvery bounds how often nothing but the time of the last failure is
	// stored.
	lastErrorEvery = 15 * time.Minute
)

// logFailure writes a line about an attempt that failed.
func (p *poster) logFailure(ctx context.Context, c *app.Claimed, err error) {
	if err == nil || ctx.Err() != nil {
		return
	}
	f := dispatch.FailureOf(err)
	p.log.InfoContext(ctx, "a message was not taken", "channel", c.Delivery.Channel.String(), "destination", c.Destination.Name,
		"delivery", string(c.Delivery.ID), "attempt", c.Delivery.Attempts, "code", f.Code, "status", f.Status)
}

// heed notes what an attempt says of its destination, of every channel but
// webhooks, which have DefectDojo's states: since when it is not reached, and
// whether it is closed for good. Somebody is told of an outage of an hour, once.
func (p *poster) heed(ctx context.Context, c *app.Claimed, err error) {
	p.logFailure(ctx, c, err)
	var f *dispatch.Failure
	if err != nil {
		if f = dispatch.FailureOf(err); f.Alone && !f.Disable || ctx.Err() != nil {
			return // it says something of the message, or of our own end
		}
	}
	if f == nil && c.Destination.ID != 0 && c.Destination.FirstError.IsZero() {
		return // as nearly always
	}
	p.judging.Lock()
	defer p.judging.Unlock()
	if f == nil {
		if _, trouble := p.lanes[c.Delivery.Lane]; c.Destination.FirstError.IsZero() && !trouble {
			return
		}
	}
	d := p.asStored(ctx, c)
	was, now := stateOf(d), p.now()
	if off := string(webhook.StatusInactivePermanent); f == nil && d.ID != 0 && d.State == off && c.Destination.State != off {
		return // it was in the air when another one found the destination gone
	}
	s := webhook.State{}
	if f != nil {
		s = was
		if s.FirstError.IsZero() || s.FirstError.After(now) { // or the clock was set back
			s.FirstError, s.Warned = now, time.Time{}
		}
		s.LastError, s.Note = now, strings.TrimSpace(f.Code+" "+statusWord(f.Status))
		if f.Disable {
			s.Status = webhook.StatusInactivePermanent
		}
	}
	// A failure as the lid closes and one as it opens, before the network is there,
	// say nothing of the night between them.
	seen := c.Delivery.Attempts >= outageTries || now.Sub(was.LastError) <= outageAfter
	outage := f != nil && !f.Final && s.Warned.IsZero() && now.Sub(s.FirstError) >= outageAfter && seen
	if outage {
		s.Warned = now
	}
	if now.Sub(was.LastError) < lastErrorEvery && f != nil {
		s.LastError = was.LastError
	}
	if s != was {
		p.keepState(ctx, c, d, s)
	}
	if outage {
		to := placeName(c)
		text := fmt.Sprintf("Every attempt fails: %s. Bellhop goes on trying, and nothing is lost; `bellhop deliveries --state waiting` lists what waits. %s", s.Note, f.Next)
		p.tell(ctx, c.Delivery, "Nothing has reached "+to+" since "+clock(s.FirstError, now), strings.TrimSpace(text), "outage")
	}
}

// asStored returns a claimed delivery's destination as it is by now: several
// workers may come at the same time, each with the state that it began with.
func (p *poster) asStored(ctx context.Context, c *app.Claimed) app.Destination {
	if c.Destination.ID == 0 {
		return p.lanes[c.Delivery.Lane]
	}
	list, err := p.store.Destinations(ctx, c.Delivery.Account)
	if i := slices.IndexFunc(list, func(d app.Destination) bool { return d.ID == c.Destination.ID }); err == nil && i >= 0 {
		return list[i]
	}
	return c.Destination
}

// keepState stores the state of a destination; of a lane without one it is kept
// until the bell ends.
func (p *poster) keepState(ctx context.Context, c *app.Claimed, d app.Destination, s webhook.State) {
	d.State, d.FirstError, d.LastError, d.Note, d.Warned = string(s.Status), s.FirstError, s.LastError, s.Note, s.Warned
	if d.ID != 0 {
		if err := p.store.UpdateDestinationState(context.WithoutCancel(ctx), d); err != nil {
			p.log.WarnContext(ctx, "a destination's state was not kept", "error", err)
		}
		return
	}
	if s == (webhook.State{}) {
		delete(p.lanes, c.Delivery.Lane)
		return
	}
	if p.lanes == nil {
		p.lanes = make(map[string]app.Destination)
	}
	p.lanes[c.Delivery.Lane] = d
}

// placeName says where a delivery goes: the destination's name, or through what.
func placeName(c *app.Claimed) string {
	switch {
	case c.Destination.Name != "":
		return c.Destination.Name
	case c.Delivery.Channel == app.ChannelMail:
		return "people by mail"
	case c.Person.Username != "":
		return c.Person.Username + " by " + c.Delivery.Channel.String()
	default:
		return c.Delivery.Channel.String()
	}
}

func statusWord(status int) string {
	if status == 0 {
		return ""
	}
	return fmt.Sprintf("(status %d)", status)
}

// wasHeld says whether quiet hours or a silence kept a delivery, also where it was
// let go since: it is in the group of those.
func wasHeld(d *app.Delivery) bool {
	return d.State == app.DeliveryHeld || d.Group == heldGroup || d.Group == ofPerson(heldGroup, d.Person)
}

// heldGroup is the group of what is held, see [groupOf].
const heldGroup = "held"
