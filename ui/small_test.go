package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

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

func TestInASmallWindowWhatIsToBeMendedIsInSight(t *testing.T) {
	w := newWorld(t, small, ViewSilences, withEngine(canned(), cannedEngine()), running())
	s := w.ui.silences
	w.until("the silences are shown", func() bool { return s.loaded })
	s.openForm()
	f := s.form
	test.Tap(f.long.Button(longOther))
	w.pass(drawTime)
	f.until.Type("18 o'clock")
	f.submit()
	d := fyne.CurrentApp().Driver()
	top, y := d.AbsolutePositionForObject(f.scroll).Y, d.AbsolutePositionForObject(f.until).Y
	if f.fault.Text() == "" || y < top || y+f.until.Size().Height > top+f.scroll.Size().Height {
		t.Errorf("it says %q, and the field is at %.0f, in sight is %.0f to %.0f", f.fault.Text(), y, top, top+f.scroll.Size().Height)
	}
	if f.titles.Visible() {
		t.Error("examples take the room")
	}
}

func TestNoPageIsWiderThanASmallWindow(t *testing.T) {
	in := withEngine(canned(), cannedEngine())
	withWishes(in)
	w := newWorld(t, small, ViewSettings, in, running())
	w.until("the settings are shown", func() bool { return w.ui.known && w.ui.settings.last != nil })
	fits := func(name string, page fyne.CanvasObject) {
		t.Helper()
		w.settle()
		if got := page.MinSize().Width; got > leastWidth {
			t.Errorf("%s need %.0f, there is %.0f", name, got, leastWidth)
		}
	}
	fits("the settings", w.ui.settings.page)
	w.ui.Show(ViewNotifications)
	r := w.ui.rules
	w.until("the switches are shown", func() bool { return r.known && len(r.columns) > 0 && r.stored != nil })
	fits("the switches", r.page)
	r.extras.editCondition(nil)
	fits("the switches with a condition", r.page)
	w.ui.Show(ViewSilences)
	w.until("the silences are shown", func() bool { return w.ui.silences.loaded })
	w.ui.silences.openForm()
	fits("a new silence", w.ui.silences.form.page)
}
