package program

import (
	"testing"
	"time"
)

func TestIDsOfDeliveriesSortAsTheyWereMade(t *testing.T) {
	t.Parallel()
	var ids deliveryIDs
	at := time.UnixMilli(1_790_000_000_000)
	last := ids.next(at)
	if len(last) != 26 {
		t.Fatalf("an id %q", last)
	}
	for i := range 100_000 {
		switch {
		case i%1000 == 0:
			at = at.Add(time.Millisecond)
		case i == 50_500:
			at = at.Add(-time.Hour) // somebody sets the clock
		}
		id := ids.next(at)
		if id <= last {
			t.Fatalf("%s comes after %s", id, last)
		}
		last = id
	}
	if a, b := NewDeliveryID(at), NewDeliveryID(at); a[:10] != b[:10] || a == b {
		t.Errorf("two ids of one moment are %s and %s", a, b)
	}
}

func TestAnIDGoesOnCountingWhereItsLowerHalfIsFull(t *testing.T) {
	t.Parallel()
	at := time.UnixMilli(1_790_000_000_000)
	ids := deliveryIDs{high: uint64(at.UnixMilli()) << 16, low: ^uint64(0) - 1}
	a, b := ids.next(at), ids.next(at)
	if a >= b || a[:10] != b[:10] {
		t.Errorf("%s, then %s", a, b)
	}
}
