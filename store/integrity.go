package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"bellhop/app"
)

const (
	// goodName is the last good copy, made by [Store.Backup].
	goodName = "bellhop.db.good"
	// markName is an empty file that a check leaves where it found damage that
	// a glance at the next start could miss.
	markName = "bellhop.db.damaged"
)

// openSound opens the file for writing, restores it where it is damaged, and
// brings it up to date.
func (s *Store) openSound(ctx context.Context) (*sql.DB, error) {
	db, err := s.openChecked(ctx)
	if err == nil || !isCorrupt(err) {
		return db, err
	}
	s.log.ErrorContext(ctx, "database damaged", "error", err)
	if err := s.restore(ctx); err != nil {
		return nil, err
	}
	return s.openChecked(ctx)
}

func (s *Store) openChecked(ctx context.Context) (*sql.DB, error) {
	if _, err := os.Stat(filepath.Join(s.dir, markName)); err == nil {
		return nil, fmt.Errorf("a check found it: %w", errDamaged)
	}
	db, err := openRW(ctx, s.path)
	if err != nil {
		return nil, err
	}
	h, err := readHeader(ctx, db)
	if err == nil {
		err = h.forWriting(s.path)
	}
	if err == nil {
		err = s.migrate(ctx, db, h)
	}
	if err == nil && h.version > 0 {
		err = glance(ctx, db)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// glances reads the ends and a few rows between of everything that grows, and
// the whole of what stays small. A damaged page elsewhere is found by
// [Store.Check], which reads all of the file.
var glances = []string{
	`SELECT count(*) FROM sqlite_schema`,
	`SELECT sum(length(url)) FROM accounts`,
	`SELECT sum(listed + looked) FROM heads`,
	`SELECT sum(length(phase) + length(problem)) FROM sync_states`,
	`SELECT sum(length(key) + length(value)) FROM settings`,
	`SELECT sum(length(title) + length(description)) FROM alerts WHERE id IN (SELECT min(id) FROM alerts UNION SELECT max(id) FROM alerts)`,
	`WITH RECURSIVE step (i, last) AS (SELECT 1, (SELECT max(id) FROM alerts) UNION ALL SELECT i + 1, last FROM step WHERE i < 16)
		SELECT sum(length(a.description)) FROM step JOIN alerts AS a ON a.id = step.last * step.i / 17`,
	`SELECT max(remote_id) FROM alerts WHERE account = (SELECT min(account) FROM heads)`,
	`SELECT sum(length(ids)) FROM (SELECT ids FROM list ORDER BY account DESC, block DESC LIMIT 8)`,
	`SELECT count(*) FROM (SELECT * FROM departed ORDER BY account DESC, alert DESC LIMIT 8)`,
	`SELECT sum(length(ids)) FROM (SELECT ids FROM departed_sets ORDER BY account DESC, block DESC LIMIT 8)`,
	`SELECT sum(length(ids)) FROM (SELECT ids FROM pending LIMIT 8)`,
	`SELECT count(*) FROM (SELECT * FROM departures ORDER BY id DESC LIMIT 8)`,
	`SELECT count(*) FROM (SELECT * FROM events WHERE routed_at IS NULL ORDER BY id LIMIT 8)`,
	`SELECT sum(length(call)) FROM (SELECT call FROM events ORDER BY id DESC LIMIT 8)`,
	`SELECT sum(length(list)) FROM (SELECT list FROM decisions ORDER BY event DESC LIMIT 8)`,
	`SELECT sum(length(list)) FROM (SELECT list FROM packs ORDER BY id LIMIT 8)`,
	`SELECT sum(length(list)) FROM (SELECT list FROM lots ORDER BY id LIMIT 8)`,
	`SELECT sum(n) FROM lot_states`,
	`SELECT sum(length(list)) FROM (SELECT list FROM lot_sent ORDER BY id DESC LIMIT 8)`,
	`SELECT sum(n) FROM delivery_counts`,
	`SELECT count(*) FROM (SELECT * FROM lanes ORDER BY id DESC LIMIT 8)`,
	`SELECT sum(length(answer)) FROM (SELECT answer FROM deliveries ORDER BY id DESC LIMIT 8)`,
	`SELECT count(*) FROM (SELECT * FROM attempts ORDER BY delivery DESC, n DESC LIMIT 8)`,
	`SELECT sum(length(value)) FROM cursors`,
	`SELECT sum(version) FROM directories`,
	`SELECT sum(length(username)) FROM (SELECT username FROM people WHERE me = 1 LIMIT 64)`,
	`SELECT sum(length(username)) FROM (SELECT username FROM people ORDER BY id DESC LIMIT 8)`,
	`SELECT count(*) FROM (SELECT * FROM grants ORDER BY person DESC LIMIT 8)`,
	`SELECT sum(length(name)) FROM (SELECT name FROM products ORDER BY account DESC, id DESC LIMIT 8)`,
	`SELECT sum(length(channels) + length(extra)) FROM (SELECT channels, extra FROM preferences ORDER BY id DESC LIMIT 8)`,
	`SELECT sum(length(after)) FROM (SELECT after FROM preference_changes ORDER BY id DESC LIMIT 8)`,
	`SELECT sum(length(name) + length(address)) FROM (SELECT name, address FROM destinations ORDER BY id LIMIT 64)`,
	`SELECT length(block) FROM alert_words_data WHERE id = 1`,
}

func glance(ctx context.Context, db *sql.DB) error {
	for _, text := range glances {
		var n sql.NullInt64
		if err := db.QueryRowContext(ctx, text).Scan(&n); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("read some rows: %w", err)
		}
	}
	return nil
}

// restore sets the damaged file aside and puts the last good copy in its place,
// or nothing where there is none; then an empty database is made. Each step
// leaves the folder so that the next start can go on: see [Store.resume].
func (s *Store) restore(ctx context.Context) error {
	made, err := s.prepare(ctx)
	if err != nil {
		return fmt.Errorf("read the last good copy: %w", err)
	}
	aside := s.path + ".corrupt-" + s.now().UTC().Format("20060102T150405.000Z")
	for _, suffix := range []string{"-shm", "-wal", ""} {
		if err := os.Rename(s.path+suffix, aside+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("set the damaged database aside: %w", err)
		}
	}
	if !made.IsZero() {
		if err := os.Rename(s.path+nextSuffix, s.path); err != nil {
			return fmt.Errorf("restore the last good copy: %w", err)
		}
	} else if err := makeFolder(s.dir, s.path); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(s.dir, markName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the mark of damage: %w", err)
	}
	if made.IsZero() {
		s.notice(app.NewProblem("database_lost", "The database was damaged and there was no good copy of it, so Bellhop began a new one.",
			"Connect your accounts again: the alerts come back from the server. The damaged file is kept as "+filepath.Base(aside)+".", false, nil))
		return nil
	}
	s.notice(app.NewProblem("database_restored", "The database was damaged; Bellhop restored its copy of "+made.Local().Format("2 January 2006, 15:04")+".",
		"There is nothing to do: alerts since then come back from the server. The damaged file is kept as "+filepath.Base(aside)+".", false, nil))
	return nil
}

// nextSuffix ends the name of a file that is about to take its place.
const nextSuffix = ".next"

// prepare duplicates the good copy beside the database and returns when the
// copy was made: the zero time where there is none that can be read.
func (s *Store) prepare(ctx context.Context) (time.Time, error) {
	good := filepath.Join(s.dir, goodName)
	info, err := os.Stat(good)
	if errors.Is(err, fs.ErrNotExist) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, err
	}
	if err := duplicate(good, s.path+nextSuffix); err != nil {
		return time.Time{}, err
	}
	if err := soundCopy(ctx, s.path+nextSuffix); err != nil {
		s.log.ErrorContext(ctx, "good copy damaged", "error", err)
		return time.Time{}, os.Remove(s.path + nextSuffix)
	}
	return info.ModTime(), nil
}

// resume finishes a restoration that was cut off after the damaged file had
// been set aside.
func (s *Store) resume(ctx context.Context) error {
	if _, err := os.Stat(s.path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	next := s.path + nextSuffix
	if _, err := os.Stat(next); err != nil {
		return nil //nolint:nilerr // the ordinary case: there is nothing to finish
	}
	if err := soundCopy(ctx, next); err != nil {
		return errors.Join(os.Remove(next))
	}
	return os.Rename(next, s.path)
}
