package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/store"
	"bellhop/ui"
)

var _ ui.Engine = (*inbox)(nil)

// Rules is for [ui.Engine].
func (i *inbox) Rules(ctx context.Context, account app.AccountID, person app.PersonID) (ui.Rules, error) {
	return look(ctx, i, func(s *store.Store) (out ui.Rules, err error) {
		if out.Me, err = s.Me(ctx, account); errors.Is(err, app.ErrNotFound) {
			return ui.Rules{}, nil
		}
		if err != nil {
			return out, err
		}
		if out.Of = out.Me; person != 0 && person != out.Me.ID {
			if out.Of, err = s.PersonWithID(ctx, account, person); err != nil {
				return out, err
			}
		}
		mine := func(owner app.Owner) ([]app.Preference, error) {
			rows, err := s.Preferences(ctx, account, owner)
			return slices.DeleteFunc(rows, func(p app.Preference) bool { return p.Person != 0 && p.Person != out.Of.ID }), err
		}
		if out.Local, err = mine(app.OwnerLocal); err != nil {
			return out, err
		}
		if out.Server, err = mine(app.OwnerServer); err != nil {
			return out, err
		}
		if out.Products, err = s.Products(ctx, account); err != nil {
			return out, err
		}
		if out.Types, err = s.ProductTypes(ctx, account); err != nil {
			return out, err
		}
		places, err := s.Destinations(ctx, account)
		if err != nil {
			return out, err
		}
		out.Destinations = slices.DeleteFunc(places, func(d app.Destination) bool { return d.Person != 0 && d.Person != out.Of.ID && d.Person != out.Me.ID })
		if out.Settings, err = s.Settings(ctx); err != nil {
			return out, err
		}
		if out.People = 1; out.Settings[app.SettingEngineMode] == string(app.ModeEveryone) {
			all, err := s.People(ctx, account)
			if err != nil {
				return out, err
			}
			out.People = len(all)
		}
		return out, nil
	})
}

// People is for [ui.Engine].
func (i *inbox) People(ctx context.Context, account app.AccountID, text string, limit int) (list []app.Person, more bool, err error) {
	_, err = look(ctx, i, func(s *store.Store) (none struct{}, err error) {
		list, more, err = s.PeopleLike(ctx, account, text, limit)
		return none, err
	})
	return list, more, err
}

// Deliveries is for [ui.Engine].
func (i *inbox) Deliveries(ctx context.Context, f app.DeliveryFilter) (ui.DeliveryPage, error) {
	return look(ctx, i, func(s *store.Store) (out ui.DeliveryPage, err error) {
		list, next, err := s.Deliveries(ctx, f)
		if err != nil {
			return out, err
		}
		out.Next = next
		n := i.words(s)
		for _, d := range list {
			line := ui.DeliveryLine{Delivery: d}
			if line.Title, err = n.title(ctx, d.Event); err != nil {
				return out, err
			}
			if line.To, err = n.receiver(ctx, d); err != nil {
				return out, err
			}
			place := n.known[d.Account].places[d.Destination]
			line.Off = place.Off || place.State == closedForGood
			line.Fails = line.Off && !place.Off
			out.Lines = append(out.Lines, line)
		}
		return out, nil
	})
}

// DeliveryCounts is for [ui.Engine].
func (i *inbox) DeliveryCounts(ctx context.Context) (ui.DeliveryCounts, error) {
	return look(ctx, i, func(s *store.Store) (out ui.DeliveryCounts, err error) {
		if out.States, err = s.DeliveryCounts(ctx); err == nil {
			out.Stopped, out.More, err = s.StoppedCounts(ctx)
		}
		return out, err
	})
}

// Attempts is for [ui.Engine].
func (i *inbox) Attempts(ctx context.Context, id app.DeliveryID) ([]app.Attempt, error) {
	return look(ctx, i, func(s *store.Store) ([]app.Attempt, error) { return s.Attempts(ctx, id) })
}

// mostReceivers is for how many people and shared places a window explains an
// alert; the command line does so for everybody.
const mostReceivers = 12

// Why is for [ui.Engine]. What was decided when the event came is told by the
// rules that decided then; the rest by the rules as they are now.
func (i *inbox) Why(ctx context.Context, alert app.AlertID) ([]ui.Reason, error) {
	return look(ctx, i, func(s *store.Store) ([]ui.Reason, error) {
		e, err := s.EventOfAlert(ctx, alert)
		if errors.Is(err, app.ErrNotFound) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		then, err := s.Decisions(ctx, e.ID)
		if err != nil {
			return nil, err
		}
		facts, err := s.FactsForMe(ctx, e.Account)
		if err == nil && facts.Mode == app.ModeEveryone {
			facts, err = s.Facts(ctx, e.Account)
		}
		if err != nil {
			return nil, err
		}
		return reasons(&e, facts, then), nil
	})
}

