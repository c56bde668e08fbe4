package dispatch_test

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch"
)

// memoryQueue keeps deliveries as the store does, in memory, so that stories of
// hours run in no time.
type memoryQueue struct {
	mu     sync.Mutex
	rows   map[app.DeliveryID]*row
	holds  map[string]time.Time
	broken int // Bind, Settle, Release and Recover fail so many times
	wake   chan struct{}
	claims int
}

type row struct {
	app.Claimed
	leased bool
	digest app.DeliveryID
}

func open(d app.Delivery) bool {
	return d.State == app.DeliveryWaiting || d.State == app.DeliveryHeld
}

func newQueue() *memoryQueue {
	return &memoryQueue{rows: make(map[app.DeliveryID]*row), holds: make(map[string]time.Time), wake: make(chan struct{}, 1)}
}

func (q *memoryQueue) add(list ...app.Claimed) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, c := range list {
		c.Delivery.State = app.DeliveryWaiting
		if c.Delivery.Created.IsZero() {
			c.Delivery.Created = time.Now()
		}
		if c.Delivery.Due.IsZero() {
			c.Delivery.Due = time.Now()
		}
		q.rows[c.Delivery.ID] = &row{Claimed: c}
	}
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// close holds a lane until somebody lets it go.
func (q *memoryQueue) close(lane string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.holds[lane] = dispatch.Closed
	q.look()
}

// look has the outbox look at its lanes.
func (q *memoryQueue) look() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// hold adds deliveries whose quiet hours have just ended.
func (q *memoryQueue) hold(list ...app.Claimed) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, c := range list {
		c.Delivery.State, c.Delivery.Created, c.Delivery.Due = app.DeliveryHeld, time.Now(), time.Now()
		q.rows[c.Delivery.ID] = &row{Claimed: c}
	}
}

func (q *memoryQueue) get(id app.DeliveryID) app.Delivery {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.rows[id].Delivery
}

func (q *memoryQueue) sorted() []*row {
	list := make([]*row, 0, len(q.rows))
	for _, r := range q.rows {
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b *row) int {
		return cmp.Or(a.Delivery.Due.Compare(b.Delivery.Due), cmp.Compare(a.Delivery.ID, b.Delivery.ID))
	})
	return list
}

func (q *memoryQueue) Recover(context.Context) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.broken > 0 {
		q.broken--
		return 0, errDisk
	}
	n := 0
	for _, r := range q.rows {
		if r.leased {
			r.leased = false
			n++
		}
	}
	return n, nil
}

func (q *memoryQueue) Bind(_ context.Context, bound []app.Bound) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.broken > 0 {
		q.broken--
		return errDisk
	}
	for _, b := range bound {
		q.rows[b.ID].Delivery.Digest = b.Digest
	}
	return nil
}

func (q *memoryQueue) RetryLane(_ context.Context, lane string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.holds[lane].Equal(dispatch.Closed) {
		delete(q.holds, lane)
	}
	for _, r := range q.rows {
		if d := &r.Delivery; d.Lane == lane && d.State == app.DeliveryWaiting && !r.leased && d.Attempts > 0 && d.Due.After(time.Now()) {
			d.Due = time.Now()
		}
	}
	select {
	case q.wake <- struct{}{}:
	default:
	}
	return nil
}

func (q *memoryQueue) SetBack(context.Context) (int, error) { return 0, nil }

func (q *memoryQueue) Lanes(context.Context) ([]app.Lane, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	var lanes []app.Lane
	seen := make(map[string]bool)
	for _, r := range q.sorted() {
		if d := r.Delivery; open(d) && !r.leased && !seen[d.Lane] {
			seen[d.Lane] = true
			lane := app.Lane{Key: d.Lane, Channel: d.Channel, First: d.Due}
			if q.holds[d.Lane].After(time.Now()) {
				lane.Held = q.holds[d.Lane]
			}
			lanes = append(lanes, lane)
		}
	}
	return lanes, nil
}

func (q *memoryQueue) Claim(_ context.Context, lane string, limit int) ([]app.Claimed, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.claims++
	var out []app.Claimed
	for _, r := range q.sorted() {
		if r.Delivery.Lane == lane && open(r.Delivery) && !r.leased && !r.Delivery.Due.After(time.Now()) && len(out) < limit {
			r.leased = true
			r.Delivery.Attempts++
			out = append(out, r.Claimed)
		}
	}
	return out, nil
}

