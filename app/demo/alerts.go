package demo

import (
	"time"

	"bellhop/sync/dojoserver"
)

// backlog is what the demo's user finds in the list when she signs in, oldest
// first. Titles and descriptions have the wording of DefectDojo 3.2; the
// products and people are made up.
func backlog(now time.Time) []dojoserver.Alert {
	ago := func(d time.Duration) time.Time { return now.Add(-d).Truncate(time.Millisecond) }
	return []dojoserver.Alert{
		{Title: `Engagement created for "Edge": Release 4.2`, Description: `The engagement "Release 4.2" has been created in the product "Edge".`, URL: "/engagement/41", Source: "Engagement Added", Icon: "info-circle", Created: ago(75 * time.Hour)},
		{Title: "Created/Updated 2 findings for Pay: Q4 pentest: Burp Scan", Description: "Event scan_added has occurred.", URL: "/test/88", Source: "Scan Added", Icon: "info-circle", Created: ago(51 * time.Hour)},
		{Title: "Error pushing to JIRA (Shop)", Description: "Finding 4310: the issue type is not allowed in this project.", URL: "/finding/4310", Source: "Jira Problems", Icon: "bullseye", Created: ago(29 * time.Hour)},
		{Title: "Risk acceptance with 3 accepted findings will expire on Dec 01, 2026 for Pay: Q3", Description: "Event risk_acceptance_expiration has occurred.", URL: "/engagement/37/risk_acceptance/5", Source: "Risk Acceptance Expiration", Icon: "info-circle", Created: ago(26 * time.Hour)},
		{Title: "Closing of Outdated TLS configuration on edge proxy", Description: `The finding "Outdated TLS configuration on edge proxy" was closed by Tomas Novak`, URL: "/finding/4290", Source: "Finding Closed", Icon: "info-circle", Created: ago(25 * time.Hour)},
		{Title: "Created/Updated 37 findings for Shop: nightly: ZAP Scan", Description: "Event scan_added has occurred.", URL: "/test/91", Source: "Scan Added", Icon: "info-circle", Created: ago(6 * time.Hour)},
		{Title: "Finding review requested for Test created for Pay: Q4 pentest: Burp Scan", Description: "Tomas Novak has requested that you review the following finding for accuracy:\n\nCross-site request forgery in /transfer", URL: "/finding/4402", Source: "Review Requested", Icon: "check", Created: ago(40 * time.Minute)},
	}
}

// mention is the first alert that is born while the demo runs.
func mention(now time.Time) dojoserver.Alert {
	return dojoserver.Alert{Title: "Tomas Novak jotted a note", Description: "User Tomas Novak jotted a note on Finding 4411:\n\n    Can you confirm the fix on staging? The header is still missing on /cart.", URL: "/finding/4411", Source: "User Mentioned", Icon: "commenting", Created: now}
}

// overdue is an alert of a time limit that passed.
func overdue(now time.Time) dojoserver.Alert {
	return dojoserver.Alert{Title: "Finding 4411 - SLA breached by 2 days! Overdue notice", Description: "SLA breach alert for finding 4411 in product Shop. Relative days count to SLA due date: -2.", URL: "/finding/4411", Source: "Sla Breach", Icon: "info-circle", Created: now}
}

// imported is the burst that follows a scan import.
func imported(now time.Time) []dojoserver.Alert {
	at := func(i int) time.Time { return now.Add(time.Duration(i) * 10 * time.Millisecond) }
	return []dojoserver.Alert{
		{Title: "Test created for Shop: nightly: ZAP Scan", Description: "New test added for engagement nightly: ZAP Scan.", URL: "/test/92", Source: "Test Added", Icon: "info-circle", Created: at(0)},
		{Title: "Created/Updated 12 findings for Shop: nightly: ZAP Scan", Description: "Event scan_added has occurred.", URL: "/test/92", Source: "Scan Added", Icon: "info-circle", Created: at(1)},
		{Title: "Addition of SQL injection in /cart", Description: `Finding "SQL injection in /cart" was added by Maria Dvorak`, URL: "/finding/4420", Source: "Finding Added", Icon: "exclamation-triangle", Created: at(2)},
		{Title: "Reopening of Weak TLS cipher <RC4> on mail gateway", Description: `The finding "Weak TLS cipher &lt;RC4&gt; on mail gateway" was reopened by Maria Dvorak`, URL: "/finding/4102", Source: "Finding Reopened", Icon: "info-circle", Created: at(3)},
	}
}
