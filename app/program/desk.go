package program

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"bellhop/app"
	"bellhop/app/dispatch/toast"
	"bellhop/ui/tray"
)

// newestShown is how many alerts the tray's menu shows.
const newestShown = 10

// snoozeToast is how long the button Snooze of a toast snoozes.
const snoozeToast = time.Hour

// showTray draws the tray again whenever something that it shows has changed.
func (b *bell) showTray(ctx context.Context, t *tray.Tray) error {
	hints, end := b.store.Changes().Subscribe()
	defer end()
	pauseOver := time.NewTimer(0)
	defer pauseOver.Stop()
	for {
		status, err := b.Status(ctx)
		if err != nil {
			return endOr(ctx, err)
		}
		page, err := b.store.Alerts(ctx, app.Filter{Limit: newestShown})
		if err != nil {
			return endOr(ctx, err)
		}
		now := b.o.now()
		t.Show(faceOf(status, page.Alerts, now))
		pauseOver.Stop()
		if until := status.PausedUntil; until.After(now) && until.Before(app.PauseForever) {
			pauseOver.Reset(until.Sub(now) + time.Second)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-hints:
		case <-pauseOver.C:
		case present := <-t.HostChanged():
			b.hostChanged(ctx, t, present)
		}
	}
}

// firstWindow opens the window that was asked for at the start, or the guide
// where no account is connected yet.
func (b *bell) firstWindow(ctx context.Context) error {
	view := b.o.View
	if view == "" {
		accounts, err := b.store.Accounts(ctx)
		if err != nil || len(app.Servers(accounts)) > 0 {
			return endOr(ctx, err)
		}
		view = "connect"
	}
	if err := b.ShowWindow(ctx, view); err != nil && ctx.Err() == nil {
		b.log.WarnContext(ctx, "the window was not opened", "error", err)
		b.notices.put(app.AsProblem(err))
	}
	return nil
}

// hostChanged says that there is no place for the icon, or that there is one
// again.
func (b *bell) hostChanged(ctx context.Context, t *tray.Tray, present bool) {
	const code = "no_tray_host"
	if present {
		b.notices.drop(code)
	} else {
		_, note := t.Host()
		b.notices.put(app.NewProblem(code, "This desktop shows no tray icon for Bellhop.", note, false, nil))
		b.log.WarnContext(ctx, "there is no place for the tray icon", "reason", note)
	}
	b.store.Changes().Publish(app.TopicState)
}

// endOr returns err unless it is only the end of ctx.
func endOr(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return nil
}

// carryOut does what was chosen in the tray's menu, once the store is there. A
// failure is shown where the user looks: as a toast would be too much, it
// becomes a notice in the window and a line in the log.
func (b *bell) carryOut(ctx context.Context, item string, do func(context.Context) error) {
	select {
	case <-b.opened:
	case <-ctx.Done():
		return
	}
	if err := do(ctx); err != nil && ctx.Err() == nil {
		b.log.WarnContext(ctx, "a menu item failed", "item", item, "error", err)
		b.notices.put(app.AsProblem(err))
		b.store.Changes().Publish(app.TopicState)
	}
}

// syncAsked synchronises whenever the menu asks for it, until ctx ends. It runs
// beside the menu, whose next click must not wait for a slow server.
func (b *bell) syncAsked(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-b.syncWish:
			b.carryOut(ctx, "sync", func(ctx context.Context) error { return b.Sync(ctx, 0) })
		}
	}
}

// trayActions is what the tray's menu does.
func (b *bell) trayActions(ctx context.Context) tray.Actions {
	do := func(item string, f func(context.Context) error) { b.carryOut(ctx, item, f) }
	window := func(view string) func() {
		return func() {
			do("window", func(ctx context.Context) error { return b.ShowWindow(ctx, view) })
		}
	}
	return tray.Actions{
		Open: func(id app.AlertID) {
			do("open", func(ctx context.Context) error { return b.openAsked(ctx, id) })
		},
		SeeAll: window("alerts"),
		ClearAll: func(shown app.AlertID) {
			do("clear", func(ctx context.Context) error {
				_, err := b.Clear(ctx, 0, shown)
				return err
			})
		},
		Sync: func() {
			select {
			case b.syncWish <- struct{}{}:
			default: // one that waits is enough
			}
		},
		Pause: func(c tray.PauseChoice) {
			do("pause", func(ctx context.Context) error { return b.Pause(ctx, pauseEnd(c, b.o.now())) })
		},
		Resume:   func() { do("resume", b.Resume) },
		Settings: window("settings"),
		Connect:  window("connect"),
		Quit:     func() { do("quit", b.Quit) },
	}
}

