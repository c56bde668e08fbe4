package tray

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestPlainMakesOneHarmlessLine(t *testing.T) {
	for _, c := range []struct {
		in    string
		limit int
		want  string
	}{
		{"Scan added", 60, "Scan added"},
		{"  two\r\n\tlines\x00 ", 60, "two lines"},
		{"invoice\u202egnp.exe", 60, "invoicegnp.exe"},
		{"\u2066isolated\u2069 \u200fmark\ufeff", 60, "isolated mark"},
		{"na\u00efve \u4f60\u597d", 60, "na\u00efve \u4f60\u597d"},
		{"\u0645\u06cc\u200c\u062e", 60, "\u0645\u06cc\u200c\u062e"}, // spelt with a joiner
		{"broken \xff byte", 60, "broken \ufffd byte"},
		{"0123456789", 10, "0123456789"},
		{"0123456789a", 10, "012345678…"},
		{"012345678 9a", 10, "012345678…"},
		{"", 10, ""},
	} {
		if got := plain(c.in, c.limit); got != c.want {
			t.Errorf("plain(%q, %d) = %q, want %q", c.in, c.limit, got, c.want)
		}
	}
}

func FuzzPlain(f *testing.F) {
	f.Add("Scan added", 10)
	f.Add("\u202e\x00\n_&\xff", 3)
	f.Add(strings.Repeat("x ", 100), 60)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		limit = 1 + max(limit%100, 0)
		got := plain(s, limit)
		if n := utf8.RuneCountInString(got); n > limit {
			t.Errorf("%d runes where %d are allowed: %q", n, limit, got)
		}
		if !utf8.ValidString(got) {
			t.Errorf("not valid for D-Bus: %q", got)
		}
		if strings.ContainsFunc(got, func(r rune) bool {
			return unicode.IsControl(r) || r != ' ' && unicode.IsSpace(r) || unicode.Is(unicode.Bidi_Control, r)
		}) {
			t.Errorf("not harmless: %q", got)
		}
	})
}
