package render

import (
	"strconv"
	"strings"
)

// The sizes of a note's texts, in characters and lines.
const (
	noteTitle  = 200
	noteBody   = 8000
	noteListed = 10
)

// NoteText is an event in plain words, for services that have a title, a text
// and perhaps a link. Nothing in it is escaped: whoever sends it does that.
type NoteText struct {
	Title string // one line
	Body  string // may have several lines; "" where the title says it all
	Link  string // "" = none
}

// Note returns the event in plain words.
func Note(in Input) NoteText {
	in = in.ready()
	m := in.compose()
	n := NoteText{Title: shorten(strings.TrimSpace(oneLine(in.Call.Title)), noteTitle), Link: m.link}
	if n.Title == "" {
		n.Title = m.label
	}
	var lines []string
	if m.brief != n.Title {
		lines = append(lines, m.brief)
	}
	if m.quote != "" {
		lines = append(lines, m.quote)
	}
	var trail []string
	for _, c := range m.trail {
		if c.name != "" {
			trail = append(trail, c.name)
		}
	}
	if len(trail) > 0 {
		lines = append(lines, strings.Join(trail, " / "))
	}
	for _, f := range m.facts {
		if f[1] != "" && f[0] != "Title" { // which the first line has
			lines = append(lines, f[0]+": "+f[1])
		}
	}
	if len(m.lists) == len(changes(in.Call)) {
		if s := changed(in.Call); s != "" {
			lines = append(lines, s)
		}
	}
	top, more := topFindings(m.lists, noteListed)
	for _, f := range top {
		lines = append(lines, "- "+f.line)
	}
	if more > 0 {
		lines = append(lines, "and "+strconv.Itoa(more)+" more")
	}
	n.Body = shorten(strings.TrimSpace(strings.Join(lines, "\n")), noteBody)
	if n.Body == n.Title {
		n.Body = ""
	}
	return n
}
