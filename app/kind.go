package app

import "strings"

// Kind is an event by the name that DefectDojo gives it. A kind that is not
// listed here is legal: it follows the column [ColumnOther].
type Kind string

// The events that DefectDojo 2.30 to 3.2 emits, and two names that Bellhop
// uses besides: "ping" tests a webhook, "code_review" has a column and no
// emitter. KindIntegration files the alerts by which a server reports that one
// of its own channels failed.
const (
	KindProductTypeAdded         Kind = "product_type_added"
	KindProductAdded             Kind = "product_added"
	KindEngagementAdded          Kind = "engagement_added"
	KindEngagementClosed         Kind = "engagement_closed"
	KindEngagementReopened       Kind = "engagement_reopened"
	KindEngagementDeleted        Kind = "engagement_deleted"
	KindEngagementCopied         Kind = "engagement_copied"
	KindTestAdded                Kind = "test_added"
	KindTestCopied               Kind = "test_copied"
	KindTestDeleted              Kind = "test_deleted"
	KindScanAdded                Kind = "scan_added"
	KindScanAddedEmpty           Kind = "scan_added_empty"
	KindFindingAdded             Kind = "finding_added"
	KindFindingClosed            Kind = "finding_closed"
	KindFindingReopened          Kind = "finding_reopened"
	KindFindingDeleted           Kind = "finding_deleted"
	KindFindingCopied            Kind = "finding_copied"
	KindFindingGroupDeleted      Kind = "finding_group_deleted"
	KindReviewRequested          Kind = "review_requested"
	KindUserMentioned            Kind = "user_mentioned"
	KindProductDeleted           Kind = "product_deleted"
	KindProductTypeDeleted       Kind = "product_type_deleted"
	KindEndpointDeleted          Kind = "endpoint_deleted"
	KindURLDeleted               Kind = "url_deleted"
	KindUpcomingEngagement       Kind = "upcoming_engagement"
	KindStaleEngagement          Kind = "stale_engagement"
	KindAutoCloseEngagement      Kind = "auto_close_engagement"
	KindSLABreach                Kind = "sla_breach"
	KindSLABreachCombined        Kind = "sla_breach_combined"
	KindRiskAcceptanceExpiration Kind = "risk_acceptance_expiration"
	KindJiraUpdate               Kind = "jira_update"
	KindJiraComment              Kind = "jira_comment"
	KindJiraConfigAdded          Kind = "jira_config_added"
	KindJiraConfigEdited         Kind = "jira_config_edited"
	KindJiraConfigDeleted        Kind = "jira_config_deleted"
	KindSonarqubeFailed          Kind = "sonarqube_failed"
	KindOther                    Kind = "other"

	KindPing        Kind = "ping"
	KindCodeReview  Kind = "code_review"
	KindIntegration Kind = "integration"
)

// Kinds lists the 37 events that DefectDojo emits, in the order of its call
// sites.
var Kinds = []Kind{
	KindProductTypeAdded, KindProductAdded, KindEngagementAdded, KindEngagementClosed, KindEngagementReopened,
	KindEngagementDeleted, KindEngagementCopied, KindTestAdded, KindTestCopied, KindTestDeleted, KindScanAdded,
	KindScanAddedEmpty, KindFindingAdded, KindFindingClosed, KindFindingReopened, KindFindingDeleted,
	KindFindingCopied, KindFindingGroupDeleted, KindReviewRequested, KindUserMentioned, KindProductDeleted,
	KindProductTypeDeleted, KindEndpointDeleted, KindURLDeleted, KindUpcomingEngagement, KindStaleEngagement,
	KindAutoCloseEngagement, KindSLABreach, KindSLABreachCombined, KindRiskAcceptanceExpiration, KindJiraUpdate,
	KindJiraComment, KindJiraConfigAdded, KindJiraConfigEdited, KindJiraConfigDeleted, KindSonarqubeFailed, KindOther,
}

// Source returns the name under which DefectDojo files the alerts of the
// event: the label of its column where it has one of its own, else the event's
// name in title case; at most 100 characters. The server's own file them so
// too for engagement_closed, which only borrows a column.
func (k Kind) Source() string {
	if c, ok := ColumnNamed(string(k)); ok {
		return c.Source()
	}
	return Cut(titled(string(k)), MaxSource)
}

// titled is Python's str.title over words joined by underscores: each letter
// that follows a character which is no letter becomes a capital, every other a
// small one.
func titled(name string) string {
	var b strings.Builder
	after := false
	for _, r := range strings.ReplaceAll(name, "_", " ") {
		letter := isCased(r)
		switch {
		case !letter:
			b.WriteRune(r)
		case after:
			b.WriteString(strings.ToLower(string(r)))
		default:
			b.WriteString(strings.ToTitle(string(r)))
		}
		after = letter
	}
	return b.String()
}

func isCased(r rune) bool {
	s := string(r)
	return strings.ToLower(s) != s || strings.ToUpper(s) != s
}
