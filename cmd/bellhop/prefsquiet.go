package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"bellhop/app"
	"bellhop/store"
)

const quietHelp = `List, add and remove quiet hours: what the channels that they name would send
meanwhile is held, and comes as one summary when they end. The list of alerts gets
everything at once.

    bellhop prefs quiet add 22:00-07:00
    bellhop prefs quiet add 00:00-00:00 --days sat,sun --channels mail,slack
    bellhop prefs quiet add 18:00-09:00 --days mon-fri --zone Europe/Berlin
    bellhop prefs quiet remove 1

Where the end is not after the beginning, it is on the next day; the days are those
of the beginning. Without --channels everything but the list is held. What is
critical is held as well, unless --critical-passes lets it out.
With --json: {"quiet": [{"days", "from", "to", "zone", "channels",
"critical_passes"}]}.
`

func (t *tool) prefsQuiet() *cobra.Command {
	cmd := t.quietList()
	cmd.Use, cmd.Short, cmd.Args = "quiet", "List, add and remove quiet hours", noCommand
	cmd.AddCommand(t.quietAdd(), t.quietList(), t.quietRemove())
	return cmd
}

func (t *tool) quietList() *cobra.Command {
	var p prefScope
	cmd := &cobra.Command{
		Use: "list", Short: "List the quiet hours", Long: quietHelp, Args: takes(0, 0),
		RunE: t.do(func(c *cobra.Command, _ []string) error {
			return t.stored(c.Context(), func(ctx context.Context, s *store.Store) error {
				line, _, err := p.line(ctx, s)
				if err != nil {
					return err
				}
				return t.listQuiet(line.Extra.Quiet)
			})
		}),
	}
	p.add(cmd)
	return cmd
}

func (t *tool) listQuiet(list []app.QuietHours) error {
	if t.json {
		if list == nil {
			list = []app.QuietHours{}
		}
		return writeJSON(t.out, struct {
			Quiet []app.QuietHours `json:"quiet"`
		}{list})
	}
	if len(list) == 0 {
		return t.say(nil, "There are no quiet hours.")
	}
	rows := newTable(t.out, "NUMBER", "DAYS", "FROM", "TO", "ZONE", "HOLDS")
	for i, q := range list {
		days, zone := strings.Join(q.Days, ","), q.Zone
		if days == "" {
			days = "every day"
		}
		if zone == "" {
			zone = "this computer's"
		}
		holds := q.Channels.String()
		if q.CriticalPasses {
			holds += ", but nothing critical"
		}
		rows.row(strconv.Itoa(i+1), days, q.From, q.To, zone, holds)
	}
	return rows.flush()
}

func (t *tool) quietAdd() *cobra.Command {
	var p prefScope
	var days, zone, channels string
	var critical bool
	cmd := &cobra.Command{
		Use: "add FROM-TO", Short: "Add quiet hours, like 22:00-07:00", Long: quietHelp, Args: takes(1, 1),
		RunE: t.do(func(c *cobra.Command, args []string) error {
			from, to, ok := strings.Cut(args[0], "-")
			if !ok {
				return usage(fmt.Sprintf("%q are no hours.", args[0]), "Write them like 22:00-07:00.")
			}
			q := app.QuietHours{
				From: strings.TrimSpace(from), To: strings.TrimSpace(to), Zone: zone,
				Channels: app.AllChannels &^ app.ChannelsOf(app.ChannelAlert), CriticalPasses: critical,
			}
			var err error
			if q.Days, err = weekdaysFrom(days); err != nil {
				return err
			}
			if channels != "" {
				if q.Channels, err = channelsFrom(0, channels); err != nil {
					return err
				}
			}
			if err := (app.Extra{Quiet: []app.QuietHours{q}}).Check(); err != nil {
				return err
			}
			return t.changedLine(c.Context(), p, func(line *app.Preference) error {
				line.Extra.Quiet = append(slices.Clone(line.Extra.Quiet), q)
				return nil
			})
		}),
	}
	p.add(cmd)
	cmd.Flags().StringVar(&days, "days", "", "the `days` on which they begin: mon-fri or sat,sun; every day where it is not given")
	cmd.Flags().StringVar(&zone, "zone", "", "of this time `zone`, like Europe/Berlin; this computer's where it is not given")
	cmd.Flags().StringVar(&channels, "channels", "", "what they hold: a `list` like toast,mail")
	cmd.Flags().BoolVar(&critical, "critical-passes", false, "let out what speaks of a critical finding")
	return cmd
}

func (t *tool) quietRemove() *cobra.Command {
	var p prefScope
	cmd := &cobra.Command{
		Use: "remove NUMBER|all", Short: "Remove quiet hours, by their number in the list", Args: takes(1, 1),
		Long: "Remove quiet hours, by their number in the list, or all of them. What they hold goes out when they would have ended.",
		RunE: t.do(func(c *cobra.Command, args []string) error {
			return t.changedLine(c.Context(), p, func(line *app.Preference) error {
				if args[0] == "all" {
					line.Extra.Quiet = nil
					return nil
				}
				n, err := strconv.Atoi(args[0])
				if err != nil || n < 1 || n > len(line.Extra.Quiet) {
					return app.NewProblem("not_found", fmt.Sprintf("There are no quiet hours with the number %q.", args[0]), "List them with `bellhop prefs quiet`.", false, app.ErrNotFound)
				}
				line.Extra.Quiet = slices.Delete(slices.Clone(line.Extra.Quiet), n-1, n)
				return nil
			})
		}),
	}
	p.add(cmd)
	return cmd
}

var weekdayNames = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// weekdaysFrom reads days and ranges of days, as mon-fri,sun; "" is every day.
func weekdaysFrom(typed string) (days []string, err error) {
	if strings.TrimSpace(typed) == "" {
		return nil, nil
	}
	for word := range strings.SplitSeq(strings.ToLower(typed), ",") {
		first, last, isRange := strings.Cut(strings.TrimSpace(word), "-")
		if !isRange {
			last = first
		}
		from, to := slices.Index(weekdayNames, first), slices.Index(weekdayNames, last)
		if from < 0 || to < 0 {
			return nil, usage(fmt.Sprintf("There is no day %q.", strings.TrimSpace(word)), "Use mon, tue, wed, thu, fri, sat and sun, or a range like mon-fri.")
		}
		for i := from; ; i = (i + 1) % 7 {
			if !slices.Contains(days, weekdayNames[i]) {
				days = append(days, weekdayNames[i])
			}
			if i == to {
				break
			}
		}
	}
	return days, nil
}
