package widget

import "fyne.io/fyne/v2"

// Toggles is a choice of any number among few.
type Toggles struct {
	// Box is what goes into a layout.
	Box     *fyne.Container
	buttons []*Button
	values  []string
}

// NewToggles returns a choice of which nothing is made; values[i] is what
// texts[i] stands for. A press calls changed, which may be nil.
func NewToggles(values, texts []string, changed func()) *Toggles {
	t := &Toggles{values: values}
	objects := make([]fyne.CanvasObject, len(values))
	for i, text := range texts {
		var b *Button
		b = NewButton(Plain, "", text, func() {
			b.Chosen = !b.Chosen
			b.Refresh()
			t.Box.Refresh() // what is chosen is bold, and wider
			call(changed)
		})
		t.buttons = append(t.buttons, b)
		objects[i] = b
	}
	t.Box = Flow(8, objects...)
	return t
}

// Values returns what is chosen, in the order of the values.
func (t *Toggles) Values() []string {
	var out []string
	for i, b := range t.buttons {
		if b.Chosen {
			out = append(out, t.values[i])
		}
	}
	return out
}

// Set chooses exactly these without calling changed.
func (t *Toggles) Set(chosen func(value string) bool) {
	for i, b := range t.buttons {
		if on := chosen(t.values[i]); b.Chosen != on {
			b.Chosen = on
			b.Refresh()
		}
	}
	t.Box.Refresh()
}

// Button returns the button of a value, nil where there is none.
func (t *Toggles) Button(value string) *Button {
	for i, v := range t.values {
		if v == value {
			return t.buttons[i]
		}
	}
	return nil
}
