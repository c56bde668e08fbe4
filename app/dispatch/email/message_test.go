package email_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"net/mail"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/app/dispatch/dispatchtest"
	"bellhop/app/dispatch/email"
)

// over sends messages and returns them as their readers see them.
func over(t *testing.T, messages ...dispatch.Message) []dispatchtest.Mail {
	t.Helper()
	server := startFake(t, script{})
	c := channel(t, email.Options{})
	for _, m := range messages {
		for k, v := range config(server.addr, map[string]string{email.KeyCAFile: server.ca}) {
			if _, ok := m.Config[k]; !ok || k == email.KeyHost || k == email.KeyPort {
				m.Config[k] = v
			}
		}
		send(t, c, m)
	}
	var got []dispatchtest.Mail
	for _, one := range server.taken() {
		got = append(got, read(t, bytes.NewReader(one.raw)))
	}
	return got
}

func TestAMailSaysWhoWhatWhereAndThatAMachineWroteIt(t *testing.T) {
	m := message(map[string]string{email.KeyFrom: `"Bellhop, the bell" <bellhop@example.com>`, email.KeyReplyTo: "team@example.com"})
	m.To.FirstName, m.To.LastName = "Ana", "Müller"
	got := over(t, m)[0]
	for name, want := range map[string]string{
		"From": `"Bellhop, the bell" <bellhop@example.com>`, "Reply-To": "<team@example.com>",
		"Message-Id": "<01K9ABCDEFGHJKMNPQRSTVWXYZ@bellhop.example.com>", "Date": "Sun, 01 Mar 2026 09:30:00 +0000",
		"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All", "X-Bellhop-Event": "scan_added", "X-Bellhop-Instance": "https://dojo.example.org",
		"List-Unsubscribe": "<mailto:team@example.com?subject=unsubscribe>", "Mime-Version": "1.0", "User-Agent": "", "X-Mailer": "", "Bcc": "",
	} {
		if got.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, got.Get(name), want)
		}
	}
	to, err := got.AddressList("To")
	if err != nil || len(to) != 1 || *to[0] != (mail.Address{Name: "Ana Müller", Address: "ana@example.org"}) {
		t.Errorf("to %v, %v", to, err)
	}
	if got.Subject != "Security notification: Created 3 findings for Shop: Sprint 12: ZAP" {
		t.Errorf("subject %q", got.Subject)
	}
	for name, part := range map[string]string{"text": got.Text, "html": got.HTML} {
		if !strings.Contains(part, "SQL injection in login") || !strings.Contains(part, "https://dojo.example.org/test/5") {
			t.Errorf("the %s part says too little:\n%s", name, part)
		}
	}
}

func TestMailsAboutOneEngagementAreOneThread(t *testing.T) {
	change := func(f func(m *dispatch.Message)) dispatch.Message {
		m := message(map[string]string{})
		f(&m)
		return m
	}
	call := func(m *dispatch.Message) *app.Call { return &m.Events[0].Call }
	same := []dispatch.Message{
		change(func(*dispatch.Message) {}),
		change(func(m *dispatch.Message) { call(m).Title, m.ID = "Another", "OTHER" }),
		change(func(m *dispatch.Message) { call(m).Product.Name = "Shop, renamed" }),
	}
	other := []dispatch.Message{
		change(func(m *dispatch.Message) { call(m).Engagement.ID = 10 }),
		change(func(m *dispatch.Message) { call(m).Product.ID = 4 }),
		change(func(m *dispatch.Message) { m.Events[0].Account = 2 }),
		change(func(m *dispatch.Message) { m.Site = "https://other.example.org" }),
		change(func(m *dispatch.Message) { call(m).Engagement = nil }),
	}
	none := change(func(m *dispatch.Message) { call(m).Engagement, call(m).Product = nil, nil })
	got := over(t, append(append(same, other...), none)...)
	seen := map[string]bool{}
	for i, g := range got {
		thread := g.Get("References")
		if thread != g.Get("In-Reply-To") {
			t.Errorf("mail %d: References %q, In-Reply-To %q", i, thread, g.Get("In-Reply-To"))
		}
		switch {
		case i < len(same) && thread != got[0].Get("References"):
			t.Errorf("mail %d is in another thread", i)
		case i == len(got)-1 && thread != "":
			t.Errorf("a mail about nothing is in a thread: %q", thread)
		case i >= len(same) && seen[thread]:
			t.Errorf("mail %d is in the thread of another", i)
		}
		seen[thread] = true
	}
}

