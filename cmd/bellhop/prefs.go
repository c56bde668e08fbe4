package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"bellhop/app"
	"bellhop/app/control"
	"bellhop/store"
)

const prefsHelp = `Show and change who is told what, where.

A line of settings has a scope: system (shared destinations, and superusers),
template (copied to people who are new), personal, or product (personal, for one
product). It says for each event which channels are on. Lines are united: what
one of them switches on, no other switches off.

    bellhop prefs show
    bellhop prefs set scan_added alert,toast,mail
    bellhop prefs set scan_added +slack --product Shop
    bellhop prefs set other off --scope system
    bellhop prefs quiet add 22:00-07:00
    bellhop prefs export > settings.json

Beyond DefectDojo's settings, a line can have conditions, quiet hours, a muted
product and "not my own actions": they are in the exported file, under "extra", and
quiet hours have a command of their own (bellhop prefs quiet).
`

// prefScope are the flags that name a line of settings.
type prefScope struct {
	account              int64
	scope, user, product string
}

func (p *prefScope) add(cmd *cobra.Command) {
	cmd.Flags().Int64Var(&p.account, "account", 0, "of this account (`id`)")
	cmd.Flags().StringVar(&p.scope, "scope", "", "system, template, personal or product")
	cmd.Flags().StringVar(&p.user, "user", "", "of this person (user `name`); you where it is not given")
	cmd.Flags().StringVar(&p.product, "product", "", "for this product (`name` or id)")
}

// line returns the stored line that the flags name, and whether it is stored.
func (p *prefScope) line(ctx context.Context, s *store.Store) (app.Preference, bool, error) {
	a, err := engineAccount(ctx, s, p.account)
	if err != nil {
		return app.Preference{}, false, err
	}
	want := app.Preference{Account: a.ID, Owner: app.OwnerLocal, Scope: app.Scope(p.scope)}
	if want.Scope == "" {
		want.Scope = app.ScopePersonal
		if p.product != "" {
			want.Scope = app.ScopeProduct
		}
	}
	switch want.Scope {
	case app.ScopeSystem, app.ScopeTemplate:
		if p.user != "" || p.product != "" {
			return want, false, usage("The scope "+p.scope+" has neither a user nor a product.", "Leave --user and --product out.")
		}
	case app.ScopePersonal, app.ScopeProduct:
		people, err := s.People(ctx, a.ID)
		if err != nil {
			return want, false, err
		}
		person, err := personNamed(people, p.user)
		if err != nil {
			return want, false, err
		}
		want.Person = person.ID
		if (p.product != "") != (want.Scope == app.ScopeProduct) {
			return want, false, usage("--product belongs to the scope product, and to no other.", "Give --scope product --product NAME.")
		}
		if p.product != "" {
			products, err := s.Products(ctx, a.ID)
			if err != nil {
				return want, false, err
			}
			product, err := productNamed(products, p.product)
			if err != nil {
				return want, false, err
			}
			want.Product = product.ID
		}
	default:
		return want, false, usage(fmt.Sprintf("There is no scope %q.", p.scope), "Use system, template, personal or product.")
	}
	rows, err := s.Preferences(ctx, a.ID, app.OwnerLocal)
	if err != nil {
		return want, false, err
	}
	for _, r := range rows {
		if r.Scope == want.Scope && r.Person == want.Person && r.Product == want.Product {
			return r, true, nil
		}
	}
	if want.Scope != app.ScopeProduct {
		want.Row = app.DefaultRow()
	}
	return want, false, nil
}

func (t *tool) prefsCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "prefs", Short: "Show and change who is told what, where", Long: prefsHelp, Args: noCommand}
	cmd.RunE = t.do(func(c *cobra.Command, _ []string) error { return t.showPrefs(c.Context(), prefScope{}, false) })
	cmd.AddCommand(t.prefsShow(), t.prefsSet(), t.prefsUnset(), t.prefsExport(), t.prefsImport(), t.prefsHistory(), t.prefsWrite(), t.prefsQuiet())
	return cmd
}

func (t *tool) prefsShow() *cobra.Command {
	var p prefScope
	var server bool
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Show one line of settings",
		Long: `Show one line of settings, yours where no other is named. With --server: what
the DefectDojo server itself has, which Bellhop never mixes with its own.
With --json: {"stored", "preference": {"scope", "row": {"scan_added": [...]}}}.`,
		Args: takes(0, 0),
		RunE: t.do(func(c *cobra.Command, _ []string) error { return t.showPrefs(c.Context(), p, server) }),
	}
	p.add(cmd)
	cmd.Flags().BoolVar(&server, "server", false, "what the server itself has")
	return cmd
}

