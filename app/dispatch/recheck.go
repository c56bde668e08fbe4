package dispatch

import "bellhop/app"

// MaySee says whether a person may see what the event is about: the question
// that is asked again just before something is sent, when facts may be newer.
// Settings play no part. What is about no product is for superusers, and for
// those whom it names.
func (w *World) MaySee(e *app.Event, person app.PersonID) bool {
	i := w.index(person)
	if i < 0 || w.flags[i]&isActive == 0 {
		return false
	}
	s := w.scopeOf(&e.Call)
	if s.kind == aboutNothing {
		return e.Call.Recipients != nil || w.flags[i]&isSuper != 0
	}
	return w.sees(i, s) != 0
}
