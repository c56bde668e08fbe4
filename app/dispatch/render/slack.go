package render

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Slack's limits for the parts of a message, in characters
// (docs.slack.dev, Block Kit reference: header, section, button; chat.postMessage).
const (
	slackHeader   = 150
	slackSection  = 3000
	slackField    = 2000
	slackFields   = 10
	slackButton   = 75
	slackFallback = 4000
	// slackListed is how many findings a message lists; the rest is a number.
	slackListed = 10
	slackLine   = 250
)

// SlackText is a message for Slack: the words, and the same in parts from which
// blocks are built. Whatever is marked as mrkdwn is escaped, so that nothing in
// it mentions anybody or becomes a link; the rest is for plain_text objects.
type SlackText struct {
	// Text is the message in plain words, as DefectDojo's recordings have it:
	// nothing is escaped, and the line breaks around it are theirs.
	Text string
	// Fallback is Text as it is posted beside blocks, where notifications show
	// it: escaped, tidied, with the title where DefectDojo only says that
	// something has occurred; at most 4000 characters.
	Fallback string

	Header string      // plain text, at most 150 characters
	Body   string      // mrkdwn, at most 3000 characters
	Fields [][2]string // mrkdwn, label and value, at most 10
	List   string      // mrkdwn, at most 3000 characters: the most severe findings; "" = none
	Link   string      // "" = none; not escaped
	Action string      // plain text on the link's button
	Foot   string      // mrkdwn: the team
	Style  string      // one of the styles
}

// Slack returns the message about the event.
func Slack(in Input) SlackText {
	in = in.ready()
	m := in.compose()
	s := SlackText{
		Text:   in.slackWords(),
		Header: shorten(m.label, slackHeader),
		Link:   m.link, Style: m.style,
		Foot: escapeWithin(in.team(), slackField, slackRune),
	}
	s.Fallback = escapeWithin(in.fallback(), slackFallback, slackRune)
	var body []string
	if m.title != "" && m.title != m.brief {
		body = append(body, m.title)
	}
	body = append(body, m.brief)
	s.Body = escapeWithin(strings.Join(body, "\n"), slackSection, slackRune)
	if m.quote != "" {
		s.Body = quoted(s.Body, m.quote)
	}
	for _, f := range m.card[:min(len(m.card), slackFields)] {
		s.Fields = append(s.Fields, [2]string{f[0], escapeWithin(f[1], slackField-len(f[0])-16, slackRune)})
	}
	s.List = in.slackList(m.lists)
	if s.Link != "" {
		s.Action = shorten(m.action, slackButton)
	}
	return s
}

// slackQuoted is how many lines of a quote are shown.
const slackQuoted = 30

// quoted puts what somebody wrote below a text that is escaped, every line of
// it with the mark of a quote.
func quoted(body, quote string) string {
	lines := strings.SplitN(quote, "\n", slackQuoted+1)
	if len(lines) > slackQuoted {
		lines[slackQuoted] = "…"
	}
	left := slackSection - utf8.RuneCountInString(body) - len("\n> ")*len(lines)
	q := escapeWithin(strings.Join(lines, "\n"), left, slackRune)
	if q == "" {
		return body
	}
	return body + "\n> " + strings.ReplaceAll(q, "\n", "\n> ")
}

// slackList lists findings, what changed first, one a line.
func (in *Input) slackList(lists []list) string {
	var b strings.Builder
	top, more := topFindings(lists, slackListed)
	size := 0
	for i, f := range top {
		line := escapeWithin(f.line, slackLine, slackRune)
		if to := in.page("finding", f.id); to != "" && !strings.ContainsAny(to, "|<>") {
			line = "<" + slackEscape(to) + "|" + strings.ReplaceAll(line, "|", "¦") + ">"
		}
		n := utf8.RuneCountInString(line) + 3
		if size+n > slackSection-40 {
			more += len(top) - i
			break
		}
		size += n
		b.WriteString("• " + line + "\n")
	}
	if more > 0 {
		b.WriteString("and " + strconv.Itoa(more) + " more\n")
	}
	return strings.TrimRight(b.String(), "\n")
}

// slackRune escapes what Slack gives a meaning to in every text
// (docs.slack.dev, "Escaping text"): with these three gone there are no
// mentions and no links.
func slackRune(r rune) string {
	switch r {
	case '&':
		return "&amp;"
	case '<':
		return "&lt;"
	case '>':
		return "&gt;"
	}
	return ""
}

func slackEscape(s string) string { return escapeWithin(s, len(s)*5+1, slackRune) }

// escapeWithin escapes s so that it has at most limit characters afterwards,
// and never half an escape. esc returns "" for what stays as it is.
func escapeWithin(s string, limit int, esc func(rune) string) string {
	var b strings.Builder
	b.Grow(min(len(s), 4*max(limit, 0)) + 16)
	n, safe := 0, 0 // safe: where the text can be cut with room for an ellipsis
	for _, r := range s {
		e := esc(r)
		size := 1
		if e != "" {
			size = utf8.RuneCountInString(e)
		}
		if n+size > limit {
			if limit <= 0 {
				return ""
			}
			return strings.TrimRight(b.String()[:safe], " \n") + "…"
		}
		if e == "" {
			b.WriteRune(r)
		} else {
			b.WriteString(e)
		}
		if n += size; n < limit {
			safe = b.Len()
		}
	}
	return b.String()
}

// fallback is the text without its template's blanks, with the title before it, or
// instead of a sentence that says nothing.
func (in *Input) fallback() string {
	own := *in
	own.Letter = false
	words := tidy(own.slackWords())
	if title := strings.TrimSpace(short(in.Call.Title)); title != "" {
		if !in.says() {
			words = strings.Replace(words, in.standard(), title, 1)
		}
		if !strings.Contains(words, title) {
			words = title + "\n" + words
		}
	}
	if words == "" {
		return in.label()
	}
	return words
}

// tidy takes the blanks of a template out of a text.
func tidy(s string) string {
	var kept []string
	blank := true
	for l := range strings.SplitSeq(s, "\n") {
		l = strings.TrimSpace(l)
		if l == "" && blank {
			continue
		}
		blank = l == ""
		kept = append(kept, l)
	}
	return shorten(strings.TrimSpace(strings.Join(kept, "\n")), maxParagraph)
}
