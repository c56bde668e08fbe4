package widget

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	fynewidget "fyne.io/fyne/v2/widget"
)

const (
	barWidth  float32 = 12
	barThumb  float32 = 24 // shortest thumb
	barNarrow float32 = 4
	barWide   float32 = 8
)

// scrollBar shows where the view of a [Rows] is in all lines. It reckons in
// float64, because the whole may be higher than float32 can count.
type scrollBar struct {
	fynewidget.BaseWidget
	rows    *Rows
	hovered bool
	grabbed bool
	grip    float32 // where the thumb was grabbed, from its upper end

	thumbY, thumbH float32
}

var (
	_ fyne.Draggable    = (*scrollBar)(nil)
	_ fyne.Tappable     = (*scrollBar)(nil)
	_ desktop.Hoverable = (*scrollBar)(nil)
	_ desktop.Mouseable = (*scrollBar)(nil)
)

func newScrollBar(r *Rows) *scrollBar {
	b := &scrollBar{rows: r}
	b.ExtendBaseWidget(b)
	return b
}

// measure returns the height of everything and how far the view is down it.
func (b *scrollBar) measure() (all, down float64) {
	r := b.rows
	down = float64(r.before)*float64(RowH) + float64(r.offset)
	all = float64(r.before+r.after) * float64(RowH)
	for i, it := range r.items {
		if i < r.top {
			down += float64(it.height())
		}
		all += float64(it.height())
	}
	return all, down
}

// update moves the thumb to where the view is.
func (b *scrollBar) update() {
	h := float64(b.rows.Size().Height)
	all, down := b.measure()
	y, thumb := float32(0), float32(0)
	if h > 0 && all > h+0.5 {
		thumb = max(barThumb, float32(h*h/all))
		y = float32(min(1, down/(all-h)) * (h - float64(thumb)))
	}
	if y != b.thumbY || thumb != b.thumbH {
		b.thumbY, b.thumbH = y, thumb
		b.Refresh()
	}
}

// moveTo scrolls to where the thumb's upper end would be at y.
func (b *scrollBar) moveTo(y float32) {
	r := b.rows
	h := r.Size().Height
	track := h - b.thumbH
	if track <= 0 || len(r.items) == 0 {
		return
	}
	part := float64(min(max(y/track, 0), 1))
	all, _ := b.measure()
	down := part * (all - float64(h))
	inside := down - float64(r.before)*float64(RowH)
	held := 0.0
	for _, it := range r.items {
		held += float64(it.height())
	}
	if (inside < 0 && r.before > 0) || (inside+float64(h) > held && r.after > 0) {
		if r.OnJump != nil {
			r.OnJump(down / all)
		}
		return
	}
	r.top, r.offset = 0, 0
	inside = max(0, inside)
	for r.top < len(r.items)-1 && inside >= float64(r.items[r.top].height()) {
		inside -= float64(r.items[r.top].height())
		r.top++
	}
	r.offset = float32(inside)
	r.clamp()
	r.settle(false)
}

// MouseDown grabs the thumb, or brings it to the pointer.
func (b *scrollBar) MouseDown(e *desktop.MouseEvent) {
	b.grabbed = true
	b.grip = e.Position.Y - b.thumbY
	if b.grip < 0 || b.grip > b.thumbH {
		b.grip = b.thumbH / 2
		b.moveTo(e.Position.Y - b.grip)
	}
	b.Refresh()
}

// MouseUp lets the thumb go.
func (b *scrollBar) MouseUp(*desktop.MouseEvent) { b.grabbed = false; b.Refresh() }

// Dragged moves the thumb.
func (b *scrollBar) Dragged(e *fyne.DragEvent) { b.moveTo(e.Position.Y - b.grip) }

// DragEnd lets the thumb go.
func (b *scrollBar) DragEnd() { b.grabbed = false; b.Refresh() }

// Tapped keeps a press on the bar from reaching the lines below it.
func (b *scrollBar) Tapped(*fyne.PointEvent) {}

// MouseIn is for Fyne.
func (b *scrollBar) MouseIn(*desktop.MouseEvent) { b.hovered = true; b.Refresh() }

// MouseMoved is for Fyne.
func (b *scrollBar) MouseMoved(*desktop.MouseEvent) {}

// MouseOut is for Fyne.
func (b *scrollBar) MouseOut() { b.hovered = false; b.Refresh() }

// CreateRenderer is for Fyne.
func (b *scrollBar) CreateRenderer() fyne.WidgetRenderer {
	thumb := &canvas.Rectangle{}
	r := &renderer{objects: []fyne.CanvasObject{thumb}}
	r.least = func() fyne.Size { return fyne.NewSize(barWidth, barThumb) }
	r.place = func(s fyne.Size) {
		w := barNarrow
		if b.hovered || b.grabbed {
			w = barWide
		}
		thumb.CornerRadius = w / 2
		put(thumb, s.Width-w-2, b.thumbY+2, w, max(0, b.thumbH-4))
	}
	r.paint = func() {
		setBox(thumb, ink(b, theme.ColorNameScrollBar), ink(b, ColorClear), 0)
		show(thumb, b.thumbH > 0)
	}
	r.paint()
	return r
}
