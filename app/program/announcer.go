package program

import (
	"context"
	"log/slog"
	"strconv"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch/toast"
)

// announcerStore is what the announcer asks of the store.
type announcerStore interface {
	Changes() *app.Changes
	Setting(ctx context.Context, key string) (string, error)
	Alert(ctx context.Context, id app.AlertID) (app.Alert, error)
	WokenSnoozes(ctx context.Context, now time.Time) ([]app.Alert, error)
	NextSnooze(ctx context.Context) (time.Time, error)
	PutToast(ctx context.Context, alert app.AlertID, note uint32) error
	ToastNotes(ctx context.Context) (map[app.AlertID]uint32, error)
	DropToast(ctx context.Context, alert app.AlertID) error
}

// toaster shows toasts; [toast.Toaster] is the real one.
type toaster interface {
	Show(ctx context.Context, t toast.Toast) (note uint32, err error)
	Withdraw(ctx context.Context, note uint32) error
	Actions() <-chan toast.Action
}

// announcer shows alerts as toasts, takes them back when their alerts leave the
// list, and does what is clicked on them.
type announcer struct {
	store  announcerStore
	toasts toaster
	now    func() time.Time
	log    *slog.Logger
	// act does what a click on a toast asks for.
	act func(ctx context.Context, a toast.Action) error
	// announced is told how many alerts a toast stood for.
	announced func(n int)
}

// Run looks after the toasts until ctx ends.
func (r *announcer) Run(ctx context.Context) error {
	hints, end := r.store.Changes().Subscribe()
	defer end()
	snooze := time.NewTimer(0)
	defer snooze.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case a := <-r.toasts.Actions():
			r.acted(ctx, a)
		case h := <-hints:
			if !h[app.TopicAlerts] && !h[app.TopicSettings] {
				continue
			}
			if err := r.withdraw(ctx); err != nil && ctx.Err() == nil {
				r.log.WarnContext(ctx, "toasts were not withdrawn", "error", err)
			}
			r.waitForSnooze(ctx, snooze)
		case <-snooze.C:
			if err := r.wake(ctx); err != nil && ctx.Err() == nil {
				r.log.WarnContext(ctx, "snoozed alerts were not announced", "error", err)
			}
			r.waitForSnooze(ctx, snooze)
		}
	}
}

// waitForSnooze sets the timer to the end of the next snooze.
func (r *announcer) waitForSnooze(ctx context.Context, timer *time.Timer) {
	if next, err := r.store.NextSnooze(ctx); err == nil && !next.IsZero() {
		timer.Reset(max(next.Sub(r.now()), time.Second))
	} else {
		timer.Stop()
	}
}

// wake announces the alerts whose snooze is over.
func (r *announcer) wake(ctx context.Context) error {
	woken, err := r.store.WokenSnoozes(ctx, r.now())
	if err != nil || len(woken) == 0 {
		return err
	}
	_, err = r.Announce(ctx, woken)
	return err
}

// Announce shows one toast, for one alert or for several, unless the settings
// keep it back; then it says why.
func (r *announcer) Announce(ctx context.Context, alerts []app.Alert) (kept string, err error) {
	if kept, err = r.keptBack(ctx); kept != "" || err != nil {
		return kept, err
	}
	text, err := r.store.Setting(ctx, app.SettingToastBody)
	if err != nil {
		return "", err
	}
	burst := make([]toast.Arrival, len(alerts))
	for i, a := range alerts {
		burst[i] = toast.Arrival{
			Key: strconv.FormatInt(int64(a.ID), 10), Title: a.Title, Source: a.Source, Text: a.Description,
			Urgent: urgent(app.KindOf(a.Source)),
		}
	}
	note, err := r.toasts.Show(ctx, toast.Gather(burst, toast.Detail(text)))
	if err != nil {
		return "", err
	}
	if len(alerts) == 1 { // a summary stands for the whole list and is not withdrawn
		if err := r.store.PutToast(context.WithoutCancel(ctx), alerts[0].ID, note); err != nil {
			r.log.WarnContext(ctx, "a toast was not remembered", "error", err)
		}
	}
	if r.announced != nil {
		r.announced(len(alerts))
	}
	return "", nil
}

// keptBack says why no toast may be shown now, "" where one may.
func (r *announcer) keptBack(ctx context.Context) (string, error) {
	on, err := r.store.Setting(ctx, app.SettingToasts)
	if err != nil {
		return "", err
	}
	if on == "off" {
		return "not shown: toasts are off", nil
	}
	until, err := pausedUntil(ctx, r.store)
	if err != nil || !until.After(r.now()) {
		return "", err
	}
	return "not shown: notifications are paused", nil
}

// urgent says which alerts stay on the screen until the user reacts: a time
// limit that passed.
func urgent(k app.Kind) bool {
	return k == app.KindSLABreach || k == app.KindSLABreachCombined
}

// withdraw takes back the toasts of alerts that have left the list.
func (r *announcer) withdraw(ctx context.Context) error {
	notes, err := r.store.ToastNotes(ctx)
	if err != nil {
		return err
	}
	for id, note := range notes {
		alert, err := r.store.Alert(ctx, id)
		if err == nil && alert.Removal == nil {
			continue
		}
		if err := r.toasts.Withdraw(ctx, note); err != nil {
			r.log.DebugContext(ctx, "a toast was not withdrawn", "error", err)
		}
		if err := r.store.DropToast(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// acted carries out what was clicked.
func (r *announcer) acted(ctx context.Context, a toast.Action) {
	if id, err := strconv.ParseInt(a.Key, 10, 64); err == nil {
		if err := r.store.DropToast(ctx, app.AlertID(id)); err != nil {
			r.log.WarnContext(ctx, "a toast was not forgotten", "error", err)
		}
	}
	if a.What == toast.Closed {
		return
	}
	// Some daemons leave a toast standing whose button was pressed.
	if err := r.toasts.Withdraw(ctx, a.Note); err != nil {
		r.log.DebugContext(ctx, "a toast was not withdrawn", "error", err)
	}
	if err := r.act(ctx, a); err != nil {
		r.log.WarnContext(ctx, "a toast's button did nothing", "button", a.What, "error", err)
	}
}
