package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"bellhop/app"
)

// Remove takes alerts out of their lists and notes that the server is to drop
// them once the time for undo is over. Ids that are in no list are passed over,
// so that removing twice is removing once; Count says how many left.
func (s *Store) Remove(ctx context.Context, ids []app.AlertID, undo time.Duration) (app.Removed, error) {
	wanted := newIDSet(ids...)
	var out app.Removed
	err := s.change(ctx, "remove the alerts", func(ctx context.Context, t *tx) error {
		out = app.Removed{UndoUntil: t.now.Add(undo)}
		heads, err := readHeads(ctx, t, 0)
		if err != nil {
			return err
		}
		ours, err := serverlessAccounts(ctx, t)
		if err != nil {
			return err
		}
		for _, h := range heads {
			leave, _, err := listedAmong(ctx, t, h.account, wanted)
			if err != nil {
				return err
			}
			if len(leave) == 0 {
				continue
			}
			id, err := t.intend(ctx, h.account, app.IntentRemove, 0, leave.len(), out.UndoUntil, ours[h.account])
			if err != nil {
				return err
			}
			if err := t.delist(ctx, h.account, leave); err != nil {
				return fmt.Errorf("take out of the list: %w", err)
			}
			if err := t.depart(ctx, h.account, id, leave.len(), leave); err != nil {
				return fmt.Errorf("put into the history: %w", err)
			}
			if !ours[h.account] {
				if err := t.pend(ctx, h.account, id, leave); err != nil {
					return fmt.Errorf("note for the server: %w", err)
				}
			}
			if err := t.forget(ctx, "failures", h.account, leave); err != nil {
				return err
			}
			out.Intents = append(out.Intents, app.IntentID(id))
			out.Count += leave.len()
		}
		return nil
	})
	return out, err
}

// Retry removes alerts again whose removal failed; it is the same as [Store.Remove].
func (s *Store) Retry(ctx context.Context, ids []app.AlertID, undo time.Duration) (app.Removed, error) {
	return s.Remove(ctx, ids, undo)
}

// Clear removes what is in the account's list (0 = in every list) up to the
// newest alert that the user was shown. What arrived later stays. It costs the
// same for ten alerts and for a million.
func (s *Store) Clear(ctx context.Context, account app.AccountID, upTo app.AlertID, undo time.Duration) (app.Removed, error) {
	if upTo <= 0 {
		return app.Removed{}, app.Invalid("It was not said up to which alert the list is to be cleared.", "Clear it from the window or with `bellhop clear`.")
	}
	var out app.Removed
	err := s.change(ctx, "clear the list", func(ctx context.Context, t *tx) error {
		out = app.Removed{UndoUntil: t.now.Add(undo)}
		heads, err := readHeads(ctx, t, account)
		if err != nil {
			return err
		}
		ours, err := serverlessAccounts(ctx, t)
		if err != nil {
			return err
		}
		for _, h := range heads {
			id, n, err := t.clear(ctx, h.account, upTo, out.UndoUntil, ours[h.account])
			if err != nil {
				return err
			}
			if n > 0 {
				out.Intents = append(out.Intents, app.IntentID(id))
				out.Count += n
			}
		}
		return nil
	})
	return out, err
}

// clear moves all but the last block as they are, by one statement for each
// table, and the last, which may be split, by itself.
func (t *tx) clear(ctx context.Context, account app.AccountID, upTo app.AlertID, notBefore time.Time, ours bool) (intent int64, n int, err error) {
	last := blockOf(upTo)
	var whole int
	if err := t.row(ctx, `SELECT coalesce(sum(n), 0) FROM list WHERE account = ? AND block < ?`, account, last).Scan(&whole); err != nil {
		return 0, 0, err
	}
	var edge idSet
	if whole <= smallDeparture {
		whole = 0
		edge, err = listed(ctx, t, account, upTo)
	} else {
		edge, _, err = listedAmong(ctx, t, account, blockUpTo(upTo))
	}
	if err != nil {
		return 0, 0, err
	}
	if n = whole + edge.len(); n == 0 {
		return 0, 0, nil
	}
	if intent, err = t.intend(ctx, account, app.IntentClear, upTo, n, notBefore, ours); err != nil {
		return 0, 0, err
	}
	if whole > 0 {
		texts := []string{
			`INSERT INTO departed_sets (account, block, departure, n, ids) SELECT account, block, ?3, n, ids FROM list WHERE account = ?1 AND block < ?2`,
			`DELETE FROM list WHERE account = ?1 AND block < ?2 AND ?3 > 0`,
		}
		if !ours {
			texts = slices.Insert(texts, 0,
				`INSERT INTO pending (account, departure, block, n, ids) SELECT account, ?3, block, n, ids FROM list WHERE account = ?1 AND block < ?2`)
		}
		for _, text := range texts {
			if _, err := t.exec(ctx, text, account, last, intent); err != nil {
				return 0, 0, err
			}
		}
		if err := t.count(ctx, account, -whole); err != nil {
			return 0, 0, err
		}
	}
	if err := t.delist(ctx, account, edge); err != nil {
		return 0, 0, err
	}
	if err := t.depart(ctx, account, intent, n, edge); err != nil {
		return 0, 0, err
	}
	if !ours {
		if err := t.pend(ctx, account, intent, edge); err != nil {
			return 0, 0, err
		}
	}
	_, err = t.exec(ctx, `DELETE FROM failures WHERE account = ? AND alert <= ?`, account, upTo)
	return intent, n, err
}

// intend writes an intent and returns its id. One about ours, which no server
// keeps, is done at once and can be undone as long as any other.
func (t *tx) intend(ctx context.Context, account app.AccountID, kind app.IntentKind, upTo app.AlertID, n int, notBefore time.Time, ours bool) (int64, error) {
	t.hint(app.TopicAlerts, app.TopicIntents)
	state := app.IntentWaiting
	if ours {
		state = app.IntentDone
	}
	return t.insert(ctx, `INSERT INTO departures (account, why, at, count, kind, up_to, not_before, state) VALUES (?, 'me', ?, ?, ?, ?, ?, ?)`,
		account, millis(t.now), n, kind, upTo, millis(notBefore), state)
}

// pend notes that the server may still have ids.
func (t *tx) pend(ctx context.Context, account app.AccountID, intent int64, ids idSet) error {
	for _, n := range ids.blocks() {
		if _, err := t.exec(ctx, `INSERT INTO pending (account, departure, block, n, ids) VALUES (?, ?, ?, ?, ?)`,
			account, intent, n, ids[n].len(), ids[n].encode()); err != nil {
			return err
		}
	}
	return nil
}

// over is the condition on departures that the time for undo is over at ?1. A
// clock that was set back to before the removal counts as over too: nobody can
// tell how long ago it was, and it must not wait for hours.
const over = `(not_before <= ?1 OR at > ?1)`

// NextDue returns when the next waiting removal may be sent: a time that may
// have passed already, zero where none waits. One of the future, which a clock
// that was set back leaves behind, is due since long ago: "now" would be a new
// moment at each look.
func (s *Store) NextDue(ctx context.Context) (time.Time, error) {
	n, err := s.number(ctx, "find the next removal", `SELECT coalesce(min(CASE WHEN at > ?1 THEN 1 ELSE not_before END), 0)
		FROM departures WHERE state = 'waiting'`, millis(s.now()))
	return fromMillis(n), err
}
