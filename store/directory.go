package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"bellhop/app"
)

// errOvertaken says that another directory came between the comparison and the
// change that follows from it.
var errOvertaken = errors.New("another directory came between")

// ReplaceDirectory replaces what is known of the people of an account and of
// what they may see, in one transaction that writes only what differs. People
// keep their ids; who is not in the directory becomes inactive and may see
// nothing. Where the account had a complete directory before, somebody who is
// new gets a personal row like the template, if there is one. Grants for somebody
// who is not among the people are left out. The error matches [app.ErrNotFound]
// where there is no such account.
func (s *Store) ReplaceDirectory(ctx context.Context, account app.AccountID, d app.Directory) error {
	if d.Model != app.AccessRoles && d.Model != app.AccessAuthorized {
		return fmt.Errorf("replace the directory: the access model %q: %w", d.Model, app.ErrInvalid)
	}
	err := errOvertaken
	// Nobody else replaces it as often as that.
	for tries := 0; errors.Is(err, errOvertaken) && tries < 5; tries++ {
		var diff directoryDiff
		if err = s.look(ctx, "compare the directory", func(q querier) (err error) {
			diff, err = compareDirectory(ctx, q, account, d)
			return err
		}); err != nil {
			return err
		}
		err = s.change(ctx, "replace the directory", func(ctx context.Context, t *tx) error {
			return t.applyDirectory(ctx, account, d, diff)
		})
	}
	return err
}

// Directory returns what was last learned about the people of an account,
// without the lists. It is the zero value where nothing was.
func (s *Store) Directory(ctx context.Context, account app.AccountID) (app.Directory, error) {
	var out app.Directory
	err := s.look(ctx, "read the directory", func(q querier) (err error) {
		out, _, err = readDirectory(ctx, q, account)
		return err
	})
	return out, err
}

func readDirectory(ctx context.Context, q querier, account app.AccountID) (d app.Directory, version int64, err error) {
	var at int64
	err = q.row(ctx, `SELECT model, complete, at, version FROM directories WHERE account = ?`, account).Scan(&d.Model, &d.Complete, &at, &version)
	if errors.Is(err, sql.ErrNoRows) {
		return d, 0, nil
	}
	d.At = fromMillis(at)
	return d, version, err
}

// applyDirectory writes what differs.
func (t *tx) applyDirectory(ctx context.Context, account app.AccountID, d app.Directory, diff directoryDiff) error {
	if err := t.active(ctx, account); err != nil {
		return err
	}
	_, version, err := readDirectory(ctx, t, account)
	if err != nil {
		return err
	}
	if version != diff.version {
		return errOvertaken
	}
	at := d.At
	if at.IsZero() {
		at = t.now
	}
	if _, err := t.exec(ctx, `INSERT OR REPLACE INTO directories (account, model, complete, at, version) VALUES (?, ?, ?, ?, ?)`,
		account, d.Model, d.Complete, millis(at), version+1); err != nil {
		return err
	}
	if diff.empty() {
		return nil // the ordinary case: nobody has to look again
	}
	t.hint(app.TopicFacts)
	if err := t.putPeople(ctx, account, diff); err != nil {
		return fmt.Errorf("people: %w", err)
	}
	if err := t.putGrants(ctx, account, diff.grants); err != nil {
		return fmt.Errorf("grants: %w", err)
	}
	if err := t.putProducts(ctx, account, diff); err != nil {
		return fmt.Errorf("products: %w", err)
	}
	return nil
}
