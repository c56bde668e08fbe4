package ui

import (
	"fyne.io/fyne/v2"

	"bellhop/app"
	"bellhop/ui/widget"
)

// advanced is the part of the guide that most people never open: certificates
// and the proxy.
type advanced struct {
	g          *guide
	box, inner *fyne.Container
	toggle     *widget.Button
	ca, cert   *widget.Field
	key, proxy *widget.Field
	insecure   *widget.Check
	warning    *widget.Prose
	fault      *widget.Prose
}

func newAdvanced(g *guide) *advanced {
	a := &advanced{g: g}
	a.toggle = widget.NewButton(widget.Quiet, "chevron", "Certificates and proxy", func() { a.setOpen(!a.inner.Visible()) })
	a.ca = widget.NewField("", "CA file, for example /etc/ssl/company.pem")
	a.cert = widget.NewField("", "Client certificate file")
	a.key = widget.NewField("", "File with the key of the client certificate")
	a.proxy = widget.NewField("", "Proxy: empty for the system's, none, or http://proxy:3128")
	for _, f := range []*widget.Field{a.ca, a.cert, a.key, a.proxy} {
		f.OnEnter = g.submit
		f.OnChanged = func(string) { g.changed() }
		f.OnEscape = g.u.unfocus
	}
	a.insecure = widget.NewCheck("Do not check the server's certificate", func() {
		state := widget.Checked
		if a.insecure.State == widget.Checked {
			state = widget.Unchecked
		}
		a.insecure.Set(state)
		a.warn()
		g.changed()
	})
	a.warning = widget.NewProse("", widget.SizeSmall, false, widget.ColorOrange)
	a.fault = widget.NewProse("", widget.SizeSmall, false, widget.ColorRed)
	a.inner = widget.Column(8, a.ca, a.cert, a.key, a.proxy, a.fault, widget.Line(8, nil, a.insecure), a.warning)
	a.inner.Hide()
	a.box = widget.Column(8, widget.Inset(0, 0, 0, -12, widget.Line(0, nil, a.toggle)), a.inner)
	return a
}

// setOpen folds the part out or in.
func (a *advanced) setOpen(on bool) {
	visible(a.inner, on)
	a.toggle.Icon = map[bool]string{true: "down", false: "chevron"}[on]
	a.toggle.Refresh()
	a.g.relay()
}

// warn keeps a warning in sight while certificates are not checked.
func (a *advanced) warn() {
	text := ""
	if a.insecure.State == widget.Checked {
		text = "Anybody between you and the server can then read your password and your alerts. A CA file is the safe way to trust a server of your own."
	}
	a.warning.Set(text, widget.ColorOrange)
	a.g.relay()
}

// fill shows an account's values.
func (a *advanced) fill(acc app.Account) {
	a.ca.SetText(acc.CAFile)
	a.cert.SetText(acc.ClientCert)
	a.key.SetText(acc.ClientKey)
	a.proxy.SetText(acc.Proxy)
	a.insecure.Set(map[bool]widget.CheckState{true: widget.Checked}[acc.Insecure])
	a.warn()
	a.setOpen(acc.CAFile != "" || acc.ClientCert != "" || acc.Proxy != "" || acc.Insecure)
}

// read adds what was typed to c.
func (a *advanced) read(c *app.Connect) {
	c.CAFile, c.ClientCert, c.ClientKey = a.ca.Text(), a.cert.Text(), a.key.Text()
	c.Proxy, c.Insecure = a.proxy.Text(), a.insecure.State == widget.Checked
}

// clearFault takes away what the last attempt complained about.
func (a *advanced) clearFault() {
	if a == nil || a.fault == nil {
		return
	}
	a.fault.Set("", widget.ColorRed)
	a.proxy.SetBad(false)
}
