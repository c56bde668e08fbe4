package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"golang.org/x/term"

	"bellhop/app"
)

// table prints aligned rows. Cells are made safe for a terminal; nothing is
// coloured, so that NO_COLOR is honoured by itself.
type table struct {
	w   *tabwriter.Writer
	err error
}

func newTable(w io.Writer, head ...string) *table {
	t := &table{w: tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)}
	t.row(head...)
	return t
}

func (t *table) row(cells ...string) {
	safe := make([]string, len(cells))
	for i, c := range cells {
		safe[i] = plain(c)
	}
	if _, err := fmt.Fprintln(t.w, strings.Join(safe, "\t")); err != nil && t.err == nil {
		t.err = err
	}
}

func (t *table) flush() error {
	if err := t.w.Flush(); err != nil && t.err == nil {
		t.err = err
	}
	if t.err != nil {
		return fmt.Errorf("print: %w", t.err)
	}
	return nil
}

// width returns the columns of the terminal that w is, 0 for anything else:
// what goes to a file or a pipe is not cut.
func width(w io.Writer) int {
	fd, ok := terminal(w)
	if !ok {
		return 0
	}
	columns, _, err := term.GetSize(fd)
	if err != nil {
		return 0
	}
	return columns
}

// cut shortens s to n characters; n < 1 leaves it whole.
func cut(s string, n int) string {
	if n < 1 || utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

// when returns a time as "5 min ago (2026-03-04 11:55)", in local time.
func (t *tool) when(at time.Time) string {
	if at.IsZero() {
		return "never"
	}
	return ago(t.now().Sub(at)) + " (" + at.Local().Format("2006-01-02 15:04") + ")"
}

// ago words a distance of time; a negative one lies ahead.
func ago(d time.Duration) string {
	before, after := "", " ago"
	if d < 0 {
		before, after, d = "in ", "", -d
	}
	switch {
	case d < time.Minute:
		return "now"
	case d < time.Hour:
		return fmt.Sprintf("%s%d min%s", before, d/time.Minute, after)
	case d < 48*time.Hour:
		return fmt.Sprintf("%s%d h%s", before, d/time.Hour, after)
	default:
		return fmt.Sprintf("%s%d days%s", before, d/(24*time.Hour), after)
	}
}

// alertCount returns "1 alert" or "2 alerts".
func alertCount(n int) string {
	if n == 1 {
		return "1 alert"
	}
	return fmt.Sprintf("%d alerts", n)
}

// pausedText says until when notifications are held back.
func (t *tool) pausedText(until time.Time) string {
	if !until.Before(app.PauseForever) {
		return "paused until resumed"
	}
	return "paused until " + until.Local().Format("2006-01-02 15:04")
}
