package render

import (
	"slices"
	"strconv"
	"strings"

	"bellhop/app"
)

// labels are the names of events as cards and headings show them. They are
// DefectDojo's where its cards have one; the others are its event names, with
// the abbreviations written as such.
var labels = map[app.Kind]string{
	app.KindSLABreach:           "SLA Breach",
	app.KindSLABreachCombined:   "SLA Breaches",
	app.KindJiraUpdate:          "JIRA Problem",
	app.KindJiraComment:         "JIRA Comment",
	app.KindJiraConfigAdded:     "JIRA Configuration Added",
	app.KindJiraConfigEdited:    "JIRA Configuration Edited",
	app.KindJiraConfigDeleted:   "JIRA Configuration Deleted",
	app.KindSonarqubeFailed:     "SonarQube Import Failed",
	app.KindURLDeleted:          "URL Deleted",
	app.KindScanAddedEmpty:      "Scan Added, Nothing Changed",
	app.KindUserMentioned:       "You Were Mentioned",
	app.KindAutoCloseEngagement: "Engagement Closed Automatically",
	app.KindPing:                "Test",
	app.KindIntegration:         "Notification Problem",
	app.KindOther:               "Notification",
}

// label names the kind of the event.
func (in *Input) label() string {
	k := in.Call.Kind
	if k == app.KindRiskAcceptanceExpiration {
		if in.expired() {
			return "Risk Acceptance Expired"
		}
		return "Risk Acceptance Expiring"
	}
	if l, ok := labels[k]; ok {
		return l
	}
	if l := strings.TrimSpace(oneLine(k.Source())); l != "" {
		return l
	}
	return labels[app.KindOther]
}

// findingsWere is "1 finding has been" or "3 findings have been".
func findingsWere(n int) string {
	if n == 1 {
		return "1 finding has been"
	}
	return strconv.Itoa(n) + " findings have been"
}

// count words a number of things.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// overdue says whether a finding has breached its service level: by the days
// left, or by DefectDojo's title where the call does not know them.
func (in *Input) overdue() bool {
	if in.Call.SLAAge != nil {
		return *in.Call.SLAAge < 0
	}
	return strings.Contains(in.Call.Title, "SLA breached by")
}

// due words the days to a service level's end; "" where they are not known.
func (in *Input) due() string {
	if in.Call.SLAAge == nil {
		return ""
	}
	switch n := *in.Call.SLAAge; {
	case n < 0:
		return counted(-n, "day", "days") + " overdue"
	case n == 0:
		return "due today"
	default:
		return counted(n, "day", "days") + " left"
	}
}

// Styles say how urgent a message looks, from calm to alarming.
const (
	StyleGood      = "good"
	StyleAccent    = "accent"
	StyleWarning   = "warning"
	StyleAttention = "attention"
)

// style is how urgent the event looks.
func (in *Input) style() string {
	c := in.Call
	switch c.Kind {
	case app.KindSLABreach:
		if in.overdue() {
			return StyleAttention
		}
		return StyleWarning
	case app.KindSLABreachCombined:
		if c.Breach == "breached" || strings.Contains(c.Title, "(breached)") {
			return StyleAttention
		}
		return StyleWarning
	case app.KindRiskAcceptanceExpiration:
		if in.expired() {
			return StyleAttention
		}
		return StyleWarning
	case app.KindSonarqubeFailed, app.KindIntegration:
		return StyleAttention
	case app.KindJiraUpdate, app.KindStaleEngagement:
		return StyleWarning
	case app.KindFindingClosed, app.KindEngagementClosed:
		return StyleGood
	case app.KindFindingDeleted, app.KindFindingCopied, app.KindUserMentioned, app.KindJiraComment:
		return StyleAccent // about a finding that is none the worse for it
	default:
		var own []app.FindingRef
		if c.Finding != nil {
			own = append(own, *c.Finding)
		}
		return worst(own, c.FindingsNew, c.FindingsReactivated)
	}
}

// ranks order severities from the worst on; others come last.
var ranks = map[string]int{"critical": -5, "high": -4, "medium": -3, "low": -2, "info": -1}

// severest returns the findings with the most severe first, and otherwise in
// their order.
func severest(list []app.FindingRef) []app.FindingRef {
	rank := func(f *app.FindingRef) int { return ranks[strings.ToLower(f.Severity)] }
	by := func(a, b app.FindingRef) int { return rank(&a) - rank(&b) }
	if slices.IsSortedFunc(list, by) {
		return list
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, by)
	return list
}

// worst is the style of the most severe finding.
func worst(lists ...[]app.FindingRef) string {
	style := StyleAccent
	for _, list := range lists {
		for _, f := range list {
			switch strings.ToLower(f.Severity) {
			case "critical", "high":
				return StyleAttention
			case "medium":
				style = StyleWarning
			}
		}
	}
	return style
}
