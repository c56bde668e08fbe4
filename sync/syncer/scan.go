package syncer

import (
	"fmt"
	"time"

	"bellhop/app"
)

// deriveScan returns what an import of a report did: scan_added, or
// scan_added_empty where it made, closed and brought back nothing. known holds
// the findings whose titles were looked up.
func deriveScan(a *atlas, i scanImport, known map[int64]finding, at time.Time) app.Event {
	by := map[string][]int64{}
	for _, x := range i.Actions {
		by[x.Action] = append(by[x.Action], x.Finding)
	}
	count := len(by[actionCreated]) + len(by[actionClosed]) + len(by[actionReactivated])
	kind := app.KindScanAdded
	if count == 0 {
		kind = app.KindScanAddedEmpty
	}
	t := a.Tests[i.Test]
	call := app.Call{
		Kind: kind, Title: fmt.Sprintf("Created/Updated %d findings for %s", count, a.under(t)), FindingCount: &count,
		URL: path("/test/", i.Test), URLAPI: apiPath("tests", i.Test),
	}
	call.FindingsNew, call.More.New = listed(refsOf(by[actionCreated], known))
	call.FindingsReactivated, call.More.Reactivated = listed(refsOf(by[actionReactivated], known))
	call.FindingsMitigated, call.More.Mitigated = listed(refsOf(by[actionClosed], known))
	call.FindingsUntouched, call.More.Untouched = listed(refsOf(by[actionUntouched], known))
	if t.ID != 0 {
		a.inTest(&call, t)
	} else {
		call.Test = &app.Ref{ID: i.Test}
	}
	return a.event(at, call, i.ID)
}

// What an import did with a finding.
const (
	actionCreated     = "N"
	actionClosed      = "C"
	actionReactivated = "R"
	actionUntouched   = "U"
)
