package services

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/app/dispatch/render"
)

// listed is how many events a digest names.
const listed = 20

// compose puts a message into plain words.
func (c *Channel) compose(ctx context.Context, m *dispatch.Message) render.NoteText {
	notes := make([]render.NoteText, min(len(m.Events), listed))
	for i := range notes {
		e := &m.Events[i]
		notes[i] = render.Note(render.Input{
			Call: &e.Call, At: e.At, Team: m.Team, Site: m.Site, To: m.To, Version: m.Version,
			People: c.finder(ctx, m.Destination.Account),
		})
	}
	if len(m.Events) == 1 {
		if m.Held {
			notes[0].Body = strings.TrimSpace(notes[0].Body + "\n" + render.Held)
		}
		return notes[0]
	}
	digest := render.NoteText{Title: strconv.Itoa(len(m.Events)) + " notifications"}
	var lines []string
	for i, n := range notes {
		line := "- " + n.Title
		if severity := dispatch.Severity(&m.Events[i]); severity != "" {
			line = "- " + severity + ": " + n.Title
		}
		lines = append(lines, line)
	}
	if more := len(m.Events) - len(notes); more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	if m.Held {
		lines = append(lines, render.Held)
	}
	digest.Body = strings.Join(lines, "\n")
	if link, _, err := app.Link(m.Site, ""); err == nil && len(link) <= render.MaxURL {
		digest.Link = link
	}
	return digest
}

func (c *Channel) finder(ctx context.Context, account app.AccountID) func(string) (app.Person, bool) {
	if c.People == nil {
		return nil
	}
	return func(username string) (app.Person, bool) { return c.People(ctx, account, username) }
}

// words puts a note into the form of a service: its title apart where it has
// one, else in front of the text; the link as the last line, whole or not at
// all.
func (k kind) words(n render.NoteText, titled bool) (title, text string) {
	if k.markup {
		n.Title, n.Body = unmarked(n.Title), unmarked(n.Body)
	}
	text = n.Body
	switch {
	case titled && text == "":
		title, text = n.Title, n.Title
	case titled:
		title = n.Title
	case text == "":
		text = n.Title
	default:
		text = n.Title + "\n\n" + text
	}
	if n.Link == "" || len(n.Link) > k.most/2 {
		return title, cut(text, k.most)
	}
	return title, cut(text, k.most-len(n.Link)-1) + "\n" + n.Link
}

// unmarked takes from a text what services with markup would make something else
// of than it says: a link under other words, a picture, somebody who is called.
// All of that begins with <, @ or ], behind which a blank without width ends it
// in every one of their dialects, escaping being different in each. Bold letters
// and headings are left: they deceive nobody.
func unmarked(s string) string { return marks.Replace(s) }

var marks = strings.NewReplacer("<", "<\u200b", "@", "@\u200b", "]", "]\u200b")

// cut returns at most n bytes of s, with a mark where something is missing.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	n -= len("…")
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return strings.TrimRight(s[:max(n, 0)], " \n") + "…"
}
