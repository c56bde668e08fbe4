package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"bellhop/app"
	"bellhop/store"
)

func (t *tool) eventsCommand() *cobra.Command {
	var limit int
	var after, account int64
	var kind, since string
	cmd := &cobra.Command{
		Use:   "events",
		Short: "List what has happened, newest first",
		Long: `List the events that Bellhop knows of, from every source, newest first.
With --json: {"events": [{"id", "origin", "kind", "at", "call": {...}}], "next"};
"next" is what to give as --after for the next page.`,
		Args: takes(0, 0),
		RunE: t.do(func(cmd *cobra.Command, _ []string) error {
			from, err := t.since(since)
			if err != nil {
				return err
			}
			if err := checkPage(limit, after); err != nil {
				return err
			}
			return t.stored(cmd.Context(), func(ctx context.Context, s *store.Store) error {
				if err := checkAccount(ctx, s, app.AccountID(account)); err != nil {
					return err
				}
				if err := checkKind(ctx, s, app.Kind(kind)); err != nil {
					return err
				}
				events, err := s.Events(ctx, app.EventFilter{Account: app.AccountID(account), Kind: app.Kind(kind), Since: from, After: after, Limit: limit})
				if err != nil {
					return err
				}
				next := int64(0)
				if len(events) == limit {
					next = events[len(events)-1].ID
				}
				if t.json {
					if events == nil {
						events = []app.Event{}
					}
					return writeJSON(t.out, struct {
						Events []app.Event `json:"events"`
						Next   int64       `json:"next,omitempty"`
					}{events, next})
				}
				rows := newTable(t.out, "ID", "WHEN", "EVENT", "FROM", "TITLE")
				for _, e := range events {
					rows.row(strconv.FormatInt(e.ID, 10), e.At.Local().Format("2006-01-02 15:04"), string(e.Kind), string(e.Origin), cut(e.Call.Title, width(t.out)/2))
				}
				return rows.flush()
			})
		}),
	}
	cmd.Flags().IntVar(&limit, "limit", 50, "at most so many, 1 to 1000")
	cmd.Flags().Int64Var(&after, "after", 0, "only older ones than this `id`")
	cmd.Flags().Int64Var(&account, "account", 0, "only of this account (`id`)")
	cmd.Flags().StringVar(&kind, "kind", "", "only this `event`")
	cmd.Flags().StringVar(&since, "since", "", "only of this `time` or later: 30d, 12h, or 2026-11-01")
	return cmd
}

// checkPage refuses a page that cannot be.
func checkPage(limit int, after int64) error {
	if limit < 1 || limit > maxPage || after < 0 {
		return usage("This page cannot be listed.", fmt.Sprintf("Give --limit from 1 to %d, and --after as the list before gave it.", maxPage))
	}
	return nil
}

// checkKind refuses an event that is none of DefectDojo's, unless somebody has
// raised one of that name.
func checkKind(ctx context.Context, s *store.Store, kind app.Kind) error {
	if kind == "" || slices.Contains(app.Kinds[:], kind) {
		return nil
	}
	some, err := s.Events(ctx, app.EventFilter{Kind: kind, Limit: 1})
	if err != nil || len(some) > 0 {
		return err
	}
	return usage(fmt.Sprintf("There is no event %q.", string(kind)), "See `bellhop notify --help`; bellhop events shows the names.")
}

// since reads a beginning: a span before now, a date, or RFC 3339; zero for "".
func (t *tool) since(value string) (time.Time, error) {
	if value == "" {
		return time.Time{}, nil
	}
	if n := len(value) - 1; value[n] == 'd' {
		if days, err := strconv.Atoi(value[:n]); err == nil && days >= 0 && days <= 36500 {
			return t.now().AddDate(0, 0, -days), nil
		}
	}
	if d, err := time.ParseDuration(value); err == nil && d >= 0 {
		return t.now().Add(-d), nil
	}
	for _, form := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.ParseInLocation(form, value, time.Local); err == nil {
			return at, nil
		}
	}
	return time.Time{}, usage("This is no time.", "Give a span before now like 30d or 12h, or a date like 2026-11-01.")
}
