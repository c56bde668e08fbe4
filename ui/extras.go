package ui

import (
	"encoding/json"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"bellhop/app"
	"bellhop/ui/widget"
)

// extras is the part of the page below the switches: the wishes that DefectDojo
// does not know, for the row in view. A form that is open stays open, with what
// was typed, for as long as the window lives.
type extras struct {
	r     *rules
	box   *fyne.Container
	forms map[extrasKey]*extraForm

	muteBox, mineBox *fyne.Container
	mute, mine       *widget.Check
	only, quiet      *wishList
}

// extrasKey is the row that a form belongs to.
type extrasKey struct {
	account app.AccountID
	scope   app.Scope
	person  app.PersonID // of the personal scopes
	product int64
}

// wishList shows the wishes of one sort, and the button that adds another one.
type wishList struct {
	key   extrasKey // of which row something was removed last
	box   *fyne.Container
	cards *fyne.Container
	gone  *fyne.Container // offers to take the last removal back
	add   *widget.Button
}

// extraForm is an open form in its card.
type extraForm struct {
	formEnd
	x     *extras
	key   extrasKey
	list  *wishList
	form  wishForm
	at    string // the wish that is changed, as a text
	box   *fyne.Container
	fault *widget.Prose
}

func newExtras(r *rules) *extras {
	x := &extras{r: r, forms: map[extrasKey]*extraForm{}}
	check := func(text, help string, flip func(*app.Extra)) (*widget.Check, *fyne.Container) {
		c := widget.NewCheck(text, func() {
			wish := r.wish
			flip(&wish)
			r.setWish(wish)
		})
		return c, widget.Column(2, widget.Line(0, nil, c), widget.Inset(0, 0, 0, 26, widget.NewProse(help, widget.SizeSmall, false, widget.ColorMuted)), widget.Space(1, 10))
	}
	x.mute, x.muteBox = check("Mute this product", "It tells you nothing, whatever is switched on here or everywhere. What the server lists stays in the list.", func(e *app.Extra) { e.Muted = !e.Muted })
	x.mine, x.mineBox = check("Nothing of what I did myself", "Where it is known who did it. What the server lists stays in the list.", func(e *app.Extra) { e.NotMine = !e.NotMine })
	x.only = newWishList("Add a condition", func() { x.editCondition(nil) })
	x.quiet = newWishList("Add quiet hours", func() { x.editQuiet(nil) })
	x.box = widget.Column(0,
		heading("Less of it"),
		widget.NewProse("Beyond DefectDojo: what leaves out or holds some of what the switches above let through.", widget.SizeSmall, false, widget.ColorMuted),
		widget.Space(1, 12), x.muteBox, x.mineBox,
		subheading("Conditions", "A message leaves only where it meets every condition that narrows its channel."), x.only.box, widget.Space(1, 20),
		subheading("Quiet hours", "Nothing is lost: what they hold comes as one summary when they end, and the list has it at once."), x.quiet.box,
		widget.Space(1, 24))
	return x
}

func newWishList(add string, act func()) *wishList {
	l := &wishList{cards: widget.Column(8), gone: widget.Column(0)}
	l.add = widget.NewButton(widget.Plain, "plus", add, act)
	l.box = widget.Column(8, l.cards, l.gone, widget.Line(8, nil, l.add))
	return l
}

// subheading is a smaller heading with what it means.
func subheading(text, help string) fyne.CanvasObject {
	return widget.Column(2, widget.NewLabel(text, widget.SizeText, true, widget.ColorText),
		widget.NewProse(help, widget.SizeSmall, false, widget.ColorMuted), widget.Space(1, 6))
}

// key names the row in view.
func (x *extras) key() extrasKey {
	k := extrasKey{x.r.account, x.r.scope, x.r.data.Of.ID, x.r.product}
	if x.r.scope == app.ScopeSystem || x.r.scope == app.ScopeTemplate {
		k.person = 0
	}
	return k
}

