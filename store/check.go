package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"bellhop/app"
)

// Check looks at the database thoroughly, for the doctor: it reads every page
// of the file (a second for some hundred megabytes) and recounts. Damage is
// noted, so that the next start restores the last good copy.
func (s *Store) Check(ctx context.Context) ([]app.Check, error) {
	database := app.Check{Name: "database", OK: true}
	alerts, err := s.examine(ctx)
	if isCorrupt(err) {
		// A restoration loses what came since the copy: look twice.
		alerts, err = s.examine(ctx)
	}
	switch {
	case isCorrupt(err):
		database.OK, database.Detail = false, err.Error()
		database.Step = "Quit Bellhop and start it again: it then restores the last good copy."
		if err := s.mark(); err != nil {
			return nil, explain("note the damage", err)
		}
	case err != nil:
		return nil, explain("check the database", err)
	default:
		database.Detail = fmt.Sprintf("%s, %d alerts, %d MB", s.path, alerts, s.size()/1e6)
	}
	return []app.Check{database, s.checkCopy()}, nil
}

func (s *Store) checkCopy() app.Check {
	out := app.Check{Name: "database_copy", OK: true}
	info, err := os.Stat(filepath.Join(s.dir, goodName))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		out.Detail = "none yet; Bellhop makes one every day"
	case err != nil:
		out.OK, out.Detail, out.Step = false, err.Error(), "Make the data folder readable for your user."
	default:
		out.Detail = "of " + info.ModTime().Format(time.DateTime)
	}
	return out
}

func (s *Store) size() int64 {
	info, err := os.Stat(s.path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// examine returns the number of alerts; its error matches [errDamaged] or
// SQLite's own where something is wrong. It uses a connection of its own: on one
// that has searched before, SQLite compares the full-text index with what it
// remembers of it, and takes what another connection wrote since for damage.
func (s *Store) examine(ctx context.Context) (int, error) {
	fresh, err := openReaders(s.path, s.read.mode)
	if err != nil {
		return 0, err
	}
	alerts := 0
	err = fresh.look(ctx, "examine", func(q querier) error {
		// Both report by rows: the statement succeeds whatever they find.
		for _, text := range []string{
			`SELECT quick_check FROM pragma_quick_check WHERE quick_check <> 'ok'`,
			`SELECT "table" || ' refers to a missing ' || parent FROM pragma_foreign_key_check LIMIT 3`,
		} {
			if err := complaints(ctx, q, text); err != nil {
				return err
			}
		}
		heads, err := readHeads(ctx, q, 0)
		if err != nil {
			return err
		}
		for _, h := range heads {
			n, err := examineAccount(ctx, q, h.account)
			if err != nil {
				return err
			}
			alerts += n
		}
		return nil
	})
	return alerts, errors.Join(err, fresh.close())
}

// complaints fails with what a question returns.
func complaints(ctx context.Context, q querier, text string) error {
	rows, err := q.query(ctx, text)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	var errs []error
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return err
		}
		errs = append(errs, fmt.Errorf("%w: %s", errDamaged, one))
	}
	return errors.Join(append(errs, rows.Err())...)
}

// examineAccount checks that each alert is in exactly one of the list and the
// departures, that what is pending has left, and that the counter is right.
func examineAccount(ctx context.Context, q querier, account app.AccountID) (int, error) {
	list, err := listed(ctx, q, account, lastID)
	if err != nil {
		return 0, err
	}
	var counter int
	if err := q.row(ctx, `SELECT listed FROM heads WHERE account = ?`, account).Scan(&counter); err != nil {
		return 0, err
	}
	if counter != list.len() {
		return 0, fmt.Errorf("%w: account %d counts %d alerts, its list has %d", errDamaged, account, counter, list.len())
	}
	every, err := setOf(q.query(ctx, `SELECT id FROM alerts WHERE account = ?`, account))
	if err != nil {
		return 0, err
	}
	gone, err := setOf(q.query(ctx, `SELECT alert FROM departed WHERE account = ?`, account))
	if err != nil {
		return 0, err
	}
	n := gone.len()
	large, err := readSet(q.query(ctx, `SELECT block, ids FROM departed_sets WHERE account = ?`, account))
	if err != nil {
		return 0, err
	}
	var m int
	if err := q.row(ctx, `SELECT coalesce(sum(n), 0) FROM departed_sets WHERE account = ?`, account).Scan(&m); err != nil {
		return 0, err
	}
	gone.union(large)
	pending, err := pendingOf(ctx, q, account)
	if err != nil {
		return 0, err
	}
	both := list.minus(nil)
	both.union(gone)
	switch {
	case gone.len() != n+m:
		err = errors.New("an alert has left the list twice")
	case len(list.and(gone)) > 0:
		err = errors.New("an alert is in the list and in the history")
	case len(both.minus(every)) > 0:
		err = errors.New("an alert is missing")
	case len(every.minus(both)) > 0:
		err = errors.New("an alert is neither in the list nor in the history")
	case len(pending.minus(gone)) > 0:
		err = errors.New("a waiting removal has not left the list")
	}
	if err != nil {
		return 0, fmt.Errorf("%w: account %d: %w", errDamaged, account, err)
	}
	return every.len(), nil
}
