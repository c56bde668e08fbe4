package syncer

import (
	"fmt"
	"hash/fnv"
	"time"

	"bellhop/app"
	"bellhop/sync/dojo"
)

// Nothing in the API says that an object is a copy. DefectDojo copies all of a
// row but its number and the times at which it was made and last changed, so a
// copy is told by moments that it shares with its original and that nothing
// else can share:
//
//   - A test keeps target_start. A report that is imported sets it to the
//     microsecond of the import, so two tests that agree in it are a copy.
//   - A finding keeps last_reviewed. An import sets it for all that it makes, a
//     note, a review and an edit for one, always to the microsecond; so
//     findings of two tests that agree in it are a copy.
//
// Both have to agree in everything else that a copy keeps and that the list
// shows. Where no such moment was ever set, less certain facts decide:
//
//   - A test that was made by hand begins at midnight. One that looks like it is
//     its copy only where no import is behind it and all its findings have a
//     twin in the original.
//   - A finding that was typed in and left alone has no last_reviewed. One that
//     agrees with it in hash_code, title, severity, day and reporter, in another
//     test of the same engagement, counts as its copy. A script that posts the
//     same finding to two tests of one engagement looks the same.
//
// What is not seen: the copy of an object that was changed before Bellhop looked
// at both; the copy of a finding in an engagement that another person leads, or
// that has more than 500 findings; more than 20 copies into one test at once,
// which nobody makes by hand. Who made a copy is not known. What is copied with
// its engagement, or with its test, is not told of by itself.

// testPrint covers what the copy of a test keeps; never 0.
func testPrint(t dojo.Test) uint64 {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%d\n%d\n%d\n%d\n%q%q%q%q%q%q", t.Type, t.Lead, t.Start.UnixMicro(), t.End.UnixMicro(),
		t.Title, t.ScanType, t.Version, t.Build, t.Commit, t.Branch)
	return max(h.Sum64(), 1)
}

// exact says whether the start of a test is a moment and not a day or a minute
// that somebody chose.
func (t test) exact() bool { return t.Start.Nanosecond() != 0 }

// findingPrint covers what the copy of a finding keeps; 0 where the server has
// not computed its digest yet.
func findingPrint(f dojo.Finding) uint64 {
	if f.HashCode == "" {
		return 0
	}
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%s\n%d\n%d\n%d\n%q%q", f.HashCode, f.Reporter, f.Date.Unix(), f.ReviewedAt.UnixMicro(), f.Title, f.Severity)
	return max(h.Sum64(), 1)
}

// withEngagement says whether a test was made by the copying of its engagement:
// an engagement of the original's name and product that is no older than ten
// minutes then.
func (a *atlas) withEngagement(original, made test) bool {
	from, to := a.engagement(original.Engagement), a.engagement(made.Engagement)
	age := made.Created.Sub(to.Created)
	return from.ID < to.ID && from.Name == to.Name && from.Product == to.Product && age >= 0 && age <= feedSlack
}

// deriveTestCopied returns, for the lead of the original's engagement, that a
// test was copied.
func deriveTestCopied(a *atlas, original, made test, at time.Time) (app.Event, bool) {
	recipients, ok := a.lead(a.engagement(original.Engagement))
	if !ok || a.withEngagement(original, made) {
		return app.Event{}, false
	}
	call := app.Call{
		Kind: app.KindTestCopied, Title: "Copying of " + original.name(), Icon: iconDeleted, Recipients: recipients,
		Description: fmt.Sprintf("The test \"%s\" was copied to %s", original.name(), a.engagement(made.Engagement).Name),
		URL:         path("/test/", made.ID), URLAPI: apiPath("tests", made.ID),
	}
	a.inTest(&call, made)
	return a.event(at, call, made.ID), true
}

// deriveFindingCopied returns, for the engagement's lead, that a finding was
// copied.
func deriveFindingCopied(a *atlas, original, made finding, at time.Time) (app.Event, bool) {
	recipients, ok := a.lead(a.engagement(a.Tests[original.Test].Engagement))
	if !ok {
		return app.Event{}, false
	}
	call := a.findingCall(app.KindFindingCopied, made, "Copying of "+original.Title)
	call.Description = fmt.Sprintf("The finding \"%s\" was copied to %s", original.Title, a.Tests[made.Test].name())
	call.Icon, call.Recipients = iconDeleted, recipients
	return a.event(at, call, made.ID), true
}
