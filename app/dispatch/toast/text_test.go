package toast

import (
	"encoding/xml"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestTextBecomesPlain(t *testing.T) {
	for in, want := range map[string]string{
		"Scan added":                "Scan added",
		" two\r\nlines\x00\t":       "two lines",
		"invoice\u202egnp.exe":      "invoicegnp.exe",
		"broken \xff":               "broken \ufffd",
		"na\u00efve \u4f60":         "na\u00efve \u4f60",
		strings.Repeat("x", 200):    strings.Repeat("x", titleWidth-1) + "…",
		"\u2066x\u2069\ufeff\u200b": "x",
	} {
		if got := oneLine(in, titleWidth); got != want {
			t.Errorf("oneLine(%q) = %q, want %q", in, got, want)
		}
	}
	if got, want := lines("a\r\n\n \tb \u2028c\n\n\nd\ne\nf\ng\nh"), "a\nb c\nd\ne\nf\ng"; got != want {
		t.Errorf("lines: %q, want %q", got, want)
	}
}

// A daemon that parses markup must read exactly the text, whatever it is.
func FuzzMarkup(f *testing.F) {
	f.Add("<b>bold</b> & <img src=x>")
	f.Add("&lt;already&gt; ]]> \x00 \u202e")
	f.Add(`<a href="https://example.org">click</a>`)
	f.Fuzz(func(t *testing.T, s string) {
		plain := lines(s)
		if !utf8.ValidString(plain) || utf8.RuneCountInString(plain) > bodyWidth {
			t.Fatalf("not plain: %q", plain)
		}
		if strings.ContainsFunc(plain, func(r rune) bool { return unicode.IsControl(r) && r != '\n' || unicode.Is(unicode.Bidi_Control, r) }) {
			t.Fatalf("not harmless: %q", plain)
		}
		var read struct {
			Text string `xml:",chardata"`
			Tags []struct {
				XMLName xml.Name
			} `xml:",any"`
		}
		if err := xml.Unmarshal([]byte("<body>"+markup(plain)+"</body>"), &read); err != nil {
			t.Fatalf("%q is not well-formed: %v", markup(plain), err)
		}
		if read.Text != plain || len(read.Tags) > 0 {
			t.Fatalf("%q reads %q with %d tags", plain, read.Text, len(read.Tags))
		}
	})
}

func TestNothingRunsOnWindows(t *testing.T) {
	for in, want := range map[string]string{
		"$(Start-Process calc)":        "＄(Start-Process calc)",
		"`$env:USERNAME":               "ˋ＄env:USERNAME",
		"]]></text><action/><![CDATA[": "]] ></text><action/><![CDATA[",
		"”; calc #":                    "”; calc #", // only ends a here-string at the start of a line
	} {
		if got := harmlessWindows(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func TestNothingIsAnOptionOnMacOS(t *testing.T) {
	for _, in := range []string{"-execute", "[a]", "(a)", "{a=b;}", "<plist>", `"quoted"`, `\x`} {
		if got := harmlessDarwin(in); got != "\u200b"+in {
			t.Errorf("%q becomes %q", in, got)
		}
	}
	if got := harmlessDarwin("Scan - added"); got != "Scan - added" {
		t.Errorf("got %q", got)
	}
}
