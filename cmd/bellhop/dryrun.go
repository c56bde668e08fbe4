package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/store"
)

// difference is what changed settings do to one person's channel.
type difference struct {
	Person  string      `json:"person"` // "" = the shared destinations
	Channel app.Channel `json:"channel"`
	Before  int         `json:"before"` // messages by the settings of today
	After   int         `json:"after"`
	// Events are the first that differ, at most ten.
	Events []int64 `json:"events"`
}

type dryRun struct {
	Events      int          `json:"events"`
	Changed     int          `json:"changed"` // events that somebody would be told of differently
	Differences []difference `json:"differences"`
}

func (t *tool) dryRunCommand() *cobra.Command {
	var file, since string
	var account int64
	cmd := &cobra.Command{
		Use:   "dry-run",
		Short: "Replay past events through changed settings",
		Long: `Decide past events again, once by the settings of today and once by those of a
file, and print what would differ for each person and channel. Nothing is sent
and nothing is changed.

    bellhop prefs export > mine.json     and change it
    bellhop dry-run --settings mine.json --since 30d

Without --settings it compares what was decided then with what the settings of
today would decide. With --json: {"events", "changed", "differences":
[{"person", "channel", "before", "after", "events"}]}.`,
		Args: takes(0, 0),
		RunE: t.do(func(cmd *cobra.Command, _ []string) error {
			from, err := t.since(since)
			if err != nil {
				return err
			}
			return t.stored(cmd.Context(), func(ctx context.Context, s *store.Store) error {
				a, err := engineAccount(ctx, s, account)
				if err != nil {
					return err
				}
				out, err := t.dryRun(ctx, s, a.ID, file, app.EventFilter{Account: a.ID, Since: from})
				if err != nil {
					return err
				}
				return t.sayDryRun(out)
			})
		}),
	}
	cmd.Flags().StringVar(&file, "settings", "", "the changed settings, a `file` as prefs export writes it (- for standard input)")
	cmd.Flags().StringVar(&since, "since", "30d", "events of this `time` or later: 30d, 12h, or a date")
	cmd.Flags().Int64Var(&account, "account", 0, "of this account (`id`)")
	return cmd
}

// told is one message that was, or would be, sent.
type told struct {
	person  app.PersonID
	channel app.Channel
}

func (t *tool) dryRun(ctx context.Context, s *store.Store, account app.AccountID, file string, f app.EventFilter) (dryRun, error) {
	now, facts, err := t.world(ctx, s, account)
	if err != nil {
		return dryRun{}, err
	}
	then := now
	if file != "" {
		changed, err := t.changedFacts(facts, account, file)
		if err != nil {
			return dryRun{}, err
		}
		then = dispatch.New(changed)
	}
	names := make(map[app.PersonID]string, len(facts.People))
	for _, p := range facts.People {
		names[p.ID] = p.Username
	}
	counts := make(map[told]*difference)
	out := dryRun{Differences: []difference{}}
	for event, err := range s.EachEvent(ctx, f) {
		if err != nil {
			return dryRun{}, err
		}
		out.Events++
		before, after := now.Decide(&event), then.Decide(&event)
		if file == "" {
			after = before
			if before, err = s.Decisions(ctx, event.ID); err != nil {
				return dryRun{}, err
			}
		}
		if compareDecisions(counts, names, event.ID, before, after) {
			out.Changed++
		}
	}
	for _, d := range counts {
		if len(d.Events) > 0 {
			out.Differences = append(out.Differences, *d)
		}
	}
	slices.SortFunc(out.Differences, func(a, b difference) int {
		return cmp.Or(cmp.Compare(a.Person, b.Person), cmp.Compare(a.Channel, b.Channel))
	})
	return out, nil
}

// compareDecisions counts an event's messages before and after, and says
// whether any differs.
func compareDecisions(counts map[told]*difference, names map[app.PersonID]string, event int64, before, after []app.Decision) bool {
	has := make(map[told][2]bool, len(before))
	for side, list := range [2][]app.Decision{before, after} {
		for _, d := range list {
			if !d.Yes {
				continue
			}
			key := told{d.Person, d.Channel}
			both := has[key]
			both[side] = true
			has[key] = both
		}
	}
	changed := false
	for key, both := range has {
		c := counts[key]
		if c == nil {
			c = &difference{Person: names[key.person], Channel: key.channel, Events: []int64{}}
			counts[key] = c
		}
		if both[0] {
			c.Before++
		}
		if both[1] {
			c.After++
		}
		if both[0] != both[1] {
			changed = true
			if len(c.Events) < 10 {
				c.Events = append(c.Events, event)
			}
		}
	}
	return changed
}

// changedFacts returns the facts with the settings of a file in the place of
// the stored ones.
func (t *tool) changedFacts(facts app.Facts, account app.AccountID, file string) (app.Facts, error) {
	list, err := t.readPreferences(file, account, facts.People, facts.Products)
	if err != nil {
		return app.Facts{}, err
	}
	facts.System, facts.Preferences = nil, nil
	for i, p := range list {
		switch p.Scope {
		case app.ScopeSystem:
			facts.System = &list[i]
		case app.ScopePersonal, app.ScopeProduct:
			facts.Preferences = append(facts.Preferences, p)
		case app.ScopeTemplate: // never decides anything
		}
	}
	return facts, nil
}

// readPreferences reads a settings file, or standard input for -.
func (t *tool) readPreferences(name string, account app.AccountID, people []app.Person, products []app.Product) ([]app.Preference, error) {
	in := t.in
	if name != stdinName {
		f, err := os.Open(name) // #nosec G304 -- the user's own choice
		if err != nil {
			return nil, app.NewProblem("no_file", fmt.Sprintf("%s cannot be read.", name), "Give the name of a file that `bellhop prefs export` wrote, or - for standard input.", true, app.ErrInvalid)
		}
		defer func() { _ = f.Close() }()
		in = f
	}
	return app.ReadPreferences(in, account, people, products)
}

func (t *tool) sayDryRun(out dryRun) error {
	if t.json {
		return writeJSON(t.out, out)
	}
	if len(out.Differences) == 0 {
		return t.say(nil, fmt.Sprintf("Nothing would differ in %d events.", out.Events))
	}
	rows := newTable(t.out, "PERSON", "CHANNEL", "BEFORE", "AFTER", "FOR EXAMPLE")
	for _, d := range out.Differences {
		person := d.Person
		if person == "" {
			person = "(shared)"
		}
		var examples []string
		for _, id := range d.Events[:min(len(d.Events), 3)] {
			examples = append(examples, strconv.FormatInt(id, 10))
		}
		rows.row(person, d.Channel.String(), strconv.Itoa(d.Before), strconv.Itoa(d.After), strings.Join(examples, " "))
	}
	if err := rows.flush(); err != nil {
		return err
	}
	return t.say(nil, fmt.Sprintf("%d of %d events would be told differently; `bellhop why ID` explains one.", out.Changed, out.Events))
}
