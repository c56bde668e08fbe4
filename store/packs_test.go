package store_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/store"
	"bellhop/store/storetest"
)

// crowdOf are deliveries of one event for n people, each by two channels.
func (w *world) crowdOf(n int) (list []app.Delivery) {
	for person := range n {
		for i, c := range []app.Channel{app.ChannelMail, app.ChannelWebhooks} {
			d := app.Delivery{
				ID: deliveryID(2*person + i + 1), Person: app.PersonID(person + 1), Channel: c, Lane: c.String(), Group: "shop",
				State: app.DeliveryWaiting, Due: w.clock, Created: w.clock,
			}
			if person%10 == 0 {
				d.State, d.Due = app.DeliveryHeld, w.clock.Add(time.Hour)
			}
			list = append(list, d)
		}
	}
	return list
}

// waitForDeliveries waits until so many are stored.
func (w *world) waitForDeliveries(want int) {
	w.Helper()
	hints, end := w.store.Changes().Subscribe()
	defer end()
	for {
		n := 0
		for _, byState := range must(w.store.DeliveryCounts(w.Context()))(w) {
			for _, count := range byState {
				n += count
			}
		}
		if n == want {
			return
		}
		if n > want {
			w.Fatalf("%d deliveries, want %d", n, want)
		}
		<-hints
	}
}

func TestAnEventForThousandsIsRoutedAtOnceAndUnpackedThen(t *testing.T) {
	w := newWorld(t)
	crowd := w.crowdOf(1000)
	e := w.record(w.scan(app.OriginWebhook, "1", 5))[0]
	for range 2 {
		ok(t, w.store.Route(t.Context(), []app.Routed{{Event: e.ID, Deliveries: crowd}}))
	}
	w.reopen() // in the middle of unpacking, or before
	w.waitForDeliveries(2000)
	want := crowd[1501]
	want.Event, want.Account = e.ID, w.account.ID
	if got := w.delivery(1502); !reflect.DeepEqual(got, want) {
		t.Errorf("unpacked %+v\nwant     %+v", got, want)
	}
	if n := w.rows("packs"); n != 0 {
		t.Errorf("%d packs are left", n)
	}
	counts := must(w.store.DeliveryCounts(t.Context()))(t)
	if counts[app.ChannelMail][app.DeliveryHeld] != 100 || counts[app.ChannelWebhooks][app.DeliveryWaiting] != 900 {
		t.Errorf("counted %v", counts)
	}
	w.deepCheck()
}

func TestACrowdThatIsNotWholeIsRefused(t *testing.T) {
	w := newWorld(t)
	e := w.record(w.scan(app.OriginWebhook, "1", 5))[0]
	for what, spoil := range map[string]func(*app.Delivery){
		"a short id":      func(d *app.Delivery) { d.ID = "x" },
		"no lane":         func(d *app.Delivery) { d.Lane = "" },
		"a new channel":   func(d *app.Delivery) { d.Channel = 77 },
		"it was sent":     func(d *app.Delivery) { d.State = app.DeliverySent },
		"below everybody": func(d *app.Delivery) { d.Person = -1 },
	} {
		crowd := w.crowdOf(200)
		spoil(&crowd[250])
		if err := w.store.Route(t.Context(), []app.Routed{{Event: e.ID, Deliveries: crowd}}); !errors.Is(err, app.ErrInvalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	w.wantQueue("webhook 1")
}

func TestDecisionsAreReadAsTheyWereMade(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var list []app.Decision
		person, place := app.PersonID(0), app.DestinationID(0)
		for range random.IntN(50) + 1 {
			if random.IntN(2) == 0 {
				person += app.PersonID(random.IntN(1000) + 1)
				place = 0
			}
			place += app.DestinationID(random.IntN(300) + 1)
			yes := random.IntN(3) > 0
			list = append(list, app.Decision{
				Event: 7, Person: person, Channel: app.ChannelTeams, Destination: place,
				Yes: yes, Held: yes && random.IntN(2) == 0, Why: app.Chain(random.Uint64N(1 << 60)),
			})
		}
		packed := must(store.EncodeDecisions(list))(t)
		if got := must(store.DecodeDecisions(7, packed))(t); !reflect.DeepEqual(got, list) {
			t.Fatalf("read %+v\nmade %+v", got, list)
		}
		if n := len(packed); n > 1 {
			if got, err := store.DecodeDecisions(7, packed[:n-1]); err == nil && len(got) >= len(list) {
				t.Fatalf("one byte less is the same: %+v", got)
			}
		}
	}
}

// FuzzUnpack takes bytes for a pack: they are refused, or are what packs to the
// same deliveries again.
func FuzzUnpack(f *testing.F) {
	w := &world{clock: storetest.Epoch}
	f.Add(must(store.Pack(w.crowdOf(3), w.clock))(f))
	f.Add([]byte{})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0x7f})
	f.Fuzz(func(t *testing.T, packed []byte) {
		list, err := store.Unpack(packed)
		if err != nil {
			return
		}
		again, err := store.Pack(list, storetest.Epoch)
		if err != nil {
			return // a delivery that no caller can make
		}
		if got := must(store.Unpack(again))(t); len(got) != len(list) {
			t.Errorf("%d deliveries became %d", len(list), len(got))
		}
	})
}

// FuzzDecodeDecisions takes bytes for decisions: they are refused or mean the same
// once they are stored again.
func FuzzDecodeDecisions(f *testing.F) {
	f.Add(must(store.EncodeDecisions([]app.Decision{{Channel: app.ChannelMail, Yes: true, Why: 9}, {Person: 4, Held: true, Yes: true, Why: 1 << 59}}))(f))
	f.Add([]byte{})
	f.Add([]byte{1})
	f.Add([]byte("\x03000")) // chains that nothing has
	f.Fuzz(func(t *testing.T, packed []byte) {
		list, err := store.DecodeDecisions(1, packed)
		if err != nil {
			return
		}
		again, err := store.EncodeDecisions(list)
		if err != nil {
			return // a decision that nobody can make
		}
		twice := must(store.EncodeDecisions(must(store.DecodeDecisions(1, again))(t)))(t)
		if !bytes.Equal(again, twice) {
			t.Errorf("%x became %x", again, twice)
		}
	})
}