// form returns what is open for the row in view, nil for nothing.
func (x *extras) form() *extraForm { return x.forms[x.key()] }

// wishCard is one wish as it is listed.
type wishCard struct {
	text, id     string
	edit, remove func()
}

// fill draws the wishes of the row in view.
func (x *extras) fill() {
	r := x.r
	tick := func(c *widget.Check, on bool) {
		c.Set(map[bool]widget.CheckState{true: widget.Checked}[on])
		enable(c, r.u.bell != nil)
	}
	tick(x.mute, r.wish.Muted)
	tick(x.mine, r.wish.NotMine)
	visible(x.muteBox, r.scope == app.ScopeProduct)
	visible(x.mineBox, r.scope != app.ScopeSystem || r.wish.NotMine)
	var only, quiet []wishCard
	for _, c := range r.wish.Only {
		only = append(only, wishCard{conditionText(c), asText(c), func() { x.editCondition(&c) }, func() {
			was, now := r.wish, r.wish
			now.Only = without(now.Only, c)
			x.remove(x.only, was, now)
		}})
	}
	for _, q := range r.wish.Quiet {
		quiet = append(quiet, wishCard{quietText(q), asText(q), func() { x.editQuiet(&q) }, func() {
			was, now := r.wish, r.wish
			now.Quiet = without(now.Quiet, q)
			x.remove(x.quiet, was, now)
		}})
	}
	x.fillList(x.only, only)
	x.fillList(x.quiet, quiet)
	x.box.Refresh()
}

// fillList draws the wishes of one sort, and the form among them where it is
// open.
func (x *extras) fillList(l *wishList, cards []wishCard) {
	f := x.form()
	l.cards.RemoveAll()
	shown := f == nil || f.list != l
	for _, c := range cards {
		if !shown && f.at == c.id {
			l.cards.Add(f.box)
			shown = true
			continue
		}
		text := widget.NewProse(c.text, widget.SizeText, false, widget.ColorText)
		change := widget.NewButton(widget.Quiet, "", "Change", c.edit)
		remove := widget.NewButton(widget.Quiet, "", "Remove", c.remove)
		enable(change, x.r.u.bell != nil && f == nil)
		enable(remove, x.r.u.bell != nil && (f == nil || !f.sent))
		l.cards.Add(card(widget.Line(4, text, text, change, remove), 6))
		x.reach(change, remove)
	}
	if !shown {
		l.cards.Add(f.box)
	}
	visible(l.cards, len(l.cards.Objects) > 0)
	if l.key != x.key() {
		l.gone.RemoveAll()
	}
	enable(l.add, x.r.u.bell != nil)
	visible(l.add, f == nil) // one thing at a time
	visible(l.gone, len(l.gone.Objects) > 0)
}

// card frames what belongs together.
func card(o fyne.CanvasObject, pad float32) fyne.CanvasObject {
	return container.NewStack(
		widget.NewPanel(widget.ColorSurface, widget.ColorLine, widget.Radius, false),
		widget.Inset(pad, pad, pad, 12, o))
}

// remove takes a wish away at once, and offers to take that back.
func (x *extras) remove(l *wishList, was, now app.Extra) {
	l.key = x.key()
	l.gone.RemoveAll()
	said := widget.NewLabel("Removed.", widget.SizeSmall, false, widget.ColorMuted)
	back := widget.NewButton(widget.Quiet, "undo", "Undo", func() {
		l.gone.RemoveAll()
		wish := x.r.wish
		if l == x.only {
			wish.Only = was.Only
		} else {
			wish.Quiet = was.Quiet
		}
		x.r.setWish(wish)
		x.r.u.window.Canvas().Focus(l.add)
	})
	x.reach(back)
	l.gone.Add(widget.Line(8, nil, said, back))
	x.r.setWish(now)
	x.r.u.window.Canvas().Focus(back)
}

