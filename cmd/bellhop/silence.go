package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"bellhop/app"
	"bellhop/app/control"
	"bellhop/store"
)

const silenceHelp = `Hold messages for a while: about what matches a silence, on the channels that it
names, until its end. Nothing is lost: what was held comes as one summary, and
the list of alerts gets everything at once. Critical findings are let through.

    bellhop silence add --for 2h --product Shop --note "we deploy"
    bellhop silence add --until 18:00 --event scan_added --channel mail --user me
    bellhop silence preview --product Shop --severity Medium
    bellhop silence end 3

Every flag that is given has to match; of a flag that is given several times, one
of its values. (To hold toasts alone, "bellhop pause" is shorter.)
`

func (t *tool) silenceCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "silence", Short: "Hold messages for a while", Long: silenceHelp, Args: noCommand}
	cmd.RunE = t.do(func(c *cobra.Command, _ []string) error { return t.listSilences(c.Context(), 0, false) })
	cmd.AddCommand(t.silenceAdd(), t.silenceList(), t.silenceEnd(), t.silencePreview())
	return cmd
}

// silenceFlags say what a silence matches.
type silenceFlags struct {
	account                         int64
	events, products, sources, tags []string
	channels                        []string
	text, severity, user, note      string
	lasting, until                  string
	allCritical                     bool
}

func (f *silenceFlags) add(cmd *cobra.Command) {
	cmd.Flags().Int64Var(&f.account, "account", 0, "of this account (`id`)")
	cmd.Flags().StringArrayVar(&f.events, "event", nil, "only this `event`, or what follows this setting")
	cmd.Flags().StringArrayVar(&f.products, "product", nil, "only about this product (`name` or id)")
	cmd.Flags().StringArrayVar(&f.sources, "source", nil, "only of this `source`, as the list of alerts has it")
	cmd.Flags().StringArrayVar(&f.tags, "tag", nil, "only with this `tag`")
	cmd.Flags().StringVar(&f.text, "text", "", "only with this `text` in title or description")
	cmd.Flags().StringVar(&f.severity, "severity", "", "only up to this `severity`: what is worse goes out")
	cmd.Flags().StringArrayVar(&f.channels, "channel", nil, "only on this `channel`: toast, mail, slack, msteams, webhooks, services")
	cmd.Flags().StringVar(&f.user, "user", "", "only for this person (user `name`, or me); everybody where it is not given")
	cmd.Flags().BoolVar(&f.allCritical, "all-critical", false, "hold critical findings, too")
}

// silence returns what the flags say.
func (f *silenceFlags) silence(ctx context.Context, s *store.Store) (app.Silence, error) {
	a, err := engineAccount(ctx, s, f.account)
	if err != nil {
		return app.Silence{}, err
	}
	out := app.Silence{
		Account: a.ID, Events: f.events, Sources: f.sources, Tags: f.tags, Text: f.text, Severity: f.severity,
		CriticalPasses: !f.allCritical, Note: f.note,
	}
	if n := app.SeverityRank(f.severity); n > 0 { // whatever its case
		out.Severity = strings.ToUpper(f.severity[:1]) + strings.ToLower(f.severity[1:])
	}
	for _, name := range f.channels {
		var c app.Channel
		if err := c.UnmarshalText([]byte(name)); err != nil {
			return app.Silence{}, err
		}
		out.Channels |= app.ChannelsOf(c)
	}
	people, err1 := s.People(ctx, a.ID)
	products, err2 := s.Products(ctx, a.ID)
	if err := errors.Join(err1, err2); err != nil {
		return app.Silence{}, err
	}
	if f.user != "" {
		person, err := personNamed(people, f.user)
		if err != nil {
			return app.Silence{}, err
		}
		out.Person = person.ID
	}
	for _, name := range f.products {
		product, err := productNamed(products, name)
		if i := slices.IndexFunc(products, func(p app.Product) bool { return strings.EqualFold(p.Name, name) }); err != nil && i >= 0 {
			product, err = products[i], nil
		}
		if err != nil && len(products) > 0 {
			return app.Silence{}, err
		}
		if err != nil { // no products are known here at all, and any name may occur
			product.Name = name
		}
		out.Products = append(out.Products, product.Name)
	}
	return out, nil
}

// end reads the end of a silence.
func (f *silenceFlags) end(now time.Time) (time.Time, error) {
	switch {
	case f.lasting != "" && f.until != "":
		return time.Time{}, usage("--for and --until exclude each other.", "Give one of them.")
	case f.lasting != "":
		d, err := duration(f.lasting)
		if err != nil {
			return time.Time{}, err
		}
		return now.Add(d), nil
	case f.until == "":
		return time.Time{}, usage("The silence has no end.", "Give --for, like 2h, or --until, like 18:00.")
	case f.until == "tomorrow":
		return pauseEnd(now, f.until)
	}
	if clock, err := time.Parse("15:04", f.until); err == nil {
		y, m, d := now.Local().Date()
		end := time.Date(y, m, d, clock.Hour(), clock.Minute(), 0, 0, time.Local)
		if !end.After(now) {
			end = time.Date(y, m, d+1, clock.Hour(), clock.Minute(), 0, 0, time.Local)
		}
		return end, nil
	}
	for _, form := range []string{time.DateOnly, "2006-01-02 15:04", "2006-01-02T15:04", time.RFC3339} {
		if at, err := time.ParseInLocation(form, f.until, time.Local); err == nil {
			return at, nil
		}
	}
	return time.Time{}, usage(fmt.Sprintf("%q is no time.", f.until), "Give for example 18:00, tomorrow, 2026-11-30 or \"2026-11-30 18:00\".")
}

