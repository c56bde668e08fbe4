package dojo

import (
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Is is a filter on a yes or no of the server.
type Is uint8

// The values of [Is].
const (
	Either Is = iota // not filtered
	Yes
	No
)

// filters builds the query of a list; what has no value is left out.
type filters struct{ url.Values }

func newFilters() filters { return filters{make(url.Values)} }

func (f filters) is(name string, value Is) {
	switch value {
	case Yes:
		f.Set(name, "true")
	case No:
		f.Set(name, "false")
	case Either:
	}
}

func (f filters) id(name string, value int64) {
	if value > 0 {
		f.Set(name, strconv.FormatInt(value, 10))
	}
}

func (f filters) ids(name string, values []int64) {
	words := make([]string, len(values))
	for i, value := range values {
		words[i] = strconv.FormatInt(value, 10)
	}
	f.words(name, words)
}

// words sets a list as the server's filters take it: joined by commas.
func (f filters) words(name string, values []string) {
	if len(values) > 0 {
		f.Set(name, strings.Join(values, ","))
	}
}

func (f filters) word(name, value string) {
	if value != "" {
		f.Set(name, value)
	}
}

func (f filters) day(name string, value time.Time) {
	if !value.IsZero() {
		f.Set(name, value.Format(time.DateOnly))
	}
}

func (f filters) time(name string, value time.Time) {
	if !value.IsZero() {
		f.Set(name, value.UTC().Format(time.RFC3339))
	}
}

// exact sets a time to the microsecond, as far as the server keeps it.
func (f filters) exact(name string, value time.Time) {
	if !value.IsZero() {
		f.Set(name, value.UTC().Format("2006-01-02T15:04:05.000000Z07:00"))
	}
}

// Window is a filter on a time by the spans that DefectDojo knows; its codes
// are those of the recorded version, 3.2.0, and of 2.x.
type Window uint8

// The windows. They end now, by the server's clock.
const (
	AnyTime Window = iota
	Today
	Past7Days
	Past30Days
	Past90Days
)

func (f filters) window(name string, value Window) {
	if value > AnyTime && value <= Past90Days {
		f.Set(name, strconv.Itoa(int(value)))
	}
}
