package program

import (
	"context"
	"log/slog"
	"time"

	"bellhop/app"
)

// routerStore is what the router asks of the store.
type routerStore interface {
	Changes() *app.Changes
	Unrouted(ctx context.Context, limit int) ([]app.Event, error)
	Route(ctx context.Context, routed []app.Routed) error
}

const (
	// routeAtMost bounds how many events are decided and written at once.
	routeAtMost = 1000
	// routeAgain is when routing is tried again after it has failed.
	routeAgain = 5 * time.Second
)

// router decides what waits to be decided. An event and everything that it
// leads to are one transaction, so that none is forgotten or told twice across
// a restart.
type router struct {
	store  routerStore
	engine *engine
	now    func() time.Time
	log    *slog.Logger
}

// Run routes until ctx ends.
func (r *router) Run(ctx context.Context) error {
	hints, end := r.store.Changes().Subscribe()
	defer end()
	again := time.NewTimer(0) // what the last run left is routed at once
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case h := <-hints:
			if !h[app.TopicAlerts] && !h[app.TopicEvents] {
				continue
			}
		case <-again.C:
		}
		if err := r.route(ctx); err != nil && ctx.Err() == nil {
			r.log.WarnContext(ctx, "events were not routed", "error", err)
			again.Reset(routeAgain)
		}
	}
}

// route decides everything that waits.
func (r *router) route(ctx context.Context) error {
	for {
		if more, err := r.some(ctx); err != nil || !more {
			return err
		}
	}
}

// some decides some of what waits, and says whether there was any.
func (r *router) some(ctx context.Context) (bool, error) {
	r.engine.deciding.Lock()
	defer r.engine.deciding.Unlock()
	events, err := r.store.Unrouted(ctx, routeAtMost)
	if err != nil || len(events) == 0 {
		return false, err
	}
	batch := make([]app.Routed, len(events))
	for i := range events {
		if batch[i], err = r.engine.Route(ctx, &events[i], r.now()); err != nil {
			return false, err
		}
		batch[i].Told = &events[i]
	}
	return true, r.store.Route(ctx, batch)
}
