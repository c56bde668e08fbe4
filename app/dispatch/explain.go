package dispatch

import "bellhop/app"

// Explain returns what was decided about one person for every channel, the yes
// and the no, in the order of [World.Decide] and with the same chains. Person 0
// is the shared places. Somebody whom the facts do not know gets nothing, and
// counts as somebody who may not sign in.
func (w *World) Explain(e *app.Event, person app.PersonID) []app.Decision {
	q := w.ask(e)
	defer w.answered(q)
	if person == 0 {
		return q.shared(nil)
	}
	if i := w.index(person); i >= 0 {
		return q.explain(nil, i, false)
	}
	return q.refuse(nil, person, chain(RuleInactive))
}

// refuse says no for every channel.
func (q *question) refuse(out []app.Decision, person app.PersonID, why app.Chain) []app.Decision {
	for ch := range app.Channel(app.NumChannels) {
		out = append(out, app.Decision{Event: q.e.ID, Person: person, Channel: ch, Why: why})
	}
	return out
}

// explain appends what is decided about one person. Where only the yes is asked
// for, it leaves out what can be told early to be a no.
func (q *question) explain(out []app.Decision, i int32, yes bool) []app.Decision {
	w := q.w
	id := w.ids[i]
	admitted, ok := q.admits(i)
	if !ok {
		if yes {
			return out
		}
		return q.refuse(out, id, admitted)
	}
	set := q.settings(i)
	wishes := q.wishes(i)
	for ch := range app.Channel(app.NumChannels) {
		if yes && (!set.all().Has(ch) || !w.gates.Has(ch)) {
			continue
		}
		why := admitted
		if rule := q.barred(ch); rule != 0 {
			why = why.With(rule)
		} else if !set.stored {
			why = why.With(RuleNoRow)
		} else {
			why = q.switches(why, set, ch)
		}
		out = q.finish(out, app.Decision{Person: id, Channel: ch, Why: why}, wishes, w.reach[i].Has(ch))
	}
	return out
}

// switches adds the settings that switch a channel on.
func (q *question) switches(why app.Chain, s settings, ch app.Channel) app.Chain {
	if !s.all().Has(ch) {
		return why.With(RuleOff)
	}
	for _, on := range [...]struct {
		set  app.Channels
		rule uint8
	}{{s.personal, RulePersonal}, {s.product, RuleProductRow}, {s.system, RuleSystem}, {s.trump, RuleTrump}} {
		if on.set.Has(ch) {
			why = why.With(on.rule)
		}
	}
	return why
}

// finish asks what comes after the settings, gate, place, conditions, quiet hours
// and silences, and appends one decision for each place. reached says that the channel
// leads to the person without a destination.
func (q *question) finish(out []app.Decision, d app.Decision, wishes [2]*wishes, reached bool) []app.Decision {
	d.Event = q.e.ID
	if !decides(last(d.Why)) {
		return append(out, d)
	}
	if !q.w.gates.Has(d.Channel) {
		d.Why = d.Why.With(RuleGate)
		return append(out, d)
	}
	places, some := q.places(d.Person, d.Channel)
	if !reached && len(places) == 0 || some && len(places) == 0 {
		d.Why = d.Why.With(RuleNoPlace)
		return append(out, d)
	}
	for _, x := range wishes {
		if x == nil {
			continue
		}
		if !q.meets(x, d.Channel) {
			d.Why = d.Why.With(RuleCondition)
			return append(out, d)
		}
	}
	d.Yes = true
	for _, x := range wishes {
		if x != nil && x.holds(q.e, d.Channel, q.e.At) {
			d.Why, d.Held = d.Why.With(RuleQuiet), true
			break
		}
	}
	if q.silenced(d.Person, d.Channel) {
		d.Why, d.Held = d.Why.With(RuleSilence), true
	}
	if len(places) == 0 {
		return append(out, d)
	}
	for _, p := range places {
		d.Destination = p.ID
		out = append(out, d)
	}
	return out
}

// shared appends what is decided about the shared places: DefectDojo's
// system-wide pass.
func (q *question) shared(out []app.Decision) []app.Decision {
	w := q.w
	stop := q.stop
	switch {
	case stop != 0:
	case w.mode == app.ModeMe, q.asked == forMine:
		stop = RuleOnlyMe
	case q.asked == forNamed:
		stop = RuleNotNamed
	}
	if stop != 0 {
		return q.refuse(out, 0, chain(stop))
	}
	set := settings{stored: true, system: w.system[q.column]}
	for ch := range app.Channel(app.NumChannels) {
		var why app.Chain
		if rule := q.barred(ch); rule != 0 {
			why = why.With(rule)
		} else {
			why = q.switches(why, set, ch)
		}
		// The alert of the shared places is a row that nobody owns; a toast is
		// for somebody in front of a screen.
		out = q.finish(out, app.Decision{Channel: ch, Why: why}, [2]*wishes{w.systemWishes}, ch == app.ChannelAlert)
	}
	return out
}
