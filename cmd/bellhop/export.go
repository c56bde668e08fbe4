package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"bellhop/app"
	"bellhop/store"
)

func (t *tool) exportCommand() *cobra.Command {
	var chosen selection
	var format, file string
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write alerts as CSV or JSON",
		Long: `Write alerts as CSV or JSON, newest first; --all adds the history.

CSV has the columns id, account, remote_id, title, description, url, source,
icon, created, first_seen, new, why, removed_at, pending and failure. A cell that
a spreadsheet would take for a formula gets an apostrophe in front, and control
characters are replaced; JSON has the text as it came. JSON is
{"alerts": [...]} as in ` + "`bellhop alerts --json`" + `.

A file appears under its name only when it is whole; it is readable for you
alone.`,
		Args: takes(0, 0),
		RunE: t.do(func(cmd *cobra.Command, _ []string) error {
			if format == "" {
				format = "csv"
				if t.json || strings.EqualFold(filepath.Ext(file), ".json") {
					format = "json"
				}
			}
			if format != "csv" && format != "json" {
				return usage(fmt.Sprintf("There is no format %q.", format), "Use csv or json.")
			}
			return t.withStore(cmd.Context(), func(ctx context.Context, s *store.Store) error {
				f := chosen.filter()
				if err := checkAccount(ctx, s, f.Account); err != nil {
					return err
				}
				return t.intoFile(file, func(w io.Writer) error { return export(ctx, s, f, format, w) })
			})
		}),
	}
	chosen.flags(cmd)
	cmd.Flags().StringVar(&format, "format", "", "csv or json; default by the file's name, else csv")
	cmd.Flags().StringVarP(&file, "output", "o", "", "write to this `file`, not to standard output")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"csv", "json"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// export writes what f selects; s is nil where there is no database yet.
func export(ctx context.Context, s *store.Store, f app.Filter, format string, w io.Writer) error {
	each := func(func(app.Alert, error) bool) {}
	if s != nil {
		each = s.Each(ctx, f)
	}
	if format == "json" {
		return exportJSON(each, w)
	}
	return exportCSV(each, w)
}

// intoFile lets write fill a file, or standard output where no name is given.
// The file replaces an older one at the end, in one step.
func (t *tool) intoFile(name string, write func(io.Writer) error) (err error) {
	if name == "" || name == "-" {
		return buffered(t.out, write)
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".bellhop-*") // mode 0600
	if err != nil {
		return fileProblem(name, err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	if err := errors.Join(buffered(f, write), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return fileProblem(name, err)
	}
	return nil
}

func fileProblem(name string, err error) error {
	return app.NewProblem("file", fmt.Sprintf("The file %s cannot be written: %v.", name, err), "Choose another name or place.", true, err)
}

func buffered(w io.Writer, write func(io.Writer) error) error {
	b := bufio.NewWriterSize(w, 64<<10)
	if err := write(b); err != nil {
		return err
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// exportJSON keeps one alert in memory at a time.
func exportJSON(each func(func(app.Alert, error) bool), w io.Writer) error {
	if _, err := io.WriteString(w, `{"alerts": [`); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	between := "\n"
	for a, err := range each {
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, between); err != nil {
			return fmt.Errorf("write: %w", err)
		}
		if err := writeJSON(w, a); err != nil {
			return err
		}
		between = ","
	}
	if _, err := io.WriteString(w, "]}\n"); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

func exportCSV(each func(func(app.Alert, error) bool), w io.Writer) error {
	c := csv.NewWriter(w)
	if err := c.Write([]string{
		"id", "account", "remote_id", "title", "description", "url", "source", "icon", "created", "first_seen",
		"new", "why", "removed_at", "pending", "failure",
	}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	for a, err := range each {
		if err != nil {
			return err
		}
		if err := c.Write(csvRow(a)); err != nil {
			return fmt.Errorf("write: %w", err)
		}
	}
	c.Flush()
	if err := c.Error(); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

func csvRow(a app.Alert) []string {
	row := []string{
		strconv.FormatInt(int64(a.ID), 10), strconv.FormatInt(int64(a.Account), 10), strconv.FormatInt(a.RemoteID, 10),
		cell(a.Title), cell(a.Description), cell(a.URL), cell(a.Source), cell(a.Icon),
		stamp(a.Created), stamp(a.FirstSeen), strconv.FormatBool(a.New), "", "", "", "",
	}
	if a.Removal != nil {
		row[11], row[12], row[13] = cell(string(a.Removal.Why)), stamp(a.Removal.At), strconv.FormatBool(a.Removal.Pending)
	}
	if a.Failure != nil {
		row[14] = cell(a.Failure.Reason)
	}
	return row
}

// cell keeps a spreadsheet from running an alert's text, and a terminal from
// obeying it; lines and tabs stay. The list of openings is OWASP's for "CSV
// Injection", with the full-width forms that Japanese Excel takes for the same;
// blanks in front do not disarm them.
func cell(s string) string {
	s = strings.Map(func(r rune) rune {
		if hostile(r) && !strings.ContainsRune("\t\r\n\ufeff", r) {
			return utf8.RuneError
		}
		return r
	}, s)
	trimmed := strings.TrimLeft(s, " \u00a0\u3000\ufeff")
	if trimmed != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(trimmed)[0]) {
		return "'" + s
	}
	return s
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