// editCondition opens the form for a condition, nil for a new one.
func (x *extras) editCondition(old *app.Condition) {
	x.open(x.only, old == nil, asText(old), func(f *extraForm) wishForm {
		return newConditionForm(old, x.r, f.changed, f.submit, f.close)
	})
}

// editQuiet opens the form for quiet hours, nil for new ones.
func (x *extras) editQuiet(old *app.QuietHours) {
	x.open(x.quiet, old == nil, asText(old), func(f *extraForm) wishForm {
		return newQuietForm(old, f.changed, f.submit, f.close)
	})
}

// open shows a form in the place of the wish at, or below the others.
func (x *extras) open(l *wishList, fresh bool, at string, build func(*extraForm) wishForm) {
	if x.form() != nil || x.r.u.bell == nil {
		return
	}
	f := &extraForm{x: x, key: x.key(), list: l, at: at}
	f.fault = widget.NewProse("", widget.SizeSmall, false, widget.ColorRed)
	f.formEnd = newFormEnd("", "Save", "Saving…", f.submit, f.close)
	f.form = build(f)
	name := map[*wishList]string{x.only: "Change the condition", x.quiet: "Change the quiet hours"}[l]
	if fresh {
		name = map[*wishList]string{x.only: "A new condition", x.quiet: "New quiet hours"}[l]
	}
	f.box = container.NewStack(card(widget.Inset(6, 6, 2, 0, widget.Column(14,
		widget.NewLabel(name, widget.SizeText, true, widget.ColorText),
		f.form.content(), f.fault, f.line())), 8))
	x.forms[f.key] = f
	x.reach(f.box)
	x.r.fillTable()
	x.r.focusIn(f.box)
}

// reach keeps what the keyboard comes to in sight.
func (x *extras) reach(objects ...fyne.CanvasObject) {
	for _, o := range objects {
		reveal(o, x.r.scroll, x.r.page)
	}
}

// changed lays the page out anew after something in the form came or went.
func (f *extraForm) changed() {
	if f.box == nil { // it is being made
		return
	}
	f.fault.Set("", widget.ColorRed)
	f.x.reach(f.box)
	f.x.r.page.Refresh()
}

// submit stores what the form says, or says what is to be mended.
func (f *extraForm) submit() {
	if f.sent {
		return
	}
	wish, at, err := f.form.put(f.x.r.wish)
	if err != nil {
		f.blame(at, err)
		return
	}
	f.setSent(true)
	f.fault.Set("", widget.ColorRed)
	f.x.r.setWish(wish)
	if !f.x.r.saving { // it was that already
		f.done()
	}
}

// blame says what is to be mended, and brings the keyboard there.
func (f *extraForm) blame(at fyne.CanvasObject, err error) {
	f.fault.Set(oneLine(app.AsProblem(err).Error()), widget.ColorRed)
	c := f.x.r.u.window.Canvas()
	switch at := at.(type) {
	case *widget.Field:
		at.SetBad(true)
		at.FocusIn(c)
	case fyne.Focusable:
		c.Focus(at)
	}
	f.x.r.page.Refresh()
}

// failed says why the bell did not take it; what was typed stays.
func (f *extraForm) failed(err error) {
	f.setSent(false)
	f.blame(f.save, err)
}

// done takes the form away after its wish was stored.
func (f *extraForm) done() {
	delete(f.x.forms, f.key)
	if f.key == f.x.key() {
		f.x.r.fillTable()
		f.x.r.u.window.Canvas().Focus(f.list.add)
	}
}

// close takes the form away; nothing was changed.
func (f *extraForm) close() {
	if f.sent {
		return
	}
	f.done()
}

// asText returns a wish as a text that differs where it does.
func asText(wish any) string {
	text, err := json.Marshal(wish)
	if err != nil { // no wish has anything that JSON does not
		return ""
	}
	return string(text)
}

// enable lets a control be used, or not.
func enable(c fyne.Disableable, on bool) {
	if on {
		c.Enable()
	} else {
		c.Disable()
	}
}
