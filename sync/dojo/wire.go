package dojo

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// errNoID is the complaint about a row that is no object.
var errNoID = fmt.Errorf("%w: a row without a number", ErrMalformed)

// day is a date on the wire, "2026-11-25", as midnight UTC; null and "" are
// the zero time. Servers send a whole time in some of these fields, of which
// the day counts.
type day struct{ time.Time }

// UnmarshalJSON reads a date.
func (d *day) UnmarshalJSON(text []byte) error {
	var s *string
	if err := json.Unmarshal(text, &s); err != nil {
		return err
	}
	if s == nil || *s == "" {
		d.Time = time.Time{}
		return nil
	}
	if len(*s) < len(time.DateOnly) {
		return errors.New("no date")
	}
	t, err := time.Parse(time.DateOnly, (*s)[:len(time.DateOnly)])
	if err != nil {
		return errors.New("no date")
	}
	d.Time = t
	return nil
}

// moment is a time on the wire, with or without an offset; null and "" are the
// zero time.
type moment struct{ time.Time }

// UnmarshalJSON reads a time.
func (m *moment) UnmarshalJSON(text []byte) error {
	var s *string
	if err := json.Unmarshal(text, &s); err != nil {
		return err
	}
	m.Time = time.Time{}
	if s == nil || *s == "" {
		return nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999", time.DateOnly} {
		if t, err := time.Parse(layout, *s); err == nil {
			m.Time = t.UTC()
			return nil
		}
	}
	return errors.New("no time")
}

// same is the conversion of a row that is used as it came, once its number is
// right.
func same[T any](id func(*T) int64) func(*T) (T, error) {
	return func(row *T) (T, error) {
		if id(row) <= 0 {
			var none T
			return none, errNoID
		}
		return *row, nil
	}
}
