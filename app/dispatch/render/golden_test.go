package render_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"bellhop/app"
	"bellhop/app/dispatch/dispatchtest"
	"bellhop/app/dispatch/render"
)

// TestMessagesAreTheOnesThatWereLookedAt compares every event on every channel
// with testdata/golden. After a change: go test ./app/dispatch/render -update,
// and look at the difference.
func TestMessagesAreTheOnesThatWereLookedAt(t *testing.T) {
	t.Parallel()
	for _, c := range everyEvent() {
		dispatchtest.Golden(t, "testdata/golden/"+string(c.Kind)+".txt", sheet(t, shop(c)))
		if c.Kind == app.KindScanAdded || c.Kind == app.KindUserMentioned {
			dispatchtest.Golden(t, "testdata/golden/"+string(c.Kind)+".html", render.Mail(shop(c)).HTML)
		}
	}
}

// A local event has what its caller said of it, on every channel, and looks as
// severe as it is.
func TestALocalEventTellsWhatIsKnownOfIt(t *testing.T) {
	t.Parallel()
	call := app.Call{
		Kind: app.KindScanAdded, Title: "Nightly scan is done", Product: &app.Ref{Name: "Shop"},
		Finding: &app.FindingRef{Title: "Nightly scan is done", Severity: "Critical"},
	}
	in := shop(&call)
	in.To, in.Held = app.Person{ID: 1, Username: "me"}, true
	dispatchtest.Golden(t, "testdata/golden/local_scan.txt", sheet(t, in))
	dispatchtest.Golden(t, "testdata/golden/local_scan.html", render.Mail(in).HTML)
	for _, kind := range []app.Kind{app.KindOther, "backup_failed"} {
		in.Call.Kind = kind
		if got := render.Slack(in); got.Style != render.StyleAttention {
			t.Errorf("a critical %s looks %s", kind, got.Style)
		}
	}
	in.Call.Finding.Severity = "Low"
	if got := render.Teams(in); got.Style != render.StyleAccent {
		t.Errorf("one of low severity looks %s", got.Style)
	}
}

// sheet is everything that is said about an event.
func sheet(t *testing.T, in render.Input) string {
	t.Helper()
	var b strings.Builder
	part := func(name string) { b.WriteString("\n---- " + name + "\n") }
	a := render.Alert(in)
	part("alert")
	fmt.Fprintf(&b, "title:  %s\nurl:    %s\nsource: %s\nicon:   %s\n%s\n", a.Title, a.URL, a.Source, a.Icon, a.Description)
	toast := render.Toast(in)
	part("toast")
	fmt.Fprintf(&b, "%s\n%s\n", toast.Title, toast.Body)
	m := render.Mail(in)
	part("mail")
	fmt.Fprintf(&b, "Subject: %s\n\n%s", m.Subject, m.Text)
	part("mail, HTML without its looks")
	b.WriteString(bare(m.HTML))
	s := render.Slack(in)
	part("Slack, parts (" + s.Style + ")")
	fmt.Fprintf(&b, "%s\n%s\n%s\n%s\n[%s](%s)\n%s\n", s.Header, s.Body, pairs(s.Fields), s.List, s.Action, s.Link, s.Foot)
	part("Slack, fallback")
	b.WriteString(s.Fallback + "\n")
	k := render.Teams(in)
	part("Teams (" + k.Style + ")")
	fmt.Fprintf(&b, "%s\n%s\n%s\n%s\n%s\n%s\n[%s](%s)\nsummary: %s\n", k.Title, k.Subtitle, k.Text, k.Quote, pairs(k.Facts), strings.Join(k.List, "\n"), k.Action, k.Link, k.Summary)
	w := render.Webhook(in, &in.To)
	body, err := w.Body.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	part("webhook")
	for _, h := range w.Headers {
		fmt.Fprintf(&b, "%s: %s\n", h[0], h[1])
	}
	// A line for each member of the body keeps a difference readable.
	b.WriteString("\n" + regexp.MustCompile(`,"(\w+)":([{\[])`).ReplaceAllString(string(body), ",\n\"$1\":$2") + "\n")
	return strings.TrimLeft(b.String(), "\n")
}

func pairs(list [][2]string) string {
	var b strings.Builder
	for _, f := range list {
		b.WriteString("  " + f[0] + ": " + f[1] + "\n")
	}
	return strings.TrimRight(b.String(), "\n")
}

// bare is a page without its head, its styles and its tables.
func bare(page string) string {
	_, page, _ = strings.Cut(page, "</head>")
	page = regexp.MustCompile(` (style|class|role|width|cellpadding|cellspacing|align)="[^"]*"`).ReplaceAllString(page, "")
	page = regexp.MustCompile(`</?(table|tr|td|body|html)>`).ReplaceAllString(page, " ")
	page = strings.ReplaceAll(page, "<li>", "\n  <li>")
	return regexp.MustCompile(`\n\s*\n`).ReplaceAllString(strings.TrimSpace(page), "\n") + "\n"
}
