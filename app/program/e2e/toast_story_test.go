//go:build e2e && linux

package e2e

import (
	"strings"
	"testing"
	"time"

	"bellhop/app"
)

func TestAnAlertIsToastedOpenedAndRemoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3)
	w.connect()
	bell := w.ring()
	w.untilCount(bell, 3)

	w.born("SQL injection in <cart> & more", "/finding/77")
	w.sync()
	w.untilCount(bell, 4)
	w.untilToasts(1) // of the four: the backlog makes none
	w.shoot("toast")
	w.clickToast(1)
	if page := w.opened(); page != w.url+"/finding/77" {
		t.Errorf("the toast opened %q", page)
	}
	w.untilToasts(0)
	w.untilCount(bell, 4) // opening changes nothing
	if n := w.toastCount("historyLength"); n != 1 {
		t.Errorf("%d toasts were shown", n)
	}
	if told, _ := w.run("", "dunstctl", "history"); !strings.Contains(told, "SQL injection in <cart> & more") &&
		!strings.Contains(told, "SQL injection in &lt;cart&gt; &amp; more") {
		t.Errorf("the toast said something else: %s", told)
	}

	newest := w.alerts("--limit", "1")[0]
	if newest.Title != "SQL injection in <cart> & more" {
		t.Errorf("the newest alert is %q", newest.Title)
	}
	w.hasty()
	w.cli("remove", itoa(newest.ID))
	w.untilCount(bell, 3)
	w.untilServer(3)
	if gone := w.alerts("--removed"); len(gone) != 1 || gone[0].ID != newest.ID {
		t.Errorf("the history holds %v", gone)
	}
}

func TestAToastsButtonsRemoveAndSnooze(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	w.connect()
	bell := w.ring()
	w.untilCount(bell, 1)
	w.hasty()
	w.born("To be removed", "/finding/7")
	w.sync()
	w.untilToasts(1)
	w.pressOnToast("Remove")
	w.untilCount(bell, 1)
	w.untilServer(1)
	w.untilToasts(0)

	w.born("To be snoozed", "/finding/8")
	w.sync()
	w.untilToasts(1)
	w.pressOnToast("Snooze")
	w.untilToasts(0)
	inbox := w.inbox()
	w.until("it comes again in an hour", func() bool {
		next, err := inbox.NextSnooze(t.Context())
		in := time.Until(next)
		return err == nil && in > 50*time.Minute && in < 70*time.Minute
	})
	w.untilCount(bell, 2) // a snoozed alert stays in the list
}

func TestABurstIsOneToast(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	w.connect()
	bell := w.ring()
	w.untilCount(bell, 1)
	for range 7 {
		w.born("Created/Updated 3 findings", "/test/1")
	}
	w.sync()
	w.untilCount(bell, 8)
	w.untilToasts(1)
	w.shoot("burst")
	w.clickToast(1)
	w.window() // a summary leads to the list
	if n := w.toastsShown() + w.toastCount("historyLength"); n != 1 {
		t.Errorf("%d toasts were shown", n)
	}
}

func TestAToastIsWithdrawnWhenItsAlertIsRemoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	w.connect()
	bell := w.ring()
	w.untilCount(bell, 0)
	pk := w.born("Soon gone", "/finding/1")
	w.sync()
	w.untilToasts(1)
	w.dojo.RemoveAlert(user, pk) // in a browser
	w.sync()
	w.untilToasts(0)
	w.untilCount(bell, 0)

	w.born("Soon removed here", "/finding/2")
	w.sync()
	w.untilToasts(1)
	w.cli("remove", itoa(w.alerts()[0].ID))
	w.untilToasts(0)
}

func TestAToastOutlivesTheBellAndIsNotRepeated(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	w.connect()
	bell := w.ring()
	w.untilCount(bell, 0)
	first := w.born("Still on the screen", "/finding/1")
	w.sync()
	w.untilToasts(1)
	inbox := w.inbox()
	w.until("the toast is remembered", func() bool {
		waiting, err := inbox.Unrouted(t.Context(), 1)
		toasts, _, err2 := inbox.Deliveries(t.Context(), app.DeliveryFilter{State: app.DeliveryWaiting, Channel: "toast"})
		return err == nil && err2 == nil && len(waiting) == 0 && len(toasts) == 0
	})
	w.bell.strike()

	bell = w.ring()
	w.untilCount(bell, 1)
	w.born("Born after the restart", "/finding/2")
	w.sync()
	w.untilToasts(2) // the old and the new, and none twice
	w.dojo.RemoveAlert(user, first)
	w.sync()
	w.untilToasts(1) // what the last run has shown is withdrawn all the same
	w.untilCount(bell, 1)
}

func TestAnAlertIsToastedByTheNextBellWhereThisOneDied(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	w.connect()
	bell := w.ring()
	w.untilCount(bell, 0)
	w.born("Nearly missed", "/finding/1")
	w.sync()
	w.bell.strike() // within the two seconds in which arrivals are gathered
	if n := w.toastsShown(); n != 0 {
		t.Fatalf("%d toasts were shown already", n)
	}
	w.ring()
	w.untilToasts(1)
}
