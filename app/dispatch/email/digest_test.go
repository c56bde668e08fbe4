package email_test

import (
	"bytes"
	"strings"
	"testing"

	"bellhop/app"
	"bellhop/app/dispatch/dispatchtest"
	"bellhop/app/dispatch/email"
)

// A summary of what was held says so; each event has its severity in its colour
// and its product. Who has no name is greeted without.
func TestASummaryIsTheOneThatWasLookedAt(t *testing.T) {
	t.Parallel()
	backup := app.Call{Kind: app.KindOther, Title: "Backup failed", Description: "The disk of db2 is full.", Product: &app.Ref{Name: "Shop <1>"}}
	backup.Finding = &app.FindingRef{Title: backup.Title, Severity: "Medium"}
	m := dispatchtest.Digest(dispatchtest.Scan(), backup, dispatchtest.Closed())
	m.Config, m.Held = map[string]string{email.KeyHost: "mail.example.com", email.KeyFrom: "bell@example.com"}, true
	m.To = app.Person{ID: 1, Username: "me", Email: "ann@example.com"}
	raw, err := email.Raw(m)
	if err != nil {
		t.Fatal(err)
	}
	got := read(t, bytes.NewReader(raw))
	dispatchtest.Golden(t, "testdata/summary.txt", got.Subject+"\n\n"+strings.ReplaceAll(got.Text, "\r\n", "\n"))
	dispatchtest.Golden(t, "testdata/summary.html", strings.ReplaceAll(got.HTML, "\r\n", "\n"))
}
