package app

import "strings"

// Kind is the event behind an alert, by the name DefectDojo gives the event.
type Kind string

// The kinds that Bellhop tells apart. The names are DefectDojo's; an alert of
// any other source is [KindOther].
const (
	KindProductTypeAdded         Kind = "product_type_added"
	KindProductAdded             Kind = "product_added"
	KindEngagementAdded          Kind = "engagement_added"
	KindTestAdded                Kind = "test_added"
	KindScanAdded                Kind = "scan_added"
	KindScanAddedEmpty           Kind = "scan_added_empty"
	KindFindingAdded             Kind = "finding_added"
	KindJiraUpdate               Kind = "jira_update"
	KindUpcomingEngagement       Kind = "upcoming_engagement"
	KindStaleEngagement          Kind = "stale_engagement"
	KindAutoCloseEngagement      Kind = "auto_close_engagement"
	KindCloseEngagement          Kind = "close_engagement"
	KindEngagementReopened       Kind = "engagement_reopened"
	KindFindingClosed            Kind = "finding_closed"
	KindFindingReopened          Kind = "finding_reopened"
	KindUserMentioned            Kind = "user_mentioned"
	KindCodeReview               Kind = "code_review"
	KindReviewRequested          Kind = "review_requested"
	KindSLABreach                Kind = "sla_breach"
	KindSLABreachCombined        Kind = "sla_breach_combined"
	KindRiskAcceptanceExpiration Kind = "risk_acceptance_expiration"
	KindDeleted                  Kind = "deleted" // any "... Deleted" source
	KindCopied                   Kind = "copied"  // any "... Copied" source
	KindIntegration              Kind = "integration"
	KindOther                    Kind = "other"
)

// sources holds the names under which DefectDojo 2.30 to 3.2 files its alerts:
// the event name in title case, or the verbose name of its settings column.
var sources = map[string]Kind{
	"product type added":           KindProductTypeAdded,
	"product added":                KindProductAdded,
	"engagement added":             KindEngagementAdded,
	"test added":                   KindTestAdded,
	"scan added":                   KindScanAdded,
	"scan added empty":             KindScanAddedEmpty,
	"finding added":                KindFindingAdded,
	"jira problems":                KindJiraUpdate,
	"jira update":                  KindJiraUpdate,
	"upcoming engagement":          KindUpcomingEngagement,
	"stale engagement":             KindStaleEngagement,
	"auto close engagement":        KindAutoCloseEngagement,
	"close engagement":             KindCloseEngagement,
	"engagement closed":            KindCloseEngagement,
	"engagement reopened":          KindEngagementReopened,
	"finding closed":               KindFindingClosed,
	"finding reopened":             KindFindingReopened,
	"user mentioned":               KindUserMentioned,
	"code review":                  KindCodeReview,
	"review requested":             KindReviewRequested,
	"sla breach":                   KindSLABreach,
	"sla breach (combined)":        KindSLABreachCombined,
	"risk acceptance expiration":   KindRiskAcceptanceExpiration,
	"slack notification":           KindIntegration,
	"microsoft teams notification": KindIntegration,
	"email notification":           KindIntegration,
	"webhooks notification":        KindIntegration,
	"alert notification":           KindIntegration,
	"sonarqube failed":             KindIntegration,
	"jira comment":                 KindIntegration,
	"jira config added":            KindIntegration,
	"jira config edited":           KindIntegration,
	"jira config deleted":          KindIntegration,
	"api token reset":              KindOther,
}

// KindOf maps an alert's source to its kind. Sources are display texts that an
// administrator's language setting changes, so an unknown one is [KindOther]
// and nothing but the look of an alert may depend on the answer.
func KindOf(source string) Kind {
	s := strings.ToLower(strings.TrimSpace(source))
	if k, ok := sources[s]; ok {
		return k
	}
	switch {
	case strings.HasSuffix(s, " deleted"):
		return KindDeleted
	case strings.HasSuffix(s, " copied"):
		return KindCopied
	default:
		return KindOther
	}
}
