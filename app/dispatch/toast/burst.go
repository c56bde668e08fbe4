package toast

import (
	"fmt"
	"strings"
	"time"
)

// Window is how long arrivals are collected before the user is told.
const Window = 2 * time.Second

// namedInSummary is how many titles a summary names.
const namedInSummary = 3

// Arrival is a new alert as a toast can show it.
type Arrival struct {
	Key    string
	Title  string
	Source string
	Text   string
	Urgent bool
}

// Detail is how much of an alert a toast shows; the values are those of
// app.SettingToastBody.
type Detail string

// The details.
const (
	Full      Detail = "full"  // title, source and description
	TitleOnly Detail = "title" // no description
	CountOnly Detail = "count" // no text of the alert at all
)

// Gather returns the one toast for a burst: the alert itself, with its
// buttons, or a summary. The summary's key is empty.
func Gather(burst []Arrival, detail Detail) Toast {
	var urgent bool
	for _, a := range burst {
		urgent = urgent || a.Urgent
	}
	if len(burst) == 1 {
		a := burst[0]
		t := Toast{Key: a.Key, Title: a.Title, Urgent: urgent, Actions: true}
		switch detail {
		case CountOnly:
			t.Title = "1 new alert"
		case TitleOnly:
			t.Body = a.Source
		case Full:
			t.Body = strings.TrimSpace(a.Source + "\n" + a.Text)
		}
		return t
	}
	t := Toast{Title: fmt.Sprintf("%d new alerts", len(burst)), Urgent: urgent}
	if detail == CountOnly {
		return t
	}
	var body []string
	for _, a := range burst[:min(len(burst), namedInSummary)] {
		body = append(body, oneLine(a.Title, titleWidth))
	}
	if more := len(burst) - namedInSummary; more > 0 {
		body = append(body, fmt.Sprintf("and %d more", more))
	}
	t.Body = strings.Join(body, "\n")
	return t
}
