package ui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"bellhop/app"
	"bellhop/ui/widget"
)

// previewDelay is how long typing has to pause before it is looked what the
// silence would have held.
const previewDelay = 300 * time.Millisecond

// silenceForm makes a silence. While it is open it stands in the place of the
// list, and keeps what was typed also while another page is looked at.
type silenceForm struct {
	formEnd
	s    *silences
	box  *fyne.Container
	data Rules // what is known of the account

	account  app.AccountID
	accounts *widget.Segmented
	long     *widget.Segmented
	until    *widget.Field
	untilBox *fyne.Container
	events   *wordsField
	products *wordsField
	severity *widget.Segmented
	tags     *wordsField
	sources  *wordsField
	text     *widget.Field
	channels *widget.Toggles
	critical *widget.Check
	whom     *widget.Segmented
	whomBox  *fyne.Container
	note     *widget.Field

	page   *fyne.Container
	scroll *container.Scroll
	says   *widget.Prose
	titles *widget.Prose
	fault  *widget.Prose
	stop   func()
	round  int
	asked  string            // the silence that was looked at last
	named  map[string]string // events by what they are called
}

// The ends that are offered at once.
const (
	longHour     = "hour"
	longDay      = "eight"
	longTomorrow = "tomorrow"
	longOther    = "other"
)

// The people a silence can be for.
const (
	whomAll = "all"
	whomMe  = "me"
)

// openForm opens the form for a new silence.
func (s *silences) openForm() {
	if s.form != nil || s.u.bell == nil {
		return
	}
	f := &silenceForm{s: s}
	s.form = f
	f.build()
	s.box.Add(f.box)
	s.list.Hide()
	s.box.Refresh()
	s.u.shell.hideTip()
	f.pick(f.account)
	f.look()
	s.u.later(drawTime, func() {
		if s.form == f && s.u.place == ViewSilences && s.u.dialog == nil {
			focusFirst(s.u.window.Canvas(), f.long.Box)
		}
	})
}

// closeForm takes the form away; nothing was begun.
func (s *silences) closeForm() {
	f := s.form
	if f == nil || f.sent {
		return
	}
	if f.stop != nil {
		f.stop()
	}
	s.form = nil
	s.box.Remove(f.box)
	s.list.Show()
	s.box.Refresh()
	s.u.window.Canvas().Unfocus()
	s.lay()
}

