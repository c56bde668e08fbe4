package dispatchtest

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"bellhop/app"
)

// Hostile are texts by which others have broken out of messages: each is a
// title, a description and a name in the tests of every channel.
var Hostile = map[string]string{
	// Markup.
	"html":             `<script>alert(1)</script><img src=x onerror=alert(2)>"'><b>bold</b>`,
	"html attribute":   `"'><a href="javascript:alert(1)" onmouseover='alert(2)'>x</a><style>*{display:none}</style>`,
	"entities":         `&lt;b&gt; &amp;amp; &#60;script&#62;`,
	"entities twice":   `&amp;lt;b&amp;gt; &quot; &amp;#x3c;`,
	"mrkdwn":           "*bold* _it_ ~no~ `code` ```block``` <!channel> <!here> <@U012AB3CD> <#C0123|x> <https://evil.example|Click> :bomb:",
	"markdown":         "[Click](https://evil.example) ![x](https://evil.example/x.png) **b** # h\n- item\n1. one\n> quote\n---\n|a|b|",
	"markdown blocks":  "# head\n- item\n1. one\n> quote\n```\ncode\n```\n    code\n<https://evil.example> ~~s~~ [a]: https://evil.example",
	"markdown escapes": strings.Repeat(`\*_[`, 3000),
	"teams mention":    `<at>Everyone</at> @channel {{DATE(2026-11-25T09:00:00Z,SHORT)}} ${name}`,
	// What ends a header, a command or a string.
	"header":                 "Title\r\nBcc: evil@example.com\r\n\r\nbody",
	"header folded":          "Title\n X-Evil: 1",
	"header in words":        "=?utf-8?q?x=0D=0ABcc:_evil@example.com?= =?x?=",
	"data":                   "a\r\n.\r\nMAIL FROM:<evil@example.com>\r\n..b",
	"powershell":             "\"; Start-Process calc; $(Get-Content C:\\x) `whoami` '+$env:PATH+'",
	"powershell here-string": "x\n\"@\nStart-Process calc\n@\"\n$(calc)",
	"cdata":                  "]]></text></binding><actions><action/></actions><![CDATA[",
	"applescript":            `" & (do shell script "id") & "\`,
	"options":                `-execute calc -open https://evil.example`,
	"shell":                  "$(id) `id` ; rm -rf / && echo | cat > x",
	"template":               `{{7*7}} ${7*7} <%= 7*7 %> #{7*7} {% x %} ${jndi:ldap://x} %s%n%x`,
	"json":                   `","ok":true,"x":{"y":[1]}} \u0000 \n`,
	"python":                 "None",
	// What cannot be seen, or turns what can be.
	"bidi":            "invoice\u202Efdp.exe\u202c \u2066x\u2069 \u200Fright \u061c",
	"control":         "a\x00b\x07c\x1b[31mred\x1b[0m\x7f\u0085d\u2028e\u2029f\vtab\ff \u009b31m",
	"invisible":       "pay\u200Bpal\uFEFF \u00AD\u2060x \U000e0067\U000e0062",
	"lone surrogate":  "a\xed\xa0\x80b\xed\xbf\xbfc",
	"broken encoding": "a\xff\xfe\x80b\xc3",
	"noncharacters":   "a\ufffe\uffff\U0001fffeb\ufdd0",
	"combining":       strings.Repeat("e\u0301\u0302\u0303", 200),
	"emoji":           "👩‍👩‍👧‍👦🏳️‍🌈 𝕳",
	"right to left":   "تنبيه: ثغرة חדש",
	"wide":            "漢字 Zażółć",
	// Too little and too much.
	"empty":        "",
	"blank":        " \t\r\n ",
	"many lines":   strings.Repeat("line\n", 5000),
	"long":         strings.Repeat("W", megabyte),
	"long escaped": strings.Repeat("<&\">", megabyte/4),
	"long wide":    strings.Repeat("\U0001F4A3", megabyte/4),
	"long of all":  strings.Repeat("<b>&\u202e\n*", megabyte/8),
}

// HostileCalls puts a text wherever others can write one, in each kind of event
// that has words of its own; of a megabyte, which takes its time, in some, and in
// a short run of all that is long.
func HostileCalls(text string) []app.Call {
	var list []app.Call
	for i, kind := range app.Kinds {
		if (len(text) > 100_000 || testing.Short() && len(text) > 1000) && i%9 != 0 {
			continue
		}
		list = append(list, HostileCall(kind, text))
	}
	return list
}

// HostileCall puts a text wherever others can write one.
func HostileCall(kind app.Kind, text string) app.Call {
	c := Scan()
	c.Kind, c.Title, c.Description, c.Note, c.Section, c.Icon, c.RequestedBy, c.TestType = kind, text, text, text, text, text, text, text
	for _, r := range []*app.Ref{c.ProductType, c.Product, c.Engagement, c.Test} {
		r.Name = text
	}
	finding := app.FindingRef{ID: 1, Title: text, Severity: text}
	c.Finding, c.Findings = &finding, []app.FindingRef{finding}
	c.FindingsNew = []app.FindingRef{finding, {ID: 2, Title: text, Severity: "High"}}
	c.Reviewers, c.Accepted = []string{text}, &app.Ref{ID: 3, Name: text}
	return c
}

// Shows fails the test where what a receiver shows has not the hostile text that
// was sent, or has more of it than text: characters that command a terminal, turn
// the direction of what follows, or are none. Blanks may differ, and what cannot
// be seen; of a long text its beginning is enough.
func Shows(tb testing.TB, where, seen, sent string) {
	tb.Helper()
	if !utf8.ValidString(seen) {
		tb.Errorf("%s: what is shown is no UTF-8: %.200q", where, seen)
	}
	for _, r := range seen {
		if r != '\n' && r != '\t' && unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Noncharacter_Code_Point) {
			tb.Errorf("%s: %U is shown in %.200q", where, r, seen)
			break
		}
	}
	want := []rune(visible(sent))
	if !strings.Contains(visible(seen), string(want[:min(len(want), 60)])) {
		tb.Errorf("%s: shown is %.300q, sent was %.300q", where, seen, sent)
	}
}

// visible is what of a text has a shape of its own.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.In(r, unicode.C, unicode.Noncharacter_Code_Point) || r == utf8.RuneError {
			return -1
		}
		return r
	}, s)
}
