package ui

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"bellhop/app"
	"bellhop/ui/widget"
)

// eventNames are all settings and events by what they are called in the window.
func eventNames() (names []string, of map[string]string) {
	of = map[string]string{}
	add := func(label, name string) {
		if of[label] == "" {
			of[label] = name
			names = append(names, label)
		}
	}
	for c := range app.Column(app.NumColumns) {
		add(c.Source(), c.String())
	}
	for _, k := range app.Kinds {
		add(k.Source(), string(k))
	}
	return names, of
}

// eventLabel is what a setting or an event is called in the window.
func eventLabel(name string) string {
	if c, ok := app.ColumnNamed(name); ok {
		return c.Source()
	}
	return app.Kind(name).Source()
}

// silenceText says what a silence holds.
func silenceText(s app.Silence) string {
	what := "Everything"
	if len(s.Events) > 0 {
		labels := make([]string, len(s.Events))
		for i, e := range s.Events {
			labels[i] = eventLabel(e)
		}
		what = words(labels, "or")
	}
	parts := []string{what}
	add := func(lead string, list []string) {
		if len(list) > 0 {
			parts = append(parts, lead+words(list, "or"))
		}
	}
	add("about ", s.Products)
	add("tagged ", s.Tags)
	add("filed as ", s.Sources)
	if s.Text != "" {
		parts = append(parts, "with “"+oneLine(head(s.Text, 80))+"” in it")
	}
	switch s.Severity {
	case "", app.SeverityCritical:
	default:
		parts = append(parts, "up to "+s.Severity)
	}
	if s.Channels != 0 {
		parts = append(parts, "on "+channelsText(s.Channels))
	}
	if s.CriticalPasses && (s.Severity == "" || s.Severity == app.SeverityCritical) {
		if len(parts) == 1 && len(s.Events) == 0 {
			return what + " but critical findings"
		}
		parts = append(parts, "but no critical findings")
	}
	return strings.Join(parts, ", ")
}

// silenceSub is the second line of a silence.
func silenceSub(s SilenceLine, now time.Time) string {
	parts := []string{"Until " + clock(s.Until.In(now.Location()), now)}
	if !s.Until.After(now) {
		parts[0] = "Ended " + clock(s.Until.In(now.Location()), now)
	}
	if s.Person == 0 {
		parts = append(parts, "for everybody")
	} else {
		parts = append(parts, "for "+oneLine(head(s.For, 60)))
	}
	if s.Who != "" {
		parts = append(parts, "made by "+oneLine(head(s.Who, 60)))
	}
	if s.Note != "" {
		parts = append(parts, oneLine(head(s.Note, longestLine)))
	}
	return strings.Join(parts, " · ")
}

// messages returns "1 message" or "42 messages".
func messages(n int) string {
	if n == 1 {
		return "1 message"
	}
	return number(n) + " messages"
}

// previewText says what a silence would have held.
func previewText(p Preview) string {
	days := fmt.Sprintf("the last %d days", p.Days)
	if p.Cut {
		days = "the newest events of " + days
	}
	if p.Messages == 0 {
		return "Nothing was sent in " + days + "."
	}
	text := fmt.Sprintf("It would have held none of the %s of %s.", messages(p.Messages), days)
	if p.Held > 0 {
		var on []string
		for ch, n := range p.Channels {
			if n > 0 {
				on = append(on, channelText[ch].name+" "+number(n))
			}
		}
		events := "1 event"
		if p.Events != 1 {
			events = number(p.Events) + " events"
		}
		text = fmt.Sprintf("It would have held %s of the %s of %s, about %s: %s.", number(p.Held), messages(p.Messages), days, events, strings.Join(on, ", "))
	}
	if p.Passed > 0 {
		text += " " + passedText(p.Passed)
	}
	return text
}

func passedText(n int) string {
	return messages(n) + " about critical findings would have gone out."
}

// silenceLines are the lines below a silence.
func silenceLines(s SilenceLine, p *Preview, read bool, now time.Time) []widget.TryState {
	var out []widget.TryState
	line := func(lead, text string) {
		out = append(out, widget.TryState{Lead: lead, Text: text, Ink: widget.ColorText, Short: true})
	}
	if s.Note != "" {
		line("Why", oneLine(head(s.Note, longestAnswer)))
	}
	line("Holds", silenceText(s.Silence))
	const form = "Mon, Jan 2, 2006, 15:04"
	line("In force", s.Created.In(now.Location()).Format(form)+" to "+s.Until.In(now.Location()).Format(form))
	switch {
	case p != nil:
		line("Lately", previewText(*p))
	case read:
		out = append(out, widget.TryState{Text: "What it would have held lately cannot be read.", Dim: true})
	default:
		out = append(out, widget.TryState{Text: "Reading…", Dim: true})
	}
	out[len(out)-1].Last = true
	return out
}

// silenceEnd reads the end of a silence as people write it: "2h", "30 min", "3d",
// "18:00", "tomorrow", "2026-11-30" or "2026-11-30 18:00".
func silenceEnd(typed string, now time.Time) (time.Time, error) {
	s := strings.ToLower(strings.TrimSpace(typed))
	y, m, d := now.Date()
	at := func(day int, hour, minute int) time.Time {
		return time.Date(y, m, day, hour, minute, 0, 0, now.Location())
	}
	for _, unit := range []struct {
		word string
		is   time.Duration
	}{{"minutes", time.Minute}, {"min", time.Minute}, {"hours", time.Hour}, {"hour", time.Hour}, {"days", 24 * time.Hour}, {"day", 24 * time.Hour}, {"m", time.Minute}, {"h", time.Hour}, {"d", 24 * time.Hour}} {
		if rest, ok := strings.CutSuffix(s, unit.word); ok {
			// 400 days are longer than any silence.
			if n, err := strconv.Atoi(strings.TrimSpace(rest)); err == nil && n > 0 && n <= 400*24*60 && time.Duration(n) <= 400*24*time.Hour/unit.is {
				return now.Add(time.Duration(n) * unit.is), nil
			}
		}
	}
	if s == "tomorrow" {
		return at(d+1, morning, 0), nil
	}
	if clock, ok := timeOfDay(s); ok && s != "" {
		t, err := time.Parse("15:04", clock)
		if err != nil {
			return time.Time{}, err
		}
		if end := at(d, t.Hour(), t.Minute()); end.After(now) {
			return end, nil
		}
		return at(d+1, t.Hour(), t.Minute()), nil
	}
	for _, form := range []string{time.DateOnly, "2006-01-02 15:04", "2006-01-02t15:04"} {
		if t, err := time.ParseInLocation(form, s, now.Location()); err == nil {
			return t, nil
		}
	}
	if s == "" {
		return time.Time{}, app.Invalid("The silence has no end.", "Write for example 2h, 18:00, tomorrow or 2026-11-30 18:00.")
	}
	return time.Time{}, app.Invalid(fmt.Sprintf("“%s” is no time.", oneLine(head(typed, 40))), "Write for example 2h, 18:00, tomorrow or 2026-11-30 18:00.")
}

// morning is the hour at which "tomorrow" begins.
const morning = 8
