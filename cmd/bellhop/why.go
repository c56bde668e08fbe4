package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/store"
)

// whyAnswer is what bellhop why prints as JSON.
type whyAnswer struct {
	Event     int64         `json:"event"`
	Kind      app.Kind      `json:"kind"`
	Title     string        `json:"title"`
	At        time.Time     `json:"at"`
	Origin    app.Origin    `json:"origin"`
	Same      int64         `json:"same,omitempty"`
	Decisions []whyDecision `json:"decisions"`
	Person    string        `json:"person"`
	// Routed is true once the event was decided. What was decided with yes is
	// told by the rules of then, in the names of today.
	Routed bool `json:"routed"`
}

type whyDecision struct {
	Channel app.Channel `json:"channel"`
	// Destination is its name, where the channel has several for the person.
	Destination string `json:"destination,omitempty"`
	// Gone is true where that destination has been removed since.
	Gone bool     `json:"gone,omitempty"`
	Yes  bool     `json:"yes"`
	Held bool     `json:"held,omitempty"`
	Why  []string `json:"why"`
	// Now is set where the settings as they are now decide otherwise than when
	// the event was routed.
	Now *bool `json:"now,omitempty"`
}

func (t *tool) whyCommand() *cobra.Command {
	var user, channel string
	var alert int64
	cmd := &cobra.Command{
		Use:   "why [EVENT-ID]",
		Short: "Say why somebody was, or was not, told of an event",
		Long: `Say for each channel whether somebody was told of an event, and by which rules.
Without --user it is about you; --user "" is about the shared destinations.

    bellhop why 17
    bellhop why 17 --user ann --channel mail
    bellhop why --alert 5            of the alert in the list

With --json: {"event", "kind", "title", "person", "decisions": [{"channel",
"yes", "why": [...]}]}; "now" says what the settings of today would decide,
where that differs, and "gone" that the destination has been removed since.

What was decided is told by the rules that decided then. People, products,
roles and destinations are called as they are today.`,
		Args: takes(0, 1),
		RunE: t.do(func(cmd *cobra.Command, args []string) error {
			return t.stored(cmd.Context(), func(ctx context.Context, s *store.Store) error {
				event, err := whichEvent(ctx, s, args, app.AlertID(alert))
				if err != nil {
					return err
				}
				shared := cmd.Flags().Changed("user") && user == ""
				answer, err := t.why(ctx, s, event, user, shared, channel)
				if err != nil {
					return err
				}
				if t.json {
					return writeJSON(t.out, answer)
				}
				return whyPlain(t.out, answer)
			})
		}),
	}
	cmd.Flags().StringVar(&user, "user", "me", "about this person (user `name`)")
	cmd.Flags().StringVar(&channel, "channel", "", "only this `channel`: "+app.ChannelNames())
	cmd.Flags().Int64Var(&alert, "alert", 0, "the event of this alert (`id` of bellhop alerts)")
	return cmd
}

// whichEvent finds the event by its id or by its alert's.
func whichEvent(ctx context.Context, s *store.Store, args []string, alert app.AlertID) (app.Event, error) {
	const step = "List the last events with `bellhop events`."
	if len(args) == 0 && alert == 0 {
		return app.Event{}, usage("No event was named.", "Give its id, or --alert and an alert's id. "+step)
	}
	if alert != 0 {
		event, err := s.EventOfAlert(ctx, alert)
		return event, notFoundAs(err, fmt.Sprintf("No event of alert %d is known.", alert), step)
	}
	id, err := strconv.ParseInt(args[0], 10, 64)
	if err != nil || id < 1 {
		return app.Event{}, usage(fmt.Sprintf("%q is no event's id.", args[0]), "An id is a whole number. "+step)
	}
	event, err := s.Event(ctx, id)
	return event, notFoundAs(err, fmt.Sprintf("There is no event %d.", id), step)
}

