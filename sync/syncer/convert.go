package syncer

import (
	"fmt"
	"hash/fnv"

	"bellhop/sync/dojo"
)

// These turn the API's objects into those that events are derived from.

func typeOf(t dojo.ProductType) productType { return productType{ID: t.ID, Name: t.Name} }

func productOf(p dojo.Product) product {
	return product{ID: p.ID, Name: p.Name, Type: p.Type, SLA: p.SLAConfiguration, Quiet: p.SLASilent, Created: p.Created, Tags: p.Tags}
}

func engagementOf(e dojo.Engagement) engagement {
	out := engagement{
		ID: e.ID, Name: e.Name, Product: e.Product, Lead: e.Lead, Start: dayOf(e.TargetStart), End: dayOf(e.TargetEnd),
		Status: e.Status, Created: e.Created, Updated: e.Updated, Acceptances: e.RiskAcceptances, Tags: e.Tags,
	}
	// Pipelines make engagements of one name again and again; two that a person
	// made with the same name, dates, product and lead are a copy.
	if e.Type != "CI/CD" {
		h := fnv.New64a()
		_, _ = fmt.Fprintf(h, "%d\n%d\n%d\n%d\n%s\n%s", e.Product, e.Lead, out.Start, out.End, e.Type, e.Name)
		out.Print = max(h.Sum64(), 1)
	}
	return out
}

func testOf(t dojo.Test) test {
	return test{
		ID: t.ID, Engagement: t.Engagement, Title: t.Title, Type: t.TypeName, Created: t.Created, Tags: t.Tags,
		Start: t.Start, Print: testPrint(t),
	}
}

func findingOf(f dojo.Finding) finding {
	out := finding{
		ID: f.ID, Test: f.Test, Title: f.Title, Severity: f.Severity, Expires: dayOf(f.SLADue),
		Active: f.Active, Verified: f.Verified, Mitigated: f.Mitigated, Duplicate: f.Duplicate, Jira: f.Jira,
		Review: f.UnderReview, Reviewers: f.Reviewers, Requester: f.ReviewWanted, Reporter: f.Reporter,
		MitigatedAt: f.MitigatedAt, Created: f.Created, StatusAt: f.StatusAt, Tags: f.Tags,
	}
	if f.UnderReview {
		out.Request = requestOf(f.Notes)
	}
	if out.Expires != 0 {
		left := f.SLADaysLeft
		out.Left = &left
	}
	return out
}

func acceptanceOf(r dojo.RiskAcceptance) acceptance {
	return acceptance{ID: r.ID, Name: r.Name, Findings: r.Findings, Expires: dayOf(r.Expires), Handled: !r.Handled.IsZero()}
}

func configurationOf(c dojo.SLAConfiguration) slaConfiguration {
	return slaConfiguration{ID: c.ID, Enforced: map[string]bool{
		"Critical": c.EnforceCritical, "High": c.EnforceHigh, "Medium": c.EnforceMedium, "Low": c.EnforceLow,
	}}
}

func importOf(i dojo.TestImport) scanImport {
	out := scanImport{ID: i.ID, Test: i.Test, Created: i.At}
	for _, part := range []struct {
		action string
		ids    []int64
	}{{actionCreated, i.Created}, {actionClosed, i.Closed}, {actionReactivated, i.Reactivated}, {actionUntouched, i.Untouched}} {
		for _, id := range part.ids {
			out.Actions = append(out.Actions, importAction{Finding: id, Action: part.action})
		}
	}
	return out
}

func rulesOf(s dojo.SystemSettings) rules {
	return rules{
		SLA: s.FindingSLA, SLAActive: s.SLAActive, SLAVerified: s.SLAActiveVerified, SLAJira: s.SLAJiraOnly, SLABackoff: s.SLABackoff,
		AutoClose: s.AutoClose, CloseDays: s.AutoCloseDays, Acceptance: s.AcceptanceDays,
	}
}
