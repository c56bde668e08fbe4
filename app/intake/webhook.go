package intake

import (
	"crypto/sha256"
	"fmt"
	"html"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"bellhop/app"
)

// The headers of DefectDojo's webhooks, and the one of Standard Webhooks that
// tells two calls apart.
const (
	HeaderEvent    = "X-DefectDojo-Event"
	HeaderInstance = "X-DefectDojo-Instance"
	HeaderID       = "webhook-id"
)

// Webhook is one call of DefectDojo, read.
type Webhook struct {
	// Call is the event; its links are paths. A ping has the kind "ping" and
	// no title.
	Call app.Call
	// Instance is what the server believes to be its address, as sent.
	Instance string
	// Owner is the user name of the endpoint's owner, "" for a system endpoint.
	Owner string
	// Version is the server's version as it names itself, "" where it does not.
	Version string
	// ID is the call's own id where it has one; it stays the same when the call
	// is repeated.
	ID string

	link place
	sum  [sha256.Size]byte
}

// Ping says whether the call only tests the endpoint.
func (w *Webhook) Ping() bool { return w.Call.Kind == app.KindPing }

// ParseWebhook reads a call of DefectDojo 2.39 to 3.2 from its header and
// body. It keeps no part of body. The error is a [app.Problem] that matches
// [app.ErrInvalid], with the codes too_large, empty_body, not_json, not_object,
// too_deep and no_event.
func ParseWebhook(header http.Header, body []byte) (Webhook, error) {
	if len(body) > MaxBody {
		return Webhook{}, tooLarge()
	}
	kind, err := eventName(header.Get(HeaderEvent))
	if err != nil {
		return Webhook{}, err
	}
	data, err := checkObject(body)
	if err != nil {
		return Webhook{}, err
	}
	w := Webhook{
		Instance: app.Cut(strings.TrimSpace(header.Get(HeaderInstance)), maxLink),
		Version:  version(header.Get("User-Agent")),
		ID:       strings.TrimSpace(header.Get(HeaderID)),
	}
	r := reader{call: app.Call{Kind: kind}, escaped: escapes(w.Version)}
	hash := sha256.New()
	_, _ = fmt.Fprintf(hash, "%q %q", w.Instance, kind)
	for name, value := range members(data) {
		if name != "user" {
			_, _ = fmt.Fprintf(hash, " %q ", name)
			_, _ = hash.Write(value)
		}
		r.member(name, value)
	}
	r.finish()
	w.Call, w.Owner, w.link = r.call, r.owner, r.link
	_, _ = fmt.Fprintf(hash, " %q", w.Call.Recipients)
	hash.Sum(w.sum[:0])
	return w, nil
}

// tooLarge is the refusal of a body above [MaxBody].
func tooLarge() *app.Problem {
	return refused("too_large", fmt.Sprintf("The body is larger than %d MB.", MaxBody>>20),
		"Import the scan in parts, or switch webhooks off for scan_added.")
}

// eventName checks the name of an event. Names that nobody knows are legal.
func eventName(name string) (app.Kind, error) {
	name = strings.TrimSpace(name)
	if name == "" {
		return "", refused("no_event", "The call has no header "+HeaderEvent+".",
			"Let DefectDojo call this address itself, or have the relay pass its headers on.")
	}
	if len(name) > maxKind || strings.ContainsFunc(name, notInName) {
		return "", refused("no_event", "The header "+HeaderEvent+" holds no name of an event.",
			"A name is made of letters, digits, points, dashes and underscores.")
	}
	return app.Kind(name), nil
}

func notInName(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-' && r != '.'
}

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
