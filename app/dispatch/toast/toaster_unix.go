//go:build linux || freebsd || openbsd || netbsd

package toast

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"
)

// The service of the Desktop Notifications Specification 1.2.
const (
	service = "org.freedesktop.Notifications"
	object  = "/org/freedesktop/Notifications"
)

const (
	// answerLimit is how long a daemon may take; one that is started on
	// demand needs a moment.
	answerLimit = 5 * time.Second
	// After a failed attempt to reach the bus the next ones are refused at
	// once for a time that doubles from the first to the last.
	firstRest, lastRest = time.Second, 5 * time.Minute
	// queueLimit bounds what a reader of Actions can leave lying.
	queueLimit = 1000
)

// Toaster shows notifications through the session's notification daemon. It
// keeps a bus connection of its own: signals on a shared one disturb others.
type Toaster struct {
	name, entry string
	picture     *picture
	log         *slog.Logger
	now         func() time.Time

	life    context.Context //nolint:containedctx // every connection lives within the toaster, not within the call that opens it
	end     context.CancelFunc
	readers sync.WaitGroup
	out     chan Action
	queued  chan struct{} // one slot: queue is not empty

	mu      sync.Mutex
	bus     *dbus.Conn // nil while there is none
	caps    *Capabilities
	keys    map[uint32]string // our notes on the screen
	queue   []Action
	retryAt time.Time
	rest    time.Duration
}

// New returns a toaster. It does not fail for want of a bus or a daemon: both
// are looked for when they are needed. It lives until ctx ends or
// [Toaster.Close].
func New(ctx context.Context, o Options) (*Toaster, error) {
	t := &Toaster{
		name: o.AppName, entry: o.DesktopEntry, log: o.Log, now: time.Now,
		out: make(chan Action), queued: make(chan struct{}, 1), keys: make(map[uint32]string),
	}
	if t.entry == "" {
		t.entry = "bellhop"
	}
	if len(o.Icon) > 0 {
		p, err := decode(o.Icon)
		if err != nil {
			return nil, fmt.Errorf("read the icon: %w", err)
		}
		t.picture = p
	}
	t.life, t.end = context.WithCancel(ctx)
	t.readers.Go(t.deliver)
	return t, nil
}

// Close ends the toaster. Toasts stay on the screen.
func (t *Toaster) Close() {
	t.end()
	t.readers.Wait()
}

// Actions is what happens to toasts. It is never closed; whoever reads it
// stops with its own context.
func (t *Toaster) Actions() <-chan Action { return t.out }

// Show shows a toast and returns its note, which names it from now on. The
// error matches [ErrNoDaemon] where nothing shows notifications.
func (t *Toaster) Show(ctx context.Context, toast Toast) (uint32, error) {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	bus, err := t.connect(ctx)
	if err != nil {
		return 0, err
	}
	caps, err := t.ask(ctx, bus)
	if err != nil {
		return 0, err
	}
	body := lines(toast.Body)
	if caps.Markup {
		body = markup(body)
	}
	actions := []string{}
	if caps.Actions {
		actions = append(actions, "default", "Open")
		if toast.Actions {
			actions = append(actions, Removed, "Remove", Snoozed, "Snooze")
		}
	}
	// The lock is held over the call, so that a signal about the new note
	// cannot be read before the note is known.
	t.mu.Lock()
	defer t.mu.Unlock()
	replace := toast.Replace
	if _, ours := t.keys[replace]; !ours {
		replace = 0 // a note of an earlier daemon may be another program's by now
	}
	var note uint32
	err = bus.Object(service, object).CallWithContext(ctx, service+".Notify", 0,
		t.name, replace, "", oneLine(toast.Title, titleWidth), body, actions, t.hints(toast), int32(-1)).Store(&note)
	if err != nil {
		return 0, fmt.Errorf("show a notification: %w", missing(err))
	}
	t.keys[note] = toast.Key
	return note, nil
}

