package dispatch

import (
	mathbits "math/bits"

	"bellhop/app"
)

// Decide returns every yes for an event: the shared places first, then people
// by id; for each by channel and, where a channel leads to several places, by
// destination. The order of the facts plays no part, and asking again answers
// the same. A hold of quiet hours or of a
// silence is measured at the event's own time.
func (w *World) Decide(e *app.Event) []app.Decision {
	q := w.ask(e)
	defer w.answered(q)
	if q.stop != 0 {
		return nil
	}
	var out []app.Decision
	shared := func() {
		for _, d := range q.shared(nil) {
			if d.Yes {
				out = append(out, d)
			}
		}
	}
	switch {
	case q.asked == forMine || w.mode == app.ModeMe:
		return q.each(out, w.me)
	case q.asked == forNamed:
		return q.each(out, q.named)
	case q.asked == forShared:
		shared()
		return out
	case q.asked == forAdmins:
		shared()
		return q.each(out, w.super)
	default:
		n := q.scan()
		out = make([]app.Decision, 0, n+8)
		shared()
		return q.collect(out)
	}
}

// each decides for some people, the long way.
func (q *question) each(out []app.Decision, people []int32) []app.Decision {
	var room [2 * app.NumChannels]app.Decision
	for _, i := range people {
		for _, d := range q.explain(room[:0], i, true) {
			if d.Yes {
				out = append(out, d)
			}
		}
	}
	return out
}

// special marks in sets a person who has to be decided the long way.
const special app.Channels = 1 << app.NumChannels

// scan goes through all people and notes for each by which rule she sees the
// event, and what she is told through; it returns about how many decisions
// follow. This is the loop that 100,000 people take: per person it reads three
// bytes and writes two, and asks no map.
func (q *question) scan() int {
	w := q.w
	n := len(w.people)
	if cap(q.access) < n {
		q.access, q.sets = make([]uint8, n), make([]app.Channels, n)
	}
	q.access, q.sets = q.access[:n], q.sets[:n]
	clear(q.access)
	if q.scope.typ != 0 {
		for _, i := range w.byObject[object{app.GrantProductType, q.scope.typ}] {
			q.access[i] = RuleType
		}
	}
	if q.scope.kind == aboutProduct && q.scope.product != 0 {
		for _, i := range w.byObject[object{app.GrantProduct, q.scope.product}] {
			q.access[i] = RuleProduct
		}
	}
	var everything [1 << 6]uint8
	for flags := range everything {
		everything[flags] = w.seesAll(uint8(flags))
	}
	var system app.Channels
	if w.superSystem {
		system = w.system[q.column]
	}
	open, rows, count := q.open(), q.rows, 0
	flags, reach, personal := w.flags[:n], w.reach[:n], w.personal[q.column][:n]
	access, sets := q.access, q.sets
	for i, f := range flags {
		sets[i] = 0
		if f&isActive == 0 {
			continue
		}
		rule := everything[f&63]
		if rule == 0 {
			if rule = access[i]; rule == 0 {
				continue
			}
		}
		access[i] = rule
		if f&isSpecial != 0 {
			sets[i] = special
			count += 2
			continue
		}
		set := personal[i]
		if f&isSuper != 0 {
			set |= system
		}
		for len(rows) > 0 && rows[0].person < int32(i) {
			rows = rows[1:]
		}
		if len(rows) > 0 && rows[0].person == int32(i) {
			set |= rows[0].row[q.column]
		}
		set &= open & reach[i]
		sets[i] = set
		count += mathbits.OnesCount8(uint8(set))
	}
	return count
}

// collect turns what scan noted into decisions.
func (q *question) collect(out []app.Decision) []app.Decision {
	w := q.w
	var system app.Channels
	if w.superSystem {
		system = w.system[q.column]
	}
	q.chains = [32][8]app.Chain{}
	rows, personal, event := q.rows, w.personal[q.column], q.e.ID
	var room [2 * app.NumChannels]app.Decision
	for i, set := range q.sets {
		if set == 0 {
			continue
		}
		if set == special {
			for _, d := range q.explain(room[:0], int32(i), true) {
				if d.Yes {
					out = append(out, d)
				}
			}
			continue
		}
		mine, product, united := personal[i], app.Channels(0), app.Channels(0)
		for len(rows) > 0 && rows[0].person < int32(i) {
			rows = rows[1:]
		}
		if len(rows) > 0 && rows[0].person == int32(i) {
			product = rows[0].row[q.column]
		}
		if w.flags[i]&isSuper != 0 {
			united = system
		}
		chains := &q.chains[q.access[i]&31]
		for ; set != 0; set &= set - 1 {
			ch := mathbits.TrailingZeros8(uint8(set))
			by := mine>>ch&1 | product>>ch&1<<1 | united>>ch&1<<2
			why := chains[by&7]
			if why == 0 {
				why = switched(q.access[i], by)
				chains[by&7] = why
			}
			held := q.hush.Has(app.Channel(ch))
			if held {
				why = why.With(RuleSilence)
			}
			out = append(out, app.Decision{Event: event, Person: w.ids[i], Channel: app.Channel(ch), Yes: true, Held: held, Why: why})
		}
	}
	return out
}

// switched returns the chain of somebody who sees the event by a rule and has a
// channel switched on by her own settings (1), those for the product (2), the
// system's (4).
func switched(access uint8, by app.Channels) app.Chain {
	c := chain(access)
	for bit, rule := range [3]uint8{RulePersonal, RuleProductRow, RuleSystem} {
		if by&(1<<bit) != 0 {
			c = c.With(rule)
		}
	}
	return c
}
