//go:build linux || freebsd || openbsd || netbsd

package toast

import (
	"context"
	"fmt"
	"slices"

	"github.com/godbus/dbus/v5"
)

// connect returns the bus, opening it where there is none. While the bus
// cannot be reached, attempts are spaced out and the ones between them fail at
// once.
func (t *Toaster) connect(ctx context.Context) (*dbus.Conn, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.bus != nil && t.bus.Connected() {
		return t.bus, nil
	}
	if err := t.life.Err(); err != nil {
		return nil, fmt.Errorf("the toaster is closed: %w", err)
	}
	if wait := t.retryAt.Sub(t.now()); wait > 0 {
		return nil, fmt.Errorf("%w: the session bus was not reachable a moment ago", ErrNoDaemon)
	}
	bus, signals, err := t.dial(ctx)
	if err != nil {
		t.rest = min(max(2*t.rest, firstRest), lastRest)
		t.retryAt = t.now().Add(t.rest)
		return nil, fmt.Errorf("%w: %w", ErrNoDaemon, err)
	}
	t.bus, t.caps, t.rest = bus, nil, 0
	t.readers.Go(func() { t.listen(bus, signals) })
	return bus, nil
}

// dial opens a private connection and asks for the daemon's signals. It never
// starts a bus.
func (t *Toaster) dial(ctx context.Context) (*dbus.Conn, <-chan *dbus.Signal, error) {
	bus, err := dbus.SessionBusPrivateNoAutoStartup(dbus.WithContext(t.life)) //nolint:contextcheck // it outlives the call that opens it
	if err != nil {
		return nil, nil, fmt.Errorf("find the session bus: %w", err)
	}
	signals := make(chan *dbus.Signal, 32)
	bus.Signal(signals)
	if err := bus.Auth(nil); err != nil {
		_ = bus.Close()
		return nil, nil, fmt.Errorf("sign in to the session bus: %w", err)
	}
	if err := bus.Hello(); err != nil {
		_ = bus.Close()
		return nil, nil, fmt.Errorf("greet the session bus: %w", err)
	}
	for _, match := range [][]dbus.MatchOption{
		{dbus.WithMatchInterface(service), dbus.WithMatchObjectPath(object)},
		{
			dbus.WithMatchSender("org.freedesktop.DBus"), dbus.WithMatchInterface("org.freedesktop.DBus"),
			dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, service),
		},
	} {
		if err := bus.AddMatchSignalContext(ctx, match...); err != nil {
			_ = bus.Close()
			return nil, nil, fmt.Errorf("listen on the session bus: %w", err)
		}
	}
	return bus, signals, nil
}

// listen reads signals until the connection ends.
func (t *Toaster) listen(bus *dbus.Conn, signals <-chan *dbus.Signal) {
	for sig := range signals {
		switch sig.Name {
		case service + ".ActionInvoked":
			var note uint32
			var key string
			if dbus.Store(sig.Body, &note, &key) == nil {
				t.invoked(note, key)
			}
		case service + ".NotificationClosed":
			var note, reason uint32
			if dbus.Store(sig.Body, &note, &reason) == nil {
				t.closed(note)
			}
		case "org.freedesktop.DBus.NameOwnerChanged":
			t.forget()
		}
	}
	_ = bus.Close()
	t.mu.Lock()
	if t.bus == bus {
		t.bus = nil
	}
	t.mu.Unlock()
	if t.life.Err() == nil {
		t.forget()
	}
}

// invoked reports a click on one of our toasts. Daemons tell every program
// about every click, so others are passed over.
func (t *Toaster) invoked(note uint32, action string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	key, ours := t.keys[note]
	if !ours {
		return
	}
	switch action {
	case "default", Opened:
		t.push(Action{Note: note, Key: key, What: Opened})
	case Removed, Snoozed:
		t.push(Action{Note: note, Key: key, What: action})
	}
}

func (t *Toaster) closed(note uint32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if key, ours := t.keys[note]; ours {
		delete(t.keys, note)
		t.push(Action{Note: note, Key: key, What: Closed})
	}
}

// forget is for a daemon that came, went or was replaced: its toasts are gone,
// and its successor gives the same notes to others.
func (t *Toaster) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.caps = nil
	for note, key := range t.keys {
		t.push(Action{Note: note, Key: key, What: Closed})
	}
	clear(t.keys)
}

// push queues an action; the lock is held. Where nobody reads, what only says
// that a toast is gone gives way first.
func (t *Toaster) push(a Action) {
	if len(t.queue) >= queueLimit {
		i := max(slices.IndexFunc(t.queue, func(q Action) bool { return q.What == Closed }), 0)
		t.queue = slices.Delete(t.queue, i, i+1)
	}
	t.queue = append(t.queue, a)
	select {
	case t.queued <- struct{}{}:
	default:
	}
}

// deliver hands queued actions to the reader until the toaster ends.
func (t *Toaster) deliver() {
	for {
		t.mu.Lock()
		var next Action
		var out chan<- Action
		if len(t.queue) > 0 {
			next, out = t.queue[0], t.out
		}
		t.mu.Unlock()
		select {
		case <-t.life.Done():
			return
		case <-t.queued:
		case out <- next:
			t.mu.Lock()
			// The head may have given way meanwhile; it was delivered all the
			// same, so only itself is taken out.
			if len(t.queue) > 0 && t.queue[0] == next {
				t.queue = t.queue[1:]
			}
			t.mu.Unlock()
		}
	}
}
