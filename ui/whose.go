package ui

import (
	"context"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"bellhop/app"
	"bellhop/ui/widget"
)

// whose chooses the person whose settings are in view, for those who may change
// those of others.
type whose struct {
	r      *rules
	box    *fyne.Container
	choice *widget.Segmented
	field  *widget.Field
	list   *fyne.Container
	more   *widget.Prose
	picks  *fyne.Container
	people *view[peopleAsk, peopleAnswer]
	open   bool // somebody is to be chosen
	first  app.PersonID
	stop   func()
}

// peopleAsk is a question for people, and peopleAnswer what is found.
type (
	peopleAsk struct {
		account app.AccountID
		text    string
	}
	peopleAnswer struct {
		list []app.Person
		more bool
	}
)

// The two choices of whose settings these are.
const (
	whoseMine  = "mine"
	whoseOther = "other"
)

// peopleDelay is how long typing has to pause before people are looked for.
const peopleDelay = 150 * time.Millisecond

func newWhose(r *rules) *whose {
	w := &whose{r: r}
	w.people = newView(r.u.do, func(ctx context.Context, q peopleAsk) (a peopleAnswer, err error) {
		a.list, a.more, err = r.u.engine.People(ctx, q.account, q.text, mostPicks)
		return a, err
	}, w.showPeople)
	w.field = widget.NewField("search", "User name, or a part of a name")
	w.field.OnChanged = func(string) {
		if w.stop != nil {
			w.stop()
		}
		w.stop = r.u.later(peopleDelay, w.look)
	}
	w.field.OnEscape = func() { w.pick(r.person) }
	w.field.OnEnter = func() {
		if w.first != 0 {
			w.pick(w.first)
		}
	}
	w.list = widget.Flow(8)
	w.more = widget.NewProse("", widget.SizeSmall, false, widget.ColorMuted)
	w.picks = widget.Column(8, w.field, w.list, w.more)
	w.box = widget.Column(0)
	return w
}

// show offers the choice to those who have it.
func (w *whose) show() {
	r := w.r
	offered := r.data.Me.Superuser || r.everyone()
	if !offered && r.person == 0 {
		w.open = false
	}
	visible(w.box, offered || r.person != 0)
	other := "Somebody's…"
	if r.person != 0 && r.data.Of.ID == r.person {
		other = "Of " + oneLine(head(r.data.Of.Username, 40))
	}
	values, texts := []string{whoseMine, whoseOther}, []string{"Mine", other}
	if w.choice == nil || !w.choice.Offers(values, texts) {
		w.choice = widget.NewSegmented(values, texts, func(v string) {
			if v == whoseMine {
				w.pick(0)
				return
			}
			w.ask()
		})
		w.box.Objects = []fyne.CanvasObject{w.choice.Box, widget.Space(1, 8), w.picks}
	}
	w.choice.Set(map[bool]string{true: whoseOther}[r.person != 0 || w.open])
	if r.person == 0 && !w.open {
		w.choice.Set(whoseMine)
	}
	visible(w.picks, w.open)
}

// ask lets somebody be chosen.
func (w *whose) ask() {
	w.open = true
	w.field.SetText("")
	w.look()
	w.r.showScopes()
	w.r.fillTable()
	// A field that was never drawn does not take the keyboard.
	w.r.u.later(drawTime, func() {
		if w.open && w.r.u.place == ViewNotifications && w.r.u.dialog == nil {
			w.field.Focus()
		}
	})
}

// look looks for who is typed.
func (w *whose) look() { w.people.instead(peopleAsk{w.r.account, strings.TrimSpace(w.field.Text())}) }

// showPeople offers who was found.
func (w *whose) showPeople(q peopleAsk, a peopleAnswer, err error) {
	if q.account != w.r.account || q.text != strings.TrimSpace(w.field.Text()) {
		return
	}
	w.list.RemoveAll()
	w.first = 0
	for i, p := range a.list {
		if i == 0 {
			w.first = p.ID
		}
		text := oneLine(p.Username)
		if name := oneLine(p.FirstName + " " + p.LastName); name != "" {
			text += " · " + name
		}
		w.list.Add(widget.NewButton(widget.Plain, "", head(text, 60), func() { w.pick(p.ID) }))
	}
	switch {
	case err != nil:
		w.more.Set(oneLine(app.AsProblem(err).Error()), widget.ColorRed)
	case len(a.list) == 0:
		w.more.Set("Nobody has this in the name.", widget.ColorMuted)
	case a.more:
		w.more.Set("There are more. Type a part of the name.", widget.ColorMuted)
	default:
		w.more.Set("", widget.ColorMuted)
	}
	w.r.page.Refresh()
}

// pick shows the settings of a person, 0 for who signed in.
func (w *whose) pick(id app.PersonID) {
	r := w.r
	w.open = false
	if id == r.data.Me.ID {
		id = 0
	}
	if id == r.person {
		r.showScopes()
		r.fillTable()
		return
	}
	r.person, r.product = id, 0
	if r.scope == app.ScopeProduct {
		r.scope = app.ScopePersonal
	}
	r.known, r.fault = false, nil
	r.reads.instead(r.ask())
	r.showState()
}

// scopeNote says what the row in view speaks for.
func (r *rules) scopeNote() string {
	text := scopeText(r.scope, r.data.product(r.product))
	personal := r.scope == app.ScopePersonal || r.scope == app.ScopeProduct
	switch who := oneLine(head(r.data.Of.Username, 60)); {
	case r.whose.open:
		return ""
	case !personal || r.data.Of.ID == r.data.Me.ID:
		return text
	case r.scope == app.ScopePersonal:
		text = "What " + who + " is told of, for every product."
	default:
		text = "For " + who + ": " + text
	}
	if !r.everyone() {
		text += " It counts once this computer decides for everyone."
	}
	return text
}
