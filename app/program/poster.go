package program

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/app/dispatch/toast"
	"bellhop/app/dispatch/webhook"
)

// posterStore is what the poster asks of the store.
type posterStore interface {
	Alert(ctx context.Context, id app.AlertID) (app.Alert, error)
	RecordEvents(ctx context.Context, events []app.Event, cursors map[string][]byte) ([]app.Event, error)
	Destinations(ctx context.Context, account app.AccountID) ([]app.Destination, error)
	UpdateDestinationState(ctx context.Context, d app.Destination) error
	Me(ctx context.Context, account app.AccountID) (app.Person, error)
}

// poster hands what leaves the outbox to the channels.
type poster struct {
	store    posterStore
	vault    secretKeeper
	engine   *engine
	announce *announcer
	channels map[app.Channel]dispatch.Channel
	log      *slog.Logger
	now      func() time.Time

	judging sync.Mutex // one at a time changes a destination's state
	// lanes are the lanes in trouble that have no destination of their own.
	lanes map[string]app.Destination
}

var _ dispatch.Post = (*poster)(nil)

// Send delivers one message that stands for the claimed deliveries.
func (p *poster) Send(ctx context.Context, claimed []app.Claimed) (dispatch.Receipt, error) {
	channel := claimed[0].Delivery.Channel
	if channel == app.ChannelToast {
		return p.toast(ctx, claimed)
	}
	if channel != app.ChannelWebhooks || claimed[0].Destination.ID == 0 {
		receipt, _, err := p.try(ctx, claimed, app.Live{})
		p.heed(ctx, &claimed[0], err)
		return receipt, err
	}
	if state := stateOf(claimed[0].Destination); !isOpen(state, p.now()) {
		return dispatch.Receipt{}, webhook.Closed(state, p.now())
	}
	receipt, asked, err := p.try(ctx, claimed, app.Live{})
	if !asked || err != nil && ctx.Err() != nil {
		return receipt, err // a locked keyring, or our own end, is nothing against the endpoint
	}
	p.logFailure(ctx, &claimed[0], err)
	return receipt, p.judge(ctx, claimed[0], err)
}

// Replace delivers a message in the place of one that was sent before, with all
// that this one told.
func (p *poster) Replace(ctx context.Context, claimed []app.Claimed, live app.Live) (dispatch.Receipt, error) {
	receipt, _, err := p.try(ctx, claimed, live)
	p.heed(ctx, &claimed[0], err)
	return receipt, err
}

// try hands a message to its channel, whatever is held against the destination.
// asked says whether it came so far.
func (p *poster) try(ctx context.Context, claimed []app.Claimed, live app.Live) (receipt dispatch.Receipt, asked bool, err error) {
	channel := claimed[0].Delivery.Channel
	c, ok := p.channels[channel]
	if !ok {
		return dispatch.Receipt{}, false, &dispatch.Failure{
			Code: "no_channel", Final: true, Alone: true, Next: "This Bellhop cannot deliver to " + channel.String() + ".",
		}
	}
	m, err := p.message(ctx, claimed)
	if err != nil {
		return dispatch.Receipt{}, false, err
	}
	if live.Ref != "" {
		m.Edit, m.Events = live.Ref, live.With(m.Events)
	}
	receipt, err = c.Send(ctx, m)
	err = named(err, m.Destination)
	f, failed := errors.AsType[*dispatch.Failure](err)
	if problem, ours := errors.AsType[*app.Problem](err); failed && ours && f.Answer == "" {
		said := *f // what is wrong with the configuration, say
		said.Answer = problem.Message
		err = &said
	}
	return receipt, true, err
}

func isOpen(s webhook.State, now time.Time) bool {
	_, open, _ := webhook.Open(s, now)
	return open
}

func stateOf(d app.Destination) webhook.State {
	return webhook.State{
		Status: webhook.Status(d.State), FirstError: d.FirstError, LastError: d.LastError, Note: d.Note, Warned: d.Warned,
	}
}

// judge keeps the state of a webhook's endpoint, as DefectDojo has it. One that
// is switched off for good keeps what waits for it. Several workers may come at
// the same time, each with the state that it began with.
func (p *poster) judge(ctx context.Context, c app.Claimed, err error) error {
	p.judging.Lock()
	defer p.judging.Unlock()
	d, before := c.Destination, stateOf(c.Destination)
	if err != nil || before != (webhook.State{}) {
		d = p.asStored(ctx, &c)
		before = stateOf(d)
	}
	if trial, open, _ := webhook.Open(before, p.now()); open {
		before = trial
	}
	after, notice := webhook.Next(before, err, p.now())
	if after != stateOf(d) {
		p.keepState(ctx, &c, d, after)
	}
	if err == nil {
		return nil
	}
	f := dispatch.FailureOf(err)
	switch notice {
	case webhook.NoticeDisabled:
		copied := *f
		copied.Final, copied.Disable = true, true
		copied.Next = strings.TrimSpace(f.Next + " " + d.Name + " is switched off, and what comes for it is kept: mend it, then say `bellhop channels edit " + app.Quoted(d.Name) + " --on`.")
		if f.Final && f.Alone {
			copied.Next += " This message is sent again by `bellhop resend " + string(c.Delivery.ID) + "` then."
		}
		return &copied
	case webhook.NoticeWarning:
		p.tell(ctx, c.Delivery, "The webhook "+d.Name+" will be switched off", "It has failed since "+clock(after.FirstError, p.now())+": "+after.Note+
			". It is switched off if it still fails after "+clock(webhook.Until(after), p.now())+"; what comes for it is kept.", string(notice))
	case webhook.NoticeNone:
	}
	if _, open, at := webhook.Open(after, p.now()); !open && !at.IsZero() {
		copied := *f // it rests, and what is next on the lane need not find out
		copied.After = max(f.After, at.Sub(p.now()))
		return &copied
	}
	return f
}

