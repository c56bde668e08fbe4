package ui

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	fynewidget "fyne.io/fyne/v2/widget"

	"bellhop/app"
	"bellhop/ui/widget"
)

// Measures of the window, in device-independent pixels.
const (
	sideWidth   float32 = 208
	detailWidth float32 = 344
	barHeight   float32 = 52 // the tool bar
	headHeight  float32 = 36
	bottomH     float32 = 56
	slideBelow  float32 = 960 // narrower than this the detail slides over the list
	foldBelow   float32 = 640 // narrower than this the side bar folds into a menu
	leastWidth  float32 = 400
	leastHeight float32 = 420
	maxBanners          = 3
)

// shell arranges the parts of the window and what floats above them.
type shell struct {
	u       *UI
	content *fyne.Container
	front   fyne.CanvasObject // settings or guide, nil for the list

	sideBox, listBox, detailBox *fyne.Container
	pageBox, pageTop            *fyne.Container
	slideRule                   *widget.Rule
	shade                       *widget.Catcher
	banners                     []*widget.Banner
	failure, pageFailure        *widget.Banner // above the list, above any other page
	pageBell                    *widget.Banner
	bannerBox                   *fyne.Container
	tip                         *widget.Tip
	stopTip                     func()
	menus                       []*widget.Button // at the top of pages, see newMenu
	tipText                     string           // what is offered now, on the page of deliveries

	size   fyne.Size
	slid   bool // the detail lies over the list
	folded bool
}

func newShell(u *UI) *shell {
	s := &shell{
		u: u, tip: widget.NewTip(),
		failure: widget.NewBanner(), pageFailure: widget.NewBanner(), pageBell: widget.NewBanner(),
	}
	objects := []fyne.CanvasObject{s.failure.Box}
	for range maxBanners {
		b := widget.NewBanner()
		s.banners = append(s.banners, b)
		objects = append(objects, b.Box)
	}
	s.bannerBox = widget.Column(0, objects...)
	s.sideBox = container.NewStack(widget.NewGround(widget.ColorSide, 0), u.side.box)
	l := u.list
	s.listBox = container.New(listLayout{s},
		widget.NewGround(widget.ColorGround, 0), l.toolbar, widget.NewRule(), s.bannerBox, l.headBox, widget.NewRule(),
		l.body, widget.NewRule(), l.bottom)
	s.detailBox = container.NewStack(widget.NewGround(widget.ColorSurface, 0), u.detail.box)
	s.pageTop = widget.Column(0, s.pageFailure.Box, s.pageBell.Box)
	s.pageBox = container.New(pageTopLayout{})
	s.pageBox.Hide()
	s.shade = widget.NewCatcher(s.closeDetail)
	s.slideRule = widget.NewRule()
	s.content = container.New(s, s.listBox, s.pageBox, s.sideBox, widget.NewRule(), s.shade, s.slideRule, s.detailBox, u.undo.bar, s.tip)
	return s
}

// narrow says whether the side bar is folded into a menu.
func (s *shell) narrow() bool { return s.folded }

// Layout is for Fyne.
func (s *shell) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	s.size = size
	wasFolded := s.folded
	s.folded = size.Width < foldBelow
	place := func(o fyne.CanvasObject, x, w float32) {
		o.Move(fyne.NewPos(x, 0))
		o.Resize(fyne.NewSize(max(0, w), size.Height))
	}
	left := float32(0)
	showSide := !s.folded && s.u.place != ViewConnect
	visible(s.sideBox, showSide)
	visible(objects[3], showSide)
	if showSide {
		left = sideWidth
		place(s.sideBox, 0, sideWidth-1)
		place(objects[3], sideWidth-1, 1)
	}
	onList := s.front == nil
	beside := onList && size.Width >= slideBelow
	over := onList && !beside && s.slid
	visible(s.listBox, onList)
	visible(s.pageBox, !onList)
	visible(s.detailBox, beside || over)
	visible(s.slideRule, beside || over)
	visible(s.shade, over)
	right := size.Width
	if beside {
		right -= detailWidth
	}
	place(s.listBox, left, right-left)
	place(s.pageBox, left, size.Width-left)
	place(s.shade, left, size.Width-left)
	from := size.Width - detailWidth
	if s.folded {
		from = 0
	}
	place(s.detailBox, from, size.Width-from)
	place(s.slideRule, from-1, 1)
	s.placeFloats()
	if wasFolded != s.folded {
		s.showMenus()
	}
	s.u.detail.setClose(over)
}

// MinSize is for Fyne.
func (s *shell) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(leastWidth, leastHeight) }

// placeFloats puts the undo bar above the middle of the list.
func (s *shell) placeFloats() {
	bar := s.u.undo.bar
	if !bar.Visible() {
		return
	}
	m := bar.MinSize()
	x := s.listBox.Position().X + (s.listBox.Size().Width-m.Width)/2
	bar.Move(fyne.NewPos(x, s.size.Height-bottomH-16-m.Height))
	bar.Resize(m)
}

