package ui

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"bellhop/app"
	"bellhop/ui/widget"
)

// mostOpen is how many deliveries can be unfolded at the same time.
const mostOpen = 20

// deliveries is the page of everything that leaves this computer: what waits,
// what arrived, what needs somebody. It holds a stretch of the ledger and is
// made when it is first looked at.
type deliveries struct {
	u     *UI
	box   *fyne.Container
	made  bool
	reads *view[sheetAsk, sheetAnswer]
	sheet

	state    app.DeliveryState // "" = all; needsYou is more than that state
	channel  string            // "" = all
	counts   DeliveryCounts
	attempts map[app.DeliveryID][]app.Attempt
	open     map[app.DeliveryID]bool
	current  app.DeliveryID
	hovered  app.DeliveryID
	items    []sheetItem
	numbers  map[app.DeliveryID]int64 // of the deliveries, for the list
	round    int
	loaded   bool
	fault    error

	hold    *widget.Banner
	top     *fyne.Container
	chooser *widget.Button
	pause   *widget.Button
	menu    *widget.Button
	toolbar *fyne.Container
	states  *widget.Segmented
	count   *widget.Label
	news    *widget.Button
	again   *widget.Button
	headBox *fyne.Container
	rows    *widget.Rows
	wait    *widget.Skeleton
	empty   *emptyState
	body    *fyne.Container
}

func newDeliveries(u *UI) *deliveries {
	d := &deliveries{
		u: u, box: container.New(pageTopLayout{}),
		attempts: map[app.DeliveryID][]app.Attempt{}, open: map[app.DeliveryID]bool{}, numbers: map[app.DeliveryID]int64{},
	}
	d.reads = newView(u.do, d.load, d.show)
	return d
}

// needsYou is the choice of what does not arrive until somebody acts: the dead, and
// what waits behind a destination that is switched off.
const needsYou = app.DeliveryDead

// sheetStates are the choices of states with their names.
var sheetStates = []struct {
	state app.DeliveryState
	name  string
	count bool // its number is worth a look
}{
	{"", "All", false},
	{app.DeliveryWaiting, "Waiting", true},
	{app.DeliveryHeld, "Held", true},
	{needsYou, "Needs you", true},
	{app.DeliverySent, "Sent", false},
	{app.DeliveryDropped, "Dropped", false},
}

// build makes the widgets, once.
func (d *deliveries) build() {
	if d.made {
		return
	}
	d.made = true
	d.hold = widget.NewBanner()
	title := widget.NewElastic("Deliveries", widget.SizeTitle, true, widget.ColorText)
	d.chooser = widget.NewButton(widget.Plain, "down", "All channels", d.chooseChannel)
	d.pause = widget.NewButton(widget.Plain, "pause", "Pause sending", d.togglePause)
	d.menu = d.u.shell.newMenu()
	d.toolbar = widget.Line(8, title, title, d.chooser, d.pause, d.menu)
	var values, texts []string
	for _, s := range sheetStates {
		values, texts = append(values, string(s.state)), append(texts, s.name)
	}
	d.states = widget.NewSegmented(values, texts, func(v string) { d.narrow(app.DeliveryState(v), d.channel) })
	d.count = widget.NewElastic("", widget.SizeSmall, false, widget.ColorMuted)
	d.news = widget.NewButton(widget.Quiet, "up", "", d.showNews)
	d.again = widget.NewButton(widget.Quiet, "sync", "Send all failed again…", d.askAll)
	d.headBox = widget.Line(12, d.count, d.count, d.news, edge(d.again))

	d.rows = widget.NewRows()
	d.rows.Make, d.rows.Fill = d.makeLine, d.fillLine
	d.rows.OnTapped, d.rows.OnHover = d.tapped, d.hover
	d.rows.OnView, d.rows.OnWidth = d.viewed, d.layItems
	d.rows.OnFocus = func(bool) { d.rows.Redraw() }
	d.wait, d.empty = widget.NewSkeleton(), newEmptyState()
	d.body = container.NewStack(widget.NewGround(widget.ColorGround, 0), d.rows, d.wait, d.empty.box)
	d.top = widget.Column(0,
		container.NewStack(widget.NewGround(widget.ColorGround, 0), widget.Inset(9, 16, 8, 16, d.toolbar)), widget.NewRule(), d.hold.Box,
		widget.Inset(10, 16, 4, 16, d.states.Box),
		widget.Inset(0, 16, 0, 16, container.NewStack(widget.Space(1, widget.ControlH), d.headBox)), widget.NewRule())
	d.box.Add(container.NewStack(widget.NewGround(widget.ColorGround, 0), d.top))
	d.box.Add(d.body)
}

