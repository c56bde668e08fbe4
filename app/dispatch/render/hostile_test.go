package render_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"bellhop/app"
	"bellhop/app/dispatch/dispatchtest"
	"bellhop/app/dispatch/render"
)

func TestHostileTextsAreHarmlessEverywhere(t *testing.T) {
	t.Parallel()
	for _, text := range dispatchtest.Hostile {
		if testing.Short() && len(text) > 100_000 {
			continue
		}
		for _, c := range everyEvent() {
			switch c.Kind {
			case app.KindScanAdded, app.KindUserMentioned, app.KindProductDeleted:
			default: // the texts are the same, and a megabyte takes its time
				if len(text) > 100_000 || testing.Short() && len(text) > 1000 {
					continue
				}
			}
			check(t, shop(spoil(c, text)))
		}
	}
}

// spoil puts a text into every field of a call that others write.
func spoil(c *app.Call, text string) *app.Call {
	s := *c
	s.Title, s.Note, s.Section, s.RequestedBy, s.TestType, s.Icon = text, text, text, text, text, text
	if c.Description != "" {
		s.Description = text
	}
	for _, r := range []**app.Ref{&s.ProductType, &s.Product, &s.Engagement, &s.Test, &s.Accepted} {
		if *r != nil {
			*r = &app.Ref{ID: (*r).ID, Name: text}
		}
	}
	if c.Finding != nil {
		s.Finding = &app.FindingRef{ID: 1, Title: text, Severity: text}
	}
	for _, l := range []*[]app.FindingRef{&s.Findings, &s.FindingsNew, &s.FindingsMitigated, &s.FindingsUntouched} {
		if len(*l) > 0 {
			*l = []app.FindingRef{{ID: 1, Title: text, Severity: text}, {Title: text}}
		}
	}
	s.Reviewers = []string{text, "ana"}
	return &s
}

func FuzzNothingThatOthersWriteBreaksAMessage(f *testing.F) {
	kinds := everyEvent()
	for i, name := range slices.Sorted(maps.Keys(dispatchtest.Hostile)) {
		f.Add(uint8(i), dispatchtest.Hostile[name], "/finding/1", "https://dojo.example.com", "2.46.0", int8(i-3))
	}
	f.Add(uint8(3), "x", "https://dojo.example.comhttps://evil.example/x", "https://dojo.example.com/dojo", "3.2.0", int8(0))
	f.Add(uint8(3), "x", "javascript:alert(1)", "", "x", int8(0))
	f.Add(uint8(7), "x", "/finding/1", "https://dojo.example.\xc1", "2.46.0", int8(4))
	f.Add(uint8(5), "\x14", "0", "https:", "0", int8(3))
	f.Add(uint8(38), "x", "?f\xe9nding/1", "https://dojo.example.com", "2.x", int8(49))
	f.Fuzz(func(t *testing.T, kind uint8, text, link, site, version string, n int8) {
		if len(text) > 10_000 {
			return
		}
		c := spoil(kinds[int(kind)%len(kinds)], text)
		c.URL, c.URLAPI = link, link
		age := int(n)
		c.SLAAge = &age
		if n%3 == 0 {
			c.Kind, c.Breach = app.Kind(text), text
		}
		if n%5 == 0 {
			c.Finding, c.Product, c.Test = nil, nil, nil
		}
		in := shop(c)
		in.Site, in.Version, in.Team, in.Blank = site, version, text, n%2 == 0
		in.To = app.Person{Username: text, FirstName: text}
		check(t, in)
		// Texts to the letter are compared and never sent: whatever is in them, as
		// it was recorded. They only have to come to an end.
		in.Letter = true
		if render.Alert(in).Source == "" && render.Slack(in).Text == "" && render.Mail(in).Text == "" {
			t.Error("to the letter nothing is said")
		}
	})
}

