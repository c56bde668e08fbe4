package render

import (
	"html"
	"strconv"
	"strings"

	"bellhop/app"
)

// The page is tables and inline styles, because mail programs drop much of the
// rest; the style block only adds the dark colours, for those that keep it. It
// is well-formed XML, so that a test can hold every value to its place. Nothing
// is fetched: no images, no fonts, no pixels.
const (
	htmlHead = `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"/><meta name="viewport" content="width=device-width, initial-scale=1"/>` +
		`<meta name="color-scheme" content="light dark"/><meta name="supported-color-schemes" content="light dark"/>` +
		"\n<title>"
	htmlStyle = `</title>
<style>
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (prefers-color-scheme: dark) {
  .page { background: #16181d !important; }
  .card { background: #22252c !important; border-color: #3a3f49 !important; }
  .text, .text p, .text h1, .text td, .text li { color: #e6e8ec !important; }
  .text .dim, .text .dim a { color: #a3a9b5 !important; }
  .line { border-color: #3a3f49 !important; }
  .text .link { color: #8ab4ff !important; }
  .quote { background: #2b2f38 !important; border-color: #5a6170 !important; }
  .text .button { background: #3b6fd4 !important; color: #ffffff !important; }
  .text .critical { color: #ff8a80 !important; }
  .text .high { color: #ffab7a !important; }
  .text .medium { color: #f2c55c !important; }
}
</style></head>
<body class="page" style="margin:0;padding:0;background:#f2f4f7">
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" style="background:#f2f4f7"><tr><td align="center" style="padding:24px 12px">
<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" style="max-width:600px;background:#ffffff;border:1px solid #dde1e7;border-radius:8px;text-align:left"><tr><td class="text" style="border-top:4px solid `
	htmlText = `;border-radius:8px 8px 0 0;padding:24px 28px;font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:15px;line-height:1.5;color:#1d2129;overflow-wrap:anywhere;word-break:break-word">
<p class="dim" style="margin:0 0 4px;font-size:13px;color:#5c6470">`
	htmlTail = `</td></tr></table>
</td></tr></table>
</body></html>
`
	paraOpen = `<p style="margin:0 0 14px">`
)

// colours are the bar over the message by its style.
var colours = map[string]string{
	StyleGood: "#1f8a4c", StyleAccent: "#2d5fb8", StyleWarning: "#b87700", StyleAttention: "#c0362c",
}

// page writes HTML. Constant markup goes in by mark, everything else by text.
type page struct{ b strings.Builder }

func (p *page) mark(markup ...string) {
	for _, m := range markup {
		p.b.WriteString(m)
	}
}

// text writes a value: escaped, with its line breaks.
func (p *page) text(s string) {
	p.b.WriteString(strings.ReplaceAll(html.EscapeString(s), "\n", "<br/>"))
}

// anchor writes a link with a text; without an address the text alone. Links
// come from [Input.link] or [Input.page] and are http or https.
func (p *page) anchor(to, text string) {
	if to == "" {
		p.text(text)
		return
	}
	p.mark(`<a class="link" style="color:#1f55b5;text-decoration:underline" href="`, html.EscapeString(to), `">`)
	p.text(text)
	p.mark(`</a>`)
}

// mailHTML is the HTML part.
func (in *Input) mailHTML(m *message) string {
	p := &page{}
	p.b.Grow(8 << 10)
	heading := m.title
	if heading == "" {
		heading = shorten(strings.TrimSpace(oneLine(in.Call.Title)), app.MaxTitle)
	}
	if heading == "" {
		heading = m.label
	}
	p.mark(htmlHead)
	p.text(heading)
	p.mark(htmlStyle, colours[m.style], htmlText)
	p.text(m.label)
	p.mark("</p>\n", `<h1 style="margin:0 0 16px;font-size:20px;line-height:1.3;font-weight:600">`)
	p.text(heading)
	p.mark("</h1>\n", paraOpen)
	p.text(in.greeting())
	p.mark("</p>\n")
	p.sentences(m)
	if m.quote != "" {
		p.mark(`<p class="quote" style="margin:0 0 14px;padding:10px 14px;background:#f5f6f8;border-left:3px solid #b9c0cb">`)
		p.text(m.quote)
		p.mark("</p>\n")
	}
	p.factTable(m.facts)
	for i := range m.lists {
		p.list(in, &m.lists[i])
	}
	if m.after != "" {
		p.mark(paraOpen)
		p.text(m.after)
		p.mark("</p>\n")
	}
	if in.Held {
		p.mark(`<p class="dim" style="margin:0 0 14px;color:#5c6470">`, Held, "</p>\n")
	}
	p.linkButton(m)
	p.mark(paraOpen, "Kind regards,<br/>")
	p.text(in.team())
	p.mark("</p>\n")
	if to := in.settings(); to != "" {
		p.mark(`<p class="dim line" style="margin:20px 0 0;padding-top:12px;border-top:1px solid #dde1e7;font-size:13px;color:#5c6470">` +
			`You can manage your notification settings here: `)
		p.anchor(to, to)
		p.mark("</p>\n")
	}
	p.mark(htmlTail)
	return p.b.String()
}

