package store_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/store"
)

// outboxModel is the outbox told as simply as can be: a slice of deliveries in the
// order of their ids. The test below does the same at random to it and to a store.
type outboxModel struct {
	rows  []*modelDelivery
	holds map[string]time.Time
}

type modelDelivery struct {
	app.Delivery
	leased bool
	ledger []app.Attempt
}

func (d *modelDelivery) open() bool {
	return !d.leased && (d.State == app.DeliveryWaiting || d.State == app.DeliveryHeld)
}

// due returns what waits on a lane, in the order in which it leaves.
func (m *outboxModel) due(lane string) []*modelDelivery {
	var out []*modelDelivery
	for _, d := range m.rows {
		if d.Lane == lane && d.open() {
			out = append(out, d)
		}
	}
	slices.SortStableFunc(out, func(a, b *modelDelivery) int { return a.Due.Compare(b.Due) })
	return out
}

func (m *outboxModel) lanes(now time.Time) []app.Lane {
	var out []app.Lane
	for _, key := range outboxLanes {
		lane := app.Lane{Key: key, Channel: app.ChannelMail}
		if m.holds[key].After(now) {
			lane.Held = m.holds[key]
		}
		if list := m.due(key); len(list) > 0 {
			lane.First = list[0].Due
		}
		if !lane.First.IsZero() || !lane.Held.IsZero() {
			out = append(out, lane)
		}
	}
	slices.SortStableFunc(out, func(a, b app.Lane) int { return a.Due().Compare(b.Due()) })
	return out
}

// hold holds a lane; one without end stays until it is let go.
func (m *outboxModel) hold(lane string, until time.Time) {
	if !m.holds[lane].Equal(dispatch.Closed) {
		m.holds[lane] = until
	}
}

func (m *outboxModel) claim(lane string, limit int, now time.Time) (out []app.DeliveryID) {
	for _, d := range m.due(lane) {
		if len(out) < limit && !d.Due.After(now) {
			d.leased = true
			d.Attempts++
			d.ledger = append(d.ledger, app.Attempt{Delivery: d.ID, N: len(d.ledger) + 1, Begun: now})
			d.Next = ""
			out = append(out, d.ID)
		}
	}
	return out
}

// last is the delivery as it is shown: with what is known of its last attempt.
func (d *modelDelivery) last() app.Delivery {
	out := d.Delivery
	out.Status, out.Code, out.Answer = 0, "", ""
	if n := len(d.ledger); n > 0 {
		out.Status, out.Code, out.Answer = d.ledger[n-1].Status, d.ledger[n-1].Code, d.ledger[n-1].Answer
	}
	return out
}

func (m *outboxModel) history(now time.Time, which func(*modelDelivery) bool) (out []time.Time) {
	seen := make(map[app.DeliveryID]time.Time)
	for _, d := range m.rows {
		if d.State == app.DeliverySent && !d.Settled.Before(now.Add(-time.Hour)) && which(d) {
			key := cmp.Or(d.Digest, d.ID)
			if at, ok := seen[key]; !ok || d.Settled.Before(at) {
				seen[key] = d.Settled
			}
		}
	}
	for _, at := range seen {
		out = append(out, at)
	}
	slices.SortFunc(out, time.Time.Compare)
	return out
}

var outboxLanes = []string{"a", "b", "c"}

// outboxPlay is one random history of an outbox.
type outboxPlay struct {
	*world
	rand  *rand.Rand
	model *outboxModel
	me    app.PersonID
	// packFrom is from how many deliveries of a lane on they wait in a lot.
	packFrom int
}

func (p *outboxPlay) some(which func(*modelDelivery) bool) (out []*modelDelivery, ids []app.DeliveryID) {
	for _, d := range p.model.rows {
		if p.rand.IntN(3) == 0 && which(d) {
			out = append(out, d)
			ids = append(ids, d.ID)
		}
	}
	return out, ids
}

func leasedOnes(d *modelDelivery) bool { return d.leased }

