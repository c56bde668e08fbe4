package ui

import "fyne.io/fyne/v2"

// focusIn brings the keyboard to the first thing in o that takes it, once that
// was drawn: before, a field does not take it.
func (r *rules) focusIn(o fyne.CanvasObject) {
	r.u.later(drawTime, func() {
		if r.u.place == ViewNotifications && r.u.dialog == nil {
			focusFirst(r.u.window.Canvas(), o)
		}
	})
}

// typedKey brings the keyboard to the switches where nothing has it, and says
// whether the key stood for that.
func (r *rules) typedKey(k fyne.KeyName) bool {
	if (k != fyne.KeyDown && k != fyne.KeyUp) || !r.known || !r.table.Visible() {
		return false
	}
	r.u.window.Canvas().Focus(r.matrix)
	return true
}

// reveal scrolls to where the keyboard is.
func (r *rules) reveal(top, height float32) {
	d := fyne.CurrentApp().Driver()
	y := d.AbsolutePositionForObject(r.matrix).Y - d.AbsolutePositionForObject(r.page).Y + top
	const head = 40 // the head that stays covers this much
	at, room := r.scroll.Offset.Y, r.scroll.Size().Height
	switch {
	case y-head < at:
		r.scroll.ScrollToOffset(fyne.NewPos(0, max(0, y-head)))
	case y+height > at+room:
		r.scroll.ScrollToOffset(fyne.NewPos(0, y+height-room+4))
	}
	r.stick()
}

// stick keeps the names of the channels in sight.
func (r *rules) stick() {
	if r.body == nil {
		return
	}
	d := fyne.CurrentApp().Driver()
	page := d.AbsolutePositionForObject(r.page).Y
	y, end := d.AbsolutePositionForObject(r.head).Y-page, d.AbsolutePositionForObject(r.matrix).Y-page+r.matrix.Size().Height
	if visible(r.top, r.table.Visible() && r.scroll.Offset.Y > y && r.scroll.Offset.Y < end-2*r.top.MinSize().Height) {
		r.body.Refresh()
	}
}

// stickyLayout puts the scrolled page and, at its upper edge, the head that
// stays.
type stickyLayout struct{ r *rules }

// Layout is for Fyne.
func (l *stickyLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Resize(size)
	o[1].Move(fyne.NewPos(pagePad, 0))
	o[1].Resize(fyne.NewSize(min(rulesWidth, size.Width-2*pagePad), o[1].MinSize().Height))
}

// MinSize is for Fyne.
func (l *stickyLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(leastWidth, 200)
}