// show brings a view to the screen.
func (s *shell) show(place string) {
	s.front, s.slid = nil, false
	switch place {
	case ViewSettings:
		s.front = s.u.settings.box
	case ViewDeliveries:
		s.front = s.u.deliveries.box
	case ViewSilences:
		s.front = s.u.silences.box
	case ViewNotifications:
		s.front = s.u.rules.box
	case ViewConnect:
		s.front = s.u.guide.box
	}
	s.pageBox.RemoveAll()
	if s.front != nil {
		s.pageBox.Add(s.pageTop)
		s.pageBox.Add(s.front)
	}
	s.u.list.rows.MouseOut()
	s.content.Refresh()
	s.hideTip()
	s.u.window.Canvas().Unfocus()
}

// openDetail slides the detail over the list where there is no room beside it.
func (s *shell) openDetail() {
	if s.size.Width < slideBelow && !s.slid {
		s.hideTip()
		s.slid = true
		s.content.Refresh()
	}
}

// closeDetail slides the detail away and says whether it was there.
func (s *shell) closeDetailNow() bool {
	if !s.slid || s.size.Width >= slideBelow {
		return false
	}
	s.slid = false
	s.content.Refresh()
	return true
}

func (s *shell) closeDetail() { s.closeDetailNow() }

// showBanners writes what has to be said above the list.
func (s *shell) showBanners() {
	states := s.u.banners()
	changed := s.pageBell.Set(s.u.bellBanner())
	for i, b := range s.banners {
		state := widget.BannerState{}
		if i < len(states) {
			state = states[i]
		}
		changed = b.Set(state) || changed
	}
	if changed {
		s.relay()
	}
}

// relay lays the list out anew after something above it came or went.
func (s *shell) relay() {
	s.listBox.Refresh()
	s.pageBox.Refresh()
}

// showFailure shows what went wrong with the latest action until it is closed.
func (u *UI) showFailure() {
	state := widget.BannerState{}
	if u.failure != nil {
		state = widget.BannerState{Icon: "warn", Tint: widget.TintRed, Text: oneLine(u.failure.Error()), Hide: func() {
			u.failure = nil
			u.showFailure()
		}}
	}
	u.shell.failure.Set(state)
	u.shell.pageFailure.Set(state)
	u.shell.relay()
}

// offerTip shows text at the pointer after a moment.
func (s *shell) offerTip(text string) {
	s.tipOver(text, func() (fyne.Position, bool) {
		rows := s.u.list.rows
		p, ok := rows.Pointer()
		return fyne.CurrentApp().Driver().AbsolutePositionForObject(rows).Add(p), ok && s.front == nil
	})
}

// tipOver shows text after a moment, where at says.
func (s *shell) tipOver(text string, at func() (fyne.Position, bool)) {
	s.stopTip = s.u.later(tipDelay, func() {
		if p, ok := at(); ok && s.u.dialog == nil && !s.shade.Visible() {
			s.tip.Present(text, p, s.size)
			s.float(s.tip)
		}
	})
}

// float shows what was hidden. Fyne does not know the window of a thing that
// was never drawn and would not draw it before something else changes.
func (s *shell) float(o fyne.CanvasObject) {
	o.Show()
	s.u.window.Canvas().Refresh(o)
}

// hideTip takes the tip away, or keeps it from appearing.
func (s *shell) hideTip() {
	if s.stopTip != nil {
		s.stopTip()
		s.stopTip = nil
	}
	s.tipText = ""
	if s.tip.Visible() {
		s.tip.Hide()
		s.u.window.Canvas().Refresh(s.tip) // see float: else it stays painted
	}
}

// openMenu offers in a narrow window what the side bar offers in a wide one.
func (s *shell) openMenu() { s.openMenuAt(s.u.list.menu) }

// newMenu returns a button for that at the top of a page. It is there while the
// side bar is not.
func (s *shell) newMenu() *widget.Button {
	var b *widget.Button
	b = widget.NewButton(widget.Plain, "more", "", func() { s.openMenuAt(b) })
	visible(b, s.folded)
	s.menus = append(s.menus, b)
	return b
}

// showMenus shows the buttons for the menu, or hides them.
func (s *shell) showMenus() {
	for _, b := range s.menus {
		visible(b, s.folded)
	}
	s.u.list.showHead()
	if s.u.deliveries.made {
		s.u.deliveries.showHead()
	}
	if s.u.silences.made {
		s.u.silences.showHead()
	}
	if s.u.rules.known {
		s.u.rules.fillTable()
	}
	if s.front != nil {
		s.front.Refresh()
	}
}

