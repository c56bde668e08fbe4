package ui

import (
	"context"

	"bellhop/app"
)

// Engine is what the windows read of who is told what. Like [Inbox] it is asked
// from any goroutine but that of the user interface; nothing of it is read
// before somebody looks at it.
type Engine interface {
	// Rules returns what the notification settings of an account are made of,
	// for a person; 0 is who signed in.
	Rules(ctx context.Context, account app.AccountID, person app.PersonID) (Rules, error)
	// People returns the first people who have a text in their names, and
	// whether there are more of them.
	People(ctx context.Context, account app.AccountID, text string, limit int) ([]app.Person, bool, error)
	// Deliveries returns a page, newest first.
	Deliveries(ctx context.Context, f app.DeliveryFilter) (DeliveryPage, error)
	// DeliveryCounts returns how many deliveries each channel has.
	DeliveryCounts(ctx context.Context) (DeliveryCounts, error)
	// Attempts returns the tries of a delivery, the first one first.
	Attempts(ctx context.Context, id app.DeliveryID) ([]app.Attempt, error)
	// Silences returns a page, newest first.
	Silences(ctx context.Context, f app.SilenceFilter) (SilencePage, error)
	// SilencesInForce returns how many silences hold something now.
	SilencesInForce(ctx context.Context) (int, error)
	// Preview says what a silence, which need not be stored, would have held
	// lately.
	Preview(ctx context.Context, s app.Silence) (Preview, error)
	// Why says for each channel why an alert was sent through it or not.
	Why(ctx context.Context, alert app.AlertID) ([]Reason, error)
}

// Keeper is the part of [Bell] that changes who is told what, and what leaves.
type Keeper interface {
	// PutPreference stores a row of settings that was made from its Version; a
	// row that was changed meanwhile is [app.ErrConflict].
	PutPreference(ctx context.Context, p app.Preference) (app.Preference, error)
	DropPreference(ctx context.Context, p app.Preference) error
	// Resend lets deliveries wait again: those named, or all that need somebody
	// to act.
	Resend(ctx context.Context, ids []app.DeliveryID, dead bool) (int, error)
	// TestDestination sends a real message and says how it went. Where it is taken,
	// what has switched the destination off is forgiven, and what waits leaves.
	TestDestination(ctx context.Context, id app.DestinationID) (app.Tested, error)
	// PauseOutbox keeps everything but toasts from leaving, or lets it leave.
	PauseOutbox(ctx context.Context, paused bool) error
	// AddSilence begins a silence now.
	AddSilence(ctx context.Context, s app.Silence) (app.Silence, error)
	// EndSilence ends one, and lets go what nothing else holds.
	EndSilence(ctx context.Context, id app.SilenceID) (app.SilenceEnded, error)
}

// Rules are the notification settings that one person can see and change.
type Rules struct {
	// Me is the person who signed in; her ID is 0 where nobody is known.
	Me app.Person
	// Of is the person whose own rows these are: Me, or who was asked for.
	Of app.Person
	// Local are Bellhop's own rows, Server those that the server keeps: the
	// system row, the template, and Of's.
	Local, Server []app.Preference
	Products      []app.Product
	Types         []app.ProductType
	// Destinations are Of's, Me's and the shared ones.
	Destinations []app.Destination
	// Settings are all settings by key, defaults filled in.
	Settings map[string]string
	// People is how many people of the server are known.
	People int
}

// DeliveryLine is a delivery with the words that tell it.
type DeliveryLine struct {
	app.Delivery
	Title string // of the event
	To    string // the person or the shared place, "" where it is gone
	Off   bool   // its destination is switched off, by somebody or after failures
	Fails bool   // it is off after failures alone, so that a test that is taken lets it go on
}

// DeliveryPage is a page of deliveries.
type DeliveryPage struct {
	Lines []DeliveryLine
	Next  app.DeliveryID // what to ask for as After, "" at the end
}

// DeliveryCounts are how many deliveries each channel has.
type DeliveryCounts struct {
	States map[app.Channel]map[app.DeliveryState]int
	// Stopped are those of them that wait until somebody acts; of the channels in
	// More there can be more than were counted.
	Stopped map[app.Channel]int
	More    app.Channels
}

// of returns how many deliveries of a state a channel has; "" is all of either.
func (c DeliveryCounts) of(channel string, state app.DeliveryState) int {
	n := 0
	for ch, states := range c.States {
		if channel != "" && ch.String() != channel {
			continue
		}
		for s, k := range states {
			if state == "" || s == state {
				n += k
			}
		}
	}
	return n
}

// need returns how many deliveries of a channel, "" = of all, do not arrive until
// somebody acts: what [app.DeliveryFilter.NeedsYou] asks for.
func (c DeliveryCounts) need(channel string) tally {
	t := tally{n: c.of(channel, app.DeliveryDead)}
	for ch, k := range c.Stopped {
		if channel == "" || ch.String() == channel {
			t.n += k
			t.more = t.more || c.More.Has(ch)
		}
	}
	return t
}

// tally is a number of which more can be than were counted.
type tally struct {
	n    int
	more bool
}

// String is "12", or "12+" where there can be more.
func (t tally) String() string {
	if t.more {
		return number(t.n) + "+"
	}
	return number(t.n)
}

// SilenceLine is a silence with the words that tell it.
type SilenceLine struct {
	app.Silence
	For string // the person, "" for everybody and the shared places
}

// SilencePage is a page of silences.
type SilencePage struct {
	Lines          []SilenceLine
	Next           app.SilenceID // what to ask for as After, 0 at the end
	InForce, Ended int           // of all
}

// Preview is what a silence would have held in the days before now, by what was
// decided then. Alerts are not counted: no silence holds them.
type Preview struct {
	Days     int // it looks back
	Messages int // that were decided to be sent
	Held     int // of those, that it would have held
	Passed   int // of those, that it would have let out, being critical
	Events   int // that it would have held something of
	Channels [app.NumChannels]int
	Titles   []string // of the newest of the events
	Cut      bool     // there were more events than are looked at; these are the newest
}

// Reason is why one person, or a shared place, was told of an alert through a
// channel or not.
type Reason struct {
	Of      app.PersonID // 0 = the shared places
	Person  string
	Channel app.Channel
	To      string // the destination, "" for none in particular
	Yes     bool
	Held    bool
	Words   []string
}

// noEngine is an engine that knows nothing.
type noEngine struct{}

func (noEngine) Rules(context.Context, app.AccountID, app.PersonID) (Rules, error) {
	return Rules{}, nil
}

func (noEngine) People(context.Context, app.AccountID, string, int) ([]app.Person, bool, error) {
	return nil, false, nil
}

func (noEngine) Deliveries(context.Context, app.DeliveryFilter) (DeliveryPage, error) {
	return DeliveryPage{}, nil
}

func (noEngine) DeliveryCounts(context.Context) (DeliveryCounts, error) {
	return DeliveryCounts{}, nil
}

func (noEngine) Silences(context.Context, app.SilenceFilter) (SilencePage, error) {
	return SilencePage{}, nil
}

func (noEngine) SilencesInForce(context.Context) (int, error)                    { return 0, nil }
func (noEngine) Preview(context.Context, app.Silence) (Preview, error)           { return Preview{}, nil }
func (noEngine) Attempts(context.Context, app.DeliveryID) ([]app.Attempt, error) { return nil, nil }
func (noEngine) Why(context.Context, app.AlertID) ([]Reason, error)              { return nil, nil }
