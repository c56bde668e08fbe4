package ui

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"bellhop/app"
	"bellhop/ui/widget"
)

// readStatus asks the bell how things stand, or the store where no bell runs.
func readStatus(ctx context.Context, in Inbox, b Bell) (app.Status, error) {
	if b == nil {
		return storedStatus(ctx, in)
	}
	s, err := b.Status(ctx)
	if errors.Is(err, app.ErrNotRunning) {
		return storedStatus(ctx, in)
	}
	return s, err
}

// storedStatus puts a status together from what the last bell left.
func storedStatus(ctx context.Context, in Inbox) (s app.Status, err error) {
	accounts, err := in.Accounts(ctx)
	if err != nil {
		return s, err
	}
	for _, a := range accounts {
		one := app.AccountStatus{Account: a}
		if one.SyncState, err = in.SyncState(ctx, a.ID); err != nil {
			return s, err
		}
		if one.Count, err = in.Count(ctx, a.ID); err != nil {
			return s, err
		}
		if one.Pending, err = in.Pending(ctx, a.ID); err != nil {
			return s, err
		}
		s.Count += one.Count
		s.Pending += one.Pending
		s.Demo = s.Demo || a.Demo
		s.Accounts = append(s.Accounts, one)
	}
	s.New, err = in.NewCount(ctx, 0)
	return s, err
}

// showStatus puts the status wherever it is shown.
func (u *UI) showStatus(_ Bell, s app.Status, err error) {
	u.problem = err
	if err == nil {
		first := !u.known
		u.status, u.known = s, true
		if u.list.account != 0 && u.accountOf(u.list.account) == nil { // it has been disconnected
			u.list.account = 0
			u.list.enter(u.list.place)
		}
		if first && len(s.Accounts) == 0 && u.place == ViewAlerts {
			u.Show(ViewConnect)
		} else if u.guide.overtaken() {
			u.Show(ViewAlerts)
		}
	}
	u.side.show()
	u.shell.showBanners()
	u.settings.showStatus()
	u.rules.showStatus()
	u.list.showState()
	u.detail.show(u.list.alert())
}

// worst returns the account that needs most attention, nil where all is well.
func (u *UI) worst() *app.AccountStatus {
	var worst *app.AccountStatus
	rank := map[app.Phase]int{app.PhaseOffline: 1, app.PhaseNeedsYou: 2}
	for i, a := range u.status.Accounts {
		if r := rank[a.Phase]; r > 0 && (worst == nil || r > rank[worst.Phase]) {
			worst = &u.status.Accounts[i]
		}
	}
	return worst
}

// Notices of the bell for which a page has a place of its own.
const (
	noticeHeld     = "outbox_paused"
	noticeEveryone = "decides_for_everyone"
)

// banners returns what has to be said above the list, the most pressing first.
func (u *UI) banners() []widget.BannerState {
	var all []widget.BannerState
	add := func(b widget.BannerState) { all = append(all, b) }
	s, now := u.status, u.now()
	if !u.known {
		if u.problem != nil {
			add(widget.BannerState{Icon: "warn", Tint: widget.TintRed, Text: oneLine(app.AsProblem(u.problem).Error())})
		}
		return all
	}
	if s.Demo {
		add(widget.BannerState{
			Icon: "info", Tint: widget.TintBlue, Text: "You are looking at a demo.",
			Button: "Connect your own server", Act: func() { u.Show(ViewConnect) },
		})
	}
	if b := u.bellBanner(); b.Text != "" {
		add(b)
	}
	for _, a := range s.Accounts {
		if b, ok := u.accountBanner(a); ok {
			add(b)
		}
		if a.Insecure {
			add(widget.BannerState{
				Icon: "warn", Tint: widget.TintOrange,
				Text: fmt.Sprintf("The certificate of %s is not checked: anybody on the way can read your password and your alerts.", a.Host()),
			})
		}
	}
	if s.Paused(now) {
		text := "Notifications are paused until you resume them."
		if s.PausedUntil.Before(app.PauseForever) {
			text = fmt.Sprintf("Notifications are paused until %s.", clock(s.PausedUntil.In(now.Location()), now))
		}
		add(widget.BannerState{Icon: "pause", Tint: widget.TintGrey, Text: text, Button: "Resume", Act: u.resume})
	}
	if b := u.holdBanner(); b.Text != "" {
		add(b)
	}
	for _, n := range u.allNotices() {
		if u.hidden[n.Code] || (u.held && n.Code == noticeHeld) {
			continue
		}
		add(widget.BannerState{Icon: "info", Tint: widget.TintGrey, Text: oneLine(n.Error()), Hide: func() {
			u.hidden[n.Code] = true
			u.shell.showBanners()
		}})
	}
	return all
}

