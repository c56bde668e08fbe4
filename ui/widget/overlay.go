package widget

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	fynewidget "fyne.io/fyne/v2/widget"
)

// Tip is a short text that floats beside the pointer.
type Tip struct {
	fynewidget.BaseWidget
	text  string
	lines []string
}

// Text returns what the tip says.
func (t *Tip) Text() string { return t.text }

// tipWidth is how wide a tip becomes before it wraps.
const tipWidth = 420

// NewTip returns an invisible tip.
func NewTip() *Tip {
	t := &Tip{}
	t.ExtendBaseWidget(t)
	t.Hide()
	return t
}

// Present shows text below and right of at, inside an area of the given size.
func (t *Tip) Present(text string, at fyne.Position, area fyne.Size) {
	if len(text) > longest*2 {
		text = text[:longest*2]
	}
	t.text, t.lines = text, nil
	for line := range strings.SplitSeq(text, "\n") {
		t.lines = append(t.lines, wrapLine(line, tipWidth, SizeSmall, false)...)
	}
	t.Refresh()
	s := t.MinSize()
	t.Resize(s)
	at = at.AddXY(0, 20)
	at.X = max(Unit, min(at.X, area.Width-s.Width-Unit))
	if at.Y+s.Height > area.Height {
		at.Y -= s.Height + 28
	}
	t.Move(at)
	t.Show()
}

// CreateRenderer is for Fyne.
func (t *Tip) CreateRenderer() fyne.WidgetRenderer {
	const side, top = 8, 5
	box := &canvas.Rectangle{CornerRadius: Radius}
	r := &renderer{}
	r.least = func() fyne.Size {
		w := float32(0)
		for _, l := range t.lines {
			w = max(w, width(l, SizeSmall, false))
		}
		return fyne.NewSize(w+2*side, float32(len(t.lines))*lineSmall+2*top)
	}
	r.place = func(s fyne.Size) {
		put(box, 0, 0, s.Width, s.Height)
		for i, o := range r.objects[1:] {
			put(o, side, top+float32(i)*lineSmall, s.Width-2*side, lineSmall)
		}
	}
	r.paint = func() {
		r.objects = []fyne.CanvasObject{box}
		box.Shadow = shade(t)
		setBox(box, ink(t, ColorText), ink(t, ColorClear), 0)
		for _, l := range t.lines {
			text := newText(SizeSmall, false)
			setText(text, l, ink(t, ColorGround), false)
			r.objects = append(r.objects, text)
		}
	}
	r.paint()
	return r
}

// Catcher dims what lies below it and keeps presses from it.
type Catcher struct {
	fynewidget.BaseWidget
	tap func()
}

// NewCatcher returns an area that calls tap, which may be nil.
func NewCatcher(tap func()) *Catcher {
	c := &Catcher{tap: tap}
	c.ExtendBaseWidget(c)
	return c
}

// Tapped is for Fyne.
func (c *Catcher) Tapped(*fyne.PointEvent) { call(c.tap) }

// CreateRenderer is for Fyne.
func (c *Catcher) CreateRenderer() fyne.WidgetRenderer {
	dim := &canvas.Rectangle{}
	r := &renderer{objects: []fyne.CanvasObject{dim}}
	r.least = func() fyne.Size { return fyne.Size{} }
	r.place = func(s fyne.Size) { put(dim, 0, 0, s.Width, s.Height) }
	r.paint = func() { setBox(dim, ink(c, theme.ColorNameShadow), ink(c, ColorClear), 0) }
	r.paint()
	return r
}

// Skeleton stands where rows will be: grey shapes of the same measures.
type Skeleton struct {
	fynewidget.BaseWidget
}

// NewSkeleton returns a list of grey shapes.
func NewSkeleton() *Skeleton {
	s := &Skeleton{}
	s.ExtendBaseWidget(s)
	return s
}

// CreateRenderer is for Fyne.
func (k *Skeleton) CreateRenderer() fyne.WidgetRenderer {
	const rows = 8
	r := &renderer{}
	for range rows * 3 {
		r.objects = append(r.objects, &canvas.Rectangle{CornerRadius: 4})
	}
	r.least = func() fyne.Size { return fyne.NewSize(200, RowH) }
	r.place = func(s fyne.Size) {
		x := rowCheckX + boxSize + rowGap
		for i := range rows {
			y := GroupH + float32(i)*RowH
			part := s.Width - x - tileSize - rowGap - rowPad
			put(r.objects[i*3], x, y+12, tileSize, tileSize)
			put(r.objects[i*3+1], x+tileSize+rowGap, y+13, part*(0.75-float32(i*5%4)*0.12), 12)
			put(r.objects[i*3+2], x+tileSize+rowGap, y+33, part*(0.3+float32(i*3%5)*0.04), 9)
			for _, o := range r.objects[i*3 : i*3+3] {
				show(o, y+RowH <= s.Height)
			}
		}
	}
	r.paint = func() {
		for _, o := range r.objects {
			if b, ok := o.(*canvas.Rectangle); ok {
				setBox(b, ink(k, ColorGreySoft), ink(k, ColorClear), 0)
			}
		}
	}
	r.paint()
	return r
}
