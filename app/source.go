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

// translated holds the sources that DefectDojo says in another language. Of
// its 18 columns only four have a label that is translated at all (JIRA
// problems, SLA breach, SLA breach (combined), Risk Acceptance Expiration);
// the others, and all events without a column, are filed under their English
// names everywhere. Catalogues with translations exist for Russian and Brazilian
// Portuguese, since 3.0.0; the combined breach is missing in both, and they come
// as source texts, which an administrator has to compile (dojo/locale,
// dojo/notifications/models.py).
var translated = map[string]Kind{
	"проблемы jira": KindJiraUpdate,
	"нарушение sla": KindSLABreach,
	"истечение срока принятия риска": KindRiskAcceptanceExpiration,
	"problemas jira":                  KindJiraUpdate, //nolint:misspell // Portuguese
	"violação de sla":                 KindSLABreach,
	"expiração de aceitação de risco": KindRiskAcceptanceExpiration,
}

// KindOf maps an alert's source to its kind, whatever the case of its letters.
// Sources are display texts that an administrator's language setting changes,
// so an unknown one is [KindOther].
func KindOf(source string) Kind {
	s := strings.ToLower(strings.TrimSpace(source))
	if k, ok := sources[s]; ok {
		return k
	}
	if k, ok := translated[s]; ok {
		return k
	}
	for _, k := range Kinds {
		if strings.EqualFold(k.Source(), s) {
			return k
		}
	}
	return KindOther
}
