package dispatch

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"bellhop/app"
)

// wishes are an [app.Extra] made ready: names in small letters, hours as
// minutes, zones loaded. What cannot be read in it is left out, since settings
// are checked where they are entered.
type wishes struct {
	muted, notMine bool
	only           []condition
	quiet          []quiet
}

type condition struct {
	columns                        uint32 // bits of the columns that it narrows
	channels                       app.Channels
	severity                       int
	products, types, tags, sources []string
	text                           string
}

type quiet struct {
	days     [7]bool // by time.Weekday of the beginning
	from, to int     // minutes of the day
	zone     *time.Location
	channels app.Channels
}

// severityNames in DefectDojo's order; the index is the rank.
var severityNames = []string{"info", "low", "medium", "high", "critical"}

// rank returns the severity's rank, from 1; 0 = none.
func rank(severity string) int { return slices.Index(severityNames, strings.ToLower(severity)) + 1 }

func readWishes(x app.Extra) *wishes {
	if x.IsZero() {
		return nil
	}
	ready := &wishes{muted: x.Muted, notMine: x.NotMine}
	for _, c := range x.Only {
		ready.only = append(ready.only, readCondition(c))
	}
	for _, h := range x.Quiet {
		if one, ok := readQuiet(h); ok {
			ready.quiet = append(ready.quiet, one)
		}
	}
	return ready
}

func readCondition(c app.Condition) condition {
	ready := condition{
		channels: c.Channels, severity: rank(c.Severity), products: small(c.Products), types: small(c.ProductType),
		tags: small(c.Tags), sources: small(c.Sources), text: strings.ToLower(c.Text),
	}
	if c.Channels == 0 {
		ready.channels = app.AllChannels &^ app.ChannelsOf(app.ChannelAlert)
	}
	if len(c.Columns) == 0 {
		ready.columns = 1<<app.NumColumns - 1
	}
	for _, name := range c.Columns {
		if column, ok := app.ColumnNamed(name); ok {
			ready.columns |= 1 << column
		}
	}
	return ready
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
	ready := quiet{from: from, to: to, zone: time.Local, channels: h.Channels}
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

func small(list []string) []string {
	var out []string
	for _, s := range list {
		out = append(out, strings.ToLower(s))
	}
	return out
}

// wishes returns what a person wants beyond DefectDojo: everywhere, and for the
// event's product.
func (q *question) wishes(i int32) (both [2]*wishes) {
	if q.w.flags[i]&isSpecial == 0 {
		return both
	}
	both[0] = q.w.wishes[i]
	// Recipients, too, may have muted the product.
	rows := q.w.productRows[q.scope.product]
	if at, ok := slices.BinarySearchFunc(rows, i, func(r productRow, i int32) int { return int(r.person) - int(i) }); ok {
		both[1] = rows[at].wishes
	}
	return both
}

// topic is what conditions ask about an event, in small letters. It is made
// where the first condition asks.
type topic struct {
	known              bool
	severity           int
	product, typ, text string
	sources, tags      []string
}

// learn makes the topic.
func (q *question) learn() *topic {
	t := &q.topic
	if t.known {
		return t
	}
	c := &q.e.Call
	*t = topic{known: true, text: strings.ToLower(c.Title + "\n" + c.Description), tags: small(c.Tags)}
	if c.Finding != nil {
		t.severity = rank(c.Finding.Severity)
	}
	// Findings that a scan closed or left alone make nothing worse.
	for _, list := range [][]app.FindingRef{c.FindingsNew, c.FindingsReactivated, c.Findings} {
		for _, f := range list {
			t.severity = max(t.severity, rank(f.Severity))
		}
	}
	if c.Product != nil {
		t.product = strings.ToLower(c.Product.Name)
	}
	if p := q.w.product(q.scope.product); p != nil {
		t.product = strings.ToLower(p.Name)
	}
	if c.ProductType != nil {
		t.typ = strings.ToLower(c.ProductType.Name)
	}
	if p := q.w.productType(q.scope.typ); p != nil {
		t.typ = strings.ToLower(p.Name)
	}
	t.sources = []string{strings.ToLower(q.kind().Source())}
	if q.e.Alert.Source != "" {
		t.sources = append(t.sources, strings.ToLower(q.e.Alert.Source))
	}
	return t
}

// meets says whether the event meets all conditions that narrow the channel.
func (q *question) meets(x *wishes, ch app.Channel) bool {
	for i := range x.only {
		c := &x.only[i]
		if c.channels.Has(ch) && c.columns&(1<<q.column) != 0 && !q.learn().meets(c) {
			return false
		}
	}
	return true
}

func (t *topic) meets(c *condition) bool {
	has := func(want []string, have ...string) bool {
		return len(want) == 0 || slices.ContainsFunc(have, func(s string) bool { return slices.Contains(want, s) })
	}
	return t.severity >= c.severity && has(c.products, t.product) && has(c.types, t.typ) && has(c.tags, t.tags...) &&
		has(c.sources, t.sources...) && strings.Contains(t.text, c.text)
}

// holds says whether quiet hours hold the channel at the time.
func (x *wishes) holds(ch app.Channel, at time.Time) bool {
	return slices.ContainsFunc(x.quiet, func(h quiet) bool { return h.channels.Has(ch) && h.covers(at) })
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

// HeldUntil returns when the quiet hours that hold a channel of a person for an
// event are over, also where several follow each other, at most eight days on.
// It is at itself where none hold it then.
func (w *World) HeldUntil(e *app.Event, person app.PersonID, ch app.Channel, at time.Time) time.Time {
	both := [2]*wishes{w.systemWishes}
	if person != 0 {
		i := w.index(person)
		if i < 0 {
			return at
		}
		q := w.ask(e)
		defer w.answered(q)
		both = q.wishes(i)
	}
	limit := at.AddDate(0, 0, 8)
	for end := at; end.Before(limit); {
		next := end
		for _, x := range both {
			if x == nil {
				continue
			}
			for _, h := range x.quiet {
				if h.channels.Has(ch) && h.covers(end) {
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
