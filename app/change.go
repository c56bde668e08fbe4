package app

import "sync"

// Topic is a part of the store.
type Topic string

// The topics of the hints.
const (
	TopicAlerts   Topic = "alerts"   // the list, the history or the count
	TopicState    Topic = "state"    // an account or its synchronisation
	TopicSettings Topic = "settings" // a setting, including a pause
	TopicIntents  Topic = "intents"  // a removal waits, was undone, or was settled
	TopicEvents   Topic = "events"   // an event waits to be routed, or was
	TopicFacts    Topic = "facts"    // people, access, notification settings or destinations
	// TopicDeliveries is the ledger: a delivery was added or came further.
	TopicDeliveries Topic = "deliveries"
	// TopicOutbox is for who sends: something more may leave than before.
	TopicOutbox Topic = "outbox"
)

// Hints is a set of topics: "these parts changed, look again". It carries no
// data, so a hint that is lost or merged costs nothing.
type Hints map[Topic]bool

// Changes hands hints from the store to whoever shows or acts on its content.
// The zero value is ready. Publish never blocks: each subscriber has one slot
// in which hints merge until it reads them.
type Changes struct {
	mu    sync.Mutex
	subs  map[chan Hints]struct{}
	count map[Topic]uint64
}

// Publish tells every subscriber that topics changed.
func (c *Changes) Publish(topics ...Topic) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.count == nil {
		c.count = make(map[Topic]uint64)
	}
	for _, t := range topics {
		c.count[t]++
	}
	for ch := range c.subs {
		merged := make(Hints, len(topics))
		select {
		case waiting := <-ch:
			merged = waiting
		default:
		}
		for _, t := range topics {
			merged[t] = true
		}
		ch <- merged
	}
}

// Count returns how often any of the topics was published. What was read after
// the same count is still as it was read.
func (c *Changes) Count(topics ...Topic) uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	var n uint64
	for _, t := range topics {
		n += c.count[t]
	}
	return n
}

// Subscribe returns a channel of hints and a function that ends the
// subscription. The channel is never closed.
func (c *Changes) Subscribe() (<-chan Hints, func()) {
	ch := make(chan Hints, 1)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.subs == nil {
		c.subs = make(map[chan Hints]struct{})
	}
	c.subs[ch] = struct{}{}
	return ch, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.subs, ch)
	}
}
