package program

import (
	"context"
	"log/slog"
	"strconv"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch/toast"
)

// routerStore is what the router asks of the store.
type routerStore interface {
	Changes() *app.Changes
	Setting(ctx context.Context, key string) (string, error)
	Unrouted(ctx context.Context, limit int) ([]app.Event, error)
	Routed(ctx context.Context, events []int64) error
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

// routeAtMost bounds how many events are read at once; more than a handful
// becomes one summary anyway.
const routeAtMost = 1000

// router turns arrivals into toasts. An arrival is a row until its toast was
// shown, so that nothing is announced twice or forgotten across a restart.
type router struct {
	store  routerStore
	toasts toaster
	now    func() time.Time
	log    *slog.Logger
	// act does what a click on a toast asks for.
	act func(ctx context.Context, a toast.Action) error
	// announced is told how many alerts a toast stood for.
	announced func(n int)
}

// Run routes until ctx ends.
func (r *router) Run(ctx context.Context) error {
	hints, end := r.store.Changes().Subscribe()
	defer end()
	timer := time.NewTimer(0) // what the last run left is routed at once
	defer timer.Stop()
	gathering := true
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
			if !gathering {
				gathering = r.again(ctx, timer)
			}
		case <-timer.C:
			if err := r.route(ctx); err != nil && ctx.Err() == nil {
				r.log.WarnContext(ctx, "alerts were not announced", "error", err)
			}
			gathering = r.again(ctx, timer)
		}
	}
}

// again sets the timer for what comes next: arrivals that wait, or the end of a
// snooze. It says whether arrivals are being gathered.
func (r *router) again(ctx context.Context, timer *time.Timer) bool {
	waiting, err := r.store.Unrouted(ctx, 1)
	if err != nil || len(waiting) > 0 {
		timer.Reset(toast.Window)
		return true
	}
	if next, err := r.store.NextSnooze(ctx); err == nil && !next.IsZero() {
		timer.Reset(max(next.Sub(r.now()), time.Second))
	} else {
		timer.Stop()
	}
	return false
}

// route announces everything that waits, and marks it.
func (r *router) route(ctx context.Context) error {
	events, err := r.store.Unrouted(ctx, routeAtMost)
	if err != nil {
		return err
	}
	alerts := make([]app.Alert, 0, len(events))
	ids := make([]int64, 0, len(events))
	for _, e := range events {
		ids = append(ids, e.ID)
		if e.Alert.Removal == nil { // gone before it could be announced
			alerts = append(alerts, e.Alert)
		}
	}
	woken, err := r.store.WokenSnoozes(ctx, r.now())
	if err != nil {
		return err
	}
	alerts = append(alerts, woken...)
	wanted, err := r.wanted(ctx)
	if err != nil {
		return err
	}
	if wanted && len(alerts) > 0 {
		text, err := r.store.Setting(ctx, app.SettingToastBody)
		if err != nil {
			return err
		}
		r.announce(ctx, alerts, toast.Detail(text))
	}
	if len(ids) == 0 {
		return nil
	}
	// What was shown has to be marked, also where the bell ends meanwhile.
	return r.store.Routed(context.WithoutCancel(ctx), ids)
}

// wanted says whether the settings allow toasts now.
func (r *router) wanted(ctx context.Context) (bool, error) {
	on, err := r.store.Setting(ctx, app.SettingToasts)
	if err != nil || on == "off" {
		return false, err
	}
	until, err := pausedUntil(ctx, r.store)
	return !until.After(r.now()), err
}

// announce shows one toast, for one alert or for several. A toast that
// cannot be shown is not tried again: the number in the tray tells the same.
func (r *router) announce(ctx context.Context, alerts []app.Alert, detail toast.Detail) {
	burst := make([]toast.Arrival, len(alerts))
	for i, a := range alerts {
		burst[i] = toast.Arrival{
			Key: strconv.FormatInt(int64(a.ID), 10), Title: a.Title, Source: a.Source, Text: a.Description,
			Urgent: urgent(app.KindOf(a.Source)),
		}
	}
	note, err := r.toasts.Show(ctx, toast.Gather(burst, detail))
	if err != nil {
		r.log.InfoContext(ctx, "a toast was not shown", "error", err)
		return
	}
	if len(alerts) == 1 { // a summary stands for the whole list and is not withdrawn
		if err := r.store.PutToast(context.WithoutCancel(ctx), alerts[0].ID, note); err != nil {
			r.log.WarnContext(ctx, "a toast was not remembered", "error", err)
		}
	}
	if r.announced != nil {
		r.announced(len(alerts))
	}
}

// urgent says which alerts stay on the screen until the user reacts: a time
// limit that passed.
func urgent(k app.Kind) bool {
	return k == app.KindSLABreach || k == app.KindSLABreachCombined
}

// withdraw takes back the toasts of alerts that have left the list.
func (r *router) withdraw(ctx context.Context) error {
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
func (r *router) acted(ctx context.Context, a toast.Action) {
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
