package ui

import (
	"context"

	"bellhop/app"
)

// Preloaded is what the first picture of the window shows. It is read while the
// toolkit starts, so that the window appears with its content.
type Preloaded struct {
	list      answer
	listErr   error
	status    app.Status
	statusErr error
	values    map[string]string
	valuesErr error
}

// Preload reads what the window shows first. It asks no bell, which may take
// its time. It may be called from any goroutine.
func Preload(ctx context.Context, in Inbox) *Preloaded {
	p := &Preloaded{}
	p.list, p.listErr = read(ctx, in, ask{move: moveFirst, filter: app.Filter{View: app.ViewList}})
	p.status, p.statusErr = storedStatus(ctx, in)
	p.values, p.valuesErr = in.Settings(ctx)
	return p
}

// Theme returns the theme that the settings ask for.
func (p *Preloaded) Theme() Theme { return NewTheme(p.values[app.SettingTheme]) }

// present shows what was read before the window was made.
func (u *UI) present(p *Preloaded, place string) {
	u.list.first = p
	p.status.Running = u.bell != nil
	u.status, u.known, u.problem = p.status, p.statusErr == nil, p.statusErr
	if place == ViewAlerts && u.known && len(u.status.Accounts) == 0 {
		place = ViewConnect
	}
	u.Show(place)
	u.list.first = nil
	u.showStatus(u.bell, p.status, p.statusErr)
	if p.valuesErr == nil {
		u.settings.show(struct{}{}, p.values, nil)
	}
	u.statuses.ask(u.bell)
}