func (p *outboxPlay) step() string {
	p.Helper()
	ctx := p.Context()
	lane := outboxLanes[p.rand.IntN(len(outboxLanes))]
	soon := p.clock.Add(time.Duration(p.rand.IntN(120)-30) * time.Second)
	switch n := p.rand.IntN(20); {
	case n < 5:
		var routed []app.Routed
		for range p.rand.IntN(3) + 1 {
			d := app.Delivery{
				ID: deliveryID(len(p.model.rows) + 1), Person: p.me, Channel: app.ChannelMail, Lane: lane,
				Group: outboxLanes[p.rand.IntN(2)], State: app.DeliveryWaiting, Due: soon, Created: p.clock,
			}
			if p.rand.IntN(4) == 0 {
				d.State = app.DeliveryHeld
			}
			e := p.record(p.scan(app.OriginWebhook, string(d.ID), 0))[0]
			d.Event = e.ID
			routed = append(routed, app.Routed{Event: d.Event, Told: &e, Deliveries: []app.Delivery{d}})
			d.Account = p.account.ID
			p.model.rows = append(p.model.rows, &modelDelivery{Delivery: d})
			if p.rand.IntN(2) == 0 {
				soon = soon.Add(time.Duration(p.rand.IntN(60)-30) * time.Second)
			}
		}
		ok(p, p.store.Route(ctx, routed))
		return fmt.Sprintf("%d deliveries on %s", len(routed), lane)
	case n < 9:
		limit := p.rand.IntN(4) + 1
		var got []app.DeliveryID
		for _, c := range must(p.store.Claim(ctx, lane, limit))(p) {
			got = append(got, c.Delivery.ID)
		}
		if want := p.model.claim(lane, limit, p.clock); !slices.Equal(got, want) {
			p.Fatalf("claimed %v, want %v", got, want)
		}
		return "a claim on " + lane
	case n < 13:
		return p.settleSome(soon)
	case n < 14:
		list, ids := p.some(func(*modelDelivery) bool { return true })
		if p.rand.IntN(2) == 0 {
			soon = time.Time{}
		}
		ok(p, p.store.Release(ctx, ids, soon))
		for _, d := range list {
			if d.leased {
				d.leased, d.Attempts, d.ledger = false, d.Attempts-1, d.ledger[:len(d.ledger)-1]
				if !soon.IsZero() {
					d.Due = soon
				}
			}
		}
		return "a release"
	case n < 15:
		return p.resendSome(lane)
	case n < 16:
		n := must(p.store.ReleaseHeld(ctx, p.clock))(p)
		for _, d := range p.model.rows {
			if d.State == app.DeliveryHeld && d.open() && !d.Due.After(p.clock) {
				d.State = app.DeliveryWaiting
				n--
			}
		}
		if n != 0 {
			p.Fatalf("%d more held ones were released than the model has", n)
		}
		return "the end of quiet hours"
	case n < 17:
		p.reopen()
		p.store.PackFrom(p.packFrom)
		n := must(p.store.Recover(ctx))(p)
		for _, d := range p.model.rows {
			if d.leased {
				d.leased = false
				d.Attempts--
				n--
			}
		}
		if n != 0 {
			p.Fatalf("%d more were taken back than the model has", n)
		}
		return "a restart"
	default:
		p.clock = p.clock.Add(time.Duration(p.rand.IntN(60_000)) * time.Millisecond)
		return "some time"
	}
}

