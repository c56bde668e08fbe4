package app

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// SameWindow is within how long two sources tell the same fact: a webhook comes
// at once, alerts and objects are read every few minutes.
const SameWindow = 15 * time.Minute

// Fact names what e tells, so that two sources that tell it can be matched: its
// kind and the object that it is about, "sla_breach finding/41". An object has
// the same name whatever the prefix of the server and whether its pages are
// called product and product type or, since 3.0, asset and organization. Where
// the link leads to a list, or nowhere, the title is added, since many events
// share that place. It is empty where there is neither object nor title.
func (e Event) Fact() string {
	kind := string(cmp.Or(e.Kind, e.Call.Kind))
	if kind == string(KindSLABreachCombined) {
		// It leads nowhere, and its title names what it is about; a product has
		// three of them, one for each kind of breach.
		return e.Call.titled(kind)
	}
	object, whole := objectAt(e.Call.URL)
	if object == "" {
		object, whole = apiObjectAt(e.Call.URLAPI)
	}
	if object == "" {
		object, whole = e.Call.object()
	}
	if whole {
		return kind + " " + object
	}
	if object != "" {
		kind += " " + object
	}
	return e.Call.titled(kind)
}

// titled puts the title behind what is known of a fact; "" without a title.
func (c *Call) titled(fact string) string {
	title := strings.Join(strings.Fields(Cut(c.Title, MaxTitle)), " ")
	if title == "" {
		return ""
	}
	return fact + " " + title
}

// About returns the object of the server's that the call's link leads to, or
// that its link of the API does: "product", "engagement", "test" or "finding",
// and its number. "" where it is none of these.
func (c *Call) About() (kind string, id int64) {
	for _, at := range []func() (string, bool){
		func() (string, bool) { return objectAt(c.URL) },
		func() (string, bool) { return apiObjectAt(c.URLAPI) },
	} {
		object, _ := at()
		name, rest, _ := strings.Cut(object, "/")
		number, _, _ := strings.Cut(rest, "/")
		switch name {
		case "product", "engagement", "test", "finding":
			if n, err := strconv.ParseInt(number, 10, 64); err == nil && n > 0 {
				return name, n
			}
		}
	}
	return "", 0
}

// pages are the first parts of DefectDojo's paths, as objects are called here.
var pages = map[string]string{
	"product": "product", "asset": "product", "organization": "product_type", "engagement": "engagement",
	"test": "test", "finding": "finding", "finding_group": "finding_group", "endpoint": "endpoint", "jira": "jira",
	"user": "user", "alerts": "alerts", "notifications": "notifications",
}

// apiObjects are the lists of API v2 as objects are called here.
var apiObjects = map[string]string{
	"products": "product", "assets": "product", "product_types": "product_type", "organizations": "product_type",
	"engagements": "engagement", "tests": "test", "findings": "finding", "finding_groups": "finding_group",
	"endpoints": "endpoint", "risk_acceptance": "risk_acceptance",
}

// objectAt returns what a link leads to, "engagement/21/finding/all"; whole is
// true where that is one object and not a list of them. A path that is none of
// DefectDojo's is kept as it is.
func objectAt(link string) (object string, whole bool) {
	parts := pathParts(link)
	if len(parts) == 0 {
		return "", false
	}
	for i := range parts {
		name, known := pages[parts[i]]
		rest := parts[i+1:]
		if !known {
			continue
		}
		if parts[i] == "product" && len(rest) > 0 && rest[0] == "type" {
			name, rest = "product_type", rest[1:]
		}
		// A server may live below a prefix that is called like a page.
		if len(rest) > 0 && !isNumber(rest[0]) {
			if _, page := pages[rest[0]]; page {
				continue
			}
		}
		return strings.Join(slices.Concat([]string{name}, rest), "/"), len(rest) > 0 && isNumber(rest[0])
	}
	return strings.Join(parts, "/"), slices.ContainsFunc(parts, isNumber)
}

// apiObjectAt returns what a link of API v2 leads to.
func apiObjectAt(link string) (object string, whole bool) {
	parts := pathParts(link)
	for i := range parts {
		if name, known := apiObjects[parts[i]]; known && i+1 < len(parts) && isNumber(parts[i+1]) {
			return name + "/" + parts[i+1], true
		}
	}
	return "", false
}

func pathParts(link string) []string {
	u, err := url.Parse(strings.TrimSpace(link))
	if err != nil {
		return nil
	}
	return strings.FieldsFunc(u.Path, func(r rune) bool { return r == '/' })
}

func isNumber(s string) bool {
	_, err := strconv.ParseUint(s, 10, 63)
	return err == nil
}

// object returns the object of a call without a link: the smallest that it
// names.
func (c *Call) object() (object string, whole bool) {
	finding := int64(0)
	if c.Finding != nil {
		finding = c.Finding.ID
	}
	for _, o := range []struct {
		name string
		id   int64
	}{
		{"finding", finding},
		{"test", c.Test.id()},
		{"engagement", c.Engagement.id()},
		{"product", c.Product.id()},
		{"product_type", c.ProductType.id()},
	} {
		if o.id != 0 {
			return o.name + "/" + strconv.FormatInt(o.id, 10), true
		}
	}
	return "", false
}

func (r *Ref) id() int64 {
	if r == nil {
		return 0
	}
	return r.ID
}

// Telling is one fact with all events that told it, the earliest first: its
// sources.
type Telling []Event

// Tell merges what several sources told: events that are known already count
// once, and those of one fact, of different origins and within [SameWindow] of
// each other come together. What one source tells twice is two facts. The
// outcome depends on the events alone, neither on the order of the sources nor
// on what was merged before.
func Tell(sources ...[]Telling) []Telling {
	var events []Event
	for _, list := range sources {
		for _, t := range list {
			events = append(events, t...)
		}
	}
	slices.SortStableFunc(events, func(a, b Event) int { return cmp.Or(compareKeys(a, b), compareEvents(a, b)) })
	events = slices.CompactFunc(events, func(a, b Event) bool {
		return compareKeys(a, b) == 0 && (a.Key != "" || compareEvents(a, b) == 0)
	})
	slices.SortStableFunc(events, compareEvents)
	var out []Telling
	open := map[string][]int{} // tellings by account and fact
	for _, e := range events {
		fact := e.Fact()
		key := strconv.FormatInt(int64(e.Account), 10) + " " + fact
		at := -1
		if fact != "" {
			at = slices.IndexFunc(open[key], func(i int) bool { return out[i].takes(e) })
		}
		if at >= 0 {
			i := open[key][at]
			out[i] = append(out[i], e)
			continue
		}
		open[key] = append(open[key], len(out))
		out = append(out, Telling{e})
	}
	return out
}

// takes says whether e tells the fact as well.
func (t Telling) takes(e Event) bool {
	return !slices.ContainsFunc(t, func(have Event) bool { return have.Origin == e.Origin }) &&
		slices.ContainsFunc(t, func(have Event) bool { return e.At.Sub(have.At).Abs() <= SameWindow })
}

// compareKeys orders events by what makes recording them idempotent.
func compareKeys(a, b Event) int {
	return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Origin, b.Origin), cmp.Compare(a.Key, b.Key))
}

// compareEvents orders events by time, and those of one time always alike.
func compareEvents(a, b Event) int {
	return cmp.Or(a.At.Compare(b.At), compareKeys(a, b), cmp.Compare(a.Fact(), b.Fact()), cmp.Compare(a.Call.Title, b.Call.Title))
}
