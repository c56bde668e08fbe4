package ui

import (
	"context"
	"net/url"
	"strings"

	"fyne.io/fyne/v2"

	"bellhop/app"
	"bellhop/ui/widget"
)

// changed tries the server when typing pauses.
func (g *guide) changed() {
	g.clearFault()
	g.server.SetBad(false)
	g.probe.Set("", widget.ColorMuted)
	g.relay()
	if g.stop != nil {
		g.stop()
		g.stop = nil
	}
	if strings.TrimSpace(g.server.Text()) != "" {
		g.stop = g.u.later(probeDelay, g.try)
	}
}

// try asks the server what it is.
func (g *guide) try() {
	c := g.typed()
	base, err := app.BaseURL(c.URL)
	if err != nil {
		g.blame(g.probe, g.server, err)
		return
	}
	g.probe.Set("Looking at "+base+" …", widget.ColorMuted)
	g.relay()
	g.probes.instead(probeAsk{bell: g.u.bell, to: withoutSecrets(c)})
}

// withoutSecrets returns what is needed to try a server, and no more.
func withoutSecrets(c app.Connect) app.Connect {
	c.Username, c.Password, c.Session, c.Token = "", "", "", ""
	return c
}

// showProbe says what the server is, below its address.
func (g *guide) showProbe(q probeAsk, p app.Probe, err error) {
	if now := g.typed(); now.URL != q.to.URL {
		return
	}
	switch {
	case err != nil:
		g.blame(g.probe, g.server, err)
	case p.Problem != nil:
		g.blame(g.probe, g.server, p.Problem)
	case !p.DefectDojo:
		g.blame(g.probe, g.server, app.Invalid("A web server answers there, but it is not DefectDojo.", "Is a path missing, as in https://example.com/dojo?"))
	default:
		g.server.SetBad(false)
		g.praise(p)
	}
	g.relay()
}

// praise says that a DefectDojo was found, and what is worth knowing about it.
func (g *guide) praise(p app.Probe) {
	text, color := "✓ DefectDojo found", widget.ColorGreen
	now := g.u.now()
	switch {
	case !p.TLSUntil.IsZero() && p.TLSUntil.Sub(now) < 14*24*60*60*1e9:
		text += ", but its certificate ends on " + p.TLSUntil.Format("Jan 2, 2006")
		color = widget.ColorOrange
	case !p.TLSUntil.IsZero():
		text += ", certificate valid until " + p.TLSUntil.Format("January 2006")
	case unencrypted(p.URL):
		text += ", but the connection is not encrypted: anybody on the way can read your password."
		color = widget.ColorOrange
	}
	if p.SSO {
		text += "\nIt uses single sign-on. Where your user name is refused, take the session of your browser."
	}
	g.probe.Set(text, color)
}

// unencrypted says whether an address is plain http to another computer.
func unencrypted(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "http" && u.Hostname() != "localhost" && !strings.HasPrefix(u.Hostname(), "127.")
}

// blame shows err at a place and frames the field it concerns.
func (g *guide) blame(at *widget.Prose, field *widget.Field, err error) {
	at.Set(oneLine(app.AsProblem(err).Error()), widget.ColorRed)
	if field != nil {
		field.SetBad(true)
	}
	g.relay()
}

// clearFault takes away what the last attempt complained about.
func (g *guide) clearFault() {
	for _, f := range []*widget.Field{g.username, g.password, g.cookie, g.cookieName, g.token} {
		if f != nil {
			f.SetBad(false)
		}
	}
	g.secretFault.Set("", widget.ColorRed)
	g.fault.Set("", widget.ColorRed)
	g.advanced.clearFault()
}

// submit signs in.
func (g *guide) submit() {
	if g.busy {
		return
	}
	g.clearFault()
	c := g.typed()
	if _, err := app.BaseURL(c.URL); err != nil {
		g.blame(g.probe, g.server, err)
		g.server.FocusIn(g.u.window.Canvas())
		return
	}
	if field, err := g.missing(c); err != nil {
		g.blame(g.secretFault, field, err)
		field.FocusIn(g.u.window.Canvas())
		return
	}
	g.setBusy(true)
	var account app.Account
	g.u.act(func(ctx context.Context, b Bell) (err error) {
		account, err = b.Connect(ctx, c)
		return err
	}, func(err error) bool {
		g.setBusy(false)
		if err != nil {
			g.failed(err)
			return true
		}
		g.finish(account)
		return true
	})
}

// missing returns the first field that has to be filled in.
func (g *guide) missing(c app.Connect) (*widget.Field, error) {
	switch {
	case c.SignIn == app.SignInPassword && strings.TrimSpace(c.Username) == "":
		return g.username, app.Invalid("Your user name is missing.", "")
	case c.SignIn == app.SignInPassword && c.Password == "":
		return g.password, app.Invalid("Your password is missing.", "")
	case c.SignIn == app.SignInSession && strings.TrimSpace(c.Session) == "":
		return g.cookie, app.Invalid("The value of the session cookie is missing.", "")
	case c.SignIn == app.SignInToken && strings.TrimSpace(c.Token) == "":
		return g.token, app.Invalid("The token is missing.", "")
	}
	return nil, nil
}

// setBusy shows that the server is being asked.
func (g *guide) setBusy(on bool) {
	g.busy = on
	text := "Connect"
	if on {
		text = "Connecting…"
	}
	g.connect.SetText(text)
	for _, c := range []fyne.Disableable{
		g.connect, g.server, g.signIn, g.username, g.password, g.cookie, g.cookieName, g.token,
	} {
		if on {
			c.Disable()
		} else {
			c.Enable()
		}
	}
	g.relay()
}

// failed shows why it did not work, at the field it concerns.
func (g *guide) failed(err error) {
	p := app.AsProblem(err)
	secret := map[app.SignIn]*widget.Field{
		app.SignInPassword: g.password, app.SignInSession: g.cookie, app.SignInToken: g.token,
	}[g.way()]
	switch p.Code {
	case "password_refused", "password_change_required", "session_expired", "single_session",
		"token_refused", "token_has_no_alerts", "sso_required", "forbidden", "foreign_user":
		g.blame(g.secretFault, secret, err)
	case "unreachable", "not_defectdojo", "not_json", "host_refused", "redirected", "malformed_answer", "answer_too_large", "invalid":
		g.blame(g.probe, g.server, err)
	case "tls_untrusted":
		g.blame(g.probe, g.server, err)
		g.advanced.setOpen(true)
	case "proxy_failed":
		g.advanced.setOpen(true)
		g.blame(g.advanced.fault, g.advanced.proxy, err)
	default:
		g.blame(g.fault, nil, err)
	}
}

// finish says that the server is connected, and forgets the secrets.
func (g *guide) finish(a app.Account) {
	for _, f := range []*widget.Field{g.password, g.cookie, g.token} {
		f.SetText("")
	}
	text := oneLine(a.Name()) + ". Bellhop reads your alerts now; new ones ring from here on."
	if a.SignIn == app.SignInToken {
		text = oneLine(a.Name()) + ". An API token does not open DefectDojo's list of alerts. Bellhop watches the server's objects instead and tells you what happens from here on."
	}
	g.doneText.Set(text, widget.ColorMuted)
	g.form.Hide()
	g.done.Show()
	g.relay()
	g.u.statuses.ask(g.u.bell)
}
