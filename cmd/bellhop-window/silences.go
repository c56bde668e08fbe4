package main

import (
	"cmp"
	"context"
	"errors"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/store"
	"bellhop/ui"
)

// Silences is for [ui.Engine].
func (i *inbox) Silences(ctx context.Context, f app.SilenceFilter) (ui.SilencePage, error) {
	return look(ctx, i, func(s *store.Store) (out ui.SilencePage, err error) {
		list, next, err := s.SilencePage(ctx, f)
		if err != nil {
			return out, err
		}
		if out.InForce, out.Ended, err = s.SilenceCounts(ctx, f.Account); err != nil {
			return out, err
		}
		out.Next = next
		for _, one := range list {
			line := ui.SilenceLine{Silence: one}
			if one.Person != 0 {
				people, err := i.people(ctx, s, one.Account)
				if err != nil {
					return out, err
				}
				line.For = people[one.Person].Username
			}
			out.Lines = append(out.Lines, line)
		}
		return out, nil
	})
}

// SilencesInForce is for [ui.Engine].
func (i *inbox) SilencesInForce(ctx context.Context) (int, error) {
	return look(ctx, i, func(s *store.Store) (int, error) {
		n, _, err := s.SilenceCounts(ctx, 0)
		return n, err
	})
}

const (
	// previewDays is how far a preview looks back.
	previewDays = 30
	// previewEvents is how many events it looks at, the newest ones: about a
	// second's work, on a goroutine of its own.
	previewEvents = 10_000
	// previewTitles is how many of them it names.
	previewTitles = 3
	previewPage   = 500
)

// Preview is for [ui.Engine]. It goes by what was decided then.
func (i *inbox) Preview(ctx context.Context, wish app.Silence) (ui.Preview, error) {
	return look(ctx, i, func(s *store.Store) (ui.Preview, error) {
		p := ui.Preview{Days: previewDays}
		// Only the names of products are asked of the facts.
		facts, err := s.FactsForMe(ctx, wish.Account)
		if errors.Is(err, app.ErrNotFound) {
			return p, nil // nothing was ever sent
		}
		if err != nil {
			return p, err
		}
		w := dispatch.New(facts)
		f := app.EventFilter{Account: wish.Account, Since: time.Now().AddDate(0, 0, -previewDays), Limit: previewPage}
		for seen := 0; ; {
			page, err := s.Events(ctx, f)
			if err != nil {
				return p, err
			}
			for _, e := range page {
				decided, err := s.Decisions(ctx, e.ID)
				if err != nil {
					return p, err
				}
				count(&p, w, &wish, &e, decided)
			}
			if seen += len(page); len(page) < previewPage {
				return p, nil
			}
			if seen >= previewEvents {
				p.Cut = true
				return p, nil
			}
			f.After = page[len(page)-1].ID
		}
	})
}

// count adds to a preview what was decided about an event.
func count(p *ui.Preview, w *dispatch.World, wish *app.Silence, e *app.Event, decided []app.Decision) {
	held := p.Held
	for _, d := range decided {
		if !d.Yes || d.Channel == app.ChannelAlert {
			continue
		}
		p.Messages++
		switch stays, passes := w.Silences(wish, e, d); {
		case stays:
			p.Held++
			p.Channels[d.Channel]++
		case passes:
			p.Passed++
		}
	}
	if p.Held == held {
		return
	}
	if p.Events++; len(p.Titles) < previewTitles {
		p.Titles = append(p.Titles, cmp.Or(e.Call.Title, e.Alert.Title))
	}
}
