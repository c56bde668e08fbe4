package syncer

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"bellhop/app"
)

func (a *atlas) findingCall(kind app.Kind, f finding, title string) app.Call {
	call := app.Call{Kind: kind, Title: title, URL: path("/finding/", f.ID), URLAPI: apiPath("findings", f.ID)}
	a.inFinding(&call, f)
	return call
}

// deriveFinding returns that a finding was added by hand. Findings that an
// import makes are told by its scan_added.
func deriveFinding(a *atlas, f finding, at time.Time) app.Event {
	call := a.findingCall(app.KindFindingAdded, f, "Addition of "+f.Title)
	call.Description = fmt.Sprintf("Finding \"%s\" was added", f.Title)
	if by := a.People[f.Reporter]; by != "" {
		call.Description += " by " + by
		call.Actor = by
	}
	call.Icon = iconDeleted
	return a.event(at, call, f.ID)
}

// deriveFindingClosed returns that a finding was closed at the time given.
func deriveFindingClosed(a *atlas, f finding, at time.Time) app.Event {
	call := a.findingCall(app.KindFindingClosed, f, "Closing of "+f.Title)
	call.Description = fmt.Sprintf("The finding \"%s\" was closed", f.Title)
	return a.event(at, call, f.ID, stamp(at))
}

// deriveFindingReopened returns that a finding which was closed is open again.
func deriveFindingReopened(a *atlas, f finding, at time.Time) app.Event {
	call := a.findingCall(app.KindFindingReopened, f, "Reopening of "+f.Title)
	call.Description = fmt.Sprintf("The finding \"%s\" was reopened", f.Title)
	return a.event(at, call, f.ID, stamp(at))
}

// deriveFindingDeleted returns, for the engagement's lead, that a finding is
// gone while its test is still there.
func deriveFindingDeleted(a *atlas, f finding, at time.Time) (app.Event, bool) {
	recipients, ok := a.lead(a.engagement(a.Tests[f.Test].Engagement))
	if !ok {
		return app.Event{}, false
	}
	call := a.findingCall(app.KindFindingDeleted, f, "Deletion of "+f.Title)
	call.URL, call.URLAPI = "/finding", apiPath("tests", f.Test)
	call.Description = fmt.Sprintf("The finding \"%s\" was deleted", f.Title)
	call.Icon, call.Recipients = iconDeleted, recipients
	return a.event(at, call, f.ID), true
}

// deriveReview returns that people were asked to review a finding: those among
// its reviewers who were not before, and all where the request is a new one. Of
// them those count whom whom names, if it is not nil. Only people whose names
// are known can be told. The request is known by its note, which the pages
// write; where it was deleted, by the time given.
func deriveReview(a *atlas, before []int64, f finding, at time.Time, whom func(int64) bool) (app.Event, bool) {
	if !f.Review || f.ID == 0 {
		return app.Event{}, false
	}
	known := make(map[int64]bool, len(before))
	for _, id := range before {
		known[id] = true
	}
	recipients := []string{}
	for _, id := range f.Reviewers {
		if name := a.People[id]; name != "" && !known[id] && (whom == nil || whom(id)) {
			recipients = appendNew(recipients, []string{name})
		}
	}
	if len(recipients) == 0 {
		return app.Event{}, false
	}
	title := "Finding review requested"
	if a.Model == app.AccessAuthorized {
		title += " for Test created for " + a.under(a.Tests[f.Test]) + " - " + f.Title
	}
	call := a.findingCall(app.KindReviewRequested, f, title)
	call.Icon, call.Recipients, call.Reviewers = "check", recipients, recipients
	call.RequestedBy = a.People[f.Requester]
	call.Actor = call.RequestedBy
	call.Description = fmt.Sprintf("It was requested that %s review the finding \"%s\" for accuracy.", strings.Join(recipients, ", "), f.Title)
	if n := f.Request; !n.At.IsZero() {
		at, call.Note = n.At, n.Text
		call.RequestedBy, call.Actor = cmp.Or(n.By, call.RequestedBy), cmp.Or(n.Author, call.Actor)
	}
	return a.event(at, call, f.ID, stamp(at)), true
}
