package render

import (
	"strings"

	"bellhop/app"
)

// WebhookText is a request to a webhook endpoint as DefectDojo makes it.
type WebhookText struct {
	// Event is the event's name, as the header X-DefectDojo-Event has it.
	Event string
	// Headers are the five that DefectDojo sends; the endpoint's own one, which
	// is a secret, is added by who sends.
	Headers [][2]string
	Body    Object
}

// Webhook returns the request about the event for an endpoint of owner; nil =
// an endpoint that serves everybody. The body is DefectDojo's to the letter
// (webhook recordings of 2.46.0 and 3.2.0), with links that are put together
// once. Lists are complete; who sends cuts them.
func Webhook(in Input, owner *app.Person) WebhookText {
	in = in.ready()
	c := in.Call
	event := token(string(c.Kind))
	return WebhookText{
		Event: event,
		Headers: [][2]string{
			{"User-Agent", "DefectDojo-" + token(in.version())},
			{"Accept", "application/json"},
			{"X-DefectDojo-Event", event},
			{"X-DefectDojo-Instance", token(in.Site)},
			{"Content-Type", "application/json"},
		},
		Body: in.body(owner),
	}
}

// token is s as a header may carry it: printable ASCII.
func token(s string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
}

func (in *Input) body(owner *app.Person) Object {
	c := in.Call
	o := make(Object, 0, 12)
	o = append(o,
		Member{"description", strings.ToValidUTF8(in.webhookDescription(), "\uFFFD")},
		Member{"title", strings.ToValidUTF8(c.Title, "\uFFFD")},
		Member{"user", in.user(owner)})
	if u := in.url(); u != "" {
		o = append(o, Member{"url_ui", u})
	}
	if u := in.link(c.URLAPI); u != "" {
		o = append(o, Member{"url_api", u})
	}
	switch c.Kind {
	case app.KindProductTypeAdded:
		o = in.objects(o, 1)
	case app.KindProductAdded:
		o = in.objects(o, 2)
	case app.KindEngagementAdded:
		o = in.objects(o, 3)
	case app.KindTestAdded:
		o = in.objects(o, 4)
	case app.KindScanAdded, app.KindScanAddedEmpty:
		o = in.scan(in.objects(o, 4))
	case app.KindReviewRequested:
		// 3.1.302 gave the event a body of its own.
		if !in.before(3, 1, 302) && c.Finding != nil {
			o = in.review(in.objects(o, 4))
		}
	default: // the base is all that other events have
	}
	return o
}

// webhookDescription is the call's own words: webhooks know no other text. A
// receiver is a program, so nothing in them is changed.
func (in *Input) webhookDescription() string {
	if in.Call.Description != "" {
		return in.Call.Description
	}
	return in.standard()
}

// user describes the owner of an endpoint.
func (in *Input) user(p *app.Person) any {
	if p == nil {
		return nil
	}
	return append(Object{
		{"id", id(p.RemoteID)},
		{"email", p.Email},
		{"username", p.Username},
		{"first_name", p.FirstName},
		{"last_name", p.LastName},
	}, in.links("user", "users", p.RemoteID)...)
}

// id is a server's number; null where it is not known.
func id(n int64) any {
	if n <= 0 {
		return nil
	}
	return n
}

// links are an object's page and its place in the API.
func (in *Input) links(page, api string, n int64) Object {
	if n <= 0 || in.Site == "" {
		return nil
	}
	return Object{{"url_ui", in.page(page, n)}, {"url_api", in.api(api, n)}}
}

// objects adds the first n of product type, product, engagement and test, as
// far as the call knows them.
func (in *Input) objects(o Object, n int) Object {
	c := in.Call
	for _, part := range []struct {
		ref             *app.Ref
		key, title, api string
	}{
		{c.ProductType, "product_type", "name", "product_types"},
		{c.Product, "product", "name", "products"},
		{c.Engagement, "engagement", "name", "engagements"},
		{c.Test, "test", "title", "tests"},
	}[:n] {
		if part.ref == nil {
			continue
		}
		var called any = part.ref.Name
		if part.key == "test" && part.ref.Name == "" {
			called = nil // a test without a title
		}
		o = append(o, Member{part.key, append(Object{{part.title, called}, {"id", id(part.ref.ID)}},
			in.links(part.key, part.api, part.ref.ID)...)})
	}
	return o
}

// scan adds what an import did.
func (in *Input) scan(o Object) Object {
	c := in.Call
	lists := Object{
		{"new", in.findings(c.FindingsNew)},
		{"reactivated", in.findings(c.FindingsReactivated)},
		{"mitigated", in.findings(c.FindingsMitigated)},
		{"untouched", in.findings(c.FindingsUntouched)},
	}
	if !in.before(3, 1, 0) { // 3.1.0 tells duplicates apart, which Bellhop never learns of
		for _, key := range []string{"new_duplicate", "reactivated_duplicate", "untouched_duplicate"} {
			lists = append(lists, Member{key, []Object{}})
		}
	}
	return append(o, Member{"finding_count", count(c)}, Member{"findings", lists})
}

// count is how many findings an import changed.
func count(c *app.Call) int {
	if c.FindingCount != nil {
		return *c.FindingCount
	}
	return len(c.FindingsNew) + len(c.FindingsReactivated) + len(c.FindingsMitigated)
}

func (in *Input) findings(list []app.FindingRef) []Object {
	out := make([]Object, 0, len(list))
	for i := range list {
		out = append(out, in.finding(&list[i]))
	}
	return out
}

func (in *Input) finding(f *app.FindingRef) Object {
	return append(Object{{"id", id(f.ID)}, {"title", f.Title}, {"severity", f.Severity}},
		in.links("finding", "findings", f.ID)...)
}

// review adds the finding and who is to look at it for whom.
func (in *Input) review(o Object) Object {
	c := in.Call
	o = append(o, Member{"finding", in.finding(c.Finding)})
	var by any
	if c.Actor != "" {
		p := in.find(c.Actor)
		by = brief(&p)
	}
	reviewers := make([]Object, 0, len(c.Reviewers))
	for _, u := range c.Reviewers {
		p := in.find(u)
		reviewers = append(reviewers, brief(&p))
	}
	return append(o, Member{"requested_by", by}, Member{"reviewers", reviewers})
}

// brief is a person as the body of a review names her.
func brief(p *app.Person) Object {
	return Object{
		{"id", id(p.RemoteID)},
		{"username", p.Username},
		{"first_name", p.FirstName},
		{"last_name", p.LastName},
	}
}
