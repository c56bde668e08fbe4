package intake

import (
	"html"
	"regexp"
	"slices"
	"strings"

	"bellhop/app"
)

// reader gathers a call from the members of a body.
type reader struct {
	call    app.Call
	owner   string
	link    place
	escaped bool // texts are HTML: before 2.45.3 the templates escaped them
}

// member takes in one member of the body; one that is not known is passed over.
func (r *reader) member(name string, raw []byte) {
	c := &r.call
	switch name {
	case "title":
		c.Title = r.text(raw, app.MaxTitle)
	case "description":
		c.Description = r.text(raw, app.MaxDescription)
	case "url_ui":
		r.link = splitLink(text(raw, maxLink+1))
		c.URL = r.link.path
	case "url_api":
		c.URLAPI = splitLink(text(raw, maxLink+1)).path
	case "user":
		r.owner, _ = person(raw)
	case "product_type":
		c.ProductType = r.ref(raw)
	case "product":
		c.Product = r.ref(raw)
	case "engagement":
		c.Engagement = r.ref(raw)
	case "test":
		c.Test = r.ref(raw)
	case "finding":
		if f := r.finding(raw); f != (app.FindingRef{}) {
			c.Finding = &f
		}
	case "requested_by":
		c.Actor, c.RequestedBy = person(raw)
	case "reviewers":
		for one := range elements(raw) {
			if user, _ := person(one); user != "" && len(c.Reviewers) < maxPeople {
				c.Reviewers = append(c.Reviewers, user)
			}
		}
	case "finding_count":
		if raw[0] != 'n' {
			n := int(min(number(raw), 1<<31-1))
			c.FindingCount = &n
		}
	case "findings":
		r.findings(raw)
	}
}

// finish adds what follows from several members.
func (r *reader) finish() {
	c := &r.call
	if c.Kind == app.KindPing {
		return
	}
	if r.escaped && c.Description == "None" {
		c.Description = ""
	}
	if strings.TrimSpace(c.Title) == "" {
		c.Title = titleFor(c)
	}
	c.TestType = testType(c)
	if c.Kind == app.KindUserMentioned && c.Actor == "" {
		if author, ok := strings.CutSuffix(c.Title, " jotted a note"); ok {
			c.Actor, c.RequestedBy = author, author
		}
	}
	if m := doneBy.FindStringSubmatch(c.Description); m != nil && c.Actor == "" {
		c.Actor = m[1]
	}
	switch {
	case c.Kind == app.KindReviewRequested && len(c.Reviewers) > 0:
		c.Recipients = slices.Clone(c.Reviewers)
	case r.owner != "" && c.Product == nil && c.ProductType == nil:
		c.Recipients = []string{r.owner}
	}
}

// doneBy finds the actor in the server's sentences, all of which end so:
// `The finding "…" was closed by sue`.
var doneBy = regexp.MustCompile(`" was (?:added|closed|reopened|edited|copied|deleted) by (\S{1,150})$`)

// titleFor makes a title for an event that came without one, which the server
// itself would lose.
func titleFor(c *app.Call) string {
	line, _, _ := strings.Cut(strings.TrimSpace(c.Description), "\n")
	if line == "" || line == "Event "+string(c.Kind)+" has occurred." {
		return c.Kind.Source()
	}
	return app.Cut(line, app.MaxTitle)
}

// testType reads the type of the test off the title, which ends with it: alone
// for a test without a name, in brackets behind the name.
func testType(c *app.Call) string {
	if c.Product == nil || c.Engagement == nil || c.Test == nil {
		return ""
	}
	_, rest, ok := strings.Cut(c.Title, " for "+c.Product.Name+": "+c.Engagement.Name+": ")
	if !ok {
		return ""
	}
	if c.Test.Name == "" {
		return rest
	}
	inner, ok := strings.CutPrefix(rest, c.Test.Name+" (")
	if !ok || !strings.HasSuffix(inner, ")") {
		return ""
	}
	return inner[:len(inner)-1]
}

func (r *reader) text(raw []byte, limit int) string {
	if !r.escaped {
		return text(raw, limit)
	}
	// An entity has at most a dozen bytes.
	return app.Cut(html.UnescapeString(text(raw, 12*limit)), limit)
}

// ref reads a product and its like; nil where it names nothing. A bare text is
// a name, a bare number an id.
func (r *reader) ref(raw []byte) *app.Ref {
	var ref app.Ref
	switch raw[0] {
	case '{':
		for name, value := range members(raw) {
			switch name {
			case "id":
				ref.ID = number(value)
			case "name", "title":
				ref.Name = r.text(value, maxName)
			}
		}
	case '"':
		ref.Name = r.text(raw, maxName)
	default:
		ref.ID = number(raw)
	}
	if ref == (app.Ref{}) {
		return nil
	}
	return &ref
}

func (r *reader) finding(raw []byte) app.FindingRef {
	var f app.FindingRef
	for name, value := range members(raw) {
		switch name {
		case "id":
			f.ID = number(value)
		case "title":
			f.Title = r.text(value, maxFinding)
		case "severity":
			f.Severity = text(value, 20)
		}
	}
	return f
}

// findings reads the lists of a scan. The lists of duplicates that 3.1.0 added
// are no part of what is told.
func (r *reader) findings(raw []byte) {
	for name, list := range members(raw) {
		switch name {
		case "new":
			r.call.FindingsNew, r.call.More.New = r.list(list)
		case "reactivated":
			r.call.FindingsReactivated, r.call.More.Reactivated = r.list(list)
		case "mitigated":
			r.call.FindingsMitigated, r.call.More.Mitigated = r.list(list)
		case "untouched":
			r.call.FindingsUntouched, r.call.More.Untouched = r.list(list)
		}
	}
}

// list reads the first findings of a list and counts the others.
func (r *reader) list(raw []byte) (kept []app.FindingRef, more int) {
	for one := range elements(raw) {
		if len(kept) == MaxFindings {
			more++
			continue
		}
		kept = append(kept, r.finding(one))
	}
	return kept, more
}

// person reads a user: a name alone (2.39 to 2.45) or an object. The display
// name is the server's own form, "Sue Prime (sue)".
func person(raw []byte) (username, display string) {
	if raw[0] != '{' {
		if raw[0] == '"' {
			username = strings.TrimSpace(text(raw, maxUser))
		}
		if username == "None" {
			username = ""
		}
		return username, username
	}
	var first, last string
	for name, value := range members(raw) {
		switch name {
		case "username":
			username = text(value, maxUser)
		case "first_name":
			first = text(value, maxUser)
		case "last_name":
			last = text(value, maxUser)
		}
	}
	if full := strings.TrimSpace(first + " " + last); full != "" && username != "" {
		return username, full + " (" + username + ")"
	}
	return username, username
}
