package dispatch

import "bellhop/app"

// MaySee says whether a person may see what the event is about: the question
// that is asked again just before something is sent, when facts may be newer.
// Settings play no part. It is [World.Sees] without the rule.
func (w *World) MaySee(e *app.Event, person app.PersonID) bool {
	ok, _ := w.Sees(e, person)
	return ok
}
