package app

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The names that conditions and quiet hours use.
var (
	severityNames = []string{"Info", "Low", "Medium", "High", "Critical"}
	dayNames      = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
)

// Check returns a [Problem] that names what in x cannot be used.
func (x Extra) Check() error {
	for _, c := range x.Only {
		if c.Severity != "" && !slices.Contains(severityNames, c.Severity) {
			return Invalid(fmt.Sprintf("There is no severity %q.", Cut(c.Severity, 40)), "Use one of "+strings.Join(severityNames, ", ")+".")
		}
		for _, name := range c.Columns {
			if _, ok := ColumnNamed(name); !ok {
				return Invalid(fmt.Sprintf("There is no event setting %q.", Cut(name, 40)), "The settings are: "+ColumnNames()+".")
			}
		}
	}
	for _, q := range x.Quiet {
		for _, at := range []string{q.From, q.To} {
			if _, err := time.Parse("15:04", at); err != nil {
				return Invalid(fmt.Sprintf("%q is no time of the day.", Cut(at, 40)), "Write it like 22:00.")
			}
		}
		for _, day := range q.Days {
			if !slices.Contains(dayNames, day) {
				return Invalid(fmt.Sprintf("There is no day %q.", Cut(day, 40)), "Use mon, tue, wed, thu, fri, sat and sun.")
			}
		}
		if q.Zone != "" {
			if _, err := time.LoadLocation(q.Zone); err != nil {
				return Invalid(fmt.Sprintf("There is no time zone %q.", Cut(q.Zone, 40)), "Use a name like Europe/Berlin, or leave it out for this machine's.")
			}
		}
		if q.Channels == 0 || q.Channels.Has(ChannelAlert) {
			return Invalid("Quiet hours name the channels that they hold, and never alert.", "For example [\"toast\", \"mail\"].")
		}
	}
	return nil
}
