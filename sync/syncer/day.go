package syncer

import (
	"strconv"
	"strings"
	"time"
)

// day is a date without a time or a zone: days since 1970-01-01. Zero means
// that no date is known; DefectDojo has no use for that one.
type day int32

// dayOf returns the date of t in t's own zone, zero for the zero time.
func dayOf(t time.Time) day {
	if t.IsZero() {
		return 0
	}
	y, m, d := t.Date()
	return day(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// parseDay reads "2006-01-02", also as the beginning of a longer text; zero
// where it is none.
func parseDay(text string) day {
	if len(text) > len(time.DateOnly) {
		text = text[:len(time.DateOnly)]
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return 0
	}
	return dayOf(t)
}

// time returns the beginning of the day in UTC, the zero time for no date.
func (d day) time() time.Time {
	if d == 0 {
		return time.Time{}
	}
	return time.Unix(int64(d)*86400, 0).UTC()
}

// String returns "2006-01-02", "" for no date.
func (d day) String() string {
	if d == 0 {
		return ""
	}
	return d.time().Format(time.DateOnly)
}

// short returns "Nov 05, 2026", as DefectDojo writes the end of a risk
// acceptance.
func (d day) short() string { return d.time().Format("Jan 02, 2006") }

// dotted returns "Nov. 05, 2026", as DefectDojo writes the end of an
// engagement.
func (d day) dotted() string { return d.time().Format("Jan. 02, 2006") }

// key joins the parts of an event's key: what makes the fact that it tells the
// only one of its kind.
func key(parts ...any) string {
	var b strings.Builder
	for i, p := range parts {
		if i > 0 {
			b.WriteByte('/')
		}
		switch p := p.(type) {
		case string:
			b.WriteString(p)
		case int64:
			b.WriteString(strconv.FormatInt(p, 10))
		case int:
			b.WriteString(strconv.Itoa(p))
		case day:
			b.WriteString(p.String())
		}
	}
	return b.String()
}