// enter shows the page and reads it.
func (d *deliveries) enter() {
	d.build()
	d.states.Set(string(d.state))
	d.start()
}

// start begins with the newest of what is chosen.
func (d *deliveries) start() {
	d.round++
	d.loaded, d.fault = false, nil
	d.sheet = sheet{}
	d.reads.instead(d.question(moveFirst))
	d.lay()
}

// narrow shows other states or another channel.
func (d *deliveries) narrow(state app.DeliveryState, channel string) {
	if d.state == state && d.channel == channel {
		return
	}
	d.state, d.channel = state, channel
	d.current = ""
	clear(d.open)
	d.start()
}

// refresh reads what is held once more.
func (d *deliveries) refresh() {
	if d.u.place != ViewDeliveries || !d.made {
		return
	}
	if !d.loaded {
		d.reads.ask(d.question(moveFirst))
		return
	}
	d.reads.ask(d.question(moveRefresh))
}

// question returns a question about what is shown now.
func (d *deliveries) question(m move) sheetAsk {
	q := sheetAsk{
		move: m, round: d.round, open: d.opened(),
		filter: app.DeliveryFilter{State: d.state, Channel: d.channel, Limit: firstPage},
	}
	if d.state == needsYou {
		q.filter.State, q.filter.NeedsYou = "", true
	}
	switch m {
	case moveMore:
		q.filter.After, q.filter.Limit = d.next, nextPage
	case moveLess:
		q.filter.After, q.filter.Limit = d.above[len(d.above)-1], 2*nextPage
	case moveRefresh:
		q.filter.After, q.filter.Limit = d.from, min(max(firstPage, len(d.lines)), mostRows)
	case moveFirst, moveJump:
	}
	return q
}

// opened returns what is unfolded.
func (d *deliveries) opened() []app.DeliveryID {
	var out []app.DeliveryID
	for _, x := range d.lines {
		if d.open[x.ID] {
			out = append(out, x.ID)
		}
	}
	return out
}

// load reads a page; it runs on the goroutine of the page's view.
func (d *deliveries) load(ctx context.Context, q sheetAsk) (a sheetAnswer, err error) {
	if a.page, err = d.u.engine.Deliveries(ctx, q.filter); err != nil {
		return a, err
	}
	if a.counts, err = d.u.engine.DeliveryCounts(ctx); err != nil {
		return a, err
	}
	a.attempts = make(map[app.DeliveryID][]app.Attempt, len(q.open))
	for _, id := range q.open {
		if a.attempts[id], err = d.u.engine.Attempts(ctx, id); err != nil {
			return a, err
		}
	}
	return a, nil
}

// show takes in what was read.
func (d *deliveries) show(q sheetAsk, a sheetAnswer, err error) {
	if q.round != d.round {
		return
	}
	if d.fault = err; err != nil {
		d.lay()
		return
	}
	d.loaded = true
	d.counts = a.counts
	d.u.showSums(a.counts)
	maps.Copy(d.attempts, a.attempts)
	d.take(q, a.page, d.still())
	if d.current == "" || d.find(d.current) < 0 {
		d.current = ""
		if len(d.lines) > 0 {
			d.current = d.lines[0].ID
		}
	}
	d.lay()
	if q.move == moveFirst {
		d.rows.Top()
	}
}

// still says whether nothing may move now.
func (d *deliveries) still() bool { return d.rows.Pointed() || !d.rows.AtTop() || len(d.open) > 0 }

// showNews brings in what waited.
func (d *deliveries) showNews() {
	d.round++
	d.reads.instead(d.question(moveFirst))
}

