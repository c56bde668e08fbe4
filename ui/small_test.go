package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"bellhop/app"
)

// small is a window as small as it can be made.
var small = fyne.NewSize(leastWidth, leastHeight)

func TestInASmallWindowEverySwitchCanBePressed(t *testing.T) {
	e := cannedEngine()
	w := newWorld(t, small, ViewNotifications, withEngine(canned(), e), running())
	w.stores(e)
	r := w.ui.rules
	w.until("the switches are shown", func() bool { return w.ui.known && r.known && len(r.columns) > 0 })
	w.settle()
	if got := r.page.Size().Width; got > leastWidth || r.matrix.Size().Width != leastWidth-2*pagePad {
		t.Fatalf("in %.0f the page is %.0f wide, the switches are %.0f", leastWidth, got, r.matrix.Size().Width)
	}
	size, lines := r.matrix.Size(), float32(len(r.columns))
	line := size.Height / lines
	hit := func(y float32) {
		column := size.Width / float32(app.NumChannels)
		r.matrix.Tapped(&fyne.PointEvent{Position: fyne.NewPos((float32(app.ChannelWebhooks)+0.5)*column, float32(app.ColumnTestAdded)*line+y)})
	}
	hit(8) // what it is about
	if on, _, _ := w.cellOf(app.ColumnTestAdded, app.ChannelWebhooks); on {
		t.Error("a press on the name has switched")
	}
	hit(line - 16)
	if on, _, _ := w.cellOf(app.ColumnTestAdded, app.ChannelWebhooks); !on {
		t.Error("a press on the switch has not switched")
	}
	w.until("it is saved", func() bool { return !r.saving })
}

func TestInASmallWindowWhatToDoCanBeReadWhole(t *testing.T) {
	w := newWorld(t, small, ViewDeliveries, withEngine(canned(), cannedEngine()), running())
	d := w.ui.deliveries
	w.until("the deliveries are shown", func() bool { return d.loaded })
	w.key(fyne.KeyDown)
	w.key(fyne.KeyReturn)
	w.until("the attempts are read", func() bool { return len(d.attempts[d.current]) == 3 })
	more := func() float32 {
		t.Helper()
		for i, it := range d.items {
			if it.text != nil && strings.HasPrefix(it.text.Text, "What to do") {
				if it.text.Cut(d.rows.Size().Width) {
					t.Errorf("%q is cut at %.0f", it.text.Text, d.rows.Size().Width)
				}
				return d.rows.Items()[i].More
			}
		}
		t.Fatal("it is not said what to do")
		return 0
	}
	if more() <= 0 {
		t.Error("it stands in one line")
	}
	w.ui.Window().Resize(wide)
	if got := more(); got != 0 {
		t.Errorf("in a wide window it is %.0f higher than one line", got)
	}
}