func (t *tool) showPrefs(ctx context.Context, p prefScope, server bool) error {
	return t.stored(ctx, func(ctx context.Context, s *store.Store) error {
		line, stored, err := p.line(ctx, s)
		if err != nil {
			return err
		}
		if server {
			rows, err := s.Preferences(ctx, line.Account, app.OwnerServer)
			if err != nil {
				return err
			}
			i := slices.IndexFunc(rows, func(r app.Preference) bool {
				return r.Scope == line.Scope && r.Person == line.Person && r.Product == line.Product
			})
			if i < 0 {
				return app.NewProblem("not_found", "The server's own settings of this scope are not known.", "Learn them with `bellhop people sync`.", false, app.ErrNotFound)
			}
			line, stored = rows[i], true
		}
		if t.json {
			return writeJSON(t.out, struct {
				Stored     bool           `json:"stored"`
				Preference app.Preference `json:"preference"`
			}{stored, line})
		}
		rows := newTable(t.out, append([]string{"EVENT"}, strings.Split(app.ChannelNames(), ", ")...)...)
		for c, set := range line.Row {
			if line.Scope == app.ScopeProduct && !app.Column(c).OnProduct() {
				continue
			}
			cells := []string{app.Column(c).String()}
			for ch := range app.AllChannels.All() {
				cell := "-"
				if set.Has(ch) {
					cell = "on"
				}
				cells = append(cells, cell)
			}
			rows.row(cells...)
		}
		if err := rows.flush(); err != nil {
			return err
		}
		if !stored {
			return t.say(nil, "Nothing is stored for this scope: these are the defaults.")
		}
		if kept := line.Row.Kept(); line.Scope == app.ScopeProduct && kept != (app.Row{}) {
			var parts []string
			for c, set := range kept {
				if set != 0 {
					parts = append(parts, app.Column(c).String()+" ("+set.String()+")")
				}
			}
			if err := t.say(nil, "Kept as a server wrote it, and not for choosing: "+strings.Join(parts, ", ")+"."); err != nil {
				return err
			}
		}
		if !line.Extra.IsZero() {
			extra, err := json.Marshal(line.Extra)
			if err != nil {
				return fmt.Errorf("write the wishes: %w", err)
			}
			return t.say(nil, "Besides: "+string(extra))
		}
		return nil
	})
}

// changedLine reads the line that the flags name, changes it, and hands it to
// the bell.
func (t *tool) changedLine(ctx context.Context, p prefScope, change func(*app.Preference) error) error {
	var line app.Preference
	err := t.stored(ctx, func(ctx context.Context, s *store.Store) (err error) {
		if line, _, err = p.line(ctx, s); err != nil {
			return err
		}
		before := line.Row
		if err := change(&line); err != nil {
			return err
		}
		return t.warnOfTwice(ctx, s, before, line)
	})
	if err != nil {
		return err
	}
	return t.withBell(ctx, func(ctx context.Context, c *control.Client) error {
		kept, err := c.PutPreference(ctx, line)
		if err != nil {
			return err
		}
		return t.say(kept, "Saved.")
	})
}

// warnOfTwice says where the server itself already delivers what is switched on
// here: whoever is told by both gets it twice.
func (t *tool) warnOfTwice(ctx context.Context, s *store.Store, before app.Row, line app.Preference) error {
	rows, err := s.Preferences(ctx, line.Account, app.OwnerServer)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if r.Scope != line.Scope || r.Person != line.Person || r.Product != line.Product {
			continue
		}
		for c := range line.Row {
			twice := r.Row[c] & line.Row[c] &^ before[c] &^ app.ChannelsOf(app.ChannelAlert, app.ChannelToast)
			if twice != 0 {
				_, _ = fmt.Fprintf(t.err, "bellhop: the server itself delivers %s by %s already, so that it will come twice.\n", app.Column(c), twice)
			}
		}
	}
	return nil
}

func (t *tool) prefsSet() *cobra.Command {
	var p prefScope
	cmd := &cobra.Command{
		Use:   "set EVENT CHANNELS",
		Short: "Set the channels of an event",
		Long: `Set the channels of an event in one line of settings: a list like alert,mail, or
off; with + or - before each, channels are added to or taken from what is set.
EVENT is a setting (see bellhop prefs show), or "all".`,
		Args: takes(2, 2),
		RunE: t.do(func(c *cobra.Command, args []string) error {
			return t.changedLine(c.Context(), p, func(line *app.Preference) error { return setChannels(line, args[0], args[1]) })
		}),
	}
	p.add(cmd)
	return cmd
}