// sentences writes the introduction, the trail and the reviewers.
func (p *page) sentences(m *message) {
	for i, s := range m.intro {
		p.mark(paraOpen)
		p.text(s)
		if i == len(m.intro)-1 && len(m.trail) > 0 {
			p.mark("<br/>")
			p.trail(m.trail)
		}
		p.mark("</p>\n")
	}
	if len(m.people) == 0 {
		return
	}
	p.mark(`<ul style="margin:0 0 14px;padding-left:22px">`)
	for _, who := range m.people {
		p.mark("<li>")
		p.text(who)
		p.mark("</li>")
	}
	p.mark("</ul>\n")
}

func (p *page) trail(t []crumb) {
	for i, c := range t {
		if i > 0 {
			p.mark(" / ")
		}
		p.anchor(c.link, c.name)
	}
}

func (p *page) factTable(facts [][2]string) {
	if len(facts) == 0 {
		return
	}
	p.mark(`<table role="presentation" cellpadding="0" cellspacing="0" style="margin:0 0 14px;font-size:15px;line-height:1.5">`)
	for _, f := range facts {
		p.mark(`<tr><td class="dim" style="padding:2px 16px 2px 0;color:#5c6470;vertical-align:top">`)
		p.text(f[0])
		p.mark(`</td><td style="padding:2px 0">`)
		if f[0] == "Severity" {
			p.severity(f[1])
		} else {
			p.text(f[1])
		}
		p.mark("</td></tr>")
	}
	p.mark("</table>\n")
}

// list writes a list of findings, the severity before each.
func (p *page) list(in *Input, l *list) {
	p.mark(`<p style="margin:0 0 4px;font-weight:600">`)
	p.text(l.heading())
	p.mark("</p>\n")
	if len(l.findings) == 0 {
		return
	}
	p.mark(`<ul style="margin:0 0 14px;padding-left:22px">`)
	for i := range l.findings[:l.shown(maxFindings)] {
		f := &l.findings[i]
		title := *f
		title.Severity = ""
		p.mark("<li>")
		p.anchor(in.page("finding", f.ID), findingLine(&title))
		if s := strings.TrimSpace(shorten(oneLine(f.Severity), app.MaxIcon)); s != "" {
			p.mark(" (")
			p.severity(s)
			p.mark(")")
		}
		p.mark("</li>")
	}
	p.mark("</ul>\n")
	if n := len(l.findings) - maxFindings; n > 0 {
		p.mark(`<p class="dim" style="margin:-8px 0 14px;padding-left:22px;color:#5c6470">and `, strconv.Itoa(n), " more</p>\n")
	}
}

// severity writes a severity in its colour.
func (p *page) severity(s string) {
	class, colour := SeverityColour(s)
	p.mark(`<span class="`, class, `" style="color:`, colour, `;font-weight:600">`)
	p.text(s)
	p.mark("</span>")
}

// SeverityColour is the class and the colour of a severity's name in a page: the
// class is for the dark form.
func SeverityColour(s string) (class, colour string) {
	switch strings.ToLower(s) {
	case "critical":
		return "critical", "#b3211b"
	case "high":
		return "high", "#b04a00"
	case "medium":
		return "medium", "#8a6100"
	}
	return "dim", "#5c6470"
}

func (p *page) linkButton(m *message) {
	if m.link == "" {
		return
	}
	p.mark(`<p style="margin:18px 0 10px"><a class="button" style="display:inline-block;padding:9px 18px;background:#2d5fb8;`+
		`color:#ffffff;text-decoration:none;border-radius:6px;font-weight:600" href="`, html.EscapeString(m.link), `">`)
	p.text(m.action)
	p.mark("</a></p>\n", `<p class="dim" style="margin:0 0 18px;font-size:13px;color:#5c6470;word-break:break-all">`)
	p.text(m.reach + ": ")
	p.anchor(m.link, m.link)
	p.mark("</p>\n")
}
