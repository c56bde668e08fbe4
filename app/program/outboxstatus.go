package program

import (
	"context"
	"fmt"
	"strings"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch/webhook"
	"bellhop/store"
)

// outboxStatus returns how deliveries stand, as the database has it.
func outboxStatus(ctx context.Context, s *store.Store, accounts []app.Account) (app.OutboxStatus, error) {
	var out app.OutboxStatus
	value, err := s.Setting(ctx, app.SettingOutbox)
	if err != nil {
		return out, err
	}
	out.Paused = value == "paused"
	for _, a := range accounts {
		list, err := s.Destinations(ctx, a.ID)
		if err != nil {
			return out, err
		}
		out.Destinations += len(list)
		for _, d := range list {
			if d.Off || d.State == string(webhook.StatusInactivePermanent) || !d.FirstError.IsZero() {
				out.Trouble = append(out.Trouble, Shown(d))
			}
		}
	}
	counts, err := s.DeliveryCounts(ctx)
	for _, byState := range counts {
		out.Waiting += byState[app.DeliveryWaiting]
		out.Held += byState[app.DeliveryHeld]
		out.Dead += byState[app.DeliveryDead]
	}
	return out, err
}

// OutboxLines say how deliveries stand, one line for each thing that somebody
// should look at after a first one with the numbers, and what to do about it.
func OutboxLines(o app.OutboxStatus, now time.Time) []app.Check {
	first := app.Check{Name: "deliveries", OK: true, Detail: strings.Join([]string{count(o.Destinations, "destination"), fmt.Sprintf("%d waiting", o.Waiting)}, ", ")}
	if o.Held > 0 {
		first.Detail += fmt.Sprintf(", %d held by quiet hours or silences", o.Held)
	}
	checks := []app.Check{first}
	if o.Paused {
		checks = append(checks, app.Check{Name: "outbox", Detail: "paused: nothing but toasts leaves", Step: "Let what waits go with `bellhop outbox resume`."})
	}
	if o.Dead > 0 {
		checks = append(checks, app.Check{
			Name: "dead letters", Detail: count(o.Dead, "delivery", "deliveries") + " could not be delivered",
			Step: "See `bellhop deliveries --dead`; once it is mended, `bellhop resend --failed`.",
		})
	}
	for _, d := range o.Trouble {
		c := app.Check{Name: "destination " + d.Name}
		switch {
		case d.Off:
			c.OK, c.Detail = true, "switched off by hand: nothing new goes there, and what waited is kept"
		case d.State == string(webhook.StatusInactivePermanent):
			c.Detail = "switched off after failures" + becauseOf(d) + "; what comes for it waits"
			c.Step = "Mend it, then say `bellhop channels edit " + app.Quoted(d.Name) + " --on`."
		case d.State == string(webhook.StatusActiveTmp):
			c.OK, c.Detail = true, "on trial: failed between "+clock(d.FirstError, now)+" and "+clock(d.LastError, now)+becauseOf(d)
		default:
			c.Detail = "fails since " + clock(d.FirstError, now) + becauseOf(d)
			c.Step = "Bellhop goes on trying. `bellhop channels test " + app.Quoted(d.Name) + "` says more."
		}
		checks = append(checks, c)
	}
	return checks
}

func becauseOf(d app.Destination) string {
	if d.Note == "" {
		return ""
	}
	return " (" + d.Note + ")"
}

// count writes a number with its noun; the plural has an s where it is not given.
func count(n int, one string, more ...string) string {
	switch {
	case n == 1:
	case len(more) > 0:
		one = more[0]
	default:
		one += "s"
	}
	return fmt.Sprintf("%d %s", n, one)
}
