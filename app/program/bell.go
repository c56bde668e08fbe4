package program

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"strconv"
	"time"

	"bellhop/app"
	"bellhop/app/control"
	"bellhop/store"
)

// bell answers the socket: it is the store, the syncers, the windows and the
// browser behind one face.
type bell struct {
	o       Options
	log     *slog.Logger
	started time.Time
	opened  chan struct{} // closed once store is there
	// syncWish has one slot: the menu asked for a synchronisation.
	syncWish  chan struct{}
	store     *store.Store
	vault     secretKeeper
	crew      *crew
	windows   *windowStarter
	toasts    toaster
	engine    *engine
	door      *doorkeeper
	poster    *poster
	announcer *announcer
	notices   notices
	quit      context.CancelFunc
}

var _ control.Bell = (*bell)(nil)

// Status describes the bell and all of its accounts.
func (b *bell) Status(ctx context.Context) (app.Status, error) {
	s, err := StoredStatus(ctx, b.store, b.o)
	if err != nil {
		return app.Status{}, err
	}
	s.Running, s.PID, s.Started = true, os.Getpid(), b.started
	s.Demo = b.o.demo
	s.Notices = append(s.Notices, b.notices.list()...)
	if p := b.vault.Notice(); p != nil {
		s.Notices = append(s.Notices, *p)
	}
	return s, nil
}

// Alerts returns a page of the inbox or of its history.
func (b *bell) Alerts(ctx context.Context, f app.Filter) (app.Page, error) {
	return b.store.Alerts(ctx, f)
}

// Remove hides alerts now and removes them on the server after the time for
// undo.
func (b *bell) Remove(ctx context.Context, ids []app.AlertID) (app.Removed, error) {
	undo, err := undoTime(ctx, b.store)
	if err != nil {
		return app.Removed{}, err
	}
	return b.store.Remove(ctx, ids, undo)
}

// Clear removes the list up to the newest alert that the user was shown.
func (b *bell) Clear(ctx context.Context, account app.AccountID, upTo app.AlertID) (app.Removed, error) {
	undo, err := undoTime(ctx, b.store)
	if err != nil {
		return app.Removed{}, err
	}
	return b.store.Clear(ctx, account, upTo, undo)
}

// Undo takes removals back.
func (b *bell) Undo(ctx context.Context, intents []app.IntentID) (int, error) {
	return b.store.Undo(ctx, intents)
}

// Retry removes alerts again whose removal has failed.
func (b *bell) Retry(ctx context.Context, ids []app.AlertID) (app.Removed, error) {
	undo, err := undoTime(ctx, b.store)
	if err != nil {
		return app.Removed{}, err
	}
	return b.store.Retry(ctx, ids, undo)
}

// Snooze announces the alert again after d, if it is still in the list.
func (b *bell) Snooze(ctx context.Context, id app.AlertID, d time.Duration) error {
	if d < time.Minute || d > 365*24*time.Hour {
		return app.Invalid("An alert can be snoozed for a minute to a year.", "Give for example 1h or 30m.")
	}
	return b.store.Snooze(ctx, id, b.o.now().Add(d))
}

// Looked says that the user has seen the list up to an alert.
func (b *bell) Looked(ctx context.Context, account app.AccountID, upTo app.AlertID) error {
	return b.store.Looked(ctx, account, upTo)
}

// Sync looks at the servers now and waits for the outcome.
func (b *bell) Sync(ctx context.Context, account app.AccountID) error {
	return b.crew.Sync(ctx, account)
}

// Pause holds notifications back.
func (b *bell) Pause(ctx context.Context, until time.Time) error {
	if !until.After(b.o.now()) {
		return app.Invalid("The end of the pause lies in the past.", "Give a time to come, for example 1h.")
	}
	return b.store.Set(ctx, app.SettingPausedUntil, until.UTC().Format(time.RFC3339))
}

// Resume ends a pause.
func (b *bell) Resume(ctx context.Context) error {
	return b.store.Set(ctx, app.SettingPausedUntil, "")
}

// Settings returns every setting with its value in force.
func (b *bell) Settings(ctx context.Context) (map[string]string, error) {
	return b.store.Settings(ctx)
}

// Set changes one setting.
func (b *bell) Set(ctx context.Context, key, value string) error {
	if _, err := app.FindSetting(key); err != nil {
		return err
	}
	if key == app.SettingEngineMode && value == string(app.ModeEveryone) {
		if err := b.mayDecideForEveryone(ctx); err != nil {
			return err
		}
	}
	return b.store.Set(ctx, key, value)
}

// mayDecideForEveryone refuses the mode to those whose server tells them of
// themselves alone: nobody else could be decided for.
func (b *bell) mayDecideForEveryone(ctx context.Context) error {
	accounts, err := b.store.Accounts(ctx)
	if err != nil {
		return err
	}
	for _, a := range app.Servers(accounts) {
		if me, err := b.store.Me(ctx, a.ID); err == nil && me.Superuser {
			return nil
		}
	}
	return app.NewProblem("needs_superuser", "Deciding for everyone needs a superuser's sign-in.",
		"Connect with one and run `bellhop people sync`; with your own account, decide for yourself: engine_mode me.", true, app.ErrInvalid)
}