func TestSeveralEventsAreOneMail(t *testing.T) {
	m := dispatchtest.Digest(dispatchtest.Scan(), dispatchtest.Breach(), dispatchtest.Closed())
	for range 60 {
		m.Events = append(m.Events, dispatchtest.Event(99, dispatchtest.Closed()))
	}
	m.Config, m.Destination.Address, m.Secrets = map[string]string{}, "team@example.org", map[string]string{email.SecretPassword: password}
	got := over(t, m)[0]
	if !strings.HasPrefix(got.Subject, "Bookshop notification: 63 notifications, first: Created/Updated 3 findings") {
		t.Errorf("subject %q", got.Subject)
	}
	for _, want := range []string{"1 Critical, 1 High", "SLA breached by 3 day(s)", "https://dojo.example.com/finding/23", "and 13 more", "https://dojo.example.com/alerts"} {
		if !strings.Contains(got.Text, want) || !strings.Contains(got.HTML, want) {
			t.Errorf("%q is missing:\n%s", want, got.Text)
		}
	}
	if n := strings.Count(got.Text, "- Engagement Closed"); n != 48 {
		t.Errorf("%d of the closed engagements are told, want 48 beside the other two", n)
	}
	if got.Get("X-Bellhop-Event") != "digest" {
		t.Errorf("X-Bellhop-Event is %q", got.Get("X-Bellhop-Event"))
	}
	wellFormed(t, got.HTML)
}

// wellFormed tells a page that a text has broken out of, and returns what it
// shows.
func wellFormed(t *testing.T, page string) string {
	t.Helper()
	var seen strings.Builder
	style := false
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict, d.Entity = true, xml.HTMLEntity
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return seen.String()
		}
		if err != nil {
			t.Errorf("the page is broken: %v", err)
			return ""
		}
		switch e := token.(type) {
		case xml.StartElement:
			style = e.Name.Local == "style"
			if e.Name.Local == "script" || e.Name.Local == "img" {
				t.Errorf("the page has a %s", e.Name.Local)
			}
			for _, a := range e.Attr {
				if strings.HasPrefix(a.Name.Local, "on") {
					t.Errorf("the page has a handler %s", a.Name.Local)
				}
				if a.Name.Local == "href" && !strings.HasPrefix(a.Value, "https://") && !strings.HasPrefix(a.Value, "mailto:") {
					t.Errorf("the page has a link to %.100q", a.Value)
				}
			}
		case xml.EndElement:
			style = false
		case xml.CharData:
			if !style {
				seen.Write(e)
			}
		}
	}
}

// headers are all that a mail may have.
var headers = map[string]bool{
	"Auto-Submitted": true, "Content-Type": true, "Date": true, "From": true, "In-Reply-To": true, "List-Unsubscribe": true, "Message-Id": true,
	"Mime-Version": true, "References": true, "Reply-To": true, "Subject": true, "To": true, "X-Auto-Response-Suppress": true, "X-Bellhop-Event": true,
	"X-Bellhop-Instance": true, "Content-Transfer-Encoding": true,
}

func harmless(t *testing.T, got dispatchtest.Mail) {
	t.Helper()
	for name, values := range got.Header {
		if !headers[name] || len(values) != 1 {
			t.Errorf("a header %s: %.100q", name, values)
		}
	}
	if strings.ContainsAny(got.Subject, "\r\n\x00\x1b\u202e\u2066") || !utf8.ValidString(got.Subject) || utf8.RuneCountInString(got.Subject) > 400 {
		t.Errorf("the subject is %.200q", got.Subject)
	}
	for _, part := range []string{got.Text, got.HTML} {
		if !utf8.ValidString(part) || strings.ContainsAny(part, "\x00\x07\x1b") || len(part) > 1<<20+1000 {
			t.Errorf("a part of %d bytes is not fit to be read", len(part))
		}
	}
	if to, err := got.AddressList("To"); err != nil || len(to) != 1 || to[0].Address != "ana@example.org" {
		t.Errorf("to %v, %v", to, err)
	}
	wellFormed(t, got.HTML)
}

