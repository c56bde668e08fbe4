package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Backup makes the last good copy: the file that takes the database's place
// where that is found damaged. It reads every row, so that a damaged database
// fails here and never replaces a good copy. Run it daily; it takes a second
// for each 100 MB or so and does not hold writers up.
func (s *Store) Backup(ctx context.Context) error {
	if s.writer == nil {
		return fmt.Errorf("copy the database: %w", errReadOnly)
	}
	db, err := openRW(ctx, s.path)
	if err != nil {
		return explain("copy the database", err)
	}
	err = s.copyTo(ctx, db)
	if isCorrupt(err) {
		err = errors.Join(err, s.mark())
	}
	return explain("copy the database", errors.Join(err, db.Close()))
}

// copyTo copies db beside itself: first under another name, then, once it is
// on the disk and found sound, in place of the copy before.
func (s *Store) copyTo(ctx context.Context, db *sql.DB) error {
	good := filepath.Join(s.dir, goodName)
	next := good + nextSuffix
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if f, err := os.OpenFile(next, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err != nil {
		return err
	} else if err := f.Close(); err != nil {
		return err
	}
	_, err := db.ExecContext(ctx, "VACUUM INTO ?", next)
	if err == nil {
		err = soundCopy(ctx, next)
	}
	if err == nil {
		err = syncFile(next)
	}
	if err != nil {
		return errors.Join(err, os.Remove(next))
	}
	if err := os.Rename(next, good); err != nil {
		return err
	}
	return syncFolder(s.dir)
}

// soundCopy says whether the file at path can be read as a database of ours.
func soundCopy(ctx context.Context, path string) error {
	db, err := sql.Open("sqlite", dsn(path, "frozen"))
	if err != nil {
		return err
	}
	h, err := readHeader(ctx, db)
	if err == nil && h.application != applicationID {
		err = fmt.Errorf("the copy is not ours: %w", errDamaged)
	}
	if err == nil {
		err = h.forWriting(path)
	}
	if err == nil && h.version == latest() {
		err = glance(ctx, db)
	}
	return errors.Join(err, db.Close())
}

// mark notes that the database is damaged, so that the next start restores it.
func (s *Store) mark() error {
	return os.WriteFile(filepath.Join(s.dir, markName), nil, 0o600)
}

// duplicate copies a file and brings the copy to the disk.
func duplicate(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err == nil {
		err = out.Sync()
	}
	return errors.Join(err, out.Close())
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// syncFolder makes a rename durable. Windows neither needs nor allows it.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = f.Sync()
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrInvalid) {
		err = nil
	}
	return errors.Join(err, f.Close())
}
