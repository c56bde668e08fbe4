package email

import (
	"encoding/base64"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxSubject and maxName are in characters. A title has at most 250; what is
// longer than this is cut by every mail program anyway.
const (
	maxSubject = 400
	maxName    = 100
)

// hidden says whether a character changes how others are shown without being
// seen itself: the bidirectional controls, with which a name can be made to
// read as another one.
func hidden(r rune) bool {
	return r == 0x061c || r == 0x200e || r == 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// plain makes one line of text that is safe in a header: valid UTF-8, without
// control characters and bidirectional controls, white space run together, at
// most n characters.
func plain(s string, n int) string {
	// A title can be a megabyte; no character has more than four bytes, and
	// white space that is run together has to be paid for by someone.
	if most := 16 * n; len(s) > most {
		s = s[:most]
	}
	var b strings.Builder
	space, count := false, 0
	for _, r := range s {
		switch {
		case hidden(r) || r == 0xfeff || unicode.Is(unicode.Noncharacter_Code_Point, r): // XML has no noncharacters
			continue
		case unicode.IsSpace(r) || unicode.IsControl(r):
			space = b.Len() > 0
			continue
		}
		if space {
			if count+2 > n {
				break
			}
			b.WriteByte(' ')
			space = false
			count++
		}
		if count++; count > n {
			break
		}
		b.WriteRune(r) // an invalid byte is utf8.RuneError here
	}
	return b.String()
}

// encoded returns a header's text in the form of RFC 2047 where it needs one:
// beyond ASCII, where it would be read as an encoded word by itself, and where
// one word is longer than a line may be.
func encoded(s string) string {
	word, needs := 0, strings.Contains(s, "=?")
	for i := range len(s) {
		if s[i] == ' ' {
			word = 0
			continue
		}
		if word++; s[i] >= utf8.RuneSelf || word > 60 {
			needs = true
		}
	}
	if !needs {
		return s
	}
	// 45 bytes become 60 characters, 72 with the frame; 75 is the limit. The
	// first stands behind the header's name, which would else be alone in its
	// line.
	most := 30
	var words []string
	for s != "" {
		n := 0
		for n < len(s) {
			_, size := utf8.DecodeRuneInString(s[n:])
			if n+size > most {
				break
			}
			n += size
		}
		words = append(words, "=?UTF-8?B?"+base64.StdEncoding.EncodeToString([]byte(s[:n]))+"?=")
		s, most = s[n:], 45
	}
	return strings.Join(words, " ")
}

// token makes a value that can stand in an id or a header without any quoting:
// letters, digits, dot, dash and underscore.
func token(s string, n int) string {
	var b strings.Builder
	for i := 0; i < len(s) && b.Len() < n; i++ {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '-' || c == '_' {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// body makes a text that any mail program can show: valid UTF-8, no control
// characters but tab and line end.
func body(s string) string {
	if clean(s) {
		return s
	}
	s = strings.ToValidUTF8(s, "\ufffd")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, s)
}

// clean says whether s is ASCII that [body] would leave as it is, which most
// texts are.
func clean(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= 0x7f || c < ' ' && c != '\n' && c != '\t' {
			return false
		}
	}
	return true
}
