package ui

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"bellhop/app"
	"bellhop/ui/widget"
)

// probeDelay is how long typing has to pause before the server is tried.
const probeDelay = 500 * time.Millisecond

// guideWidth is how wide the guide is where the window allows it.
const guideWidth float32 = 440

// guide connects a server: the first thing one sees, and the way to sign in
// again.
type guide struct {
	u      *UI
	box    *fyne.Container
	form   *fyne.Container
	done   *fyne.Container
	page   *fyne.Container
	scroll *container.Scroll
	probes *view[probeAsk, app.Probe]

	title, intro *widget.Prose
	server       *widget.Field
	probe        *widget.Prose
	signIn       *widget.Segmented
	ways         map[app.SignIn]*fyne.Container

	username, password  *widget.Field
	cookie, cookieName  *widget.Field
	token               *widget.Field
	secretFault         *widget.Prose
	advanced            *advanced
	connect, back       *widget.Button
	fault               *widget.Prose
	doneTitle, doneText *widget.Prose
	stop                func()
	busy                bool
	empty               bool // it came up because there was no account
}

// probeAsk is a server to try, and the bell to try it with.
type probeAsk struct {
	bell Bell
	to   app.Connect
}

func newGuide(u *UI) *guide {
	g := &guide{u: u}
	g.probes = newView(u.do, func(ctx context.Context, q probeAsk) (app.Probe, error) {
		if q.bell == nil {
			return app.Probe{}, errNoBell
		}
		return q.bell.Probe(ctx, q.to)
	}, g.showProbe)
	g.title = widget.NewProse("", widget.SizeDisplay, true, widget.ColorText)
	g.intro = widget.NewProse("", widget.SizeText, false, widget.ColorMuted)
	g.server = widget.NewField("", "https://dojo.example.com")
	g.server.OnChanged = func(string) { g.changed() }
	g.probe = widget.NewProse("", widget.SizeSmall, false, widget.ColorMuted)
	g.signIn = widget.NewSegmented(
		[]string{string(app.SignInPassword), string(app.SignInSession), string(app.SignInToken)},
		[]string{"User name", "Browser session", "API token"}, func(string) { g.showWay() })
	g.advanced = newAdvanced(g)
	g.connect = widget.NewButton(widget.Primary, "", "Connect", g.submit)
	g.back = widget.NewButton(widget.Quiet, "", "Cancel", func() { u.Show(ViewAlerts) })
	g.secretFault = widget.NewProse("", widget.SizeSmall, false, widget.ColorRed)
	g.fault = widget.NewProse("", widget.SizeSmall, false, widget.ColorRed)
	g.makeWays()
	g.form = widget.Column(0,
		widget.Line(0, nil, widget.NewPicture("bell", widget.ColorBrass, 40)), widget.Space(1, 20),
		g.title, widget.Space(1, 8), g.intro, widget.Space(1, 24),
		label("Server"), g.server, widget.Space(1, 8), g.probe, widget.Space(1, 20),
		label("Sign in with"), g.signIn.Box, widget.Space(1, 12),
		g.ways[app.SignInPassword], g.ways[app.SignInSession], g.ways[app.SignInToken],
		widget.Space(1, 8), g.secretFault, widget.Space(1, 12),
		g.advanced.box, widget.Space(1, 20),
		widget.Line(8, nil, g.connect, g.back), widget.Space(1, 8), g.fault)
	g.makeDone()
	g.page = container.New(&centred{most: guideWidth}, g.form, g.done)
	g.scroll = container.NewVScroll(g.page)
	g.box = container.NewStack(widget.NewGround(widget.ColorGround, 0), g.scroll)
	g.signIn.Set(string(app.SignInPassword))
	g.showWay()
	return g
}

// label is the name above a field.
func label(text string) fyne.CanvasObject {
	return widget.Column(0, widget.NewLabel(text, widget.SizeSmall, true, widget.ColorMuted), widget.Space(1, 4))
}

// makeWays makes the fields of each way to sign in.
func (g *guide) makeWays() {
	g.username, g.password = widget.NewField("", "User name"), widget.NewSecret("Password")
	g.cookie, g.cookieName = widget.NewSecret("Value of the session cookie"), widget.NewField("", "sessionid")
	g.token = widget.NewSecret("API v2 key")
	for _, f := range []*widget.Field{g.username, g.password, g.cookie, g.cookieName, g.token} {
		f.OnEnter = g.submit
		f.OnChanged = func(string) { g.clearFault() }
		f.OnEscape = g.u.unfocus
	}
	g.server.OnEscape = g.u.unfocus
	g.server.OnEnter = g.submit
	help := func(text string, color fyne.ThemeColorName) fyne.CanvasObject {
		return widget.NewProse(text, widget.SizeSmall, false, color)
	}
	g.ways = map[app.SignIn]*fyne.Container{
		app.SignInPassword: widget.Column(8, g.username, g.password),
		app.SignInSession: widget.Column(8,
			help("For single sign-on. Sign in to DefectDojo in your browser, open its developer tools, find the cookie “sessionid” under Storage (Firefox) or Application (Chrome), and paste its value. The session ends when the server says so; Bellhop then asks you for a new one.", widget.ColorMuted),
			g.cookie, widget.Line(8, g.cookieName, widget.NewLabel("Cookie name", widget.SizeText, false, widget.ColorMuted), g.cookieName)),
		app.SignInToken: widget.Column(8,
			help("An API token does not open DefectDojo's list of alerts. Bellhop watches the server's objects instead and tells you what happens. For the list itself, sign in with your user name or with the session of your browser.", widget.ColorMuted),
			g.token),
	}
}

