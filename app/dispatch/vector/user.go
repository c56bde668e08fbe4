package vector

import (
	"fmt"
	"slices"

	"bellhop/app"
)

// user reads a person with her access and her settings.
func (w *world) user(n node) {
	n.members("username", "active", "superuser", "staff", "access", "personal", "product_rows", "email", "slack",
		"first_name", "last_name", "id")
	name := n.at("username").name()
	if _, twice := w.users[name]; twice {
		n.fail(fmt.Sprintf("there is another user %q.", name), "User names have to differ.")
	}
	id := n.at("id").number(firstUser + int64(len(w.users)))
	p := app.Person{
		ID: app.PersonID(id), RemoteID: id, Username: name, FirstName: upper(name), LastName: "Test",
		Email: name + "@example.com", Slack: name + "@example.com",
		Active: true, Superuser: n.at("superuser").flag(), Staff: n.at("staff").flag(),
	}
	if active := n.at("active"); active.given() {
		p.Active = active.flag()
	}
	for _, text := range []struct {
		member string
		to     *string
	}{{"email", &p.Email}, {"first_name", &p.FirstName}, {"last_name", &p.LastName}} {
		if s := n.at(text.member); s.given() {
			*text.to = s.text()
		}
	}
	if s := n.at("slack"); s.given() {
		switch address, isText := s.v.(string); {
		case isText:
			p.Slack = address
		case !s.missing() && s.flag():
		default:
			p.Slack = ""
		}
	}
	w.users[name] = p.ID
	if slices.ContainsFunc(w.facts.People, func(other app.Person) bool { return other.ID == p.ID }) || p.ID <= 0 {
		n.at("id").fail(fmt.Sprintf("the id %d cannot be used.", id), "Ids are above 0 and differ.")
	}
	w.facts.People = append(w.facts.People, p)
	w.access(n.at("access"), p.ID)
	w.rows(n, p.ID)
}

// access reads what a person may see. On a 3.x server roles and groups mean
// nothing, so that they are not read there.
func (w *world) access(n node, person app.PersonID) {
	if n.missing() {
		return
	}
	n.members("products", "product_types", "roles", "groups", "global_role")
	var list []app.Grant
	for _, p := range n.at("products").list() {
		list = append(list, app.Grant{Scope: app.GrantProduct, Object: w.productID(p, p.text())})
	}
	for _, t := range n.at("product_types").list() {
		list = append(list, app.Grant{Scope: app.GrantProductType, Object: w.typeID(t, t.text())})
	}
	if w.facts.Model == app.AccessRoles {
		for i := range list {
			list[i].Role = "Reader"
		}
		for _, g := range w.grants(n, "") {
			at := slices.IndexFunc(list, func(have app.Grant) bool { return have.Scope == g.Scope && have.Object == g.Object })
			if at >= 0 {
				list[at].Role = g.Role
			} else {
				list = append(list, g)
			}
		}
		for _, g := range n.at("groups").list() {
			through, known := w.groups[g.text()]
			if !known {
				g.fail(fmt.Sprintf("there is no group %q.", g.text()), "The world has to list it.")
			}
			list = append(list, through...)
		}
	}
	for _, g := range list {
		g.Person = person
		w.facts.Grants = append(w.facts.Grants, g)
	}
}

// fromTemplate stands for a row that the server copied from the template when
// the person was made.
const fromTemplate = "<from-template>"

func (w *world) rows(n node, person app.PersonID) {
	add := func(scope app.Scope, product int64, row app.Row) {
		w.facts.Preferences = append(w.facts.Preferences, app.Preference{
			Owner: app.OwnerLocal, Scope: scope, Person: person, Product: product, Row: row,
		})
	}
	personal := n.at("personal")
	if s, isText := personal.v.(string); isText {
		if s != fromTemplate {
			personal.fail(typeName(s)+" is no row.", "Use an object with columns, null, or \""+fromTemplate+"\".")
		}
		row, _ := w.row(node{r: n.r, path: personal.path, v: map[string]any{}})
		if w.template != nil {
			row = *w.template
		}
		add(app.ScopePersonal, 0, row)
	} else if row, ok := w.row(personal); ok {
		add(app.ScopePersonal, 0, row)
	}
	products := n.at("product_rows")
	if products.missing() {
		return
	}
	for _, name := range keys(products.members()) {
		if row, ok := w.row(products.at(name)); ok {
			add(app.ScopeProduct, w.productID(products.at(name), name), row)
		}
	}
}
