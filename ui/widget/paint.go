package widget

import (
	"bytes"
	"fmt"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"

	"bellhop/assets"
)

// renderer draws a control by three functions: where things are, how large the
// control is at least, and how things look now.
type renderer struct {
	objects []fyne.CanvasObject
	place   func(fyne.Size)
	least   func() fyne.Size
	paint   func()
	size    fyne.Size
}

func (r *renderer) Destroy()                     {}
func (r *renderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *renderer) MinSize() fyne.Size           { return r.least() }

func (r *renderer) Layout(size fyne.Size) {
	r.size = size
	r.place(size)
}

func (r *renderer) Refresh() {
	r.paint()
	r.place(r.size)
}

// themed is what a control needs to look up colours: every Fyne widget.
type themed interface{ Theme() fyne.Theme }

// ink returns the colour with the name as w shows it now.
func ink(w themed, name fyne.ThemeColorName) color.Color {
	return w.Theme().Color(name, fyne.CurrentApp().Settings().ThemeVariant())
}

// Icon returns the drawing with the name in the given colour. Its resource name
// carries the colour, because Fyne caches drawings by resource name.
func Icon(name string, c color.Color) fyne.Resource {
	r, g, b, a := c.RGBA()
	hex := fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
	if a == 0 {
		hex = "none"
	}
	return fyne.NewStaticResource(
		name+"-"+hex[1:]+".svg",
		bytes.ReplaceAll(assets.Icon(name), []byte("currentColor"), []byte(hex)),
	)
}

// newText returns a line of text; its colour is given when it is painted.
func newText(size float32, bold bool) *canvas.Text {
	return &canvas.Text{TextSize: size, TextStyle: fyne.TextStyle{Bold: bold}, Color: color.Transparent}
}

// setText changes what differs and redraws only then: a redrawn text costs a
// new texture.
func setText(t *canvas.Text, s string, c color.Color, bold bool) {
	if t.Text == s && t.Color == c && t.TextStyle.Bold == bold {
		return
	}
	t.Text, t.Color, t.TextStyle.Bold = s, c, bold
	t.Refresh()
}

// setBox changes what differs and redraws only then.
func setBox(b *canvas.Rectangle, fill, stroke color.Color, width float32) {
	if b.FillColor == fill && b.StrokeColor == stroke && b.StrokeWidth == width {
		return
	}
	b.FillColor, b.StrokeColor, b.StrokeWidth = fill, stroke, width
	b.Refresh()
}

// newIcon returns an empty place for an icon.
func newIcon() *canvas.Image {
	return &canvas.Image{FillMode: canvas.ImageFillContain}
}

// setIcon changes what differs and redraws only then.
func setIcon(i *canvas.Image, name string, c color.Color) {
	if name == "" {
		i.Hide()
		return
	}
	res := Icon(name, c)
	if i.Resource == nil || i.Resource.Name() != res.Name() {
		i.Resource = res
		i.Refresh()
	}
	i.Show()
}

// put moves and resizes o.
func put(o fyne.CanvasObject, x, y, w, h float32) {
	o.Move(fyne.NewPos(x, y))
	o.Resize(fyne.NewSize(w, h))
}

// width returns how wide s is.
func width(s string, size float32, bold bool) float32 {
	if s == "" {
		return 0
	}
	return fyne.MeasureText(s, size, fyne.TextStyle{Bold: bold}).Width
}

// lineHeight returns the height of a line of text of the size.
func lineHeight(size float32) float32 {
	switch {
	case size <= SizeSmall:
		return lineSmall
	case size <= SizeText:
		return lineText
	default:
		return float32(int(size*displayRatio + 0.5))
	}
}

// forward hands a key that a control has no use for to the shortcuts of its
// window.
func forward(w fyne.CanvasObject, key *fyne.KeyEvent) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(w); c != nil && c.OnTypedKey() != nil {
		c.OnTypedKey()(key)
	}
}

// forwardRune is forward for typed characters.
func forwardRune(w fyne.CanvasObject, r rune) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(w); c != nil && c.OnTypedRune() != nil {
		c.OnTypedRune()(r)
	}
}

// pressedKey says whether a key presses the control that has the focus.
func pressedKey(name fyne.KeyName) bool {
	return name == fyne.KeySpace || name == fyne.KeyReturn || name == fyne.KeyEnter
}

// shade returns the shadow below floating things.
func shade(w themed) canvas.Shadow {
	return canvas.Shadow{Color: ink(w, theme.ColorNameShadow), BlurRadius: 16, Offset: fyne.NewPos(0, 4)}
}
