package vector

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"bellhop/app"
)

// site is the server's address in all recordings of decisions.
const site = "https://dojo.example.com"

// The numbers of recorded objects begin here; where a world gives ids, those
// count.
const (
	firstUser       = 201
	firstType       = 101
	firstProduct    = 11
	firstEngagement = 21
	firstTest       = 33
	firstFinding    = 41
)

// The destinations that every world has unless its settings are blank; webhook
// endpoints follow.
const (
	placeMail app.DestinationID = iota + 1
	placeSlack
	placeTeams
	placeWebhooks
)

// roles are those of 2.x. All may view.
var roles = []string{"Reader", "API_Importer", "Writer", "Maintainer", "Owner"}

// world is what names lead to while a vector is read.
type world struct {
	facts    *app.Facts
	users    map[string]app.PersonID
	types    map[string]int64
	products map[string]app.Product
	engaged  map[string]part
	tests    map[string]part
	findings map[string]part
	groups   map[string][]app.Grant
	template *app.Row
}

// part is an object below a product.
type part struct {
	id             int64
	above          string // the name of what it belongs to
	kind, severity string
	start          time.Time // of an engagement
}

func readWorld(n node, v *Vector) *world {
	n.members("access_model", "trump", "gates", "system", "system_rows", "settings", "template", "users", "groups",
		"products", "engagements", "tests", "findings", "webhook_endpoints")
	w := &world{
		facts: &v.Facts, users: map[string]app.PersonID{}, types: map[string]int64{}, products: map[string]app.Product{},
		engaged: map[string]part{}, tests: map[string]part{}, findings: map[string]part{}, groups: map[string][]app.Grant{},
	}
	f := w.facts
	f.Mode, f.SuperuserSystem = app.ModeEveryone, true
	f.Model = app.AccessModel(n.at("access_model").among("access model", string(app.AccessRoles), string(app.AccessAuthorized)))
	f.Trump = []app.Kind{app.KindUserMentioned, app.KindReviewRequested}
	if trump := n.at("trump"); !trump.missing() {
		f.Trump = nil
		for _, kind := range trump.texts() {
			f.Trump = append(f.Trump, app.Kind(kind))
		}
	}
	w.gates(n.at("gates"))
	if row, ok := w.row(n.at("system")); ok && n.at("system_rows").number(1) > 0 {
		f.System = &app.Preference{Owner: app.OwnerLocal, Scope: app.ScopeSystem, Row: row}
	}
	if row, ok := w.row(n.at("template")); ok {
		w.template = &row
	}
	w.readProducts(n.at("products"))
	w.engaged = w.parts(n.at("engagements"), "name", "product", firstEngagement, func(s string) bool { _, ok := w.products[s]; return ok })
	w.tests = w.parts(n.at("tests"), "title", "engagement", firstTest, has(w.engaged))
	w.findings = w.parts(n.at("findings"), "title", "test", firstFinding, has(w.tests))
	w.readGroups(n.at("groups"))
	for _, u := range n.at("users").list() {
		w.user(u)
	}
	w.settings(n.at("settings"), v)
	w.endpoints(n.at("webhook_endpoints"), v)
	return w
}

func has(m map[string]part) func(string) bool {
	return func(s string) bool { _, ok := m[s]; return ok }
}

// gates reads which channels are on for the whole server. Those left out are
// off, as on a fresh server.
func (w *world) gates(n node) {
	w.facts.Gates = app.ChannelsOf(app.ChannelAlert)
	if n.missing() {
		return
	}
	for _, name := range keys(n.members("slack", "msteams", "mail", "webhooks")) {
		if ch, ok := app.ChannelNamed(name); ok && n.at(name).flag() {
			w.facts.Gates |= app.ChannelsOf(ch)
		}
	}
}

// row reads a row of settings; ok is false where none is stored.
func (w *world) row(n node) (row app.Row, ok bool) {
	if n.missing() {
		return row, false
	}
	for c := range row {
		if app.Column(c) != app.ColumnScanAddedEmpty {
			row[c] = app.ChannelsOf(app.ChannelAlert)
		}
	}
	for _, name := range keys(n.members()) {
		c, known := app.ColumnNamed(name)
		if !known {
			n.fail(fmt.Sprintf("there is no event setting %q.", name), "The settings are "+app.ColumnNames()+".")
			return row, false
		}
		row[c] = 0
		for _, one := range n.at(name).list() {
			ch, known := app.ChannelNamed(one.text())
			if !known || ch == app.ChannelToast || ch == app.ChannelServices {
				one.fail(fmt.Sprintf("there is no channel %q.", one.text()), "The channels are alert, mail, slack, msteams and webhooks.")
			}
			row[c] |= app.ChannelsOf(ch)
		}
	}
	return row, true
}

func (w *world) readProducts(n node) {
	for i, p := range n.list() {
		p.members("name", "type", "id")
		name, typ := p.at("name").name(), p.at("type").name()
		if _, twice := w.products[name]; twice {
			p.fail(fmt.Sprintf("there is another product %q.", name), "Names have to differ.")
		}
		id, known := w.types[typ]
		if !known {
			id = firstType + int64(len(w.types))
			w.types[typ] = id
			w.facts.ProductTypes = append(w.facts.ProductTypes, app.ProductType{ID: id, Name: typ})
		}
		w.products[name] = app.Product{ID: p.at("id").number(firstProduct + int64(i)), Name: name, TypeID: id}
		w.facts.Products = append(w.facts.Products, w.products[name])
	}
}