// openAsked opens an alert's page. Where it leads to another host a toast asks
// first, and without toasts the window is shown, which asks as well.
func (b *bell) openAsked(ctx context.Context, id app.AlertID) error {
	page, err := b.Open(ctx, id, false)
	if !errors.Is(err, app.ErrForeignHost) {
		return err
	}
	_, err = b.toasts.Show(ctx, toast.Toast{
		Key: foreignKey + strconv.FormatInt(int64(id), 10), Title: "Open a page of " + hostOf(page) + "?",
		Body: "This alert leads to another host. Click here to open it.", Urgent: true,
	})
	if err != nil {
		return b.ShowWindow(ctx, "alerts")
	}
	return nil
}

// tomorrowAt is when "until tomorrow" ends.
const tomorrowAt = 8

// pauseEnd returns when a pause of the menu ends.
func pauseEnd(c tray.PauseChoice, now time.Time) time.Time {
	switch c {
	case tray.PauseHour:
		return now.Add(time.Hour)
	case tray.PauseTomorrow:
		y, m, d := now.Date()
		return time.Date(y, m, d+1, tomorrowAt, 0, 0, 0, now.Location())
	case tray.PauseForever:
	}
	return app.PauseForever
}

// newToaster returns what shows toasts. Without a desktop arrivals are routed
// to nobody, so that a later start does not announce old ones.
func newToaster(ctx context.Context, o Options) (toaster, func(), error) {
	if o.toaster != nil {
		return o.toaster, func() {}, nil
	}
	if o.Headless {
		return noToasts{}, func() {}, nil
	}
	t, err := toast.New(ctx, toast.Options{AppName: "Bellhop", Log: o.Log})
	if err != nil {
		return nil, nil, err
	}
	return t, t.Close, nil
}

// route decides events and sends what follows from them until ctx ends.
func (b *bell) route(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	r := &router{store: b.store, engine: b.engine, now: b.o.Now, log: b.log}
	g.Go(func() error { return r.Run(ctx) })
	g.Go(func() error { return b.send(ctx) })
	g.Go(func() error { return b.releaseOverdue(ctx) })
	return g.Wait()
}

// announce looks after the toasts until ctx ends.
func (b *bell) announce(ctx context.Context) error {
	if t, ok := b.toasts.(*toast.Toaster); ok {
		if err := b.adopt(ctx, t); err != nil {
			return endOr(ctx, err)
		}
	}
	return b.announcer.Run(ctx)
}

// adopt takes over the toasts that the last run left on the screen. Those of
// another daemon are forgotten: it gives the same notes to other programs.
func (b *bell) adopt(ctx context.Context, t *toast.Toaster) error {
	instance := t.Instance(ctx)
	last, err := b.store.Setting(ctx, app.SettingToastInstance)
	if err != nil {
		return err
	}
	notes, err := b.store.ToastNotes(ctx)
	if err != nil {
		return err
	}
	for id, note := range notes {
		if instance != "" && instance == last {
			t.Adopt(note, strconv.FormatInt(int64(id), 10))
		} else if err := b.store.DropToast(ctx, id); err != nil {
			return err
		}
	}
	if instance == last {
		return nil
	}
	return b.store.Set(ctx, app.SettingToastInstance, instance)
}

// foreignKey marks the toast that asks before a link to another host is
// opened.
const foreignKey = "foreign:"

// toastClicked does what was clicked on a toast. A summary has no alert: it
// leads to the list.
func (b *bell) toastClicked(ctx context.Context, a toast.Action) error {
	key, foreign := strings.CutPrefix(a.Key, foreignKey)
	n, err := strconv.ParseInt(key, 10, 64)
	if err != nil {
		return b.ShowWindow(ctx, "alerts")
	}
	if foreign {
		_, err := b.Open(ctx, app.AlertID(n), true)
		return err
	}
	id := app.AlertID(n)
	switch a.What {
	case toast.Opened:
		return b.openAsked(ctx, id)
	case toast.Removed:
		_, err := b.Remove(ctx, []app.AlertID{id})
		return err
	case toast.Snoozed:
		return b.Snooze(ctx, id, snoozeToast)
	default:
		return nil
	}
}

// noToasts is the toaster of a bell without a desktop.
type noToasts struct{}

// Show shows nothing.
func (noToasts) Show(context.Context, toast.Toast) (uint32, error) { return 0, toast.ErrNoDaemon }

// Withdraw has nothing to take back.
func (noToasts) Withdraw(context.Context, uint32) error { return nil }

// Actions never has one.
func (noToasts) Actions() <-chan toast.Action { return nil }
