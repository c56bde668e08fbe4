package app

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// SilenceID names a silence.
type SilenceID int64

// Silence holds messages until its end: about what matches it, on the channels
// that it names. Nothing is lost by one. The list of alerts gets everything at
// once, and what was held comes as one summary.
//
// Every part that is set must match; a list matches where one of its members
// does. A silence without any part matches everything.
type Silence struct {
	ID      SilenceID `json:"id,omitempty"`
	Account AccountID `json:"account,omitempty"` // 0 = this machine
	Person  PersonID  `json:"person,omitempty"`  // 0 = everybody, and the shared places
	// Events are settings or events by their names: scan_added, finding_closed.
	Events   []string `json:"events,omitempty"`
	Products []string `json:"products,omitempty"` // names, whatever their case
	// Severity is the worst that is held: what is worse goes out. What has none
	// matches any.
	Severity string   `json:"severity,omitempty"`
	Text     string   `json:"text,omitempty"`    // occurs in title or description, whatever its case
	Sources  []string `json:"sources,omitempty"` // names, whatever their case
	Tags     []string `json:"tags,omitempty"`    // one of them, whatever their case
	Channels Channels `json:"channels,omitempty"`
	// CriticalPasses lets out what speaks of a critical finding. JSON that does
	// not have it means yes.
	CriticalPasses bool      `json:"critical_passes"`
	Until          time.Time `json:"until"`
	Created        time.Time `json:"created,omitzero"`
	Who            string    `json:"who,omitempty"` // made it
	Note           string    `json:"note,omitempty"`
}

// The bounds of a silence: an end that is in sight, so that a forgotten one
// does not hide everything, and lists that a person has written.
const (
	silenceLongest = 366 * 24 * time.Hour
	silenceWords   = 100 // members of a list
	silenceText    = 500 // characters of a text
)

// UnmarshalJSON reads a silence; one that says nothing about what is critical
// lets it pass.
func (s *Silence) UnmarshalJSON(data []byte) error {
	type plain Silence
	next := plain(*s)
	next.CriticalPasses = true
	if err := json.Unmarshal(data, &next); err != nil {
		return err
	}
	*s = Silence(next)
	return nil
}

// Set returns the channels that s holds: those it names, or all, and never the
// list of alerts.
func (s *Silence) Set() Channels {
	set := s.Channels
	if set == 0 {
		set = AllChannels
	}
	return set &^ ChannelsOf(ChannelAlert)
}

// Check returns a [Problem] that names what in s cannot be used now.
func (s *Silence) Check(now time.Time) error {
	switch {
	case s.Until.IsZero():
		return Invalid("The silence has no end.", "Say for how long, or until when.")
	case !s.Until.After(now):
		return Invalid("The end of the silence lies in the past.", "Give a time to come.")
	case s.Until.After(now.Add(silenceLongest)):
		return Invalid("The silence is longer than a year.", "Switch the events off in the settings instead, or give an earlier end.")
	case s.Severity != "" && !slices.Contains(severityNames, s.Severity):
		return Invalid(fmt.Sprintf("There is no severity %q.", Cut(s.Severity, 40)), "Use one of "+strings.Join(severityNames, ", ")+".")
	case s.Channels.Has(ChannelAlert):
		return Invalid("A silence never holds the list of alerts.", "Name toast, mail, slack, msteams, webhooks or services, or none for all of them.")
	case s.Channels&^AllChannels != 0:
		return Invalid("The silence names a channel that does not exist.", "The channels are: "+ChannelNames()+".")
	}
	for _, name := range s.Events {
		if _, setting := ColumnNamed(name); !setting && !slices.Contains(Kinds, Kind(name)) && Kind(name) != KindIntegration {
			return Invalid(fmt.Sprintf("There is no event %q.", Cut(name, 40)), "Use a setting ("+ColumnNames()+") or the name of an event.")
		}
	}
	for _, list := range [][]string{s.Events, s.Products, s.Sources, s.Tags} {
		if len(list) > silenceWords {
			return Invalid(fmt.Sprintf("The silence has a list of more than %d names.", silenceWords), "Make several silences of it.")
		}
		for _, name := range list {
			if strings.TrimSpace(name) == "" || Cut(name, silenceText) != name {
				return Invalid("A name in the silence is empty or too long.", fmt.Sprintf("Give names of 1 to %d characters.", silenceText))
			}
		}
	}
	if Cut(s.Text, silenceText) != s.Text || Cut(s.Note, silenceText) != s.Note {
		return Invalid("The text or the note of the silence is too long.", fmt.Sprintf("Give at most %d characters.", silenceText))
	}
	return nil
}

// Holds says whether s would hold a message about the event that goes to a
// person (0 = a shared place) through a channel, whenever that is. product is
// the name that the event's product has now, "" for the one that it had.
func (s *Silence) Holds(e *Event, product string, person PersonID, ch Channel) bool {
	return (s.Person == 0 || s.Person == person) && s.Set().Has(ch) && s.Matches(e, product)
}

// Matches says whether an event is what s is about, whenever that is and whoever
// is told. product is as in [Silence.Holds].
func (s *Silence) Matches(e *Event, product string) bool {
	c := &e.Call
	severity := c.Severity()
	if s.CriticalPasses && severity == SeverityCritical {
		return false
	}
	if s.Severity != "" && SeverityRank(severity) > SeverityRank(s.Severity) {
		return false
	}
	kind := e.Kind
	if kind == "" {
		kind = c.Kind
	}
	if product == "" && c.Product != nil {
		product = c.Product.Name
	}
	return among(s.Events, string(kind), kind.Column().String()) && among(s.Products, product) &&
		among(s.Sources, kind.Source(), e.Alert.Source) && among(s.Tags, c.Tags...) &&
		(s.Text == "" || strings.Contains(strings.ToLower(c.Title+"\n"+c.Description), strings.ToLower(s.Text)))
}

// among says whether one of the words that are wanted is there; none that is
// wanted is there always.
func among(want []string, have ...string) bool {
	return len(want) == 0 || slices.ContainsFunc(want, func(w string) bool {
		return w != "" && slices.ContainsFunc(have, func(h string) bool { return strings.EqualFold(w, h) })
	})
}

// SilenceFilter narrows a list of silences.
type SilenceFilter struct {
	Account AccountID // 0 = all
	Ended   bool      // those that have ended; otherwise those in force
	After   SilenceID // only older ones, 0 = from the newest
	Limit   int       // 0 = 50; at most 1000
}

// SilenceEnded is what the end of a silence by hand led to.
type SilenceEnded struct {
	Silence Silence `json:"silence"`
	// LetGo counts the messages that go out now or earlier than before.
	LetGo int `json:"let_go"`
}
