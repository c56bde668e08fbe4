package render

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The sizes of a card's texts in characters. Teams takes 28 KB; these keep a
// card of nothing but four-byte letters below 20 KB as JSON.
const (
	cardTitle   = 150
	cardText    = 700
	cardFact    = 140
	cardListed  = 5
	cardFacts   = 12
	cardAction  = 60
	cardSummary = 300
)

// Card is a message for Microsoft Teams, before it becomes an Adaptive Card.
// Title, Subtitle, Text and Facts are Markdown in which nothing that others
// wrote has a meaning.
type Card struct {
	Title    string      // what kind of event: "Scan Added"
	Subtitle string      // the event's title where the text does not tell it; "" = none
	Text     string      // one sentence, or what the call says
	Quote    string      // what somebody wrote; "" = nothing
	Facts    [][2]string // label and value, no colons
	List     []string    // the most severe findings, one each, and how many more
	Link     string      // "" = none; http or https
	Action   string      // plain text on the link's button
	Style    string      // one of the styles
	Summary  string      // plain text: the card in one line, where cards are not shown
}

// Teams returns the message about the event.
func Teams(in Input) Card {
	in = in.ready()
	m := in.compose()
	c := Card{
		Title: markdown(shorten(m.label, cardTitle)),
		Text:  markdown(shorten(m.brief, cardText)),
		Quote: markdown(shorten(m.quote, cardText)),
		Link:  m.link, Style: m.style,
		Summary: shorten(oneLine(in.summary(&m)), cardSummary),
	}
	if m.title != m.brief {
		c.Subtitle = markdown(shorten(m.title, cardTitle))
	}
	for _, f := range m.card[:min(len(m.card), cardFacts)] {
		c.Facts = append(c.Facts, [2]string{f[0], markdown(shorten(f[1], cardFact))})
	}
	top, more := topFindings(m.lists, cardListed)
	for _, f := range top {
		c.List = append(c.List, markdown(shorten(f.line, cardFact)))
	}
	if more > 0 {
		c.List = append(c.List, "and "+strconv.Itoa(more)+" more")
	}
	if c.Link != "" {
		c.Action = shorten(m.action, cardAction)
	}
	return c
}

// summary is the event in one line.
func (in *Input) summary(m *message) string {
	if t := strings.TrimSpace(oneLine(in.Call.Title)); t != "" {
		return t
	}
	return m.brief
}

// markdown escapes the part of Markdown that Adaptive Cards know (emphasis,
// links, lists, headings, code) and the angle brackets of mentions. An
// underscore within a word means nothing and stays.
func markdown(s string) string {
	var b strings.Builder
	b.Grow(len(s) + 16)
	start, last := true, ' '
	for i, r := range s {
		switch r {
		case '\\', '`', '*', '[', ']', '<', '>', '~', '|', '&':
			b.WriteByte('\\')
		case '_':
			next, _ := utf8.DecodeRuneInString(s[i+1:])
			if !letter(last) || !letter(next) {
				b.WriteByte('\\')
			}
		case '#', '-', '+', '=':
			if start {
				b.WriteByte('\\')
			}
		case '.', ')':
			if start && last >= '0' && last <= '9' {
				b.WriteByte('\\')
			}
		}
		b.WriteRune(r)
		// A line begins until something other than blanks and a number came.
		start = r == '\n' || start && (r == ' ' || r >= '0' && r <= '9')
		last = r
	}
	return b.String()
}

func letter(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
