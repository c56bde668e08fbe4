package dispatch

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"bellhop/app"
)

// quiet are quiet hours made ready.
type quiet struct {
	days     [7]bool // by time.Weekday of the beginning
	from, to int     // minutes of the day
	zone     *time.Location
	channels app.Channels
	passes   bool // what is critical
}

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

func readQuiet(h app.QuietHours) (quiet, bool) {
	from, err := minutes(h.From)
	if err != nil {
		return quiet{}, false
	}
	to, err := minutes(h.To)
	if err != nil {
		return quiet{}, false
	}
	ready := quiet{from: from, to: to, zone: time.Local, channels: h.Channels, passes: h.CriticalPasses}
	if h.Zone != "" {
		if ready.zone, err = time.LoadLocation(h.Zone); err != nil {
			return quiet{}, false
		}
	}
	for _, name := range h.Days {
		if day := slices.Index(weekdays, strings.ToLower(name)); day >= 0 {
			ready.days[day] = true
		}
	}
	if len(h.Days) == 0 {
		ready.days = [7]bool{true, true, true, true, true, true, true}
	}
	return ready, true
}

func minutes(clock string) (int, error) {
	t, err := time.Parse("15:04", clock)
	if err != nil {
		return 0, fmt.Errorf("time of day: %w", err)
	}
	return t.Hour()*60 + t.Minute(), nil
}

// holds says whether quiet hours hold the event on the channel at a time.
func (x *wishes) holds(e *app.Event, ch app.Channel, at time.Time) bool {
	return slices.ContainsFunc(x.quiet, func(h quiet) bool { return h.channels.Has(ch) && h.covers(at) && (!h.passes || !critical(e)) })
}

// covers compares wall clocks, so that a night with a change of the clock is
// as long as the clock says.
func (h quiet) covers(at time.Time) bool {
	local := at.In(h.zone)
	now, day := local.Hour()*60+local.Minute(), local.Weekday()
	if h.from < h.to {
		return h.days[day] && h.from <= now && now < h.to
	}
	return h.days[day] && now >= h.from || h.days[(day+6)%7] && now < h.to
}

// end returns when hours that cover the time are over.
func (h quiet) end(at time.Time) time.Time {
	local := at.In(h.zone)
	year, month, day := local.Date()
	if now := local.Hour()*60 + local.Minute(); h.to <= h.from && now >= h.from {
		day++
	}
	end := time.Date(year, month, day, h.to/60, h.to%60, 0, 0, h.zone)
	if !end.After(at) {
		// The clock was put back over the end: a minute later is asked again.
		return at.Add(time.Minute)
	}
	return end
}

// HeldUntil returns when nothing holds a channel of a person for an event any
// more, neither quiet hours nor a silence, also where several follow each other;
// quiet hours at most eight days on. It is at itself where nothing holds it then.
func (w *World) HeldUntil(e *app.Event, person app.PersonID, ch app.Channel, at time.Time) time.Time {
	both := [2]*wishes{w.systemWishes}
	q := w.ask(e)
	defer w.answered(q)
	if person != 0 {
		i := w.index(person)
		if i < 0 {
			return at
		}
		both = q.wishes(i)
	}
	// Whatever holds it before the last silence ends makes no difference.
	for _, s := range q.silences {
		if q.holds(s, person, ch) {
			at = latest(at, s.Until)
		}
	}
	limit := at.AddDate(0, 0, 8)
	for end := at; end.Before(limit); {
		next := end
		for _, x := range both {
			if x == nil {
				continue
			}
			for _, h := range x.quiet {
				if h.channels.Has(ch) && h.covers(end) && (!h.passes || !critical(e)) {
					next = h.end(end)
				}
			}
		}
		if next.Equal(end) {
			return end
		}
		end = next
	}
	return limit
}
