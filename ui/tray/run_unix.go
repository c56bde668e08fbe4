//go:build linux || freebsd || openbsd || netbsd

package tray

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"fyne.io/systray"
	"github.com/godbus/dbus/v5"
)

const (
	watcherName = "org.kde.StatusNotifierWatcher"
	watcherPath = "/StatusNotifierWatcher"
	itemPath    = "/StatusNotifierItem" // where the library exports the icon

	// busLimit is how long a question to the bus or to a panel may take.
	busLimit = 2 * time.Second
	// The pause between two attempts to reach a bus that is gone doubles from
	// the first to the last.
	firstPause, lastPause = 250 * time.Millisecond, time.Minute
)

// run lives as long as ctx, and through any number of buses. Everything that
// touches the library happens on this goroutine; clicks are served beside it.
func (t *Tray) run(ctx context.Context) error {
	systray.ResetMenu()        // what an earlier run in this process left
	systray.SetOnTapped(t.tap) // before the start: it decides whether a left click is ours
	var s screen
	t.draw(&s) // there is no bus yet, so this only fills what the bus will be asked for

	ctx, stop := context.WithCancel(ctx)
	var clicks sync.WaitGroup
	clicks.Go(func() { t.serve(ctx, s.menu) })
	defer clicks.Wait()
	defer stop()

	pause := firstPause
	for {
		began := t.now()
		err := t.live(ctx, &s)
		if ctx.Err() != nil {
			return nil
		}
		t.log.DebugContext(ctx, "session bus is not usable", "error", err)
		t.setHost(false, "There is no session bus, so the desktop cannot show the icon. "+
			"Start Bellhop from within a desktop session; the command line works without one.")
		if t.now().Sub(began) > lastPause {
			pause = firstPause // it had worked
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
		pause = min(2*pause, lastPause)
	}
}

// errBusGone ends a life of the bus.
var errBusGone = errors.New("the session bus closed the connection")

// live shows the icon on one bus until that bus or ctx ends.
//
// The library keeps to one shared connection, on which any other signal makes
// it stop watching for a new panel. The watch is therefore kept here, on a
// connection of our own.
func (t *Tray) live(ctx context.Context, s *screen) error {
	watch, err := dialBus(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = watch.Close() }()
	signals := make(chan *dbus.Signal, 16)
	watch.Signal(signals)
	if err := watchPanels(ctx, watch); err != nil {
		return fmt.Errorf("watch for panels: %w", err)
	}

	start, _ := systray.RunWithExternalLoop(nil, nil)
	t.safely("start", start)
	shared, err := dbus.SessionBus() // the one that the library has just opened or found
	if err != nil {
		return fmt.Errorf("reach the session bus: %w", err)
	}
	defer func() { _ = shared.Close() }() // takes the icon away; the library opens another one next time
	t.findHost(ctx, watch)
	t.draw(s)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-shared.Context().Done():
			return errBusGone
		case <-t.wake:
			t.draw(s)
		case sig := <-signals:
			if sig == nil {
				return errBusGone
			}
			if appeared(sig) {
				t.register(ctx, shared)
			}
			t.findHost(ctx, watch)
		}
	}
}

// dialBus opens a connection of our own. It never starts a bus: a daemon that
// nobody asked for would outlive the bell.
func dialBus(ctx context.Context) (*dbus.Conn, error) {
	conn, err := dbus.SessionBusPrivateNoAutoStartup(dbus.WithContext(ctx))
	if err != nil {
		return nil, fmt.Errorf("find the session bus: %w", err)
	}
	if err := conn.Auth(nil); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("sign in to the session bus: %w", err)
	}
	if err := conn.Hello(); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("greet the session bus: %w", err)
	}
	return conn, nil
}

// watchPanels asks the bus for what matters: a watcher that comes or goes, and
// panels that register with it.
func watchPanels(ctx context.Context, conn *dbus.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, busLimit)
	defer cancel()
	if err := conn.AddMatchSignalContext(ctx,
		dbus.WithMatchSender("org.freedesktop.DBus"),
		dbus.WithMatchInterface("org.freedesktop.DBus"),
		dbus.WithMatchMember("NameOwnerChanged"),
		dbus.WithMatchArg(0, watcherName)); err != nil {
		return err
	}
	return conn.AddMatchSignalContext(ctx,
		dbus.WithMatchSender(watcherName),
		dbus.WithMatchInterface(watcherName))
}

// appeared says whether sig tells of a watcher that has just come.
func appeared(sig *dbus.Signal) bool {
	if sig.Name != "org.freedesktop.DBus.NameOwnerChanged" || len(sig.Body) != 3 {
		return false
	}
	owner, ok := sig.Body[2].(string)
	return ok && owner != ""
}

// register offers the icon to the watcher in the library's own words and from
// its connection: where the library has done so too, the watcher sees the same
// icon twice and keeps one.
func (t *Tray) register(ctx context.Context, shared *dbus.Conn) {
	ctx, cancel := context.WithTimeout(ctx, busLimit)
	defer cancel()
	err := shared.Object(watcherName, watcherPath).CallWithContext(ctx,
		watcherName+".RegisterStatusNotifierItem", dbus.FlagNoAutoStart, itemPath).Err
	if err != nil {
		t.log.DebugContext(ctx, "panel did not take the icon", "error", err)
	}
}

// findHost asks whether anything shows icons.
func (t *Tray) findHost(ctx context.Context, conn *dbus.Conn) {
	ctx, cancel := context.WithTimeout(ctx, busLimit)
	defer cancel()
	var owned bool
	err := conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.NameHasOwner", 0, watcherName).Store(&owned)
	if err != nil || !owned {
		t.setHost(false, missingHost(os.Getenv("XDG_CURRENT_DESKTOP")))
		return
	}
	// A watcher without the property is taken for a panel: it is there for
	// nothing else.
	var hosted dbus.Variant
	err = conn.Object(watcherName, watcherPath).CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get",
		dbus.FlagNoAutoStart, watcherName, "IsStatusNotifierHostRegistered").Store(&hosted)
	if here, ok := hosted.Value().(bool); err == nil && ok && !here {
		t.setHost(false, missingHost(os.Getenv("XDG_CURRENT_DESKTOP")))
		return
	}
	t.setHost(true, "")
}

// missingHost says what a user of the desktop can do about a missing panel.
func missingHost(desktop string) string {
	const appears = " The icon appears by itself as soon as there is one."
	if strings.Contains(strings.ToUpper(desktop), "GNOME") {
		return "GNOME shows tray icons with the AppIndicator extension (gnome-shell-extension-appindicator) only; install it and turn it on." + appears
	}
	return "No panel of this desktop shows tray icons; add the panel's tray (status notifier) or start a panel that has one." + appears
}
