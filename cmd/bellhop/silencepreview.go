package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"bellhop/app"
	"bellhop/store"
)

const (
	// previewDays is how far a preview looks back.
	previewDays = 30
	// previewTitles is how many of the events it shows, the newest ones.
	previewTitles = 10
)

// silencePreview is what bellhop silence preview prints as JSON.
type silencePreview struct {
	Since    time.Time     `json:"since"`
	Events   int           `json:"events"`   // that it would have held something of
	Messages int           `json:"messages"` // that it would have held
	Passed   int           `json:"passed"`   // that it would have let out, being critical
	Channels []heldChannel `json:"channels"`
	// Newest are the newest of the events, at most ten.
	Newest []heldEvent `json:"newest"`
}

type heldChannel struct {
	Channel  app.Channel `json:"channel"`
	Messages int         `json:"messages"`
}

type heldEvent struct {
	ID    int64     `json:"id"`
	At    time.Time `json:"at"`
	Kind  app.Kind  `json:"kind"`
	Title string    `json:"title"`
}

func (t *tool) silencePreview() *cobra.Command {
	var f silenceFlags
	cmd := &cobra.Command{
		Use: "preview", Short: "Say what a silence would have held in the last 30 days", Args: takes(0, 0),
		Long: `Say which messages of the last 30 days a silence would have held, by what was
decided then. Nothing is changed.
With --json: {"since", "events", "messages", "passed", "channels": [{"channel",
"messages"}], "newest": [{"id", "at", "kind", "title"}]}.`,
		RunE: t.do(func(cmd *cobra.Command, _ []string) error {
			return t.stored(cmd.Context(), func(ctx context.Context, s *store.Store) error {
				wish, err := f.silence(ctx, s)
				if err != nil {
					return err
				}
				wish.Until = t.now().Add(time.Hour) // any will do
				if err := wish.Check(t.now()); err != nil {
					return err
				}
				out, err := t.previewOf(ctx, s, &wish)
				if err != nil {
					return err
				}
				if t.json {
					return writeJSON(t.out, out)
				}
				return t.sayPreview(wish, out)
			})
		}),
	}
	f.add(cmd)
	return cmd
}

func (t *tool) previewOf(ctx context.Context, s *store.Store, wish *app.Silence) (silencePreview, error) {
	out := silencePreview{Since: t.now().AddDate(0, 0, -previewDays), Channels: []heldChannel{}, Newest: []heldEvent{}}
	w, _, err := t.world(ctx, s, wish.Account)
	if err != nil {
		return out, err
	}
	var counts [app.NumChannels]int
	for event, err := range s.EachEvent(ctx, app.EventFilter{Account: wish.Account, Since: out.Since}) {
		if err != nil {
			return out, err
		}
		decided, err := s.Decisions(ctx, event.ID)
		if err != nil {
			return out, err
		}
		some := false
		for _, d := range decided {
			held, passes := w.Silences(wish, &event, d)
			if held {
				counts[d.Channel]++
				out.Messages++
				some = true
			}
			if passes {
				out.Passed++
			}
		}
		if some {
			out.Events++
			out.Newest = append(out.Newest, heldEvent{event.ID, event.At, event.Kind, event.Call.Title})
			out.Newest = out.Newest[max(0, len(out.Newest)-previewTitles):]
		}
	}
	slices.Reverse(out.Newest)
	for c, n := range counts {
		if n > 0 {
			out.Channels = append(out.Channels, heldChannel{app.Channel(c), n})
		}
	}
	return out, nil
}

func (t *tool) sayPreview(wish app.Silence, p silencePreview) error {
	var channels []string
	for _, c := range p.Channels {
		channels = append(channels, fmt.Sprintf("%s %d", c.Channel, c.Messages))
	}
	lines := []string{fmt.Sprintf("In the last %d days it would have held nothing (%s).", previewDays, silenceWords(wish))}
	if p.Messages > 0 {
		lines[0] = fmt.Sprintf("In the last %d days it would have held %s about %s (%s): %s.",
			previewDays, counted(p.Messages, "message"), counted(p.Events, "event"), silenceWords(wish), strings.Join(channels, ", "))
	}
	if p.Passed > 0 {
		lines = append(lines, "It would have let through "+counted(p.Passed, "message")+" about critical findings.")
	}
	if err := t.say(nil, lines...); err != nil || len(p.Newest) == 0 {
		return err
	}
	rows := newTable(t.out, "ID", "WHEN", "EVENT", "TITLE")
	for _, e := range p.Newest {
		rows.row(strconv.FormatInt(e.ID, 10), e.At.Local().Format("2006-01-02 15:04"), string(e.Kind), cut(e.Title, width(t.out)/2))
	}
	return rows.flush()
}
