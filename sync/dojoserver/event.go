package dojoserver

import (
	"slices"
	"strings"
)

// Event is something of which the server tells.
type Event struct {
	Kind        string // "scan_added", for example
	Title       string
	Description string
	// URL is what an alert links to: a path, an address with a host, or "".
	// Paths are those of the version: "/asset/3" on 3.x.
	URL  string
	Icon string // "" means "info-circle"

	// What it is about, by number. The objects above it are found by
	// themselves: for a test its engagement, product and type.
	ProductType, Product, Engagement, Test, Finding int64

	// The findings of an import, for scan_added and scan_added_empty.
	New, Reactivated, Mitigated, Untouched []int64

	RequestedBy string   // a user's name, for review_requested
	Reviewers   []string // users' names, for review_requested

	// Users are who gets an alert, and whose own webhooks are called.
	Users []string
	// NoSystem leaves the webhooks of the system out.
	NoSystem bool
}

// verbose are the labels of columns that are not made from their names.
var verbose = map[string]string{"jira_update": "Jira Problems", "sla_breach_combined": "Sla Breach (Combined)"}

// source is the label under which alerts of the kind are filed.
func (e Event) source() string {
	if label := verbose[e.Kind]; label != "" {
		return label
	}
	words := strings.Split(e.Kind, "_")
	for i, word := range words {
		if word != "" {
			words[i] = strings.ToUpper(word[:1]) + word[1:]
		}
	}
	return strings.Join(words, " ")
}

// body is what a webhook is sent of an event; owner is nil for the system's.
// The caller holds the lock.
func (s *Server) body(e Event, owner *account) pythonDict {
	description := any(e.Description)
	if e.Description == "" {
		description = "Event " + e.Kind + " has occurred."
	}
	out := pythonDict{{"description", description}, {"title", e.Title}, {"user", s.ownerBody(owner)}}
	if e.Kind == "ping" {
		out[0].value = "Test webhook notification"
		return out
	}
	if e.URL != "" {
		out = append(out, pair{"url_ui", s.opts.SiteURL + e.URL}) // also where it has a host already
	}
	about, api := s.about(e)
	if api != "" {
		out = append(out, pair{"url_api", s.opts.SiteURL + api})
	}
	out = append(out, about...)
	switch e.Kind {
	case "scan_added", "scan_added_empty":
		out = append(out, s.scanBody(e)...)
	case "review_requested":
		if !s.old() {
			out = append(out, s.reviewBody(e)...)
		}
	}
	return out
}

func (s *Server) ownerBody(owner *account) any {
	if owner == nil {
		return nil
	}
	id := itoa(owner.ID)
	return pythonDict{
		{"id", owner.ID},
		{"email", owner.Email},
		{"username", owner.Name},
		{"first_name", owner.First},
		{"last_name", owner.Last},
		{"url_ui", s.opts.SiteURL + "/user/" + id},
		{"url_api", s.opts.SiteURL + "/api/v2/users/" + id + "/"},
	}
}

// about are the objects that the body of a kind has, outermost first, and the
// path of the innermost in the API. Only few kinds have them.
func (s *Server) about(e Event) (pythonDict, string) {
	kinds := []string{"product_type_added", "product_added", "engagement_added", "test_added", "scan_added", "scan_added_empty"}
	at := slices.Index(kinds, e.Kind)
	review := e.Kind == "review_requested" && !s.old()
	if at < 0 && !review {
		return nil, ""
	}
	s.above(&e)
	paths := [2]string{"/product/type/", "/product/"}
	if !s.old() && !s.opts.OldLabels {
		paths = [2]string{"/organization/", "/asset/"}
	}
	levels := []struct {
		key, list, path string
		id              int64
		name            pair
	}{
		{"product_type", "product_types", paths[0], e.ProductType, pair{"name", s.data.types.rows[e.ProductType].Name}},
		{"product", "products", paths[1], e.Product, pair{"name", s.data.products.rows[e.Product].Name}},
		{"engagement", "engagements", "/engagement/", e.Engagement, pair{"name", s.data.engagements.rows[e.Engagement].Name}},
		{"test", "tests", "/test/", e.Test, pair{"title", nullText(s.data.tests.rows[e.Test].Title)}},
	}
	depth := min(at+1, len(levels))
	if review {
		depth = len(levels)
	}
	var out pythonDict
	api := ""
	for _, level := range levels[:depth] {
		api = "/api/v2/" + level.list + "/" + itoa(level.id) + "/"
		out = append(out, pair{level.key, pythonDict{
			level.name, {"id", level.id}, {"url_ui", s.opts.SiteURL + level.path + itoa(level.id)}, {"url_api", s.opts.SiteURL + api},
		}})
	}
	if review {
		api = ""
	}
	return out, api
}

// above fills in what is above the innermost object that is set.
func (s *Server) above(e *Event) {
	up := func(to *int64, from int64) {
		if *to == 0 {
			*to = from
		}
	}
	up(&e.Test, s.data.findings.rows[e.Finding].Test)
	up(&e.Engagement, s.data.tests.rows[e.Test].Engagement)
	up(&e.Product, s.data.engagements.rows[e.Engagement].Product)
	up(&e.ProductType, s.data.products.rows[e.Product].Type)
}

// scanBody are the findings of an import.
func (s *Server) scanBody(e Event) pythonDict {
	list := func(ids []int64) any {
		out := make([]any, len(ids))
		for i, id := range ids {
			out[i] = s.findingBody(id)
		}
		return out
	}
	findings := pythonDict{
		{"new", list(e.New)}, {"reactivated", list(e.Reactivated)}, {"mitigated", list(e.Mitigated)}, {"untouched", list(e.Untouched)},
	}
	if !s.old() {
		for _, name := range []string{"new_duplicate", "reactivated_duplicate", "untouched_duplicate"} {
			findings = append(findings, pair{name, []any{}})
		}
	}
	count := int64(len(e.New) + len(e.Reactivated) + len(e.Mitigated))
	return pythonDict{{"finding_count", count}, {"findings", findings}}
}

func (s *Server) findingBody(id int64) pythonDict {
	f := s.data.findings.rows[id]
	return pythonDict{
		{"id", id},
		{"title", f.Title},
		{"severity", f.Severity},
		{"url_ui", s.opts.SiteURL + "/finding/" + itoa(id)},
		{"url_api", s.opts.SiteURL + "/api/v2/findings/" + itoa(id) + "/"},
	}
}

// reviewBody is who wants whom to review what.
func (s *Server) reviewBody(e Event) pythonDict {
	person := func(name string) any {
		a := s.users[name]
		if a == nil {
			return nil
		}
		return pythonDict{{"id", a.ID}, {"username", a.Name}, {"first_name", a.First}, {"last_name", a.Last}}
	}
	reviewers := make([]any, len(e.Reviewers))
	for i, name := range e.Reviewers {
		reviewers[i] = person(name)
	}
	return pythonDict{{"finding", s.findingBody(e.Finding)}, {"requested_by", person(e.RequestedBy)}, {"reviewers", reviewers}}
}
