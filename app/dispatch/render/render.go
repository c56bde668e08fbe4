// Package render puts an event into words: one function for each channel.
//
// The words are DefectDojo's, as servers 2.46.0 and 3.2.0 were recorded saying
// them. Bellhop differs where those texts are wrong, and only there:
//   - nothing is escaped for HTML outside of HTML: a quote in a finding's title
//     stays a quote in Slack, Teams and in the alert;
//   - every value is escaped for the place where it stands, once;
//   - a link is the server's address and a path, put together once, and only
//     http or https; where there is none, no link is shown (DefectDojo glues a
//     second host to an absolute address, and writes "None");
//   - the author of a note is who wrote it (2.46 names the reader), the days of
//     a service level are there (2.46 leaves them out), an upcoming engagement
//     has its own name (DefectDojo prints the product's) and a risk acceptance
//     its own link (DefectDojo's leads to the start page);
//   - a line break in a title does not stop the mail;
//   - a mail has a text part that is complete, and the team's name below it.
//
// Everything here is a pure function of its input.
package render

import (
	"strconv"
	"strings"
	"time"

	"bellhop/app"
)

// Newest is the DefectDojo version whose wording is used where none is known.
const Newest = "3.2.0"

// Input is one event for one receiver.
type Input struct {
	Call *app.Call
	// At is when it happened; the zero time is "not known".
	At time.Time
	// Team is the team name of the server's settings, as mail subjects have it.
	Team string
	// Site is the server's address with its path prefix, no slash at the end;
	// "" = no server is known, and then relative links lead nowhere.
	Site string
	// To is who receives the message; the zero value is a shared place.
	To app.Person
	// Version is the server's, whole ("2.46.0") or its beginning ("2.x"); ""
	// counts as [Newest]. Paths, labels and webhook bodies differ.
	Version string
	// People finds a person by user name, so that texts can name her in full
	// and webhooks can carry her id. It may be nil.
	People func(username string) (app.Person, bool)
	// Blank says that the call's empty description was given on purpose and
	// does not become the standard sentence.
	Blank bool
	// Held says that quiet hours or a silence kept the message until now.
	Held bool
	// Letter asks the alert and Slack's text for the recorded server's letter,
	// blanks included, also where the call says too little. It serves the
	// comparison with recordings and nothing else.
	Letter bool
}

// Held is what a message says that quiet hours or a silence kept.
const Held = "Held until now by quiet hours or a silence."

// AlertText is one row of the alert list. Its limits are [app.MaxTitle] and its
// neighbours; [MaxURL] for the link.
type AlertText struct {
	Title       string
	Description string
	URL         string // as the call has it: a path, or absolute; "" = none
	Source      string
	Icon        string
}

// standard is the description of a call that brings none, as DefectDojo words
// it.
func (in *Input) standard() string {
	c := in.Call
	if in.Letter && (c.Description != "" || in.Blank) {
		return strings.ToValidUTF8(c.Description, "\uFFFD")
	}
	if c.Description != "" || in.Blank {
		return plain(c.Description)
	}
	switch {
	case c.Kind == app.KindPing && !in.Letter:
		return "Test webhook notification"
	case c.Kind == app.KindProductTypeAdded && c.ProductType != nil:
		return in.either("Product Type ", "Organization ") + in.added(c.ProductType) + " has been created successfully."
	case c.Kind == app.KindProductAdded && c.Product != nil:
		return in.either("Product ", "Asset ") + in.added(c.Product) + " has been created successfully."
	}
	return "Event " + short(string(c.Kind)) + " has occurred."
}

// says reports whether the call's description tells more than that something
// happened.
func (in *Input) says() bool {
	d := strings.TrimSpace(in.Call.Description)
	return d != "" && d != "Event "+string(in.Call.Kind)+" has occurred."
}

// either returns old for a server of 2.x and young for a later one.
func (in *Input) either(old, young string) string {
	if in.before(3, 0, 0) {
		return old
	}
	return young
}

// version returns the server's version, or [Newest].
func (in *Input) version() string {
	v := strings.TrimSpace(in.Version)
	if v == "" || v[0] < '0' || v[0] > '9' {
		return Newest
	}
	return v
}

// before says whether the server is older than the version given. A part that
// is not a number ("2.x") counts as the newest of its line.
func (in *Input) before(version ...int) bool {
	parts := strings.SplitN(in.version(), ".", len(version))
	for i, want := range version {
		if i >= len(parts) {
			return false
		}
		digits := strings.TrimRightFunc(parts[i], func(r rune) bool { return r < '0' || r > '9' })
		got, err := strconv.Atoi(digits)
		if err != nil || got > want {
			return false
		}
		if got < want {
			return true
		}
	}
	return false
}

// find returns the person of that user name, with nothing but the name where
// nobody knows her.
func (in *Input) find(username string) app.Person {
	if in.People != nil {
		if p, ok := in.People(username); ok {
			return p
		}
	}
	return app.Person{Username: username}
}

// fullName is a person as DefectDojo's texts name her: "Ana Lima (ana)".
func fullName(p *app.Person) string {
	name := strings.TrimSpace(short(p.FirstName) + " " + short(p.LastName))
	user := short(p.Username)
	if name == "" || user == "" {
		return name + user
	}
	return name + " (" + user + ")"
}

// author is who asked for a review or wrote a note; "" where it is not known.
func (in *Input) author() string {
	if by := short(in.Call.RequestedBy); by != "" {
		return by
	}
	if in.Call.Actor == "" {
		return ""
	}
	p := in.find(in.Call.Actor)
	return fullName(&p)
}

// maxReviewers is how many reviewers a text names.
const maxReviewers = 50

// reviewers are the names of those who are asked for a review.
func (in *Input) reviewers() []string {
	names := make([]string, 0, min(len(in.Call.Reviewers), maxReviewers))
	for i, u := range in.Call.Reviewers {
		if i == maxReviewers {
			return append(names, strconv.Itoa(len(in.Call.Reviewers)-i)+" more")
		}
		p := in.find(u)
		if name := fullName(&p); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// testName is a test as DefectDojo prints it: its title with its type behind
// it, or the type alone.
func testName(c *app.Call) string {
	kind := short(c.TestType)
	if c.Test == nil {
		return kind
	}
	title := short(c.Test.Name)
	switch {
	case title == "":
		return kind
	case kind == "":
		return title
	}
	return title + " (" + kind + ")"
}

// name is an object's name on one line; "" where there is no object.
func name(r *app.Ref) string {
	if r == nil {
		return ""
	}
	return short(r.Name)
}

// maxName bounds a name in characters. DefectDojo's longest is a finding's
// title, which may have 511.
const maxName = 600

// short is a name on one line, not longer than [maxName].
func short(s string) string { return shorten(oneLine(s), maxName) }
