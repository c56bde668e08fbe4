package ui

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"bellhop/app"
	"bellhop/ui/widget"
)

// silences is the page of what holds messages back for a while. Like the page of
// deliveries it holds a stretch of a list that may be long, and is made when it is
// first looked at.
type silences struct {
	u     *UI
	box   *fyne.Container
	made  bool
	reads *view[silenceAsk, SilencePage]
	looks *view[app.Silence, Preview] // of what is unfolded

	ended    bool // those that have ended are listed
	lines    []SilenceLine
	next     app.SilenceID // older ones follow after it, 0 = none
	let      int           // lines above that were let go
	inForce  int
	past     int
	current  app.SilenceID
	hovered  app.SilenceID
	open     app.SilenceID // unfolded, 0 = none
	preview  *Preview      // of open
	looked   bool          // preview was read
	items    []sheetItem
	round    int
	loaded   bool
	fault    error
	said     string // what the last action came to
	stopSaid func()

	form    *silenceForm // the one that is being made, nil = none
	top     *fyne.Container
	snooze  *widget.Button
	add     *widget.Button
	menu    *widget.Button
	toolbar *fyne.Container
	states  *widget.Segmented
	count   *widget.Label
	rows    *widget.Rows
	wait    *widget.Skeleton
	empty   *emptyState
	body    *fyne.Container
	list    *fyne.Container
}

// silenceAsk is a question of the page of silences.
type silenceAsk struct {
	move   move
	filter app.SilenceFilter
	round  int
}

// The two lists of silences.
const (
	listInForce = "force"
	listEnded   = "ended"
)

func newSilences(u *UI) *silences {
	s := &silences{u: u, box: container.NewStack()}
	s.reads = newView(u.do, func(ctx context.Context, q silenceAsk) (SilencePage, error) {
		return u.engine.Silences(ctx, q.filter)
	}, s.show)
	s.looks = newView(u.do, func(ctx context.Context, one app.Silence) (Preview, error) {
		return u.engine.Preview(ctx, one)
	}, func(one app.Silence, p Preview, err error) {
		if one.ID != s.open {
			return
		}
		if s.looked = true; err == nil {
			s.preview = &p
		}
		s.lay()
	})
	return s
}

// build makes the widgets, once.
func (s *silences) build() {
	if s.made {
		return
	}
	s.made = true
	title := widget.NewElastic("Silences", widget.SizeTitle, true, widget.ColorText)
	s.snooze = widget.NewButton(widget.Plain, "moon", "Snooze everything", s.offerSnooze)
	s.add = widget.NewButton(widget.Primary, "plus", "New silence", s.openForm)
	s.menu = s.u.shell.newMenu()
	s.toolbar = widget.Line(8, title, title, s.snooze, s.add, s.menu)
	s.states = widget.NewSegmented([]string{listInForce, listEnded}, []string{"In force", "Ended"}, func(v string) { s.narrow(v == listEnded) })
	s.count = widget.NewElastic("", widget.SizeSmall, false, widget.ColorMuted)
	s.rows = widget.NewRows()
	s.rows.Make, s.rows.Fill = makeSheetLine, s.fillLine
	s.rows.OnTapped, s.rows.OnHover = s.tapped, s.hover
	s.rows.OnView, s.rows.OnWidth = s.viewed, s.layItems
	s.rows.OnFocus = func(bool) { s.rows.Redraw() }
	s.wait, s.empty = widget.NewSkeleton(), newEmptyState()
	s.body = container.NewStack(widget.NewGround(widget.ColorGround, 0), s.rows, s.wait, s.empty.box)
	s.top = widget.Column(0,
		container.NewStack(widget.NewGround(widget.ColorGround, 0), widget.Inset(9, 16, 8, 16, s.toolbar)), widget.NewRule(),
		widget.Inset(10, 16, 4, 16, s.states.Box),
		widget.Inset(0, 16, 0, 16, container.NewStack(widget.Space(1, widget.ControlH), s.count)), widget.NewRule())
	s.list = container.New(pageTopLayout{}, container.NewStack(widget.NewGround(widget.ColorGround, 0), s.top), s.body)
	s.box.Add(s.list)
}

// enter shows the page and reads it.
func (s *silences) enter() {
	s.build()
	s.states.Set(map[bool]string{false: listInForce, true: listEnded}[s.ended])
	s.start()
}

// start begins with the newest.
func (s *silences) start() {
	s.round++
	s.loaded, s.fault = false, nil
	s.lines, s.next, s.let = nil, 0, 0
	s.reads.instead(s.question(moveFirst))
	s.lay()
}

