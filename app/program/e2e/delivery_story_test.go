//go:build e2e && linux

package e2e

import (
	"image"
	"strings"
	"testing"
)

// The choices above the deliveries, and the beginning of "Send again" in the first
// of them, which is longer than "Test it".
var (
	needsYou  = image.Rect(420, 66, 510, 92)
	wasSent   = image.Rect(530, 66, 570, 92)
	sendAgain = image.Rect(1092, 152, 1112, 172)
)

func TestTheWindowShowsAFailedDeliveryAndSendsItAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	r := newReceiver(t)
	w.connect()
	bell := w.ring()
	w.untilCount(bell, 1)
	w.hook(r)
	w.cli("prefs", "set", "other", "alert,webhooks")
	w.dark()
	r.refuse(true)
	w.raise("other", "Backup failed")
	dead := w.untilDeliveries(1, "webhooks", "dead")[0]
	if dead.Attempts != 1 || !strings.Contains(dead.Answer, "no such product") {
		t.Errorf("it is %+v", dead)
	}

	win := w.openWith(bell)
	win.press("ctrl+4", "4")
	win.untilInk(needsYou, accent)
	win.untilInk(thePage, red) // what the receiver said
	w.shoot("deliveries-failed")
	win.press("Right")
	win.untilInk(thePage, orange) // what to do
	w.shoot("deliveries-failed-open")

	r.refuse(false)
	win.click(-60, 162) // Test it: what it answered has switched the endpoint off
	win.untilDrawn(sendAgain)
	w.shoot("deliveries-tested")
	win.click(-60, 162) // Send again
	win.untilNoInk(thePage, red)
	win.untilInk(thePage, green) // nothing needs anybody
	w.shoot("deliveries-none-failed")
	win.press("5")
	win.untilInk(wasSent, accent)
	win.untilInk(thePage, green)
	win.press("Right")
	win.untilInk(thePage, red) // the first attempt stays in the ledger
	w.shoot("deliveries-sent")
	took := w.untilTaken(r, 1)[0]
	if took.id != dead.ID || took.title != "Backup failed" {
		t.Errorf("the receiver has %+v, the ledger had %s", took, dead.ID)
	}
	if _, refused := r.has(); len(refused) != 1 || refused[0].id != took.id || refused[0].body != took.body {
		t.Errorf("it was %+v, and before %+v", took, refused)
	}
	if sent := w.untilDeliveries(1, "webhooks", "sent")[0]; sent.ID != dead.ID || sent.Attempts != 1 {
		t.Errorf("the ledger has %+v", sent)
	}
}
