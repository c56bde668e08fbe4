package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	fynewidget "fyne.io/fyne/v2/widget"

	"bellhop/ui/widget"
)

// dialog is a question or a page in front of the window. There is one at most.
type dialog struct {
	popup  *fynewidget.PopUp
	yes    *widget.Button
	scroll *container.Scroll // nil where everything fits
}

// dialogWidth is how wide a dialog is where the window allows it.
const dialogWidth = 420

// question is what a dialog asks.
type question struct {
	title, text string
	yes         string // what the button that does it says
	kind        widget.ButtonKind
	act         func()
}

// confirm asks before something is done. Escape and Cancel do nothing.
func (u *UI) confirm(q question) {
	yes := widget.NewButton(q.kind, "", q.yes, func() {
		u.closeDialog()
		q.act()
	})
	no := widget.NewButton(widget.Plain, "", "Cancel", u.closeDialog)
	gap := widget.Space(1, 1)
	u.openDialog(widget.Column(8,
		widget.NewProse(q.title, widget.SizeTitle, true, widget.ColorText),
		widget.NewProse(q.text, widget.SizeText, false, widget.ColorText),
		widget.Space(1, 4),
		widget.Line(8, gap, gap, no, yes),
	), yes)
}

// openDialog shows content in front of the window and gives focus the keyboard.
func (u *UI) openDialog(content fyne.CanvasObject, focus *widget.Button) {
	u.openWide(min(dialogWidth, u.window.Canvas().Size().Width-48), content, focus)
}

// openWide is openDialog with a width.
func (u *UI) openWide(w float32, content fyne.CanvasObject, focus *widget.Button) {
	u.closeDialog()
	u.shell.hideTip()
	c := u.window.Canvas()
	body := container.New(fixed{w}, content)
	u.dialog = &dialog{popup: fynewidget.NewModalPopUp(widget.Inset(14, 14, 14, 14, body), c), yes: focus}
	u.dialog.popup.Show()
	if focus != nil {
		c.Focus(focus)
	}
}

// closeDialog takes the dialog away.
func (u *UI) closeDialog() {
	if u.dialog != nil {
		u.dialog.popup.Hide()
		u.dialog = nil
	}
}

// fixed gives its content one width and the height that follows from it.
type fixed struct{ width float32 }

// Layout is for Fyne.
func (f fixed) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(size)
	}
}

// MinSize is for Fyne.
func (f fixed) MinSize(objects []fyne.CanvasObject) fyne.Size {
	h := float32(0)
	for _, o := range objects {
		o.Resize(fyne.NewSize(f.width, o.MinSize().Height))
		h = max(h, o.MinSize().Height)
	}
	return fyne.NewSize(f.width, h)
}
