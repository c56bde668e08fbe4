//go:build e2e && linux

package e2e

import (
	"bytes"
	"image"
	"image/color"
	"strings"
	"testing"

	"bellhop/app"
)

func TestTheIconShowsTheNumberOfAlerts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	w.connect()
	bell := w.ring()
	w.untilCount(bell, 0)
	last := w.crisp(bell)
	for n := range 3 {
		w.born("Finding is overdue", "/finding/1")
		w.sync()
		w.untilCount(bell, n+1)
		now := w.crisp(bell)
		if bytes.Equal(last, now) {
			t.Errorf("the icon of %d alerts is the icon of %d", n+1, n)
		}
		last = now
	}
	if tip := bell.tooltip(); !strings.Contains(tip, strings.TrimPrefix(w.url, "http://")) || !strings.Contains(tip, "synced") {
		t.Errorf("the tooltip tells no server or no last look at it: %q", tip)
	}
	corner := image.Rect(0, 0, 40, 32)
	w.until("the panel shows the badge", func() bool {
		return pixels(w.look(corner), func(c color.RGBA) bool { return c.R > 180 && c.G < 70 && c.B < 80 }) > 20
	})
	w.shoot("icon")
}

// crisp returns the icon's picture, whose every pixel is to be seen or not:
// panels show half-transparent ones in wrong colours.
func (w *world) crisp(i icon) []byte {
	w.t.Helper()
	width, height, argb := i.pixels()
	if width < 22 || width != height || len(argb) != int(4*width*height) {
		w.t.Fatalf("the icon measures %d by %d pixels and has %d bytes", width, height, len(argb))
	}
	for at := 0; at < len(argb); at += 4 {
		if a := argb[at]; a != 0 && a != 255 {
			w.t.Fatalf("the pixel %d of the icon has the alpha %d", at/4, a)
		}
	}
	return argb
}

func TestTheMenuOpensAlertsAndTakesThemAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 12)
	w.connect()
	bell := w.ring()
	w.untilCount(bell, 12)
	menu := bell.menu()
	for n := 12; n > 0; n-- {
		if _, there := find(menu, "Finding "+itoa(int64(n))+" is overdue"); there != (n > 2) {
			t.Errorf("finding %d in the menu: %v; the ten newest have to be there", n, there)
		}
	}
	bell.click("Finding 3 is overdue")
	if page := w.opened(); page != w.url+"/finding/3" {
		t.Errorf("the menu opened %q", page)
	}
	w.untilCount(bell, 12) // opening changes nothing

	w.hasty()
	if _, ok := find(menu, "Clear 12 alerts"); !ok {
		t.Errorf("the menu does not ask with the number: %v", menu)
	}
	bell.click("Keep them")
	bell.click("Clear 12 alerts")
	w.untilCount(bell, 0)
	w.untilServer(0)
	if n := len(w.alerts("--removed", "--limit", "50")); n != 12 {
		t.Errorf("the history holds %d alerts", n)
	}
}

func TestTheMenuIsUsedWithTheMouse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3)
	w.connect()
	bell := w.ring()
	w.untilCount(bell, 3)
	w.untilIconDrawn()
	below := image.Rect(0, 40, 300, 300)
	before := w.look(below)
	w.until("the panel opens the menu", w.everyThreeSeconds(
		func() { w.click(17, 16, 3) }, func() bool { return !same(before, w.look(below)) }))
	w.shoot("menu")
	w.xdotool("key", "Down", "Return") // the first line that can be chosen
	if page := w.opened(); page != w.url+"/finding/3" {
		t.Errorf("the menu opened %q", page)
	}
}

func TestAForeignLinkIsOpenedOnlyOnceConfirmed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	w.born("A trap", "https://elsewhere.example/finding/1")
	w.connect()
	bell := w.ring()
	w.untilCount(bell, 1)
	bell.click("A trap")
	w.untilToasts(1)
	w.shoot("foreign")
	select {
	case page := <-w.pages:
		t.Errorf("without a question the browser opened %q", page)
	default:
	}
	w.clickToast(1)
	if page := w.opened(); page != "https://elsewhere.example/finding/1" {
		t.Errorf("the toast opened %q", page)
	}
}

func TestAPauseChangesTheFaceAndHoldsToastsBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	w.connect()
	bell := w.ring()
	w.untilCount(bell, 1)
	awake := w.crisp(bell)
	bell.click("Until resumed")
	var asleep []byte
	w.until("the face changes", func() bool { asleep = w.crisp(bell); return !bytes.Equal(awake, asleep) })
	w.born("Born in the pause", "/finding/2")
	w.sync()
	w.untilCount(bell, 2)
	inbox := w.inbox()
	w.until("the arrival has been dealt with", func() bool {
		waiting, err := inbox.Unrouted(t.Context(), 1)
		toasts, _, err2 := inbox.Deliveries(t.Context(), app.DeliveryFilter{State: app.DeliveryWaiting, Channel: "toast"})
		return err == nil && err2 == nil && len(waiting) == 0 && len(toasts) == 0
	})
	bell.click("Resume notifications")
	w.until("the face changes again", func() bool { return !bytes.Equal(asleep, w.crisp(bell)) })
	w.born("Born after it", "/finding/3")
	w.sync()
	w.untilToasts(1)
	w.clickToast(1)
	if page := w.opened(); page != w.url+"/finding/3" {
		t.Errorf("the toast opened %q: was the pause not kept?", page)
	}
	w.untilToasts(0)
	if n := w.toastCount("historyLength"); n != 1 {
		t.Errorf("%d toasts were shown", n)
	}
}
