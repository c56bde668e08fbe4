package ui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"bellhop/app"
	"bellhop/ui/widget"
)

// rules is the part of the settings that says who is told of what, and how: a
// line for each of DefectDojo's events, a switch for each channel. Nothing of it
// is made or read before it is looked at.
type rules struct {
	u     *UI
	box   *fyne.Container // what the shell shows
	made  bool
	reads *view[rulesAsk, Rules]
	data  Rules
	known bool
	fault error

	asked   string // the accounts that were there when the page was read
	account app.AccountID
	person  app.PersonID // whose rows are in view, 0 = who signed in
	scope   app.Scope
	product int64
	columns []app.Column    // the lines
	stored  *app.Preference // the row in view, nil = none stored
	want    app.Row         // as it is shown
	wish    app.Extra       // as it is shown
	saving  bool

	tabs     *widget.Segmented
	accounts *widget.Segmented
	accBox   *fyne.Container
	mode     *widget.Segmented
	modeNote *widget.Prose
	whose    *whose
	scopes   *widget.Segmented
	scopeBox *fyne.Container
	note     *widget.Prose
	pick     *picker
	chip     *widget.Chip
	every    *widget.Button // switches a channel for all lines
	back     *widget.Button
	missing  *fyne.Container // what keeps channels from being of use
	table    *fyne.Container
	head     *widget.MatrixHead
	top      *widget.MatrixHead // the head that stays while the lines scroll
	matrix   *widget.Matrix
	legend   *fyne.Container
	lineBox  *fyne.Container
	extras   *extras // what DefectDojo does not know
	body     *fyne.Container
	page     *fyne.Container
	scroll   *container.Scroll
	wait     *widget.Skeleton
	empty    *emptyState
}

// rulesAsk is whose settings are asked for.
type rulesAsk struct {
	account app.AccountID
	person  app.PersonID
}

func newRules(u *UI) *rules {
	r := &rules{u: u, scope: app.ScopePersonal, box: container.NewStack()}
	r.reads = newView(u.do, func(ctx context.Context, q rulesAsk) (Rules, error) {
		return u.engine.Rules(ctx, q.account, q.person)
	}, r.show)
	r.whose = newWhose(r)
	return r
}

// enter shows the page and reads it.
func (r *rules) enter() {
	r.build()
	r.tabs.Set(ViewNotifications)
	if !r.u.known {
		r.showState()
		return // the status brings the accounts, see showStatus
	}
	r.choose()
	r.showAccounts()
	r.reads.ask(r.ask())
	r.showState()
}

// ask returns the question for what is in view.
func (r *rules) ask() rulesAsk { return rulesAsk{r.account, r.person} }

// choose makes sure that the account in view is there; 0 is this machine.
func (r *rules) choose() {
	accounts := r.u.status.Accounts
	if r.u.accountOf(r.account) != nil {
		return
	}
	r.account, r.person, r.known = 0, 0, r.known && r.account == 0 && len(accounts) == 0
	if len(accounts) > 0 {
		r.account = firstAccount(accounts)
	}
}

// firstAccount returns the account one most likely means: a server's, before what
// this computer says itself.
func firstAccount(accounts []app.AccountStatus) app.AccountID {
	for _, a := range accounts {
		if !a.Local() {
			return a.ID
		}
	}
	return accounts[0].ID
}

// showStatus follows the accounts as they come and go.
func (r *rules) showStatus() {
	if r.u.place != ViewNotifications {
		return
	}
	if r.asked != r.u.accountNames() {
		r.asked = r.u.accountNames()
		r.enter()
	}
}

// refresh reads the page again where it is in view.
func (r *rules) refresh() {
	if r.u.place == ViewNotifications {
		r.enter()
	}
}

