package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"bellhop/app"
	"bellhop/app/control"
	"bellhop/store"
)

func (t *tool) prefsHistory() *cobra.Command {
	var account int64
	var limit int
	cmd := &cobra.Command{
		Use:   "history",
		Short: "List who changed which settings when",
		Long:  `List the changes, newest first. With --json: {"changes": [{"at", "who", "before", "after"}]}.`,
		Args:  takes(0, 0),
		RunE: t.do(func(c *cobra.Command, _ []string) error {
			return t.stored(c.Context(), func(ctx context.Context, s *store.Store) error {
				a, err := engineAccount(ctx, s, account)
				if err != nil {
					return err
				}
				changes, err := s.PreferenceChanges(ctx, a.ID, limit)
				if err != nil {
					return err
				}
				if t.json {
					if changes == nil {
						changes = []app.PreferenceChange{}
					}
					return writeJSON(t.out, struct {
						Changes []app.PreferenceChange `json:"changes"`
					}{changes})
				}
				rows := newTable(t.out, "WHEN", "WHO", "SCOPE", "CHANGE")
				for _, ch := range changes {
					rows.row(ch.At.Local().Format("2006-01-02 15:04"), ch.Who, string(changedScope(ch)), changeWords(ch))
				}
				return rows.flush()
			})
		}),
	}
	cmd.Flags().Int64Var(&account, "account", 0, "of this account (`id`)")
	cmd.Flags().IntVar(&limit, "limit", 50, "at most so many")
	return cmd
}

func changedScope(c app.PreferenceChange) app.Scope {
	if c.After != nil {
		return c.After.Scope
	}
	if c.Before != nil {
		return c.Before.Scope
	}
	return ""
}

// changeWords says what changed, at most three events.
func changeWords(c app.PreferenceChange) string {
	switch {
	case c.After == nil:
		return "dropped"
	case c.Before == nil:
		return "made"
	}
	var words []string
	for i := range c.After.Row {
		if c.After.Row[i] != c.Before.Row[i] {
			words = append(words, fmt.Sprintf("%s: %s -> %s", app.Column(i), c.Before.Row[i], c.After.Row[i]))
		}
	}
	switch {
	case len(words) == 0:
		return "wishes changed"
	case len(words) > 3:
		return strings.Join(words[:3], "; ") + fmt.Sprintf("; and %d more", len(words)-3)
	default:
		return strings.Join(words, "; ")
	}
}

func (t *tool) prefsWrite() *cobra.Command {
	var account int64
	var yes bool
	cmd := &cobra.Command{
		Use:   "write-to-server",
		Short: "Write these settings to the DefectDojo server",
		Long: `Show how Bellhop's own settings differ from the server's and, with --yes or
after a question, write them there. It needs a superuser's sign-in.`,
		Args: takes(0, 0),
		RunE: t.do(func(c *cobra.Command, _ []string) error {
			return t.withBell(c.Context(), func(ctx context.Context, bell *control.Client) error {
				plan, err := bell.WritePreferences(ctx, app.AccountID(account), true)
				if err != nil {
					return err
				}
				if len(plan) == 0 {
					return t.say(writeAnswer{plan}, "The server has these settings already.")
				}
				if !t.json {
					if err := t.sayWrites(plan); err != nil {
						return err
					}
				}
				if !yes {
					ok, err := t.confirm("Write this to the server?")
					if err != nil || !ok {
						return err
					}
				}
				done, err := bell.WritePreferences(ctx, app.AccountID(account), false)
				if err != nil {
					return err
				}
				return t.say(writeAnswer{done}, fmt.Sprintf("%d settings were written.", len(done)))
			})
		}),
	}
	cmd.Flags().Int64Var(&account, "account", 0, "of this account (`id`)")
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

type writeAnswer struct {
	Changes []app.PreferenceWrite `json:"changes"`
}

func (t *tool) sayWrites(list []app.PreferenceWrite) error {
	rows := newTable(t.out, "SCOPE", "USER", "PRODUCT", "EVENT", "SERVER HAS", "WOULD BE")
	for _, w := range list {
		rows.row(string(w.Scope), w.Username, w.Product, w.Column, w.Before.String(), w.After.String())
	}
	return rows.flush()
}
