package app

// Decision says whether one person, or a shared place, is told of an event
// through one channel, and by which rules.
type Decision struct {
	Event   int64    `json:"event,omitempty"`
	Person  PersonID `json:"person"` // 0 = the system-wide pass
	Channel Channel  `json:"channel"`
	// Destination is set where the channel has several for the person.
	Destination DestinationID `json:"destination,omitempty"`
	Yes         bool          `json:"yes"`
	// Held is true where the message waits for the end of quiet hours or of a
	// silence.
	Held bool `json:"held,omitempty"`
	// Why are the rules that were asked, in order; the last one decided.
	Why Chain `json:"why"`
}

// Chain is the rules that made a decision, in the order in which they were
// asked: up to twelve, five bits each, the first one lowest. It is compared and
// stored as a number; package dispatch puts it into words.
type Chain uint64

// With returns the chain with one rule more. A chain that is full keeps its
// last rule, which is the one that decided.
func (c Chain) With(rule uint8) Chain {
	for shift := 0; shift < 60; shift += 5 {
		if c>>shift&31 == 0 {
			return c | Chain(rule&31)<<shift
		}
	}
	return c&^(31<<55) | Chain(rule&31)<<55
}

// Rules returns the rules in order.
func (c Chain) Rules() []uint8 {
	var list []uint8
	for ; c != 0; c >>= 5 {
		list = append(list, uint8(c&31))
	}
	return list
}