// makeDone makes what is shown after a server has been connected.
func (g *guide) makeDone() {
	g.doneTitle = widget.NewProse("Connected", widget.SizeDisplay, true, widget.ColorText)
	g.doneText = widget.NewProse("", widget.SizeText, false, widget.ColorMuted)
	see := widget.NewButton(widget.Primary, "inbox", "See the alerts", func() { g.u.Show(ViewAlerts) })
	another := widget.NewButton(widget.Quiet, "", "Connect another server", func() { g.enter() })
	g.done = widget.Column(0,
		widget.Line(0, nil, widget.NewPicture("closed", widget.ColorGreen, 40)), widget.Space(1, 20),
		g.doneTitle, widget.Space(1, 8), g.doneText, widget.Space(1, 24),
		widget.Line(8, nil, see, another))
	g.done.Hide()
}

// enter shows the empty form.
func (g *guide) enter() {
	g.title.Set("Connect your DefectDojo", widget.ColorText)
	g.intro.Set("Bellhop keeps your alerts on this computer and talks to no one but the servers you name.", widget.ColorMuted)
	for _, f := range []*widget.Field{g.server, g.username, g.password, g.cookie, g.cookieName, g.token} {
		f.SetText("")
	}
	g.signIn.Set(string(app.SignInPassword))
	g.advanced.fill(app.Account{})
	g.empty = g.u.known && len(g.u.status.Accounts) == 0
	g.open()
}

// overtaken says that the guide is shown because there was no account, that
// there is one now, and that nothing was typed meanwhile.
func (g *guide) overtaken() bool {
	return g.u.place == ViewConnect && g.empty && len(g.u.status.Accounts) > 0 && g.server.Text() == ""
}

// again shows the form for an account that is known already.
func (g *guide) again(a app.Account) {
	g.title.Set("Sign in again", widget.ColorText)
	g.intro.Set(oneLine(a.Name())+" keeps its alerts and its history.", widget.ColorMuted)
	g.server.SetText(a.URL)
	g.username.SetText(a.Username)
	g.cookieName.SetText(a.CookieName)
	for _, f := range []*widget.Field{g.password, g.cookie, g.token} {
		f.SetText("")
	}
	way := a.SignIn
	if g.ways[way] == nil {
		way = app.SignInPassword
	}
	g.signIn.Set(string(way))
	g.advanced.fill(a)
	g.open()
	g.try()
}

// open shows the form and puts the cursor where one begins.
func (g *guide) open() {
	g.form.Show()
	g.done.Hide()
	g.probe.Set("", widget.ColorMuted)
	g.clearFault()
	g.showWay()
	visible(g.back, len(g.u.status.Accounts) > 0)
	g.relay()
	g.scroll.ScrollToTop()
	g.focus()
}

// focus puts the cursor where one begins.
func (g *guide) focus() {
	first := g.server
	if first.Text() != "" {
		first = map[app.SignIn]*widget.Field{
			app.SignInPassword: g.password, app.SignInSession: g.cookie, app.SignInToken: g.token,
		}[g.way()]
	}
	first.FocusIn(g.u.window.Canvas())
}

// way returns the chosen way to sign in.
func (g *guide) way() app.SignIn { return app.SignIn(g.signIn.Value()) }

// showWay shows the fields of the chosen way.
func (g *guide) showWay() {
	for way, box := range g.ways {
		visible(box, way == g.way())
	}
	g.clearFault()
	g.relay()
}

// relay lays the guide out anew after something came or went.
func (g *guide) relay() {
	g.form.Refresh()
	g.page.Refresh()
	g.scroll.Refresh()
}

// typed returns what the user has typed.
func (g *guide) typed() app.Connect {
	c := app.Connect{URL: g.server.Text(), SignIn: g.way()}
	switch c.SignIn {
	case app.SignInPassword:
		c.Username, c.Password = g.username.Text(), g.password.Text()
	case app.SignInSession:
		c.Session, c.CookieName = g.cookie.Text(), g.cookieName.Text()
	case app.SignInToken:
		c.Token = g.token.Text()
	}
	g.advanced.read(&c)
	return c
}

// centred keeps a column from becoming wider than can be read, in the middle of
// the room it has.
type centred struct{ most float32 }

// Layout is for Fyne.
func (c *centred) Layout(o []fyne.CanvasObject, size fyne.Size) {
	w := min(c.most, size.Width-2*pagePad)
	for _, x := range o {
		x.Resize(fyne.NewSize(w, x.MinSize().Height))
		h := x.MinSize().Height
		x.Resize(fyne.NewSize(w, h))
		x.Move(fyne.NewPos((size.Width-w)/2, max(pagePad*2, (size.Height-h)/2-pagePad)))
	}
}

// MinSize is for Fyne.
func (c *centred) MinSize(o []fyne.CanvasObject) fyne.Size {
	h := float32(0)
	for _, x := range o {
		if x.Visible() {
			h = max(h, x.MinSize().Height)
		}
	}
	return fyne.NewSize(320, h+4*pagePad)
}
