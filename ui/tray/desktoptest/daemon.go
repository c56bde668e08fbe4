package desktoptest

import (
	"sync"
	"testing"

	"github.com/godbus/dbus/v5"
)

const (
	notifyName = "org.freedesktop.Notifications"
	notifyPath = "/org/freedesktop/Notifications"
)

// Daemon is a notification daemon.
type Daemon struct {
	// Shown receives every notification that is shown, Withdrawn every note
	// that a program has closed.
	Shown     chan Notification
	Withdrawn chan uint32

	conn         *dbus.Conn
	capabilities []string

	mu   sync.Mutex
	last uint32
}

// Notification is one that a daemon was given.
type Notification struct {
	Note         uint32
	Replaces     uint32
	App, Icon    string
	Title, Body  string
	Actions      []string // keys and labels in turn
	Hints        map[string]dbus.Variant
	Milliseconds int32
}

// Daemon starts a notification daemon that can do what is named.
func (b *Bus) Daemon(tb testing.TB, capabilities ...string) *Daemon {
	tb.Helper()
	d := &Daemon{
		Shown: make(chan Notification, 64), Withdrawn: make(chan uint32, 64),
		conn: b.Connect(tb), capabilities: capabilities,
	}
	if err := d.conn.Export((*notifications)(d), notifyPath, notifyName); err != nil {
		tb.Fatal(err)
	}
	own(tb, d.conn, notifyName)
	return d
}

// Quit ends the daemon, as when it crashes or is replaced.
func (d *Daemon) Quit() { _ = d.conn.Close() }

// Invoke is a click: on the notification itself ("default") or on a button.
func (d *Daemon) Invoke(tb testing.TB, note uint32, action string) {
	tb.Helper()
	if err := d.conn.Emit(notifyPath, notifyName+".ActionInvoked", note, action); err != nil {
		tb.Fatal(err)
	}
}

// Close tells that a notification is gone: 1 expired, 2 dismissed, 3 withdrawn.
func (d *Daemon) Close(tb testing.TB, note, reason uint32) {
	tb.Helper()
	if err := d.conn.Emit(notifyPath, notifyName+".NotificationClosed", note, reason); err != nil {
		tb.Fatal(err)
	}
}

// notifications keeps the D-Bus methods off the daemon's own.
type notifications Daemon

// Notify shows a notification.
func (n *notifications) Notify(app string, replaces uint32, icon, title, body string, actions []string,
	hints map[string]dbus.Variant, milliseconds int32,
) (uint32, *dbus.Error) {
	n.mu.Lock()
	note := replaces
	if note == 0 {
		n.last++
		note = n.last
	}
	n.mu.Unlock()
	n.Shown <- Notification{note, replaces, app, icon, title, body, actions, hints, milliseconds}
	return note, nil
}

// CloseNotification withdraws a notification.
func (n *notifications) CloseNotification(note uint32) *dbus.Error {
	n.Withdrawn <- note
	if err := n.conn.Emit(notifyPath, notifyName+".NotificationClosed", note, uint32(3)); err != nil {
		return dbus.MakeFailedError(err)
	}
	return nil
}

// GetCapabilities tells what the daemon can do.
func (n *notifications) GetCapabilities() ([]string, *dbus.Error) { return n.capabilities, nil }

// GetServerInformation tells who the daemon is.
func (n *notifications) GetServerInformation() (name, vendor, version, spec string, _ *dbus.Error) {
	return "testd", "desktoptest", "1.0", "1.2", nil
}
