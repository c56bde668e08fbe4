package store

import (
	"context"
	"strings"

	"bellhop/app"
)

// PeopleLike returns the first people of an account (0 = this machine) by user
// name who have a text in it or in their own name, whatever its case, and whether
// there are more than the limit. Those who left are not among them.
func (s *Store) PeopleLike(ctx context.Context, account app.AccountID, text string, limit int) (list []app.Person, more bool, err error) {
	like := "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text) + "%"
	err = s.look(ctx, "find people", func(q querier) error {
		id, err := orLocal(ctx, q, account)
		if err != nil {
			return err
		}
		list, err = people(q.query(ctx, `SELECT `+personColumns+` FROM people WHERE account = ?1 AND active = 1
			AND (username LIKE ?2 ESCAPE '\' OR first_name || ' ' || last_name LIKE ?2 ESCAPE '\') ORDER BY username, id LIMIT ?3`, id, like, limit+1))
		return err
	})
	if err != nil {
		return nil, false, err
	}
	if more = len(list) > limit; more {
		list = list[:limit]
	}
	return list, more, nil
}

// PersonWithID returns one person of an account (0 = this machine). The error
// matches [app.ErrNotFound] where there is none.
func (s *Store) PersonWithID(ctx context.Context, account app.AccountID, id app.PersonID) (app.Person, error) {
	var out app.Person
	err := s.look(ctx, "read the person", func(q querier) error {
		account, err := orLocal(ctx, q, account)
		if err != nil {
			return err
		}
		out, err = scanPerson(q.row(ctx, `SELECT `+personColumns+` FROM people WHERE account = ?1 AND id = ?2`, account, id))
		return orNotFound(err)
	})
	return out, err
}
