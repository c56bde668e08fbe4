package syncer

import (
	"fmt"
	"time"

	"bellhop/app"
)

// deriveAcceptance returns that a risk acceptance has expired, or will within
// the days of the rules. before is the acceptance as it was last seen, zero for
// never; known holds accepted findings, as far as they were looked up.
//
// An expiry is carried out by a job every three hours, which writes its own
// time over the date. So that one expiry is told once, it goes by the date that
// was planned; one that was already carried out when last seen is old.
func deriveAcceptance(a *atlas, r rules, before, after acceptance, known map[int64]finding, today day, at time.Time) (app.Event, bool) {
	if after.ID == 0 || after.Expires == 0 {
		return app.Event{}, false
	}
	seen := before.ID == after.ID
	end := after.Expires
	expired := false
	switch {
	case after.Handled && (!seen || before.Handled):
		return app.Event{}, false
	case after.Handled:
		expired = true
		if before.Expires != 0 && before.Expires < end {
			end = before.Expires
		}
	case end <= today:
		expired = true
	case end > today+day(r.Acceptance):
		return app.Event{}, false
	}
	e, ok := a.engagementOf(after, known)
	if !ok {
		return app.Event{}, false
	}
	call := app.Call{
		Kind: app.KindRiskAcceptanceExpiration, Accepted: &app.Ref{ID: after.ID, Name: after.Name},
		Findings: refsOf(after.Findings, known),
		URL:      path(path("/engagement/", e.ID)+"/risk_acceptance/", after.ID),
		URLAPI:   apiPath("risk_acceptance", after.ID),
	}
	a.inEngagement(&call, e)
	call.Start, call.End = time.Time{}, end.time()
	where := a.Products[e.Product].Name + ": " + e.Name
	if expired {
		call.Title = fmt.Sprintf("Risk acceptance with %d accepted findings has expired for %s", len(after.Findings), where)
		return a.event(at, call, after.ID, "expired", end), true
	}
	call.Title = fmt.Sprintf("Risk acceptance with %d accepted findings will expire on %s for %s", len(after.Findings), end.short(), where)
	return a.event(at, call, after.ID, "soon", end), true
}

// engagementOf returns the engagement that holds the acceptance or, where none
// does, the one of an accepted finding.
func (a *atlas) engagementOf(r acceptance, known map[int64]finding) (engagement, bool) {
	if e, ok := a.Engagements[a.Holders[r.ID]]; ok {
		return e, true
	}
	for _, id := range r.Findings {
		if f, ok := known[id]; ok {
			if e, ok := a.Engagements[a.Tests[f.Test].Engagement]; ok {
				return e, true
			}
		}
	}
	return engagement{}, false
}
