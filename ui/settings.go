package ui

import (
	"context"
	"fmt"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"bellhop/app"
	"bellhop/ui/widget"
)

// saveDelay is how long typing has to pause before a number is saved.
const saveDelay = 700 * time.Millisecond

// settings is the view of everything that can be set, and of the accounts.
type settings struct {
	u        *UI
	tabs     *widget.Segmented
	box      *fyne.Container
	values   *view[struct{}, map[string]string]
	fields   map[string]*settingField
	accounts *fyne.Container
	pause    *fyne.Container
	pauses   *widget.Segmented
	page     *fyne.Container
	last     map[string]string // as they were read last
	made     string            // what the accounts were drawn from
}

// settingField is one setting on screen.
type settingField struct {
	setting app.Setting
	choice  *widget.Segmented
	field   *widget.Field
	fault   *widget.Prose
	stop    func()
}

// settingText is how a setting is called and explained to the user; the rules
// are those of [app.Settings].
var settingText = map[string]struct {
	title, help, unit string
	values, texts     []string
	wide              bool // more than a number is typed
}{
	app.SettingPollSeconds: {title: "Look at the server every", unit: "seconds", help: "30 to 3600. Each look is varied by a tenth, so that many bells do not ring at once."},
	app.SettingToasts:      {title: "Desktop notifications", help: "One for each new alert, one summary for a burst, none for what was there when you connected.", values: []string{"on", "off"}, texts: []string{"On", "Off"}},
	app.SettingToastBody:   {title: "A notification shows", help: "What others may read on your screen.", values: []string{"full", "title", "count"}, texts: []string{"Title and text", "Title", "Number only"}},
	app.SettingHistoryDays: {title: "Keep removed alerts for", unit: "days", help: "1 to 36500. What is in the list is never touched."},
	app.SettingUndoSeconds: {title: "A removal can be undone for", unit: "seconds", help: "0 to 60. Only then is it sent to the server."},
	app.SettingTheme:       {title: "Colours", help: "", values: []string{"system", "light", "dark"}, texts: []string{"As the desktop", "Light", "Dark"}},

	app.SettingChannels:        {title: "Channels in use", wide: true, help: "Separated by commas. What is not named here is used by nobody, whatever anybody's settings say."},
	app.SettingSystemTrump:     {title: "Events for which the system's channels are added", wide: true, help: "Separated by commas, or none. They are added to the channels of whoever is named as a recipient, as DefectDojo does."},
	app.SettingSuperuserSystem: {title: "Superusers get what the system's settings say", help: "Besides their own, as in DefectDojo.", values: []string{"on", "off"}, texts: []string{"On", "Off"}},
	app.SettingWatchMinutes:    {title: "Look for what alerts do not tell every", unit: "minutes", help: "1 to 1440, or off. Service levels, engagements and risk acceptances are read through the API."},
	app.SettingIntakeAddress:   {title: "Receive DefectDojo's webhooks at", wide: true, help: "off, on (this machine, port 8917), a port, or host:port for other machines."},
	app.SettingIntakeHeader:    {title: "Header with the secret of a webhook", wide: true, help: "As it is set in DefectDojo."},
	app.SettingIntakePath:      {title: "Path of the webhooks", wide: true, help: ""},
}

// elsewhere are the settings that another page shows.
var elsewhere = map[string]bool{app.SettingEngineMode: true, app.SettingOutbox: true}

func newSettings(u *UI) *settings {
	s := &settings{u: u, fields: map[string]*settingField{}, box: container.NewStack()}
	s.values = newView(u.do, func(ctx context.Context, _ struct{}) (map[string]string, error) {
		return u.inbox.Settings(ctx)
	}, s.show)
	return s
}

// build makes the page when it is first looked at.
func (s *settings) build() {
	if s.page != nil {
		return
	}
	s.accounts = widget.Column(12)
	s.pause = widget.Column(8)
	s.tabs = s.u.settingsTabs()
	column := widget.Column(0,
		pageTitle("Settings", s.u.shell.newMenu()), widget.Space(1, 8),
		s.tabs.Box, widget.Space(1, 20), heading("Accounts"), s.accounts,
		widget.Space(1, 24), heading("On this desktop"))
	s.add(column, app.SettingToasts, app.SettingToastBody)
	column.Add(s.pause)
	column.Add(widget.Space(1, 24))
	column.Add(heading("Synchronisation"))
	s.add(column, app.SettingPollSeconds, app.SettingWatchMinutes, app.SettingUndoSeconds, app.SettingHistoryDays)
	column.Add(widget.Space(1, 24))
	column.Add(heading("Appearance"))
	s.add(column, app.SettingTheme)
	column.Add(widget.Space(1, 24))
	column.Add(heading("Who is told"))
	s.add(column, app.SettingChannels, app.SettingSystemTrump, app.SettingSuperuserSystem)
	column.Add(widget.Space(1, 24))
	column.Add(heading("Webhooks that come in"))
	s.add(column, app.SettingIntakeAddress, app.SettingIntakePath, app.SettingIntakeHeader)
	var rest []string
	for _, one := range app.Settings {
		if s.fields[one.Key] == nil && !elsewhere[one.Key] {
			rest = append(rest, one.Key)
		}
	}
	if len(rest) > 0 {
		column.Add(widget.Space(1, 24))
		column.Add(heading("More"))
	}
	s.add(column, rest...)
	s.page = container.New(&pageLayout{most: 600}, column)
	s.box.Add(widget.NewGround(widget.ColorGround, 0))
	s.box.Add(container.NewVScroll(s.page))
	s.showStatus()
	if s.last != nil {
		s.show(struct{}{}, s.last, nil)
	}
}

