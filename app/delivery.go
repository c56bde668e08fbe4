package app

import "time"

// DeliveryID names a delivery: 26 characters of digits and capital letters
// (Crockford's base 32 of a time and 80 random bits). It is the webhook id and
// the left side of the mail's Message-ID, so that whoever gets a message twice
// can tell.
type DeliveryID string

// DeliveryState is how far a delivery has come.
type DeliveryState string

// The states of a delivery.
const (
	DeliveryWaiting DeliveryState = "waiting" // due now or later
	DeliveryHeld    DeliveryState = "held"    // quiet hours, a silence or a pause keep it; it comes later, in one summary
	DeliverySent    DeliveryState = "sent"    // the other side took it
	DeliveryDead    DeliveryState = "dead"    // it cannot be delivered until someone acts
	DeliveryDropped DeliveryState = "dropped" // the person may not see it any more, or the destination is gone
)

// Delivery is one message on its way: one event for one person, or for a shared
// place, through one channel to one destination.
type Delivery struct {
	ID          DeliveryID    `json:"id"`
	Event       int64         `json:"event"`
	Account     AccountID     `json:"account,omitempty"`
	Person      PersonID      `json:"person"`
	Channel     Channel       `json:"channel"`
	Destination DestinationID `json:"destination,omitempty"`
	// Lane is the queue: deliveries of one lane leave in their order, and a
	// lane that fails delays no other.
	Lane string `json:"lane"`
	// Group is what may become one message in a storm: product and kind.
	Group string        `json:"group,omitempty"`
	State DeliveryState `json:"state"`
	Due   time.Time     `json:"due"` // not before
	// Attempts counts the tries since it was last sent again by hand; a digest
	// counts once for each member, and a try whose end nobody saw not at all.
	Attempts int       `json:"attempts"`
	Created  time.Time `json:"created"`
	// Resent is when somebody had it sent again; the back-off begins there.
	Resent  time.Time `json:"resent,omitzero"`
	Settled time.Time `json:"settled,omitzero"` // when it was sent, died or was dropped
	// Digest is the delivery in whose message this one went out, where several
	// became one; of one that waits, the message that may have arrived already.
	Digest DeliveryID `json:"digest,omitempty"`
	// Status, Code and Answer are of the last attempt.
	Status int    `json:"status,omitempty"`
	Code   string `json:"code,omitempty"`
	Answer string `json:"answer,omitempty"`
	Next   string `json:"next,omitempty"` // what the user can do, of a dead one
	Ref    string `json:"ref,omitempty"`  // by which the other side lets it be edited
	// Stopped says why it does not leave, also when it is sent again, until somebody
	// acts; nil where nothing stands in its way.
	Stopped *Stop `json:"stopped,omitempty"`
}

// Stop is why nothing leaves for a destination until somebody acts, and what to
// do.
type Stop struct {
	Reason string `json:"reason"`
	Next   string `json:"next"`
}

// Attempt is one try to deliver. It is written before the network is touched;
// one without an end was cut off.
type Attempt struct {
	Delivery DeliveryID `json:"delivery"`
	N        int        `json:"n"`
	Begun    time.Time  `json:"begun"`
	// Took is 0 while the attempt runs, or where it was cut off.
	Took   time.Duration `json:"took,omitempty"`
	Status int           `json:"status,omitempty"`
	Code   string        `json:"code,omitempty"` // "" = taken
	Answer string        `json:"answer,omitempty"`
}

// Outcome is how an attempt ended, as the store keeps it.
type Outcome struct {
	ID    DeliveryID
	State DeliveryState
	Due   time.Time // of a delivery that waits again
	Took  time.Duration
	// Digest is set where the message stood for several deliveries.
	Digest       DeliveryID
	Status       int
	Code, Answer string
	Next, Ref    string
	// LaneDue holds the whole lane until then; zero ends a hold that has an end.
	LaneDue time.Time
}

// Bound says in which message a claimed delivery is about to leave: that of the
// delivery Digest, which may be itself.
type Bound struct{ ID, Digest DeliveryID }

// Claimed is a delivery that is being sent, with what a channel needs to know.
type Claimed struct {
	Delivery    Delivery
	Event       *Event // never nil; shared, and not to be changed
	Person      Person
	Destination Destination
}

// Lane is a queue of deliveries in which something waits, or that is held.
type Lane struct {
	Key     string
	Channel Channel
	First   time.Time // when its first delivery is due; zero where none waits
	Held    time.Time // the end of its hold; zero = it has none, or had one
}

// Due is when the lane's first delivery may leave.
func (l *Lane) Due() time.Time {
	if l.Held.After(l.First) {
		return l.Held
	}
	return l.First
}

// Ahead is by how much what cannot wait is due before it was decided, so that it is
// first on its lane whatever waits there.
const Ahead = 7 * 24 * time.Hour

// DeliveryFilter asks for deliveries, newest first.
type DeliveryFilter struct {
	Event   int64
	Alert   AlertID
	Channel string // "" = any
	State   DeliveryState
	// Destination asks for those to one destination; 0 = any.
	Destination DestinationID
	Since       time.Time
	After       DeliveryID
	Limit       int // 0 = 50
	// NeedsYou asks for those that do not arrive until somebody acts: the dead, and
	// what waits behind a destination that is switched off.
	NeedsYou bool
}
