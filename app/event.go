package app

import (
	"strings"
	"time"
)

// Origin is a way by which an event came in.
type Origin string

// The origins of events.
const (
	OriginAlert   Origin = "alert"   // an alert in the list of a DefectDojo server
	OriginWebhook Origin = "webhook" // DefectDojo's own webhook, on our listener
	OriginDerived Origin = "derived" // computed from the server's objects
	OriginLocal   Origin = "local"   // the command line or the socket
)

// Event is a new fact that has to be routed once. It is the queue between
// where facts come from and where they are delivered.
type Event struct {
	ID      int64     `json:"id"`
	Account AccountID `json:"account,omitempty"` // 0 = this machine
	Origin  Origin    `json:"origin"`
	// Key makes recording idempotent within account and origin; never empty
	// once stored.
	Key string    `json:"key,omitempty"`
	At  time.Time `json:"at"`
	// Kind is Call.Kind, kept apart so that a queue can be read without the
	// rest.
	Kind Kind `json:"kind"`
	Call Call `json:"call"`
	// Alert is the row in the inbox that stands for the event: the server's of
	// OriginAlert, else the one that routing made; zero where there is none.
	Alert Alert `json:"alert,omitzero"`
	// History is true for what was so before Bellhop first looked: it is
	// stored and tells nobody.
	History bool `json:"history,omitempty"`
	// Same is the event that told the same fact first; 0 where this one did.
	Same int64 `json:"same,omitempty"`
}

// TroubleKey begins the key of an event that tells of deliveries that need the
// user.
const TroubleKey = "undelivered "

// AlwaysListed says whether the event is in the list of alerts whatever the
// settings say: it tells of deliveries that need the user, and nothing else
// would.
func (e *Event) AlwaysListed() bool {
	return e.Origin == OriginLocal && e.Kind == KindIntegration && strings.HasPrefix(e.Key, TroubleKey)
}

// Routed is what routing made of one event.
type Routed struct {
	Event      int64
	Decisions  []Decision
	Deliveries []Delivery
	// Alert is the row for the inbox where one is due and no server keeps it;
	// its ID is 0.
	Alert *Remote
	// Told is the event as it was read to be routed, which saves the claims that
	// follow from reading it again; nil = they do. It is not changed after.
	Told *Event
}

// EventFilter asks for a page of events, newest first. The zero value asks for
// the newest of every account.
type EventFilter struct {
	Account AccountID // 0 = every account
	Kind    Kind      // "" = any
	Since   time.Time // of [Event.At]; zero = from the first
	Until   time.Time // before this one; zero = to the last
	After   int64     // only ids below this one; 0 = from the newest
	Limit   int       // 0 = 50; at most 1000
}
