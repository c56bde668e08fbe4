package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"bellhop/app"
)

const accountColumns = `id, url, username, user_id, sign_in, cookie_name, ca_file, client_cert, client_key, proxy, insecure, demo, server, created`

func scanAccount(row interface{ Scan(...any) error }) (app.Account, error) {
	var a app.Account
	var created int64
	err := row.Scan(&a.ID, &a.URL, &a.Username, &a.UserID, &a.SignIn, &a.CookieName, &a.CAFile, &a.ClientCert,
		&a.ClientKey, &a.Proxy, &a.Insecure, &a.Demo, &a.Server, &created)
	a.Created = fromMillis(created)
	return a, err
}

// family is the part of the way to sign in that tells two accounts apart.
func family(s app.SignIn) string {
	if s == app.SignInToken {
		return "token"
	}
	return "browser"
}

// Accounts returns every account, oldest first.
func (s *Store) Accounts(ctx context.Context) ([]app.Account, error) {
	var out []app.Account
	err := s.look(ctx, "list the accounts", func(q querier) error {
		rows, err := q.query(ctx, `SELECT `+accountColumns+` FROM accounts WHERE leaving = 0 ORDER BY id`)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			a, err := scanAccount(rows)
			if err != nil {
				return err
			}
			out = append(out, a)
		}
		return rows.Err()
	})
	return out, err
}

// Account returns one account. The error matches [app.ErrNotFound] where there
// is none.
func (s *Store) Account(ctx context.Context, id app.AccountID) (app.Account, error) {
	var a app.Account
	err := s.look(ctx, "read the account", func(q querier) (err error) {
		a, err = scanAccount(q.row(ctx, `SELECT `+accountColumns+` FROM accounts WHERE id = ? AND leaving = 0`, id))
		return orNotFound(err)
	})
	return a, err
}

// orNotFound turns the want of a row into the vocabulary's error.
func orNotFound(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return app.ErrNotFound
	}
	return err
}

// AddAccount stores an account and returns it with its id. An account with the
// same address, user name and kind of sign-in (browser or token) is updated
// instead, so that signing in again keeps its alerts.
func (s *Store) AddAccount(ctx context.Context, a app.Account) (app.Account, error) {
	err := s.change(ctx, "add the account", func(ctx context.Context, t *tx) error {
		return t.addAccount(ctx, &a)
	})
	if err != nil {
		return app.Account{}, err
	}
	return a, nil
}