// build makes the widgets, once.
func (r *rules) build() {
	if r.made {
		return
	}
	r.made = true
	r.tabs = r.u.settingsTabs()
	r.accBox = widget.Column(0)
	r.mode = widget.NewSegmented([]string{string(app.ModeMe), string(app.ModeEveryone)}, []string{"For me", "For everyone"}, r.setMode)
	r.modeNote = widget.NewProse("", widget.SizeSmall, false, widget.ColorMuted)
	r.scopeBox = container.NewStack()
	r.note = widget.NewProse("", widget.SizeSmall, false, widget.ColorMuted)
	r.pick = newPicker(r.u, r.pickProduct)
	r.chip = widget.NewChip("", widget.TintGrey)
	r.back = widget.NewButton(widget.Quiet, "undo", "Back to the defaults…", r.askDefaults)
	gap := widget.Space(1, widget.ControlH)
	r.every = widget.NewButton(widget.Quiet, "down", "All events", r.offerEvery)
	r.lineBox = widget.Line(8, gap, r.chip, gap, r.every, r.back)
	r.missing = widget.Column(4)
	r.extras = newExtras(r)
	names, shorts := make([]string, app.NumChannels), make([]string, app.NumChannels)
	for ch := range app.NumChannels {
		names[ch], shorts[ch] = channelText[ch].name, channelText[ch].short
	}
	r.head = widget.NewMatrixHead("Event", names, shorts, false)
	r.top = widget.NewMatrixHead("Event", names, shorts, true)
	r.top.Hide()
	r.matrix = widget.NewMatrix(app.NumChannels)
	r.matrix.OnToggle, r.matrix.OnHover, r.matrix.OnMove = r.toggle, r.hover, r.reveal
	r.legend = widget.Column(4)
	r.table = widget.Column(0, r.missing, widget.Space(1, 8), edge(r.lineBox), r.head, r.matrix, widget.Space(1, 12), r.legend, widget.Space(1, 24), r.extras.box)
	column := widget.Column(0,
		pageTitle("Settings", r.u.shell.newMenu()), widget.Space(1, 8),
		r.tabs.Box, widget.Space(1, 20),
		r.accBox,
		heading("For whom"), r.mode.Box, widget.Space(1, 6), r.modeNote, widget.Space(1, 24),
		heading("Told of what"), r.whose.box, r.scopeBox, widget.Space(1, 6), r.note, r.pick.box, widget.Space(1, 8),
		r.table)
	r.page = container.New(&pageLayout{most: rulesWidth}, column)
	r.scroll = container.NewVScroll(r.page)
	r.scroll.OnScrolled = func(fyne.Position) { r.stick() }
	r.wait, r.empty = widget.NewSkeleton(), newEmptyState()
	r.body = container.New(&stickyLayout{r}, r.scroll, r.top)
	r.box.Add(widget.NewGround(widget.ColorGround, 0))
	r.box.Add(r.body)
	r.box.Add(widget.Inset(60, pagePad, pagePad, 0, r.wait))
	r.box.Add(r.empty.box)
}

// rulesWidth is how wide the page becomes at most.
const rulesWidth float32 = 760

// show takes in what was read.
func (r *rules) show(q rulesAsk, data Rules, err error) {
	if q != r.ask() {
		return
	}
	if q.person != 0 && errors.Is(err, app.ErrNotFound) { // whose they were has gone
		r.person = 0
		r.reads.ask(r.ask())
		return
	}
	r.fault = err
	if err == nil {
		r.data, r.known = data, true
		if !r.saving {
			r.take()
		}
		r.fill()
	}
	r.showState()
}

// take makes the row in view what is stored.
func (r *rules) take() {
	r.stored = r.data.find(app.OwnerLocal, r.scope, r.product)
	switch {
	case r.stored != nil:
		r.want = r.stored.Row
	case r.scope == app.ScopeProduct:
		r.want = app.Row{}
	default:
		r.want = app.DefaultRow()
	}
	r.wish = app.Extra{}
	if r.stored != nil {
		r.wish = r.stored.Extra
	}
}

// showState decides between the switches, grey shapes, and a word about why
// there are none.
func (r *rules) showState() {
	nobody := r.known && r.data.Me.ID == 0
	visible(r.wait, !r.known && r.fault == nil)
	visible(r.body, r.known && !nobody)
	visible(r.empty.box, r.fault != nil && !r.known || nobody)
	switch {
	case r.fault != nil && !r.known:
		r.empty.set("warn", widget.TintRed, "The settings cannot be shown", oneLine(app.AsProblem(r.fault).Error()), "Try again", func() { r.reads.ask(r.ask()) })
	case nobody:
		r.empty.set("bell", widget.Tint{Ink: widget.ColorBrass}, "Nobody to notify yet", "Connect your DefectDojo; then you choose here what you are told of.", "Connect", func() { r.u.Show(ViewConnect) })
	}
	r.box.Refresh()
}

