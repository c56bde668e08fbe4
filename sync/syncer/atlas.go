package syncer

import (
	"strconv"
	"time"

	"bellhop/app"
)

// atlas knows what stands above and behind an object, so that an event can name
// all of it. What it does not know is left out of the event.
type atlas struct {
	Account     app.AccountID
	Model       app.AccessModel
	Types       map[int64]productType
	Products    map[int64]product
	Engagements map[int64]engagement
	Tests       map[int64]test
	// Heard are objects of which only the name is known, from what stands
	// below them; the lists above do not hold them yet, or never will.
	Heard heard
	// Holders are the engagements that hold a risk acceptance, by its id.
	Holders map[int64]int64
	// People are the user names that could be learned, by the server's id: all
	// of them for a superuser, one's own for everybody else.
	People map[int64]string
}

// heard is what an atlas knows by name alone.
type heard struct {
	types       map[int64]productType
	products    map[int64]product
	engagements map[int64]engagement
}

func (a *atlas) typ(id int64) productType {
	if t, ok := a.Types[id]; ok {
		return t
	}
	return a.Heard.types[id]
}

func (a *atlas) product(id int64) product {
	if p, ok := a.Products[id]; ok {
		return p
	}
	return a.Heard.products[id]
}

func (a *atlas) engagement(id int64) engagement {
	if e, ok := a.Engagements[id]; ok {
		return e
	}
	return a.Heard.engagements[id]
}

// lead returns the recipients of an event that only an engagement's lead gets;
// false where nobody leads it or her name cannot be known.
func (a *atlas) lead(e engagement) ([]string, bool) {
	name := a.People[e.Lead]
	if e.Lead == 0 || name == "" {
		return nil, false
	}
	return []string{name}, true
}

// event makes an event of what its call says.
func (a *atlas) event(at time.Time, call app.Call, parts ...any) app.Event {
	if call.Icon == "" {
		call.Icon = "info-circle"
	}
	call.Title = app.Cut(call.Title, app.MaxTitle)
	return app.Event{
		Account: a.Account, Origin: app.OriginDerived, Key: string(call.Kind) + "/" + key(parts...),
		At: at, Kind: call.Kind, Call: call,
	}
}

// inType, inProduct, inEngagement and inTest write the object and all that
// stands above it into a call.
func (a *atlas) inType(c *app.Call, id int64) {
	if id != 0 {
		c.ProductType = &app.Ref{ID: id, Name: a.typ(id).Name}
	}
}

func (a *atlas) inProduct(c *app.Call, id int64) {
	if id == 0 {
		return
	}
	p := a.product(id)
	c.Product = &app.Ref{ID: id, Name: p.Name}
	c.Tags = appendNew(c.Tags, p.Tags)
	a.inType(c, p.Type)
}

func (a *atlas) inEngagement(c *app.Call, e engagement) {
	c.Engagement = &app.Ref{ID: e.ID, Name: e.Name}
	c.Start, c.End = e.Start.time(), e.End.time()
	c.Tags = appendNew(c.Tags, e.Tags)
	a.inProduct(c, e.Product)
}

func (a *atlas) inTest(c *app.Call, t test) {
	c.Test = &app.Ref{ID: t.ID, Name: t.Title}
	c.TestType = t.Type
	c.Tags = appendNew(c.Tags, t.Tags)
	if e := a.engagement(t.Engagement); e.ID != 0 {
		a.inEngagement(c, e)
	} else if t.Engagement != 0 {
		c.Engagement = &app.Ref{ID: t.Engagement}
	}
}

func (a *atlas) inFinding(c *app.Call, f finding) {
	r := f.ref()
	c.Finding = &r
	c.Tags = appendNew(c.Tags, f.Tags)
	if t, ok := a.Tests[f.Test]; ok {
		a.inTest(c, t)
	} else if f.Test != 0 {
		c.Test = &app.Ref{ID: f.Test}
	}
}

// productOf returns the product that a finding belongs to.
func (a *atlas) productOf(f finding) (product, bool) {
	p := a.product(a.engagement(a.Tests[f.Test].Engagement).Product)
	return p, p.ID != 0
}

func (f finding) ref() app.FindingRef {
	return app.FindingRef{ID: f.ID, Title: f.Title, Severity: f.Severity}
}

func appendNew(list, more []string) []string {
	for _, m := range more {
		known := false
		for _, l := range list {
			known = known || l == m
		}
		if !known {
			list = append(list, m)
		}
	}
	return list
}

// The paths of objects as DefectDojo's alerts have them. From 3.0 on products
// are assets and product types are organizations there, unless the server was
// told to keep the old words; the old paths go on working.
func (a *atlas) typePath(id int64) string {
	if a.Model == app.AccessAuthorized {
		return path("/organization/", id)
	}
	return path("/product/type/", id)
}

func (a *atlas) productPath(id int64) string {
	if a.Model == app.AccessAuthorized {
		return path("/asset/", id)
	}
	return path("/product/", id)
}

func path(before string, id int64) string { return before + strconv.FormatInt(id, 10) }

// apiPath returns where the API keeps an object; kind is in the plural.
func apiPath(kind string, id int64) string { return path("/api/v2/"+kind+"/", id) + "/" }

// severityRank orders severities as DefectDojo's numerical_severity does.
func severityRank(severity string) int {
	for i, s := range severities {
		if s == severity {
			return i
		}
	}
	return len(severities)
}

var severities = [...]string{"Critical", "High", "Medium", "Low", severityInfo}

const severityInfo = "Info"
