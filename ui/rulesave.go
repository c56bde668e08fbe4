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

// offerEvery offers to switch a channel on or off for all lines in view.
func (r *rules) offerEvery() {
	var items []menuItem
	for ch := range app.Channel(app.NumChannels) {
		on := 0
		for _, c := range r.columns {
			if r.want[c].Has(ch) {
				on++
			}
		}
		if on < len(r.columns) && r.data.obstacle(ch, r.scope, r.product).what == "" {
			items = append(items, menuItem{channelText[ch].name + " for all", func() { r.askEvery(ch) }})
		}
		if on > 0 {
			items = append(items, menuItem{channelText[ch].name + " for none", func() { r.putEvery(ch, false) }})
		}
	}
	r.u.shell.offer(items, r.every)
}

// askEvery switches a channel on for all lines, and asks first where the server
// delivers some of them already.
func (r *rules) askEvery(ch app.Channel) {
	server := r.data.find(app.OwnerServer, r.scope, r.product)
	var twice []string
	for _, c := range r.columns {
		if !r.want[c].Has(ch) && alsoServer(server, c, ch) {
			twice = append(twice, c.Source())
		}
	}
	if len(twice) == 0 {
		r.putEvery(ch, true)
		return
	}
	r.u.confirm(question{
		title: "Deliver some of it twice?",
		text:  fmt.Sprintf("The server itself delivers %s by %s already, as its own settings say. Switched on here too, it arrives a second time, from this computer.", words(twice, "and"), channelText[ch].word),
		yes:   "Switch on",
		kind:  widget.Primary,
		act:   func() { r.putEvery(ch, true) },
	})
}

// putEvery switches a channel for all lines in view, and saves.
func (r *rules) putEvery(ch app.Channel, on bool) {
	for _, c := range r.columns {
		r.want[c] &^= app.ChannelsOf(ch)
		if on {
			r.want[c] |= app.ChannelsOf(ch)
		}
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
		p.Person = r.data.Of.ID
	}
	if r.stored != nil {
		p = *r.stored
	}
	p.Row = r.want
	p.Extra = r.wish
	return p
}

// setWish changes what is wished beyond DefectDojo's switches, and saves. Wishes
// are never changed in place: what is stored shares their lists.
func (r *rules) setWish(wish app.Extra) {
	if asText(wish) == asText(r.wish) {
		r.fillTable()
		return
	}
	r.wish = wish
	if !r.saving {
		r.save()
	}
	r.fillTable()
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
		form := r.extras.forms[extrasKey{sent.Account, sent.Scope, sent.Person, sent.Product}]
		if form != nil && !form.sent {
			form = nil
		}
		if err != nil {
			if here {
				r.take()
			}
			if form != nil {
				form.failed(err)
			}
			if errors.Is(err, app.ErrConflict) {
				r.reads.ask(r.ask())
			}
			r.fillTable()
			return form != nil
		}
		r.keepRow(got)
		more := false
		if here {
			want, wished := r.want, r.wish
			r.take()
			if more = want != sent.Row || asText(wished) != asText(sent.Extra); more {
				r.want, r.wish = want, wished
				r.save()
			}
		}
		if form != nil && !more {
			form.done()
		}
		r.fillTable()
		return false
	})
}

// isRow says whether p is the row in view.
func (r *rules) isRow(p app.Preference) bool {
	return p.Account == r.account && p.Scope == r.scope && p.Product == r.product && (p.Person == 0 || p.Person == r.data.Of.ID)
}

// keepRow puts a row that was stored where it was read from.
func (r *rules) keepRow(p app.Preference) {
	if p.Account != r.account || p.Person != 0 && p.Person != r.data.Of.ID {
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
			r.reads.ask(r.ask())
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
			r.reads.ask(r.ask())
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
