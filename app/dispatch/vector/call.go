package vector

import (
	"fmt"

	"bellhop/app"
)

// call reads the call of the engine. An object that is named brings its product
// and the product's type along.
func (w *world) call(n node, v *Vector) {
	n.members("event", "acting_user", "product", "product_type", "engagement", "test", "finding", "recipients",
		"recipients_as", "no_users", "alert_only", "title", "description", "url", "url_api", "icon", "source",
		"finding_count", "findings_new", "findings_mitigated", "findings_reactivated", "findings_untouched",
		"findings_new_duplicate", "findings_reactivated_duplicate", "findings_untouched_duplicate",
		"requested_by", "reviewers", "section", "note", "sla_age", "breach_kind", "findings")
	c := app.Call{
		Kind: app.Kind(n.at("event").name()), Title: n.at("title").text(), Description: n.at("description").text(),
		URL: n.at("url").text(), URLAPI: n.at("url_api").text(), Icon: n.at("icon").text(),
		RequestedBy: n.at("requested_by").text(), Reviewers: n.at("reviewers").texts(),
		Section: n.at("section").text(), Note: n.at("note").text(), Breach: n.at("breach_kind").text(),
		NoUsers: n.at("no_users").flag(), AlertOnly: n.at("alert_only").flag(),
	}
	// Read so that a wrong type is told; none changes anything: who acts plays no
	// part and need not be listed, a source of the caller's is ignored, and people
	// are found whether the caller named them or passed the people themselves.
	c.Actor = n.at("acting_user").text()
	_ = n.at("source").text()
	_ = n.at("recipients_as").text()
	v.Untitled = n.at("title").missing()
	v.unlinked = n.at("url").missing()
	v.blank = !n.at("description").missing() && c.Description == ""
	if r := n.at("recipients"); !r.missing() {
		c.Recipients = append([]string{}, r.texts()...)
	}
	if age := n.at("sla_age"); !age.missing() {
		days := int(age.number(0))
		c.SLAAge = &days
	}
	v.above = w.objects(n, &c)
	w.scan(n, &c)
	v.Event = app.Event{Origin: app.OriginLocal, Key: v.Name, Kind: c.Kind, Call: c}
}

// objects reads what the call is about, and returns what stands above it.
func (w *world) objects(n node, c *app.Call) (up ancestors) {
	above := ""
	if f := n.at("finding"); !f.missing() {
		part := w.part(f, w.findings)
		c.Finding = &app.FindingRef{ID: part.id, Title: f.text(), Severity: part.severity}
		test := w.tests[part.above]
		above = w.engaged[test.above].above
		if c.Kind == app.KindReviewRequested {
			up.test, up.testType = &app.Ref{ID: test.id, Name: part.above}, test.kind
			up.engagement = &app.Ref{ID: w.engaged[test.above].id, Name: test.above}
		}
	}
	if t := n.at("test"); !t.missing() {
		part := w.part(t, w.tests)
		c.Test, c.TestType = &app.Ref{ID: part.id, Name: t.text()}, part.kind
		above = w.engaged[part.above].above
		up.engagement = &app.Ref{ID: w.engaged[part.above].id, Name: part.above}
	}
	if e := n.at("engagement"); !e.missing() {
		part := w.part(e, w.engaged)
		c.Engagement, c.Start = &app.Ref{ID: part.id, Name: e.text()}, part.start
		above = part.above
	}
	if p := n.at("product"); !p.missing() {
		w.productID(p, p.text())
		above = p.text()
	}
	if t := n.at("product_type"); !t.missing() {
		c.ProductType = &app.Ref{ID: w.typeID(t, t.text()), Name: t.text()}
	}
	product, known := w.products[above]
	if !known {
		return up
	}
	c.Product = &app.Ref{ID: product.ID, Name: product.Name}
	if c.ProductType == nil {
		for _, t := range w.facts.ProductTypes {
			if t.ID == product.TypeID {
				c.ProductType = &app.Ref{ID: t.ID, Name: t.Name}
			}
		}
	}
	return up
}

func (w *world) part(n node, known map[string]part) part {
	p, ok := known[n.text()]
	if !ok {
		n.fail(fmt.Sprintf("there is nothing named %q.", n.text()), "The world has to list it.")
	}
	return p
}

// scan reads what a scan changed.
func (w *world) scan(n node, c *app.Call) {
	if count := n.at("finding_count"); !count.missing() {
		number := int(count.number(0))
		c.FindingCount = &number
	}
	for _, list := range []struct {
		member string
		to     *[]app.FindingRef
	}{
		{"findings_new", &c.FindingsNew},
		{"findings_mitigated", &c.FindingsMitigated},
		{"findings_reactivated", &c.FindingsReactivated},
		{"findings_untouched", &c.FindingsUntouched},
		{"findings", &c.Findings},
	} {
		for _, f := range n.at(list.member).list() {
			part := w.part(f, w.findings)
			*list.to = append(*list.to, app.FindingRef{ID: part.id, Title: f.text(), Severity: part.severity})
		}
	}
}