func (p *outboxPlay) settleSome(soon time.Time) string {
	p.Helper()
	list, ids := p.some(leasedOnes)
	var outcomes []app.Outcome
	for i, d := range list {
		o := app.Outcome{ID: d.ID, Took: time.Duration(p.rand.IntN(5000)) * time.Millisecond, Status: 200 + p.rand.IntN(300), Answer: "it said so"}
		switch p.rand.IntN(4) {
		case 0:
			o.State, o.Due, o.Code = app.DeliveryWaiting, soon, "refused"
			switch p.rand.IntN(8) {
			case 0:
				o.LaneDue = dispatch.Closed
			case 1, 2, 3:
				o.LaneDue = soon
			}
		case 1:
			o.State, o.Code, o.Next = app.DeliveryDead, "no_such_place", "Mend it."
		default:
			o.State, o.Ref = app.DeliverySent, "ref"
			if i > 0 {
				o.Digest = ids[0]
			}
		}
		outcomes = append(outcomes, o)
		a := &d.ledger[len(d.ledger)-1]
		a.Took, a.Status, a.Code, a.Answer = o.Took, o.Status, o.Code, o.Answer
		d.leased, d.State, d.Next, d.Ref, d.Digest = false, o.State, o.Next, o.Ref, o.Digest
		if o.State == app.DeliveryWaiting {
			d.Due, d.Settled = o.Due, time.Time{}
		} else {
			d.Settled = p.clock
		}
		p.model.hold(d.Lane, o.LaneDue)
	}
	ok(p, p.store.Settle(p.Context(), outcomes))
	return "outcomes"
}

func (p *outboxPlay) resendSome(lane string) string {
	p.Helper()
	if p.rand.IntN(2) == 0 {
		ok(p, p.store.ReleaseLane(p.Context(), lane))
		p.model.holds[lane] = time.Time{}
		for _, d := range p.model.due(lane) {
			if d.State == app.DeliveryWaiting && d.Attempts > 0 && d.Due.After(p.clock) {
				d.Due = p.clock
			}
		}
		return "the release of a lane"
	}
	list, ids := p.some(func(*modelDelivery) bool { return true })
	resend := func() (int, error) { return p.store.Resend(p.Context(), ids) }
	if p.rand.IntN(2) == 0 {
		list = slices.DeleteFunc(slices.Clone(p.model.rows), func(d *modelDelivery) bool { return d.State != app.DeliveryDead })
		resend = func() (int, error) { return p.store.ResendDead(p.Context()) }
	}
	n := must(resend())(p)
	for _, d := range list {
		if !d.leased && !p.model.holds[d.Lane].Equal(dispatch.Closed) {
			d.State, d.Due, d.Resent, d.Settled, d.Attempts, d.Next, d.Ref, d.Digest = app.DeliveryWaiting, p.clock, p.clock, time.Time{}, 0, "", "", ""
			p.model.hold(d.Lane, time.Time{})
			n--
		}
	}
	if n != 0 {
		p.Fatalf("%d more were sent again than the model has", n)
	}
	return "a resend"
}

func (p *outboxPlay) compare(step string) {
	p.Helper()
	ctx := p.Context()
	page, _, err := p.store.Deliveries(ctx, app.DeliveryFilter{Limit: 1000})
	ok(p, err)
	var want []app.Delivery
	counts := make(map[app.DeliveryState]int)
	for _, d := range slices.Backward(p.model.rows) {
		want = append(want, d.last())
		counts[d.State]++
		if got := must(p.store.Attempts(ctx, d.ID))(p); !slices.Equal(got, d.ledger) {
			p.Fatalf("after %s the ledger of %s is\n%+v\nwant\n%+v", step, d.ID, got, d.ledger)
		}
	}
	if len(page) != len(want) {
		p.Fatalf("after %s there are %d deliveries, want %d", step, len(page), len(want))
	}
	for i, got := range page {
		if got.Stopped = nil; got != want[i] { // why it stands still is told elsewhere
			p.Fatalf("after %s there is\n%+v\nwant\n%+v", step, got, want[i])
		}
	}
	if got := must(p.store.DeliveryCounts(ctx))(p)[app.ChannelMail]; len(counts) > 0 && !reflect.DeepEqual(got, counts) {
		p.Fatalf("after %s there are counted %v, want %v", step, got, counts)
	}
	if got, want := must(p.store.Lanes(ctx))(p), p.model.lanes(p.clock); !slices.Equal(got, want) {
		p.Fatalf("after %s the lanes are %+v, want %+v", step, got, want)
	}
	since := p.clock.Add(-time.Hour)
	for _, lane := range outboxLanes {
		if got, want := must(p.store.LaneHistory(ctx, lane, since))(p), p.model.history(p.clock, func(d *modelDelivery) bool { return d.Lane == lane }); !slices.Equal(got, want) {
			p.Fatalf("after %s the history of %s is %v, want %v", step, lane, got, want)
		}
		if got, want := must(p.store.GroupHistory(ctx, lane, "a", since))(p), p.model.history(p.clock, func(d *modelDelivery) bool { return d.Lane == lane && d.Group == "a" }); !slices.Equal(got, want) {
			p.Fatalf("after %s the group's history on %s is %v, want %v", step, lane, got, want)
		}
	}
}

