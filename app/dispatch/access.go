package dispatch

import (
	"cmp"
	"slices"
	"strings"

	"bellhop/app"
)

// scope is what an event is about, as far as access asks.
type scope struct {
	kind         scopeKind
	product, typ int64 // the server's ids, 0 = not known
}

type scopeKind uint8

const (
	aboutNothing scopeKind = iota
	aboutProduct
	aboutType
)

// scopeOf finds out what a call is about. The product counts before the product
// type, as in DefectDojo. A call with an engagement, a test or a finding whose
// product is not given is about a product that nobody knows: only people who
// may see everything see it.
func (w *World) scopeOf(c *app.Call) scope {
	switch {
	case c.Product != nil:
		s := scope{kind: aboutProduct, product: w.productID(c.Product)}
		if p := w.product(s.product); p != nil {
			s.typ = p.TypeID
		} else if c.ProductType != nil {
			s.typ = w.typeID(c.ProductType)
		}
		return s
	case c.Engagement != nil, c.Test != nil, c.Finding != nil:
		return scope{kind: aboutProduct}
	case c.ProductType != nil:
		return scope{kind: aboutType, typ: w.typeID(c.ProductType)}
	default:
		return scope{}
	}
}

func (w *World) productID(r *app.Ref) int64 {
	if r.ID != 0 {
		return r.ID
	}
	id := int64(0)
	for i := range w.products {
		if w.products[i].Name == r.Name {
			if id != 0 {
				return 0 // two of that name: neither
			}
			id = w.products[i].ID
		}
	}
	return id
}

func (w *World) typeID(r *app.Ref) int64 {
	if r.ID != 0 {
		return r.ID
	}
	id := int64(0)
	for i := range w.types {
		if w.types[i].Name == r.Name {
			if id != 0 {
				return 0
			}
			id = w.types[i].ID
		}
	}
	return id
}

func (w *World) product(id int64) *app.Product {
	i, ok := slices.BinarySearchFunc(w.products, id, func(p app.Product, id int64) int { return cmp.Compare(p.ID, id) })
	if !ok || id == 0 {
		return nil
	}
	return &w.products[i]
}

func (w *World) productType(id int64) *app.ProductType {
	i, ok := slices.BinarySearchFunc(w.types, id, func(t app.ProductType, id int64) int { return cmp.Compare(t.ID, id) })
	if !ok || id == 0 {
		return nil
	}
	return &w.types[i]
}

// addGrants files the people by what they may see. Every role of 2.x includes
// viewing, so that the role itself plays no part.
func (w *World) addGrants() {
	for i := range w.grants {
		g := &w.grants[i]
		at := w.index(g.Person)
		if at < 0 {
			continue
		}
		switch g.Scope {
		case app.GrantGlobal:
			if w.model == app.AccessRoles {
				w.flags[at] |= isGlobal
			}
		case app.GrantProduct, app.GrantProductType:
			if g.Object != 0 {
				o := object{g.Scope, g.Object}
				w.byObject[o] = append(w.byObject[o], at)
			}
		}
	}
	for o, list := range w.byObject {
		if !slices.IsSorted(list) {
			slices.Sort(list)
		}
		w.byObject[o] = slices.Compact(list)
	}
}

// sees returns the rule by which a person sees what s is about, or 0. What she
// may do with it plays no part. Who acts plays none either.
func (w *World) sees(i int32, s scope) uint8 {
	if rule := w.seesAll(w.flags[i]); rule != 0 {
		return rule
	}
	if s.kind == aboutProduct && s.product != 0 && w.granted(app.GrantProduct, s.product, i) {
		return RuleProduct
	}
	if s.kind != aboutNothing && s.typ != 0 && w.granted(app.GrantProductType, s.typ, i) {
		return RuleType
	}
	return 0
}

// seesAll returns the rule by which somebody with the flags sees everything.
func (w *World) seesAll(flags uint8) uint8 {
	switch {
	case flags&isSuper != 0:
		return RuleSuperuser
	case flags&isStaff != 0 && w.model == app.AccessAuthorized:
		return RuleStaff
	case flags&isGlobal != 0:
		return RuleGlobal
	default:
		return 0
	}
}

func (w *World) granted(scope app.GrantScope, id int64, i int32) bool {
	_, ok := slices.BinarySearch(w.byObject[object{scope, id}], i)
	return ok
}

// Access says whether a person may see a product (product != 0), a product type
// (product == 0) or, where both are 0, what is about neither and concerns
// superusers alone. The chain has the rule that decided. Somebody who is not
// known or not active sees nothing.
func (w *World) Access(person app.PersonID, product, productType int64) (bool, app.Chain) {
	i := w.index(person)
	if i < 0 || w.flags[i]&isActive == 0 {
		return false, chain(RuleInactive)
	}
	s := scope{kind: aboutProduct, product: product, typ: productType}
	switch p := w.product(product); {
	case p != nil:
		s.typ = p.TypeID
	case product == 0 && productType != 0:
		s.kind = aboutType
	case product == 0:
		if w.flags[i]&isSuper != 0 {
			return true, chain(RuleSuperuser)
		}
		return false, chain(RuleAdminsOnly)
	}
	if rule := w.sees(i, s); rule != 0 {
		return true, chain(rule)
	}
	return false, chain(RuleNoAccess)
}

// Sees says whether a person may be told of an event as far as access goes, as
// a decision asks it: who the server showed an alert to, who may see what the
// event is about, and, of what is about nothing, recipients and superusers. It
// is asked again just before something is sent, of the facts as they are then.
func (w *World) Sees(e *app.Event, person app.PersonID) (bool, app.Chain) {
	i := w.index(person)
	if i < 0 {
		return false, chain(RuleInactive)
	}
	q := w.ask(e)
	defer w.answered(q)
	rule := q.admittance(i)
	switch rule {
	case RuleInactive, RuleNoAccess, RuleAdminsOnly:
		return false, chain(rule)
	default:
		return true, chain(rule)
	}
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }
