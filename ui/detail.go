package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	fynewidget "fyne.io/fyne/v2/widget"

	"bellhop/app"
	"bellhop/ui/widget"
)

// detail is the column at the right: one alert, whole.
type detail struct {
	u       *UI
	box     *fyne.Container
	body    *fyne.Container
	none    *fyne.Container
	chip    *widget.Chip
	close   *widget.Button
	title   *widget.Link
	meta    *widget.Prose
	text    *fynewidget.Label
	cut     *widget.Prose
	textBox *fyne.Container
	open    *widget.Button
	bin     *widget.Button
	facts   *fyne.Container
	card    *fyne.Container
	scroll  *container.Scroll
	id      app.AlertID
}

func newDetail(u *UI) *detail {
	d := &detail{u: u}
	d.chip = widget.NewChip("", widget.TintGrey)
	d.close = widget.NewButton(widget.Quiet, "close", "", func() { u.shell.closeDetail() })
	d.title = widget.NewLink("", widget.SizeTitle, true, func() { u.open(d.id, false) })
	d.meta = widget.NewProse("", widget.SizeSmall, false, widget.ColorMuted)
	d.text = fynewidget.NewLabel("")
	d.text.Wrapping = fyne.TextWrapWord
	d.text.Selectable = true
	d.cut = widget.NewProse("", widget.SizeSmall, false, widget.ColorMuted)
	d.open = widget.NewButton(widget.Primary, "open", "Open in DefectDojo", func() { u.open(d.id, false) })
	d.bin = widget.NewButton(widget.Plain, "trash", "Remove", func() { u.list.removeThese([]app.AlertID{d.id}) })
	d.facts = widget.Column(2)
	d.card = container.NewStack(
		widget.NewPanel(widget.ColorGround, widget.ColorLine, widget.Radius, false),
		widget.Inset(10, 12, 10, 12, d.facts))
	d.textBox = widget.Column(0, container.NewThemeOverride(d.text, widget.Bare{}), d.cut, widget.Space(1, 12))
	gap := widget.Space(1, widget.ControlH)
	column := widget.Column(0,
		widget.Line(0, gap, d.chip, gap, d.close),
		widget.Space(1, 4),
		d.title, widget.Space(1, 4), d.meta, widget.Space(1, 12),
		d.textBox,
		widget.Line(8, nil, d.open, d.bin), widget.Space(1, 16), d.card,
		widget.Space(1, 12), u.ledger.box)
	d.scroll = container.NewVScroll(widget.Inset(9, 16, 16, 16, column))
	d.body = container.NewStack(d.scroll)
	d.none = container.NewCenter(widget.NewLabel("No alert chosen", widget.SizeText, false, widget.ColorMuted))
	d.box = container.NewStack(d.body, d.none)
	d.show(nil)
	return d
}

// setClose offers to slide the detail away.
func (d *detail) setClose(on bool) { visible(d.close, on) }

// show shows a, or nothing for nil.
func (d *detail) show(a *app.Alert) {
	visible(d.body, a != nil)
	visible(d.none, a == nil && len(d.u.list.feed.rows) > 0)
	if a == nil {
		d.id = 0
		d.u.ledger.show(0)
		return
	}
	d.u.ledger.show(a.ID)
	now := d.u.now()
	source := oneLine(a.Source)
	if source == "" {
		source = "Alert"
	}
	d.chip.Set(source, kindOf(*a).tint)
	title := oneLine(a.Title)
	if title == "" {
		title = "(no title)"
	}
	if title != d.title.Text() {
		d.title.Set(title, widget.ColorText)
	}
	d.meta.Set(moment(a.Created.In(now.Location()), now), widget.ColorMuted)
	text, cut := paragraphs(a.Description)
	if d.text.Text != text {
		d.text.SetText(text)
	}
	visible(d.textBox, text != "")
	note := ""
	if cut {
		note = "The text goes on; open the alert in DefectDojo to read all of it."
	}
	d.cut.Set(note, widget.ColorMuted)
	acc := d.u.accountOf(a.Account)
	local := acc != nil && acc.Local()
	visible(d.open, !local || a.URL != "")
	if local {
		d.open.SetText("Open")
	} else {
		d.open.SetText("Open in DefectDojo")
	}
	visible(d.bin, a.Removal == nil && !d.u.list.gone[a.ID])
	d.showFacts(a)
	if d.id != a.ID {
		d.id = a.ID
		d.scroll.ScrollToTop()
	}
	d.body.Refresh()
}

// scrollBy moves the text by a part of the height that is in view.
func (d *detail) scrollBy(part float32) {
	at := d.scroll.Offset.Y + part*d.scroll.Size().Height
	d.scroll.ScrollToOffset(fyne.NewPos(0, max(0, at)))
}

// showFacts lists what is known about the alert besides its text.
func (d *detail) showFacts(a *app.Alert) {
	now := d.u.now()
	d.facts.RemoveAll()
	if acc := d.u.accountOf(a.Account); acc != nil {
		d.fact("Account", acc.Name(), widget.ColorText)
	}
	d.fact("Created", full(a.Created.In(now.Location())), widget.ColorText)
	d.fact("Seen here", full(a.FirstSeen.In(now.Location())), widget.ColorText)
	if a.Removal != nil {
		d.fact("Left the list", sentence(removalText(a, now)), widget.ColorText)
		d.fact("", full(a.Removal.At.In(now.Location())), widget.ColorMuted)
	}
	if a.Failure != nil {
		d.fact("Not removed", oneLine(a.Failure.Reason), widget.ColorRed)
		d.fact("", full(a.Failure.At.In(now.Location())), widget.ColorMuted)
	}
}

// fact adds a line to the card.
func (d *detail) fact(name, value string, color fyne.ThemeColorName) {
	label := container.New(factLayout{}, widget.NewLabel(name, widget.SizeSmall, false, widget.ColorMuted),
		widget.NewProse(value, widget.SizeSmall, false, color))
	d.facts.Add(label)
}

// factLayout puts a name at the left and what wraps at the right of it.
type factLayout struct{}

const factName float32 = 88

// Layout is for Fyne.
func (factLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Move(fyne.NewPos(0, 2))
	o[0].Resize(fyne.NewSize(factName, 16))
	o[1].Move(fyne.NewPos(factName, 2))
	o[1].Resize(fyne.NewSize(max(0, size.Width-factName), size.Height))
}

// MinSize is for Fyne.
func (factLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(factName+80, max(16, o[1].MinSize().Height)+4)
}
