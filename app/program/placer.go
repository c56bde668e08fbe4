package program

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"bellhop/app"
	"bellhop/store"
	"bellhop/sync/dojo"
	"bellhop/sync/syncer"
)

const (
	// cursorParked holds an account's events that wait for their place; it goes
	// with the account.
	cursorParked = "intake/parked"
	// mostParked bounds how many wait; beyond, events are recorded as they came.
	mostParked = 200
	// placeWithin bounds how long a server is asked about one event.
	placeWithin = 15 * time.Second
	// placeAgain is when a server is asked again that gave no answer, and when
	// recording is tried again that failed.
	placeAgain = time.Minute
)

// placer finds the product of what a system webhook of DefectDojo tells. Most of
// its bodies name none, and what is about no product concerns superusers alone;
// but their link leads to a finding, a test, an engagement or a product. The
// account's server is asked for what stands above it, by at most three requests
// for an event and one event at a time. What the account cannot see, what is
// gone, and what leads to none of these (the lists after a deletion, finding
// groups, Jira's settings, the combined alert of service levels) stays as it
// came, and so does everything for a minute after a server gave no answer.
//
// The caller of the webhook does not wait for that: its event is parked in the
// database first, and recorded, with the time and the key that it came with,
// once its place is known or will not be.
type placer struct {
	store *store.Store
	// ask calls f with a client that has the account's sign-in.
	ask func(ctx context.Context, account app.AccountID, f func(ctx context.Context, client *dojo.Client, a app.Account) error) error
	now func() time.Time
	log *slog.Logger
	// more says that something was parked.
	more chan struct{}

	mu     sync.Mutex
	parked []app.Event
	known  bool // parked was read from the database
	deaf   map[app.AccountID]time.Time
}

// take records an event, or parks it until its place is known.
func (p *placer) take(ctx context.Context, e app.Event) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.remember(ctx); err != nil {
		return err
	}
	for _, have := range p.parked {
		if have.Account == e.Account && have.Key == e.Key {
			return nil // the same call again
		}
	}
	if !wantsPlace(&e) || len(p.parked) >= mostParked || p.now().Before(p.deaf[e.Account]) {
		_, err := p.store.RecordEvents(ctx, []app.Event{e}, nil)
		return err
	}
	parked := append(slices.Clip(p.parked), e)
	if err := p.save(ctx, e.Account, nil, parked); err != nil {
		return err
	}
	p.parked = parked
	select {
	case p.more <- struct{}{}:
	default:
	}
	return nil
}

// wantsPlace says whether an event is for whoever may see what it is about, and
// does not say what that belongs to.
func wantsPlace(e *app.Event) bool {
	if e.Origin != app.OriginWebhook || e.Account == 0 || e.Call.Product != nil || e.Call.ProductType != nil || e.Call.Recipients != nil {
		return false
	}
	kind, _ := e.Call.About()
	return kind != ""
}

// remember reads what the last run left; the caller holds the lock.
func (p *placer) remember(ctx context.Context) error {
	if p.known {
		return nil
	}
	accounts, err := p.store.Accounts(ctx)
	if err != nil {
		return err
	}
	var parked []app.Event
	for _, a := range accounts {
		data, err := p.store.Cursor(ctx, a.ID, cursorParked)
		if err != nil {
			return err
		}
		var some []app.Event
		if len(data) > 0 {
			if err := json.Unmarshal(data, &some); err != nil {
				p.log.WarnContext(ctx, "what a webhook told is damaged and was dropped", "error", err)
			}
		}
		parked = append(parked, some...)
	}
	slices.SortStableFunc(parked, func(a, b app.Event) int { return a.At.Compare(b.At) })
	p.parked, p.known, p.deaf = parked, true, map[app.AccountID]time.Time{}
	return nil
}

// save stores events of an account and what waits of it in one transaction.
func (p *placer) save(ctx context.Context, account app.AccountID, events, parked []app.Event) error {
	data, err := json.Marshal(slices.DeleteFunc(slices.Clone(parked), func(e app.Event) bool { return e.Account != account }))
	if err != nil {
		return err
	}
	_, err = p.store.RecordEvents(ctx, events, map[string][]byte{cursorKey(account, cursorParked): data})
	return err
}

// Run finds places until ctx ends.
func (p *placer) Run(ctx context.Context) error {
	again := time.NewTimer(0)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-p.more:
		case <-again.C:
		}
		for {
			e, ok, err := p.first(ctx)
			if err == nil && ok {
				err = p.place(ctx, e)
			}
			if err != nil && ctx.Err() == nil {
				p.log.WarnContext(ctx, "what a webhook told is not recorded yet", "error", err)
				again.Reset(placeAgain)
			}
			if err != nil || !ok {
				break
			}
		}
	}
}

// first returns the event that waits longest.
func (p *placer) first(ctx context.Context) (app.Event, bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.remember(ctx); err != nil || len(p.parked) == 0 {
		return app.Event{}, false, err
	}
	return p.parked[0], true, nil
}

// place asks for an event's place and records it. The error is the database's.
func (p *placer) place(ctx context.Context, e app.Event) error {
	p.mu.Lock()
	deaf := p.now().Before(p.deaf[e.Account])
	p.mu.Unlock()
	if !deaf {
		asked, cancel := context.WithTimeout(ctx, placeWithin)
		err := p.ask(asked, e.Account, func(ctx context.Context, client *dojo.Client, _ app.Account) error {
			call := e.Call
			found, err := syncer.Place(ctx, client, &call)
			if found {
				e.Call = call
			}
			return err
		})
		cancel()
		if ctx.Err() != nil {
			return ctx.Err() // it waits for the next run
		}
		if err != nil && !errors.Is(err, dojo.ErrForbidden) && !errors.Is(err, dojo.ErrNotFound) {
			p.log.InfoContext(ctx, "the product of what a webhook tells is not known", "account", e.Account, "error", err)
			p.mu.Lock()
			p.deaf[e.Account] = p.now().Add(placeAgain)
			p.mu.Unlock()
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	left := p.parked[1:]
	if _, err := p.store.Account(ctx, e.Account); errors.Is(err, app.ErrNotFound) {
		p.parked = left // it was disconnected meanwhile
		return nil
	}
	if err := p.save(ctx, e.Account, []app.Event{e}, left); err != nil {
		return err
	}
	p.parked = left
	return nil
}