// total returns how many deliveries there are of a choice of states in the channel
// chosen.
func (d *deliveries) total(state app.DeliveryState) tally {
	if state == needsYou {
		return d.counts.need(d.channel)
	}
	return tally{n: d.counts.of(d.channel, state)}
}

// lay puts everything on screen as it stands.
func (d *deliveries) lay() {
	d.layItems()
	d.showHead()
	none := len(d.lines) == 0
	visible(d.wait, none && !d.loaded && d.fault == nil)
	visible(d.rows, !none)
	visible(d.empty.box, none && (d.loaded || d.fault != nil))
	if none {
		d.showEmpty()
	}
	d.box.Refresh()
}

// showEmpty says why nothing is listed.
func (d *deliveries) showEmpty() {
	brass := widget.Tint{Ink: widget.ColorBrass}
	switch {
	case d.fault != nil:
		d.empty.set("warn", widget.TintRed, "The deliveries cannot be shown", oneLine(app.AsProblem(d.fault).Error()), "Try again", d.start)
	case d.state == needsYou:
		d.empty.set("check", widget.TintGreen, "Nothing needs you", "What cannot be delivered until somebody acts is listed here, with what to do.", "", nil)
	case d.state == app.DeliveryWaiting:
		d.empty.set("check", widget.TintGreen, "Nothing waits", "Everything that was to be sent has been.", "", nil)
	case d.state != "" || d.channel != "":
		d.empty.set("send", widget.TintGrey, "Nothing of this kind", "Choose another state or another channel.", "Show everything", func() {
			d.states.Set("")
			d.narrow("", "")
		})
	default:
		d.empty.set("send", brass, "Nothing has been sent yet", "What is sent by mail, Slack, Teams or webhook is listed here, with every attempt.", "Choose what is sent", func() { d.u.Show(ViewNotifications) })
	}
}

// showHead writes what stands above the list.
func (d *deliveries) showHead() {
	for _, s := range sheetStates {
		text := s.name
		if n := d.total(s.state); s.count && n.n > 0 {
			text += " " + n.String()
		}
		d.states.Button(string(s.state)).SetText(text)
	}
	d.states.Box.Refresh()
	name := "All channels"
	if ch, ok := app.ChannelNamed(d.channel); ok {
		name = channelText[ch].name
	}
	d.chooser.SetText(name)
	text, icon := "Pause sending", "pause"
	if d.u.held {
		text, icon = "Resume", "play"
	}
	if d.u.shell.narrow() {
		text = ""
	}
	d.pause.Icon = icon
	d.pause.SetText(text)
	d.pause.Refresh()
	if d.u.bell == nil {
		d.pause.Disable()
	} else {
		d.pause.Enable()
	}
	d.hold.Set(d.u.holdBanner())
	n := d.total(d.state)
	switch {
	case !d.loaded, n.n == 0:
		d.count.Set("")
	case n.n == 1:
		d.count.Set("1 delivery, newest first")
	default:
		d.count.Set(n.String() + " deliveries, newest first")
	}
	dead := d.counts.of(d.channel, app.DeliveryDead)
	visible(d.again, dead > 0 && d.u.bell != nil && d.channel == "")
	visible(d.news, d.waiting > 0)
	d.news.SetText(fmt.Sprintf("%s new", number(d.waiting)))
	d.toolbar.Refresh()
	d.headBox.Refresh()
}

// chooseChannel offers the channels.
func (d *deliveries) chooseChannel() {
	items := []menuItem{{"All channels", func() { d.narrow(d.state, "") }}}
	for ch := range app.Channel(app.NumChannels) {
		if ch == app.ChannelAlert { // an alert is in the list, not on its way
			continue
		}
		items = append(items, menuItem{channelText[ch].name, func() { d.narrow(d.state, ch.String()) }})
	}
	d.u.shell.offer(items, d.chooser)
}

// delivery returns one that is held, nil for none.
func (d *deliveries) delivery(id app.DeliveryID) *DeliveryLine {
	if i := d.find(id); i >= 0 {
		return &d.lines[i]
	}
	return nil
}

// find returns where a delivery is held, -1 for nowhere.
func (s *sheet) find(id app.DeliveryID) int {
	return slices.IndexFunc(s.lines, func(x DeliveryLine) bool { return x.ID == id })
}
