package dispatch

import (
	"fmt"
	"strings"

	"bellhop/app"
)

// addSilences keeps the silences, and marks the people who have some of their
// own.
func (w *World) addSilences(list []app.Silence) {
	w.silences = list
	for i := range list {
		if at := w.index(list[i].Person); list[i].Person != 0 && at >= 0 {
			w.flags[at] |= isSpecial
		}
	}
}

// listen finds the silences that the event falls under: those that it matches,
// and before whose end it happened.
func (q *question) listen() {
	q.silences, q.hush = q.silences[:0], 0
	for i := range q.w.silences {
		s := &q.w.silences[i]
		if !q.e.At.Before(s.Until) || !s.Matches(q.e, q.product()) {
			continue
		}
		q.silences = append(q.silences, s)
		if s.Person == 0 {
			q.hush |= s.Set()
		}
	}
}

// product is the name of the event's product as it is now, "" where the product
// is not known.
func (q *question) product() string {
	if p := q.w.product(q.scope.product); p != nil {
		return p.Name
	}
	return ""
}

// holds says whether a silence that the event falls under holds a channel of a
// person, or of the shared places (0).
func (q *question) holds(s *app.Silence, person app.PersonID, ch app.Channel) bool {
	return (s.Person == 0 || s.Person == person) && s.Set().Has(ch)
}

// silenced says whether any silence holds a channel of a person.
func (q *question) silenced(person app.PersonID, ch app.Channel) bool {
	for _, s := range q.silences {
		if q.holds(s, person, ch) {
			return true
		}
	}
	return false
}

// Silences says whether a silence, which need not be one of the facts, would
// have held what was decided; passes says that it lets it out because it is
// critical.
func (w *World) Silences(s *app.Silence, e *app.Event, d app.Decision) (held, passes bool) {
	if !d.Yes {
		return false, false
	}
	q := w.ask(e)
	defer w.answered(q)
	if s.Holds(e, q.product(), d.Person, d.Channel) {
		return true, false
	}
	everything := *s
	everything.CriticalPasses = false
	return false, everything.Holds(e, q.product(), d.Person, d.Channel)
}

// silence says which silence holds longest.
func (s *speaker) silence() string {
	var longest *app.Silence
	for _, one := range s.q.silences {
		if s.q.holds(one, s.d.Person, s.d.Channel) && (longest == nil || one.Until.After(longest.Until)) {
			longest = one
		}
	}
	if longest == nil {
		return "A silence that has ended held " + s.channel() + "."
	}
	var about []string
	for _, word := range []string{longest.Who, longest.Note} {
		if word != "" {
			about = append(about, word)
		}
	}
	by := ""
	if len(about) > 0 {
		by = " (" + strings.Join(about, ": ") + ")"
	}
	return fmt.Sprintf("Silence %d%s holds %s until %s.", longest.ID, by, s.channel(), longest.Until.Local().Format("2006-01-02 15:04"))
}
