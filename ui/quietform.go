package ui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"bellhop/app"
	"bellhop/ui/widget"
)

// quietForm makes or changes quiet hours.
type quietForm struct {
	old      *app.QuietHours // nil = new ones
	box      *fyne.Container
	days     *widget.Toggles
	from, to *widget.Field
	zone     *widget.Field
	channels *widget.Toggles
	critical *widget.Check
	says     *widget.Prose
}

func newQuietForm(old *app.QuietHours, changed, submit, cancel func()) *quietForm {
	f := &quietForm{old: old}
	say := func() { f.say(); changed() }
	var values, texts []string
	for _, d := range dayText {
		values, texts = append(values, d.value), append(texts, d.name)
	}
	f.days = widget.NewToggles(values, texts, say)
	f.from, f.to, f.zone = widget.NewField("", "22:00"), widget.NewField("", "07:00"), widget.NewField("", "This computer's")
	for _, x := range []*widget.Field{f.from, f.to, f.zone} {
		x.OnEnter, x.OnEscape = submit, cancel
		x.OnChanged = func(string) { x.SetBad(false); say() }
	}
	f.channels = channelToggles(false, say)
	f.critical = widget.NewCheck("Critical alerts pass", func() {
		f.critical.Set(map[bool]widget.CheckState{true: widget.Unchecked, false: widget.Checked}[f.critical.State == widget.Checked])
		say()
	})
	f.says = widget.NewProse("", widget.SizeSmall, false, widget.ColorMuted)
	clock := func(x *widget.Field) fyne.CanvasObject { return container.New(fixedWidth{88}, x) }
	f.box = widget.Column(14,
		input("Begin on", "None chosen: every day.", f.days.Box),
		input("Hours", "Where the end is not after the beginning, it is on the next day.",
			widget.Line(8, nil, clock(f.from), widget.NewLabel("to", widget.SizeText, false, widget.ColorMuted), clock(f.to))),
		input("Time zone", "Empty, or a name like Europe/Berlin.", f.zone),
		input("Channels they hold", "What they hold comes as one summary when they end. The list of alerts gets everything at once.", f.channels.Box),
		widget.Column(2, widget.Line(0, nil, f.critical), widget.Inset(0, 0, 0, 26,
			widget.NewProse("What speaks of a critical finding is sent at once, also in these hours; the rest is held.", widget.SizeSmall, false, widget.ColorMuted))),
		f.says)
	q := app.QuietHours{From: "22:00", To: "07:00", Channels: app.AllChannels &^ app.ChannelsOf(app.ChannelAlert)}
	if old != nil {
		q = *old
	}
	f.days.Set(func(v string) bool { return slices.Contains(q.Days, v) })
	f.from.SetText(q.From)
	f.to.SetText(q.To)
	f.zone.SetText(q.Zone)
	f.channels.Set(func(v string) bool { ch, ok := app.ChannelNamed(v); return ok && q.Channels.Has(ch) })
	f.critical.Set(map[bool]widget.CheckState{true: widget.Checked}[q.CriticalPasses])
	f.say()
	return f
}

func (f *quietForm) content() *fyne.Container { return f.box }

// say repeats in words what the form says, once it can be understood.
func (f *quietForm) say() {
	q, _, err := f.read()
	text := ""
	if err == nil {
		text = quietText(q)
	}
	f.says.Set(text, widget.ColorMuted)
}

// read returns what the form says, or what is wrong and where.
func (f *quietForm) read() (app.QuietHours, fyne.CanvasObject, error) {
	q := app.QuietHours{
		Days: f.days.Values(), Zone: strings.TrimSpace(f.zone.Text()), Channels: channelsOf(f.channels),
		CriticalPasses: f.critical.State == widget.Checked,
	}
	for _, x := range []struct {
		at   *widget.Field
		into *string
	}{{f.from, &q.From}, {f.to, &q.To}} {
		at, ok := timeOfDay(x.at.Text())
		if !ok {
			return q, x.at, app.Invalid(fmt.Sprintf("“%s” is no time of the day.", oneLine(head(x.at.Text(), 40))), "Write it like 22:00.")
		}
		*x.into = at
	}
	if q.Zone != "" {
		if _, err := time.LoadLocation(q.Zone); err != nil || strings.EqualFold(q.Zone, "local") {
			return q, f.zone, app.Invalid(fmt.Sprintf("There is no time zone “%s”.", oneLine(head(q.Zone, 40))), "Write a name like Europe/Berlin, or leave it empty for this computer's.")
		}
	}
	if q.Channels == 0 {
		return q, f.channels.Button(app.ChannelToast.String()), app.Invalid("No channel is chosen, so that nothing would be held.", "Choose the channels that these hours hold.")
	}
	return q, nil, nil
}

func (f *quietForm) put(x app.Extra) (app.Extra, fyne.CanvasObject, error) {
	q, at, err := f.read()
	if err != nil {
		return x, at, err
	}
	x.Quiet = replaced(x.Quiet, f.old, q)
	return x, nil, x.Check()
}

// timeOfDay reads a time as people write it: "22:00", "7:30", "7.30", "22".
func timeOfDay(typed string) (string, bool) {
	typed = strings.ReplaceAll(strings.TrimSpace(typed), ".", ":")
	if !strings.Contains(typed, ":") {
		typed += ":00"
	}
	t, err := time.Parse("15:04", typed)
	if err != nil {
		return "", false
	}
	return t.Format("15:04"), true
}