// setChannels changes one event's channels, or all events'.
func setChannels(line *app.Preference, event, channels string) error {
	var columns []app.Column
	if event == "all" {
		for c := range app.Column(app.NumColumns) {
			if line.Scope != app.ScopeProduct || c.OnProduct() {
				columns = append(columns, c)
			}
		}
	} else {
		column, ok := app.ColumnNamed(event)
		if !ok {
			return usage(fmt.Sprintf("There is no event setting %q.", event), "The settings are: "+app.ColumnNames()+", or all.")
		}
		if line.Scope == app.ScopeProduct && !column.OnProduct() {
			return usage(event+" cannot be set for one product.", "Set it for all products: leave --product out.")
		}
		columns = []app.Column{column}
	}
	for _, c := range columns {
		set, err := channelsFrom(line.Row[c], channels)
		if err != nil {
			return err
		}
		line.Row[c] = set
	}
	return nil
}

// minusChannels keeps "-mail" of bellhop prefs set from being taken for flags: a
// blank before it is as good as none.
func minusChannels(args []string) []string {
	if !slices.Contains(args, "prefs") || !slices.Contains(args, "set") {
		return args
	}
	args = slices.Clone(args)
	for i, a := range args {
		rest, minus := strings.CutPrefix(a, "-")
		first, _, _ := strings.Cut(rest, ",")
		if _, channel := app.ChannelNamed(first); minus && channel {
			args[i] = " " + a
		}
	}
	return args
}

func channelsFrom(have app.Channels, typed string) (app.Channels, error) {
	typed = strings.TrimSpace(typed)
	if typed == "off" || typed == "none" {
		return 0, nil
	}
	relative := strings.HasPrefix(typed, "+") || strings.HasPrefix(typed, "-")
	var set app.Channels
	if relative {
		set = have
	}
	for word := range strings.SplitSeq(typed, ",") {
		word = strings.TrimSpace(word)
		name := strings.TrimLeft(word, "+-")
		c, ok := app.ChannelNamed(name)
		if !ok {
			return 0, usage(fmt.Sprintf("There is no channel %q.", name), "The channels are: "+app.ChannelNames()+"; or off.")
		}
		switch {
		case relative == (name == word):
			return 0, usage("Either every channel has a + or - before it, or none has.", "For example +mail,-slack or alert,mail.")
		case strings.HasPrefix(word, "-"):
			set &^= app.ChannelsOf(c)
		default:
			set |= app.ChannelsOf(c)
		}
	}
	return set, nil
}

func (t *tool) prefsUnset() *cobra.Command {
	var p prefScope
	cmd := &cobra.Command{
		Use:   "unset [EVENT]",
		Short: "Go back to the default of an event, or drop a whole line",
		Args:  takes(0, 1),
		RunE: t.do(func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				return t.changedLine(c.Context(), p, func(line *app.Preference) error {
					column, ok := app.ColumnNamed(args[0])
					if !ok {
						return usage(fmt.Sprintf("There is no event setting %q.", args[0]), "The settings are: "+app.ColumnNames()+".")
					}
					if line.Scope == app.ScopeProduct && !column.OnProduct() {
						return usage(args[0]+" cannot be set for one product.", "Drop the whole line: leave the event out.")
					}
					if line.Row[column] = 0; line.Scope != app.ScopeProduct {
						line.Row[column] = app.DefaultRow()[column]
					}
					return nil
				})
			}
			var line app.Preference
			err := t.stored(c.Context(), func(ctx context.Context, s *store.Store) error {
				var stored bool
				var err error
				if line, stored, err = p.line(ctx, s); err == nil && !stored {
					err = app.NewProblem("not_found", "Nothing is stored for this scope.", "See `bellhop prefs show`.", false, app.ErrNotFound)
				}
				return err
			})
			if err != nil {
				return err
			}
			return t.withBell(c.Context(), func(ctx context.Context, bell *control.Client) error {
				if err := bell.DropPreference(ctx, line); err != nil {
					return err
				}
				return t.say(struct{}{}, "Dropped: the defaults count again.")
			})
		}),
	}
	p.add(cmd)
	return cmd
}
