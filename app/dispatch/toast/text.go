package toast

import (
	"strings"
	"unicode"
)

// The widths of a toast in runes. Desktops cut at other places; these keep a
// hostile text from becoming a wall.
const (
	titleWidth = 120
	bodyWidth  = 400
	bodyLines  = 6
)

// oneLine returns s without line breaks, control characters and invisible
// format characters (those that turn the direction of text among them), cut to
// limit runes.
func oneLine(s string, limit int) string {
	kept := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			return ' '
		case r == '\u200c' || r == '\u200d': // spelling needs them
			return r
		case unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Noncharacter_Code_Point, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return cut(strings.Join(strings.Fields(kept), " "), limit)
}

// lines returns s as at most bodyLines plain lines of at most bodyWidth runes
// together; empty lines are dropped.
func lines(s string) string {
	var kept []string
	for l := range strings.SplitSeq(strings.ReplaceAll(s, "\r", "\n"), "\n") {
		if l = oneLine(l, bodyWidth); l != "" {
			kept = append(kept, l)
		}
		if len(kept) == bodyLines {
			break
		}
	}
	return cut(strings.Join(kept, "\n"), bodyWidth)
}

func cut(s string, limit int) string {
	r := []rune(s)
	if len(r) <= limit {
		return s
	}
	return strings.TrimRightFunc(string(r[:limit-1]), unicode.IsSpace) + "…"
}

// markup escapes plain text for a daemon that parses the body as markup. The
// three characters are the ones that the Desktop Notifications Specification
// 1.2, chapter 3, gives a meaning to. A daemon that parses none gets the text as
// it is: escaping would show there, and there is no markup in it to be stripped.
func markup(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}
