package store

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"bellhop/app"
)

// RecordEvents stores events that came in by another way than the server's
// alerts (those are recorded by [Pull.Apply]), and how far their sources were
// read: cursors by "account/name", as [Store.Cursor] returns them. All of it is
// one transaction. An event's account 0 is this machine's, and its zero time is
// now.
//
// It returns the events as they are stored, in their order. An event whose
// account, origin and key are known already is not stored again; the stored one
// is returned. One that tells what another source told within [app.SameWindow]
// has that in Same: routing tells of it only whom the first one did not tell.
// One that is History is not routed.
func (s *Store) RecordEvents(ctx context.Context, list []app.Event, cursors map[string][]byte) ([]app.Event, error) {
	var out []app.Event
	err := s.change(ctx, "record the events", func(ctx context.Context, t *tx) error {
		out = make([]app.Event, len(list))
		known := make(map[app.AccountID]tellings)
		for i, e := range list {
			if err := t.prepare(ctx, &e); err != nil {
				return fmt.Errorf("event %d: %w", i+1, err)
			}
			out[i] = e
		}
		for i := range out {
			if err := t.record(ctx, &out[i], out, known); err != nil {
				return fmt.Errorf("event %d: %w", i+1, err)
			}
		}
		if len(list) > 0 {
			t.hint(app.TopicEvents)
		}
		return t.putCursors(ctx, cursors)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// prepare makes an event what it will be once it is stored, but for its id.
func (t *tx) prepare(ctx context.Context, e *app.Event) (err error) {
	switch e.Origin {
	case app.OriginWebhook, app.OriginDerived, app.OriginLocal:
	case app.OriginAlert:
		return fmt.Errorf("it comes with its alert: %w", app.ErrInvalid)
	default:
		return fmt.Errorf("it has no origin: %w", app.ErrInvalid)
	}
	if e.Key == "" {
		return fmt.Errorf("it has no key: %w", app.ErrInvalid)
	}
	if e.Account, err = t.known(ctx, e.Account); err != nil {
		return err
	}
	if e.At.IsZero() {
		e.At = t.now
	}
	e.At = fromMillis(millis(e.At))
	e.Call.Kind = e.Kind
	e.ID, e.Alert, e.Same = 0, app.Alert{}, 0
	return nil
}

// record stores one event of a batch. known is what the batch has read of facts
// that were told lately.
func (t *tx) record(ctx context.Context, e *app.Event, batch []app.Event, known map[app.AccountID]tellings) error {
	stored, err := events(ctx, t, ` WHERE e.account = ? AND e.origin = ? AND e.key = ? AND e.origin <> 'alert'`, e.Account, e.Origin, e.Key)
	if err != nil {
		return err
	}
	if len(stored) > 0 {
		*e = stored[0]
		return nil
	}
	call, err := json.Marshal(e.Call)
	if err != nil {
		return fmt.Errorf("write the call: %w", err)
	}
	if known[e.Account] == nil {
		if known[e.Account], err = t.latelyOf(ctx, e.Account, batch); err != nil {
			return err
		}
	}
	fact := e.Fact()
	id, err := t.insert(ctx, `INSERT INTO events (account, origin, key, kind, at, happened, fact, alert, call, history, same, routed_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?, 0, ?)`,
		e.Account, e.Origin, e.Key, e.Kind, millis(e.At), millis(e.At), fact, string(call), e.History, routedAt(t, e.History))
	if err != nil {
		return fmt.Errorf("insert: %w", err)
	}
	e.ID = id
	if fact == "" || e.History {
		return nil
	}
	at := millis(e.At)
	if e.Same = known[e.Account].join(fact, id, source{e.Origin, at, at}); e.Same == 0 {
		return nil
	}
	_, err = t.exec(ctx, `UPDATE events SET same = ? WHERE id = ?`, e.Same, id)
	return err
}

// routedAt returns what an event has for it from the first: nothing, unless it
// is never routed.
func routedAt(t *tx, never bool) any {
	if never {
		return millis(t.now)
	}
	return nil
}

// latelyOf reads what was told lately of the facts of a batch, of one account.
func (t *tx) latelyOf(ctx context.Context, account app.AccountID, batch []app.Event) (tellings, error) {
	var facts []string
	from, to := int64(math.MaxInt64), int64(0)
	for i := range batch {
		e := &batch[i]
		if e.Account != account || e.History {
			continue
		}
		if fact := e.Fact(); fact != "" {
			facts = append(facts, fact)
			from, to = min(from, millis(e.At)), max(to, millis(e.At))
		}
	}
	if len(facts) == 0 {
		return make(tellings), nil
	}
	return t.lately(ctx, account, "", facts, from, to)
}

// recordArrivals records an event for each of some new alerts of an account, whose
// ids are in their order.
func (t *tx) recordArrivals(ctx context.Context, account app.AccountID, alerts []app.Remote, ids []app.AlertID) error {
	now := millis(t.now)
	kinds := make([]app.Kind, len(alerts))
	facts := make([]string, 0, len(alerts))
	from := now
	for i, a := range alerts {
		e := app.Event{Account: account, Origin: app.OriginAlert, At: t.now, Kind: app.KindOf(a.Source)}
		e.Call = callOf(e.Kind, a.Title, a.Description, a.URL, a.Icon)
		kinds[i] = e.Kind
		facts = append(facts, e.Fact())
		from = min(from, happened(a, now))
	}
	lately, err := t.lately(ctx, account, app.OriginAlert, slices.Clone(facts), from, now)
	if err != nil {
		return fmt.Errorf("look for other sources: %w", err)
	}
	for i, a := range alerts {
		since := happened(a, now)
		same := int64(0)
		if facts[i] != "" && len(lately) > 0 {
			// Its own id is not needed: no other alert can join it.
			same = lately.join(facts[i], 0, source{app.OriginAlert, since, now})
		}
		if _, err := t.insert(ctx, `INSERT INTO events (account, origin, key, kind, at, happened, fact, alert, call, history, same, routed_at)
			VALUES (?, 'alert', '', ?, ?, ?, ?, ?, '', 0, ?, NULL)`, account, kinds[i], now, since, facts[i], ids[i], same); err != nil {
			return fmt.Errorf("insert: %w", err)
		}
	}
	t.hint(app.TopicEvents)
	return nil
}

// happened is when an alert was made by the server's clock, which must not be
// ahead of ours.
func happened(a app.Remote, now int64) int64 {
	if a.Created.IsZero() {
		return now
	}
	return min(millis(a.Created), now)
}

// callOf is what an alert tells of the call that made it.
func callOf(kind app.Kind, title, description, url, icon string) app.Call {
	return app.Call{Kind: kind, Title: title, Description: description, URL: url, Icon: icon}
}
