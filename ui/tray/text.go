package tray

import (
	"strings"
	"unicode"
)

// plain returns s as one harmless line of at most limit runes. Alert texts are
// written by whoever can name a finding or a product: control characters could
// break the line or the bus message, and bidirectional or invisible format
// characters could make a line read as something it is not. Longer text is cut
// with an ellipsis.
func plain(s string, limit int) string {
	var b strings.Builder
	n, space := 0, false
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			space = n > 0
			continue
		}
		if hidden(r) {
			continue
		}
		need := 1
		if space {
			need = 2
		}
		if n+need > limit {
			return cut(b.String(), limit) + "…"
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
		n += need
	}
	return b.String()
}

// cut makes room for an ellipsis at the end of a line of limit runes.
func cut(s string, limit int) string {
	r := []rune(s)
	if len(r) >= limit {
		r = r[:limit-1]
	}
	return strings.TrimRightFunc(string(r), unicode.IsSpace)
}

// hidden says whether r has no picture of its own. The two joiners are kept,
// because Persian, several Indian scripts and emoji are spelt with them.
func hidden(r rune) bool {
	const joiner, nonJoiner = '\u200d', '\u200c'
	if r == joiner || r == nonJoiner {
		return false
	}
	return unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Noncharacter_Code_Point, r)
}

// label returns an already plain line as a menu shows it: the sign that would
// underline an access key ("_" in a dbusmenu, "&" on Windows) is doubled,
// which both show as the sign itself.
func label(s string) string {
	if accessKey == "" {
		return s
	}
	return strings.ReplaceAll(s, accessKey, accessKey+accessKey)
}
