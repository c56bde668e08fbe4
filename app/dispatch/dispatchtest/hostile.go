package dispatchtest

import (
	"strings"

	"bellhop/app"
)

// Hostile are texts by which others have broken out of messages: each is a
// title, a description and a name in the tests of every channel.
var Hostile = map[string]string{
	"html":            `<script>alert(1)</script><img src=x onerror=alert(2)>"'><b>bold</b>`,
	"entities":        `&lt;b&gt; &amp;amp; &#60;script&#62;`,
	"mrkdwn":          "*bold* _it_ ~no~ `code` ```block``` <!channel> <!here> <@U012AB3CD> <#C0123|x> <https://evil.example|Click> :bomb:",
	"markdown":        "[Click](https://evil.example) ![x](https://evil.example/x.png) **b** # h\n- item\n1. one\n> quote\n---\n|a|b|",
	"teams mention":   `<at>Everyone</at> @channel {{DATE(2026-11-25T09:00:00Z,SHORT)}} ${name}`,
	"header":          "Title\r\nBcc: evil@example.com\r\n\r\nbody",
	"header folded":   "Title\n X-Evil: 1",
	"powershell":      "\"; Start-Process calc; $(Get-Content C:\\x) `whoami` '+$env:PATH+'",
	"shell":           "$(id) `id` ; rm -rf / && echo | cat > x",
	"template":        `{{7*7}} ${7*7} <%= 7*7 %> #{7*7} %s%n%x`,
	"json":            `","ok":true,"x":{"y":[1]}} \u0000 \n`,
	"bidi":            "invoice\u202Efdp.exe\u2066\u2069 \u200Fright",
	"control":         "a\x00b\x07c\x1b[31mred\x1b[0m\x7f\u0085d\u2028e\u2029f",
	"invisible":       "pay\u200Bpal\uFEFF \u00AD\u2060x",
	"lone surrogate":  "a\xed\xa0\x80b\xed\xbf\xbfc",
	"broken encoding": "a\xff\xfe\x80b\xc3",
	"combining":       strings.Repeat("e\u0301\u0302\u0303", 200),
	"emoji":           "👩‍👩‍👧‍👦🏳️‍🌈 𝕳",
	"right to left":   "تنبيه: ثغرة חדש",
	"blank":           " \t\r\n ",
	"many lines":      strings.Repeat("line\n", 5000),
	"long":            strings.Repeat("W", megabyte),
	"long escaped":    strings.Repeat("<&\">", megabyte/4),
	"long wide":       strings.Repeat("\U0001F4A3", megabyte/4),
}

// HostileCalls puts a text wherever others can write one, in each kind of event
// that has words of its own; of a megabyte, which takes its time, in some.
func HostileCalls(text string) []app.Call {
	var list []app.Call
	for i, kind := range app.Kinds {
		if len(text) > 100_000 && i%9 != 0 {
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
