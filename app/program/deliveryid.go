package program

import (
	"crypto/rand"
	"encoding/binary"
	"sync"
	"time"

	"bellhop/app"
)

// crockford is base 32 without letters that are taken for digits.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// NewDeliveryID returns an id that sorts by time (milliseconds, 48 bits) and
// has 80 random bits.
func NewDeliveryID(at time.Time) app.DeliveryID { return new(deliveryIDs).next(at) }

// deliveryIDs makes ids each of which sorts behind the one before: within a
// millisecond, and where the clock is set back, it counts on from that one. So what is
// decided first leaves first. Its zero value is ready; many goroutines may use it.
type deliveryIDs struct {
	mu        sync.Mutex
	high, low uint64 // the last one: 48 bits of time and 80 that began at random
}

// next returns an id for a time.
func (s *deliveryIDs) next(at time.Time) app.DeliveryID {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ms := uint64(at.UnixMilli()); ms > s.high>>16 { // #nosec G115 -- times before 1970 do not occur
		var random [10]byte
		_, _ = rand.Read(random[:]) // never fails: crypto/rand
		// The highest bit stays free for counting.
		s.high, s.low = ms<<16|uint64(binary.BigEndian.Uint16(random[:])&0x7fff), binary.BigEndian.Uint64(random[2:])
	} else if s.low++; s.low == 0 {
		s.high++
	}
	var out [26]byte
	high, low := s.high, s.low
	for i := len(out) - 1; i >= 0; i-- {
		out[i] = crockford[low&31]
		low = low>>5 | high<<59
		high >>= 5
	}
	return app.DeliveryID(out[:])
}
