package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"bellhop/app"
)

const personColumns = `id, account, remote_id, username, first_name, last_name, email, slack, active, superuser, staff, me`

func personFields(p *app.Person) []any {
	return []any{
		&p.ID, &p.Account, &p.RemoteID, &p.Username, &p.FirstName, &p.LastName, &p.Email, &p.Slack,
		&p.Active, &p.Superuser, &p.Staff, &p.Me,
	}
}

func scanPerson(row interface{ Scan(...any) error }) (app.Person, error) {
	var p app.Person
	err := row.Scan(personFields(&p)...)
	return p, err
}

// People returns everybody of the account (0 = this machine), by id; who left
// the server is among them and not active.
func (s *Store) People(ctx context.Context, account app.AccountID) ([]app.Person, error) {
	var out []app.Person
	err := s.look(ctx, "list the people", func(q querier) error {
		id, err := orLocal(ctx, q, account)
		if err != nil {
			return err
		}
		out, err = people(q.query(ctx, `SELECT `+personColumns+` FROM people WHERE account = ? ORDER BY id`, id))
		return err
	})
	return out, err
}

func people(rows *sql.Rows, err error) ([]app.Person, error) {
	return all(rows, err, personFields)
}

// Person returns who has the user name in the account (0 = this machine); names
// are compared exactly, as the server does. Of several the one who is active is
// meant. The error matches [app.ErrNotFound] where there is nobody.
func (s *Store) Person(ctx context.Context, account app.AccountID, username string) (app.Person, error) {
	return s.onePerson(ctx, account, `username = ?2 ORDER BY active DESC, id DESC LIMIT 1`, username)
}

// Me returns the person who signed in to the account (0 = this machine). The
// error matches [app.ErrNotFound] where there is no such account.
func (s *Store) Me(ctx context.Context, account app.AccountID) (app.Person, error) {
	return s.onePerson(ctx, account, `me = 1 AND ?2 = ''`, "")
}

func (s *Store) onePerson(ctx context.Context, account app.AccountID, which, username string) (app.Person, error) {
	var out app.Person
	err := s.look(ctx, "read the person", func(q querier) error {
		id, err := orLocal(ctx, q, account)
		if err != nil {
			return err
		}
		out, err = scanPerson(q.row(ctx, `SELECT `+personColumns+` FROM people WHERE account = ?1
			AND account IN (SELECT id FROM accounts WHERE leaving = 0) AND `+which, id, username))
		return orNotFound(err)
	})
	return out, err
}

// putMe keeps the person who signed in beside her account: she is there from
// the first, and gets the server's id once it is known. On this machine alone
// nothing is kept from her.
func (t *tx) putMe(ctx context.Context, a app.Account) error {
	t.hint(app.TopicFacts)
	remote := max(a.UserID, 0)
	me, err := scanPerson(t.row(ctx, `SELECT `+personColumns+` FROM people WHERE account = ? AND me = 1`, a.ID))
	switch {
	case errors.Is(err, sql.ErrNoRows):
		// Somebody the last directory told of may be her.
		n, err := t.exec(ctx, `UPDATE people SET me = 1 WHERE account = ? AND remote_id = ? AND remote_id > 0`, a.ID, remote)
		if err != nil || n > 0 {
			return err
		}
		_, err = t.exec(ctx, `INSERT INTO people (account, remote_id, username, first_name, last_name, email, slack, active, superuser, staff, me)
			VALUES (?, ?, ?, '', '', '', '', 1, ?, 0, 1)`, a.ID, remote, a.Username, a.Local())
		return err
	case err != nil || remote == 0 || me.RemoteID == remote:
		return err
	case me.RemoteID > 0:
		// The account signs in as somebody else now.
		if _, err := t.exec(ctx, `UPDATE people SET me = 0 WHERE id = ?`, me.ID); err != nil {
			return err
		}
		return t.putMe(ctx, a)
	}
	return t.moveMe(ctx, a.ID, me.ID, remote)
}

// moveMe gives the person who signed in the server's id. A row that a directory
// made for that id is dropped for hers, which has her settings.
func (t *tx) moveMe(ctx context.Context, account app.AccountID, me app.PersonID, remote int64) error {
	if _, err := t.exec(ctx, `DELETE FROM people WHERE account = ? AND remote_id = ? AND id <> ?`, account, remote, me); err != nil {
		return err
	}
	_, err := t.exec(ctx, `UPDATE people SET remote_id = ? WHERE id = ?`, remote, me)
	return err
}

// putPeople writes the people that differ.
func (t *tx) putPeople(ctx context.Context, account app.AccountID, diff directoryDiff) error {
	var last int64
	if err := t.row(ctx, `SELECT coalesce(max(id), 0) FROM people`).Scan(&last); err != nil {
		return err
	}
	if diff.me != 0 {
		if err := t.nameMe(ctx, account, diff.me); err != nil {
			return err
		}
	}
	for _, p := range diff.people.add {
		if _, err := t.exec(ctx, `INSERT INTO people (account, remote_id, username, first_name, last_name, email, slack, active, superuser, staff, me)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT (account, remote_id) DO UPDATE SET username = excluded.username,
			first_name = excluded.first_name, last_name = excluded.last_name, email = excluded.email, slack = excluded.slack,
			active = excluded.active, superuser = excluded.superuser, staff = excluded.staff`,
			account, p.RemoteID, p.Username, p.FirstName, p.LastName, p.Email, p.Slack, p.Active, p.Superuser, p.Staff); err != nil {
			return fmt.Errorf("write %q: %w", p.Username, err)
		}
	}
	if diff.me != 0 {
		if _, err := t.exec(ctx, `UPDATE people SET me = 1 WHERE account = ? AND remote_id = ? AND me = 0`, account, diff.me); err != nil {
			return err
		}
	}
	for chunk := range slices.Chunk(diff.gone, deleteChunk) {
		if _, err := t.exec(ctx, `UPDATE people SET active = 0 WHERE id IN (SELECT value FROM json_each(?))`, jsonIDs(chunk)); err != nil {
			return err
		}
	}
	if !diff.wasComplete {
		return nil // they are new to us, not to the server
	}
	_, err := t.exec(ctx, `INSERT INTO preferences (account, owner, scope, person, product, channels, extra, version)
		SELECT p.account, 'local', 'personal', p.id, 0, w.channels, w.extra, 1 FROM people AS p JOIN preferences AS w
		ON w.account = p.account AND w.owner = 'local' AND w.scope = 'template' WHERE p.account = ? AND p.id > ?`, account, last)
	return err
}

// nameMe makes room for the person who signed in under the server's id: her row
// so far gets it, or stops to be hers.
func (t *tx) nameMe(ctx context.Context, account app.AccountID, remote int64) error {
	var me app.PersonID
	err := t.row(ctx, `SELECT id FROM people WHERE account = ? AND me = 1 AND remote_id = 0`, account).Scan(&me)
	if errors.Is(err, sql.ErrNoRows) {
		_, err = t.exec(ctx, `UPDATE people SET me = 0 WHERE account = ? AND me = 1 AND remote_id <> ?`, account, remote)
		return err
	}
	if err != nil {
		return err
	}
	return t.moveMe(ctx, account, me, remote)
}
