package syncer

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"bellhop/app"
)

// The kinds of SLA alert, in DefectDojo's words.
const (
	slaBreached  = "breached"
	slaBreaching = "breaching"
	slaPrebreach = "prebreach"
)

// slaHit is a finding whose deadline is worth a message on one day.
type slaHit struct {
	Finding app.FindingRef `json:"f"`
	Product int64          `json:"p"`
	Kind    string         `json:"k"`
	Day     day            `json:"d"` // the server's date on which it is
}

// slaKind says what a finding with so many days left is told as, "" for
// nothing: from three days before the deadline to seven days after it, after it
// with the back-off on days that are a power of two.
func (r rules) slaKind(left int) string {
	switch {
	case left < -postBreach:
		return ""
	case left < 0:
		if over := -left; r.SLABackoff && over&(over-1) != 0 {
			return ""
		}
		return slaBreached
	case left == 0:
		return slaBreaching
	case left <= preBreach:
		return slaPrebreach
	default:
		return ""
	}
}

// wantsSLA says whether the server's job looks at the finding at all.
func (r rules) wantsSLA(f finding) bool {
	if !r.SLA || !r.SLAActive && !r.SLAVerified {
		return false
	}
	if r.SLAVerified && !f.Verified || r.SLAJira && !f.Jira {
		return false
	}
	return f.Active && !f.Mitigated && !f.Duplicate && f.Severity != severityInfo
}

// deriveSLA returns the sla_breach of a finding on the given date of the
// server's and the hit from which the combined alert is made; false where
// nothing is due. A severity that the product's SLA configuration does not
// enforce has no deadline; where the configuration cannot be read, the server
// has set a deadline or has not.
func deriveSLA(a *atlas, r rules, configs map[int64]slaConfiguration, f finding, today day, at time.Time) (app.Event, slaHit, bool) {
	none := func() (app.Event, slaHit, bool) { return app.Event{}, slaHit{}, false }
	if f.ID == 0 || f.Expires == 0 || !r.wantsSLA(f) {
		return none()
	}
	p, _ := a.productOf(f)
	if p.Quiet {
		return none()
	}
	if c, ok := configs[p.SLA]; ok && !c.Enforced[f.Severity] {
		return none()
	}
	left := int(f.Expires) - int(today)
	if f.Left != nil {
		left = *f.Left
	}
	kind := r.slaKind(left)
	if kind == "" {
		return none()
	}
	call := app.Call{
		Kind: app.KindSLABreach, Title: slaTitle(f.ID, kind, left), SLAAge: &left,
		URL: path("/finding/", f.ID), URLAPI: apiPath("findings", f.ID),
	}
	a.inFinding(&call, f)
	hit := slaHit{Finding: f.ref(), Product: p.ID, Kind: kind, Day: f.Expires - day(left)}
	return a.event(at, call, f.ID, f.Expires, left), hit, true
}

func slaTitle(id int64, kind string, left int) string {
	title := fmt.Sprintf("Finding %d - ", id)
	switch kind {
	case slaBreached:
		over, period := -left, "day"
		if over > 1 {
			period = "days"
		}
		return title + fmt.Sprintf("SLA breached by %d %s! Overdue notice", over, period)
	case slaPrebreach:
		return title + fmt.Sprintf("SLA pre-breach warning - %d day(s) left", left)
	default:
		return title + "SLA is breaching today"
	}
}

// combineSLA returns one sla_breach_combined for each product and kind of a
// day. A finding that is among the hits twice, because pages overlap, counts
// once.
func combineSLA(a *atlas, hits []slaHit, at time.Time) []app.Event {
	type group struct {
		product int64
		kind    string
		day     day
	}
	groups := map[group]map[int64]app.FindingRef{}
	for _, h := range hits {
		g := group{h.Product, h.Kind, h.Day}
		if groups[g] == nil {
			groups[g] = map[int64]app.FindingRef{}
		}
		groups[g][h.Finding.ID] = h.Finding
	}
	order := slices.SortedFunc(maps.Keys(groups), func(x, y group) int {
		return cmp.Or(cmp.Compare(x.product, y.product), cmp.Compare(x.kind, y.kind), cmp.Compare(x.day, y.day))
	})
	events := make([]app.Event, 0, len(order))
	for _, g := range order {
		if g.product == 0 {
			continue // of a product that cannot be named there is nothing to combine
		}
		call := app.Call{
			Kind: app.KindSLABreachCombined, Breach: g.kind,
			URLAPI:   apiPath("products", g.product),
			Findings: sortedRefs(maps.Values(groups[g])),
		}
		a.inProduct(&call, g.product)
		call.Title = "SLA alert (" + g.kind + "): " + a.underTitle(call)
		events = append(events, a.event(at, call, g.product, g.kind, g.day))
	}
	return events
}

// underTitle names a product type and a product as the title of the combined
// alert does.
func (a *atlas) underTitle(c app.Call) string {
	typeWord, productWord := "product type", "product"
	if a.Model == app.AccessAuthorized {
		typeWord, productWord = "Organization", "Asset"
	}
	name := ""
	if c.ProductType != nil {
		name = c.ProductType.Name
	}
	return typeWord + " '" + name + "', " + productWord + " '" + c.Product.Name + "'"
}
