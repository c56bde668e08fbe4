package ui

import (
	"fmt"
	"time"

	"bellhop/app"
)

// canned is an inbox with one account and the kinds of alert that DefectDojo
// sends, three of them new.
func canned() *fakeInbox {
	f := &fakeInbox{
		accounts: []app.Account{{ID: 1, URL: "https://dojo.example.com", Username: "maria", SignIn: app.SignInPassword, Server: "2.46.0"}},
		states: map[app.AccountID]app.SyncState{
			1: {Account: 1, Phase: app.PhaseOK, Since: noon.Add(-time.Hour), LastSync: noon.Add(-12 * time.Second)},
		},
	}
	add := func(ago time.Duration, fresh bool, source, title, description, url string) {
		at := noon.Add(-ago)
		f.alerts = append(f.alerts, app.Alert{
			ID: app.AlertID(100 - len(f.alerts)), Account: 1, RemoteID: int64(1000 - len(f.alerts)),
			Title: title, Description: description, Source: source, URL: url,
			Created: at, FirstSeen: at.Add(20 * time.Second), New: fresh,
		})
	}
	const h = time.Hour
	add(168*time.Minute, true, "Sla Breach", "Finding 4411 - SLA breached by 2 days! Overdue notice", "Finding 4411 in Shop has been overdue for 2 days.", "/finding/4411")
	add(185*time.Minute, true, "User Mentioned", "maria jotted a note", "User maria jotted a note on Finding 4411:\n\nCan you confirm the fix on staging? The header is still missing on /cart.", "/finding/4411#note-7")
	add(209*time.Minute, true, "Review Requested", "Finding review requested for Test created for Pay: Q4 pentest: Manual review - Session fixation after password reset", "Please look at the evidence.", "/finding/4390")
	add(9*h, false, "Scan Added", "Created/Updated 37 findings for Shop: nightly: ZAP Scan", "37 new, 4 closed, 112 untouched.", "/test/88")
	add(18*h+20*time.Minute, false, "Finding Closed", "Closing of Outdated TLS configuration on edge proxy", "Closed by tom.", "/finding/4102")
	add(24*h, false, "Risk Acceptance Expiration", "Risk acceptance with 3 accepted findings will expire on Dec 01, 2026 for Pay: Q3", "", "/risk/12")
	add(25*h, false, "Jira Problems", "Error pushing to JIRA (Shop)", "The issue type is missing.", "")
	add(27*h, false, "Engagement Added", "Engagement created for \"Edge\": Release 4.2", "Lead: maria.", "/engagement/31")
	add(50*h, false, "Scan Added", "Created/Updated 2 findings for Pay: Q4 pentest: Burp Scan", "2 new.", "/test/81")
	for i := range 40 {
		add(time.Duration(200+i*30)*h, false, "Test Added", fmt.Sprintf("Test created for Shop: sprint %d: Semgrep JSON Report", 40-i), "Added by the pipeline.", fmt.Sprintf("/test/%d", 70-i))
	}
	return f
}

// withHistory adds what has left the list.
func withHistory(f *fakeInbox) *fakeInbox {
	for i, x := range []struct {
		title, source string
		r             app.Removal
	}{
		{"Finding 4411 - SLA is breaching today", "Sla Breach", app.Removal{Why: app.WhyMe, At: noon.Add(-40 * time.Hour), Pending: true}},
		{"Addition of SQL injection in /cart", "Finding Added", app.Removal{Why: app.WhyElsewhere, At: noon.Add(-120 * time.Hour)}},
		{"Created/Updated 41 findings for Shop: nightly: ZAP Scan", "Scan Added", app.Removal{Why: app.WhyExpired, At: noon.Add(-310 * time.Hour)}},
	} {
		at := x.r.At.Add(-time.Hour)
		f.alerts = append(f.alerts, app.Alert{
			ID: app.AlertID(40 - i), Account: 1, Title: x.title, Source: x.source, Created: at, FirstSeen: at, Removal: &x.r,
		})
	}
	return f
}

// running is a bell for an inbox that nothing is asked of but its status.
func running() *fakeBell { return &fakeBell{} }