func (q *memoryQueue) Settle(ctx context.Context, outcomes []app.Outcome) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.broken > 0 {
		q.broken--
		return errDisk
	}
	for _, o := range outcomes {
		r := q.rows[o.ID]
		r.leased, r.digest, r.Delivery.Digest = false, o.Digest, o.Digest
		r.Delivery.State, r.Delivery.Code, r.Delivery.Next, r.Delivery.Settled = o.State, o.Code, o.Next, time.Now()
		r.Delivery.Ref = o.Ref
		if o.State == app.DeliveryWaiting {
			r.Delivery.Due = o.Due
		}
		if !q.holds[r.Delivery.Lane].Equal(dispatch.Closed) {
			q.holds[r.Delivery.Lane] = o.LaneDue
		}
	}
	return nil
}

func (q *memoryQueue) Release(_ context.Context, ids []app.DeliveryID, due time.Time) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.broken > 0 {
		q.broken--
		return errDisk
	}
	for _, id := range ids {
		r := q.rows[id]
		r.leased = false
		r.Delivery.Attempts--
		r.Delivery.Digest = r.digest
		if !due.IsZero() {
			r.Delivery.Due = due
		}
	}
	return nil
}

func (q *memoryQueue) history(since time.Time, of func(app.Delivery) bool) []time.Time {
	q.mu.Lock()
	defer q.mu.Unlock()
	var times []time.Time
	seen := make(map[app.DeliveryID]bool)
	for _, r := range q.sorted() {
		if r.Delivery.State != app.DeliverySent || !of(r.Delivery) || r.Delivery.Settled.Before(since) || seen[r.digest] {
			continue
		}
		if r.digest != "" {
			seen[r.digest] = true
		}
		times = append(times, r.Delivery.Settled)
	}
	slices.SortFunc(times, time.Time.Compare)
	return times
}

func (q *memoryQueue) LaneHistory(_ context.Context, lane string, since time.Time) ([]time.Time, error) {
	return q.history(since, func(d app.Delivery) bool { return d.Lane == lane }), nil
}

func (q *memoryQueue) GroupHistory(_ context.Context, lane, group string, since time.Time) ([]time.Time, error) {
	return q.history(since, func(d app.Delivery) bool { return d.Lane == lane && d.Group == group }), nil
}

// post is the other side: it notes what arrives and answers as told.
type post struct {
	mu      sync.Mutex
	sent    []parcelSent
	failed  []string
	answer  func(claimed []app.Claimed) error
	blind   map[app.PersonID]bool // who may not see anything any more
	started chan struct{}         // told at each send, where not nil
	takes   time.Duration         // how long it thinks before it takes a message
	tried   int                   // how often something was brought
	refs    bool                  // a message can be replaced by the id of its first delivery
}

type parcelSent struct {
	at   time.Time
	lane string
	ids  []app.DeliveryID
	ref  string  // of the message in whose place it came
	told []int64 // what that one had told
}

func (p *post) Send(ctx context.Context, claimed []app.Claimed) (dispatch.Receipt, error) {
	p.mu.Lock()
	p.tried++
	p.mu.Unlock()
	if p.takes > 0 {
		select {
		case <-time.After(p.takes):
		case <-ctx.Done():
			return dispatch.Receipt{}, ctx.Err()
		}
	}
	if p.started != nil {
		select {
		case p.started <- struct{}{}:
		case <-ctx.Done():
			return dispatch.Receipt{}, ctx.Err()
		}
	}
	if p.answer != nil {
		if err := p.answer(claimed); err != nil {
			return dispatch.Receipt{}, err
		}
	}
	p.note(claimed)
	receipt := dispatch.Receipt{Status: 200}
	if p.refs {
		receipt.Ref = string(claimed[0].Delivery.ID)
	}
	return receipt, nil
}

// note remembers what has arrived.
func (p *post) note(claimed []app.Claimed) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := parcelSent{at: time.Now(), lane: claimed[0].Delivery.Lane}
	for _, c := range claimed {
		s.ids = append(s.ids, c.Delivery.ID)
	}
	p.sent = append(p.sent, s)
}

func (p *post) Allowed(_ context.Context, c *app.Claimed) (bool, string, error) {
	return !p.blind[c.Person.ID], "not a member of Shop any more", nil
}

func (p *post) Failed(_ context.Context, c app.Claimed, f *dispatch.Failure, _ app.Outcome) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failed = append(p.failed, string(c.Delivery.ID)+" "+f.Code)
}

func (p *post) told() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.failed)
}

func (p *post) arrived() []parcelSent {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.sent)
}
