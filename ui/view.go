package ui

import (
	"context"
	"sync"
)

// view is the one way from the store to the screen: load runs on the view's own
// goroutine, show runs on the goroutine of the user interface. There is one
// goroutine for each view, so an older answer never overtakes a younger one; a
// question that comes while another is being answered replaces the one that
// waits, so a burst of hints is one reload.
type view[Q, A any] struct {
	load func(ctx context.Context, q Q) (A, error)
	show func(q Q, a A, err error)
	do   func(func())

	mu      sync.Mutex
	waiting *Q
	wake    chan struct{}
	stop    context.CancelFunc // ends the load that runs
}

func newView[Q, A any](do func(func()), load func(context.Context, Q) (A, error), show func(Q, A, error)) *view[Q, A] {
	return &view[Q, A]{load: load, show: show, do: do, wake: make(chan struct{}, 1)}
}

// ask requests q. It may be called from any goroutine and never blocks.
func (v *view[Q, A]) ask(q Q) { v.put(q, false) }

// instead requests q and ends the load that runs: its answer is of no use any
// more.
func (v *view[Q, A]) instead(q Q) { v.put(q, true) }

func (v *view[Q, A]) put(q Q, end bool) {
	v.mu.Lock()
	v.waiting = &q
	if end && v.stop != nil {
		v.stop()
	}
	v.mu.Unlock()
	select {
	case v.wake <- struct{}{}:
	default:
	}
}

// run answers until ctx ends.
func (v *view[Q, A]) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-v.wake:
		}
		v.mu.Lock()
		q := v.waiting
		v.waiting = nil
		one, stop := context.WithCancel(ctx)
		v.stop = stop
		v.mu.Unlock()
		if q == nil {
			stop()
			continue
		}
		a, err := v.load(one, *q)
		late := one.Err() != nil
		stop()
		if !late {
			v.do(func() { v.show(*q, a, err) })
		}
	}
}
