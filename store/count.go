package store

import (
	"context"
	"fmt"

	"bellhop/app"
)

// newMax is where counting new alerts stops: what is shown is "99+".
const newMax = 100

// Count returns how many alerts are in the account's list, in all lists for
// account 0. It reads a counter, whatever the list's length.
func (s *Store) Count(ctx context.Context, account app.AccountID) (int, error) {
	text := `SELECT listed FROM heads WHERE account = ?`
	args := []any{account}
	if account == 0 {
		text, args = `SELECT coalesce(sum(listed), 0) FROM heads`, nil
	}
	n, err := s.number(ctx, "count the alerts", text, args...)
	if err = orNotFound(err); err != nil {
		return 0, fmt.Errorf("count the alerts: %w", err)
	}
	return int(n), nil
}

// NewCount returns how many alerts in the list arrived after the user last
// looked; it stops at 100.
func (s *Store) NewCount(ctx context.Context, account app.AccountID) (int, error) {
	n := 0
	err := s.look(ctx, "count the new alerts", func(q querier) error {
		heads, err := readHeads(ctx, q, account)
		if err != nil {
			return err
		}
		for _, h := range heads {
			ids, err := listBelow(ctx, q, h.account, lastID, newMax)
			if err != nil {
				return err
			}
			for _, id := range ids {
				if id > h.looked {
					n++
				}
			}
		}
		return nil
	})
	return min(n, newMax), err
}

// Pending returns how many removed alerts the server may still have.
func (s *Store) Pending(ctx context.Context, account app.AccountID) (int, error) {
	text := `SELECT coalesce(sum(n), 0) FROM pending WHERE account = ?`
	args := []any{account}
	if account == 0 {
		text, args = `SELECT coalesce(sum(n), 0) FROM pending`, nil
	}
	n, err := s.number(ctx, "count the waiting removals", text, args...)
	return int(n), err
}

// head is what is known of an account without counting.
type head struct {
	account app.AccountID
	looked  app.AlertID
}

// readHeads returns the head of an account, or of all for account 0. An account
// that does not exist has none.
func readHeads(ctx context.Context, q querier, account app.AccountID) ([]head, error) {
	rows, err := q.query(ctx, `SELECT account, looked FROM heads WHERE ?1 IN (0, account) ORDER BY account`, account)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []head
	for rows.Next() {
		var h head
		if err := rows.Scan(&h.account, &h.looked); err != nil {
			return nil, err
		}
		out = append(out, h)
	}
	return out, rows.Err()
}

// Looked says that the user has seen the list of the account (0 = all) up to an
// alert. It never goes back.
func (s *Store) Looked(ctx context.Context, account app.AccountID, upTo app.AlertID) error {
	return s.change(ctx, "write what was looked at", func(ctx context.Context, t *tx) error {
		n, err := t.exec(ctx, `UPDATE heads SET looked = ?1 WHERE ?2 IN (0, account) AND looked < ?1`, upTo, account)
		if n > 0 {
			t.hint(app.TopicAlerts)
		}
		return err
	})
}
