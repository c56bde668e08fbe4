package ui

import (
	"fmt"
	"math"
	"time"
)

// day returns the first moment of t's day.
func day(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}

// daysAgo returns how many midnights lie between t and now.
func daysAgo(t, now time.Time) int {
	// Days differ in length where clocks change; half a day of slack rounds
	// that away.
	return int(math.Floor((day(now).Sub(day(t)) + 12*time.Hour).Hours() / 24))
}

// groupOf returns the heading under which t stands, and a number that is the
// same for everything below it. The numbers of headings do not clash.
func groupOf(t, now time.Time) (key int64, text string) {
	ago := daysAgo(t, now)
	switch {
	case ago <= 0:
		return 1, "Today"
	case ago == 1:
		return 2, "Yesterday"
	case ago < 7:
		return 3, "This week"
	}
	y, m, _ := t.Date()
	if y == now.Year() {
		return int64(y)*100 + int64(m), t.Format("January")
	}
	return int64(y)*100 + int64(m), t.Format("January 2006")
}

// short returns t as the list shows it: the time of day today and yesterday,
// the day of the week within a week, then the date.
func short(t, now time.Time) string {
	switch ago := daysAgo(t, now); {
	case ago <= 1:
		return t.Format("15:04")
	case ago < 7:
		return t.Format("Mon")
	case t.Year() == now.Year():
		return t.Format("Jan 2")
	}
	return t.Format("Jan 2006")
}

// brief is short for a list without headings of days: it tells yesterday from
// today.
func brief(t, now time.Time) string {
	if daysAgo(t, now) == 1 {
		return t.Format("Mon")
	}
	return short(t, now)
}

// date returns t as it stands in a sentence: "today 09:12", "Nov 23".
func date(t, now time.Time) string {
	switch ago := daysAgo(t, now); {
	case ago <= 0:
		return "today " + t.Format("15:04")
	case ago == 1:
		return "yesterday"
	case t.Year() == now.Year():
		return t.Format("Jan 2")
	}
	return t.Format("Jan 2, 2006")
}

// full returns t with everything one may want to know.
func full(t time.Time) string { return t.Format("Mon, Jan 2, 2006, 15:04:05 MST") }

// moment returns t as the detail shows it.
func moment(t, now time.Time) string {
	switch daysAgo(t, now) {
	case 0:
		return "Today " + t.Format("15:04")
	case 1:
		return "Yesterday " + t.Format("15:04")
	}
	return t.Format("Mon, Jan 2, 2006, 15:04")
}

// since returns how long ago t was: "12 s ago", "3 min ago".
func since(t, now time.Time) string {
	d := now.Sub(t)
	switch {
	case d < 2*time.Second:
		return "just now"
	case d < time.Minute:
		return fmt.Sprintf("%d s ago", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case daysAgo(t, now) == 0:
		return "at " + t.Format("15:04")
	}
	return date(t, now)
}

// clock returns t for "since ..." and "until ...": the time of day, with the
// date where that is another day.
func clock(t, now time.Time) string {
	if daysAgo(t, now) == 0 {
		return t.Format("15:04")
	}
	return t.Format("Jan 2, 15:04")
}
