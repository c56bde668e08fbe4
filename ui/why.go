package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"bellhop/app"
	"bellhop/ui/widget"
)

// explain shows why an alert was sent through each channel, or was not.
func (l *ledger) explain(id app.AlertID, list []Reason, err error) {
	if err != nil {
		l.u.fail(err)
		return
	}
	if id != l.id || l.u.dialog != nil {
		return
	}
	column := widget.Column(4)
	who := ""
	for _, r := range list {
		if r.Person != who {
			if who = r.Person; len(column.Objects) > 0 {
				column.Add(widget.Space(1, 8))
			}
			column.Add(widget.NewLabel(oneLine(head(who, longestLine)), widget.SizeText, true, widget.ColorText))
			column.Add(widget.Space(1, 2))
		}
		column.Add(reasonBox(r))
	}
	if len(list) == 0 {
		column.Add(widget.NewProse("Nothing was decided about this alert: it was here before Bellhop decided anything, or the decision has been tidied away.", widget.SizeText, false, widget.ColorMuted))
	}
	l.u.openPage("Why?", column)
}

// reasonBox draws one decision: the channel, yes or no, and the rules in the
// order in which they were asked.
func reasonBox(r Reason) fyne.CanvasObject {
	word, tint := "No", widget.TintGrey
	switch {
	case r.Yes && r.Held:
		word, tint = "Held", widget.TintViolet
	case r.Yes:
		word, tint = "Yes", widget.TintGreen
	}
	name, icon := r.Channel.String(), "send"
	if int(r.Channel) < app.NumChannels {
		name, icon = channelText[r.Channel].name, channelText[r.Channel].icon
	}
	if r.To != "" {
		name += " to " + oneLine(head(r.To, longestLine))
	}
	label := widget.NewElastic(name, widget.SizeText, false, widget.ColorText)
	box := widget.Column(0, widget.Line(8, label, widget.NewPicture(icon, tint.Ink, widget.IconSize), label, widget.NewChip(word, tint)))
	for i, sentence := range r.Words {
		color := widget.ColorMuted
		if i == len(r.Words)-1 {
			color = widget.ColorText // the one that decided
		}
		box.Add(widget.Inset(0, 0, 0, widget.IconSize+8, widget.NewProse(oneLine(head(sentence, longestLine)), widget.SizeSmall, false, color)))
	}
	box.Add(widget.Space(1, 6))
	return box
}

// pageWidth is how wide a dialog with a page of text is where the window allows.
const pageWidth = 520

// openPage shows a page that scrolls in front of the window. The arrows scroll
// it; escape closes it.
func (u *UI) openPage(title string, content fyne.CanvasObject) {
	size := u.window.Canvas().Size()
	w := min(float32(pageWidth), size.Width-48)
	inner := container.New(fixed{w - 8}, content)
	scroll := container.NewVScroll(widget.Inset(0, 8, 0, 0, inner))
	scroll.SetMinSize(fyne.NewSize(w, min(inner.MinSize().Height, size.Height-200)))
	done := widget.NewButton(widget.Primary, "", "Close", u.closeDialog)
	gap := widget.Space(1, 1)
	u.openWide(w, widget.Column(8,
		widget.NewLabel(title, widget.SizeTitle, true, widget.ColorText), widget.NewRule(), scroll, widget.NewRule(),
		widget.Line(8, gap, gap, done)), done)
	u.dialog.scroll = scroll
}

// scrollDialog moves the page of a dialog, if it has one.
func (d *dialog) scrollDialog(k fyne.KeyName) {
	if d.scroll == nil {
		return
	}
	step := map[fyne.KeyName]float32{
		fyne.KeyDown: 40, fyne.KeyUp: -40,
		fyne.KeyPageDown: d.scroll.Size().Height * 0.8, fyne.KeyPageUp: -d.scroll.Size().Height * 0.8,
		fyne.KeyEnd: 1e6, fyne.KeyHome: -1e6,
	}[k]
	if step != 0 {
		d.scroll.ScrollToOffset(fyne.NewPos(0, max(0, d.scroll.Offset.Y+step)))
	}
}
