package ui

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"bellhop/app"
	"bellhop/ui/widget"
)

// side is the bar at the left: whose alerts these are, the views, and how the
// synchronisation stands.
type side struct {
	u        *UI
	box      *fyne.Container
	brand    *fyne.Container
	account  *widget.Label
	demo     *widget.Chip
	accounts []*widget.NavItem
	views    map[string]*widget.NavItem
	accBox   *fyne.Container
	dot      *widget.Dot
	footBox  *fyne.Container
	foot     *widget.Label
	sync     *widget.Button
	busy     bool
}

func newSide(u *UI) *side {
	s := &side{u: u, views: map[string]*widget.NavItem{}}
	s.brand = widget.Line(8, nil,
		widget.NewPicture("bell", widget.ColorBrass, 20),
		widget.NewLabel("Bellhop", widget.SizeTitle, true, widget.ColorText))
	s.demo = widget.NewChip("Demo", widget.TintBlue)
	s.demo.Hide()
	s.brand.Add(s.demo)
	s.account = widget.NewElastic("", widget.SizeSmall, false, widget.ColorMuted)
	s.accBox = widget.Column(0)
	nav := widget.Column(0,
		s.item(ViewAlerts, "inbox", "Alerts"), s.item(ViewNew, "new", "New"), s.item(ViewHistory, "history", "History"),
		s.item(ViewDeliveries, "send", "Deliveries"), s.item(ViewSilences, "moon", "Silences"),
		widget.Space(1, 16), s.accBox, s.item(ViewSettings, "settings", "Settings"))
	s.views[ViewDeliveries].Alarm = true
	top := widget.Column(0,
		widget.Inset(4, 8, 12, 8, s.brand), widget.Inset(0, 8, 8, 8, s.account), nav)
	s.dot = widget.NewDot(widget.ColorMuted)
	s.foot = widget.NewElastic("", widget.SizeSmall, false, widget.ColorMuted)
	s.sync = widget.NewButton(widget.Quiet, "sync", "", func() { u.sync(0) })
	s.footBox = widget.Line(8, s.foot, s.dot, s.foot, s.sync)
	foot := widget.Column(0, widget.NewRule(), widget.Inset(3, 0, 0, 8, container.NewStack(widget.Space(1, widget.ControlH), s.footBox)))
	s.box = widget.Inset(12, 8, 3, 8, container.NewBorder(top, foot, nil, nil))
	return s
}

func (s *side) item(place, icon, text string) *widget.NavItem {
	n := widget.NewNavItem(icon, text, func() { s.u.Show(place) })
	s.views[place] = n
	return n
}

// show writes the numbers and marks the view on screen.
func (s *side) show() {
	u := s.u
	for place, n := range s.views {
		count := ""
		switch {
		case place == ViewAlerts && u.known:
			count = number(u.status.Count)
		case place == ViewDeliveries && u.need.n > 0:
			count = u.need.String()
		case place == ViewSilences && u.silenced > 0:
			count = number(u.silenced)
		case place == ViewNew && u.status.New >= mostNew:
			count = fmt.Sprintf("%d+", mostNew)
		case place == ViewNew && u.status.New > 0:
			count = number(u.status.New)
		}
		n.Set(count, place == u.place || (place == ViewSettings && u.place == ViewNotifications))
	}
	name := ""
	switch len(u.status.Accounts) {
	case 0:
	case 1:
		name = u.status.Accounts[0].Name()
	default:
		name = fmt.Sprintf("%d accounts", len(u.status.Accounts))
	}
	s.account.Set(oneLine(name))
	if visible(s.demo, u.status.Demo) {
		s.brand.Refresh()
	}
	s.showAccounts()
	s.showFoot()
}

// showAccounts lists the accounts where there are several, to look at one.
func (s *side) showAccounts() {
	accounts := s.u.status.Accounts
	if len(accounts) < 2 {
		if len(s.accounts) > 0 {
			s.accounts = nil
			s.accBox.RemoveAll()
		}
		return
	}
	if len(s.accounts) != len(accounts)+1 {
		s.accounts = nil
		s.accBox.RemoveAll()
		s.accBox.Add(widget.Inset(0, 8, 4, 8, widget.NewLabel("Accounts", widget.SizeSmall, false, widget.ColorMuted)))
		for i := range len(accounts) + 1 {
			n := widget.NewNavItem("user", "", func() { s.pick(i) })
			s.accounts = append(s.accounts, n)
			s.accBox.Add(n)
		}
		s.accBox.Add(widget.Space(1, 16))
	}
	s.accounts[0].Text = "All"
	onList := s.u.shell.front == nil
	s.accounts[0].Set(number(s.u.status.Count), onList && s.u.list.account == 0)
	for i, a := range accounts {
		s.accounts[i+1].Text = oneLine(a.Host())
		s.accounts[i+1].Set(number(a.Count), onList && s.u.list.account == a.ID)
		s.accounts[i+1].Refresh()
	}
}

// pick narrows the list to an account; 0 is all of them.
func (s *side) pick(i int) {
	s.u.list.account = 0
	if i > 0 && i <= len(s.u.status.Accounts) {
		s.u.list.account = s.u.status.Accounts[i-1].ID
	}
	if s.u.shell.front != nil {
		s.u.Show(ViewAlerts)
		return
	}
	s.u.list.enter(s.u.list.place)
	s.show()
}

// setBusy shows that the server is being asked.
func (s *side) setBusy(on bool) {
	s.busy = on
	if on {
		s.sync.Disable()
	} else {
		s.sync.Enable()
	}
	s.showFoot()
}

// showFoot says how the synchronisation stands.
func (s *side) showFoot() {
	text, color := s.footState()
	s.foot.Set(text)
	s.dot.Set(color)
	if visible(s.sync, len(s.u.servers()) > 0 && s.u.bell != nil) {
		s.footBox.Refresh()
	}
	if s.u.shell != nil && s.u.shell.narrow() {
		s.u.list.showBottom()
	}
}

// footText says how the synchronisation stands, in words.
func (s *side) footText() string {
	text, _ := s.footState()
	return text
}

func (s *side) footState() (text string, color fyne.ThemeColorName) {
	u := s.u
	now := u.now()
	switch a := u.worst(); {
	case !u.known:
		return "Loading…", widget.ColorMuted
	case s.busy:
		return "Synchronising…", widget.ColorAccent
	case u.bell == nil || !u.status.Running:
		return "Bell not running", widget.ColorOrange
	case len(u.status.Accounts) == 0:
		return "Not connected", widget.ColorMuted
	case a != nil && a.Phase == app.PhaseNeedsYou:
		return "Needs you to sign in", widget.ColorOrange
	case a != nil:
		return "Offline since " + clock(a.Since.In(now.Location()), now), widget.ColorMuted
	case u.status.Pending > 0:
		return removals(u.status.Pending), widget.ColorGreen
	}
	servers := u.servers()
	if len(servers) == 0 {
		return "Hears this computer alone", widget.ColorGreen
	}
	last := servers[0].LastSync
	for _, a := range servers {
		if a.LastSync.Before(last) {
			last = a.LastSync
		}
	}
	if last.IsZero() {
		return "Synchronising for the first time…", widget.ColorAccent
	}
	return "Synced " + since(last.In(now.Location()), now), widget.ColorGreen
}