// build makes the widgets.
func (f *silenceForm) build() {
	u := f.s.u
	changed, submit, cancel := f.changed, f.submit, f.s.closeForm
	var labels []string
	labels, f.named = eventNames()
	f.long = widget.NewSegmented([]string{longHour, longDay, longTomorrow, longOther}, []string{"1 hour", "8 hours", "Until tomorrow 08:00", "Another end…"}, func(v string) {
		if visible(f.untilBox, v == longOther); v == longOther {
			u.later(drawTime, func() { f.until.Focus() })
		}
		changed()
	})
	f.long.Set(longHour)
	f.until = widget.NewField("", "2h, 18:00, tomorrow, 2026-11-30 18:00")
	f.until.OnChanged = func(string) { f.until.SetBad(false); changed() }
	f.untilBox = container.New(fixedWidth{320}, f.until)
	f.untilBox.Hide()
	f.events = newWordsField("event", "For example Scan Added, then return", func() []string { return labels }, changed, submit, cancel)
	f.events.closed, f.events.first = true, true
	f.products = newWordsField("product", "Name of a product, then return", func() []string { return f.data.productNames() }, changed, submit, cancel)
	f.products.first = true
	f.severity = severityChoice(changed)
	f.tags = newWordsField("tag", "A tag, then return", nil, changed, submit, cancel)
	f.sources = newWordsField("source", "For example Sla Breach, then return", sourceNames, changed, submit, cancel)
	f.text, f.note = widget.NewField("", "Words that title or description have"), widget.NewField("", "For example: we deploy")
	f.text.OnChanged = func(string) { changed() }
	for _, x := range []*widget.Field{f.until, f.text, f.note} {
		x.OnEnter, x.OnEscape = submit, cancel
	}
	f.channels = channelToggles(false, changed)
	f.critical = widget.NewCheck("Let critical findings through", func() {
		f.critical.Set(map[bool]widget.CheckState{true: widget.Unchecked, false: widget.Checked}[f.critical.State == widget.Checked])
		changed()
	})
	f.critical.Set(widget.Checked)
	f.whom = widget.NewSegmented([]string{whomAll, whomMe}, []string{"Everybody and the shared places", "Me alone"}, func(string) { changed() })
	f.whom.Set(whomAll)
	f.whomBox = input("Whose messages", "", f.whom.Box)
	column := widget.Column(16)
	if accounts := u.status.Accounts; len(accounts) > 0 {
		f.account = firstAccount(accounts)
		if len(accounts) > 1 {
			column.Add(input("Account", "", f.accountChoice(accounts)))
		}
	}
	for _, o := range []fyne.CanvasObject{
		input("For how long", "", f.long.Box, f.untilBox),
		input("Of these events", "None: every event. A setting stands for all events that follow it.", f.events.box),
		input("About these products", "None: every product, and what has none.", f.products.box),
		input("Severity up to", "What is worse goes out. What has no severity is held.", f.severity.Box),
		input("On these channels", "None chosen: all. The list of alerts gets everything at once.", f.channels.Box),
		widget.Line(0, nil, f.critical),
		input("With one of these tags", "", f.tags.box),
		input("Filed under one of these sources", "", f.sources.box),
		input("With this text", "Upper and lower case are the same.", f.text),
		f.whomBox,
		input("Why", "Shown to whoever asks why nothing comes.", f.note),
	} {
		column.Add(o)
	}
	title := widget.NewElastic("New silence", widget.SizeTitle, true, widget.ColorText)
	f.page = container.New(&pageLayout{most: 640}, column)
	f.scroll = container.NewVScroll(f.page)
	f.says = widget.NewProse("Looking…", widget.SizeText, false, widget.ColorText)
	f.titles = widget.NewProse("", widget.SizeSmall, false, widget.ColorMuted)
	f.fault = widget.NewProse("", widget.SizeSmall, false, widget.ColorRed)
	f.formEnd = newFormEnd("moon", "Begin the silence", "Beginning…", submit, cancel)
	bottom := container.NewStack(widget.NewGround(widget.ColorSurface, 0), widget.Column(0, widget.NewRule(),
		widget.Inset(12, pagePad, 12, pagePad, widget.Column(6, f.says, f.titles, f.fault, widget.Space(1, 2), f.line()))))
	top := container.NewStack(widget.NewGround(widget.ColorGround, 0), widget.Column(0,
		widget.Inset(9, pagePad, 8, pagePad, container.NewStack(widget.Space(1, widget.ControlH), widget.Line(8, title, title))), widget.NewRule()))
	f.box = container.New(formLayout{f}, widget.NewGround(widget.ColorGround, 0), top, f.scroll, bottom)
	f.reach()
}

// accountChoice offers the accounts where there are several.
func (f *silenceForm) accountChoice(accounts []app.AccountStatus) fyne.CanvasObject {
	values, texts, chosen := make([]string, len(accounts)), make([]string, len(accounts)), ""
	for i, a := range accounts {
		values[i], texts[i] = number(int(a.ID)), oneLine(a.Host())
		if a.Local() {
			texts[i] = "This computer"
		}
		if a.ID == f.account {
			chosen = values[i]
		}
	}
	f.accounts = widget.NewSegmented(values, texts, func(v string) { f.pick(accounts[slices.Index(values, v)].ID) })
	f.accounts.Set(chosen)
	return f.accounts.Box
}

// pick reads what is known of an account.
func (f *silenceForm) pick(id app.AccountID) {
	f.account = id
	f.s.u.rulesOf.instead(id)
	f.changed()
}

// know takes in what is known of the account.
func (f *silenceForm) know(id app.AccountID, data Rules) {
	if f.account != id {
		return
	}
	f.data = data
	visible(f.whomBox, data.Me.ID != 0)
	f.products.fill()
}

// reach keeps what the keyboard comes to in sight.
func (f *silenceForm) reach() {
	reveal(f.page, f.scroll, f.page)
}

// changed looks anew at what the silence would have held.
func (f *silenceForm) changed() {
	if f.box == nil { // it is being made
		return
	}
	f.fault.Set("", widget.ColorRed)
	f.reach()
	f.relay()
	if f.stop != nil {
		f.stop()
	}
	f.stop = f.s.u.later(previewDelay, f.look)
}

func (f *silenceForm) relay() {
	f.page.Refresh()
	f.box.Refresh()
}