// bellBanner says that no bell runs, and nothing where one does.
func (u *UI) bellBanner() widget.BannerState {
	if !u.known || (u.bell != nil && u.status.Running) {
		return widget.BannerState{}
	}
	b := widget.BannerState{Icon: "bell", Tint: widget.TintOrange, Text: "Bellhop's bell is not running: you see what it saw last, and nothing can be changed."}
	if len(u.status.Accounts) == 0 {
		b.Text = "Bellhop's bell is not running. Start it to connect a server."
	}
	if u.start != nil {
		b.Button, b.Act = "Start it", u.startBell
	}
	return b
}

// allNotices returns what the store and the bell want the user to know, each
// once.
func (u *UI) allNotices() []app.Problem {
	var all []app.Problem
	for _, n := range slices.Concat(u.status.Notices, u.notices) {
		if !slices.ContainsFunc(all, func(o app.Problem) bool { return o.Code == n.Code }) {
			all = append(all, n)
		}
	}
	return all
}

// accountBanner says what keeps an account from being in step.
func (u *UI) accountBanner(a app.AccountStatus) (widget.BannerState, bool) {
	now := u.now()
	switch a.Phase {
	case app.PhaseNeedsYou:
		text := "Bellhop needs you to sign in again to " + a.Host() + "."
		if a.Problem != nil {
			text = a.Problem.Error()
		}
		if len(u.status.Accounts) > 1 {
			text = a.Name() + ": " + text
		}
		return widget.BannerState{
			Icon: "warn", Tint: widget.TintOrange, Text: text,
			Button: "Sign in again", Act: func() { u.signInAgain(a.Account) },
		}, true
	case app.PhaseOffline:
		text := fmt.Sprintf("Offline since %s. Everything seen stays readable; what you remove is carried out later.", clock(a.Since.In(now.Location()), now))
		if len(u.status.Accounts) > 1 {
			text = a.Host() + ": " + text
		}
		if a.Problem != nil {
			text += " " + a.Problem.Message
		}
		return widget.BannerState{
			Icon: "offline", Tint: widget.TintGrey, Text: text,
			Button: "Try now", Act: func() { u.sync(a.ID) },
		}, true
	case app.PhaseNew, app.PhaseOK:
	}
	return widget.BannerState{}, false
}

// startBell starts the bell; the connection to it is the caller's business.
func (u *UI) startBell() {
	u.work.Go(func() {
		err := u.start(u.ctx)
		u.do(func() {
			if err != nil {
				u.fail(err)
			}
		})
	})
}

// sync looks at the server now.
func (u *UI) sync(account app.AccountID) {
	u.side.setBusy(true)
	u.act(func(ctx context.Context, b Bell) error { return b.Sync(ctx, account) }, func(error) bool {
		u.side.setBusy(false)
		return false
	})
}

// resume shows notifications again.
func (u *UI) resume() {
	u.act(func(ctx context.Context, b Bell) error { return b.Resume(ctx) }, nil)
}

// signInAgain opens the guide for an account that is known already.
func (u *UI) signInAgain(a app.Account) {
	u.Show(ViewConnect)
	u.guide.again(a)
}
