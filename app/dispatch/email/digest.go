package email

import (
	"bytes"
	"fmt"
	"html/template"
	"strconv"
	"strings"

	"bellhop/app/dispatch"
	"bellhop/app/dispatch/render"
)

// mostListed is how many events one mail tells: a page that can be read, and
// below the 102 kB at which Gmail cuts.
const mostListed = 50

// line is one event of a digest.
type line struct{ Title, Body, Severity, Class, Colour, Product, Link string }

// digest is what the template of a mail about several events gets.
type digest struct {
	Team, Greeting, Heading, Counts string
	Lines                           []line
	More                            int
	Urgent                          bool   // the first event is of a high severity
	Held                            string // that they were held, "" = they were not
	Inbox                           string // the server's list of alerts
}

// gathered are the texts of a mail about several events, the most severe first.
func gathered(m *dispatch.Message) (render.MailText, error) {
	d := digest{
		Team: plain(m.Team, maxName), Heading: strconv.Itoa(len(m.Events)) + " notifications",
		Greeting: render.Greeting(&m.To), Counts: counts(m), More: max(0, len(m.Events)-mostListed),
	}
	if d.Team == "" {
		d.Team = "DefectDojo"
	}
	if m.Held {
		d.Held = render.Held
	}
	if strings.HasPrefix(m.Site, "https://") || strings.HasPrefix(m.Site, "http://") {
		d.Inbox = strings.TrimRight(m.Site, "/") + "/alerts"
	}
	if s := dispatch.Severity(&m.Events[0]); s == "Critical" || s == "High" {
		d.Urgent = true
	}
	for i := range m.Events[:len(m.Events)-d.More] {
		e := &m.Events[i]
		in := input(m, i)
		t := render.Toast(in)
		l := line{Title: t.Title, Body: t.Body, Severity: dispatch.Severity(e), Link: render.Teams(in).Link}
		l.Class, l.Colour = render.SeverityColour(l.Severity)
		if p := e.Call.Product; p != nil {
			l.Product = plain(p.Name, maxName)
		}
		d.Lines = append(d.Lines, l)
	}
	var page bytes.Buffer
	if err := digestPage.Execute(&page, d); err != nil {
		return render.MailText{}, fmt.Errorf("write the page: %w", err)
	}
	subject := d.Team + " notification: " + d.Heading
	if len(d.Lines) > 0 {
		subject += ", first: " + plain(d.Lines[0].Title, maxSubject/2)
	}
	return render.MailText{Subject: subject, Text: d.text(), HTML: page.String()}, nil
}

// counts says how many events speak of findings of each severity.
func counts(m *dispatch.Message) string {
	by := map[string]int{}
	for i := range m.Events {
		by[dispatch.Severity(&m.Events[i])]++
	}
	var said []string
	for _, s := range []string{"Critical", "High", "Medium", "Low", "Info"} {
		if n := by[s]; n > 0 {
			said = append(said, strconv.Itoa(n)+" "+s)
		}
	}
	return strings.Join(said, ", ")
}

// text is the part for those who read no HTML.
func (d *digest) text() string {
	var b strings.Builder
	b.WriteString(d.Greeting + "\n\n" + d.Heading)
	if d.Counts != "" {
		b.WriteString(" (" + d.Counts + ")")
	}
	b.WriteString(":\n\n")
	if d.Held != "" {
		b.WriteString(d.Held + "\n\n")
	}
	for _, l := range d.Lines {
		b.WriteString("- " + plain(l.Title, maxSubject))
		var about []string
		for _, s := range []string{l.Severity, l.Product} {
			if s != "" {
				about = append(about, s)
			}
		}
		if len(about) > 0 {
			b.WriteString(" (" + strings.Join(about, ", ") + ")")
		}
		for s := range strings.SplitSeq(l.Body, "\n") {
			b.WriteString("\n  " + s)
		}
		if l.Link != "" {
			b.WriteString("\n  " + l.Link)
		}
		b.WriteString("\n\n")
	}
	if d.More > 0 {
		fmt.Fprintf(&b, "and %d more\n\n", d.More)
	}
	if d.Inbox != "" {
		b.WriteString("All alerts: " + d.Inbox + "\n\n")
	}
	b.WriteString("Kind regards,\n" + d.Team + "\n")
	return b.String()
}

// digestPage looks like the mails about one event: tables and inline styles
// for mail programs that drop the rest, a style block for dark colours, nothing
// that is fetched.
var digestPage = template.Must(template.New("digest").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"/><meta name="viewport" content="width=device-width, initial-scale=1"/><meta name="color-scheme" content="light dark"/><meta name="supported-color-schemes" content="light dark"/>
<title>{{.Heading}}</title>
<style>
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (prefers-color-scheme: dark) {
  .page { background: #16181d !important; }
  .card { background: #22252c !important; border-color: #3a3f49 !important; }
  .text, .text p, .text h1, .text td { color: #e6e8ec !important; }
  .text .dim { color: #a3a9b5 !important; }
  .text .line { border-color: #3a3f49 !important; }
  .text .link { color: #8ab4ff !important; }
  .text .critical { color: #ff8a80 !important; }
  .text .high { color: #ffab7a !important; }
  .text .medium { color: #f2c55c !important; }
}
</style></head>
<body class="page" style="margin:0;padding:0;background:#f2f4f7">
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" style="background:#f2f4f7"><tr><td align="center" style="padding:24px 12px">
<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" style="max-width:600px;background:#ffffff;border:1px solid #dde1e7;border-radius:8px;text-align:left"><tr><td class="text" style="border-top:4px solid {{if .Urgent}}#c0362c{{else}}#2d5fb8{{end}};border-radius:8px 8px 0 0;padding:24px 28px;font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:15px;line-height:1.5;color:#1d2129">
{{- with .Counts}}
<p class="dim" style="margin:0 0 4px;font-size:13px;color:#5c6470">{{.}}</p>{{end}}
<h1 style="margin:0 0 16px;font-size:20px;line-height:1.3;font-weight:600">{{.Heading}}</h1>
<p style="margin:0 0 14px">{{.Greeting}}</p>
{{- with .Held}}
<p class="dim" style="margin:0 0 14px;color:#5c6470">{{.}}</p>{{end}}
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="font-size:15px;line-height:1.5">
{{- range .Lines}}
<tr><td class="line" style="padding:10px 0;border-top:1px solid #dde1e7;overflow-wrap:anywhere;word-break:break-word">
{{- if .Link}}<a class="link" style="color:#1f55b5;text-decoration:underline;font-weight:600" href="{{.Link}}">{{.Title}}</a>{{else}}<b>{{.Title}}</b>{{end}}
{{- if .Severity}} <span class="{{.Class}}" style="color:{{.Colour}};font-weight:600">{{.Severity}}</span>{{end}}
{{- with .Product}} <span class="dim" style="color:#5c6470">{{.}}</span>{{end}}
{{- with .Body}}<div style="white-space:pre-line">{{.}}</div>{{end}}</td></tr>
{{- end}}
</table>
{{- if .More}}
<p class="dim" style="margin:10px 0 0;color:#5c6470">and {{.More}} more</p>{{end}}
{{- with .Inbox}}
<p style="margin:14px 0"><a class="link" style="color:#1f55b5;text-decoration:underline" href="{{.}}">All alerts</a></p>{{end}}
<p style="margin:14px 0 0">Kind regards,<br/>{{.Team}}</p>
</td></tr></table>
</td></tr></table>
</body></html>
`))
