package widget

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynewidget "fyne.io/fyne/v2/widget"
)

// Prose is text that wraps at words. Its height follows from the width it was
// last given, so a layout resizes it before asking for [Prose.MinSize].
type Prose struct {
	fynewidget.BaseWidget
	text  string
	size  float32
	bold  bool
	color fyne.ThemeColorName
	align fyne.TextAlign
	width float32
	lines []string
}

// NewProse returns text of the given size and colour.
func NewProse(text string, size float32, bold bool, color fyne.ThemeColorName) *Prose {
	p := &Prose{text: text, size: size, bold: bold, color: color}
	p.ExtendBaseWidget(p)
	p.wrap()
	return p
}

// Centre puts every line into the middle and returns the text.
func (p *Prose) Centre() *Prose {
	p.align = fyne.TextAlignCenter
	return p
}

// Text returns the whole text.
func (p *Prose) Text() string { return p.text }

// Set changes the text and its colour.
func (p *Prose) Set(text string, color fyne.ThemeColorName) {
	if p.text == text && p.color == color {
		return
	}
	p.text, p.color = text, color
	p.wrap()
	p.Refresh()
}

// Resize breaks the lines anew where the width changed.
func (p *Prose) Resize(s fyne.Size) {
	if s.Width != p.width {
		p.width = s.Width
		p.wrap()
		p.BaseWidget.Resize(s)
		p.Refresh()
		return
	}
	p.BaseWidget.Resize(s)
}

// MinSize returns the height for the present width. An empty text takes no
// room.
func (p *Prose) MinSize() fyne.Size {
	return fyne.NewSize(1, float32(len(p.lines))*lineHeight(p.size))
}

func (p *Prose) wrap() {
	p.lines = nil
	if p.text == "" {
		return
	}
	for para := range strings.SplitSeq(p.text, "\n") {
		p.lines = append(p.lines, wrapLine(para, p.width, p.size, p.bold)...)
	}
}

// wrapLine breaks one paragraph at spaces, and inside a word that is wider than
// the room.
func wrapLine(s string, room, size float32, bold bool) []string {
	if room <= 0 || width(s, size, bold) <= room {
		return []string{s}
	}
	var lines []string
	line := ""
	for word := range strings.SplitSeq(s, " ") {
		try := word
		if line != "" {
			try = line + " " + word
		}
		if width(try, size, bold) <= room {
			line = try
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for runes := []rune(word); ; {
			n := fitting(runes, room, size, bold)
			if n == len(runes) {
				line = string(runes)
				break
			}
			lines = append(lines, string(runes[:n]))
			runes = runes[n:]
		}
	}
	return append(lines, line)
}

// fitting returns how many of the runes fit, at least one.
func fitting(runes []rune, room, size float32, bold bool) int {
	low, high := 1, len(runes)
	for low < high {
		mid := (low + high + 1) / 2
		if width(string(runes[:mid]), size, bold) <= room {
			low = mid
		} else {
			high = mid - 1
		}
	}
	return min(low, len(runes))
}

// CreateRenderer is for Fyne.
func (p *Prose) CreateRenderer() fyne.WidgetRenderer {
	p.ExtendBaseWidget(p)
	r := &renderer{least: p.MinSize}
	r.paint = func() {
		for len(r.objects) < len(p.lines) {
			r.objects = append(r.objects, newText(p.size, p.bold))
		}
		r.objects = r.objects[:len(p.lines)]
		c := ink(p, p.color)
		for i, o := range r.objects {
			if t, ok := o.(*canvas.Text); ok {
				t.Alignment = p.align
				setText(t, p.lines[i], c, p.bold)
			}
		}
	}
	r.place = func(s fyne.Size) {
		h := lineHeight(p.size)
		for i, o := range r.objects {
			put(o, 0, float32(i)*h, s.Width, h)
		}
	}
	r.paint()
	return r
}
