package ui

import (
	"slices"
	"strings"

	"bellhop/app"
)

// words joins names as a sentence does: "a, b or c" where last is "or".
func words(list []string, last string) string {
	clean := make([]string, len(list))
	for i, s := range list {
		clean[i] = oneLine(head(s, 80))
	}
	if n := len(clean) - 1; n > 0 {
		return strings.Join(clean[:n], ", ") + " " + last + " " + clean[n]
	}
	return strings.Join(clean, "")
}

// channelsText names channels: "Mail and Slack".
func channelsText(set app.Channels) string {
	var list []string
	for ch := range app.Channel(app.NumChannels) {
		if set.Has(ch) {
			list = append(list, channelText[ch].name)
		}
	}
	return words(list, "and")
}

// columnsText names settings by what they are called on the page.
func columnsText(names []string) string {
	list := make([]string, len(names))
	for i, n := range names {
		list[i] = n
		if c, ok := app.ColumnNamed(n); ok {
			list[i] = c.Source()
		}
	}
	return words(list, "or")
}

// conditionText says in one sentence what a condition lets through.
func conditionText(c app.Condition) string {
	who := "Every channel but the list"
	if c.Channels != 0 {
		who = channelsText(c.Channels)
	}
	if len(c.Columns) > 0 {
		who += ", for " + columnsText(c.Columns)
	}
	var only []string
	switch c.Severity {
	case "":
	case app.SeverityCritical:
		only = append(only, "what is Critical")
	default:
		only = append(only, "from "+c.Severity+" up")
	}
	add := func(lead string, list []string) {
		if len(list) > 0 {
			only = append(only, lead+words(list, "or"))
		}
	}
	add("about ", c.Products)
	add("of product type ", c.ProductType)
	add("tagged ", c.Tags)
	add("filed as ", c.Sources)
	if c.Text != "" {
		only = append(only, "with “"+oneLine(head(c.Text, 80))+"” in it")
	}
	if len(only) == 0 {
		return who + ": everything"
	}
	return who + ": only " + strings.Join(only, ", ")
}

// dayText are the days of [app.QuietHours] in the order of a week, with their
// names.
var dayText = []struct{ value, name string }{
	{"mon", "Mon"}, {"tue", "Tue"}, {"wed", "Wed"}, {"thu", "Thu"}, {"fri", "Fri"}, {"sat", "Sat"}, {"sun", "Sun"},
}

// daysText names days: "every day", "Mon to Fri", "Tue and Sun".
func daysText(days []string) string {
	var at []int
	for i, d := range dayText {
		if slices.Contains(days, d.value) {
			at = append(at, i)
		}
	}
	switch n := len(at); {
	case n == 0 || n == len(dayText):
		return "every day"
	case n > 2 && at[n-1]-at[0] == n-1:
		return dayText[at[0]].name + " to " + dayText[at[n-1]].name
	}
	names := make([]string, len(at))
	for i, d := range at {
		names[i] = dayText[d].name
	}
	return words(names, "and")
}

// quietText says in one sentence what quiet hours hold, and what they let out.
func quietText(q app.QuietHours) string {
	hours := q.From + " to " + q.To
	switch {
	case q.From == q.To:
		hours = "24 hours from " + q.From
	case q.From > q.To: // both have two digits for the hour
		hours += " the next day"
	}
	text := channelsText(q.Channels) + ": " + daysText(q.Days) + ", " + hours
	if q.Zone != "" {
		text += ", in " + oneLine(head(q.Zone, 40))
	}
	if q.CriticalPasses {
		text += "; critical alerts pass"
	}
	return text
}
