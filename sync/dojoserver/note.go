package dojoserver

import (
	"fmt"
	"time"
)

// Note is a note at a finding, a test or an engagement.
type Note struct {
	ID      int64
	Author  string // a user's name
	Text    string
	Private bool
	At      time.Time // zero means now
	// API says that it came by the API. 2.46 does not take that for a look at
	// the finding, 3.x does.
	API bool
}

// AddNote writes a note at an object of the list "findings", "tests" or
// "engagements" and returns the note's number. Nobody is told of it: what
// becomes of a mention is the caller's to say, with [Server.Raise].
func (s *Server) AddNote(list string, id int64, n Note) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.orNow(&n.At)
	s.data.lastNote++
	n.ID = s.data.lastNote
	d := &s.data
	switch list {
	case "findings":
		f := d.findings.rows[id]
		f.Notes = append([]Note{n}, f.Notes...)
		if !n.API || !s.old() {
			f.Reviewed = n.At
		}
		d.findings.rows[id] = f
	case "tests":
		t := d.tests.rows[id]
		t.Notes = append([]Note{n}, t.Notes...)
		d.tests.rows[id] = t
	case "engagements":
		e := d.engagements.rows[id]
		e.Notes = append([]Note{n}, e.Notes...)
		d.engagements.rows[id] = e
	default:
		panic(fmt.Sprintf("dojoserver: %s have no notes here", list))
	}
	return n.ID
}

// copied are copies of notes: new ones of the same time and author.
func (s *Server) copied(notes []Note) []Note {
	out := make([]Note, len(notes))
	for i, n := range notes {
		s.data.lastNote++
		n.ID = s.data.lastNote
		out[i] = n
	}
	return out
}

// notesJSON writes notes as they stand in the lists of objects.
func (s *Server) notesJSON(notes []Note) []any {
	out := make([]any, len(notes))
	for i, n := range notes {
		by := s.stubJSON(n.Author)
		history := []any{}
		if !n.API {
			history = append(history, map[string]any{"id": n.ID, "current_editor": by, "note_type": nil, "data": n.Text, "time": apiTime(n.At)})
		}
		out[i] = map[string]any{
			"id": n.ID, "author": by, "editor": nil, "history": history, "note_type": nil, "entry": n.Text,
			"date": apiTime(n.At), "private": n.Private, "edited": false, "edit_time": apiTime(n.At),
		}
	}
	return out
}

// stubJSON is a user as notes name one, nil for an unknown one.
func (s *Server) stubJSON(name string) any {
	a := s.users[name]
	if a == nil {
		return nil
	}
	return map[string]any{"id": a.ID, "username": a.Name, "first_name": a.First, "last_name": a.Last}
}