// message is what a channel needs of the deliveries.
func (p *poster) message(ctx context.Context, claimed []app.Claimed) (dispatch.Message, error) {
	first := &claimed[0]
	w, err := p.engine.World(ctx, first.Delivery.Account)
	if err != nil {
		return dispatch.Message{}, err
	}
	m := dispatch.Message{
		ID: string(first.Delivery.ID), Attempt: first.Delivery.Attempts, At: first.Delivery.Created,
		To: first.Person, Destination: first.Destination, Site: w.site(), Team: w.team, Version: w.account.Server,
		Events: make([]app.Event, len(claimed)), Held: wasHeld(&first.Delivery),
	}
	if first.Delivery.Channel == app.ChannelMail && m.To.ID != 0 {
		m.To.Email = w.Mailbox(&m.To, &m.Destination)
	}
	for i := range claimed {
		m.Events[i] = *claimed[i].Event
	}
	config, secrets, err := p.transport(ctx, &w, first.Delivery.Channel, first.Destination, first.Person.ID)
	if err != nil {
		return dispatch.Message{}, err
	}
	m.Config, m.Secrets = config, secrets
	return m, nil
}

// toast shows the alerts of the deliveries that are still in the list. A toast
// that cannot be shown is not tried again: the number in the tray tells the
// same.
func (p *poster) toast(ctx context.Context, claimed []app.Claimed) (dispatch.Receipt, error) {
	alerts := make([]app.Alert, 0, len(claimed))
	for _, c := range claimed {
		a := c.Event.Alert
		if a.ID == 0 { // told without a row in the inbox
			a = app.Alert{Title: c.Event.Call.Title, Description: c.Event.Call.Description, Source: c.Event.Kind.Source()}
		} else if a.Removal != nil {
			continue // gone before it could be announced
		}
		alerts = append(alerts, a)
	}
	if len(alerts) == 0 {
		return dispatch.Receipt{Answer: "not shown: gone before it could be"}, nil
	}
	kept, err := p.announce.Announce(ctx, alerts)
	switch {
	case errors.Is(err, toast.ErrNoDaemon):
		return dispatch.Receipt{Answer: "not shown: nothing on this desktop shows notifications"}, nil
	case err != nil && ctx.Err() == nil:
		p.log.InfoContext(ctx, "a toast was not shown", "error", err)
		return dispatch.Receipt{Answer: "not shown: the desktop refused it"}, nil
	case err != nil:
		return dispatch.Receipt{}, err
	default:
		return dispatch.Receipt{Answer: kept}, nil
	}
}

// Allowed asks once more whether the person may see the event.
func (p *poster) Allowed(ctx context.Context, c *app.Claimed) (bool, string, error) {
	if c.Delivery.Person == 0 {
		return true, "", nil
	}
	w, err := p.engine.World(ctx, c.Delivery.Account)
	if err != nil {
		return false, "", err
	}
	if w.MaySee(c.Event, c.Delivery.Person) {
		return true, "", nil
	}
	return false, "The person may not see this any more.", nil
}

// Failed tells the user of a delivery that needs her, by an alert in the inbox,
// once for each destination and day.
func (p *poster) Failed(ctx context.Context, c app.Claimed, f *dispatch.Failure, o app.Outcome) {
	next := o.Next
	if next == "" {
		next = "See `bellhop deliveries --dead`."
	}
	to, title := placeName(&c), ""
	switch {
	case f.Disable:
		title = to + " was switched off"
	case o.State == app.DeliveryWaiting:
		title = "What goes to " + to + " waits until somebody acts"
	default:
		title = "A message to " + to + " could not be delivered"
	}
	reason := f.Code
	if f.Disable { // once for each time that it happens: somebody may have mended it in between
		reason += " " + p.now().UTC().Format("15:04")
	}
	p.tell(ctx, c.Delivery, title, fmt.Sprintf("%q: %s. %s", c.Event.Call.Title, f.Code, next), reason)
}

// tell puts an alert about a delivery into the inbox, one for each lane, reason
// and day.
func (p *poster) tell(ctx context.Context, d app.Delivery, title, text, reason string) {
	event := app.Event{
		Account: d.Account, Origin: app.OriginLocal, Kind: app.KindIntegration, At: p.now(),
		Key: fmt.Sprintf(app.TroubleKey+"%s %s %s", d.Lane, reason, p.now().UTC().Format(time.DateOnly)),
		Call: app.Call{
			Kind: app.KindIntegration, Title: title, Description: text, Icon: "exclamation-triangle", AlertOnly: true,
		},
	}
	me, err := p.store.Me(ctx, d.Account)
	if err == nil {
		event.Call.Recipients = []string{me.Username}
		_, err = p.store.RecordEvents(ctx, []app.Event{event}, nil)
	}
	if err != nil {
		p.log.WarnContext(ctx, "a failed delivery was not told", "error", err)
	}
}
