package program

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/app/dispatch/render"
)

// factStore is what the engine asks of the store.
type factStore interface {
	Changes() *app.Changes
	Account(ctx context.Context, id app.AccountID) (app.Account, error)
	Setting(ctx context.Context, key string) (string, error)
	Facts(ctx context.Context, account app.AccountID) (app.Facts, error)
	FactsForMe(ctx context.Context, account app.AccountID) (app.Facts, error)
	Told(ctx context.Context, first int64) ([]app.Decision, error)
}

// engine holds, for each account, the realm that its events are decided in. A
// realm is made again, beside the old one, once something that it rests on has
// changed.
type engine struct {
	store factStore
	// trump are the events whose system row counts for a recipient too, given
	// by the environment; nil = as the setting says.
	trump []app.Kind
	ids   deliveryIDs
	// deciding is held from where events are decided until that is stored.
	deciding sync.Mutex

	mu     sync.Mutex
	worlds map[app.AccountID]realm
	age    uint64 // the count of changes at which the worlds were made
}

// realm is what is decided in, and for whom the bell rings.
type realm struct {
	*dispatch.World
	facts app.Facts
	me    app.PersonID
	// account and team are what texts say of where the events come from.
	account app.Account
	team    string
}

// site is the address that paths in an event's texts are put behind.
func (r *realm) site() string {
	if r.account.Local() {
		return ""
	}
	return r.account.URL
}

