package widget

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynewidget "fyne.io/fyne/v2/widget"
)

// Chip is a short word on a tinted ground.
type Chip struct {
	fynewidget.BaseWidget
	Text string
	Tint Tint
}

// NewChip returns a chip.
func NewChip(text string, tint Tint) *Chip {
	c := &Chip{Text: text, Tint: tint}
	c.ExtendBaseWidget(c)
	return c
}

// Set changes the word and its tint.
func (c *Chip) Set(text string, tint Tint) {
	if c.Text != text || c.Tint != tint {
		c.Text, c.Tint = text, tint
		c.Refresh()
	}
}

// CreateRenderer is for Fyne.
func (c *Chip) CreateRenderer() fyne.WidgetRenderer {
	box, text := &canvas.Rectangle{CornerRadius: 4}, newText(SizeSmall, false)
	const side, h = 8, 20
	r := &renderer{objects: []fyne.CanvasObject{box, text}}
	r.least = func() fyne.Size { return fyne.NewSize(width(c.Text, SizeSmall, false)+2*side, h) }
	r.place = func(s fyne.Size) {
		w := min(s.Width, r.least().Width)
		put(box, 0, 0, w, h)
		put(text, side, 0, w-2*side, h)
	}
	r.paint = func() {
		setBox(box, ink(c, c.Tint.Ground), ink(c, ColorClear), 0)
		setText(text, c.Text, ink(c, c.Tint.Ink), false)
	}
	r.paint()
	return r
}

// Tile is an icon on a tinted ground.
type Tile struct {
	fynewidget.BaseWidget
	Icon string
	Tint Tint
}

// NewTile returns a tile.
func NewTile(icon string, tint Tint) *Tile {
	t := &Tile{Icon: icon, Tint: tint}
	t.ExtendBaseWidget(t)
	return t
}

// tileSize is the edge of a tile.
const tileSize = 32

// CreateRenderer is for Fyne.
func (t *Tile) CreateRenderer() fyne.WidgetRenderer {
	box, icon := &canvas.Rectangle{CornerRadius: TileRadius}, newIcon()
	r := &renderer{objects: []fyne.CanvasObject{box, icon}}
	r.least = func() fyne.Size { return fyne.NewSquareSize(tileSize) }
	r.place = func(s fyne.Size) {
		put(box, 0, 0, tileSize, tileSize)
		put(icon, (tileSize-IconSize)/2, (tileSize-IconSize)/2, IconSize, IconSize)
	}
	r.paint = func() {
		setBox(box, ink(t, t.Tint.Ground), ink(t, ColorClear), 0)
		setIcon(icon, t.Icon, ink(t, t.Tint.Ink))
	}
	r.paint()
	return r
}

// Dot is a round mark of state; a word stands beside it.
type Dot struct {
	fynewidget.BaseWidget
	color fyne.ThemeColorName
}

// NewDot returns a dot.
func NewDot(color fyne.ThemeColorName) *Dot {
	d := &Dot{color: color}
	d.ExtendBaseWidget(d)
	return d
}

// Set changes the colour.
func (d *Dot) Set(color fyne.ThemeColorName) {
	if d.color != color {
		d.color = color
		d.Refresh()
	}
}

// dotSize is the diameter of a dot.
const dotSize = 8

// CreateRenderer is for Fyne.
func (d *Dot) CreateRenderer() fyne.WidgetRenderer {
	dot := &canvas.Circle{}
	r := &renderer{objects: []fyne.CanvasObject{dot}}
	r.least = func() fyne.Size { return fyne.NewSquareSize(dotSize) }
	r.place = func(fyne.Size) { put(dot, 0, 0, dotSize, dotSize) }
	r.paint = func() {
		dot.FillColor = ink(d, d.color)
		dot.Refresh()
	}
	r.paint()
	return r
}

// Picture is an icon of any size in one colour.
type Picture struct {
	fynewidget.BaseWidget
	icon  string
	color fyne.ThemeColorName
	edge  float32
}

// NewPicture returns the icon with the given edge.
func NewPicture(icon string, color fyne.ThemeColorName, edge float32) *Picture {
	p := &Picture{icon: icon, color: color, edge: edge}
	p.ExtendBaseWidget(p)
	return p
}

// Set changes the icon and its colour.
func (p *Picture) Set(icon string, color fyne.ThemeColorName) {
	if p.icon != icon || p.color != color {
		p.icon, p.color = icon, color
		p.Refresh()
	}
}

// CreateRenderer is for Fyne.
func (p *Picture) CreateRenderer() fyne.WidgetRenderer {
	icon := newIcon()
	r := &renderer{objects: []fyne.CanvasObject{icon}}
	r.least = func() fyne.Size { return fyne.NewSquareSize(p.edge) }
	r.place = func(fyne.Size) { put(icon, 0, 0, p.edge, p.edge) }
	r.paint = func() { setIcon(icon, p.icon, ink(p, p.color)) }
	r.paint()
	return r
}
