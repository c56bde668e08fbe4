package app

import (
	"slices"
	"strings"
)

// SeverityCritical is the name of the worst severity.
const SeverityCritical = "Critical"

// SeverityRank returns a severity's rank from 1 (Info) to 5 (Critical), whatever
// the case of its letters; 0 is none.
func SeverityRank(name string) int {
	return slices.IndexFunc(severityNames, func(s string) bool { return strings.EqualFold(s, name) }) + 1
}

// Severity returns the worst severity that the call speaks of, "" for none.
// Findings that a scan closed or left alone make nothing worse.
func (c *Call) Severity() string {
	worst := 0
	if c.Finding != nil {
		worst = SeverityRank(c.Finding.Severity)
	}
	for _, list := range [][]FindingRef{c.FindingsNew, c.FindingsReactivated, c.Findings} {
		for _, f := range list {
			worst = max(worst, SeverityRank(f.Severity))
		}
	}
	if worst == 0 {
		return ""
	}
	return severityNames[worst-1]
}