// check holds every channel's form of an event against the rules of its place.
func check(t *testing.T, in render.Input) {
	t.Helper()
	kind := in.Call.Kind
	a := render.Alert(in)
	for name, c := range map[string]struct {
		text  string
		limit int
	}{
		"alert title": {a.Title, 250}, "alert description": {a.Description, 2000}, "alert source": {a.Source, 100},
		"alert icon": {a.Icon, 25}, "alert url": {a.URL, 2000},
	} {
		if !utf8.ValidString(c.text) || utf8.RuneCountInString(c.text) > c.limit {
			t.Errorf("%s: %s of %d characters: %.200q", kind, name, utf8.RuneCountInString(c.text), c.text)
		}
	}
	m, slack, card := render.Mail(in), render.Slack(in), render.Teams(in)
	oneLine(t, kind, "subject", m.Subject, 900)
	plainText(t, kind, "mail", m.Text, 200_000)
	checkPage(t, kind, m.HTML)
	checkSlack(t, kind, slack, in.Site)
	checkCard(t, kind, card)
	toast := render.Toast(in)
	oneLine(t, kind, "toast title", toast.Title, 120)
	plainText(t, kind, "toast", toast.Body, 400)
	w := render.Webhook(in, &in.To)
	body, err := w.Body.Bytes()
	var back struct{ Title string }
	if err != nil || json.Unmarshal(body, &back) != nil || back.Title != strings.ToValidUTF8(in.Call.Title, "\uFFFD") {
		t.Errorf("%s: webhook body %.200q, %v", kind, body, err)
	}
	for _, h := range w.Headers {
		if strings.ContainsFunc(h[1], func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("%s: header %q", kind, h)
		}
	}
	for where, text := range map[string]string{
		"mail": m.Text, "Slack header": slack.Header, "Slack body": slack.Body, "Slack fallback": slack.Fallback,
		"card title": card.Title, "card": card.Text, "toast": toast.Title,
	} {
		if strings.TrimSpace(text) == "" {
			t.Errorf("%s: %s is empty", kind, where)
		}
	}
	for _, u := range []string{card.Link, slack.Link} {
		webLink(t, kind, u)
	}
}

func plainText(t *testing.T, kind app.Kind, where, s string, limit int) {
	t.Helper()
	if !utf8.ValidString(s) || utf8.RuneCountInString(s) > limit {
		t.Errorf("%s: %s has %d characters or is broken", kind, where, utf8.RuneCountInString(s))
	}
	for _, r := range s {
		if r != '\n' && unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Bidi_Control, r) {
			t.Errorf("%s: %s has %U: %.200q", kind, where, r, s)
			return
		}
	}
}

func oneLine(t *testing.T, kind app.Kind, where, s string, limit int) {
	t.Helper()
	plainText(t, kind, where, s, limit)
	if strings.Contains(s, "\n") {
		t.Errorf("%s: %s has a line break: %.200q", kind, where, s)
	}
}

func webLink(t *testing.T, kind app.Kind, link string) {
	t.Helper()
	if link == "" {
		return
	}
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || strings.HasSuffix(u.Host, "None") {
		t.Errorf("%s: link %q", kind, link)
	}
}

// pageElements are the elements that a mail has, and no others.
var pageElements = map[string]bool{
	"html": true, "head": true, "meta": true, "title": true, "style": true, "body": true, "table": true, "tr": true, "td": true,
	"p": true, "h1": true, "br": true, "a": true, "ul": true, "li": true, "span": true,
}

// checkPage reads a page as XML, which forgives nothing: a value that got out
// of its place would show as an element or an attribute that is not ours.
func checkPage(t *testing.T, kind app.Kind, page string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Errorf("%s: the page is not well-formed: %v", kind, err)
			return
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			if !pageElements[tok.Name.Local] {
				t.Errorf("%s: the page has an element %s", kind, tok.Name.Local)
			}
			for _, a := range tok.Attr {
				switch a.Name.Local {
				case "href":
					webLink(t, kind, a.Value)
				case "style", "class", "role", "width", "cellpadding", "cellspacing", "align", "lang", "charset", "name", "content":
				default:
					t.Errorf("%s: the page has an attribute %s", kind, a.Name.Local)
				}
			}
		case xml.CharData:
			plainText(t, kind, "page", string(tok), 100_000)
		}
	}
}