// World returns the account's realm as of the last change: whoever was told that
// settings or access are different now is decided for by them.
func (e *engine) World(ctx context.Context, account app.AccountID) (realm, error) {
	age := e.store.Changes().Count(app.TopicFacts, app.TopicSettings, app.TopicState)
	e.mu.Lock()
	if e.age != age {
		clear(e.worlds)
		e.age = age
	}
	w, known := e.worlds[account]
	e.mu.Unlock()
	if known {
		return w, nil
	}
	mode, err := e.store.Setting(ctx, app.SettingEngineMode)
	if err != nil {
		return realm{}, err
	}
	read := e.store.Facts
	if app.Mode(mode) == app.ModeMe {
		read = e.store.FactsForMe // whatever the size of the team
	}
	facts, err := read(ctx, account)
	if err != nil {
		return realm{}, fmt.Errorf("read the facts of account %d: %w", account, err)
	}
	if e.trump != nil {
		facts.Trump = e.trump
	}
	w = realm{World: dispatch.New(facts), facts: facts}
	var err1, err2 error
	w.account, err1 = e.store.Account(ctx, account)
	w.team, err2 = e.store.Setting(ctx, app.SettingTeam)
	if err := errors.Join(err1, err2); err != nil {
		return realm{}, fmt.Errorf("read account %d: %w", account, err)
	}
	for _, p := range facts.People {
		if p.Me {
			w.me = p.ID
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.age != age {
		return w, nil // something has changed while the facts were read
	}
	if e.worlds == nil {
		e.worlds = make(map[app.AccountID]realm)
	}
	e.worlds[account] = w
	return w, nil
}

// Route decides an event: who is told, by which deliveries, and whether the
// inbox gets a row of our own.
func (e *engine) Route(ctx context.Context, event *app.Event, now time.Time) (app.Routed, error) {
	routed := app.Routed{Event: event.ID}
	if event.History {
		return routed, nil
	}
	w, err := e.World(ctx, event.Account)
	if err != nil {
		return routed, err
	}
	if routed.Decisions, err = e.decide(ctx, w, event); err != nil {
		return routed, err
	}
	leaving := 0
	for _, d := range routed.Decisions {
		if d.Channel != app.ChannelAlert {
			leaving++
		}
	}
	routed.Deliveries = slices.Grow(routed.Deliveries, leaving) // may be tens of thousands
	groups := [2]string{groupOf(event, false), groupOf(event, true)}
	soonest := now
	if dispatch.Severity(event) == app.SeverityCritical {
		soonest = now.Add(-app.Ahead)
	}
	mailLane := laneOf(event.Account, app.Decision{Channel: app.ChannelMail})
	for _, d := range routed.Decisions {
		if d.Channel == app.ChannelAlert {
			if d.Person == w.me && event.Origin != app.OriginAlert && routed.Alert == nil {
				routed.Alert = w.alert(event)
			}
			continue
		}
		state, due := app.DeliveryWaiting, soonest
		if d.Held {
			state, due = app.DeliveryHeld, w.HeldUntil(event, d.Person, d.Channel, now)
		}
		lane, group := mailLane, groups[0]
		if d.Held {
			group = groups[1]
		}
		if d.Channel == app.ChannelMail && d.Destination == 0 {
			group = ofPerson(group, d.Person)
		} else {
			lane = laneOf(event.Account, d)
		}
		routed.Deliveries = append(routed.Deliveries, app.Delivery{
			ID: e.ids.next(now), Event: event.ID, Account: event.Account, Person: d.Person, Channel: d.Channel,
			Destination: d.Destination, Lane: lane, Group: group, State: state, Due: due, Created: now,
		})
	}
	if routed.Alert == nil && event.AlwaysListed() {
		routed.Alert = w.alert(event)
	}
	return routed, nil
}

// decide asks the world. Of what another source told before, only those are told
// whom that left out.
func (e *engine) decide(ctx context.Context, w realm, event *app.Event) ([]app.Decision, error) {
	if event.Same == 0 {
		return w.Decide(event), nil
	}
	before, err := e.store.Told(ctx, event.Same)
	if err != nil {
		return nil, err
	}
	type way struct {
		person  app.PersonID
		channel app.Channel
	}
	told := make(map[way]bool, len(before))
	for _, d := range before {
		told[way{d.Person, d.Channel}] = told[way{d.Person, d.Channel}] || d.Yes
	}
	alone := *event
	alone.Same = 0
	return slices.DeleteFunc(w.Decide(&alone), func(d app.Decision) bool { return told[way{d.Person, d.Channel}] }), nil
}

// alert is the inbox's row for an event that no server keeps.
func (r *realm) alert(event *app.Event) *app.Remote {
	text := render.Alert(render.Input{Call: &event.Call, At: event.At, Site: r.site()})
	return &app.Remote{
		Title: text.Title, Description: text.Description, URL: text.URL, Source: text.Source, Icon: text.Icon, Created: event.At,
	}
}

// laneOf names the queue of a decision's delivery: one for each place, so that
// a slow one delays no other. Mail to people shares the lane of its server.
func laneOf(account app.AccountID, d app.Decision) string {
	switch {
	case d.Channel == app.ChannelToast:
		return d.Channel.String()
	case d.Destination != 0:
		return d.Channel.String() + " " + strconv.FormatInt(int64(d.Destination), 10)
	case d.Channel == app.ChannelMail:
		return d.Channel.String() + " account " + strconv.FormatInt(int64(account), 10)
	default:
		return d.Channel.String() + " person " + strconv.FormatInt(int64(d.Person), 10)
	}
}

// groupOf names what may be told together in a storm: the same event on the
// same product. What is critical is told by itself, and is no message of the group
// of which the others would have to wait. What quiet hours hold is one group, which
// is told when they end.
func groupOf(event *app.Event, held bool) string {
	if held {
		return "held"
	}
	group := string(event.Kind) + "\x1f"
	if dispatch.Severity(event) == app.SeverityCritical {
		group += app.SeverityCritical + "\x1f"
	}
	if p := event.Call.Product; p != nil {
		group += p.Name
	}
	return group
}

// ofPerson is a group where people share a lane: each is told by herself.
func ofPerson(group string, person app.PersonID) string {
	return group + "\x1f" + strconv.FormatInt(int64(person), 10)
}
