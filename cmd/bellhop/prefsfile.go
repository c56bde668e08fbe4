package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"bellhop/app"
	"bellhop/app/control"
	"bellhop/store"
)

func (t *tool) prefsExport() *cobra.Command {
	var account int64
	var server bool
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Print the settings as a file to keep or change",
		Long: `Print all lines of settings as JSON, by names: {"version": 1, "settings":
[{"scope", "user", "product", "events": {"scan_added": ["alert"]}, "extra"}]}.
An event that a line does not name is off in it. "kept" has what a server's line
for one product says besides the events that can be set for one.`,
		Args: takes(0, 0),
		RunE: t.do(func(c *cobra.Command, _ []string) error {
			return t.stored(c.Context(), func(ctx context.Context, s *store.Store) error {
				a, err := engineAccount(ctx, s, account)
				if err != nil {
					return err
				}
				owner := app.OwnerLocal
				if server {
					owner = app.OwnerServer
				}
				rows, err1 := s.Preferences(ctx, a.ID, owner)
				people, err2 := s.People(ctx, a.ID)
				products, err3 := s.Products(ctx, a.ID)
				if err := errors.Join(err1, err2, err3); err != nil {
					return err
				}
				return writeReadable(t.out, app.WritePreferences(rows, people, products))
			})
		}),
	}
	cmd.Flags().Int64Var(&account, "account", 0, "of this account (`id`)")
	cmd.Flags().BoolVar(&server, "server", false, "what the server itself has")
	return cmd
}

func (t *tool) prefsImport() *cobra.Command {
	var account int64
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Take over settings from a file",
		Long: `Take over the lines of a file as prefs export writes it (- for standard input).
Lines that the file does not have stay as they are, and so does what is "kept" in a
product's line where the file's has nothing of it. Where any line has a
mistake, all mistakes are named with their place and nothing is changed.`,
		Args: takes(1, 1),
		RunE: t.do(func(c *cobra.Command, args []string) error {
			var list []app.Preference
			err := t.stored(c.Context(), func(ctx context.Context, s *store.Store) error {
				a, err := engineAccount(ctx, s, account)
				if err != nil {
					return err
				}
				people, err1 := s.People(ctx, a.ID)
				products, err2 := s.Products(ctx, a.ID)
				if err := errors.Join(err1, err2); err != nil {
					return err
				}
				if list, err = t.readPreferences(args[0], a.ID, people, products); err != nil {
					return err
				}
				return withVersions(ctx, s, a.ID, list)
			})
			if err != nil {
				return err
			}
			return t.withBell(c.Context(), func(ctx context.Context, bell *control.Client) error {
				if err := bell.ImportPreferences(ctx, list); err != nil {
					return err
				}
				return t.say(struct {
					Imported int `json:"imported"`
				}{len(list)}, fmt.Sprintf("%d lines were taken over.", len(list)))
			})
		}),
	}
	cmd.Flags().Int64Var(&account, "account", 0, "for this account (`id`)")
	return cmd
}

// withVersions gives lines the versions of the stored ones they take the place
// of, so that a change that comes in between is noticed.
func withVersions(ctx context.Context, s *store.Store, account app.AccountID, list []app.Preference) error {
	rows, err := s.Preferences(ctx, account, app.OwnerLocal)
	if err != nil {
		return err
	}
	for i := range list {
		for _, r := range rows {
			if r.Scope == list[i].Scope && r.Person == list[i].Person && r.Product == list[i].Product {
				list[i].Version = r.Version
			}
		}
	}
	return nil
}

// shortList is a list of strings that was written on several lines. No string of
// JSON has a line break in it.
var shortList = regexp.MustCompile(`\[\n\s+"(?:[^"\\]|\\.)*"(?:,\n\s+"(?:[^"\\]|\\.)*")*\n\s+\]`)

// lineBreak is what stands between the strings of such a list, or at its ends.
var lineBreak = regexp.MustCompile(`,?\n\s+`)

// writeReadable writes v as JSON for somebody who will change it by hand: a line
// for each event, with its channels.
func writeReadable(w io.Writer, v any) error {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	text := shortList.ReplaceAllStringFunc(b.String(), func(list string) string {
		return lineBreak.ReplaceAllStringFunc(list, func(between string) string {
			if between[0] == ',' {
				return ", "
			}
			return ""
		})
	})
	if _, err := io.WriteString(w, escapeHostile(text)); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}
