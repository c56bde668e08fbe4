//go:build e2e && linux

package e2e

import (
	"path/filepath"
	"strconv"
)

const (
	notifications     = "org.freedesktop.Notifications"
	notificationsPath = "/org/freedesktop/Notifications"
)

// toastCount asks the notification daemon for a number of toasts: those on the
// screen ("displayedLength") or those that were there ("historyLength").
func (d *desktop) toastCount(which string) int {
	d.t.Helper()
	v, err := d.conn.Object(notifications, notificationsPath).GetProperty("org.dunstproject.cmd0." + which)
	if err != nil {
		d.t.Fatalf("ask the notification daemon: %v", err)
	}
	n, ok := v.Value().(uint32)
	if !ok {
		d.t.Fatalf("the notification daemon counts %v", v)
	}
	return int(n)
}

// toastsShown is how many toasts are on the screen.
func (d *desktop) toastsShown() int {
	d.t.Helper()
	return d.toastCount("displayedLength")
}

// untilToasts waits until n toasts are on the screen.
func (d *desktop) untilToasts(n int) {
	d.t.Helper()
	d.until(strconv.Itoa(n)+" toasts are on the screen", func() bool { return d.toastsShown() == n })
}

// clickToast presses a button of the mouse on the toast on the screen.
func (d *desktop) clickToast(button int) {
	d.t.Helper()
	d.until("a toast is on the screen", func() bool { return d.toastsShown() > 0 })
	var b box
	d.until("the toast has a window", func() bool {
		var ok bool
		b, ok = d.boxOf("--class", "dunst")
		return ok
	})
	d.click(b.x+b.w/2, b.y+b.h/2, button)
}

// pressOnToast presses one of the toast's buttons: this daemon shows them as a
// menu, in which a program of the user's choice lets the user choose.
func (d *desktop) pressOnToast(button string) {
	d.t.Helper()
	d.script("choose", "tee '"+filepath.Join(d.home, "choices")+"' | grep -m 1 '"+button+"'\n")
	d.clickToast(2)
}