// settingsTabs returns the choice between the parts of the settings.
func (u *UI) settingsTabs() *widget.Segmented {
	return widget.NewSegmented([]string{ViewSettings, ViewNotifications}, []string{"General", "Notifications"}, u.Show)
}

// pageTitle returns the first line of a page.
func pageTitle(text string, menu *widget.Button) fyne.CanvasObject {
	title := widget.NewElastic(text, widget.SizeSection, true, widget.ColorText)
	return container.NewStack(widget.Space(1, widget.ControlH), widget.Line(8, title, title, menu))
}

// enter shows the page and reads it.
func (s *settings) enter() {
	s.build()
	s.tabs.Set(ViewSettings)
	s.values.ask(struct{}{})
}

func heading(text string) fyne.CanvasObject {
	return widget.Column(8, widget.NewLabel(text, widget.SizeText, true, widget.ColorText), widget.NewRule(), widget.Space(1, 1))
}

// add puts settings into the page.
func (s *settings) add(column *fyne.Container, keys ...string) {
	for _, key := range keys {
		i := slices.IndexFunc(app.Settings, func(x app.Setting) bool { return x.Key == key })
		if i < 0 {
			continue
		}
		column.Add(s.newField(app.Settings[i]))
		column.Add(widget.Space(1, 16))
	}
}

func (s *settings) newField(setting app.Setting) fyne.CanvasObject {
	text, known := settingText[setting.Key]
	if !known {
		text.title, text.help = setting.Key, setting.Help
	}
	f := &settingField{setting: setting, fault: widget.NewProse("", widget.SizeSmall, false, widget.ColorRed)}
	s.fields[setting.Key] = f
	label := widget.NewProse(text.title, widget.SizeText, false, widget.ColorText)
	help := widget.NewProse(text.help, widget.SizeSmall, false, widget.ColorMuted)
	var input fyne.CanvasObject
	if len(text.values) > 0 {
		f.choice = widget.NewSegmented(text.values, text.texts, func(v string) { s.save(f, v) })
		input = f.choice.Box
	} else {
		f.field = widget.NewField("", setting.Default)
		f.field.OnChanged = func(v string) {
			f.check(v)
			if f.stop != nil {
				f.stop()
			}
			f.stop = s.u.later(saveDelay, func() { s.save(f, v) })
		}
		f.field.OnEnter = func() { s.save(f, f.field.Text()) }
		f.field.OnEscape = s.u.unfocus
		if text.wide || !known {
			input = container.New(atMost{360}, f.field)
		} else {
			input = widget.Line(8, nil, container.New(fixedWidth{96}, f.field), widget.NewLabel(text.unit, widget.SizeText, false, widget.ColorMuted))
		}
	}
	return widget.Column(4, label, input, f.fault, help)
}

// check says at once what is wrong with a number.
func (f *settingField) check(value string) bool {
	_, err := f.setting.Check(value)
	f.complain(err)
	return err == nil
}

// complain shows err below the setting; nil takes it away.
func (f *settingField) complain(err error) {
	text := ""
	if err != nil {
		text = app.AsProblem(err).Error()
	}
	f.fault.Set(text, widget.ColorRed)
	if f.field != nil {
		f.field.SetBad(err != nil)
	}
}

// save sends a value to the bell.
func (s *settings) save(f *settingField, value string) {
	if f.stop != nil {
		f.stop()
		f.stop = nil
	}
	if !f.check(value) {
		s.relay()
		return
	}
	s.u.act(func(ctx context.Context, b Bell) error { return b.Set(ctx, f.setting.Key, value) }, func(err error) bool {
		f.complain(err)
		s.relay()
		s.values.ask(struct{}{})
		return true
	})
}

