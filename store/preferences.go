package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"bellhop/app"
)

const preferenceColumns = `account, owner, scope, ifnull(person, 0), product, channels, extra, version`

// Preferences returns the rows of settings of an account (0 = this machine)
// that an owner keeps: the system row, the template, then people by id with
// their product rows.
func (s *Store) Preferences(ctx context.Context, account app.AccountID, owner app.Owner) ([]app.Preference, error) {
	var out []app.Preference
	err := s.look(ctx, "list the notification settings", func(q querier) error {
		id, err := orLocal(ctx, q, account)
		if err != nil {
			return err
		}
		out, err = preferences(q.query(ctx, `SELECT `+preferenceColumns+` FROM preferences WHERE account = ? AND owner = ?
			ORDER BY CASE scope WHEN 'system' THEN 0 WHEN 'template' THEN 1 ELSE 2 END, person, product`, id, owner))
		return err
	})
	return out, err
}

func preferences(rows *sql.Rows, err error) ([]app.Preference, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []app.Preference
	for rows.Next() {
		var p app.Preference
		var channels, extra sql.RawBytes
		if err := rows.Scan(&p.Account, &p.Owner, &p.Scope, &p.Person, &p.Product, &channels, &extra, &p.Version); err != nil {
			return nil, err
		}
		if len(channels) != len(p.Row) {
			return nil, fmt.Errorf("a row of settings has %d events: %w", len(channels), errDamaged)
		}
		for c, set := range channels {
			p.Row[c] = app.Channels(set) & app.AllChannels
		}
		if len(extra) > 0 {
			if err := json.Unmarshal(extra, &p.Extra); err != nil {
				return nil, errors.Join(errDamaged, fmt.Errorf("a row of settings: %w", err))
			}
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

// PutPreference stores one of Bellhop's own rows and who changed it, and returns
// it with its new version. p.Version is the version that the change was made
// from, 0 for a row that is new; where another one is stored, the error is a
// problem that matches [app.ErrConflict] and nothing is changed.
func (s *Store) PutPreference(ctx context.Context, p app.Preference, who string) (app.Preference, error) {
	var out app.Preference
	err := s.change(ctx, "change the notification settings", func(ctx context.Context, t *tx) error {
		out = p
		if err := t.checkPreference(ctx, &out); err != nil {
			return err
		}
		before, err := t.preference(ctx, out)
		if err != nil {
			return err
		}
		if versionOf(before) != p.Version {
			return conflict()
		}
		return t.putPreference(ctx, &out, before, who)
	})
	if err != nil {
		return app.Preference{}, err
	}
	return out, nil
}

// DropPreference deletes one of Bellhop's own rows: whom it spoke for follows
// the default again. A version other than 0 must be the stored one, as with
// [Store.PutPreference]. The error matches [app.ErrNotFound] where there is no
// such row.
func (s *Store) DropPreference(ctx context.Context, p app.Preference, who string) error {
	return s.change(ctx, "drop notification settings", func(ctx context.Context, t *tx) error {
		p := p
		if err := t.checkPreference(ctx, &p); err != nil {
			return err
		}
		before, err := t.preference(ctx, p)
		switch {
		case err != nil:
			return err
		case before == nil:
			return app.ErrNotFound
		case p.Version != 0 && p.Version != before.Version:
			return conflict()
		}
		if _, err := t.exec(ctx, `DELETE FROM preferences WHERE `+thisPreference, p.Account, p.Owner, p.Scope, p.Person, p.Product); err != nil {
			return err
		}
		return t.noteChange(ctx, before, nil, who)
	})
}

// ImportPreferences stores some of Bellhop's own rows: all of them, or none
// where one is refused. Their versions are not compared: what the file says
// counts. Rows that are not in the list stay, and so do the columns of a product's
// row that nobody can choose (see [app.Row.Kept]), where the list has none of
// them. The error is a problem that names
// every row that cannot be used.
func (s *Store) ImportPreferences(ctx context.Context, list []app.Preference, who string) error {
	return s.change(ctx, "import notification settings", func(ctx context.Context, t *tx) error {
		var wrong []string
		for i, p := range list {
			err := t.checkPreference(ctx, &p)
			if problem, is := errors.AsType[*app.Problem](err); is {
				wrong = append(wrong, fmt.Sprintf("row %d: %s", i+1, problem.Message))
				continue
			}
			if err != nil {
				return err
			}
			before, err := t.preference(ctx, p)
			if err != nil {
				return err
			}
			if none := (app.Row{}); p.Scope == app.ScopeProduct && before != nil && p.Row.Kept() == none {
				p.Row = p.Row.Union(before.Row.Kept())
			}
			if err := t.putPreference(ctx, &p, before, who); err != nil {
				return err
			}
		}
		if len(wrong) > 0 {
			const shown = 20
			if more := len(wrong) - shown; more > 0 {
				wrong = append(wrong[:shown], fmt.Sprintf("and %d more", more))
			}
			return app.Invalid("Nothing was imported: "+strings.Join(wrong, " "), "Correct these rows and import the file again.")
		}
		return nil
	})
}

// ReplaceServerPreferences replaces what is known of the rows that the account's
// server keeps, by difference. Bellhop's own rows are not touched.
func (s *Store) ReplaceServerPreferences(ctx context.Context, account app.AccountID, list []app.Preference) error {
	return s.change(ctx, "store the server's notification settings", func(ctx context.Context, t *tx) error {
		stored, err := preferences(t.query(ctx, `SELECT `+preferenceColumns+` FROM preferences WHERE account = ? AND owner = 'server'`, account))
		if err != nil {
			return err
		}
		left := make(map[rowName]app.Preference, len(stored))
		for _, p := range stored {
			left[nameOf(p)] = p
		}
		for i, p := range list {
			p.Account, p.Owner = account, app.OwnerServer
			if err := t.checkPreference(ctx, &p); err != nil {
				return fmt.Errorf("row %d: %w", i+1, err)
			}
			var before *app.Preference
			if have, ok := left[nameOf(p)]; ok {
				before = &have
				delete(left, nameOf(p))
			}
			if err := t.putPreference(ctx, &p, before, ""); err != nil {
				return err
			}
		}
		for _, p := range left {
			t.hint(app.TopicFacts)
			if _, err := t.exec(ctx, `DELETE FROM preferences WHERE `+thisPreference, p.Account, p.Owner, p.Scope, p.Person, p.Product); err != nil {
				return err
			}
		}
		return nil
	})
}

func conflict() error {
	return app.NewProblem("changed_meanwhile", "These notification settings were changed by somebody else meanwhile.",
		"Look at them again and repeat the change.", true, app.ErrConflict)
}

func versionOf(p *app.Preference) int64 {
	if p == nil {
		return 0
	}
	return p.Version
}

// rowName is what tells the rows of one account and owner apart.
type rowName struct {
	scope   app.Scope
	person  app.PersonID
	product int64
}

func nameOf(p app.Preference) rowName { return rowName{p.Scope, p.Person, p.Product} }

// thisPreference is the condition that names a row.
const thisPreference = `account = ? AND owner = ? AND scope = ? AND ifnull(person, 0) = ? AND product = ?`

// preference returns the stored row of the same name, or nil.
func (t *tx) preference(ctx context.Context, p app.Preference) (*app.Preference, error) {
	found, err := preferences(t.query(ctx, `SELECT `+preferenceColumns+` FROM preferences WHERE `+thisPreference,
		p.Account, p.Owner, p.Scope, p.Person, p.Product))
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// putPreference writes a row that was checked, unless it says what it said
// before, and notes who changed one of Bellhop's own.
func (t *tx) putPreference(ctx context.Context, p *app.Preference, before *app.Preference, who string) error {
	extra, err := extraText(p.Extra)
	if err != nil {
		return err
	}
	if before != nil {
		was, err := extraText(before.Extra)
		if err != nil {
			return err
		}
		if p.Version = before.Version; before.Row == p.Row && was == extra {
			return nil
		}
	}
	p.Version = versionOf(before) + 1
	channels := make([]byte, len(p.Row))
	for c, set := range p.Row {
		channels[c] = byte(set)
	}
	var person any
	if p.Person != 0 {
		person = p.Person
	}
	t.hint(app.TopicFacts)
	if before == nil {
		_, err = t.exec(ctx, `INSERT INTO preferences (account, owner, scope, person, product, channels, extra, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			p.Account, p.Owner, p.Scope, person, p.Product, channels, extra, p.Version)
	} else {
		_, err = t.exec(ctx, `UPDATE preferences SET channels = ?, extra = ?, version = ? WHERE `+thisPreference,
			channels, extra, p.Version, p.Account, p.Owner, p.Scope, p.Person, p.Product)
	}
	if err != nil || p.Owner != app.OwnerLocal {
		return err
	}
	return t.noteChange(ctx, before, p, who)
}

func extraText(x app.Extra) (string, error) {
	if x.IsZero() {
		return "", nil
	}
	text, err := json.Marshal(x)
	return string(text), err
}

// checkPreference refuses what no row can be, and fills in this machine's
// account. Whom it speaks for must be there.
func (t *tx) checkPreference(ctx context.Context, p *app.Preference) error {
	if p.Owner == "" {
		p.Owner = app.OwnerLocal
	}
	personal := p.Scope == app.ScopePersonal || p.Scope == app.ScopeProduct
	switch {
	case p.Owner != app.OwnerLocal && p.Owner != app.OwnerServer:
		return wrongRow("%q keeps no settings.", p.Owner)
	case !personal && p.Scope != app.ScopeSystem && p.Scope != app.ScopeTemplate:
		return wrongRow("There is no scope %q.", p.Scope)
	case personal != (p.Person > 0):
		return wrongRow("A row of the scope %s names a person where it must not, or names none.", p.Scope)
	case (p.Scope == app.ScopeProduct) != (p.Product > 0):
		return wrongRow("A row of the scope %s names a product where it must not, or names none.", p.Scope)
	case p.Owner == app.OwnerServer && !p.Extra.IsZero():
		return wrongRow("A server keeps no %s.", "conditions")
	}
	account, err := t.known(ctx, p.Account)
	if errors.Is(err, app.ErrNotFound) {
		return wrongRow("There is no account %d.", p.Account)
	}
	if p.Account = account; err != nil || !personal {
		return err
	}
	var there bool
	if err := t.row(ctx, `SELECT EXISTS (SELECT 1 FROM people WHERE id = ? AND account = ?)`, p.Person, p.Account).Scan(&there); err != nil {
		return err
	}
	if !there {
		return wrongRow("There is no person %d in this account.", p.Person)
	}
	return nil
}

func wrongRow(format string, what any) error {
	return app.Invalid(fmt.Sprintf(format, what), "The scopes are system, template, personal and product; the last two name a person, the last also a product.")
}
