package toast

import (
	"encoding/xml"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"bellhop/app/dispatch/dispatchtest"
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
	for _, text := range dispatchtest.Hostile {
		if len(text) < 10_000 {
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		plain := lines(s)
		if !utf8.ValidString(plain) || utf8.RuneCountInString(plain) > bodyWidth {
			t.Fatalf("not plain: %q", plain)
		}
		if strings.ContainsFunc(plain, func(r rune) bool { return unicode.IsControl(r) && r != '\n' || unicode.Is(unicode.Bidi_Control, r) }) {
			t.Fatalf("not harmless: %q", plain)
		}
		if got := read(t, markup(plain)); got != plain {
			t.Fatalf("%q reads %q", plain, got)
		}
	})
}

// read is a body as a daemon reads it that parses markup.
func read(t *testing.T, body string) string {
	t.Helper()
	var r struct {
		Text string `xml:",chardata"`
		Tags []struct {
			XMLName xml.Name
		} `xml:",any"`
	}
	if err := xml.Unmarshal([]byte("<body>"+body+"</body>"), &r); err != nil {
		t.Fatalf("%q is not well-formed: %v", body, err)
	}
	if len(r.Tags) > 0 {
		t.Fatalf("%q has %d tags", body, len(r.Tags))
	}
	return r.Text
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

// What of the hostile texts would be run, or would end the text, on the way to a
// toast of Windows and of macOS.
func TestHostileTextsAreHarmlessOnWindowsAndMacOS(t *testing.T) {
	for name, text := range dispatchtest.Hostile {
		for _, limit := range []int{titleWidth, bodyWidth} {
			line := oneLine(text, limit)
			windows := harmlessWindows(line)
			if strings.ContainsAny(windows, "$`\r\n") || strings.Contains(windows, "]]>") {
				t.Errorf("%s: PowerShell or XML would read %.200q", name, windows)
			}
			// CDATA is the text as it stands; the look-alikes are what is seen.
			dispatchtest.Shows(t, name, strings.NewReplacer("＄", "$", "ˋ", "`", "]] >", "]]>").Replace(windows), text)
			darwin := harmlessDarwin(line)
			if darwin != "" && strings.ContainsRune("-[({<\"\\", []rune(darwin)[0]) || strings.ContainsAny(darwin, "\r\n") {
				t.Errorf("%s: an option for terminal-notifier: %.200q", name, darwin)
			}
			// AppleScript knows two of the escapes with which Go writes a text.
			if said := strings.NewReplacer(`\\`, "", `\"`, "").Replace(strconv.Quote(darwin)); strings.Contains(said, `\`) {
				t.Errorf("%s: AppleScript would not read %.200q", name, said)
			}
			dispatchtest.Shows(t, name, darwin, text)
		}
	}
}

func TestNothingIsAnOptionOnMacOS(t *testing.T) {
	for _, in := range []string{"-execute", "[a]", "(a)", "{a=b;}", "<plist>", `"quoted"`, `\x`} {
		if got := harmlessDarwin(in); got != "\u034f"+in {
			t.Errorf("%q becomes %q", in, got)
		}
	}
	if got := harmlessDarwin("Scan - added"); got != "Scan - added" {
		t.Errorf("got %q", got)
	}
}
