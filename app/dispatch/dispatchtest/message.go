package dispatchtest

import (
	"time"

	"bellhop/app"
	"bellhop/app/dispatch"
)

// At is when the messages of this package happen.
var At = time.Date(2026, 11, 25, 9, 30, 0, 0, time.UTC)

// Message returns a message about one event, to a shared place, without a
// destination and without secrets.
func Message(call app.Call) dispatch.Message {
	return dispatch.Message{
		ID: "01KB0Q8Z5N7C9V3T2R4W6Y8XAB", Attempt: 1, At: At,
		Events: []app.Event{Event(1, call)},
		Team:   "Bookshop", Site: "https://dojo.example.com",
	}
}

// Digest returns a message about several events.
func Digest(calls ...app.Call) dispatch.Message {
	m := Message(calls[0])
	m.Events = nil
	for i, c := range calls {
		m.Events = append(m.Events, Event(int64(i+1), c))
	}
	return m
}

// Event returns the event of a call.
func Event(id int64, call app.Call) app.Event {
	return app.Event{ID: id, Origin: app.OriginLocal, Key: "test", At: At, Kind: call.Kind, Call: call}
}

// Scan returns a call as an import of a scan raises it.
func Scan() app.Call {
	count := 3
	return app.Call{
		Kind:  app.KindScanAdded,
		Title: `Created/Updated 3 findings for Shelf: 'a' & "b": Q4 <round>: Generic Findings Import`,
		URL:   "/test/6", URLAPI: "/api/v2/tests/6/",
		ProductType: &app.Ref{ID: 4, Name: `Books & "Media": [x]`},
		Product:     &app.Ref{ID: 4, Name: `Shelf: 'a' & "b"`},
		Engagement:  &app.Ref{ID: 9, Name: "Q4 <round>"},
		Test:        &app.Ref{ID: 6}, TestType: "Generic Findings Import",
		FindingCount: &count,
		FindingsNew: []app.FindingRef{
			{ID: 25, Title: "Old Library", Severity: "Critical"},
			{ID: 23, Title: `SQL Injection: [Cart] "Q" 'P' & <x>`, Severity: "High"},
			{ID: 24, Title: "Weak TLS", Severity: "Low"},
		},
	}
}

// Closed returns a call about an engagement without anything else in it.
func Closed() app.Call {
	return app.Call{
		Kind: app.KindEngagementClosed, Title: "Engagement Closed", URL: "/engagement/9/finding/all",
		Description: "The engagement \"Q4 <round>\" was closed",
		Product:     &app.Ref{ID: 4, Name: "Shelf"}, Engagement: &app.Ref{ID: 9, Name: "Q4 <round>"},
	}
}

// Breach returns a call about a service level that was missed.
func Breach() app.Call {
	age := -3
	return app.Call{
		Kind: app.KindSLABreach, Title: "Finding 23 - SLA breached by 3 day(s)! Overdue notice", URL: "/finding/23",
		Finding: &app.FindingRef{ID: 23, Title: "SQL Injection", Severity: "High"}, SLAAge: &age,
		Product: &app.Ref{ID: 4, Name: "Shelf"}, Engagement: &app.Ref{ID: 9, Name: "Q4 <round>"},
	}
}
