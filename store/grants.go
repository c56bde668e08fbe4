package store

import (
	"context"
	"database/sql"
	"errors"

	"bellhop/app"
)

// Grants returns every way by which the people of the account (0 = this
// machine) may see something, by person.
func (s *Store) Grants(ctx context.Context, account app.AccountID) ([]app.Grant, error) {
	var out []app.Grant
	err := s.look(ctx, "list the grants", func(q querier) error {
		id, err := orLocal(ctx, q, account)
		if err != nil {
			return err
		}
		out, err = grants(q.query(ctx, grantQuery+` WHERE p.account = ? ORDER BY p.id`, id))
		return err
	})
	return out, err
}

const grantQuery = `SELECT g.person, g.scope, g.object, g.role, g.through FROM people AS p CROSS JOIN grants AS g ON g.person = p.id`

func grants(rows *sql.Rows, err error) ([]app.Grant, error) {
	return all(rows, err, func(g *app.Grant) []any { return []any{&g.Person, &g.Scope, &g.Object, &g.Role, &g.Group} })
}

// putGrants writes the grants that differ.
func (t *tx) putGrants(ctx context.Context, account app.AccountID, diff listDiff[app.DirectoryGrant]) error {
	var user int64
	var person app.PersonID
	// Grants come by user, so that each is looked up once.
	find := func(g app.DirectoryGrant) error {
		if g.User == user {
			return nil
		}
		user, person = g.User, 0
		err := t.row(ctx, `SELECT id FROM people WHERE account = ? AND remote_id = ?`, account, user).Scan(&person)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	}
	for _, list := range []struct {
		text   string
		grants []app.DirectoryGrant
	}{
		{`DELETE FROM grants WHERE person = ? AND scope = ? AND object = ? AND role = ? AND through = ?`, diff.drop},
		{`INSERT OR REPLACE INTO grants (person, scope, object, role, through) VALUES (?, ?, ?, ?, ?)`, diff.add},
	} {
		user = 0
		for _, g := range list.grants {
			if err := find(g); err != nil {
				return err
			}
			if person == 0 {
				continue
			}
			if _, err := t.exec(ctx, list.text, person, g.Scope, g.Object, g.Role, g.Group); err != nil {
				return err
			}
		}
	}
	return nil
}
