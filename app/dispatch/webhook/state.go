package webhook

import (
	"fmt"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/app/dispatch/internal/post"
)

// Status is whether an endpoint gets events, in DefectDojo's words.
type Status string

// The four statuses.
const (
	StatusActive            Status = "active"
	StatusActiveTmp         Status = "active_tmp"         // on trial after trouble
	StatusInactiveTmp       Status = "inactive_tmp"       // it rests for a minute
	StatusInactivePermanent Status = "inactive_permanent" // until someone acts
)

// The times of an endpoint's life. All but warnAfter and warnedFor are DefectDojo's
// (dojo/notifications/helper.py and the tasks of its beat).
const (
	// retryAfter is the rest after trouble.
	retryAfter = time.Minute
	// overdueAfter is when an endpoint is put on trial although nobody did
	// after retryAfter.
	overdueAfter = 5 * time.Minute
	// troubleFor is how long trouble may last before it is permanent, and how
	// long there must have been none before it is forgotten.
	troubleFor = 24 * time.Hour
	// warnAfter is when the owner is told that trouble will become permanent. With
	// the pauses between the attempts of a message (5 s, 5 min, 30 min, 2 h, 5 h, 10 h,
	// 14 h) there are attempts enough behind it within the day.
	warnAfter = time.Hour
	// warnedFor is how long she is told before it does become permanent, also where
	// no attempt was made within the day, because the computer slept.
	warnedFor = time.Hour
)

// maxNote is DefectDojo's column, in characters.
const maxNote = 1000

// State is what is known of an endpoint. Its zero value is one that was never
// in trouble. It is kept by whoever sends.
type State struct {
	Status Status `json:"status,omitempty"` // "" = active
	// FirstError is when the trouble began, LastError when it was last met.
	FirstError time.Time `json:"first_error,omitzero"`
	LastError  time.Time `json:"last_error,omitzero"`
	Note       string    `json:"note,omitempty"`
	// Warned is when the owner was told of this trouble.
	Warned time.Time `json:"warned,omitzero"`
}

// Notice is what the owner has to be told.
type Notice string

// The notices.
const (
	NoticeNone     Notice = ""
	NoticeWarning  Notice = "warning"  // it fails and will be switched off, see [Until]
	NoticeDisabled Notice = "disabled" // it is switched off until someone acts
)

// Next returns the state after an attempt that ended with err, nil where the
// endpoint took the message, and what its owner has to be told.
func Next(s State, err error, now time.Time) (State, Notice) {
	if err == nil {
		return s, NoticeNone // a success does not end a trial, a day does
	}
	f := dispatch.FailureOf(err)
	if f.Code == post.CodeCancelled || f.Alone && f.Status == 0 {
		return s, NoticeNone // it was ours, not the endpoint's
	}
	if s.Status == StatusInactivePermanent { // by another attempt while this one was in the air
		if f.Final {
			return s, NoticeDisabled
		}
		return s, NoticeNone
	}
	if f.Final {
		return State{Status: StatusInactivePermanent, FirstError: now, LastError: now, Note: note(f)}, NoticeDisabled
	}
	s.Note = note(f)
	s.LastError = now
	if s.FirstError.After(now) {
		s.FirstError = now // the clock was set back
	}
	if !s.FirstError.IsZero() && !s.Warned.IsZero() && now.After(Until(s)) {
		s.Status = StatusInactivePermanent
		return s, NoticeDisabled
	}
	if s.active() || s.FirstError.IsZero() {
		s.FirstError, s.Warned = now, time.Time{}
	}
	s.Status = StatusInactiveTmp
	if s.Warned.IsZero() && now.Sub(s.FirstError) >= warnAfter {
		s.Warned = now
		return s, NoticeWarning
	}
	return s, NoticeNone
}

// Until is the time after which the next failure of an endpoint in trouble
// switches it off: a day after its first, or later where its owner was warned
// late. It is zero where she was not warned yet.
func Until(s State) time.Time {
	end, warned := s.FirstError.Add(troubleFor), s.Warned.Add(warnedFor)
	switch {
	case s.Warned.IsZero():
		return time.Time{}
	case warned.After(end):
		return warned
	default:
		return end
	}
}

// Open returns the state as time has changed it, and whether a message may be
// tried now; where not, at is when it may, zero for not until someone acts.
func Open(s State, now time.Time) (next State, ok bool, at time.Time) {
	s = Clean(Clean(s, now), now)
	rested := !now.Before(s.LastError.Add(retryAfter))
	if rested || s.LastError.After(now) { // or the clock was set back
		s = Reactivate(s)
	}
	switch s.Status {
	case StatusInactiveTmp:
		return s, false, s.LastError.Add(retryAfter)
	case StatusInactivePermanent:
		return s, false, time.Time{}
	default:
		return s, true, now
	}
}

// Reactivate puts an endpoint that rests on trial; others stay as they are.
func Reactivate(s State) State {
	if s.Status == StatusInactiveTmp {
		s.Status = StatusActiveTmp
	}
	return s
}

// Clean is what DefectDojo does every minute: an endpoint on trial without
// trouble for a day is active again, one that has rested for too long is put on
// trial.
func Clean(s State, now time.Time) State {
	switch since := now.Sub(s.LastError); {
	case s.Status == StatusActiveTmp && since > troubleFor:
		return State{Status: StatusActive, Note: "Reactivation from active_tmp"}
	case s.Status == StatusInactiveTmp && since > overdueAfter:
		s.Status = StatusActiveTmp
	}
	return s
}

// Disable is the state after someone has switched an endpoint off.
func Disable(s State) State {
	s.Status = StatusInactivePermanent
	return s
}

// Closed returns the failure for a message that was not tried because its
// endpoint is not active; the message stays.
func Closed(s State, now time.Time) *dispatch.Failure {
	_, ok, at := Open(s, now)
	switch {
	case ok:
		return nil
	case at.IsZero():
		return &dispatch.Failure{
			Code: "endpoint_inactive", Final: true, Disable: true, Answer: s.Note,
			Next: "Mend the endpoint, then save or test it; what waits is sent then.",
		}
	default:
		return &dispatch.Failure{
			Code: "endpoint_rests", After: at.Sub(now), Answer: s.Note,
			Next: "Nothing; it is tried again in a minute.",
		}
	}
}

func (s State) active() bool { return s.Status == StatusActive || s.Status == "" }

// note says why, in DefectDojo's words where it has some.
func note(f *dispatch.Failure) string {
	switch {
	case f.Status != 0:
		return app.Cut(fmt.Sprintf("Response status code: %d", f.Status), maxNote)
	case f.Code == post.CodeTimeout:
		return "Read timed out."
	default:
		return app.Cut(f.Error(), maxNote)
	}
}
