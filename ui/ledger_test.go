package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"bellhop/app"
	"bellhop/ui/widget"
)

func TestTheLedgerIsReadForWhatIsLookedAt(t *testing.T) {
	e := cannedEngine()
	w := newWorld(t, wide, "", withEngine(canned(), e), running())
	w.ready()
	for range 5 {
		w.key(fyne.KeyDown)
	}
	if e.asked() > 0 {
		t.Errorf("walking down the list read the ledger %d times", e.asked())
	}
	for range 5 {
		w.key(fyne.KeyUp)
	}
	w.pass(ledgerDelay)
	l := w.ui.ledger
	w.until("the ledger of the first alert is shown", func() bool { return len(l.lines) == 2 })
	if l.id != 100 || e.asked() != 1 {
		t.Errorf("alert %d was read in %d reads", l.id, e.asked())
	}
	w.bell.resend = func([]app.DeliveryID, bool) (int, error) { return 1, nil }
	w.ui.sendAgain(l.lines[1])
	w.until("it is sent again", w.bell.called("resend [01KB0000000000000000000039] false"))
	for range 4 {
		w.key(fyne.KeyDown)
	}
	w.pass(ledgerDelay)
	w.until("an alert that went nowhere says so", func() bool { return len(l.list.Objects) == 1 && len(l.lines) == 0 })
}

func TestWhyIsToldInWords(t *testing.T) {
	e := cannedEngine()
	w := newWorld(t, wide, "", withEngine(canned(), e), running())
	w.ready()
	w.rune('w')
	w.until("it is told", func() bool { return w.ui.dialog != nil })
	w.key(fyne.KeyPageDown)
	w.key(fyne.KeyEscape)
	if w.ui.dialog != nil {
		t.Error("escape does not close it")
	}
	e.change(func() { e.err = app.NewProblem("damaged", "The database is damaged.", "Restore it.", true, nil) })
	test.Tap(w.ui.ledger.why)
	w.until("the failure is told", func() bool { return w.ui.failure != nil && strings.HasPrefix(w.ui.failure.Message, "The database") })
}

func TestTheSwitchesAsTheyAreDrawn(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(NewTheme("light"))
	m := widget.NewMatrix(2)
	m.Set([]widget.MatrixLine{
		{Title: "Scan Added", Sub: "after an import", Cells: []widget.Cell{{On: true}, {Mark: "system", Ink: widget.ColorBrass}}},
		{Title: "Other", Cells: []widget.Cell{{On: true, Locked: true}, {Locked: true}}},
	}, false)
	m.Resize(fyne.NewSize(400, 84))
	test.AssertObjectRendersToMarkup(t, "matrix.xml", container.NewWithoutLayout(m))
	line := widget.NewTryLine()
	line.Set(widget.TryState{Lead: "1 · 09:12:00 · 240 ms", Text: "404 no such hook", Ink: widget.ColorRed, Last: true})
	line.Resize(fyne.NewSize(480, widget.GroupH))
	test.AssertObjectRendersToMarkup(t, "tryline.xml", container.NewWithoutLayout(line))
	row := widget.NewRow()
	row.Set(widget.RowState{Icon: "mail", Tint: widget.TintRed, Title: "Finding 4411", Sub: "Mail", Failure: "Mail · Needs you", Act: "Send again", Fold: "chevron"})
	row.Resize(fyne.NewSize(480, widget.RowH))
	test.AssertObjectRendersToMarkup(t, "row-delivery.xml", container.NewWithoutLayout(row))
}

func TestThePageOfDeliveriesAsItIsDrawn(t *testing.T) {
	w := openDeliveries(t, cannedEngine())
	w.settle()
	test.AssertRendersToMarkup(t, "deliveries.xml", w.ui.Window().Canvas())
}

func TestThePageOfSwitchesAsItIsDrawn(t *testing.T) {
	w := openRules(t, cannedEngine())
	w.settle()
	test.AssertRendersToMarkup(t, "rules.xml", w.ui.Window().Canvas())
}
