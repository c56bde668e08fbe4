package dojoserver

import (
	"bytes"
	"html/template"
	"net/http"
	"slices"
)

// pages are the few pages that a browser or a client without JSON meets. Names
// of fields and the footer are those of the real ones; the look is not.
var pages = template.Must(template.New("page").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{{.Title}} | DefectDojo</title>
<link rel="shortcut icon" href="{{.Prefix}}/static/dojo/img/favicon.ico">
<style>body{font:16px/1.5 sans-serif;margin:3rem auto;max-width:50rem;padding:0 1rem;color:#222}footer{color:#777;margin-top:3rem}li{margin:.5rem 0}</style>
</head><body><h1>{{.Title}}</h1>
{{with .Error}}<ul class="errorlist nonfield"><li>{{.}}</li></ul>{{end}}
{{with .Text}}<p>{{.}}</p>{{end}}
{{if eq .Form "login"}}<form method="POST" autocomplete="off">
<input type="hidden" name="csrfmiddlewaretoken" value="{{.Token}}">
<input type="text" name="username" maxlength="150" id="id_username" required>
<input type="password" name="password" id="id_password" required>
<button>Login</button></form>
{{else if eq .Form "change"}}<form method="POST">
<input type="hidden" name="csrfmiddlewaretoken" value="{{.Token}}">
<input type="password" name="current_password"><input type="password" name="new_password"><input type="password" name="confirm_password">
<button>Submit</button></form>
{{else if eq .Form "confirm"}}<form method="POST">
<input type="hidden" name="csrfmiddlewaretoken" value="{{.Token}}"><button>Yes</button></form>
{{else if eq .Form "alerts"}}<form method="POST">
<input type="hidden" name="csrfmiddlewaretoken" value="{{.Token}}"><ul>
{{range .Alerts}}<li><input type="checkbox" name="alert_select" value="{{.PK}}" class="select_one {{.Source}}"/> <a href="{{.URL}}">{{.Title}}</a> {{.Source}}</li>
{{end}}</ul><button>Remove selected</button></form>
{{else if eq .Form "notifications"}}<form class="form-inline" method="post" id="notform">
<input type="hidden" name="csrfmiddlewaretoken" value="{{.Token}}"><table>
{{range .Lines}}{{$column := .Column}}<tr><td>{{$column}}</td>{{range .Boxes}}<td class="centered">
<input type="checkbox"
 name="{{$column}}"
 aria-label="{{$column}}"
 {{if .On}}checked{{end}}
 value="{{.Channel}}"/></td>{{end}}</tr>
{{end}}</table><input type="submit" name="edit_notifications" value="Submit"/></form>
{{end}}<footer>{{if .Version}}v. {{.Version}} ( demo ){{end}}</footer></body></html>
`))

// content is what a page shows.
type content struct {
	Title, Text, Error, Form string
	Prefix, Token, Version   string
	Alerts                   []Alert
	Lines                    []settingLine
}

// render makes a page. Only signed-in users see the version.
func (x *exchange) render(c content) []byte {
	c.Prefix = x.s.opts.Prefix
	if x.signedIn() {
		c.Version = x.s.opts.Version
	}
	if c.Form != "" {
		c.Token = x.formToken()
	}
	var out bytes.Buffer
	if err := pages.Execute(&out, c); err != nil {
		return []byte(err.Error())
	}
	return out.Bytes()
}

func (x *exchange) loginPage(fault string) []byte {
	return x.render(content{Title: "Login", Form: "login", Error: fault})
}

func (x *exchange) changePage() []byte {
	return x.render(content{Title: "Change Password", Form: "change"})
}

func (x *exchange) confirmPage() []byte {
	return x.render(content{Title: "Delete all alerts", Form: "confirm"})
}

func (x *exchange) errorPage(title string) []byte {
	return x.render(content{Title: title})
}

func (x *exchange) objectPage(p *Page) []byte {
	return x.render(content{Title: p.Title, Text: p.Text})
}

// alertsHTML shows alerts. A page without any has no form and so sets no CSRF
// cookie.
func (x *exchange) alertsHTML(alerts []Alert) []byte {
	if len(alerts) == 0 {
		return x.render(content{Title: "Alerts", Text: "You have no alerts."})
	}
	return x.render(content{Title: "Alerts", Form: "alerts", Alerts: alerts})
}

// alertsPartial is the fragment behind the bell of 3.x: the newest alerts.
func (x *exchange) alertsPartial() {
	alerts := x.s.Alerts(x.user.Name)
	var out bytes.Buffer
	for a := range slices.Values(alerts[:min(len(alerts), 12)]) {
		out.WriteString(`<div class="alert-item">` + template.HTMLEscapeString(a.Title) + "</div>\n")
	}
	x.send(http.StatusOK, htmlType, out.Bytes())
}

func (x *exchange) home() { x.redirect(x.s.opts.Prefix + "/dashboard") }

func (x *exchange) dashboard() {
	x.touched = true
	x.send(http.StatusOK, htmlType, x.render(content{Title: "Dashboard", Text: "Signed in as " + x.user.Name + "."}))
}

func (x *exchange) profile() {
	x.touched = true
	x.send(http.StatusOK, htmlType, x.render(content{Title: "User Profile", Text: x.user.Name}))
}

// csrfPage is Django's own page, which DefectDojo does not replace.
func csrfPage(fault string) []byte {
	return []byte(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="robots" content="NONE,NOARCHIVE"><title>403 Forbidden</title></head>
<body><div id="summary"><h1>Forbidden <span>(403)</span></h1><p>CSRF verification failed. Request aborted.</p>
<p>` + template.HTMLEscapeString(fault) + `</p></div></body></html>
`)
}
