package dojo

import "time"

// Note is what somebody wrote at a finding, a test or an engagement. A list of
// these carries the notes of each object; those of a risk acceptance have to be
// asked for one by one.
type Note struct {
	ID     int64
	Text   string
	Author string // the user name
	// By is how pages call the author, "Ana Lima (ana)" or "ana".
	By string
	// At is when it was written, to the microsecond. An object that is copied
	// takes copies of its notes along, which keep it.
	At      time.Time
	Private bool // left out of reports; whoever sees the object sees it
}

type wireNote struct {
	ID     int64 `json:"id"`
	Author *struct {
		Username string `json:"username"`
		First    string `json:"first_name"`
		Last     string `json:"last_name"`
	} `json:"author"`
	Entry   string `json:"entry"`
	Date    moment `json:"date"`
	Private bool   `json:"private"`
}

// notesOf reads the notes of an object; what has no number is none.
func notesOf(wire []wireNote) []Note {
	var out []Note
	for i := range wire {
		w := &wire[i]
		if w.ID <= 0 {
			continue
		}
		n := Note{ID: w.ID, Text: w.Entry, At: w.Date.Time, Private: w.Private}
		if a := w.Author; a != nil && len(a.Username) <= longestName {
			n.Author, n.By = a.Username, fullName(a.First, a.Last, a.Username)
		}
		out = append(out, n)
	}
	return out
}

// fullName is how DefectDojo's pages call a user.
func fullName(first, last, username string) string {
	switch {
	case first == "" && last == "":
		return username
	case first == "":
		return last + " (" + username + ")"
	case last == "":
		return first + " (" + username + ")"
	}
	return first + " " + last + " (" + username + ")"
}