// reasons puts decisions about an event into words: first those about the
// person who signed in, then those about whom else was told.
func reasons(e *app.Event, facts app.Facts, then []app.Decision) []ui.Reason {
	world, n := dispatch.New(facts), newNames(facts.People, facts.Destinations)
	var whom []app.PersonID
	for _, p := range facts.People {
		if p.Me {
			whom = append(whom, p.ID)
		}
	}
	for _, d := range then {
		if !slices.Contains(whom, d.Person) && len(whom) < mostReceivers {
			whom = append(whom, d.Person)
		}
	}
	var out []ui.Reason
	for _, person := range whom {
		told := slices.DeleteFunc(slices.Clone(then), func(d app.Decision) bool { return d.Person != person })
		for _, d := range told {
			out = append(out, n.reason(world, e, d))
		}
		for _, d := range world.Explain(e, person) {
			if slices.ContainsFunc(told, func(x app.Decision) bool { return x.Channel == d.Channel }) {
				continue
			}
			r := n.reason(world, e, d)
			switch {
			case world.Forced(e, d):
				r.Yes = true
			case d.Yes:
				r.Yes, r.Held = false, false
				r.Words = append(r.Words, "So it is decided now; when it came, it was not.")
			}
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b ui.Reason) int {
		return cmp.Or(cmp.Compare(slices.Index(whom, a.Of), slices.Index(whom, b.Of)), cmp.Compare(a.Channel, b.Channel))
	})
	return out
}

// reason puts one decision into words.
func (n names) reason(w *dispatch.World, e *app.Event, d app.Decision) ui.Reason {
	who := "The shared places"
	if d.Person != 0 {
		who = cmp.Or(n.people[d.Person].Username, fmt.Sprintf("Somebody who is gone (person %d)", d.Person))
	}
	to := n.places[d.Destination].Name
	if to == "" && d.Destination != 0 {
		to = fmt.Sprintf("a destination that was removed (%d)", d.Destination)
	}
	return ui.Reason{
		Of: d.Person, Person: who, Channel: d.Channel, To: to,
		Yes: d.Yes, Held: d.Held, Words: dispatch.Words(w, e, d),
	}
}

// wording finds the names of events, people and places for one page, each once.
type wording struct {
	i      *inbox
	s      *store.Store
	titles map[int64]string
	known  map[app.AccountID]names
}

func (i *inbox) words(s *store.Store) *wording {
	return &wording{i: i, s: s, titles: map[int64]string{}, known: map[app.AccountID]names{}}
}

// title returns what an event is called, "" for one that is gone.
func (w *wording) title(ctx context.Context, id int64) (string, error) {
	if t, ok := w.titles[id]; ok {
		return t, nil
	}
	e, err := w.s.Event(ctx, id)
	if err != nil && !errors.Is(err, app.ErrNotFound) {
		return "", err
	}
	t := cmp.Or(e.Call.Title, e.Alert.Title)
	w.titles[id] = t
	return t, nil
}

// receiver returns to whom a delivery goes (the destination, else the person by
// the address of the channel), "" for nobody any more.
func (w *wording) receiver(ctx context.Context, d app.Delivery) (string, error) {
	names, err := w.names(ctx, d.Account)
	if err != nil {
		return "", err
	}
	if place, ok := names.places[d.Destination]; ok {
		return cmp.Or(place.Name, place.Address), nil
	}
	p, ok := names.people[d.Person]
	switch {
	case !ok:
		return "", nil
	case d.Channel == app.ChannelMail && p.Email != "":
		return p.Email, nil
	case d.Channel == app.ChannelSlack && p.Slack != "":
		return p.Slack, nil
	}
	return p.Username, nil
}

// closedForGood is the state of a destination to which nothing is sent until
// somebody opens it again.
const closedForGood = "inactive_permanent"

// names are people and places by id.
type names struct {
	people map[app.PersonID]app.Person
	places map[app.DestinationID]app.Destination
}

func newNames(people []app.Person, places []app.Destination) names {
	n := names{people: make(map[app.PersonID]app.Person, len(people)), places: make(map[app.DestinationID]app.Destination, len(places))}
	for _, p := range people {
		n.people[p.ID] = p
	}
	for _, d := range places {
		n.places[d.ID] = d
	}
	return n
}

// names returns the names of an account's people and places.
func (w *wording) names(ctx context.Context, account app.AccountID) (names, error) {
	if n, ok := w.known[account]; ok {
		return n, nil
	}
	places, err := w.s.Destinations(ctx, account)
	if err != nil {
		return names{}, err
	}
	n := newNames(nil, places)
	if n.people, err = w.i.people(ctx, w.s, account); err != nil {
		return names{}, err
	}
	w.known[account] = n
	return n, nil
}

// crowd are the people of an account, as they were read a moment ago.
type crowd struct {
	account app.AccountID
	at      time.Time
	people  map[app.PersonID]app.Person
}

// crowdKept is how long names are used before they are read anew: with 100,000
// people that takes a moment, and they rarely change.
const crowdKept = time.Minute

func (i *inbox) people(ctx context.Context, s *store.Store, account app.AccountID) (map[app.PersonID]app.Person, error) {
	i.mu.Lock()
	c := i.crowd
	i.mu.Unlock()
	if c.people != nil && c.account == account && time.Since(c.at) < crowdKept {
		return c.people, nil
	}
	list, err := s.People(ctx, account)
	if err != nil {
		return nil, err
	}
	c = crowd{account: account, at: time.Now(), people: newNames(list, nil).people}
	i.mu.Lock()
	i.crowd = c
	i.mu.Unlock()
	return c.people, nil
}
