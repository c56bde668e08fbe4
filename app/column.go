package app

import (
	"fmt"
	"strings"
)

// Column is one of DefectDojo's 18 notification settings: the switch that
// events of one kind, or of several, follow.
type Column uint8

// The columns in the order of DefectDojo's settings page.
const (
	ColumnProductTypeAdded Column = iota
	ColumnProductAdded
	ColumnEngagementAdded
	ColumnTestAdded
	ColumnScanAdded
	ColumnScanAddedEmpty
	ColumnJiraUpdate
	ColumnUpcomingEngagement
	ColumnStaleEngagement
	ColumnAutoCloseEngagement
	ColumnCloseEngagement
	ColumnUserMentioned
	ColumnCodeReview
	ColumnReviewRequested
	ColumnOther
	ColumnSLABreach
	ColumnSLABreachCombined
	ColumnRiskAcceptanceExpiration

	// NumColumns is how many columns there are.
	NumColumns = iota
)

// columns holds the names that DefectDojo's API gives the columns, and the
// labels under which it files their alerts (its verbose names in title case;
// recorded from 2.46.0 and 3.2.0).
var columns = [NumColumns]struct{ name, source string }{
	ColumnProductTypeAdded:         {"product_type_added", "Product Type Added"},
	ColumnProductAdded:             {"product_added", "Product Added"},
	ColumnEngagementAdded:          {"engagement_added", "Engagement Added"},
	ColumnTestAdded:                {"test_added", "Test Added"},
	ColumnScanAdded:                {"scan_added", "Scan Added"},
	ColumnScanAddedEmpty:           {"scan_added_empty", "Scan Added Empty"},
	ColumnJiraUpdate:               {"jira_update", "Jira Problems"},
	ColumnUpcomingEngagement:       {"upcoming_engagement", "Upcoming Engagement"},
	ColumnStaleEngagement:          {"stale_engagement", "Stale Engagement"},
	ColumnAutoCloseEngagement:      {"auto_close_engagement", "Auto Close Engagement"},
	ColumnCloseEngagement:          {"close_engagement", "Close Engagement"},
	ColumnUserMentioned:            {"user_mentioned", "User Mentioned"},
	ColumnCodeReview:               {"code_review", "Code Review"},
	ColumnReviewRequested:          {"review_requested", "Review Requested"},
	ColumnOther:                    {"other", "Other"},
	ColumnSLABreach:                {"sla_breach", "Sla Breach"},
	ColumnSLABreachCombined:        {"sla_breach_combined", "Sla Breach (Combined)"},
	ColumnRiskAcceptanceExpiration: {"risk_acceptance_expiration", "Risk Acceptance Expiration"},
}

// ProductColumns are the seven columns that DefectDojo's form on a product's
// page has. The other columns of a row for one product hold a default that
// nobody chose, unless its API wrote something else there.
var ProductColumns = []Column{
	ColumnEngagementAdded, ColumnCloseEngagement, ColumnTestAdded, ColumnScanAdded,
	ColumnSLABreach, ColumnSLABreachCombined, ColumnRiskAcceptanceExpiration,
}

// OnProduct says whether a row for one product may speak for the column.
func (c Column) OnProduct() bool {
	switch c {
	case ColumnEngagementAdded, ColumnCloseEngagement, ColumnTestAdded, ColumnScanAdded,
		ColumnSLABreach, ColumnSLABreachCombined, ColumnRiskAcceptanceExpiration:
		return true
	default:
		return false
	}
}

// String returns DefectDojo's name of the column.
func (c Column) String() string {
	if int(c) < NumColumns {
		return columns[c].name
	}
	return fmt.Sprintf("column(%d)", uint8(c))
}

// Source returns the name under which DefectDojo files alerts of the column.
func (c Column) Source() string { return columns[c].source }

// ColumnNamed finds a column by DefectDojo's name for it.
func ColumnNamed(name string) (Column, bool) {
	for c := range columns {
		if columns[c].name == name {
			return Column(c), true
		}
	}
	return 0, false
}

// ColumnNames returns the names of all columns, as messages list them.
func ColumnNames() string {
	names := make([]string, NumColumns)
	for c := range columns {
		names[c] = columns[c].name
	}
	return strings.Join(names, ", ")
}

// Column returns the column that events of the kind follow. An event without
// one of its own follows [ColumnOther]; engagement_closed follows
// close_engagement, which DefectDojo has for it and never reads.
func (k Kind) Column() Column {
	if k == KindEngagementClosed {
		return ColumnCloseEngagement
	}
	if c, ok := ColumnNamed(string(k)); ok {
		return c
	}
	return ColumnOther
}
