package widget

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	fynewidget "fyne.io/fyne/v2/widget"
)

// Field is a line to type in, with its own frame: grey, the colour of the focus
// while one types, red while what was typed cannot be used.
type Field struct {
	fynewidget.BaseWidget
	Icon string // left of the text, "" for none
	// Bad frames the field in red.
	Bad bool
	// OnChanged is called at every change by the user.
	OnChanged func(string)
	// OnEnter and OnEscape are called for these keys.
	OnEnter, OnEscape func()
	// OnDown is called for the key that leads out of the field to what is
	// below it.
	OnDown func()

	reached func()
	entry   *entry
	themed  *container.ThemeOverride
	clip    *container.Clip // hides the frame that Fyne draws
}

// NewField returns an empty field; hint is shown while it is empty.
func NewField(icon, hint string) *Field {
	return newField(icon, hint, false)
}

// NewSecret returns a field that shows dots for what is typed.
func NewSecret(hint string) *Field {
	return newField("", hint, true)
}

func newField(icon, hint string, secret bool) *Field {
	f := &Field{Icon: icon}
	f.entry = &entry{field: f}
	f.entry.Password = secret
	f.entry.PlaceHolder = hint
	f.entry.Scroll = fyne.ScrollHorizontalOnly
	f.entry.ExtendBaseWidget(f.entry)
	f.entry.OnChanged = func(s string) {
		if f.OnChanged != nil {
			f.OnChanged(s)
		}
	}
	f.themed = container.NewThemeOverride(f.entry, Bare{Pad: entryPad})
	f.clip = container.NewClip(Inset(-entryCrop, -entryCrop, -entryCrop, -entryCrop, f.themed))
	// A clip that has not been drawn yet hides the entry from the keyboard
	// unless it knows itself as a widget.
	f.clip.ExtendBaseWidget(f.clip)
	f.ExtendBaseWidget(f)
	return f
}

// Text returns what was typed.
func (f *Field) Text() string { return f.entry.Text }

// SetText replaces the text without telling [Field.OnChanged].
func (f *Field) SetText(s string) {
	if f.entry.Text == s {
		return
	}
	told := f.OnChanged
	f.OnChanged = nil
	f.entry.SetText(s)
	f.OnChanged = told
}

// SetHint changes what is shown while the field is empty.
func (f *Field) SetHint(hint string) { f.entry.SetPlaceHolder(hint) }

// SetBad frames the field in red, or no longer.
func (f *Field) SetBad(bad bool) {
	if f.Bad != bad {
		f.Bad = bad
		f.Refresh()
	}
}

// Enable lets the user type.
func (f *Field) Enable() { f.entry.Enable(); f.Refresh() }

// Disable keeps the user from typing.
func (f *Field) Disable() { f.entry.Disable(); f.Refresh() }

// Disabled says whether the user is kept from typing.
func (f *Field) Disabled() bool { return f.entry.Disabled() }

// Focus puts the cursor into the field.
func (f *Field) Focus() {
	if c := fyne.CurrentApp().Driver().CanvasForObject(f); c != nil {
		c.Focus(f.entry)
	}
}

// FocusIn puts the cursor into the field of a canvas; unlike Focus it works for a
// field that was never drawn.
func (f *Field) FocusIn(c fyne.Canvas) { c.Focus(f.entry) }

// OnReached has do called when the cursor comes into the field.
func (f *Field) OnReached(do func()) { f.reached = do }

// Focused says whether the cursor is in the field.
func (f *Field) Focused() bool { return f.entry.hot }

// Type enters s as if it were typed; it is for tests.
func (f *Field) Type(s string) { f.entry.SetText(f.entry.Text + s) }

// Press acts as if the key was pressed in the field; it is for tests.
func (f *Field) Press(key fyne.KeyName) { f.entry.TypedKey(&fyne.KeyEvent{Name: key}) }

// Tapped puts the cursor into the field where its frame or icon was hit.
func (f *Field) Tapped(*fyne.PointEvent) { f.Focus() }

// Cursor is for Fyne.
func (f *Field) Cursor() desktop.Cursor { return desktop.TextCursor }

// CreateRenderer is for Fyne.
func (f *Field) CreateRenderer() fyne.WidgetRenderer {
	frame, icon := &canvas.Rectangle{CornerRadius: Radius}, newIcon()
	const side, gap = 10, 8
	r := &renderer{objects: []fyne.CanvasObject{frame, icon, f.clip}}
	r.least = func() fyne.Size { return fyne.NewSize(80, ControlH) }
	r.place = func(s fyne.Size) {
		put(frame, 0, 0, s.Width, s.Height)
		x := float32(side)
		if f.Icon != "" {
			put(icon, x, (s.Height-IconSize)/2, IconSize, IconSize)
			x += IconSize + gap
		}
		h := f.themed.MinSize().Height - 2*entryCrop
		x -= entryPad - entryCrop
		put(f.clip, x, (s.Height-h)/2, max(0, s.Width-x-side/2), h)
	}
	r.paint = func() {
		edge, w := ColorLine, float32(1)
		if f.entry.hot {
			edge, w = ColorFocus, 1.5
		}
		if f.Bad {
			edge = ColorRed
		}
		fill := ColorSurface
		if f.Disabled() {
			fill = ColorGround
		}
		setBox(frame, ink(f, fill), ink(f, edge), w)
		setIcon(icon, f.Icon, ink(f, ColorMuted))
	}
	r.paint()
	return r
}

// entry is Fyne's entry without its own frame.
type entry struct {
	fynewidget.Entry
	field *Field
	hot   bool
}

// FocusGained is for Fyne.
func (e *entry) FocusGained() {
	e.hot = true
	e.Entry.FocusGained()
	e.field.Refresh()
	call(e.field.reached)
}

// FocusLost is for Fyne.
func (e *entry) FocusLost() {
	e.hot = false
	e.Entry.FocusLost()
	e.field.Refresh()
}

// TypedKey lets the field's own keys go before the entry's.
func (e *entry) TypedKey(key *fyne.KeyEvent) {
	var own func()
	switch key.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		own = e.field.OnEnter
	case fyne.KeyEscape:
		own = e.field.OnEscape
	case fyne.KeyDown:
		own = e.field.OnDown
	case fyne.KeyF5:
		forward(e, key)
		return
	}
	if own != nil {
		own()
		return
	}
	e.Entry.TypedKey(key)
}

// The frame that Fyne draws around an entry, what is cut off to hide it, and the
// room inside it, which the cursor needs.
const (
	entryFrame float32 = 1
	entryCrop  float32 = 3
	entryPad   float32 = 5
)

// Bare is the application's theme without the frame of an entry and with
// another padding, for Fyne's widgets inside our own.
type Bare struct {
	Pad float32
}

// Color is for Fyne.
func (Bare) Color(name fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	switch name {
	case theme.ColorNameInputBackground, theme.ColorNameInputBorder:
		return color.Transparent
	}
	return fyne.CurrentApp().Settings().Theme().Color(name, v)
}

// Font is for Fyne.
func (Bare) Font(s fyne.TextStyle) fyne.Resource { return fyne.CurrentApp().Settings().Theme().Font(s) }

// Icon is for Fyne.
func (Bare) Icon(name fyne.ThemeIconName) fyne.Resource {
	return fyne.CurrentApp().Settings().Theme().Icon(name)
}

// Size is for Fyne.
func (b Bare) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case theme.SizeNameInnerPadding:
		return b.Pad
	case theme.SizeNameInputRadius:
		return 0
	case theme.SizeNameInputBorder:
		return entryFrame
	}
	return fyne.CurrentApp().Settings().Theme().Size(name)
}
