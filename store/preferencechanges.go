package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"bellhop/app"
)

// PreferenceChanges returns the changes to Bellhop's own notification settings
// of an account (0 = this machine), the latest first, at most limit (0 = 50).
func (s *Store) PreferenceChanges(ctx context.Context, account app.AccountID, limit int) ([]app.PreferenceChange, error) {
	if limit <= 0 {
		limit = pageDefault
	}
	var out []app.PreferenceChange
	err := s.look(ctx, "list the changes of settings", func(q querier) error {
		id, err := orLocal(ctx, q, account)
		if err != nil {
			return err
		}
		rows, err := q.query(ctx, `SELECT id, at, who, scope, person, product, before, after FROM preference_changes WHERE account = ? ORDER BY id DESC LIMIT ?`, id, limit)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var c app.PreferenceChange
			var at int64
			var before, after string
			row := app.Preference{Account: id, Owner: app.OwnerLocal}
			if err := rows.Scan(&c.ID, &at, &c.Who, &row.Scope, &row.Person, &row.Product, &before, &after); err != nil {
				return err
			}
			c.At = fromMillis(at)
			if c.Before, err = told(row, before); err != nil {
				return err
			}
			if c.After, err = told(row, after); err != nil {
				return err
			}
			out = append(out, c)
		}
		return rows.Err()
	})
	return out, err
}

// said is what a row said, as the history of changes keeps it.
type said struct {
	Row     app.Row   `json:"row"`
	Extra   app.Extra `json:"extra,omitzero"`
	Version int64     `json:"version"`
}

func told(row app.Preference, text string) (*app.Preference, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // there was no row
	}
	var was said
	if err := json.Unmarshal([]byte(text), &was); err != nil {
		return nil, errors.Join(errDamaged, fmt.Errorf("a change of settings: %w", err))
	}
	row.Row, row.Extra, row.Version = was.Row, was.Extra, was.Version
	return &row, nil
}

// noteChange keeps what a row said before and after a change, and who made it.
func (t *tx) noteChange(ctx context.Context, before, after *app.Preference, who string) error {
	t.hint(app.TopicFacts)
	row := after
	if row == nil {
		row = before
	}
	var texts [2]string
	for i, p := range []*app.Preference{before, after} {
		if p == nil {
			continue
		}
		text, err := json.Marshal(said{p.Row, p.Extra, p.Version})
		if err != nil {
			return err
		}
		texts[i] = string(text)
	}
	if who == "" {
		who = "unknown"
	}
	_, err := t.exec(ctx, `INSERT INTO preference_changes (account, at, who, scope, person, product, before, after) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		row.Account, millis(t.now), who, row.Scope, row.Person, row.Product, texts[0], texts[1])
	return err
}