func (t *Toaster) hints(toast Toast) map[string]dbus.Variant {
	const normal, critical = byte(1), byte(2)
	urgency := normal
	if toast.Urgent {
		urgency = critical
	}
	h := map[string]dbus.Variant{
		"urgency":       dbus.MakeVariant(urgency),
		"category":      dbus.MakeVariant("x-bellhop.alert"),
		"desktop-entry": dbus.MakeVariant(t.entry),
	}
	if t.picture != nil {
		h["image-data"] = dbus.MakeVariant(*t.picture)
	}
	return h
}

// Withdraw takes a toast from the screen. One that is gone already, and a
// daemon that is gone, are no errors. A note of an earlier run is taken at its
// word: whoever keeps notes keeps [Toaster.Instance] beside them.
func (t *Toaster) Withdraw(ctx context.Context, note uint32) error {
	if note == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	bus, err := t.connect(ctx)
	if errors.Is(err, ErrNoDaemon) {
		return nil
	}
	if err != nil {
		return err
	}
	err = bus.Object(service, object).CallWithContext(ctx, service+".CloseNotification", dbus.FlagNoAutoStart, note).Err
	if _, answered := errors.AsType[dbus.Error](err); err != nil && !answered {
		return fmt.Errorf("withdraw a notification: %w", err)
	}
	return nil
}

// Adopt makes a note of an earlier run ours, so that clicks on its toast come
// back. It must only be done where [Toaster.Instance] is what it was when the
// toast was shown: another daemon gives the same notes to other programs.
func (t *Toaster) Adopt(note uint32, key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.keys[note] = key
}

// Instance names the running daemon, "" where there is none. Notes mean
// something within one instance alone.
func (t *Toaster) Instance(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	bus, err := t.connect(ctx)
	if err != nil {
		return ""
	}
	var owner, id string
	if bus.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.GetNameOwner", 0, service).Store(&owner) != nil ||
		bus.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.GetId", 0).Store(&id) != nil {
		return ""
	}
	return id + owner
}

// Capabilities asks the daemon what it can do. It may start a daemon that is
// started on demand, and takes at most five seconds.
func (t *Toaster) Capabilities() Capabilities {
	ctx, cancel := context.WithTimeout(t.life, answerLimit)
	defer cancel()
	bus, err := t.connect(ctx)
	if err != nil {
		return Capabilities{}
	}
	caps, err := t.ask(ctx, bus)
	if err != nil {
		return Capabilities{}
	}
	return caps
}

// ask returns what the daemon can do; it is asked once in its life.
func (t *Toaster) ask(ctx context.Context, bus *dbus.Conn) (Capabilities, error) {
	t.mu.Lock()
	known := t.caps
	t.mu.Unlock()
	if known != nil {
		return *known, nil
	}
	daemon := bus.Object(service, object)
	var list []string
	if err := daemon.CallWithContext(ctx, service+".GetCapabilities", 0).Store(&list); err != nil {
		return Capabilities{}, fmt.Errorf("ask for capabilities: %w", missing(err))
	}
	caps := Capabilities{Present: true, Actions: slices.Contains(list, "actions"), Markup: slices.Contains(list, "body-markup")}
	var name, vendor, version, spec string
	if err := daemon.CallWithContext(ctx, service+".GetServerInformation", 0).Store(&name, &vendor, &version, &spec); err == nil {
		caps.Server = strings.TrimSpace(oneLine(name, 40) + " " + oneLine(version, 20))
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.bus == bus {
		t.caps = &caps
	}
	return caps, nil
}

// missing tells an absent daemon from other errors of a call.
func missing(err error) error {
	e, ok := errors.AsType[dbus.Error](err)
	if ok && (e.Name == "org.freedesktop.DBus.Error.ServiceUnknown" || e.Name == "org.freedesktop.DBus.Error.NameHasNoOwner" ||
		strings.HasPrefix(e.Name, "org.freedesktop.DBus.Error.Spawn.")) {
		return fmt.Errorf("%w: %w", ErrNoDaemon, err)
	}
	return err
}
