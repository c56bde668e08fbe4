package dispatch

import (
	"slices"

	"bellhop/app"
)

// asked is whom an event is for.
type asked uint8

const (
	// forViewers: the shared places, and everybody who may see what it is about.
	forViewers asked = iota
	// forAdmins: the shared places, and superusers; it is about no product.
	forAdmins
	// forShared: the shared places alone.
	forShared
	// forNamed: the recipients that the caller named, as far as they may see
	// what it is about.
	forNamed
	// forMine: an alert that the server made for the signed-in person.
	forMine
)

// question is an event as decisions need it, and the room to decide it for
// everybody. It is used again for other events.
type question struct {
	w      *World
	e      *app.Event
	asked  asked
	stop   uint8 // the rule by which nobody is told at all, 0 = none
	scope  scope
	column app.Column
	trump  bool
	named  []int32
	rows   []productRow // of the product, ascending by person
	topic  topic
	// silences are those that the event falls under, and hush the channels that
	// they hold for everybody.
	silences []*app.Silence
	hush     app.Channels

	// Of a way through all people: by which rule each sees it, and what she is
	// told through.
	access []uint8
	sets   []app.Channels
	chains [32][8]app.Chain
}

// ask prepares an event. The question goes back with [World.answered].
func (w *World) ask(e *app.Event) *question {
	q, _ := w.questions.Get().(*question)
	c := &e.Call
	q.w, q.e = w, e
	q.column = e.Kind.Column()
	if e.Kind == "" {
		q.column = c.Kind.Column()
	}
	q.scope = w.scopeOf(c)
	q.trump = slices.Contains(w.trump, q.kind())
	q.named, q.rows, q.topic, q.stop = nil, nil, topic{}, 0
	switch {
	case e.History:
		q.stop = RuleHistory
	case e.Same != 0:
		q.stop = RuleSame
	}
	switch {
	case e.Origin == app.OriginAlert:
		q.asked = forMine
	case c.Recipients != nil:
		q.asked = forNamed
		q.named = w.named(c.Recipients)
	case c.NoUsers:
		q.asked = forShared
	case q.scope.kind == aboutNothing:
		q.asked = forAdmins
	default:
		q.asked = forViewers
	}
	// The rows for a product are not read for recipients.
	if q.asked != forNamed && q.scope.product != 0 {
		q.rows = w.productRows[q.scope.product]
	}
	q.listen()
	return q
}

func (w *World) answered(q *question) {
	q.w, q.e, q.named, q.rows, q.topic = nil, nil, nil, nil, topic{}
	clear(q.silences)
	w.questions.Put(q)
}

func (q *question) kind() app.Kind {
	if q.e.Kind != "" {
		return q.e.Kind
	}
	return q.e.Call.Kind
}

// row returns what a person set for the event's product, or nil.
func (q *question) row(i int32) *productRow {
	at, ok := slices.BinarySearchFunc(q.rows, i, func(r productRow, i int32) int { return int(r.person) - int(i) })
	if !ok {
		return nil
	}
	return &q.rows[at]
}

// admits asks everything about a person that does not depend on the channel.
// Where ok is false, the last rule of the chain is why she is not told.
func (q *question) admits(i int32) (c app.Chain, ok bool) {
	w := q.w
	if q.stop != 0 {
		return chain(q.stop), false
	}
	me := w.people[i].Me
	if !me && (w.mode == app.ModeMe || q.asked == forMine) {
		return chain(RuleOnlyMe), false
	}
	switch q.asked {
	case forShared:
		return chain(RuleNoUsers), false
	case forNamed:
		if _, named := slices.BinarySearch(q.named, i); !named {
			return chain(RuleNotNamed), false
		}
		c = chain(RuleNamed)
	case forViewers, forAdmins, forMine:
	}
	rule := q.admittance(i)
	c = c.With(rule)
	switch rule {
	case RuleInactive, RuleNoAccess, RuleAdminsOnly:
		return c, false
	}
	for _, x := range q.wishes(i) {
		if x != nil && x.muted {
			return c.With(RuleMuted), false
		}
		if x != nil && x.notMine && q.e.Call.Actor != "" && q.e.Call.Actor == w.people[i].Username {
			return c.With(RuleNotMine), false
		}
	}
	return c, true
}

// admittance returns the rule by which a person may be told, or may not be told,
// of what the event is about.
func (q *question) admittance(i int32) uint8 {
	if q.asked != forMine && q.w.flags[i]&isActive == 0 {
		return RuleInactive
	}
	rule := q.sees(i)
	if refused := rule == RuleNoAccess || rule == RuleAdminsOnly; refused && q.w.mode == app.ModeMe && q.e.Origin == app.OriginLocal && q.w.people[i].Me {
		return RuleServerShowed // who decides for herself alone has raised it herself
	}
	return rule
}

// sees returns the rule by which a person sees, or does not see, what the event
// is about.
func (q *question) sees(i int32) uint8 {
	switch q.asked {
	case forMine:
		return RuleServerShowed
	case forAdmins:
		if q.w.flags[i]&isSuper == 0 {
			return RuleAdminsOnly
		}
		return RuleSuperuser
	case forNamed:
		if q.scope.kind == aboutNothing {
			return RuleNoObject
		}
	case forViewers, forShared:
	}
	if rule := q.w.sees(i, q.scope); rule != 0 {
		return rule
	}
	return RuleNoAccess
}

// settings are the rows that count for a person, as the channels that each
// switches on for the event.
type settings struct {
	stored                           bool // there is a row at all
	personal, product, system, trump app.Channels
}

func (s settings) all() app.Channels { return s.personal | s.product | s.system | s.trump }

func (q *question) settings(i int32) settings {
	w := q.w
	s := settings{stored: w.flags[i]&hasRow != 0, personal: w.personal[q.column][i]}
	if r := q.row(i); r != nil {
		s.product, s.stored = r.row[q.column], true
	}
	switch {
	case q.trump && (q.asked == forNamed || q.asked == forMine):
		s.trump, s.stored = w.system[q.column], true
	case q.asked != forNamed && w.superSystem && w.flags[i]&isSuper != 0:
		s.system, s.stored = w.system[q.column], true
	}
	return s
}

// barred returns the rule that keeps a channel out whatever the settings say,
// or 0.
func (q *question) barred(ch app.Channel) uint8 {
	switch {
	case q.e.Call.AlertOnly && ch != app.ChannelAlert && ch != app.ChannelToast:
		return RuleAlertOnly
	case ch == app.ChannelAlert && (q.asked == forMine || q.w.keeps && q.e.Origin == app.OriginWebhook):
		return RuleServerAlerts
	default:
		return 0
	}
}

// open returns the channels that are neither barred nor shut.
func (q *question) open() app.Channels {
	set := q.w.gates
	for ch := range set.All() {
		if q.barred(ch) != 0 {
			set &^= app.ChannelsOf(ch)
		}
	}
	return set
}
