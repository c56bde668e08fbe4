package syncer

import (
	"fmt"
	"time"

	"bellhop/app"
)

// under names a test with what stands above it, as titles do.
func (a *atlas) under(t test) string {
	e := a.engagement(t.Engagement)
	return a.product(e.Product).Name + ": " + e.Name + ": " + t.name()
}

// deriveTest returns that a test was added, by hand or by the import of a
// report.
func deriveTest(a *atlas, t test, at time.Time) app.Event {
	call := app.Call{
		Kind: app.KindTestAdded, Title: "Test created for " + a.under(t),
		URL: path("/test/", t.ID), URLAPI: apiPath("tests", t.ID),
	}
	a.inTest(&call, t)
	return a.event(at, call, t.ID)
}

// deriveTestDeleted returns, for the lead, that a test is gone while its
// engagement is still there.
func deriveTestDeleted(a *atlas, t test, at time.Time) (app.Event, bool) {
	recipients, ok := a.lead(a.engagement(t.Engagement))
	if !ok {
		return app.Event{}, false
	}
	call := app.Call{
		Kind: app.KindTestDeleted, Title: "Deletion of " + t.name(), Icon: iconDeleted, Recipients: recipients,
		Description: fmt.Sprintf("The test \"%s\" was deleted", t.name()),
		URL:         path("/engagement/", t.Engagement), URLAPI: apiPath("engagements", t.Engagement),
	}
	a.inTest(&call, t)
	return a.event(at, call, t.ID), true
}