func TestTheOutboxDoesWhatTheModelDoes(t *testing.T) {
	plays := 9
	if testing.Short() {
		plays = 3
	}
	for seed := range plays {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			w := newWorld(t)
			packFrom := []int{1, 2, 32}[seed%3]
			w.store.PackFrom(packFrom)
			p := &outboxPlay{
				world: w, rand: rand.New(rand.NewPCG(uint64(seed), 5)), me: must(w.store.Me(t.Context(), w.account.ID))(t).ID,
				model: &outboxModel{holds: make(map[string]time.Time)}, packFrom: packFrom,
			}
			for i := range 200 {
				step := p.step()
				p.compare(fmt.Sprintf("step %d, %s,", i, step))
			}
			p.deepCheck()
		})
	}
}

func TestAFullDiskKeepsWhatIsBeingSentAndTakesNoOtherAlong(t *testing.T) {
	w := newWorld(t)
	var list []app.Delivery
	for n := range 100 {
		list = append(list, w.mail(n+1))
	}
	w.enqueue(list...)
	claimed := must(w.store.Claim(t.Context(), "mail", 100))(t)
	outcomes := make([]app.Outcome, len(claimed))
	for i, c := range claimed {
		outcomes[i] = app.Outcome{ID: c.Delivery.ID, State: app.DeliverySent, Answer: string(make([]byte, 1000))}
	}
	ok(t, w.store.LimitPages(t.Context(), 2))
	held, release := make(chan struct{}), make(chan struct{})
	others := make(chan error, 2)
	go func() { others <- w.store.Hold(t.Context(), held, release) }()
	<-held
	go func() { others <- w.store.Set(t.Context(), app.SettingTheme, "dark") }()
	settled := make(chan error, 1)
	go func() { settled <- w.store.Settle(t.Context(), outcomes) }()
	close(release)
	problem(t, <-settled, "disk_full")
	for range 2 {
		ok(t, <-others)
	}
	if got := w.delivery(1); got.State != app.DeliveryWaiting || got.Attempts != 1 {
		t.Errorf("it is not known whether it arrived: %+v", got)
	}
	ok(t, w.store.LimitPages(t.Context(), 0))
	ok(t, w.store.Settle(t.Context(), outcomes))
	w.reopen()
	if n := must(w.store.Recover(t.Context()))(t); n != 0 {
		t.Errorf("%d are sent again", n)
	}
	if got := w.delivery(100); got.State != app.DeliverySent {
		t.Errorf("after making room: %+v", got)
	}
	w.deepCheck()
}

func TestAReaderSeesTheLedgerAndChangesNothing(t *testing.T) {
	w := newWorld(t)
	w.enqueue(w.mail(1))
	beside := must(store.Open(t.Context(), store.Options{Dir: w.dir, ReadOnly: true}))(t)
	defer func() { ok(t, beside.Close()) }()
	page, _, err := beside.Deliveries(t.Context(), app.DeliveryFilter{})
	ok(t, err)
	if len(page) != 1 {
		t.Errorf("the reader sees %+v", page)
	}
	if _, err := beside.Claim(t.Context(), "mail", 1); err == nil {
		t.Error("a reader claimed a delivery")
	}
}
