package ui

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"bellhop/app"
	"bellhop/ui/widget"
)

// mostOffers is how many known names are offered while one types.
const mostOffers = 6

// wordsField takes several names: return puts what was typed among them, a press
// on a name takes it away.
type wordsField struct {
	box    *fyne.Container
	field  *widget.Field
	chips  *fyne.Container
	offers *fyne.Container
	note   *widget.Prose
	list   []string
	what   string          // what the names are of: "product"
	known  func() []string // the names there are; nil or none = any will do
	closed bool            // there are no others, ever
	first  bool            // return takes the first name that is offered

	changed func() // something came or went
	enter   func() // return in an empty field
}

func newWordsField(what, hint string, known func() []string, changed, enter func(), escape func()) *wordsField {
	w := &wordsField{what: what, known: known, changed: changed, enter: enter}
	w.field = widget.NewField("", hint)
	w.field.OnChanged = func(string) { w.fill() }
	w.field.OnEscape = escape
	w.field.OnEnter = func() {
		if strings.TrimSpace(w.field.Text()) == "" {
			w.enter()
			return
		}
		typed := w.field.Text()
		if offers := w.offered(); w.first && len(offers) > 0 && !has(w.names(), strings.TrimSpace(typed)) {
			typed = offers[0]
		}
		w.add(typed)
	}
	w.chips, w.offers = widget.Flow(8), widget.Flow(8)
	w.note = widget.NewProse("", widget.SizeSmall, false, widget.ColorOrange)
	w.box = widget.Column(6, w.chips, w.field, w.offers, w.note)
	w.fill()
	return w
}

// names returns the names there are.
func (w *wordsField) names() []string {
	if w.known == nil {
		return nil
	}
	return w.known()
}

// words returns the names, with what was typed and not put among them yet.
func (w *wordsField) words() []string {
	list := slices.Clone(w.list)
	if s := w.spell(w.field.Text()); s != "" && !has(list, s) {
		list = append(list, s)
	}
	return list
}

// set shows names.
func (w *wordsField) set(list []string) {
	w.list = slices.Clone(list)
	w.field.SetText("")
	w.fill()
}

// spell returns what was typed as the name is spelled that it means.
func (w *wordsField) spell(typed string) string {
	typed = strings.TrimSpace(typed)
	for _, n := range w.names() {
		if strings.EqualFold(n, typed) {
			return n
		}
	}
	return typed
}

// has says whether a name is among others, whatever its case.
func has(list []string, name string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, name) })
}

// offered returns the names that have what was typed in them: those that begin
// with it, then the others.
func (w *wordsField) offered() []string {
	typed := strings.ToLower(strings.TrimSpace(w.field.Text()))
	if typed == "" {
		return nil
	}
	var begin, rest []string
	for _, n := range w.names() {
		switch at := strings.Index(strings.ToLower(n), typed); {
		case at < 0, has(w.list, n):
		case at == 0:
			begin = append(begin, n)
		default:
			rest = append(rest, n)
		}
	}
	list := append(begin, rest...)
	return list[:min(len(list), mostOffers)]
}

// add puts a name among the others and makes room for the next one.
func (w *wordsField) add(name string) {
	if name = w.spell(name); name != "" && !has(w.list, name) {
		w.list = append(w.list, name)
	}
	w.field.SetText("")
	w.fill()
	w.field.Focus()
}

func (w *wordsField) remove(name string) {
	w.list = slices.DeleteFunc(w.list, func(s string) bool { return s == name })
	w.fill()
	w.field.Focus()
}

// fill draws the names and what can be had for what is typed.
func (w *wordsField) fill() {
	w.chips.RemoveAll()
	for _, n := range w.list {
		w.chips.Add(widget.NewButton(widget.Plain, "close", oneLine(head(n, 60)), func() { w.remove(n) }))
	}
	visible(w.chips, len(w.list) > 0)
	w.offers.RemoveAll()
	for _, n := range w.offered() {
		w.offers.Add(widget.NewButton(widget.Plain, "plus", oneLine(head(n, 60)), func() { w.add(n) }))
	}
	visible(w.offers, len(w.offers.Objects) > 0)
	var strange []string
	if names := w.names(); len(names) > 0 {
		strange = slices.DeleteFunc(slices.Clone(w.list), func(s string) bool { return has(names, s) })
	}
	text := ""
	switch {
	case len(strange) == 0:
	case w.closed:
		text = "No " + w.what + " is called " + words(strange, "or") + ". Press it to take it away, then choose one of those that are offered while you type."
	default:
		text = "No " + w.what + " is called " + words(strange, "or") + " here now, so that nothing can match it. Press it to take it away, or keep it for later."
	}
	w.note.Set(text, widget.ColorOrange)
	w.changed()
}

// input is a part of a form: its name, what is typed or chosen, and what it means.
func input(name, help string, what ...fyne.CanvasObject) *fyne.Container {
	column := widget.Column(6, append([]fyne.CanvasObject{widget.NewLabel(name, widget.SizeSmall, true, widget.ColorMuted)}, what...)...)
	if help != "" {
		column.Add(widget.NewProse(help, widget.SizeSmall, false, widget.ColorMuted))
	}
	return column
}

// channelToggles offers channels; alert where the list of alerts is among them.
func channelToggles(alert bool, changed func()) *widget.Toggles {
	var values, texts []string
	for ch := range app.Channel(app.NumChannels) {
		if alert || ch != app.ChannelAlert {
			values, texts = append(values, ch.String()), append(texts, channelText[ch].name)
		}
	}
	return widget.NewToggles(values, texts, changed)
}

// channelsOf returns the channels that are chosen.
func channelsOf(t *widget.Toggles) (set app.Channels) {
	for _, v := range t.Values() {
		if ch, ok := app.ChannelNamed(v); ok {
			set |= app.ChannelsOf(ch)
		}
	}
	return set
}

// columnToggles offers the settings of events.
func columnToggles(changed func()) *widget.Toggles {
	var values, texts []string
	for c := range app.Column(app.NumColumns) {
		values, texts = append(values, c.String()), append(texts, c.Source())
	}
	return widget.NewToggles(values, texts, changed)
}

// sourceNames returns the sources that alerts can have.
func sourceNames() []string {
	var list []string
	for _, k := range app.Kinds {
		if s := k.Source(); s != "" && !has(list, s) {
			list = append(list, s)
		}
	}
	return list
}
