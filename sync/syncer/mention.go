package syncer

import (
	"regexp"
	"strings"
	"time"

	"bellhop/app"
	"bellhop/sync/dojo"
)

// mentioned finds who is mentioned in a note, as DefectDojo does since 3.1.101:
// an @ at the beginning or after white space, and then all that a Django user
// name may have. Earlier servers stop at the first character that is no letter,
// digit or underscore, and so tell jane of @jane.doe.
var mentioned = regexp.MustCompile(`(?:\A|[\s\x{0b}\x{1c}-\x{1f}\x{85}\p{Z}])@([\p{L}\p{N}_.@+-]+)`)

// mentions says whether a note mentions a user. DefectDojo looks a mention up in
// small letters, so that it never finds who has capitals in her name; here case
// does not count. A dot at the end belongs to the sentence.
func mentions(text, username string) bool {
	for _, m := range mentioned.FindAllStringSubmatch(text, -1) {
		if strings.EqualFold(strings.TrimRight(m[1], "."), strings.TrimRight(username, ".")) {
			return true
		}
	}
	return false
}

// longestQuote is how many characters of a note a message carries.
const longestQuote = 200

// requestMark begins the note that the pages write when a review is requested.
const requestMark = "Review Request: "

// requestOf returns the note with which a review was requested last, the zero
// one where there is none.
func requestOf(notes []dojo.Note) dojo.Note {
	var last dojo.Note
	for _, n := range notes {
		if strings.HasPrefix(n.Text, requestMark) && n.At.After(last.At) {
			last = n
		}
	}
	return last
}

// heardOf returns the notes that mention a user and were written since then. The
// text of a request for a review is told with the review.
func heardOf(notes []dojo.Note, username string, since time.Time) []dojo.Note {
	var heard []dojo.Note
	for _, n := range notes {
		if !n.At.Before(since) && !strings.HasPrefix(n.Text, requestMark) && mentions(n.Text, username) {
			heard = append(heard, n)
		}
	}
	return heard
}

// deriveMention returns that a note mentions the user. The call says where the
// note is; a copy of the note, at the copy of what it was written at, is the
// same fact.
func deriveMention(a *atlas, username string, n dojo.Note, call app.Call) app.Event {
	who := n.Author
	if who == "" {
		who = "Somebody"
	}
	call.Kind, call.Title, call.Icon = app.KindUserMentioned, who+" jotted a note", "commenting"
	call.Actor, call.RequestedBy, call.Recipients = n.Author, n.By, []string{username}
	call.Note = app.Cut(n.Text, longestQuote)
	if call.Note != n.Text {
		call.Note += "..."
	}
	return a.event(n.At, call, noteKey(n))
}

// noteKey is what a note and its copies have in common.
func noteKey(n dojo.Note) string { return key(n.Author, n.At.UnixMicro()) }

// The places of notes, with the words that DefectDojo has for them.

func (a *atlas) noteAtFinding(f finding) app.Call {
	call := a.findingCall(app.KindUserMentioned, f, "")
	call.Section = "Finding: " + f.Title
	return call
}

func (a *atlas) noteAtTest(t test) app.Call {
	call := app.Call{URL: path("/test/", t.ID), URLAPI: apiPath("tests", t.ID)}
	a.inTest(&call, t)
	call.Section = "Test: " + t.Type
	if call.Product != nil && call.Product.Name != "" {
		call.Section += " on " + call.Product.Name
	}
	return call
}

func (a *atlas) noteAtEngagement(e engagement) app.Call {
	call := a.engagementCall(app.KindUserMentioned, e, "")
	call.Section = "Engagement: " + e.Name
	return call
}