func (t *tool) why(ctx context.Context, s *store.Store, event app.Event, user string, shared bool, channel string) (whyAnswer, error) {
	w, facts, err := t.world(ctx, s, event.Account)
	if err != nil {
		return whyAnswer{}, err
	}
	answer := whyAnswer{
		Event: event.ID, Kind: event.Kind, Title: event.Call.Title, At: event.At, Origin: event.Origin, Same: event.Same,
		Person: "the shared destinations", Decisions: []whyDecision{},
	}
	var person app.Person
	if !shared {
		if person, err = personNamed(facts.People, user); err != nil {
			return whyAnswer{}, err
		}
		answer.Person = person.Username
	}
	var only app.Channel
	if channel != "" {
		if err := only.UnmarshalText([]byte(channel)); err != nil {
			return whyAnswer{}, err
		}
	}
	before, err := s.Decisions(ctx, event.ID)
	if err != nil {
		return whyAnswer{}, err
	}
	if answer.Routed, err = routed(ctx, s, event.ID); err != nil {
		return whyAnswer{}, err
	}
	explained := w.Explain(&event, person.ID)
	for _, d := range before {
		// What was told by a way that is no more belongs to the answer too.
		if d.Person == person.ID && !slices.ContainsFunc(explained, func(x app.Decision) bool { return sameWay(x, d) }) {
			explained = append(explained, app.Decision{Event: d.Event, Person: d.Person, Channel: d.Channel, Destination: d.Destination})
		}
	}
	for _, d := range explained {
		if channel != "" && d.Channel != only {
			continue
		}
		one := decisionThen(w, &event, d, before, answer.Routed)
		if d.Destination != 0 {
			one.Destination, one.Gone = fmt.Sprintf("destination %d", d.Destination), true
		}
		for _, place := range facts.Destinations {
			if place.ID == d.Destination {
				one.Destination, one.Gone = place.Name, false
			}
		}
		answer.Decisions = append(answer.Decisions, one)
	}
	return answer, nil
}

// routed says whether an event was decided. Those that wait come oldest first.
func routed(ctx context.Context, s *store.Store, id int64) (bool, error) {
	const some = 1000
	waiting, err := s.Unrouted(ctx, some)
	if err != nil {
		return false, err
	}
	waits := slices.ContainsFunc(waiting, func(e app.Event) bool { return e.ID == id })
	return !waits && (len(waiting) < some || id < waiting[some-1].ID), nil
}

// sameWay says whether two decisions are about the same way to the same person.
func sameWay(a, b app.Decision) bool {
	return a.Person == b.Person && a.Channel == b.Channel && a.Destination == b.Destination
}

// decisionThen words a decision as it was made. Only what was decided with yes
// is stored; a no is explained by the settings of today, which decide the same.
func decisionThen(w *dispatch.World, event *app.Event, now app.Decision, before []app.Decision, routed bool) whyDecision {
	then := now
	told := false
	for _, d := range before {
		if sameWay(d, now) {
			then, told = d, true
		}
	}
	out := whyDecision{Channel: then.Channel, Yes: then.Yes, Held: then.Held, Why: dispatch.Words(w, event, then)}
	if w.Forced(event, then) {
		out.Yes = true
		return out
	}
	if routed && now.Yes != told {
		out.Now = &now.Yes
		if !told {
			out.Yes, out.Held = false, false
			out.Why = append([]string{"It was not so when the event was decided; by the settings of today:"}, out.Why...)
		}
	}
	return out
}

func whyPlain(w io.Writer, a whyAnswer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Event %d, %s: %s\n", a.Event, a.Kind, plain(a.Title))
	fmt.Fprintf(&b, "It came in %s (%s).\n", a.At.Local().Format("2006-01-02 15:04:05"), originWords(a.Origin))
	if a.Same != 0 {
		fmt.Fprintf(&b, "Event %d told the same fact before.\n", a.Same)
	}
	if a.Routed {
		b.WriteString("It was decided when it came; people, roles and destinations are called as they are today.\n")
	}
	fmt.Fprintf(&b, "For %s:\n", plain(a.Person))
	for _, d := range a.Decisions {
		word := "no"
		switch {
		case d.Held:
			word = "yes, later"
		case d.Yes:
			word = "yes"
		}
		place := ""
		if d.Destination != "" {
			place = " to " + plain(d.Destination)
		}
		if d.Gone {
			place += ", which has been removed"
		}
		fmt.Fprintf(&b, "\n  %s%s: %s\n", d.Channel, place, word)
		for _, sentence := range d.Why {
			fmt.Fprintf(&b, "    - %s\n", plain(sentence))
		}
		if d.Now != nil && !*d.Now {
			b.WriteString("    - By the settings of today it would be no.\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func originWords(o app.Origin) string {
	switch o {
	case app.OriginAlert:
		return "an alert of the server"
	case app.OriginWebhook:
		return "a webhook of the server"
	case app.OriginDerived:
		return "seen on the server"
	case app.OriginLocal:
		return "raised on this machine"
	default:
		return string(o)
	}
}