// everyone says whether decisions are made for all people.
func (r *rules) everyone() bool {
	return r.data.Settings[app.SettingEngineMode] == string(app.ModeEveryone)
}

// fill writes everything that was read.
func (r *rules) fill() {
	r.mode.Set(string(app.ModeMe))
	if r.everyone() {
		r.mode.Set(string(app.ModeEveryone))
	}
	note := modeText(app.Mode(r.mode.Value()))
	acc := r.u.accountOf(r.account)
	if (!r.data.Me.Superuser || acc == nil || acc.Local()) && !r.everyone() {
		r.mode.Button(string(app.ModeEveryone)).Disable()
		note += " Deciding for everyone needs a superuser's sign-in to a server."
	} else {
		r.mode.Button(string(app.ModeEveryone)).Enable()
	}
	notices := r.u.allNotices()
	if i := slices.IndexFunc(notices, func(n app.Problem) bool { return n.Code == noticeEveryone }); i >= 0 && r.everyone() {
		note += " " + oneLine(notices[i].Message)
	}
	if r.everyone() && r.data.People > 0 {
		note += fmt.Sprintf(" %s known here.", people(r.data.People))
	}
	r.modeNote.Set(note, widget.ColorMuted)
	r.showScopes()
	r.fillTable()
}

// people returns "1 person is" or "1,204 people are".
func people(n int) string {
	if n == 1 {
		return "1 person is"
	}
	return number(n) + " people are"
}

// fillTable writes the switches of the scope in view.
func (r *rules) fillTable() {
	chosen := (r.scope != app.ScopeProduct || r.product != 0) && !r.whose.open
	visible(r.table, chosen)
	r.note.Set(r.scopeNote(), widget.ColorMuted)
	if chosen {
		r.fillRow()
		r.fillMissing()
		r.fillLegend()
	}
	r.page.Refresh()
	r.scroll.Refresh() // it may have become shorter
	r.stick()
}

// fillRow writes the chip above the switches and the switches.
func (r *rules) fillRow() {
	stored := r.stored != nil
	switch {
	case r.saving:
		r.chip.Set("Saving…", widget.TintBlue)
	case stored:
		r.chip.Set("Saved", widget.TintGreen)
	case r.scope == app.ScopeProduct:
		r.chip.Set("Nothing set for this product", widget.TintGrey)
	default:
		r.chip.Set("DefectDojo's defaults", widget.TintGrey)
	}
	r.extras.fill()
	back := "Back to the defaults…"
	if r.u.shell.narrow() {
		back = "Defaults…"
	}
	r.back.SetText(back)
	visible(r.back, stored && r.u.bell != nil)
	visible(r.every, r.u.bell != nil)
	r.lineBox.Refresh()
	r.columns = r.columns[:0]
	var lines []widget.MatrixLine
	for c := range app.Column(app.NumColumns) {
		if r.scope == app.ScopeProduct && !c.OnProduct() {
			continue
		}
		r.columns = append(r.columns, c)
		line := widget.MatrixLine{Title: c.Source(), Sub: columnHelp[c]}
		for ch := range app.Channel(app.NumChannels) {
			line.Cells = append(line.Cells, r.cell(c, ch))
		}
		lines = append(lines, line)
	}
	r.matrix.Set(lines, r.u.bell == nil)
}

// The words below a switch.
const (
	markTwice    = "twice"
	markServer   = "server"
	markSystem   = "system"
	markPersonal = "personal"
)

