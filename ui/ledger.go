package ui

import (
	"context"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"bellhop/app"
	"bellhop/ui/widget"
)

// ledgerDelay is how long an alert has to be looked at before its deliveries are
// read: who walks down the list wants none of them.
const ledgerDelay = 150 * time.Millisecond

// mostLedger is how many deliveries of an alert the detail lists; the page of
// deliveries has them all.
const mostLedger = 12

// ledger is the part of the detail that says where an alert was sent, and why.
type ledger struct {
	u     *UI
	box   *fyne.Container
	list  *fyne.Container
	why   *widget.Button
	reads *view[app.AlertID, DeliveryPage]
	whys  *view[app.AlertID, []Reason]
	id    app.AlertID
	stop  func()
	lines []DeliveryLine
	due   bool // the alert has been looked at for long enough to be read
}

func newLedger(u *UI) *ledger {
	l := &ledger{u: u}
	l.reads = newView(u.do, func(ctx context.Context, id app.AlertID) (DeliveryPage, error) {
		return u.engine.Deliveries(ctx, app.DeliveryFilter{Alert: id, Limit: mostLedger})
	}, l.take)
	l.whys = newView(u.do, func(ctx context.Context, id app.AlertID) ([]Reason, error) {
		return u.engine.Why(ctx, id)
	}, l.explain)
	l.why = widget.NewButton(widget.Quiet, "", "Why?", l.askWhy)
	l.list = widget.Column(10)
	title := widget.NewElastic("Delivered", widget.SizeText, true, widget.ColorText)
	l.box = widget.Column(2, widget.Line(8, title, title, edge(l.why)), l.list)
	return l
}

// show begins with another alert; 0 is none.
func (l *ledger) show(id app.AlertID) {
	if id == l.id {
		return
	}
	l.id = id
	if l.stop != nil {
		l.stop()
		l.stop = nil
	}
	l.lines, l.due = nil, false
	l.list.RemoveAll()
	if id != 0 {
		l.stop = l.u.later(ledgerDelay, func() {
			l.due = true
			l.refresh()
		})
	}
}

// refresh reads the deliveries of the alert that is shown once more.
func (l *ledger) refresh() {
	if l.due && l.u.shell.front == nil {
		l.reads.ask(l.id)
	}
}

// take takes in what was read.
func (l *ledger) take(id app.AlertID, p DeliveryPage, err error) {
	if id != l.id {
		return
	}
	l.lines = p.Lines
	l.list.RemoveAll()
	switch {
	case err != nil:
		l.list.Add(widget.NewProse(oneLine(app.AsProblem(err).Error()), widget.SizeSmall, false, widget.ColorRed))
	case len(p.Lines) == 0:
		l.list.Add(widget.NewProse("Nowhere but into this list.", widget.SizeSmall, false, widget.ColorMuted))
	}
	for _, d := range p.Lines {
		l.list.Add(l.line(d))
	}
	if p.Next != "" {
		l.list.Add(widget.Line(0, nil, widget.NewButton(widget.Quiet, "send", "More in Deliveries", func() { l.u.Show(ViewDeliveries) })))
	}
	l.u.detail.body.Refresh()
}

// line draws one delivery: the way, how far it came, and what can be done.
func (l *ledger) line(d DeliveryLine) fyne.CanvasObject {
	now := l.u.now()
	tint := stateTint(d)
	icon := "send"
	if int(d.Channel) < app.NumChannels {
		icon = channelText[d.Channel].icon
	}
	way := widget.NewElastic(wayText(d), widget.SizeText, false, widget.ColorText)
	box := widget.Column(2, widget.Line(8, way, widget.NewPicture(icon, tint.Ink, widget.IconSize), way, widget.NewChip(stateText(d, now), tint)))
	var parts []string
	if n := tries(d.Attempts); n != "" && (d.Attempts > 1 || d.State != app.DeliverySent) {
		parts = append(parts, n)
	}
	if a := answerText(d.Status, d.Code, d.Answer); a != "" {
		parts = append(parts, a)
	}
	text := widget.NewProse(strings.Join(parts, " · "), widget.SizeSmall, false, widget.ColorMuted)
	sub, above := widget.Line(8, text, text), float32(0)
	if act := actText(d, now); act != "" && l.u.bell != nil {
		again := func() { l.u.actOn(d) }
		if d.State == app.DeliveryDead {
			sub.Add(widget.NewButton(widget.Plain, "", act, again))
			above = 4 // between its frame and the chip
		} else {
			sub.Add(edge(widget.NewButton(widget.Quiet, "", act, again)))
		}
	}
	box.Add(widget.Inset(above, 0, 0, widget.IconSize+8, sub))
	if next := nextText(d); next != "" {
		box.Add(widget.Inset(0, 0, 0, widget.IconSize+8, widget.NewProse(next, widget.SizeSmall, false, widget.ColorOrange)))
	}
	return box
}

// edge lets the text of a button without a frame, or of a line that ends in one,
// end where other texts do.
func edge(o fyne.CanvasObject) fyne.CanvasObject { return widget.Inset(0, -12, 0, 0, o) }

// askWhy asks for the rules that decided about the alert.
func (l *ledger) askWhy() {
	if l.id != 0 {
		l.whys.ask(l.id)
	}
}
