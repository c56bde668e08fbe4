package ui

import (
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"bellhop/app"
	"bellhop/ui/widget"
)

// showAccounts offers the accounts where there are several.
func (r *rules) showAccounts() {
	accounts := r.u.status.Accounts
	if len(accounts) < 2 {
		r.accounts = nil
		r.accBox.RemoveAll()
		visible(r.accBox, false)
		return
	}
	values, texts := make([]string, len(accounts)), make([]string, len(accounts))
	chosen := ""
	for i, a := range accounts {
		values[i], texts[i] = number(int(a.ID)), oneLine(a.Host())
		if a.Local() {
			texts[i] = "This computer"
		}
		if a.ID == r.account {
			chosen = values[i]
		}
	}
	if r.accounts == nil || len(r.accBox.Objects) == 0 || !r.accounts.Offers(values, texts) {
		r.accounts = widget.NewSegmented(values, texts, func(v string) {
			if i := slices.Index(values, v); i >= 0 && i < len(r.u.status.Accounts) {
				r.pickAccount(r.u.status.Accounts[i].ID)
			}
		})
		r.accBox.Objects = []fyne.CanvasObject{heading("Account"), r.accounts.Box, widget.Space(1, 24)}
	}
	r.accounts.Set(chosen)
	visible(r.accBox, true)
}

// pickAccount shows the settings of another account.
func (r *rules) pickAccount(id app.AccountID) {
	if r.account == id {
		return
	}
	r.account, r.person, r.scope, r.product = id, 0, app.ScopePersonal, 0
	r.known, r.fault, r.whose.open = false, nil, false
	r.reads.instead(r.ask())
	r.showState()
}

// offered returns the scopes that can be chosen.
func (r *rules) offered() []app.Scope {
	if r.data.Me.Superuser || r.everyone() {
		return []app.Scope{app.ScopePersonal, app.ScopeProduct, app.ScopeSystem, app.ScopeTemplate}
	}
	return []app.Scope{app.ScopePersonal, app.ScopeProduct}
}

// showScopes offers the scopes and marks the one in view.
func (r *rules) showScopes() {
	scopes := r.offered()
	if !slices.Contains(scopes, r.scope) {
		r.scope, r.product = app.ScopePersonal, 0
		r.take()
	}
	product := "A product…"
	if name := r.data.product(r.product); name != "" {
		product = "Product: " + head(name, 40)
	}
	all := map[app.Scope]string{app.ScopePersonal: "Personal", app.ScopeProduct: product, app.ScopeSystem: "System", app.ScopeTemplate: "Template"}
	values, texts := make([]string, len(scopes)), make([]string, len(scopes))
	for i, s := range scopes {
		values[i], texts[i] = string(s), all[s]
	}
	if r.scopes == nil || !r.scopes.Offers(values, texts) {
		r.scopes = widget.NewSegmented(values, texts, func(v string) { r.setScope(app.Scope(v)) })
		r.scopeBox.Objects = []fyne.CanvasObject{r.scopes.Box}
		r.scopeBox.Refresh()
	}
	r.scopes.Set(string(r.scope))
	r.whose.show()
	visible(r.scopeBox, !r.whose.open)
	r.pick.show(!r.whose.open && r.scope == app.ScopeProduct && (r.product == 0 || r.pick.open), r.data)
}

// setScope shows another row of settings. A second press on the product lets
// another one be chosen.
func (r *rules) setScope(s app.Scope) {
	r.pick.open = s == app.ScopeProduct && (r.scope == app.ScopeProduct || r.product == 0)
	r.scope = s
	if s != app.ScopeProduct {
		r.product = 0
	}
	r.take()
	r.showScopes()
	r.fillTable()
	if r.pick.box.Visible() {
		// A field that was never drawn does not take the keyboard.
		r.u.later(drawTime, func() {
			if r.pick.box.Visible() && r.u.place == ViewNotifications && r.u.dialog == nil {
				r.pick.field.Focus()
			}
		})
	}
}

// pickProduct shows the settings for a product.
func (r *rules) pickProduct(id int64) {
	r.product, r.pick.open = id, false
	r.take()
	r.showScopes()
	r.fillTable()
	r.u.window.Canvas().Focus(r.matrix)
}

// drawTime is by when what has just been shown has been drawn.
const drawTime = 80 * time.Millisecond

// mostPicks is how many products are offered at once; typing narrows them.
const mostPicks = 8

// picker lets one product of many be chosen by its name.
type picker struct {
	u      *UI
	box    *fyne.Container
	field  *widget.Field
	list   *fyne.Container
	more   *widget.Prose
	open   bool
	data   Rules
	first  int64 // what return chooses, 0 = nothing
	chosen func(int64)
}

func newPicker(u *UI, chosen func(int64)) *picker {
	p := &picker{u: u, chosen: chosen}
	p.field = widget.NewField("search", "Name of the product")
	p.field.OnChanged = func(string) { p.fill() }
	p.field.OnEscape = u.unfocus
	p.field.OnEnter = func() {
		if p.first != 0 {
			p.chosen(p.first)
		}
	}
	p.list = widget.Flow(8)
	p.more = widget.NewProse("", widget.SizeSmall, false, widget.ColorMuted)
	p.box = widget.Column(8, widget.Space(1, 2), p.field, p.list, p.more)
	p.box.Hide()
	return p
}

// show offers the products of data, or nothing.
func (p *picker) show(on bool, data Rules) {
	p.data = data
	if visible(p.box, on) && on {
		p.field.SetText("")
	}
	if on {
		p.fill()
	}
}

// fill lists what matches: those with settings of their own first.
func (p *picker) fill() {
	words := strings.ToLower(strings.TrimSpace(p.field.Text()))
	var own, rest []app.Product
	n := 0
	for _, x := range p.data.Products {
		if words != "" && !strings.Contains(strings.ToLower(x.Name), words) {
			continue
		}
		n++
		if p.data.find(app.OwnerLocal, app.ScopeProduct, x.ID) != nil {
			own = append(own, x)
		} else if len(rest) < mostPicks {
			rest = append(rest, x)
		}
	}
	list := append(own, rest...)
	list = list[:min(len(list), mostPicks)]
	p.list.RemoveAll()
	p.first = 0
	for i, x := range list {
		if i == 0 {
			p.first = x.ID
		}
		text := oneLine(x.Name)
		if i < len(own) {
			text += " · set"
		}
		p.list.Add(widget.NewButton(widget.Plain, "", head(text, 60), func() { p.chosen(x.ID) }))
	}
	switch {
	case len(p.data.Products) == 0:
		p.more.Set("No product is known yet. They are read from the server with a superuser's sign-in or a token.", widget.ColorMuted)
	case n == 0:
		p.more.Set("No product has this in its name.", widget.ColorMuted)
	case n > len(list):
		p.more.Set(number(n-len(list))+" more. Type a part of the name.", widget.ColorMuted)
	default:
		p.more.Set("", widget.ColorMuted)
	}
	p.u.rules.page.Refresh()
}

// productNames returns the names of the products that are known.
func (r Rules) productNames() []string {
	names := make([]string, len(r.Products))
	for i, p := range r.Products {
		names[i] = p.Name
	}
	return names
}

// typeNames returns the names of the product types that are known.
func (r Rules) typeNames() []string {
	names := make([]string, len(r.Types))
	for i, p := range r.Types {
		names[i] = p.Name
	}
	return names
}