// cell returns one switch.
func (r *rules) cell(c app.Column, ch app.Channel) widget.Cell {
	on := r.want[c].Has(ch)
	cell := widget.Cell{On: on, Locked: r.data.obstacle(ch, r.scope, r.product).what != ""}
	server := alsoServer(r.data.find(app.OwnerServer, r.scope, r.product), c, ch)
	switch {
	case server && on:
		cell.Mark, cell.Ink = markTwice, widget.ColorOrange
	case server:
		cell.Mark = markServer
	case on || cell.Locked:
	case r.scope == app.ScopePersonal && r.data.hasSystem(c, ch):
		cell.Mark, cell.Ink = markSystem, widget.ColorBrass
	case r.scope == app.ScopeProduct && r.personal()[c].Has(ch):
		cell.Mark = markPersonal
	}
	return cell
}

// personal returns the row that speaks for every product.
func (r *rules) personal() app.Row {
	if p := r.data.find(app.OwnerLocal, app.ScopePersonal, 0); p != nil {
		return p.Row
	}
	return app.DefaultRow()
}

// fillMissing says what keeps channels from being of use, and what to do.
func (r *rules) fillMissing() {
	r.missing.RemoveAll()
	locked := make([]bool, app.NumChannels)
	for ch := range app.Channel(app.NumChannels) {
		o := r.data.obstacle(ch, r.scope, r.product)
		if locked[ch] = o.what != ""; !locked[ch] {
			continue
		}
		text := widget.NewProse(fmt.Sprintf("%s: %s. %s", channelText[ch].name, o.what, o.step), widget.SizeSmall, false, widget.ColorMuted)
		r.missing.Add(widget.Line(8, text, widget.NewPicture(channelText[ch].icon, widget.ColorMuted, 16), text))
	}
	visible(r.missing, len(r.missing.Objects) > 0)
	r.head.Lock(locked)
	r.top.Lock(locked)
}

// fillLegend explains the words that stand below switches.
func (r *rules) fillLegend() {
	r.legend.RemoveAll()
	seen := map[string]fyne.ThemeColorName{}
	for _, line := range r.matrix.Lines() {
		for _, c := range line.Cells {
			if c.Mark != "" {
				seen[c.Mark] = c.Ink
			}
		}
	}
	for _, x := range [][2]string{
		{markTwice, "the server itself delivers this on the same channel: it comes twice."},
		{markServer, "the server itself delivers this already; switched on here too, it comes twice."},
		{markSystem, "the administrator's setting adds this channel even while it is off here."},
		{markPersonal, "your personal settings have it on for every product."},
	} {
		if color, ok := seen[x[0]]; ok {
			if color == "" {
				color = widget.ColorMuted
			}
			text := widget.NewProse(x[1], widget.SizeSmall, false, widget.ColorMuted)
			r.legend.Add(widget.Line(12, text, container.New(fixedWidth{56}, widget.NewLabel(x[0], widget.SizeSmall, true, color)), text))
		}
	}
}

// hover offers in words what is below the pointer.
func (r *rules) hover(line, column int, pos fyne.Position) {
	s := r.u.shell
	s.hideTip()
	if line < 0 || line >= len(r.columns) {
		return
	}
	text := r.tip(r.columns[line], column)
	s.tipOver(text, func() (fyne.Position, bool) {
		return fyne.CurrentApp().Driver().AbsolutePositionForObject(r.matrix).Add(pos), r.u.place == ViewNotifications
	})
}

// tip says what a switch does; column -1 is the event alone.
func (r *rules) tip(c app.Column, column int) string {
	if column < 0 {
		return c.Source() + ": " + columnHelp[c] + ". DefectDojo calls it " + c.String() + "."
	}
	ch := app.Channel(column)
	text := fmt.Sprintf("%s for %s. %s", channelText[ch].name, c.Source(), channelHelp[ch])
	if o := r.data.obstacle(ch, r.scope, r.product); o.what != "" {
		text += "\n" + sentence(o.what) + ". " + o.step
	}
	switch r.cell(c, ch).Mark {
	case markTwice:
		text += "\nThe server itself delivers it on this channel too, so that it comes twice."
	case markServer:
		text += "\nThe server itself delivers it on this channel already."
	case markSystem:
		text += "\nThe administrator's setting adds this channel even while it is off here."
	case markPersonal:
		text += "\nYour personal settings have it on for every product."
	}
	return strings.TrimSpace(text)
}