func TestHostileTextsStayText(t *testing.T) {
	for name, text := range dispatchtest.Hostile {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && len(text) > 1<<16 {
				t.Skip("large texts are left out of short runs")
			}
			m := message(map[string]string{email.KeyFrom: "bellhop@example.com"})
			c := &m.Events[0].Call
			c.Title, c.Description, c.Note = text, text, text
			c.Product.Name, c.Engagement.Name, c.Test.Name, c.FindingsNew[0].Title, c.FindingsNew[0].Severity = text, text, text, text, text
			m.Team, m.To.FirstName, m.To.LastName, m.Events[0].Kind, c.Kind = text, text, text, app.Kind(text), app.Kind(text)
			m.ID = "01K9" + text
			several := m
			several.Events = []app.Event{m.Events[0], m.Events[0]}
			scan := m
			scan.Events = []app.Event{m.Events[0]}
			scan.Events[0].Kind, scan.Events[0].Call.Kind = app.KindScanAdded, app.KindScanAdded
			plain := message(map[string]string{})
			plain.Events[0].Kind, plain.Events[0].Call = app.KindOther, app.Call{Kind: app.KindOther, Title: text, Description: text}
			got := over(t, m, several, scan, plain)
			for _, one := range got {
				harmless(t, one)
			}
			last := got[len(got)-1]
			for where, seen := range map[string]string{"the subject": last.Subject, "the text": last.Text, "the page": wellFormed(t, last.HTML)} {
				dispatchtest.Shows(t, where, seen, text)
			}
		})
	}
}

// What a server and its mail program decode is what was written, where it can
// be written at all.
func TestATitleArrivesAsItWas(t *testing.T) {
	for _, title := range []string{
		"ASCII", "Grüße aus Zürich", "=?utf-8?q?Not_decoded?=", "تنبيه", "👩‍👩‍👧‍👦 family", strings.Repeat("long ", 40) + "end", strings.Repeat("x", 200), strings.Repeat("ü", 200),
		"a, b; c: <d> \"e\" (f) \\g", "trailing =", "_under_ =20 ?=",
	} {
		m := message(map[string]string{})
		m.Events[0].Call.Title = title
		if got := over(t, m)[0]; got.Subject != "Security notification: "+title {
			t.Errorf("%q arrived as %q", title, got.Subject)
		}
		raw, err := email.Raw(m)
		must(t, err)
		_, subject, _ := strings.Cut(string(raw), "\r\nSubject:")
		for i, line := range strings.Split(subject, "\r\n") {
			if i > 0 && !strings.HasPrefix(line, " ") {
				break
			}
			if len(line) > 78 || strings.TrimSpace(line) == "" {
				t.Errorf("a line of %d characters in the header: %q", len(line), line)
			}
		}
	}
}

func TestAMailWithoutATimeIsDatedNow(t *testing.T) {
	m := message(map[string]string{})
	m.At = time.Time{}
	at, err := over(t, m)[0].Date()
	if err != nil || time.Since(at) > time.Minute {
		t.Errorf("dated %v, %v", at, err)
	}
}

func FuzzHeadersCannotBeBrokenOutOf(f *testing.F) {
	for _, text := range dispatchtest.Hostile {
		if len(text) < 2000 {
			f.Add(text, "Ana", "scan_added")
			f.Add("title", text, text)
		}
	}
	f.Add(strings.Repeat("a ", 40)+"  "+strings.Repeat("b", 80), " ", "\t")
	f.Add("=?utf-8?b?"+strings.Repeat("QUFB", 30)+"?=", "=?x?=", "")
	f.Fuzz(func(t *testing.T, title, name, kind string) {
		m := message(config("127.0.0.1:25", nil))
		m.Events[0].Call.Title, m.To.LastName, m.Events[0].Kind, m.Team = title, name, app.Kind(kind), name
		raw, err := email.Raw(m)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(string(raw), "\r\n") {
			if len(line) > 998 || strings.ContainsAny(line, "\r\n") {
				t.Fatalf("a line that is none: %.100q", line)
			}
		}
		got := read(t, bytes.NewReader(raw))
		for header, values := range got.Header {
			if !headers[header] || len(values) != 1 {
				t.Errorf("a header %s: %.100q", header, values)
			}
		}
		if to, err := got.AddressList("To"); err != nil || len(to) != 1 || to[0].Address != "ana@example.org" {
			t.Errorf("to %v, %v", to, err)
		}
		if got.HTML == "" || got.Text == "" {
			t.Error("a part is lost")
		}
	})
}

func BenchmarkCompose(b *testing.B) {
	m := message(config("127.0.0.1:25", nil))
	for b.Loop() {
		if _, err := email.Raw(m); err != nil {
			b.Fatal(err)
		}
	}
}
