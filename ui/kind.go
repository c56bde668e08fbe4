package ui

import (
	"strings"

	"bellhop/app"
	"bellhop/ui/widget"
)

// kind is the picture that stands for a sort of alert: the shape tells it, the
// tint only helps.
type kind struct {
	icon string
	tint widget.Tint
}

// kindOf returns the picture for an alert. The source is DefectDojo's title of
// the event ("Sla Breach", "Review Requested"); where it says nothing, the
// server's own icon name and then the first word of the title are asked.
func kindOf(a app.Alert) kind {
	for _, s := range []string{a.Source, a.Icon, a.Title} {
		if k, ok := kindIn(strings.ToLower(s)); ok {
			return k
		}
	}
	return kind{"bell", widget.TintGrey}
}

// kindIn looks for the words that tell kinds apart. The order matters: a more
// particular word comes first ("jira problems" is no "problem").
func kindIn(s string) (kind, bool) {
	if s == "" {
		return kind{}, false
	}
	for _, k := range []struct {
		words string
		kind
	}{
		{"jira|github|webhook|integration|tool|fa-plug", kind{"plug", widget.TintOrange}},
		{"mention|jotted a note|fa-at|fa-comment", kind{"at", widget.TintViolet}},
		{"review|fa-eye", kind{"eye", widget.TintBlue}},
		{"risk acceptance|expir|upcoming|stale|fa-clock|fa-calendar", kind{"clock", widget.TintOrange}},
		{"sla|breach|overdue|fa-fire|fa-exclamation|fa-triangle", kind{"warn", widget.TintRed}},
		{"delet|removal of|fa-trash", kind{"trash", widget.TintRed}},
		{"clos|reopen|fa-check", kind{"closed", widget.TintGreen}},
		{"scan|import|fa-bug", kind{"scan", widget.TintBlue}},
		{"added|created|addition|fa-plus", kind{"plus", widget.TintGrey}},
		{"problem|error|fail", kind{"warn", widget.TintOrange}},
	} {
		for word := range strings.SplitSeq(k.words, "|") {
			if strings.Contains(s, word) {
				return k.kind, true
			}
		}
	}
	return kind{}, false
}
