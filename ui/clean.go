package ui

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// longestText is how many characters of a description are shown. A finding's
// description can be megabytes, and laying out what wraps takes Fyne some 10 ms
// for each 1,000 characters; DefectDojo's page shows all of it.
const longestText = 6_000

// longestLine is how many bytes of a text are looked at for one line of the
// list.
const longestLine = 1_000

// clean makes text from a server harmless to show: titles and descriptions come
// from scanners and so from attackers. Characters that steer the display
// (control characters, marks that reverse the reading order, invisible ones)
// become visible as "·" or vanish, and broken UTF-8 becomes "�". Line breaks
// stay where lines is true and become spaces elsewhere.
func clean(s string, lines bool) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && lines:
			return r
		case r == '\n', r == '\t', r == '\u2028', r == '\u2029':
			return ' '
		case r == '\u200d': // joins emoji
			return r
		case unicode.Is(unicode.Bidi_Control, r), unicode.IsControl(r):
			return '·'
		case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r), unicode.Is(unicode.Cs, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "�"))
}

// oneLine returns s as a title or a source is shown.
func oneLine(s string) string { return strings.TrimSpace(clean(s, false)) }

// head returns the beginning of s, at most n bytes and no half character.
func head(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// paragraphs returns s as a description is shown; cut says that more of it is
// on the server.
func paragraphs(s string) (text string, cut bool) {
	if len(s) > longestText && utf8.RuneCountInString(s) > longestText {
		s, cut = string([]rune(s)[:longestText]), true
	}
	return strings.TrimSpace(clean(s, true)), cut
}
