package ui

import (
	"context"
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"bellhop/app"
	"bellhop/ui/widget"
)

// accountCard draws an account: whose it is, how it stands, what to do about it.
func (s *settings) accountCard(a app.AccountStatus) fyne.CanvasObject {
	text, tint := s.accountState(a)
	name := widget.NewElastic(oneLine(a.Name()), widget.SizeText, true, widget.ColorText)
	top := widget.Line(8, name, name, widget.NewChip(text, tint))
	facts := fmt.Sprintf("%s · %s", alerts(a.Count), signInText(a.SignIn))
	if a.Local() {
		facts = alerts(a.Count) + " · what programs on this computer raise, and what Bellhop has to say itself"
	}
	if a.Server != "" {
		facts += " · DefectDojo " + oneLine(a.Server)
	}
	if a.Pending > 0 {
		facts += fmt.Sprintf(" · %s wait to be removed on the server", alerts(a.Pending))
	}
	column := widget.Column(6, top, widget.NewProse(facts, widget.SizeSmall, false, widget.ColorMuted))
	if a.Problem != nil && a.Phase != app.PhaseOK {
		column.Add(widget.NewProse(a.Problem.Error(), widget.SizeSmall, false, tint.Ink))
	}
	if a.Insecure {
		column.Add(widget.NewProse("The server's certificate is not checked: anybody on the way can read your password and your alerts. Name a CA file instead.", widget.SizeSmall, false, widget.ColorOrange))
	}
	again := widget.NewButton(widget.Plain, "key", "Sign in again", func() { s.u.signInAgain(a.Account) })
	leave := widget.NewButton(widget.Quiet, "", "Disconnect…", func() { s.askDisconnect(a) })
	if a.Local() {
		top.Objects = top.Objects[:1] // it is in step with nobody
	}
	if !a.Demo && !a.Local() {
		column.Add(widget.Space(1, 2))
		column.Add(widget.Line(8, nil, again, leave))
	}
	return container.NewStack(
		widget.NewPanel(widget.ColorSurface, widget.ColorLine, widget.Radius, false),
		widget.Inset(12, 12, 12, 12, column))
}

// accountState says in a word how an account stands.
func (s *settings) accountState(a app.AccountStatus) (string, widget.Tint) {
	now := s.u.now()
	switch a.Phase {
	case app.PhaseOK:
		return "In step", widget.TintGreen
	case app.PhaseOffline:
		return "Offline since " + clock(a.Since.In(now.Location()), now), widget.TintGrey
	case app.PhaseNeedsYou:
		return "Needs you", widget.TintOrange
	case app.PhaseNew:
	}
	return "Not read yet", widget.TintGrey
}

// signInText says how an account signs in.
func signInText(s app.SignIn) string {
	switch s {
	case app.SignInPassword:
		return "signed in with a password"
	case app.SignInSession:
		return "signed in with a browser session"
	case app.SignInToken:
		return "signed in with an API token: its objects are watched, its list of alerts is closed to tokens"
	}
	return "not signed in"
}

// askDisconnect asks before an account and its alerts leave this computer.
func (s *settings) askDisconnect(a app.AccountStatus) {
	text := fmt.Sprintf("Its %s, the history and the stored password leave this computer. Nothing changes on the server.", alerts(a.Count))
	if a.Count == 1 {
		text = "Its alert, the history and the stored password leave this computer. Nothing changes on the server."
	}
	if a.Pending > 0 {
		text += fmt.Sprintf(" %s that you removed and that the server still lists will stay there.", sentence(alerts(a.Pending)))
	}
	s.u.confirm(question{
		title: fmt.Sprintf("Disconnect %s?", oneLine(a.Name())),
		text:  text,
		yes:   "Disconnect",
		kind:  widget.Danger,
		act: func() {
			s.u.act(func(ctx context.Context, b Bell) error { return b.Disconnect(ctx, a.ID) }, nil)
		},
	})
}
