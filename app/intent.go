package app

import "time"

// IntentID names an intent in this database.
type IntentID int64

// IntentKind is what the user asked for.
type IntentKind string

// The kinds of intent.
const (
	IntentRemove IntentKind = "remove" // some alerts, named one by one
	IntentClear  IntentKind = "clear"  // everything in the list up to one id
)

// IntentState is how far an intent has come.
type IntentState string

// The states of an intent.
const (
	IntentWaiting IntentState = "waiting" // may still be undone, or waits for the server
	IntentDone    IntentState = "done"    // the server no longer has any of its alerts
	IntentUndone  IntentState = "undone"  // the user took it back in time
	IntentFailed  IntentState = "failed"  // some alerts are back in the list with a reason
)

// Intent is a removal that the user asked for. It is stored in the same
// transaction that hides the alerts and lives until the server agrees.
type Intent struct {
	ID        IntentID    `json:"id"`
	Account   AccountID   `json:"account"`
	Kind      IntentKind  `json:"kind"`
	UpTo      AlertID     `json:"up_to,omitempty"` // for IntentClear
	Count     int         `json:"count"`           // alerts that left the list
	At        time.Time   `json:"at"`
	NotBefore time.Time   `json:"not_before"` // end of the time for undo
	State     IntentState `json:"state"`
	Tries     int         `json:"tries"`
}

// Removed is the answer to a removal: what can be undone, and until when. With
// several accounts a removal makes one intent for each.
type Removed struct {
	Intents   []IntentID `json:"intents"`
	Count     int        `json:"count"`
	UndoUntil time.Time  `json:"undo_until"`
}

// Target is an alert that is to be removed on the server.
type Target struct {
	Alert    AlertID
	RemoteID int64
}

// Plan is what a complete pull would change, so that a suspicious answer can
// be confirmed before it is believed.
type Plan struct {
	Listed   int // alerts in our list before (and not hidden by a removal)
	Received int // alerts in the answer
	New      int // in the answer, unknown to us
	Gone     int // in our list, not in the answer
	// OldestGone is true where what is gone is exactly the oldest part of the
	// list: the mark of the server's own clean-up.
	OldestGone bool
}

// Pulled is what a pull changed.
type Pulled struct {
	New     int // arrived in the list
	Gone    int // left the list because the server dropped them
	Settled int // own removals that the server has now confirmed
	Failed  int // own removals given up; the alerts are back in the list
}

// Apply says how a pull is to be carried out.
type Apply struct {
	// First marks the first pull of an account: what it brings is backlog and
	// makes no events.
	First bool
	// Why is what to write on alerts that the server no longer has; empty
	// means [WhyElsewhere].
	Why Why
	// AdditionsOnly limits the pull to what is new, where a complete answer was not
	// believed.
	AdditionsOnly bool
}
