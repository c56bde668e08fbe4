package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"bellhop/app"
)

const silenceColumns = `id, account, ifnull(person, 0), what, created, until, who, note`

// Silences returns the silences of an account (0 = this machine's), the newest
// first, also those that have ended and are not forgotten yet.
func (s *Store) Silences(ctx context.Context, account app.AccountID) ([]app.Silence, error) {
	var out []app.Silence
	err := s.look(ctx, "list the silences", func(q querier) error {
		id, err := orLocal(ctx, q, account)
		if err != nil {
			return err
		}
		out, err = silences(q.query(ctx, `SELECT `+silenceColumns+` FROM silences WHERE account = ? ORDER BY id DESC`, id))
		return err
	})
	return out, err
}

func silences(rows *sql.Rows, err error) ([]app.Silence, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []app.Silence
	for rows.Next() {
		var one app.Silence
		var what sql.RawBytes
		var id app.SilenceID
		var account app.AccountID
		var person app.PersonID
		var created, until int64
		var who, note string
		if err := rows.Scan(&id, &account, &person, &what, &created, &until, &who, &note); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(what, &one); err != nil {
			return nil, errors.Join(errDamaged, fmt.Errorf("silence %d: %w", id, err))
		}
		one.ID, one.Account, one.Person, one.Created, one.Until, one.Who, one.Note = id, account, person, fromMillis(created), fromMillis(until), who, note
		out = append(out, one)
	}
	return out, rows.Err()
}

// AddSilence stores a silence that begins now and returns it with its id. That it
// makes sense is for the caller to check; the account and the person must be
// there.
func (s *Store) AddSilence(ctx context.Context, silence app.Silence) (app.Silence, error) {
	var out app.Silence
	err := s.change(ctx, "add the silence", func(ctx context.Context, t *tx) (err error) {
		out = silence
		if out.Account, err = t.known(ctx, out.Account); err != nil {
			return err
		}
		if out.Person != 0 {
			var there bool
			if err := t.row(ctx, `SELECT EXISTS (SELECT 1 FROM people WHERE id = ? AND account = ?)`, out.Person, out.Account).Scan(&there); err != nil {
				return err
			}
			if !there {
				return app.Invalid("There is no such person in this account.", "Name somebody the account knows, or nobody for a silence for everybody.")
			}
		}
		out.Created, out.Until = fromMillis(millis(t.now)), fromMillis(ceilMillis(out.Until))
		what := out // what has a column is not stored twice
		what.ID, what.Account, what.Person, what.Created, what.Until, what.Who, what.Note = 0, 0, 0, time.Time{}, time.Time{}, "", ""
		text, err := json.Marshal(what)
		if err != nil {
			return err
		}
		id, err := t.insert(ctx, `INSERT INTO silences (account, person, what, created, until, who, note) VALUES (?, nullif(?, 0), ?, ?, ?, ?, ?)`,
			out.Account, out.Person, string(text), millis(out.Created), millis(out.Until), out.Who, out.Note)
		out.ID = app.SilenceID(id)
		t.hint(app.TopicFacts)
		return err
	})
	if err != nil {
		return app.Silence{}, err
	}
	return out, nil
}

// EndSilence ends a silence now, and returns it. What it held has still to be let
// go: see [Store.Overdue]. One that has ended before is returned as it is. The
// error matches [app.ErrNotFound] where there is none.
func (s *Store) EndSilence(ctx context.Context, id app.SilenceID) (app.Silence, error) {
	var out app.Silence
	err := s.change(ctx, "end the silence", func(ctx context.Context, t *tx) error {
		if _, err := t.exec(ctx, `UPDATE silences SET until = max(created, ?1), let_go = 1 WHERE id = ?2 AND until > ?1`, millis(t.now), id); err != nil {
			return err
		}
		found, err := silences(t.query(ctx, `SELECT `+silenceColumns+` FROM silences WHERE id = ?`, id))
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return app.ErrNotFound
		}
		out = found[0]
		t.hint(app.TopicFacts)
		return t.active(ctx, out.Account)
	})
	if err != nil {
		return app.Silence{}, err
	}
	return out, nil
}

// Overdue returns the accounts in which silences were ended before their time,
// and what they held has not been let go, for all that is known.
func (s *Store) Overdue(ctx context.Context) ([]app.AccountID, error) {
	var out []app.AccountID
	err := s.look(ctx, "find silences that were ended", func(q querier) error {
		out = nil
		rows, err := q.query(ctx, `SELECT DISTINCT account FROM silences WHERE let_go = 1 AND account NOT IN (SELECT id FROM accounts WHERE leaving = 1)`)
		return eachInt(rows, err, func(id int64) { out = append(out, app.AccountID(id)) })
	})
	return out, err
}

// Held returns a page of the deliveries of an account that are held past now and
// the events they are about, by id from the one after a given one on ("" = from
// the first).
func (s *Store) Held(ctx context.Context, account app.AccountID, after app.DeliveryID, limit int) ([]app.Claimed, error) {
	// What is still packed is held as well.
	if err := s.unpackWaiting(ctx); err != nil {
		return nil, err
	}
	var out []app.Claimed
	now := millis(s.now())
	err := s.look(ctx, "list what is held", func(q querier) error {
		out = nil
		held, err := readDeliveries(q.query(ctx, deliveryQuery+` WHERE d.`+odd+` AND d.state = 'held' AND d.leased = 0
			AND d.due > ?1 AND e.account = ?2 AND d.id > ?3 ORDER BY d.id LIMIT ?4`, now, account, string(after), limit))
		if err != nil {
			return err
		}
		of := make(map[int64]*app.Event)
		for _, d := range held {
			of[d.Event] = &app.Event{}
		}
		found, err := events(ctx, q, ` WHERE e.id IN (SELECT value FROM json_each(?))`, jsonKeys(of))
		if err != nil {
			return err
		}
		for i := range found {
			of[found[i].ID] = &found[i]
		}
		for _, d := range held {
			out = append(out, app.Claimed{Delivery: d.Delivery, Event: of[d.Event]})
		}
		return nil
	})
	return out, err
}

// Hasten lets deliveries that are held leave earlier, each at its Due, and
// returns how many those were. One that leaves earlier anyway, is being sent or is
// not held any more is passed over.
func (s *Store) Hasten(ctx context.Context, list []app.Delivery) (int, error) {
	n := 0
	err := s.change(ctx, "let deliveries go", func(ctx context.Context, t *tx) error {
		n = 0
		for _, d := range list {
			changed, err := t.exec(ctx, `UPDATE deliveries SET due = ?1 WHERE id = ?2 AND state = 'held' AND leased = 0 AND due > ?1`, ceilMillis(d.Due), string(d.ID))
			if err != nil {
				return err
			}
			n += int(changed)
		}
		if n > 0 {
			t.hint(app.TopicDeliveries, app.TopicOutbox)
		}
		return nil
	})
	return n, err
}

// LetGo notes that all is let go that silences of an account held which were
// ended up to now.
func (s *Store) LetGo(ctx context.Context, account app.AccountID, now time.Time) error {
	return s.change(ctx, "note what was let go", func(ctx context.Context, t *tx) error {
		_, err := t.exec(ctx, `UPDATE silences SET let_go = 0 WHERE let_go = 1 AND account = ? AND until <= ?`, account, millis(now))
		return err
	})
}

// pruneSilences forgets silences that ended before a time.
func (t *tx) pruneSilences(ctx context.Context, before time.Time) error {
	_, err := t.exec(ctx, `DELETE FROM silences WHERE until < ? AND let_go = 0`, millis(before))
	return err
}