func (t *tool) silenceAdd() *cobra.Command {
	var f silenceFlags
	cmd := &cobra.Command{
		Use: "add", Short: "Begin a silence now", Args: takes(0, 0),
		Long: silenceHelp + `
It holds what happens from now on. With --json: {"id", "until", "events",
"products", ...}.`,
		RunE: t.do(func(cmd *cobra.Command, _ []string) error {
			until, err := f.end(t.now())
			if err != nil {
				return err
			}
			var wish app.Silence
			err = t.stored(cmd.Context(), func(ctx context.Context, s *store.Store) (err error) {
				wish, err = f.silence(ctx, s)
				return err
			})
			if err != nil {
				return err
			}
			wish.Until = until
			if err := wish.Check(t.now()); err != nil {
				return err
			}
			return t.withBell(cmd.Context(), func(ctx context.Context, c *control.Client) error {
				kept, err := c.AddSilence(ctx, wish)
				if err != nil {
					return err
				}
				return t.say(kept, fmt.Sprintf("Silence %d holds %s until %s. End it before with `bellhop silence end %d`.",
					kept.ID, silenceWords(kept), kept.Until.Local().Format("2006-01-02 15:04"), kept.ID))
			})
		}),
	}
	f.add(cmd)
	cmd.Flags().StringVar(&f.lasting, "for", "", "for so long: 30m, 2h or 3d (`duration`)")
	cmd.Flags().StringVar(&f.until, "until", "", "until this `time`: 18:00, tomorrow, 2026-11-30")
	cmd.Flags().StringVar(&f.note, "note", "", "why, for whoever asks (`text`)")
	return cmd
}

// counted returns "1 message" or "2 messages".
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// silenceWords says what a silence holds.
func silenceWords(s app.Silence) string {
	var parts []string
	list := func(name string, words []string) {
		if len(words) > 0 {
			parts = append(parts, name+" "+strings.Join(words, " or "))
		}
	}
	list("event", s.Events)
	list("product", s.Products)
	list("source", s.Sources)
	list("tag", s.Tags)
	if s.Text != "" {
		parts = append(parts, fmt.Sprintf("text %q", s.Text))
	}
	if s.Severity != "" {
		parts = append(parts, "severity up to "+s.Severity)
	}
	if len(parts) == 0 {
		parts = append(parts, "everything")
	}
	out := strings.Join(parts, ", ")
	if s.CriticalPasses && (s.Severity == "" || s.Severity == app.SeverityCritical) {
		out += ", except critical findings"
	}
	if s.Channels != 0 {
		out += " on " + s.Channels.String()
	}
	return out
}

func (t *tool) silenceList() *cobra.Command {
	var account int64
	var all bool
	cmd := &cobra.Command{
		Use: "list", Short: "List the silences", Args: takes(0, 0),
		Long: `List the silences that have not ended, with --all those that have, too.
With --json: {"silences": [{"id", "until", "events", "products", ...}]}.`,
		RunE: t.do(func(c *cobra.Command, _ []string) error { return t.listSilences(c.Context(), account, all) }),
	}
	cmd.Flags().Int64Var(&account, "account", 0, "of this account (`id`)")
	cmd.Flags().BoolVar(&all, "all", false, "also those that have ended")
	return cmd
}

func (t *tool) listSilences(ctx context.Context, account int64, all bool) error {
	return t.stored(ctx, func(ctx context.Context, s *store.Store) error {
		a, err := engineAccount(ctx, s, account)
		if err != nil {
			return err
		}
		list, err1 := s.Silences(ctx, a.ID)
		people, err2 := s.People(ctx, a.ID)
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		now := t.now()
		list = slices.DeleteFunc(list, func(s app.Silence) bool { return !all && !s.Until.After(now) })
		if t.json {
			return writeJSON(t.out, struct {
				Silences []app.Silence `json:"silences"`
			}{append([]app.Silence{}, list...)})
		}
		if len(list) == 0 {
			return t.say(nil, "Nothing is silenced.", "Hold messages for a while with `bellhop silence add`.")
		}
		rows := newTable(t.out, "ID", "UNTIL", "FOR", "HOLDS", "NOTE")
		for _, one := range list {
			whose := "everybody"
			for _, p := range people {
				if p.ID == one.Person {
					whose = p.Username
				}
			}
			until := one.Until.Local().Format("2006-01-02 15:04")
			if !one.Until.After(now) {
				until += " (ended)"
			}
			rows.row(strconv.FormatInt(int64(one.ID), 10), until, whose, silenceWords(one), one.Note)
		}
		return rows.flush()
	})
}

func (t *tool) silenceEnd() *cobra.Command {
	return &cobra.Command{
		Use: "end ID", Short: "End a silence now", Args: takes(1, 1),
		Long: `End a silence before its time. What it held goes out now, but for what quiet
hours or another silence hold as well.
With --json: {"silence": {"id", ...}, "let_go"}.`,
		RunE: t.do(func(cmd *cobra.Command, args []string) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil || id < 1 {
				return usage(fmt.Sprintf("%q is no silence's id.", args[0]), "List them with `bellhop silence list`.")
			}
			return t.withBell(cmd.Context(), func(ctx context.Context, c *control.Client) error {
				ended, err := c.EndSilence(ctx, app.SilenceID(id))
				if err != nil {
					return err
				}
				return t.say(ended, fmt.Sprintf("Silence %d has ended and lets go of %s.", ended.Silence.ID, counted(ended.LetGo, "message")))
			})
		}),
	}
}
