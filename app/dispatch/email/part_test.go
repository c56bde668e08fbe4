package email

import (
	"io"
	"mime/quotedprintable"
	"strings"
	"testing"
)

// FuzzQuoted takes any text: what another reader makes of it is the text, and no
// line is longer than it may be.
func FuzzQuoted(f *testing.F) {
	for _, s := range []string{
		"", "a", "\n", "a\n", "a\r\nb", "a \nb\t\n \n", "=", "ä", strings.Repeat("x", 75), strings.Repeat("x", 76), strings.Repeat("x", 77),
		strings.Repeat("x", 74) + " ", strings.Repeat("x", 75) + " ", strings.Repeat("x", 76) + " \n.", strings.Repeat("ü", 60), strings.Repeat("x", 73) + "=" + "y",
		strings.Repeat(" ", 200), ".\n..\nFrom x", "\x00\x7f", "a\rb",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		raw := string(appendQuoted(nil, s))
		for line := range strings.SplitSeq(raw, "\r\n") {
			if len(line) > 76 || strings.ContainsAny(line, "\r\n") || strings.HasSuffix(line, " ") || strings.HasSuffix(line, "\t") {
				t.Errorf("a line %q", line)
			}
		}
		want := strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\n", "\r\n")
		got, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(raw)))
		if err != nil || string(got) != want {
			t.Errorf("%q became %q, which is read as %q, %v", s, raw, got, err)
		}
	})
}
