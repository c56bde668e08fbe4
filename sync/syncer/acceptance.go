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
	end, expired, due := acceptanceDue(r, before, after, today)
	if !due {
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
	where := a.product(e.Product).Name + ": " + e.Name
	if expired {
		call.Title = fmt.Sprintf("Risk acceptance with %d accepted findings has expired for %s", len(after.Findings), where)
		return a.event(at, call, acceptanceKey(after, end, true)), true
	}
	call.Title = fmt.Sprintf("Risk acceptance with %d accepted findings will expire on %s for %s", len(after.Findings), end.short(), where)
	return a.event(at, call, acceptanceKey(after, end, false)), true
}

// acceptanceDue says whether there is something to tell of a risk acceptance:
// that it expired, or soon will, and on which day.
func acceptanceDue(r rules, before, after acceptance, today day) (end day, expired, due bool) {
	end = after.Expires
	seen := before.ID == after.ID
	switch {
	case after.ID == 0 || end == 0, after.Handled && (!seen || before.Handled):
		return 0, false, false
	case after.Handled:
		if before.Expires != 0 && before.Expires < end {
			end = before.Expires
		}
		return end, true, true
	case end <= today:
		return end, true, true
	default:
		return end, false, end <= today+day(r.Acceptance)
	}
}

func acceptanceKey(r acceptance, end day, expired bool) string {
	if expired {
		return key(r.ID, "expired", end)
	}
	return key(r.ID, "soon", end)
}

// engagementOf returns the engagement that holds the acceptance or, where none
// does, the one of an accepted finding.
func (a *atlas) engagementOf(r acceptance, known map[int64]finding) (engagement, bool) {
	if e := a.engagement(a.Holders[r.ID]); e.ID != 0 {
		return e, true
	}
	for _, id := range r.Findings {
		if f, ok := known[id]; ok {
			if e := a.engagement(a.Tests[f.Test].Engagement); e.ID != 0 {
				return e, true
			}
		}
	}
	return engagement{}, false
}
