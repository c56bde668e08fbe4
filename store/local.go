package store

import (
	"context"
	"database/sql"
	"errors"

	"bellhop/app"
)

// localName is what the account of this machine and the one person on it are
// called.
const localName = "me"

// serverless is the condition on accounts that no server keeps their alerts:
// this machine's, and those that sign in with a token, to which DefectDojo
// serves none.
const serverless = `(url = 'local:' OR family = 'token')`

// Local returns the account that stands for this machine alone, with the one
// person on it; it makes both where there is none yet. Its alerts are those
// that [Store.Route] adds.
func (s *Store) Local(ctx context.Context) (app.Account, error) {
	var out app.Account
	err := s.look(ctx, "read this machine's account", func(q querier) (err error) {
		out, err = scanAccount(q.row(ctx, `SELECT `+accountColumns+` FROM accounts WHERE url = ? AND leaving = 0`, app.LocalURL))
		return err
	})
	if !errors.Is(err, sql.ErrNoRows) {
		return out, err
	}
	return s.AddAccount(ctx, localAccount())
}

// localAccount is the account before it is stored. It has no secret; that it
// is filed under tokens says that it has no list on a server.
func localAccount() app.Account {
	return app.Account{URL: app.LocalURL, Username: localName, SignIn: app.SignInToken}
}

// orLocal returns the account, this machine's for 0. It is 0 where this machine
// has none yet: no row has that number.
func orLocal(ctx context.Context, q querier, account app.AccountID) (app.AccountID, error) {
	if account != 0 {
		return account, nil
	}
	err := q.row(ctx, `SELECT coalesce(min(id), 0) FROM accounts WHERE url = ? AND leaving = 0`, app.LocalURL).Scan(&account)
	return account, err
}

// known is orLocal for a change: it makes this machine's account where there is
// none, and its error matches [app.ErrNotFound] for an account that is not there.
func (t *tx) known(ctx context.Context, account app.AccountID) (app.AccountID, error) {
	id, err := orLocal(ctx, t, account)
	if err != nil {
		return 0, err
	}
	if id == 0 {
		a := localAccount()
		err := t.addAccount(ctx, &a)
		return a.ID, err
	}
	return id, t.active(ctx, id)
}

// active says with [app.ErrNotFound] that an account is not there.
func (t *tx) active(ctx context.Context, account app.AccountID) error {
	var there bool
	if err := t.row(ctx, `SELECT EXISTS (SELECT 1 FROM accounts WHERE id = ? AND leaving = 0)`, account).Scan(&there); err != nil {
		return err
	}
	if !there {
		return app.ErrNotFound
	}
	return nil
}

// serverlessAccounts returns the accounts whose alerts no server keeps.
func serverlessAccounts(ctx context.Context, q querier) (map[app.AccountID]bool, error) {
	rows, err := q.query(ctx, `SELECT id FROM accounts WHERE leaving = 0 AND `+serverless)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	out := make(map[app.AccountID]bool)
	for rows.Next() {
		var id app.AccountID
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		out[id] = true
	}
	return out, rows.Err()
}
