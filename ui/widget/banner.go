package widget

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// Banner is a line across the window that says how things stand, with at most
// two things to do about it.
type Banner struct {
	// Box is what goes into a layout.
	Box    *fyne.Container
	ground *Ground
	icon   *Picture
	text   *Prose
	button *Button
	close  *Button
	act    func()
	hide   func()
	shown  shownBanner
}

// shownBanner is what is on screen of a [BannerState].
type shownBanner struct {
	icon, text, button string
	tint               Tint
	hide               bool
}

// BannerState is what a banner shows.
type BannerState struct {
	Icon   string
	Tint   Tint
	Text   string
	Button string // "" for none
	Act    func()
	Hide   func() // nil where the banner stays
}

// NewBanner returns an invisible banner.
func NewBanner() *Banner {
	b := &Banner{ground: NewGround(ColorGreySoft, 0), icon: NewPicture("info", ColorMuted, IconSize)}
	b.text = NewProse("", SizeText, false, ColorText)
	b.button = NewButton(Plain, "", "", func() { call(b.act) })
	b.close = NewButton(Quiet, "close", "", func() { call(b.hide) })
	row := Line(10, b.text, b.icon, b.text, b.button, b.close)
	b.Box = Column(0, container.NewStack(b.ground, Inset(5, rowPad, 5, rowPad, row)), NewRule())
	b.Box.Hide()
	return b
}

func call(f func()) {
	if f != nil {
		f()
	}
}

// Set shows s; a state without text hides the banner. It says whether that
// changed anything but what a press does.
func (b *Banner) Set(s BannerState) (changed bool) {
	b.act, b.hide = s.Act, s.Hide
	now := shownBanner{s.Icon, s.Text, s.Button, s.Tint, s.Hide != nil}
	if now == b.shown {
		return false
	}
	b.shown = now
	if s.Text == "" {
		b.Box.Hide()
		return true
	}
	b.ground.SetColor(s.Tint.Ground, ColorClear)
	b.icon.Set(s.Icon, s.Tint.Ink)
	b.text.Set(s.Text, ColorText)
	b.button.SetText(s.Button)
	show(b.button, s.Button != "")
	show(b.close, s.Hide != nil)
	b.Box.Show()
	return true
}

// Text returns what the banner says, "" while it is hidden.
func (b *Banner) Text() string {
	if !b.Box.Visible() {
		return ""
	}
	return b.text.Text()
}

// Press presses the banner's button.
func (b *Banner) Press() { call(b.act) }

// Button returns the banner's button.
func (b *Banner) Button() *Button { return b.button }