// parts reads the objects of one kind below products.
func (w *world) parts(n node, label, above string, first int64, known func(string) bool) map[string]part {
	all := map[string]part{}
	for i, p := range n.list() {
		p.members(label, above, "type", "severity", "id", "target_start")
		name, parent := p.at(label).name(), p.at(above).name()
		if !known(parent) {
			p.at(above).fail(fmt.Sprintf("there is no %s %q.", above, parent), "The world has to list it.")
		}
		if _, twice := all[name]; twice {
			p.fail(fmt.Sprintf("there is another one named %q.", name), "Names have to differ.")
		}
		all[name] = part{
			id: p.at("id").number(first + int64(i)), above: parent,
			kind: p.at("type").text(), severity: p.at("severity").text(), start: p.at("target_start").day(),
		}
	}
	return all
}

func (w *world) readGroups(n node) {
	for _, g := range n.list() {
		g.members("name", "roles", "global_role")
		name := g.at("name").name()
		if _, twice := w.groups[name]; twice {
			g.fail(fmt.Sprintf("there is another group %q.", name), "Names have to differ.")
		}
		w.groups[name] = w.grants(g, name)
	}
}

// grants reads "roles" and "global_role".
func (w *world) grants(n node, group string) []app.Grant {
	var list []app.Grant
	if own := n.at("roles"); !own.missing() {
		for _, key := range keys(own.members()) {
			if g, ok := w.opened(own.at(key), key); ok {
				g.Group = group
				list = append(list, g)
			}
		}
	}
	if global := n.at("global_role"); !global.missing() {
		list = append(list, app.Grant{Scope: app.GrantGlobal, Role: global.among("role", roles...), Group: group})
	}
	return list
}

// opened reads one role: "product:Shop": "Reader". A role inside a group opens
// nothing.
func (w *world) opened(n node, key string) (app.Grant, bool) {
	scope, name, _ := strings.Cut(key, ":")
	role := n.among("role", roles...)
	switch app.GrantScope(scope) {
	case app.GrantProduct:
		return app.Grant{Scope: app.GrantProduct, Object: w.productID(n, name), Role: role}, true
	case app.GrantProductType:
		return app.Grant{Scope: app.GrantProductType, Object: w.typeID(n, name), Role: role}, true
	case "group":
		if _, known := w.groups[name]; !known {
			n.fail(fmt.Sprintf("there is no group %q.", name), "The world has to list it.")
		}
	default:
		n.fail(fmt.Sprintf("nothing is called %q.", key), "Use product:NAME, product_type:NAME or group:NAME.")
	}
	return app.Grant{}, false
}

func (w *world) productID(n node, name string) int64 {
	p, known := w.products[name]
	if !known {
		n.fail(fmt.Sprintf("there is no product %q.", name), "The products of this world are "+strings.Join(w.productNames(), ", ")+".")
	}
	return p.ID
}

func (w *world) productNames() []string {
	var names []string
	for _, p := range w.facts.Products {
		names = append(names, p.Name)
	}
	return names
}

func (w *world) typeID(n node, name string) int64 {
	id, known := w.types[name]
	if !known {
		var names []string
		for _, t := range w.facts.ProductTypes {
			names = append(names, t.Name)
		}
		n.fail(fmt.Sprintf("there is no product type %q.", name), "The product types of this world are "+strings.Join(names, ", ")+".")
	}
	return id
}

// settings reads the server's settings that decide or word something; the
// others of DefectDojo's page do neither.
func (w *world) settings(n node, v *Vector) {
	v.team = "Sec Team"
	places := []struct {
		setting, address string
		id               app.DestinationID
		channel          app.Channel
	}{
		{"mail_notifications_to", "sec@example.com", placeMail, app.ChannelMail},
		{"slack_channel", "#sec", placeSlack, app.ChannelSlack},
		{"msteams_url", "https://teams.example.com", placeTeams, app.ChannelTeams},
	}
	if !n.missing() {
		n.members()
		if team := n.at("team_name"); team.given() {
			v.team = team.text()
		}
	}
	for _, p := range places {
		if s := n.at(p.setting); s.given() {
			p.address = s.text()
		}
		if strings.TrimSpace(p.address) != "" {
			w.facts.Destinations = append(w.facts.Destinations, app.Destination{ID: p.id, Channel: p.channel, Address: p.address})
		}
	}
}

func (w *world) endpoints(n node, v *Vector) {
	v.endpoints = map[app.DestinationID]endpoint{}
	for i, e := range n.list() {
		e.members("name", "owner", "status", "header_name", "header_value", "url", "first_error", "last_error")
		d := app.Destination{ID: placeWebhooks + app.DestinationID(i), Channel: app.ChannelWebhooks, Name: e.at("name").name()}
		if owner := e.at("owner"); !owner.missing() {
			d.Person = w.person(owner)
		}
		if s := e.at("status"); !s.missing() {
			status := s.among("status", "active", "active_tmp", "inactive_tmp", "inactive_permanent")
			d.Off = strings.HasPrefix(status, "inactive")
		}
		v.endpoints[d.ID] = endpoint{name: d.Name, header: e.at("header_name").text(), value: e.at("header_value").text()}
		if e.at("header_value").missing() {
			v.endpoints[d.ID] = endpoint{name: d.Name} // without a value there is no header
		}
		w.facts.Destinations = append(w.facts.Destinations, d)
	}
}

func (w *world) person(n node) app.PersonID {
	id, known := w.users[n.text()]
	if !known {
		n.fail(fmt.Sprintf("there is no user %q.", n.text()), "The world's users have to list her.")
	}
	return id
}

// upper begins a name with a capital: people are called Ana Test.
func upper(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}
