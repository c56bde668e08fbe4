package render

import (
	"strconv"
	"strings"

	"bellhop/app"
)

const (
	// maxSubject keeps a hostile title from becoming a wall. Mail libraries fold
	// what is longer than the 998 characters a line of RFC 5322, 2.1.1.
	maxSubject = 900
	// maxFindings is how many findings a mail lists under one heading.
	maxFindings = 25
)

// MailText is a message for mail.
type MailText struct {
	Subject string // one line, not encoded
	Text    string // the text part, complete without the other; lines end with \n
	HTML    string // the HTML part, UTF-8, without anything to be fetched
}

// Mail returns the message about the event.
func Mail(in Input) MailText {
	in = in.ready()
	m := in.compose()
	return MailText{Subject: in.subject(), Text: in.mailText(&m), HTML: in.mailHTML(&m)}
}

// subject is DefectDojo's: the team's name and the title.
func (in *Input) subject() string {
	team := in.team()
	if in.Letter {
		team = oneLine(in.Team)
	}
	return shorten(team+" notification: "+oneLine(in.Call.Title), maxSubject)
}

// team is the team's name, as subjects and greetings have it.
func (in *Input) team() string {
	if t := shorten(strings.TrimSpace(oneLine(in.Team)), app.MaxTitle); t != "" {
		return t
	}
	return "DefectDojo"
}

// greeting names the person; a shared place has no name.
func (in *Input) greeting() string { return Greeting(&in.To) }

// Greeting is the first line of a letter to a person. Who has nothing but the name
// that Bellhop gives to whoever sits here, or none, is greeted without.
func Greeting(to *app.Person) string {
	if who := fullName(to); who != "" && who != me {
		return "Hello " + shorten(who, app.MaxTitle) + ","
	}
	return "Hello,"
}

// me is the user name of who uses this computer, on an account without a server.
const me = "me"

// settings is where DefectDojo's notification settings are.
func (in *Input) settings() string {
	if in.Site == "" {
		return ""
	}
	return in.link(in.join("/notifications"))
}

// mailText is the text part.
func (in *Input) mailText(m *message) string {
	var b strings.Builder
	para := func(lines ...string) {
		wrote := false
		for _, l := range lines {
			if l != "" {
				b.WriteString(l)
				b.WriteByte('\n')
				wrote = true
			}
		}
		if wrote {
			b.WriteByte('\n')
		}
	}
	para(in.greeting())
	para(m.title)
	for i, p := range m.intro {
		if last := i == len(m.intro)-1; !last {
			para(p)
			continue
		}
		lines := []string{p, m.path()}
		for _, who := range m.people {
			lines = append(lines, "- "+who)
		}
		para(lines...)
	}
	if len(m.intro) == 0 {
		para(m.path())
	}
	if m.quote != "" {
		para("> " + strings.ReplaceAll(m.quote, "\n", "\n> "))
	}
	lines := make([]string, 0, len(m.facts))
	for _, f := range m.facts {
		lines = append(lines, "- "+f[0]+": "+f[1])
	}
	para(lines...)
	for i := range m.lists {
		para(in.listText(&m.lists[i])...)
	}
	para(m.after)
	if in.Held {
		para(Held)
	}
	if m.link != "" {
		para(m.reach + ": " + m.link)
	}
	para("Kind regards,", in.team())
	if to := in.settings(); to != "" {
		para("You can manage your notification settings here: " + to)
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// path is the trail on one line.
func (m *message) path() string {
	names := make([]string, 0, len(m.trail))
	for _, c := range m.trail {
		if c.name != "" {
			names = append(names, c.name)
		}
	}
	return strings.Join(names, " / ")
}

// listText is a list of findings in lines; an empty list is its heading.
func (in *Input) listText(l *list) []string {
	lines := []string{l.heading()}
	for i := range l.findings[:l.shown(maxFindings)] {
		f := &l.findings[i]
		line := "- " + findingLine(f)
		if to := in.page("finding", f.ID); to != "" {
			line += "\n  " + to
		}
		lines = append(lines, line)
	}
	if n := len(l.findings) - maxFindings; n > 0 {
		lines = append(lines, "and "+strconv.Itoa(n)+" more")
	}
	return lines
}

func (l *list) heading() string { return l.name + " (" + strconv.Itoa(len(l.findings)) + ")" }

func (l *list) shown(n int) int { return min(n, len(l.findings)) }

// findingLine is a finding with its severity: "Weak TLS (High)".
func findingLine(f *app.FindingRef) string {
	title := strings.TrimSpace(shorten(oneLine(f.Title), maxName))
	if title == "" {
		title = "Finding " + itoa(f.ID)
	}
	if s := strings.TrimSpace(shorten(oneLine(f.Severity), app.MaxIcon)); s != "" {
		title += " (" + s + ")"
	}
	return title
}

// topFinding is a finding in a short message.
type topFinding struct {
	line string // with what happened to it
	id   int64
}

// topFindings are the findings that a short message lists, what changed first,
// and how many are left out.
func topFindings(lists []list, n int) (top []topFinding, more int) {
	for i := range lists {
		l := &lists[i]
		if l.what == untouched {
			continue
		}
		for j := range l.findings {
			if len(top) == n {
				more += len(l.findings) - j
				break
			}
			line := findingLine(&l.findings[j])
			if l.what != "" {
				line = l.what + ": " + line
			}
			top = append(top, topFinding{line, l.findings[j].ID})
		}
	}
	return top, more
}
