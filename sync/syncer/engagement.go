package syncer

import (
	"fmt"
	"time"

	"bellhop/app"
)

// deriveDeadlines returns what the date says about an engagement: that it will
// start within three days, or should have ended and has not. Each is told once
// for a date; moving the date makes it news again. Only the lead gets it.
func deriveDeadlines(a *atlas, e engagement, today day, at time.Time) []app.Event {
	recipients, ok := a.lead(e)
	if !ok || e.ID == 0 || e.over() {
		return nil
	}
	var events []app.Event
	if e.Start > today && e.Start <= today+upcoming {
		call := a.engagementCall(app.KindUpcomingEngagement, e, "Upcoming engagement: "+e.Name)
		call.Recipients = recipients
		events = append(events, a.event(at, call, e.ID, e.Start))
	}
	if e.End != 0 && e.End < today && e.Status == statusInProgress {
		call := a.engagementCall(app.KindStaleEngagement, e, "Stale Engagement: "+e.Name)
		call.Description = fmt.Sprintf("The engagement \"%s\" is stale. Target end was %s.", e.Name, e.End.dotted())
		call.Recipients = recipients
		events = append(events, a.event(at, call, e.ID, e.End))
	}
	return events
}

// deriveAutoClose returns the auto_close_engagement of an engagement that the
// server closes by itself, or has closed since it was last seen. The server
// does so within the hour, so either can be what a look finds.
func deriveAutoClose(a *atlas, r rules, before, after engagement, today day, at time.Time) (app.Event, bool) {
	recipients, ok := a.lead(after)
	if !ok || !autoClosed(r, before, after, today) {
		return app.Event{}, false
	}
	call := a.engagementCall(app.KindAutoCloseEngagement, after, after.Name)
	call.Description = fmt.Sprintf("The engagement \"%s\" has auto-closed. Target end was %s.", after.Name, after.End.dotted())
	call.Recipients = recipients
	return a.event(at, call, after.ID, after.End), true
}

// autoClosed says whether the server's own job is what closes the engagement.
func autoClosed(r rules, before, after engagement, today day) bool {
	if !r.AutoClose || after.ID == 0 || after.End == 0 || after.End > today-day(r.CloseDays) {
		return false
	}
	return after.Status == statusInProgress ||
		after.Status == statusCompleted && before.ID == after.ID && before.Status == statusInProgress
}

// deriveStatus returns that an engagement was closed or reopened between two
// looks. Its first start is neither. What the server closes by itself is
// [deriveAutoClose]'s.
func deriveStatus(a *atlas, r rules, before, after engagement, today day, at time.Time) (app.Event, bool) {
	if before.ID == 0 || before.ID != after.ID || before.Status == after.Status {
		return app.Event{}, false
	}
	switch {
	case after.over():
		if before.over() || autoClosed(r, before, after, today) {
			return app.Event{}, false
		}
		call := a.engagementCall(app.KindEngagementClosed, after, "Closure of "+after.Name)
		call.Description = fmt.Sprintf("The engagement \"%s\" was closed", after.Name)
		call.URL += "/finding/all"
		return a.event(at, call, after.ID, stamp(at)), true
	case after.Status == statusInProgress && before.Status != statusNotStarted:
		call := a.engagementCall(app.KindEngagementReopened, after, "Reopening of "+after.Name)
		call.Description = fmt.Sprintf("The engagement \"%s\" was reopened", after.Name)
		return a.event(at, call, after.ID, stamp(at)), true
	}
	return app.Event{}, false
}

// stamp is the part of a key that tells one change of a state from the next of
// the same: the time that the server gives for it.
func stamp(at time.Time) int64 { return at.UnixMilli() }

func (a *atlas) engagementCall(kind app.Kind, e engagement, title string) app.Call {
	call := app.Call{Kind: kind, Title: title, URL: path("/engagement/", e.ID), URLAPI: apiPath("engagements", e.ID)}
	a.inEngagement(&call, e)
	return call
}

// deriveEngagement returns that an engagement was added.
func deriveEngagement(a *atlas, e engagement, at time.Time) app.Event {
	title := fmt.Sprintf("Engagement created for \"%s\": %s", a.product(e.Product).Name, e.Name)
	return a.event(at, a.engagementCall(app.KindEngagementAdded, e, title), e.ID)
}

// deriveEngagementCopied returns, for the lead of the original, that an
// engagement was copied. It is seen by what a copy keeps; a copy is also an
// engagement that was added.
func deriveEngagementCopied(a *atlas, original, made engagement, at time.Time) (app.Event, bool) {
	recipients, ok := a.lead(original)
	if !ok || original.ID == made.ID || original.Print == 0 || original.Print != made.Print {
		return app.Event{}, false
	}
	call := a.engagementCall(app.KindEngagementCopied, made, "Copying of "+original.Name)
	call.Description = fmt.Sprintf("The engagement \"%s\" was copied", original.Name)
	call.Icon, call.Recipients = iconDeleted, recipients
	return a.event(at, call, made.ID), true
}

// deriveEngagementDeleted returns, for its lead, that an engagement is gone
// while its product is still there.
func deriveEngagementDeleted(a *atlas, e engagement, at time.Time) (app.Event, bool) {
	recipients, ok := a.lead(e)
	if !ok {
		return app.Event{}, false
	}
	call := app.Call{
		Kind: app.KindEngagementDeleted, Title: "Deletion of " + e.Name, Icon: iconDeleted, Recipients: recipients,
		Description: fmt.Sprintf("The engagement \"%s\" was deleted", e.Name),
		URL:         a.productPath(e.Product), URLAPI: apiPath("products", e.Product),
	}
	a.inEngagement(&call, e)
	return a.event(at, call, e.ID), true
}
