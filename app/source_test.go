package app_test

import (
	"testing"

	"bellhop/app"
)

func TestASourceLeadsBackToItsEventInDefectDojosLanguages(t *testing.T) {
	t.Parallel()
	// As Python's str.title writes the labels of the catalogues.
	for source, want := range map[string]app.Kind{
		"Jira Problems": app.KindJiraUpdate, "Проблемы Jira": app.KindJiraUpdate,
		"Problemas Jira": app.KindJiraUpdate, //nolint:misspell // Portuguese
		"Sla Breach":     app.KindSLABreach, "Нарушение Sla": app.KindSLABreach, "Violação De Sla": app.KindSLABreach,
		"Sla Breach (Combined)":           app.KindSLABreachCombined,
		"Risk Acceptance Expiration":      app.KindRiskAcceptanceExpiration,
		"Истечение Срока Принятия Риска":  app.KindRiskAcceptanceExpiration,
		"Expiração De Aceitação De Risco": app.KindRiskAcceptanceExpiration,
		" scan added ":                    app.KindScanAdded,
		"Close Engagement":                app.KindEngagementClosed, "Engagement Closed": app.KindEngagementClosed,
		"Slack Notification": app.KindIntegration, "Microsoft Teams Notification": app.KindIntegration,
		"Generic": app.KindOther, "": app.KindOther, "Другое": app.KindOther, "Mein Werkzeug": app.KindOther,
	} {
		if got := app.KindOf(source); got != want {
			t.Errorf("%q is read as %s, want %s", source, got, want)
		}
	}
}
