package ui

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"bellhop/app"
	"bellhop/ui/widget"
)

// The goldens are markup: what is on screen, where, in which colour. A change
// shows as a difference that can be read.

func TestTheStatesOfARow(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(NewTheme("light"))
	base := widget.RowState{
		Icon: "warn", Tint: widget.TintRed, Title: "Finding 4411 - SLA breached by 2 days! Overdue notice",
		Sub: "Sla Breach · Shop", Time: "09:12", Boxed: true, Open: true, Remove: true,
	}
	for name, change := range map[string]func(*widget.RowState){
		"plain":    func(*widget.RowState) {},
		"new":      func(s *widget.RowState) { s.New = true },
		"selected": func(s *widget.RowState) { s.Checked = true },
		"current":  func(s *widget.RowState) { s.Current = true },
		"focused":  func(s *widget.RowState) { s.Current, s.Focused = true, true },
		"hovered":  func(s *widget.RowState) { s.Hovered = true },
		"failed":   func(s *widget.RowState) { s.Failure = "Not removed: The server refused (403)." },
		"gone":     func(s *widget.RowState) { s.Gone, s.New = true, true },
		"removed":  func(s *widget.RowState) { s.Locked, s.Remove, s.Tint = true, false, widget.TintGrey },
		"history":  func(s *widget.RowState) { s.Boxed, s.Remove = false, false },
		"cut":      func(s *widget.RowState) { s.Title += " that goes on and on and does not fit into the row at all" },
	} {
		t.Run(name, func(t *testing.T) {
			row, state := widget.NewRow(), base
			change(&state)
			row.Set(state)
			row.Resize(fyne.NewSize(480, widget.RowH))
			test.AssertObjectRendersToMarkup(t, "row-"+name+".xml", container.NewWithoutLayout(row))
		})
	}
}

// settle lays everything out anew, whatever came first.
func (w *world) settle() {
	size := w.ui.Window().Canvas().Size()
	w.ui.Window().Resize(size.AddWidthHeight(1, 0))
	w.ui.Window().Resize(size)
	w.ui.shell.content.Refresh()
}

func TestTheShell(t *testing.T) {
	w := newWorld(t, wide, "", canned(), running())
	w.ready()
	w.ui.list.toggle(100)
	w.settle()
	test.AssertRendersToMarkup(t, "shell.xml", w.ui.Window().Canvas())
}

func TestTheNarrowShell(t *testing.T) {
	w := newWorld(t, fyne.NewSize(480, 640), "", canned(), running())
	w.ready()
	w.settle()
	test.AssertRendersToMarkup(t, "narrow.xml", w.ui.Window().Canvas())
}

func TestTheGuide(t *testing.T) {
	w := newWorld(t, fyne.NewSize(900, 700), "", &fakeInbox{}, running())
	w.until("the guide is shown", func() bool { return w.ui.place == ViewConnect })
	g := w.ui.guide
	g.server.SetText("https://dojo.example.com/")
	g.praise(app.Probe{DefectDojo: true, TLSUntil: noon.AddDate(0, 6, 0)})
	g.username.SetText("maria")
	g.failed(app.NewProblem("password_refused", "The server refused this name and password.", "Repeated tries can lock an account.", true, nil))
	w.ui.Window().Canvas().Unfocus() // the cursor blinks
	w.settle()
	test.AssertRendersToMarkup(t, "guide.xml", w.ui.Window().Canvas())
}