// show takes in the settings as they are stored.
func (s *settings) show(_ struct{}, values map[string]string, err error) {
	if err != nil {
		s.u.fail(err)
		return
	}
	s.last = values
	for key, f := range s.fields {
		if f.choice != nil {
			f.choice.Set(values[key])
		} else if f.field != nil && !f.field.Focused() {
			f.field.SetText(values[key])
		}
	}
	s.u.dress(values[app.SettingTheme])
	s.u.showHold(values[app.SettingOutbox] == "paused")
	if s.page != nil {
		s.relay()
	}
}

// relay lays the page out anew after a text came or went.
func (s *settings) relay() { s.page.Refresh() }

// dress applies the setting for the colours.
func (u *UI) dress(setting string) {
	t := NewTheme(setting)
	if now, ok := u.app.Settings().Theme().(Theme); !ok || now != t {
		u.app.Settings().SetTheme(t)
	}
}

// showStatus draws the accounts and the pause as they stand.
func (s *settings) showStatus() {
	if s.page == nil {
		return
	}
	made := fmt.Sprint(s.u.status.Accounts, s.u.status.PausedUntil, s.u.allNotices(), s.u.bell == nil)
	if made == s.made {
		return
	}
	s.made = made
	s.accounts.RemoveAll()
	for _, a := range s.u.status.Accounts {
		s.accounts.Add(s.accountCard(a))
	}
	for _, n := range s.u.allNotices() { // what a banner may have put out of sight
		if n.Code == noticeHeld || n.Code == noticeEveryone {
			continue
		}
		s.accounts.Add(widget.NewProse(oneLine(n.Error()), widget.SizeSmall, false, widget.ColorOrange))
	}
	another := "Connect another server"
	if len(s.u.status.Accounts) == 0 {
		another = "Connect a server"
	}
	s.accounts.Add(widget.Line(8, nil, widget.NewButton(widget.Plain, "plus", another, func() { s.u.Show(ViewConnect) })))
	s.showPause()
	s.relay()
}

// showPause offers to hold notifications back, or to show them again.
func (s *settings) showPause() {
	s.pause.RemoveAll()
	now := s.u.now()
	until := s.u.status.PausedUntil
	if s.u.status.Paused(now) {
		text := "Paused until you resume them"
		if until.Before(app.PauseForever) {
			text = "Paused until " + clock(until.In(now.Location()), now)
		}
		s.pause.Add(widget.NewLabel(text, widget.SizeText, false, widget.ColorText))
		s.pause.Add(widget.Line(8, nil, widget.NewButton(widget.Plain, "play", "Resume", s.u.resume)))
		return
	}
	tomorrow := day(now).AddDate(0, 0, 1).Add(8 * time.Hour)
	s.pause.Add(widget.NewLabel("Pause notifications", widget.SizeText, false, widget.ColorText))
	s.pauses = widget.NewSegmented([]string{"hour", "tomorrow", "on"}, []string{"For 1 hour", "Until tomorrow 08:00", "Until I resume"}, func(v string) {
		s.pauses.Set("") // these are things to do, not a state
		at := map[string]time.Time{"hour": s.u.now().Add(time.Hour), "tomorrow": tomorrow, "on": app.PauseForever}[v]
		s.u.act(func(ctx context.Context, b Bell) error { return b.Pause(ctx, at) }, nil)
	})
	s.pause.Add(s.pauses.Box)
}

// pageLayout keeps a page from becoming wider than can be read, at the left of
// the room it has.
type pageLayout struct{ most float32 }

const pagePad float32 = 24

// Layout is for Fyne.
func (p *pageLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	for _, x := range o {
		x.Move(fyne.NewPos(pagePad, pagePad))
		x.Resize(fyne.NewSize(min(p.most, size.Width-2*pagePad), size.Height-2*pagePad))
	}
}

// MinSize is for Fyne.
func (p *pageLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	var s fyne.Size
	for _, x := range o {
		s = s.Max(x.MinSize())
	}
	return s.AddWidthHeight(2*pagePad, 2*pagePad)
}

// fixedWidth gives its content one width.
type fixedWidth struct{ width float32 }

// Layout is for Fyne.
func (f fixedWidth) Layout(o []fyne.CanvasObject, size fyne.Size) {
	for _, x := range o {
		x.Move(fyne.NewPos(0, 0))
		x.Resize(fyne.NewSize(f.width, size.Height))
	}
}

// MinSize is for Fyne.
func (f fixedWidth) MinSize(o []fyne.CanvasObject) fyne.Size {
	h := float32(0)
	for _, x := range o {
		h = max(h, x.MinSize().Height)
	}
	return fyne.NewSize(f.width, h)
}

// atMost gives its content the width there is, up to one.
type atMost struct{ width float32 }

// Layout is for Fyne.
func (a atMost) Layout(o []fyne.CanvasObject, size fyne.Size) {
	fixedWidth{min(a.width, size.Width)}.Layout(o, size)
}

// MinSize is for Fyne.
func (a atMost) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(1, fixedWidth(a).MinSize(o).Height)
}
