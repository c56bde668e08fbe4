package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"bellhop/app"
)

// migrations holds one file for each step of the schema, NNNN_name.sql. A
// released file is never changed; a change is a new file.
//
//go:embed migrations/*.sql
var migrations embed.FS

// header is what the file says about itself.
type header struct {
	application int64
	version     int // number of the last migration
	tables      int // objects in the schema
}

func readHeader(ctx context.Context, db *sql.DB) (header, error) {
	var h header
	err := db.QueryRowContext(ctx, `SELECT
		(SELECT application_id FROM pragma_application_id),
		(SELECT user_version FROM pragma_user_version),
		(SELECT count(*) FROM sqlite_schema)`).Scan(&h.application, &h.version, &h.tables)
	if err != nil {
		return h, fmt.Errorf("read the header: %w", err)
	}
	return h, nil
}

// latest returns the version that this program writes.
func latest() int {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return 0 // Glob fails for a malformed pattern only
	}
	return len(names)
}

// forWriting says whether this program may write to a file with the header.
func (h header) forWriting(path string) error {
	switch {
	case h.application == 0 && h.version == 0 && h.tables == 0:
		return nil // an empty file
	case h.application != applicationID:
		return app.NewProblem("not_a_bellhop_database", "The file "+path+" belongs to another program.",
			"Choose another folder with --data-dir, or move the file away.", true, nil)
	case h.version > latest():
		return newer(path)
	}
	return nil
}

// forReading says whether this program may read a file with the header.
func (h header) forReading(dir string) error {
	switch {
	case h.application == 0 && h.version == 0 && h.tables == 0:
		return notThereYet(dir) // the bell is making it just now
	case h.application == applicationID && h.version < latest():
		return app.NewProblem("older_database", "The database is from an older Bellhop.",
			"Start Bellhop once: it brings the database up to date.", true, nil)
	}
	return h.forWriting(dir)
}

func newer(path string) error {
	return app.NewProblem("newer_database", "The database "+path+" was written by a newer Bellhop.",
		"Install the newest Bellhop, or choose another folder with --data-dir. Nothing was changed.", true, app.ErrNewerDatabase)
}

// migrate brings db from the version in h to the latest one, step by step, each
// in a transaction that also records its number. A file with content is copied
// first: the copy is the one that a damaged file is replaced with.
func (s *Store) migrate(ctx context.Context, db *sql.DB, h header) error {
	if h.version == latest() {
		return nil
	}
	if h.version > 0 {
		if err := s.copyTo(ctx, db); err != nil {
			return fmt.Errorf("copy before the migration: %w", err)
		}
	}
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	slices.Sort(names)
	for i, name := range names[h.version:] {
		if err := migrateTo(ctx, db, name, h.version+i+1); err != nil {
			return fmt.Errorf("migration %s: %w", name, err)
		}
	}
	return nil
}

func migrateTo(ctx context.Context, db *sql.DB, name string, version int) error {
	text, err := fs.ReadFile(migrations, name)
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	for _, stmt := range []string{
		string(text),
		fmt.Sprintf("PRAGMA application_id = %d", applicationID),
		fmt.Sprintf("PRAGMA user_version = %d", version),
	} {
		if _, err := tx.ExecContext(ctx, stmt); err != nil {
			return errors.Join(err, ended(tx.Rollback()))
		}
	}
	return tx.Commit()
}

// ended drops the error of a transaction that was over before.
func ended(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}
