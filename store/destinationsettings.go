package store

import (
	"context"
	"database/sql"
	"errors"

	"bellhop/app"
)

// ForgetSettings takes what is set of destinations under these names out of the
// database so that nothing of it is left in its files: it was secret, and an
// earlier Bellhop kept it here. The table is written anew over zeros, the
// write-ahead log emptied, and the last good copy replaced. What is done twice
// does no harm.
func (s *Store) ForgetSettings(ctx context.Context, names map[app.DestinationID][]string) error {
	err := s.change(ctx, "forget what was set of destinations", func(ctx context.Context, t *tx) (err error) {
		// SQLite leaves what it deletes in the file until something else needs
		// the room; with this it writes zeros there at once.
		if _, err := t.exec(ctx, `PRAGMA secure_delete = ON`); err != nil {
			return err
		}
		defer func() {
			_, off := t.exec(ctx, `PRAGMA secure_delete = OFF`) // it doubles what deleting history writes
			err = errors.Join(err, off)
		}()
		list, err := destinations(t.query(ctx, `SELECT `+destinationColumns+` FROM destinations`))
		if err != nil {
			return err
		}
		for _, d := range list {
			if len(names[d.ID]) == 0 {
				continue
			}
			for _, name := range names[d.ID] {
				delete(d.Config, name)
			}
			config, err := configText(d.Config)
			if err != nil {
				return err
			}
			if _, err := t.exec(ctx, `UPDATE destinations SET config = ? WHERE id = ?`, config, d.ID); err != nil {
				return err
			}
		}
		// Rows as they were before other changes lie between those of today.
		for _, step := range []string{
			`CREATE TEMP TABLE destinations_kept AS SELECT * FROM destinations`,
			`DELETE FROM destinations`,
			`INSERT INTO destinations SELECT * FROM destinations_kept`,
			`DROP TABLE destinations_kept`,
		} {
			if _, err := t.exec(ctx, step); err != nil {
				return err
			}
		}
		t.hint(app.TopicFacts)
		return nil
	})
	if err != nil {
		return err
	}
	if err := s.emptyLog(ctx); err != nil {
		return explain("empty the write-ahead log", err)
	}
	return s.Backup(ctx)
}

// emptyLog brings all of the write-ahead log into the file and makes it empty.
func (s *Store) emptyLog(ctx context.Context) (err error) {
	db, err := openRW(ctx, s.path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var busy, pages, moved sql.NullInt64
	if err := db.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages, &moved); err != nil {
		return err
	}
	if busy.Int64 != 0 {
		return errors.New("somebody reads the database all the time")
	}
	return nil
}