// Open shows an alert's page in the browser.
func (b *bell) Open(ctx context.Context, id app.AlertID, foreignOK bool) (string, error) {
	alert, err := b.store.Alert(ctx, id)
	if err != nil {
		return "", err
	}
	account, err := b.store.Account(ctx, alert.Account)
	if err != nil {
		return "", err
	}
	page, foreign, err := app.Link(account.URL, alert.URL)
	if err != nil {
		return "", err
	}
	if foreign && !foreignOK {
		return page, app.NewProblem("foreign_host", "This link leads to another host: "+hostOf(page)+".",
			"Open it only if you trust that host.", true, app.ErrForeignHost)
	}
	return page, b.o.Browse(ctx, page)
}

// ShowWindow raises the window with a view, or starts it. A list that the user
// is about to look at should be complete.
func (b *bell) ShowWindow(ctx context.Context, view string) error {
	if !hasScreen() {
		return app.NewProblem("no_screen", "Bellhop was started without a screen, so it cannot show a window.",
			"End it with `bellhop quit` and start it in your desktop session.", false, nil)
	}
	b.crew.WindowOpened()
	return b.windows.Show(ctx, view)
}

// WindowShown is for the window, which has shown what it was asked for.
func (b *bell) WindowShown(_ context.Context, view string) error {
	b.windows.Shown(view)
	return nil
}

// AttachWindow makes the caller the one window.
func (b *bell) AttachWindow(ctx context.Context) (<-chan string, func(), error) {
	raise, release, err := b.windows.Attach(ctx)
	if err == nil {
		b.crew.WindowOpened()
	}
	return raise, release, err
}

// Quit ends the bell soon after it has answered.
func (b *bell) Quit(context.Context) error {
	time.AfterFunc(quitDelay, b.quit)
	return nil
}

// quitDelay lets what was said on the socket leave it before the end.
const quitDelay = 50 * time.Millisecond

// Changes tells what changed.
func (b *bell) Changes() *app.Changes { return b.store.Changes() }

// StoredStatus returns what the database alone can tell; a running bell adds
// what it knows. The error is the database's.
func StoredStatus(ctx context.Context, s *store.Store, o Options) (app.Status, error) {
	status := app.Status{Version: o.Version, DataDir: o.DataDir, Accounts: []app.AccountStatus{}, Notices: s.Notices()}
	accounts, err := s.Accounts(ctx)
	if err != nil {
		return app.Status{}, err
	}
	for _, a := range accounts {
		state, err1 := s.SyncState(ctx, a.ID)
		count, err2 := s.Count(ctx, a.ID)
		fresh, err3 := s.NewCount(ctx, a.ID)
		pending, err4 := s.Pending(ctx, a.ID)
		if err := errors.Join(err1, err2, err3, err4); err != nil {
			return app.Status{}, err
		}
		status.Accounts = append(status.Accounts, app.AccountStatus{Account: a, SyncState: state, Count: count, Pending: pending})
		status.Count += count
		status.Pending += pending
		status.New = min(status.New+fresh, 100)
		status.Demo = status.Demo || a.Demo
		if a.Insecure {
			status.Notices = append(status.Notices, *app.NewProblem("insecure_tls",
				"The certificate of "+a.Host()+" is not checked: anyone on the way can read and change what it sends.",
				"Connect it again with the right CA file.", false, nil))
		}
	}
	if status.PausedUntil, err = pausedUntil(ctx, s); err != nil {
		return app.Status{}, err
	}
	if status.Outbox, err = outboxStatus(ctx, s, accounts); err != nil {
		return app.Status{}, err
	}
	notices, err := engineNotices(ctx, s)
	status.Notices = append(status.Notices, notices...)
	return status, err
}

// engineNotices are what everybody who looks should know of how events are
// decided and sent here.
func engineNotices(ctx context.Context, s *store.Store) ([]app.Problem, error) {
	mode, err1 := s.Setting(ctx, app.SettingEngineMode)
	outbox, err2 := s.Setting(ctx, app.SettingOutbox)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	var list []app.Problem
	if app.Mode(mode) == app.ModeEveryone {
		host, err := os.Hostname()
		if err != nil {
			host = "this machine"
		}
		list = append(list, *app.NewProblem("decides_for_everyone", "This machine ("+host+") decides for everyone of the server, and delivers.",
			"Only one machine should: on all others, `bellhop settings set engine_mode me`.", false, nil))
	}
	if outbox == "paused" {
		list = append(list, *app.NewProblem("outbox_paused", "Mail, Slack, Teams and webhooks are held back.", "Let them go with `bellhop outbox resume`.", false, nil))
	}
	return list, nil
}

// pausedUntil returns the end of the pause, zero without one.
func pausedUntil(ctx context.Context, s interface {
	Setting(ctx context.Context, key string) (string, error)
},
) (time.Time, error) {
	value, err := s.Setting(ctx, app.SettingPausedUntil)
	if err != nil || value == "" {
		return time.Time{}, err
	}
	return time.Parse(time.RFC3339, value)
}

// undoTime returns how long a removal can be undone.
func undoTime(ctx context.Context, s *store.Store) (time.Duration, error) {
	value, err := s.Setting(ctx, app.SettingUndoSeconds)
	if err != nil {
		return 0, err
	}
	seconds, err := strconv.Atoi(value)
	return time.Duration(seconds) * time.Second, err
}