var (
	slackQuote = regexp.MustCompile(`(?m)^> `)
	slackAmp   = regexp.MustCompile(`&(?:[^agl]|$)`)
	markedLine = regexp.MustCompile(`(?m)^\s*(#|[-+=]|\d+[.)])`)
)

// slackLink is the one form in which an angle bracket of ours is in a message.
var slackLink = regexp.MustCompile(`<https?://[^|<>\s]+\|[^<>|]*>`)

func checkSlack(t *testing.T, kind app.Kind, s render.SlackText, site string) {
	t.Helper()
	oneLine(t, kind, "Slack header", s.Header, 150)
	plainText(t, kind, "Slack body", s.Body, 3000)
	plainText(t, kind, "Slack fallback", s.Fallback, 4000)
	plainText(t, kind, "Slack list", s.List, 3000)
	if len(s.Fields) > 10 {
		t.Errorf("%s: %d fields", kind, len(s.Fields))
	}
	texts := []string{slackQuote.ReplaceAllString(s.Body, ""), s.Fallback, slackLink.ReplaceAllString(s.List, ""), s.Foot}
	for _, f := range s.Fields {
		plainText(t, kind, "Slack field", f[0]+f[1], 1990)
		texts = append(texts, f[1])
	}
	for _, text := range texts {
		if strings.ContainsAny(text, "<>") || slackAmp.MatchString(text) {
			t.Errorf("%s: Slack would read markup (%s): %.300q", kind, site, text)
		}
	}
}

// marked finds what Markdown has a meaning for and no backslash is before. The
// scan below consumes escapes first.
var marked = regexp.MustCompile("\\\\[^\\w\\s]|[\\[\\]<>*`~&|]")

func checkCard(t *testing.T, kind app.Kind, c render.Card) {
	t.Helper()
	oneLine(t, kind, "card title", c.Title, 300)
	oneLine(t, kind, "card subtitle", c.Subtitle, 300)
	oneLine(t, kind, "card summary", c.Summary, 300)
	texts := append([]string{c.Title, c.Subtitle, c.Text, c.Quote}, c.List...)
	for _, f := range c.Facts {
		texts = append(texts, f[1])
	}
	size := 0
	for _, text := range append(texts, c.Summary) {
		plainText(t, kind, "card", text, 2000)
		coded, err := json.Marshal(text)
		if err != nil {
			t.Error(err)
		}
		size += len(coded)
	}
	if size > 18<<10 {
		t.Errorf("%s: a card's texts have %d bytes", kind, size)
	}
	for _, text := range texts {
		for _, m := range marked.FindAllString(text, -1) {
			if m[0] != '\\' {
				t.Errorf("%s: Markdown would read %q in %.300q", kind, m, text)
				return
			}
		}
		if markedLine.MatchString(text) {
			t.Errorf("%s: Markdown would read a list or a heading in %.300q", kind, text)
		}
	}
}

func BenchmarkMail(b *testing.B) {
	for _, c := range everyEvent() {
		if c.Kind != app.KindScanAdded && c.Kind != app.KindFindingClosed {
			continue
		}
		b.Run(string(c.Kind), func(b *testing.B) {
			in := shop(c)
			b.ReportAllocs()
			for b.Loop() {
				if len(render.Mail(in).HTML) < 1000 {
					b.Fatal("no mail")
				}
			}
		})
	}
}

func TestADayIsWrittenAsDefectDojoDoes(t *testing.T) {
	t.Parallel()
	c := &app.Call{Kind: app.KindUpcomingEngagement, Engagement: &app.Ref{Name: "x"}}
	for month, want := range map[time.Month]string{time.March: "March 3, 2026", time.September: "Sept. 3, 2026", time.May: "May 3, 2026", time.December: "Dec. 3, 2026"} {
		c.Start = time.Date(2026, month, 3, 0, 0, 0, 0, time.UTC)
		if got := render.Alert(render.Input{Call: c}).Description; got != `The engagement "x" is starting on `+want+"." {
			t.Errorf("%s: %s", month, got)
		}
	}
}