// openMenuAt is openMenu below a button.
func (s *shell) openMenuAt(below *widget.Button) {
	u := s.u
	item := func(text string, act func()) *fyne.MenuItem { return fyne.NewMenuItem(text, act) }
	items := []*fyne.MenuItem{
		item("Alerts ("+number(u.status.Count)+")", func() { u.Show(ViewAlerts) }),
		item("New ("+number(u.status.New)+")", func() { u.Show(ViewNew) }),
		item("History", func() { u.Show(ViewHistory) }),
		item(counted("Deliveries", u.need), func() { u.Show(ViewDeliveries) }),
		item(counted("Silences", tally{n: u.silenced}), func() { u.Show(ViewSilences) }),
		item("Settings", func() { u.Show(ViewSettings) }),
		fyne.NewMenuItemSeparator(),
		item("Sync now", func() { u.sync(0) }),
	}
	if u.place == ViewAlerts && u.list.words == "" && u.list.total > 0 {
		items = append(items, item("Clear all…", u.list.askClear))
	}
	m := fynewidget.NewPopUpMenu(fyne.NewMenu("", items...), u.window.Canvas())
	m.ShowAtRelativePosition(fyne.NewPos(below.Size().Width-m.MinSize().Width, widget.ControlH+4), below)
}

// counted returns a name with the number that stands beside it in the side bar.
func counted(name string, n tally) string {
	if n.n == 0 {
		return name
	}
	return name + " (" + n.String() + ")"
}

// menuItem is one thing that a menu offers.
type menuItem struct {
	text string
	act  func()
}

// offer shows a menu below a button.
func (s *shell) offer(items []menuItem, below *widget.Button) {
	list := make([]*fyne.MenuItem, len(items))
	for i, x := range items {
		list[i] = fyne.NewMenuItem(x.text, x.act)
	}
	m := fynewidget.NewPopUpMenu(fyne.NewMenu("", list...), s.u.window.Canvas())
	m.ShowAtRelativePosition(fyne.NewPos(0, widget.ControlH+4), below)
}

// listLayout puts the parts of the list below each other.
type listLayout struct{ s *shell }

// Layout is for Fyne.
func (l listLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	const side = 16
	ground, toolbar, rule1, banners, head, rule2, body, rule3, bottom := o[0], o[1], o[2], o[3], o[4], o[5], o[6], o[7], o[8]
	put := func(o fyne.CanvasObject, x, y, w, h float32) {
		o.Move(fyne.NewPos(x, y))
		o.Resize(fyne.NewSize(max(0, w), max(0, h)))
	}
	put(ground, 0, 0, size.Width, size.Height)
	put(toolbar, side, 0, size.Width-2*side, barHeight-1)
	y := barHeight - 1
	put(rule1, 0, y, size.Width, 1)
	y++
	banners.Resize(fyne.NewSize(size.Width, banners.MinSize().Height))
	h := banners.MinSize().Height
	put(banners, 0, y, size.Width, h)
	y += h
	put(head, side, y, size.Width-2*side, headHeight-1)
	put(rule2, 0, y+headHeight-1, size.Width, 1)
	y += headHeight
	end := size.Height
	if bottom.Visible() {
		end -= bottomH
		put(rule3, 0, end, size.Width, 1)
		put(bottom, 0, end+1, size.Width, bottomH-1)
	}
	visible(rule3, bottom.Visible())
	put(body, 0, y, size.Width, end-y)
}

// MinSize is for Fyne.
func (listLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(leastWidth, leastHeight)
}

// pageTopLayout puts banners above a page.
type pageTopLayout struct{}

// Layout is for Fyne.
func (pageTopLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	if len(o) < 2 {
		return
	}
	o[0].Resize(fyne.NewSize(size.Width, o[0].MinSize().Height))
	h := o[0].MinSize().Height
	o[0].Resize(fyne.NewSize(size.Width, h))
	o[0].Move(fyne.NewPos(0, 0))
	o[1].Resize(fyne.NewSize(size.Width, max(0, size.Height-h)))
	o[1].Move(fyne.NewPos(0, h))
}

// MinSize is for Fyne.
func (pageTopLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(leastWidth, leastHeight)
}

// accountOf returns the account with the id as it stands, nil where there is
// none.
func (u *UI) accountOf(id app.AccountID) *app.AccountStatus {
	for i := range u.status.Accounts {
		if u.status.Accounts[i].ID == id {
			return &u.status.Accounts[i]
		}
	}
	return nil
}

// servers returns the accounts that have a server: all but this computer's own.
func (u *UI) servers() []app.AccountStatus {
	return slices.DeleteFunc(slices.Clone(u.status.Accounts), func(a app.AccountStatus) bool { return a.Local() })
}

// accountNames returns all accounts as one text that differs where they do; it
// is empty before they are known.
func (u *UI) accountNames() string {
	if !u.known {
		return ""
	}
	names := []string{"-"}
	for _, a := range u.status.Accounts {
		names = append(names, number(int(a.ID))+" "+a.Name())
	}
	return strings.Join(names, "\n")
}
