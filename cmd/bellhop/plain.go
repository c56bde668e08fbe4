package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// plain makes text from a server safe for a terminal and keeps it on one line:
// an alert's title must not move the cursor, recolour the screen, set the
// window's title, or show its words in another order than they have. Control
// characters (also those of C1, which some terminals obey) and invisible marks
// become U+FFFD, line ends and tabs a space. The two joiners stay, since Persian
// and emoji are wrong without them.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\r', r == '\t', r == '\u2028', r == '\u2029':
			return ' '
		case hostile(r):
			return utf8.RuneError
		default:
			return r
		}
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// hostile says whether a terminal could act on the rune or hide something
// behind it.
func hostile(r rune) bool {
	return r != '\u200c' && r != '\u200d' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co)
}

// writeJSON writes v and a line end. What a terminal could act on is escaped;
// encoding/json does so for the controls below U+0020 only.
func writeJSON(w io.Writer, v any) error {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := io.WriteString(w, escapeHostile(b.String())); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}

// escapeHostile escapes such runes in JSON, in which they can only stand within
// strings.
func escapeHostile(text string) string {
	if !strings.ContainsFunc(text, hostileInJSON) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case !hostileInJSON(r):
			b.WriteRune(r)
		case r > 0xffff:
			hi, lo := 0xd800+(r-0x10000)>>10, 0xdc00+(r-0x10000)&0x3ff
			fmt.Fprintf(&b, `\u%04x\u%04x`, hi, lo)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

func hostileInJSON(r rune) bool { return r != '\n' && hostile(r) }
