package widget_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"bellhop/ui/widget"
)

func width(s string) float32 {
	return fyne.MeasureText(s, widget.SizeText, fyne.TextStyle{}).Width
}

func TestElideKeepsWhatFits(t *testing.T) {
	dress(t)
	if got := widget.Elide("short", 200, widget.SizeText, false); got != "short" {
		t.Errorf("what fits became %q", got)
	}
	long := strings.Repeat("wide words ", 40)
	for _, room := range []float32{0, 10, 57, 200, 499} {
		got := widget.Elide(long, room, widget.SizeText, false)
		if w := width(got); w > room && got != "…" {
			t.Errorf("%q is %v wide, the room is %v", got, w, room)
		}
		if room > 57 && (!strings.HasSuffix(got, "…") || strings.HasSuffix(got, " …")) {
			t.Errorf("what is cut became %q", got)
		}
	}
	if got := widget.Elide(strings.Repeat("i", 100_000), 1e6, widget.SizeText, false); len([]rune(got)) > 500 {
		t.Errorf("a line of %d characters is measured whole", len(got))
	}
}

func TestProseWrapsAtWordsAndBreaksWhatIsTooLong(t *testing.T) {
	dress(t)
	p := widget.NewProse("one two three four five six seven eight\nnine", widget.SizeText, false, widget.ColorText)
	p.Resize(fyne.NewSize(120, 10))
	lines := p.MinSize().Height / 20
	if lines < 4 {
		t.Errorf("the text takes %v lines in 120 pixels", lines)
	}
	p.Resize(fyne.NewSize(1000, 10))
	if got := p.MinSize().Height; got != 40 {
		t.Errorf("in 1000 pixels the text is %v high, want two lines", got)
	}
	p.Set(strings.Repeat("x", 200), widget.ColorText)
	p.Resize(fyne.NewSize(100, 10))
	if got := p.MinSize().Height / 20; got < 10 {
		t.Errorf("a word of 200 letters takes %v lines in 100 pixels", got)
	}
	p.Set("", widget.ColorText)
	if got := p.MinSize().Height; got != 0 {
		t.Errorf("no text is %v high", got)
	}
}

func TestTheZonesOfARow(t *testing.T) {
	dress(t)
	s := widget.RowState{Title: "title", Time: "09:12", Boxed: true, Open: true, Remove: true}
	const w = 600
	zone := func(x float32) widget.Zone { return s.ZoneAt(fyne.NewPos(x, 28), w) }
	if zone(25) != widget.ZoneCheck || zone(100) != widget.ZoneBody || zone(550) != widget.ZoneTime {
		t.Errorf("box %v, body %v, time %v", zone(25), zone(100), zone(550))
	}
	s.Hovered = true
	if zone(550) != widget.ZoneRemove || zone(515) != widget.ZoneOpen {
		t.Errorf("remove %v, open %v", zone(550), zone(515))
	}
	s.Failure = "no"
	if zone(530) != widget.ZoneRetry {
		t.Errorf("retry %v", zone(530))
	}
	s.Failure, s.Locked, s.Remove = "", true, false
	if zone(25) == widget.ZoneCheck {
		t.Error("a removed alert can be selected")
	}
	if zone(550) != widget.ZoneOpen {
		t.Errorf("open alone %v", zone(550))
	}
}

func TestPressingByKeyAndMouse(t *testing.T) {
	dress(t)
	n := 0
	b := widget.NewButton(widget.Plain, "", "Press", func() { n++ })
	win := test.NewTempWindow(t, b)
	passed := fyne.KeyName("")
	win.Canvas().SetOnTypedKey(func(k *fyne.KeyEvent) { passed = k.Name })
	test.Tap(b)
	b.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	b.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	b.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDelete})
	if n != 3 || passed != fyne.KeyDelete {
		t.Errorf("pressed %d times, passed on %q", n, passed)
	}
	b.Disable()
	test.Tap(b)
	if n != 3 {
		t.Error("a disabled button was pressed")
	}
}

func TestAFieldKeepsItsKeysAndTellsItsChanges(t *testing.T) {
	dress(t)
	f := widget.NewField("search", "hint")
	test.NewTempWindow(t, f)
	var told []string
	entered, escaped := 0, 0
	f.OnChanged = func(s string) { told = append(told, s) }
	f.OnEnter = func() { entered++ }
	f.OnEscape = func() { escaped++ }
	f.Type("a")
	f.SetText("set")
	f.Press(fyne.KeyReturn)
	f.Press(fyne.KeyEscape)
	if len(told) != 1 || told[0] != "a" || f.Text() != "set" || entered != 1 || escaped != 1 {
		t.Errorf("told %q, text %q, entered %d, escaped %d", told, f.Text(), entered, escaped)
	}
}
