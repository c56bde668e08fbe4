package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"bellhop/app"
	"bellhop/store"
)

// selection holds the flags that choose alerts.
type selection struct {
	account      int64
	search       string
	source       string
	removed, all bool
}

func (s *selection) flags(cmd *cobra.Command) {
	accountFlag(cmd, &s.account)
	f := cmd.Flags()
	f.StringVar(&s.search, "search", "", "only alerts with all of these `words` in title or description")
	f.StringVar(&s.source, "source", "", "only alerts of this `source`, for example \"Scan Added\"")
	f.BoolVar(&s.removed, "removed", false, "the history: alerts that have left the list")
	f.BoolVar(&s.all, "all", false, "the list and the history")
	cmd.MarkFlagsMutuallyExclusive("removed", "all")
}

func (s *selection) filter() app.Filter {
	f := app.Filter{Account: app.AccountID(s.account), Search: s.search, Source: s.source, View: app.ViewList}
	switch {
	case s.removed:
		f.View = app.ViewHistory
	case s.all:
		f.View = app.ViewEverything
	}
	return f
}

// maxPage is the largest page of an [app.Filter].
const maxPage = 1000

func (t *tool) alertsCommand() *cobra.Command {
	var chosen selection
	var limit int
	var after int64
	cmd := &cobra.Command{
		Use:   "alerts",
		Short: "List alerts, newest first",
		Long: `List alerts, newest first. The last word of --search may be the beginning of
one. For the next page give the last id of this one as --after.

With --json: {"alerts": [...], "next": 17}; "next" is missing on the last page.
Each alert has "id", "account", "remote_id", "title", "description", "url",
"source", "icon", "created", "first_seen", "new", and where it applies "removal"
("why" is me, elsewhere or expired; "at"; "pending") and "failure" ("reason",
"at").`,
		Example: "  bellhop alerts --search \"sql inj\" --limit 10\n  bellhop alerts --removed --json",
		Args:    takes(0, 0),
		RunE: t.do(func(cmd *cobra.Command, _ []string) error {
			if limit < 1 || limit > maxPage || after < 0 {
				return usage(fmt.Sprintf("A page has 1 to %d alerts and begins after an alert's id.", maxPage), "Use --after for what follows, or `bellhop export`.")
			}
			f := chosen.filter()
			f.Limit, f.After = limit, app.AlertID(after)
			return t.withStore(cmd.Context(), func(ctx context.Context, s *store.Store) error {
				return t.listAlerts(ctx, s, f)
			})
		}),
	}
	chosen.flags(cmd)
	cmd.Flags().IntVar(&limit, "limit", 50, "at most `n` alerts, up to 1000")
	cmd.Flags().Int64Var(&after, "after", 0, "only alerts older than the one with this `id`")
	return cmd
}

func (t *tool) listAlerts(ctx context.Context, s *store.Store, f app.Filter) error {
	if err := checkAccount(ctx, s, f.Account); err != nil {
		return err
	}
	page := app.Page{}
	names := map[app.AccountID]string{}
	if s != nil {
		var err error
		if page, err = s.Alerts(ctx, f); err != nil {
			return err
		}
		accounts, err := s.Accounts(ctx)
		if err != nil {
			return err
		}
		for _, a := range accounts {
			names[a.ID] = a.Name()
		}
	}
	if page.Alerts == nil {
		page.Alerts = []app.Alert{}
	}
	if t.json {
		return writeJSON(t.out, page)
	}
	return t.printAlerts(page, names, f)
}

func (t *tool) printAlerts(page app.Page, names map[app.AccountID]string, f app.Filter) error {
	if len(page.Alerts) == 0 {
		return t.say(nil, nothingText(f))
	}
	manyAccounts := f.Account == 0 && len(names) > 1
	head := []string{"ID", "WHEN", "SOURCE"}
	if manyAccounts {
		head = append(head, "ACCOUNT")
	}
	if f.View != app.ViewList {
		head = append(head, "LEFT THE LIST")
	}
	rows := newTable(t.out, append(head, "TITLE")...)
	room := titleRoom(width(t.out), len(head))
	for _, a := range page.Alerts {
		cells := []string{strconv.FormatInt(int64(a.ID), 10), t.when(a.Created), cut(a.Source, 24)}
		if manyAccounts {
			cells = append(cells, names[a.Account])
		}
		if f.View != app.ViewList {
			cells = append(cells, t.leftText(a.Removal))
		}
		title := a.Title
		if a.New {
			title = "* " + title
		}
		if a.Failure != nil {
			title += " (not removed: " + a.Failure.Reason + ")"
		}
		rows.row(append(cells, cut(plain(title), room))...)
	}
	if err := rows.flush(); err != nil {
		return err
	}
	if page.Next != 0 {
		return t.say(nil, "", fmt.Sprintf("There are more: --after %d", page.Next))
	}
	return nil
}

// titleRoom says how many columns of a terminal are left for the title; the
// other columns are about as wide as these figures.
func titleRoom(columns, others int) int {
	if columns == 0 {
		return 0
	}
	return max(20, columns-8-34-26-28*(others-3))
}

func nothingText(f app.Filter) string {
	switch {
	case f.Search != "" || f.Source != "" || f.After != 0:
		return "No alert matches."
	case f.View == app.ViewHistory:
		return "No alert has left the list yet."
	case f.View == app.ViewEverything:
		return "There is no alert yet."
	default:
		return "The list is empty."
	}
}

// leftText says why and when an alert left the list.
func (t *tool) leftText(r *app.Removal) string {
	if r == nil {
		return ""
	}
	why := string(r.Why)
	switch r.Why {
	case app.WhyMe:
		why = "removed"
	case app.WhyElsewhere:
		why = "elsewhere"
	case app.WhyExpired:
		why = "expired"
	}
	if r.Pending {
		why += ", waits for the server"
	}
	return why + " " + ago(t.now().Sub(r.At))
}

func (t *tool) openCommand() *cobra.Command {
	var foreign, printOnly bool
	cmd := &cobra.Command{
		Use:   "open ID",
		Short: "Open an alert's page in the browser",
		Long: `Open an alert's page in the browser. A link that leads to another host than the
account's server is shown, not opened, unless --foreign is given. With --print
the address is printed and nothing is opened, which works without a running bell.

With --json: {"url": "https://..."}.`,
		Args: takes(1, 1),
		RunE: t.do(func(cmd *cobra.Command, args []string) error {
			ids, err := alertIDs(args)
			if err != nil {
				return err
			}
			open := t.open
			if printOnly {
				open = t.address
			}
			target, err := open(cmd.Context(), ids[0], foreign)
			if err != nil {
				return err
			}
			return t.say(struct {
				URL string `json:"url"`
			}{target}, target)
		}),
	}
	cmd.Flags().BoolVar(&foreign, "foreign", false, "also where the link leads to another host")
	cmd.Flags().BoolVar(&printOnly, "print", false, "print the address only")
	return cmd
}