// read returns what the form says, or what is wrong and where.
func (f *silenceForm) read(now time.Time) (app.Silence, fyne.CanvasObject, error) {
	out := app.Silence{
		Account: f.account, Products: f.products.words(), Severity: f.severity.Value(), Text: strings.TrimSpace(f.text.Text()), Sources: f.sources.words(),
		Tags: f.tags.words(), Channels: channelsOf(f.channels), CriticalPasses: f.critical.State == widget.Checked, Note: strings.TrimSpace(f.note.Text()),
	}
	strange := ""
	for _, label := range f.events.words() {
		name := f.named[label]
		if name == "" {
			name, strange = label, label
		}
		out.Events = append(out.Events, name)
	}
	if f.whom.Value() == whomMe {
		out.Person = f.data.Me.ID
	}
	at, err := fyne.CanvasObject(f.events.field), error(nil)
	switch f.long.Value() {
	case longDay:
		out.Until = now.Add(8 * time.Hour)
	case longTomorrow:
		out.Until = tomorrow(now)
	case longOther:
		at = f.until
		out.Until, err = silenceEnd(f.until.Text(), now)
	default:
		out.Until = now.Add(time.Hour)
	}
	if strange != "" {
		return out, f.events.field, app.Invalid(fmt.Sprintf("No event is called “%s”.", oneLine(head(strange, 40))), "Take it away, and choose one of those that are offered while you type.")
	}
	if err == nil {
		err = out.Check(now)
	}
	return out, at, err
}

// look asks what the silence would have held.
func (f *silenceForm) look() {
	one, _, _ := f.read(f.s.u.now())
	one.Until, one.Note = time.Time{}, "" // they make no difference
	if text := asText(one); text != f.asked {
		f.asked = text
		f.round++
		f.s.u.previews.instead(previewAsk{one, f.round})
	}
}

// previewAsk is a silence to look at, and which look it is.
type previewAsk struct {
	silence app.Silence
	round   int
}

// lookOf reads for the form; it runs on the goroutine of its view.
func (u *UI) lookOf(ctx context.Context, q previewAsk) (Preview, error) {
	return u.engine.Preview(ctx, q.silence)
}

// showLook says what the silence would have held.
func (u *UI) showLook(q previewAsk, p Preview, err error) {
	f := u.silences.form
	if f == nil || q.round != f.round {
		return
	}
	if err != nil {
		f.says.Set("What it would have held cannot be said: "+oneLine(app.AsProblem(err).Error()), widget.ColorMuted)
		f.titles.Set("", widget.ColorMuted)
	} else {
		f.says.Set(previewText(p), widget.ColorText)
		var titles []string
		for _, t := range p.Titles {
			titles = append(titles, "“"+oneLine(head(t, 60))+"”")
		}
		text := strings.Join(titles, ", ")
		if text != "" {
			text = "The newest: " + text
		}
		f.titles.Set(text, widget.ColorMuted)
	}
	f.relay()
}

// submit begins the silence, or says what is to be mended.
func (f *silenceForm) submit() {
	if f.sent {
		return
	}
	one, at, err := f.read(f.s.u.now())
	if err != nil {
		f.blame(at, err)
		return
	}
	f.setSent(true)
	f.s.u.act(func(ctx context.Context, b Bell) (err error) {
		one, err = b.AddSilence(ctx, one)
		return err
	}, func(err error) bool {
		f.setSent(false)
		if err != nil {
			f.blame(f.save, err)
			return true
		}
		s := f.s
		if s.form == f {
			s.closeForm()
		}
		now := s.u.now()
		s.say("It holds until " + clock(one.Until.In(now.Location()), now) + ".")
		s.current = one.ID
		s.toInForce()
		return true
	})
}

// blame says what is to be mended, and brings the keyboard there.
func (f *silenceForm) blame(at fyne.CanvasObject, err error) {
	f.fault.Set(oneLine(app.AsProblem(err).Error()), widget.ColorRed)
	if field, ok := at.(*widget.Field); ok {
		field.SetBad(field == f.until)
	}
	f.relay()
	if focusFirst(f.s.u.window.Canvas(), at); at != f.save {
		scrollTo(at, f.scroll, f.page) // it may have been there before what is said took the room
	}
}

// formLayout puts the form between a tool bar and what stands below it.
type formLayout struct{ f *silenceForm }

// lowForm is the height below which the form needs the room that examples of what
// it holds would take.
const lowForm float32 = 560

// Layout is for Fyne.
func (l formLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	visible(l.f.titles, size.Height >= lowForm)
	ground, top, body, bottom := o[0], o[1], o[2], o[3]
	ground.Resize(size)
	h := top.MinSize().Height
	top.Move(fyne.NewPos(0, 0))
	top.Resize(fyne.NewSize(size.Width, h))
	bottom.Resize(fyne.NewSize(size.Width, bottom.MinSize().Height))
	low := bottom.MinSize().Height
	bottom.Resize(fyne.NewSize(size.Width, low))
	bottom.Move(fyne.NewPos(0, size.Height-low))
	body.Move(fyne.NewPos(0, h))
	body.Resize(fyne.NewSize(size.Width, max(0, size.Height-h-low)))
}

// MinSize is for Fyne.
func (formLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(leastWidth, leastHeight)
}
