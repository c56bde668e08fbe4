package main

import (
	"cmp"
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

func (t *tool) deliveriesCommand() *cobra.Command {
	var f app.DeliveryFilter
	var dead bool
	var state, since, after, place string
	var alert int64
	cmd := &cobra.Command{
		Use:   "deliveries [ID]",
		Short: "List what was sent, what waits and what failed",
		Long: `List deliveries, newest first; with an ID, one of them with all its attempts.
With --json: {"deliveries": [{"id", "event", "title", "to", "channel", "state",
"attempts", "code", "answer", ...}], "next"}; with an ID {"delivery", "attempts": [...]}.
States: waiting, held, sent, dead (needs you), dropped. One is "stopped" that waits
behind a destination which is switched off; it is listed by --dead too, and with
--json it is waiting and has "stopped": {"reason", "next"}.`,
		Args: takes(0, 1),
		RunE: t.do(func(cmd *cobra.Command, args []string) error {
			return t.stored(cmd.Context(), func(ctx context.Context, s *store.Store) error {
				if len(args) == 1 {
					return t.oneDelivery(ctx, s, app.DeliveryID(strings.ToUpper(args[0])))
				}
				var err error
				if err = checkPage(f.Limit, 0); err != nil {
					return err
				}
				if f.Since, err = t.since(since); err != nil {
					return err
				}
				if f.State, err = deliveryState(state, dead); err != nil {
					return err
				}
				f.NeedsYou = dead
				if f.Channel != "" {
					var c app.Channel
					if err := c.UnmarshalText([]byte(f.Channel)); err != nil {
						return err
					}
				}
				if place != "" {
					d, err := destinationNamed(ctx, s, 0, place)
					if err != nil {
						return err
					}
					f.Destination = d.ID
				}
				f.Alert, f.After = app.AlertID(alert), app.DeliveryID(after)
				return t.listDeliveries(ctx, s, f)
			})
		}),
	}
	cmd.Flags().BoolVar(&dead, "dead", false, "only those that need you")
	cmd.Flags().StringVar(&f.Channel, "channel", "", "only by this `channel`")
	cmd.Flags().StringVar(&place, "destination", "", "only to this destination (`name`)")
	cmd.Flags().StringVar(&state, "state", "", "only in this `state`")
	cmd.Flags().StringVar(&since, "since", "", "only of this `time` or later: 30d, 12h, or a date")
	cmd.Flags().Int64Var(&alert, "alert", 0, "only of this alert (`id`)")
	cmd.Flags().Int64Var(&f.Event, "event", 0, "only of this event (`id`)")
	cmd.Flags().StringVar(&after, "after", "", "only older ones than this `id`")
	cmd.Flags().IntVar(&f.Limit, "limit", 50, "at most so many, 1 to 1000")
	return cmd
}

func deliveryState(name string, dead bool) (app.DeliveryState, error) {
	s := app.DeliveryState(name)
	switch s {
	case "", app.DeliveryWaiting, app.DeliveryHeld, app.DeliverySent, app.DeliveryDead, app.DeliveryDropped:
	default:
		return "", usage(fmt.Sprintf("There is no state %q.", name), "Use waiting, held, sent, dead or dropped.")
	}
	if dead {
		if s != "" && s != app.DeliveryDead {
			return "", usage("--dead and --state exclude each other.", "Give one of them.")
		}
		s = "" // and what is stopped
	}
	return s, nil
}

func (t *tool) listDeliveries(ctx context.Context, s *store.Store, f app.DeliveryFilter) error {
	list, next, err := s.Deliveries(ctx, f)
	if err != nil {
		return err
	}
	lines, err := worded(ctx, s, list)
	if err != nil {
		return err
	}
	if t.json {
		return writeJSON(t.out, struct {
			Deliveries []deliveryLine `json:"deliveries"`
			Next       app.DeliveryID `json:"next,omitempty"`
		}{lines, next})
	}
	rows := newTable(t.out, "ID", "WHEN", "EVENT", "CHANNEL", "TO", "STATE", "TRIES", "ANSWER", "TITLE")
	for _, d := range lines {
		answer := d.Code
		if answer == "" && d.Status != 0 {
			answer = strconv.Itoa(d.Status)
		}
		state := string(d.State)
		switch {
		case d.Stopped != nil && d.State == app.DeliveryWaiting:
			state, answer = "stopped", "stopped: "+d.Stopped.Reason
		case d.State == app.DeliveryHeld:
			answer = "until " + d.Due.Local().Format("2006-01-02 15:04")
		}
		rows.row(string(d.ID), d.Created.Local().Format("2006-01-02 15:04:05"), strconv.FormatInt(d.Event, 10), d.Channel.String(), d.To, state, strconv.Itoa(d.Attempts), answer, app.Cut(d.Title, 60))
	}
	return rows.flush()
}

// deliveryLine is a delivery with what it is about and to whom it goes.
type deliveryLine struct {
	app.Delivery
	Title string `json:"title,omitempty"` // of the event, "" where that is gone
	To    string `json:"to,omitempty"`    // the destination, or the person
}

// worded finds out what deliveries are about and to whom they go.
func worded(ctx context.Context, s *store.Store, list []app.Delivery) ([]deliveryLine, error) {
	type one struct {
		account app.AccountID
		id      int64
	}
	titles, people, places := make(map[int64]string), make(map[one]string), make(map[one]string)
	read := make(map[app.AccountID]bool)
	lines := make([]deliveryLine, len(list))
	for i, d := range list {
		if !read[d.Account] {
			read[d.Account] = true
			found, err := s.Destinations(ctx, d.Account)
			if err != nil {
				return nil, err
			}
			for _, p := range found {
				places[one{d.Account, int64(p.ID)}] = p.Name
			}
		}
		if _, known := titles[d.Event]; !known {
			e, err := s.Event(ctx, d.Event)
			if err != nil && !errors.Is(err, app.ErrNotFound) {
				return nil, err
			}
			titles[d.Event] = cmp.Or(e.Call.Title, e.Alert.Title)
		}
		who := one{d.Account, int64(d.Person)}
		if _, known := people[who]; !known && d.Person != 0 {
			p, err := s.PersonWithID(ctx, d.Account, d.Person)
			if err != nil && !errors.Is(err, app.ErrNotFound) {
				return nil, err
			}
			people[who] = p.Username
		}
		lines[i] = deliveryLine{d, titles[d.Event], cmp.Or(places[one{d.Account, int64(d.Destination)}], people[who])}
	}
	return lines, nil
}

func (t *tool) oneDelivery(ctx context.Context, s *store.Store, id app.DeliveryID) error {
	d, err := s.Delivery(ctx, id)
	if err != nil {
		return notFoundAs(err, "There is no such delivery.", "List them with `bellhop deliveries`.")
	}
	attempts, err := s.Attempts(ctx, id)
	if err != nil {
		return err
	}
	if t.json {
		if attempts == nil {
			attempts = []app.Attempt{}
		}
		return writeJSON(t.out, struct {
			Delivery app.Delivery  `json:"delivery"`
			Attempts []app.Attempt `json:"attempts"`
		}{d, attempts})
	}
	line, err := worded(ctx, s, []app.Delivery{d})
	if err != nil {
		return err
	}
	lines := []string{fmt.Sprintf("%s of event %d by %s to %s: %s", d.ID, d.Event, d.Channel, line[0].To, d.State)}
	if line[0].Title != "" {
		lines = append(lines, "About: "+line[0].Title)
	}
	switch {
	case d.Stopped != nil:
		lines[0] += ", stopped: " + d.Stopped.Reason
		d.Next = d.Stopped.Next
	case d.State == app.DeliveryHeld:
		lines = append(lines, "Held until "+d.Due.Local().Format("2006-01-02 15:04:05")+" by quiet hours or a silence")
	case d.State == app.DeliveryWaiting && d.Due.After(time.Now()): // what is critical is due before it was decided
		lines = append(lines, "Not before "+d.Due.Local().Format("2006-01-02 15:04:05"))
	}
	if paused, err := s.Setting(ctx, app.SettingOutbox); err == nil && paused == "paused" && d.State == app.DeliveryWaiting {
		lines = append(lines, "The outbox is paused; it leaves after `bellhop outbox resume`")
	}
	if d.Digest != "" && d.Digest != d.ID {
		lines = append(lines, "It went out in the message of "+string(d.Digest))
	}
	for _, a := range attempts {
		line := fmt.Sprintf("  %d. %s", a.N, a.Begun.Local().Format("2006-01-02 15:04:05"))
		switch {
		case a.Took == 0 && a.Code == "" && a.Status == 0:
			line += "  cut off, or still running"
		case a.Code == "":
			line += fmt.Sprintf("  taken in %s  %s", a.Took.Round(1e6), a.Answer)
		default:
			line += fmt.Sprintf("  %s (%d) after %s  %s", a.Code, a.Status, a.Took.Round(1e6), a.Answer)
		}
		lines = append(lines, line)
	}
	if d.Next != "" {
		lines = append(lines, d.Next)
	}
	return t.say(nil, lines...)
}

func (t *tool) resendCommand() *cobra.Command {
	var failed bool
	cmd := &cobra.Command{
		Use:   "resend [ID...]",
		Short: "Send deliveries again",
		Long: `Send deliveries again: those named, or with --failed all that are dead. They
keep their ids, so that a receiver which has them can tell. What a destination that
is switched off would get stays as it is, until the destination is on again.
With --json: {"resent": 2}.`,
		Args: takes(0, -1),
		RunE: t.do(func(cmd *cobra.Command, args []string) error {
			if failed == (len(args) > 0) {
				return usage("Name deliveries, or give --failed.", "List them with `bellhop deliveries`.")
			}
			ids := make([]app.DeliveryID, len(args))
			for i, a := range args {
				ids[i] = app.DeliveryID(strings.ToUpper(a))
			}
			return t.withBell(cmd.Context(), func(ctx context.Context, c *control.Client) error {
				n, err := c.Resend(ctx, ids, failed)
				if err != nil {
					return err
				}
				lines, err := t.stayed(ctx, ids, failed)
				if err != nil {
					return err
				}
				return t.say(struct {
					Resent int `json:"resent"`
				}{n}, append([]string{fmt.Sprintf("%d will be sent again.", n)}, lines...)...)
			})
		}),
	}
	cmd.Flags().BoolVar(&failed, "failed", false, "all that are dead")
	return cmd
}

// stayed says why some of the deliveries were not sent again: those named, or all
// that need somebody.
func (t *tool) stayed(ctx context.Context, ids []app.DeliveryID, all bool) (lines []string, err error) {
	seen := make(map[app.Stop]bool)
	err = t.stored(ctx, func(ctx context.Context, s *store.Store) error {
		list, _, err := s.Deliveries(ctx, app.DeliveryFilter{NeedsYou: true, Limit: 200})
		for _, d := range list {
			if d.Stopped == nil || seen[*d.Stopped] || !all && !slices.Contains(ids, d.ID) {
				continue
			}
			seen[*d.Stopped] = true
			lines = append(lines, "Not sent again, because "+d.Stopped.Reason+". "+d.Stopped.Next)
		}
		return err
	})
	return lines, err
}

func (t *tool) outboxCommand() *cobra.Command {
	type paused struct {
		Paused bool `json:"paused"`
	}
	const held, leaving = "Nothing leaves until `bellhop outbox resume`; the list and toasts go on.", "Messages are leaving."
	cmd := &cobra.Command{
		Use: "outbox", Short: "Hold everything that would leave, or let it go", Args: noCommand,
		Long: `Say whether messages leave, or change that. With --json: {"paused": false}.`,
		RunE: t.do(func(cmd *cobra.Command, _ []string) error {
			return t.stored(cmd.Context(), func(ctx context.Context, s *store.Store) error {
				value, err := s.Setting(ctx, app.SettingOutbox)
				if err != nil {
					return err
				}
				if value == "paused" {
					return t.say(paused{true}, held)
				}
				return t.say(paused{false}, leaving)
			})
		}),
	}
	set := func(use, short, done string, hold bool) *cobra.Command {
		return &cobra.Command{Use: use, Short: short, Args: takes(0, 0), RunE: t.do(func(cmd *cobra.Command, _ []string) error {
			return t.withBell(cmd.Context(), func(ctx context.Context, c *control.Client) error {
				if err := c.PauseOutbox(ctx, hold); err != nil {
					return err
				}
				return t.say(paused{hold}, done)
			})
		})}
	}
	cmd.AddCommand(
		set("pause", "Hold mail, Slack, Teams, webhooks and services", held, true),
		set("resume", "Let them go", "What waited is leaving.", false),
	)
	return cmd
}
