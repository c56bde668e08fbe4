package ui

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"bellhop/app"
	"bellhop/ui/widget"
)

// wishForm is what stands in a card while a wish is made or changed: a condition
// or quiet hours.
type wishForm interface {
	content() *fyne.Container
	// put returns x with what the form says in place of what it began with, or
	// why that cannot be, and what is to be mended.
	put(x app.Extra) (app.Extra, fyne.CanvasObject, error)
}

// severities are the levels a condition can ask for, with their names.
var severities = []struct{ value, name string }{
	{"", "Any"}, {"Info", "Info"}, {"Low", "Low"}, {"Medium", "Medium"}, {"High", "High"}, {app.SeverityCritical, app.SeverityCritical},
}

// severityChoice offers the levels.
func severityChoice(changed func()) *widget.Segmented {
	var values, texts []string
	for _, s := range severities {
		values, texts = append(values, s.value), append(texts, s.name)
	}
	c := widget.NewSegmented(values, texts, func(string) { changed() })
	c.Set("")
	return c
}

// conditionForm makes or changes a condition.
type conditionForm struct {
	old      *app.Condition // nil = a new one
	box      *fyne.Container
	channels *widget.Toggles
	every    *widget.Segmented
	events   *widget.Toggles
	severity *widget.Segmented
	products *wordsField
	types    *wordsField
	tags     *wordsField
	sources  *wordsField
	text     *widget.Field
}

// The two choices of which events are narrowed.
const (
	everyEvent = "every"
	someEvents = "some"
)

func newConditionForm(old *app.Condition, r *rules, changed, submit, cancel func()) *conditionForm {
	f := &conditionForm{old: old}
	f.channels = channelToggles(true, changed)
	f.events = columnToggles(changed)
	f.every = widget.NewSegmented([]string{everyEvent, someEvents}, []string{"Every event", "Some…"}, func(v string) {
		visible(f.events.Box, v == someEvents)
		changed()
	})
	f.severity = severityChoice(changed)
	f.products = newWordsField("product", "Name of a product, then return", func() []string { return r.data.productNames() }, changed, submit, cancel)
	f.types = newWordsField("product type", "Name of a product type, then return", func() []string { return r.data.typeNames() }, changed, submit, cancel)
	f.products.first, f.types.first = true, true
	f.tags = newWordsField("tag", "A tag, then return", nil, changed, submit, cancel)
	f.sources = newWordsField("source", "For example Scan Added, then return", sourceNames, changed, submit, cancel)
	f.text = widget.NewField("", "Words that title or description have")
	f.text.OnEnter, f.text.OnEscape = submit, cancel
	f.box = widget.Column(14,
		input("Channels it narrows", "None chosen: all but the list of alerts.", f.channels.Box),
		input("Events it narrows", "", f.every.Box, f.events.Box),
		input("Severity at least", "The worst of what a scan found new or again counts.", f.severity.Box),
		input("About one of these products", "", f.products.box),
		input("Of one of these product types", "", f.types.box),
		input("With one of these tags", "", f.tags.box),
		input("Filed under one of these sources", "", f.sources.box),
		input("With this text", "Upper and lower case are the same.", f.text))
	c := app.Condition{}
	if old != nil {
		c = *old
	}
	f.channels.Set(func(v string) bool { ch, ok := app.ChannelNamed(v); return ok && c.Channels.Has(ch) })
	f.every.Set(everyEvent)
	if len(c.Columns) > 0 {
		f.every.Set(someEvents)
	}
	visible(f.events.Box, len(c.Columns) > 0)
	f.events.Set(func(v string) bool { return slices.Contains(c.Columns, v) })
	f.severity.Set(c.Severity)
	f.products.set(c.Products)
	f.types.set(c.ProductType)
	f.tags.set(c.Tags)
	f.sources.set(c.Sources)
	f.text.SetText(c.Text)
	return f
}

func (f *conditionForm) content() *fyne.Container { return f.box }

// read returns what the form says.
func (f *conditionForm) read() app.Condition {
	c := app.Condition{
		Channels: channelsOf(f.channels), Severity: f.severity.Value(), Products: f.products.words(), ProductType: f.types.words(),
		Tags: f.tags.words(), Sources: f.sources.words(), Text: strings.TrimSpace(f.text.Text()),
	}
	if f.every.Value() == someEvents {
		c.Columns = f.events.Values()
	}
	return c
}

func (f *conditionForm) put(x app.Extra) (app.Extra, fyne.CanvasObject, error) {
	c := f.read()
	switch {
	case f.every.Value() == someEvents && len(c.Columns) == 0:
		return x, f.events.Button(app.ColumnOther.String()), app.Invalid("No event is chosen.", "Choose the events that are narrowed, or “Every event”.")
	case c.Severity == "" && c.Text == "" && len(c.Products)+len(c.ProductType)+len(c.Tags)+len(c.Sources) == 0:
		return x, f.severity.Button("High"), app.Invalid("This asks for nothing yet, so that it would change nothing.", "Choose a severity, or name a product, a product type, a tag, a source or a text.")
	}
	x.Only = replaced(x.Only, f.old, c)
	return x, nil, x.Check()
}

// replaced returns a new list in which to stands in the place of from, or at the
// end where from is nil or gone.
func replaced[T any](list []T, from *T, to T) []T {
	list = slices.Clone(list)
	if from != nil {
		if i := indexOf(list, *from); i >= 0 {
			list[i] = to
			return list
		}
	}
	return append(list, to)
}

// without returns a new list without one.
func without[T any](list []T, one T) []T {
	list = slices.Clone(list)
	if i := indexOf(list, one); i >= 0 {
		list = slices.Delete(list, i, i+1)
	}
	return list
}

// indexOf finds a wish among others, -1 where it is not there.
func indexOf[T any](list []T, one T) int {
	return slices.IndexFunc(list, func(x T) bool { return asText(x) == asText(one) })
}