// narrow shows the other list.
func (s *silences) narrow(ended bool) {
	if s.ended == ended {
		return
	}
	s.ended, s.current, s.open = ended, 0, 0
	s.say("")
	s.start()
}

// refresh reads what is held once more.
func (s *silences) refresh() {
	if s.u.place == ViewSilences && s.made {
		s.reads.ask(s.question(moveFirst))
	}
}

// question returns a question about what is shown now. What is read again begins
// with the newest always: silences are few, and change rarely.
func (s *silences) question(m move) silenceAsk {
	q := silenceAsk{move: m, round: s.round, filter: app.SilenceFilter{Ended: s.ended, Limit: min(max(firstPage, len(s.lines)), mostRows)}}
	if m == moveMore {
		q.filter.After, q.filter.Limit = s.next, nextPage
	}
	return q
}

// show takes in what was read.
func (s *silences) show(q silenceAsk, p SilencePage, err error) {
	if q.round != s.round {
		return
	}
	if s.fault = err; err != nil {
		s.lay()
		return
	}
	s.loaded = true
	s.inForce, s.past = p.InForce, p.Ended
	s.u.showSilences(p.InForce)
	switch {
	case q.move != moveMore:
		s.lines, s.next, s.let = p.Lines, p.Next, 0
	case q.filter.After == s.next:
		s.lines, s.next = append(s.lines, p.Lines...), p.Next
		if over := len(s.lines) - mostRows; over > 0 {
			s.lines = append([]SilenceLine(nil), s.lines[over:]...)
			s.let += over
		}
	}
	if s.find(s.current) < 0 {
		s.current = 0
		if len(s.lines) > 0 {
			s.current = s.lines[0].ID
		}
	}
	if s.find(s.open) < 0 {
		s.open = 0
	}
	s.lay()
}

// lay puts everything on screen as it stands.
func (s *silences) lay() {
	s.layItems()
	s.showHead()
	none := len(s.lines) == 0
	visible(s.wait, none && !s.loaded && s.fault == nil)
	visible(s.rows, !none)
	visible(s.empty.box, none && (s.loaded || s.fault != nil))
	switch {
	case !none:
	case s.fault != nil:
		s.empty.set("warn", widget.TintRed, "The silences cannot be shown", oneLine(app.AsProblem(s.fault).Error()), "Try again", s.start)
	case s.ended:
		s.empty.set("moon", widget.TintGrey, "None has ended lately", "Silences that are over are listed here for as long as the history is kept.", "", nil)
	default:
		button := "New silence"
		if s.u.bell == nil {
			button = ""
		}
		s.empty.set("moon", widget.Tint{Ink: widget.ColorBrass}, "Nothing is silenced", "A silence holds messages for a while: about a product, of an event, on a channel. Nothing is lost by one, and the list of alerts has everything at once.", button, s.openForm)
	}
	s.box.Refresh()
}

// showHead writes what stands above the list.
func (s *silences) showHead() {
	text := func(name string, n int) string {
		if n > 0 {
			return name + " " + number(n)
		}
		return name
	}
	s.states.Button(listInForce).SetText(text("In force", s.inForce))
	s.states.Button(listEnded).SetText(text("Ended", s.past))
	s.states.Box.Refresh()
	snooze, add := "Snooze everything", "New silence"
	if s.u.shell.narrow() {
		snooze, add = "Snooze", "New"
	}
	s.snooze.SetText(snooze)
	s.add.SetText(add)
	enable(s.snooze, s.u.bell != nil)
	enable(s.add, s.u.bell != nil)
	n := s.inForce
	if s.ended {
		n = s.past
	}
	switch {
	case s.said != "":
		s.count.Set(s.said)
	case !s.loaded, n == 0:
		s.count.Set("")
	case n == 1:
		s.count.Set("1 silence")
	default:
		s.count.Set(number(n) + " silences, newest first")
	}
	s.toolbar.Refresh()
}

// saidTime is for how long the page tells what an action came to.
const saidTime = 12 * time.Second

// say tells for a while what an action came to.
func (s *silences) say(text string) {
	if s.stopSaid != nil {
		s.stopSaid()
		s.stopSaid = nil
	}
	if s.said = text; text != "" {
		s.stopSaid = s.u.later(saidTime, func() {
			s.said = ""
			s.showHead()
		})
	}
}

// find returns where a silence is held, -1 for nowhere.
func (s *silences) find(id app.SilenceID) int {
	for i := range s.lines {
		if s.lines[i].ID == id {
			return i
		}
	}
	return -1
}

// showSilences shows in the side bar how many silences are in force: a forgotten
// one hides what somebody waits for.
func (u *UI) showSilences(n int) {
	if u.silenced != n {
		u.silenced = n
		u.side.show()
	}
}
