package widget

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// Segmented is a choice of one among few.
type Segmented struct {
	// Box is what goes into a layout.
	Box     *fyne.Container
	buttons []*Button
	values  []string
	texts   []string
	value   string
	changed func(value string)
}

// NewSegmented returns a choice; values[i] is what texts[i] stands for. A press
// calls changed, also for the value that is chosen already.
func NewSegmented(values, texts []string, changed func(value string)) *Segmented {
	s := &Segmented{values: values, texts: texts, changed: changed}
	objects := make([]fyne.CanvasObject, len(values))
	for i, v := range values {
		b := NewButton(Plain, "", texts[i], func() {
			s.Set(v)
			s.changed(v)
		})
		s.buttons = append(s.buttons, b)
		objects[i] = b
	}
	s.Box = container.New(flow{8}, objects...)
	return s
}

// Value returns what is chosen.
func (s *Segmented) Value() string { return s.value }

// Offers says whether the choice is among exactly these.
func (s *Segmented) Offers(values, texts []string) bool {
	return slices.Equal(s.values, values) && slices.Equal(s.texts, texts)
}

// Button returns the button of a value, nil where there is none.
func (s *Segmented) Button(value string) *Button {
	for i, v := range s.values {
		if v == value {
			return s.buttons[i]
		}
	}
	return nil
}

// Set chooses a value without calling changed.
func (s *Segmented) Set(value string) {
	s.value = value
	for i, b := range s.buttons {
		if on := s.values[i] == value; b.Chosen != on {
			b.Chosen = on
			b.Refresh()
		}
	}
	s.Box.Refresh()
}

// Enable lets the choice be made.
func (s *Segmented) Enable() {
	for _, b := range s.buttons {
		b.Enable()
	}
}

// Disable greys the whole choice out.
func (s *Segmented) Disable() {
	for _, b := range s.buttons {
		b.Disable()
	}
}

// Disabled says whether the choice is greyed out.
func (s *Segmented) Disabled() bool { return len(s.buttons) > 0 && s.buttons[0].Disabled() }

// flow lays things out beside each other and starts a new line where the room
// ends. Its height follows from the width it was last given.
type flow struct{ gap float32 }

// Flow puts things beside each other with gap between them, in as many lines as
// they need.
func Flow(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(flow{gap}, objects...)
}

// Layout is for Fyne.
func (f flow) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	x, y := float32(0), float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		m := o.MinSize()
		if x > 0 && x+m.Width > size.Width {
			x, y = 0, y+m.Height+f.gap
		}
		put(o, x, y, m.Width, m.Height)
		x += m.Width + f.gap
	}
}

// MinSize is for Fyne.
func (f flow) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var s fyne.Size
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		m := o.MinSize()
		s.Width = max(s.Width, m.Width)
		s.Height = max(s.Height, o.Position().Y+m.Height)
	}
	return s
}
