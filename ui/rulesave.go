package ui

import (
	"context"
	"errors"
	"fmt"

	"bellhop/app"
	"bellhop/ui/widget"
)

// toggle switches at once, and asks first where the server delivers already.
func (r *rules) toggle(line, column int) {
	if line >= len(r.columns) {
		return
	}
	c, ch := r.columns[line], app.Channel(column)
	on := !r.want[c].Has(ch)
	if on && alsoServer(r.data.find(app.OwnerServer, r.scope, r.product), c, ch) {
		r.u.confirm(question{
			title: fmt.Sprintf("Deliver %s twice?", c.Source()),
			text:  fmt.Sprintf("The server itself delivers it by %s already, as its own settings say. Switched on here too, it arrives a second time, from this computer. To have it once, switch it off on the server.", channelText[ch].word),
			yes:   "Switch on",
			kind:  widget.Primary,
			act:   func() { r.put(c, ch, true) },
		})
		return
	}
	r.put(c, ch, on)
}

// put switches and saves.
func (r *rules) put(c app.Column, ch app.Channel, on bool) {
	r.want[c] &^= app.ChannelsOf(ch)
	if on {
		r.want[c] |= app.ChannelsOf(ch)
	}
	if !r.saving {
		r.save()
	}
	r.fillTable()
}

// row returns what is to be stored for the row in view.
func (r *rules) row() app.Preference {
	p := app.Preference{Account: r.account, Owner: app.OwnerLocal, Scope: r.scope, Product: r.product}
	if r.scope == app.ScopePersonal || r.scope == app.ScopeProduct {
		p.Person = r.data.Me.ID
	}
	if r.stored != nil {
		p = *r.stored
	}
	p.Row = r.want
	p.Extra.Muted, p.Extra.NotMine = r.wish.muted, r.wish.notMine
	return p
}

// wish is what can be wished here beyond DefectDojo's switches.
type wish struct{ muted, notMine bool }

// toggleWish changes the one wish that the scope in view has.
func (r *rules) toggleWish() {
	if r.scope == app.ScopeProduct {
		r.wish.muted = !r.wish.muted
	} else {
		r.wish.notMine = !r.wish.notMine
	}
	if !r.saving {
		r.save()
	}
	r.fillTable()
}

// fillWish writes the wish that the scope has.
func (r *rules) fillWish() {
	on := false
	switch r.scope {
	case app.ScopeProduct:
		r.check.Text, on = "Mute this product", r.wish.muted
		r.checkFor.Set("It tells you nothing, whatever is switched on here or everywhere. What the server lists stays in the list.", widget.ColorMuted)
	case app.ScopePersonal:
		r.check.Text, on = "Nothing of what I did myself", r.wish.notMine
		r.checkFor.Set("Where it is known who did it. What the server lists stays in the list.", widget.ColorMuted)
	case app.ScopeSystem, app.ScopeTemplate:
	}
	visible(r.checkBox, r.scope == app.ScopeProduct || r.scope == app.ScopePersonal)
	r.check.State = widget.Unchecked
	if on {
		r.check.State = widget.Checked
	}
	if r.u.bell == nil {
		r.check.Disable()
	} else {
		r.check.Enable()
	}
	r.check.Refresh()
}

// save sends the row to the bell. What is switched meanwhile is sent when the
// bell has answered, since the next change needs the version that it gives.
func (r *rules) save() {
	r.saving = true
	sent := r.row()
	var got app.Preference
	r.u.act(func(ctx context.Context, b Bell) (err error) {
		got, err = b.PutPreference(ctx, sent)
		return err
	}, func(err error) bool {
		r.saving = false
		here := r.isRow(sent)
		if err != nil {
			if here {
				r.take()
			}
			if errors.Is(err, app.ErrConflict) {
				r.reads.ask(r.account)
			}
			r.fillTable()
			return false
		}
		r.keepRow(got)
		if here {
			want, wished := r.want, r.wish
			r.take()
			if want != sent.Row || wished != (wish{sent.Extra.Muted, sent.Extra.NotMine}) {
				r.want, r.wish = want, wished
				r.save()
			}
		}
		r.fillTable()
		return false
	})
}

// isRow says whether p is the row in view.
func (r *rules) isRow(p app.Preference) bool {
	return p.Account == r.account && p.Scope == r.scope && p.Product == r.product
}

// keepRow puts a row that was stored where it was read from.
func (r *rules) keepRow(p app.Preference) {
	if p.Account != r.account {
		return
	}
	if old := r.data.find(app.OwnerLocal, p.Scope, p.Product); old != nil {
		*old = p
		return
	}
	r.data.Local = append(r.data.Local, p)
}

// askDefaults asks before the row in view is dropped.
func (r *rules) askDefaults() {
	if r.stored == nil || r.saving {
		return
	}
	text := "What was chosen here is dropped, and the defaults count again: an alert and a desktop notification for everything but empty scans."
	if r.scope == app.ScopeProduct {
		text = "What was chosen for this product is dropped; your personal settings go on counting."
	}
	drop := *r.stored
	r.u.confirm(question{title: "Back to the defaults?", text: text, yes: "Drop the settings", kind: widget.Danger, act: func() {
		r.u.act(func(ctx context.Context, b Bell) error { return b.DropPreference(ctx, drop) }, func(error) bool {
			r.reads.ask(r.account)
			return false
		}, r.back)
	}})
}

// setMode changes for whom decisions are made; for everyone it asks first.
func (r *rules) setMode(v string) {
	was := string(app.ModeMe)
	if r.everyone() {
		was = string(app.ModeEveryone)
	}
	if v == was {
		return
	}
	r.mode.Set(was) // until the bell has said so
	set := func() {
		r.u.act(func(ctx context.Context, b Bell) error { return b.Set(ctx, app.SettingEngineMode, v) }, func(error) bool {
			r.reads.ask(r.account)
			return false
		}, r.mode)
	}
	if app.Mode(v) != app.ModeEveryone {
		set()
		return
	}
	r.u.confirm(question{
		title: "Decide for everyone?",
		text:  modeText(app.ModeEveryone) + " Where the server itself delivers, people get both.",
		yes:   "Decide for everyone",
		kind:  widget.Primary,
		act:   set,
	})
}
