package widget

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// column lays things out below each other at full width. It resizes first and
// asks for the height afterwards, so that text which wraps gets the room it
// needs.
type column struct{ gap float32 }

// Layout is for Fyne.
func (c column) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	y := float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		o.Resize(fyne.NewSize(size.Width, o.MinSize().Height))
		h := o.MinSize().Height
		put(o, 0, y, size.Width, h)
		if h > 0 {
			y += h + c.gap
		}
	}
}

// MinSize is for Fyne.
func (c column) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var s fyne.Size
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		m := o.MinSize()
		s.Width = max(s.Width, m.Width)
		if m.Height > 0 {
			s.Height += m.Height + c.gap
		}
	}
	s.Height = max(0, s.Height-c.gap)
	return s
}

// Column puts things below each other with gap between them.
func Column(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(column{gap}, objects...)
}

// line lays things out beside each other, each as wide as it must be and
// centred in height; the rest after the stretch object goes to the right edge.
type line struct {
	gap     float32
	stretch fyne.CanvasObject
}

// Layout is for Fyne.
func (l line) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	free := size.Width + l.gap
	for _, o := range objects {
		if o.Visible() && o != l.stretch {
			free -= o.MinSize().Width + l.gap
		}
	}
	x := float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		m := o.MinSize()
		if o == l.stretch {
			m.Width = max(0, free-l.gap)
			o.Resize(m)
			m.Height = o.MinSize().Height
		}
		put(o, x, (size.Height-m.Height)/2, m.Width, m.Height)
		x += m.Width + l.gap
	}
}

// MinSize is for Fyne.
func (l line) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var s fyne.Size
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		m := o.MinSize()
		s.Height = max(s.Height, m.Height)
		if o != l.stretch {
			s.Width += m.Width
		}
		s.Width += l.gap
	}
	s.Width = max(0, s.Width-l.gap)
	return s
}

// Line puts things beside each other with gap between them. What is left over
// goes to stretch, which is one of the objects or nil.
func Line(gap float32, stretch fyne.CanvasObject, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(line{gap, stretch}, objects...)
}

// inset lays one thing out with room around it.
type inset struct{ top, right, bottom, left float32 }

// Layout is for Fyne.
func (i inset) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		put(o, i.left, i.top, max(0, size.Width-i.left-i.right), max(0, size.Height-i.top-i.bottom))
	}
}

// MinSize is for Fyne.
func (i inset) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var s fyne.Size
	for _, o := range objects {
		s = s.Max(o.MinSize())
	}
	return s.AddWidthHeight(i.left+i.right, i.top+i.bottom)
}

// Inset puts room around o, in the order of style sheets.
func Inset(top, right, bottom, left float32, o fyne.CanvasObject) *fyne.Container {
	return container.New(inset{top, right, bottom, left}, o)
}

// space takes room and shows nothing.
type space struct{ size fyne.Size }

// Layout is for Fyne.
func (space) Layout([]fyne.CanvasObject, fyne.Size) {}

// MinSize is for Fyne.
func (s space) MinSize([]fyne.CanvasObject) fyne.Size { return s.size }

// Space returns empty room of the given size.
func Space(w, h float32) *fyne.Container { return container.New(space{fyne.NewSize(w, h)}) }
