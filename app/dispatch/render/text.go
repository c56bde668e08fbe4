package render

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// keep decides about one character of a text that others wrote. Control
// characters and invisible format characters, those that turn the direction of
// text among them, never leave this package; the two joiners that spelling
// needs do.
func keep(r rune) rune {
	switch {
	case r == '\n':
		return r
	case unicode.IsSpace(r), unicode.IsControl(r):
		return ' '
	case r == '\u200c' || r == '\u200d':
		return r
	case unicode.In(r, unicode.Cf, unicode.Noncharacter_Code_Point):
		return -1
	}
	return r
}

// harmless says whether s is left as it is by keep; most texts are.
func harmless(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf || s[i] < ' ' || s[i] == 0x7f {
			return false
		}
	}
	return true
}

// maxText bounds what is looked at of one text, in bytes: more than any channel
// shows, and little enough that a megabyte of title costs nothing.
const maxText = 64 << 10

// breaks makes one kind of line break of all.
var breaks = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\u0085", "\n", "\v", "\n", "\f", "\n")

// plain returns s as harmless text of one or more lines, which end with \n.
func plain(s string) string {
	if len(s) > maxText {
		s = s[:maxText]
	}
	if harmless(s) {
		return s
	}
	return strings.Map(keep, breaks.Replace(strings.ToValidUTF8(s, "\uFFFD")))
}

// oneLine returns s as harmless text on one line. A line break, with the
// blanks around it, becomes one blank; other blanks stay as many as they are.
func oneLine(s string) string {
	s = plain(s)
	if !strings.Contains(s, "\n") {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i, line := range strings.Split(s, "\n") {
		if i > 0 {
			line = strings.TrimLeft(line, " ")
			if b.Len() > 0 && line != "" && !strings.HasSuffix(b.String(), " ") {
				b.WriteByte(' ')
			}
		}
		b.WriteString(line)
	}
	return b.String()
}

// shorten returns the first n characters of s; where that leaves something
// out, the last one is an ellipsis.
func shorten(s string, n int) string {
	if len(s) <= n || utf8.RuneCountInString(s) <= n {
		return s
	}
	end := 0
	for i := range s {
		if n == 1 {
			end = i
			break
		}
		n--
	}
	return strings.TrimRightFunc(s[:end], unicode.IsSpace) + "…"
}

// months are abbreviated as Django's "N" does, after the Associated Press.
var months = [...]string{
	"Jan.", "Feb.", "March", "April", "May", "June", "July", "Aug.", "Sept.", "Oct.", "Nov.", "Dec.",
}

// date is a day as DefectDojo's texts have it: "Nov. 25, 2026".
func date(t time.Time) string {
	return months[t.Month()-1] + t.Format(" 2, 2006")
}
