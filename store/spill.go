package store

import (
	"context"
	"database/sql"
	"errors"

	"bellhop/app"
)

// spillStage is the stage of a very large answer: a private SQLite database
// without a name, which lives in the system's folder for temporary files and
// is gone when it is closed, however the program ends.
type spillStage struct {
	db    *sql.DB
	conn  *sql.Conn
	n     int // how many are staged, -1 where that has to be counted
	index bool
}

func newSpillStage(ctx context.Context) (*spillStage, error) {
	db, err := sql.Open("sqlite", "")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	s := &spillStage{db: db, conn: conn}
	for _, text := range []string{
		`PRAGMA journal_mode = OFF`,
		`PRAGMA synchronous = OFF`,
		`CREATE TABLE staged (key INTEGER PRIMARY KEY, user INTEGER, title TEXT, description TEXT, url TEXT, source TEXT, icon TEXT,
			created INTEGER, known INTEGER NOT NULL DEFAULT 0) STRICT`,
	} {
		if _, err := conn.ExecContext(ctx, text); err != nil {
			return nil, errors.Join(err, s.close())
		}
	}
	return s, nil
}

func (s *spillStage) add(ctx context.Context, alerts []app.Remote) (err error) {
	tx, err := s.conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ended(tx.Rollback())) }()
	stmt, err := tx.PrepareContext(ctx, `INSERT OR REPLACE INTO staged (key, user, title, description, url, source, icon, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`)
	if err != nil {
		return err
	}
	defer func() { _ = stmt.Close() }()
	for _, a := range alerts {
		if _, err := stmt.ExecContext(ctx, a.ID, a.UserID, a.Title, a.Description, a.URL, a.Source, a.Icon, millis(a.Created)); err != nil {
			return err
		}
	}
	s.n = -1
	return tx.Commit()
}

func (s *spillStage) len(ctx context.Context) (int, error) {
	if s.n < 0 {
		if err := s.conn.QueryRowContext(ctx, `SELECT count(*) FROM staged`).Scan(&s.n); err != nil {
			return 0, err
		}
	}
	return s.n, nil
}

func (s *spillStage) each(ctx context.Context, onlyNew bool, fn func([]app.Remote) error) error {
	if !s.index {
		if _, err := s.conn.ExecContext(ctx, `CREATE INDEX in_order ON staged (created, key)`); err != nil {
			return err
		}
		s.index = true
	}
	created, key := int64(-1)<<63, int64(-1)<<63
	for {
		chunk, err := s.chunk(ctx, onlyNew, created, key)
		if err != nil || len(chunk) == 0 {
			return err
		}
		if err := fn(chunk); err != nil {
			return err
		}
		last := chunk[len(chunk)-1]
		created, key = millis(last.Created), last.ID
	}
}

func (s *spillStage) chunk(ctx context.Context, onlyNew bool, created, key int64) ([]app.Remote, error) {
	rows, err := s.conn.QueryContext(ctx, `SELECT key, user, title, description, url, source, icon, created FROM staged
		WHERE (created, key) > (?, ?) AND known <= ? ORDER BY created, key LIMIT ?`, created, key, !onlyNew, applyChunk)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []app.Remote
	for rows.Next() {
		var a app.Remote
		var at int64
		if err := rows.Scan(&a.ID, &a.UserID, &a.Title, &a.Description, &a.URL, &a.Source, &a.Icon, &at); err != nil {
			return nil, err
		}
		a.Created = fromMillis(at)
		out = append(out, a)
	}
	return out, rows.Err()
}

func (s *spillStage) know(ctx context.Context, keys []int64) error {
	_, err := s.conn.ExecContext(ctx, `UPDATE staged SET known = 1 WHERE key IN (SELECT value FROM json_each(?))`, jsonIDs(keys))
	return err
}

func (s *spillStage) forget(ctx context.Context) error {
	_, err := s.conn.ExecContext(ctx, `UPDATE staged SET known = 0 WHERE known = 1`)
	return err
}

func (s *spillStage) close() error {
	err := s.conn.Close()
	if errors.Is(err, sql.ErrConnDone) {
		return nil
	}
	return errors.Join(err, s.db.Close())
}