func (t *tx) addAccount(ctx context.Context, a *app.Account) error {
	if a.Created.IsZero() {
		a.Created = t.now
	}
	var created int64
	err := t.row(ctx, `SELECT id, created FROM accounts WHERE url = ? AND username = ? AND family = ? AND leaving = 0`,
		a.URL, a.Username, family(a.SignIn)).Scan(&a.ID, &created)
	t.hint(app.TopicState)
	if err == nil {
		a.Created = fromMillis(created)
		return t.putAccount(ctx, *a)
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	id, err := t.insert(ctx, `INSERT INTO accounts (url, username, family, user_id, sign_in, cookie_name, ca_file, client_cert,
		client_key, proxy, insecure, demo, server, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		a.URL, a.Username, family(a.SignIn), a.UserID, a.SignIn, a.CookieName, a.CAFile, a.ClientCert,
		a.ClientKey, a.Proxy, a.Insecure, a.Demo, a.Server, millis(a.Created))
	if err != nil {
		return err
	}
	a.ID = app.AccountID(id)
	a.Created = fromMillis(millis(a.Created))
	if _, err := t.exec(ctx, `INSERT INTO heads (account) VALUES (?)`, id); err != nil {
		return err
	}
	return t.putMe(ctx, *a)
}

// UpdateAccount replaces what is stored of the account with a.ID; its time of
// creation stays. The error matches [app.ErrNotFound] where there is none.
func (s *Store) UpdateAccount(ctx context.Context, a app.Account) error {
	return s.change(ctx, "update the account", func(ctx context.Context, t *tx) error {
		t.hint(app.TopicState)
		return t.putAccount(ctx, a)
	})
}

func (t *tx) putAccount(ctx context.Context, a app.Account) error {
	n, err := t.exec(ctx, `UPDATE accounts SET url = ?, username = ?, family = ?, user_id = ?, sign_in = ?, cookie_name = ?,
		ca_file = ?, client_cert = ?, client_key = ?, proxy = ?, insecure = ?, demo = ?, server = ? WHERE id = ? AND leaving = 0`,
		a.URL, a.Username, family(a.SignIn), a.UserID, a.SignIn, a.CookieName,
		a.CAFile, a.ClientCert, a.ClientKey, a.Proxy, a.Insecure, a.Demo, a.Server, a.ID)
	if err != nil {
		return err
	}
	if n == 0 {
		return app.ErrNotFound
	}
	return t.putMe(ctx, a)
}

// perAccount are the small tables that an account is taken out of at once.
// What may be long (alerts, events, people) goes in chunks.
var perAccount = []string{
	"heads", "sync_states", "list", "departures", "departed", "departed_sets", "pending",
	"tries", "failures", "snoozes", "toasts", "cursors", "directories", "destinations",
}

// RemoveAccount forgets an account. It is gone from every view at once; its
// alerts are deleted in chunks, which goes on after a restart. Its secrets are
// the caller's to delete. The error matches [app.ErrNotFound] where there is
// no such account.
func (s *Store) RemoveAccount(ctx context.Context, id app.AccountID) error {
	if err := s.unlotAll(ctx); err != nil {
		return err
	}
	err := s.change(ctx, "remove the account", func(ctx context.Context, t *tx) error {
		n, err := t.exec(ctx, `UPDATE accounts SET leaving = 1 WHERE id = ? AND leaving = 0`, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return app.ErrNotFound
		}
		for _, table := range perAccount {
			if _, err := t.exec(ctx, `DELETE FROM `+table+` WHERE account = ?`, id); err != nil {
				return fmt.Errorf("delete from %s: %w", table, err)
			}
		}
		t.hint(app.TopicState, app.TopicAlerts, app.TopicIntents, app.TopicFacts)
		_, err = t.exec(ctx, `UPDATE events SET routed_at = ? WHERE routed_at IS NULL AND account = ?`, millis(t.now), id)
		return err
	})
	if err != nil {
		return err
	}
	return s.deleteLeaving(ctx)
}

// finishLeaving deletes what a former run left of accounts that are gone.
func (s *Store) finishLeaving(ctx context.Context) {
	if err := s.deleteLeaving(ctx); err != nil && ctx.Err() == nil {
		s.log.WarnContext(ctx, "removed accounts remain", "error", err)
	}
}

func (s *Store) deleteLeaving(ctx context.Context) error {
	for {
		id, err := s.number(ctx, "find removed accounts", `SELECT coalesce(min(id), 0) FROM accounts WHERE leaving = 1`)
		if err != nil || id == 0 {
			return err
		}
		err = s.change(ctx, "delete alerts of a removed account", func(ctx context.Context, t *tx) error {
			ids, err := idsOf(t.query(ctx, `SELECT id FROM alerts WHERE account = ? ORDER BY id LIMIT ?`, id, deleteChunk))
			if err != nil {
				return err
			}
			if n := len(ids); n > 0 {
				return t.deleteAlerts(ctx, ids)
			}
			return t.deleteRest(ctx, id)
		})
		if err != nil {
			return err
		}
	}
}

// deleteRest deletes a chunk of what a removed account has besides alerts, and
// the account itself once that was all. Rows that belong to a deleted one go
// with it.
func (t *tx) deleteRest(ctx context.Context, account int64) error {
	n, err := t.deleteDeliveries(ctx, false, `SELECT id FROM events WHERE account = ? LIMIT ?`, account, deleteChunk)
	if err != nil || n > 0 {
		return err
	}
	for _, table := range []string{"events", "preference_changes", "people"} {
		n, err := t.exec(ctx, `DELETE FROM `+table+` WHERE id IN (SELECT id FROM `+table+` WHERE account = ? LIMIT ?)`, account, deleteChunk)
		if err != nil || n > 0 {
			return err
		}
	}
	_, err = t.exec(ctx, `DELETE FROM accounts WHERE id = ?`, account)
	return err
}
