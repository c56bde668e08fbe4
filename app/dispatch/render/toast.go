package render

import (
	"strconv"
	"strings"

	"bellhop/app"
)

// The sizes of a toast's texts in characters; desktops cut earlier.
const (
	toastTitle = 120
	toastBody  = 400
	// toastListed is how many findings a toast names.
	toastListed = 3
)

// ToastText is a notification on the desktop. Both texts are plain; the toast
// package escapes them for the desktop that it finds.
type ToastText struct {
	Title string
	Body  string // may have several lines
}

// Toast returns the notification about the event.
func Toast(in Input) ToastText {
	in = in.ready()
	m := in.compose()
	t := ToastText{Title: shorten(strings.TrimSpace(oneLine(in.Call.Title)), toastTitle), Body: m.brief}
	if t.Title == "" {
		t.Title = m.label
	}
	switch {
	case len(m.lists) == len(changes(in.Call)):
		if s := changed(in.Call); s != "" {
			t.Body = s
		}
	case len(m.lists) > 0:
		top, more := topFindings(m.lists, toastListed)
		for _, f := range top {
			t.Body += "\n" + f.line
		}
		if more > 0 {
			t.Body += "\nand " + strconv.Itoa(more) + " more"
		}
	case m.quote != "":
		t.Body += "\n" + m.quote
	}
	if t.Body == t.Title {
		t.Body = m.label
		if t.Body == t.Title {
			t.Body = ""
		}
	}
	t.Body = shorten(t.Body, toastBody)
	return t
}

// changed counts an import's findings: "2 new, 1 closed, 7 untouched".
func changed(c *app.Call) string {
	var parts []string
	for _, l := range changes(c) {
		if n := len(l.findings); n > 0 {
			parts = append(parts, strconv.Itoa(n)+" "+strings.ToLower(l.name))
		}
	}
	return strings.Join(parts, ", ")
}
