package app

import "strings"

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
	"close engagement":             KindEngagementClosed,
	"engagement closed":            KindEngagementClosed,
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
	for _, k := range Kinds {
		if strings.EqualFold(k.Source(), s) {
			return k
		}
	}
	return KindOther
}
