package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"bellhop/app"

	_ "modernc.org/sqlite" // the driver
)

// fileName is the database in the data folder.
const fileName = "bellhop.db"

// applicationID marks the file as Bellhop's in its header ("Bell" in ASCII),
// so that file(1) and Bellhop itself can tell it from other SQLite files.
const applicationID = 0x42656c6c

// Open opens the database in the data folder, and makes it where there is none.
// A damaged file is set aside and the last good copy put in its place, which
// [Store.Notices] then tells. Opening does not depend on how much is stored.
//
// The error is a [app.Problem]; it matches [app.ErrNewerDatabase] for a file
// that a newer Bellhop wrote, and [app.ErrNotFound] where a read-only open finds
// no database yet.
func Open(ctx context.Context, o Options) (*Store, error) {
	s := &Store{
		dir: o.Dir, path: filepath.Join(o.Dir, fileName), log: o.Log, now: o.Now,
		pulls:    make(map[app.AccountID]int),
		untidy:   make(chan struct{}, 1),
		packed:   make(chan struct{}, 1),
		lotFrom:  lotFrom,
		finished: make(chan struct{}, 1),
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.now == nil {
		s.now = time.Now
	}
	var background context.Context
	background, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	open := s.openToWrite
	if o.ReadOnly {
		open = s.openToRead
	}
	if err := open(ctx, background); err != nil {
		s.stop()
		return nil, explain("open the database", err)
	}
	return s, nil
}

func (s *Store) openToWrite(ctx, background context.Context) error {
	if err := s.resume(ctx); err != nil {
		return err
	}
	if err := makeFolder(s.dir, s.path); err != nil {
		return err
	}
	db, err := s.openSound(ctx)
	if err != nil {
		return err
	}
	if s.writer, err = newWriter(ctx, db, s.now, &s.changes); err != nil {
		return errors.Join(err, db.Close())
	}
	if s.read, err = openReaders(s.path, "ro"); err != nil {
		return errors.Join(err, s.writer.abandon())
	}
	// The writer must outlive the context that opened it.
	go s.writer.run(context.WithoutCancel(background))
	s.work.Go(func() { s.finishLeaving(background) })
	s.work.Go(func() { s.tidy(background) })
	s.work.Go(func() { s.unpackAll(background) })
	s.work.Go(func() { s.foldLots(background) })
	return nil
}

// makeFolder makes the data folder and an empty file that only the user can
// read; SQLite gives its companions the same mode.
func makeFolder(dir, path string) error {
	err := os.MkdirAll(dir, 0o700)
	if err == nil {
		var f *os.File
		if f, err = os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600); err == nil {
			err = f.Close()
		}
	}
	if err != nil {
		return app.NewProblem("folder_read_only", "Bellhop cannot write to its data folder "+dir+".",
			"Make the folder writable for your user, or choose another one with --data-dir.", true, err)
	}
	return nil
}

func (s *Store) openToRead(ctx, _ context.Context) error {
	if _, err := os.Stat(s.path); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return notThereYet(s.dir)
		}
		return app.NewProblem("folder_unreadable", "Bellhop cannot read its data folder "+s.dir+".",
			"Make the folder readable for your user, or choose another one with --data-dir.", true, err)
	}
	var err error
	for _, mode := range []string{"ro", "frozen"} {
		if s.read, err = openReaders(s.path, mode); err != nil {
			return err
		}
		var head header
		if head, err = readHeader(ctx, s.read.db); err == nil {
			if err = head.forReading(s.dir); err == nil {
				return nil
			}
		}
		err = errors.Join(err, s.read.close())
		if !s.frozen(err) {
			break
		}
	}
	return err
}

// frozen says whether the file cannot change: its folder is not writable and
// there is no write-ahead log. Only then may the locks be skipped that SQLite
// could not take there.
func (s *Store) frozen(err error) bool {
	if code(err) == 0 {
		return false
	}
	_, noLog := os.Stat(s.path + "-wal")
	f, noWrite := os.CreateTemp(s.dir, ".probe-*")
	if noWrite == nil {
		_ = f.Close()
		_ = os.Remove(f.Name())
	}
	return errors.Is(noLog, fs.ErrNotExist) && noWrite != nil
}

func notThereYet(dir string) error {
	return app.NewProblem("no_database", "There is no Bellhop database in "+dir+" yet.",
		"Start Bellhop once, or name another folder with --data-dir.", true, app.ErrNotFound)
}

// dsn returns the data source for the file. Pragmas are part of it so that
// every connection of a pool gets them. synchronous is FULL: a removal that was
// confirmed on screen must survive a power cut.
func dsn(path, mode string) string {
	q := url.Values{}
	switch mode {
	case "rw":
		q.Set("mode", "rw")
		q["_pragma"] = []string{"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "journal_size_limit(67108864)", "temp_store(memory)"}
	case "frozen":
		q.Set("mode", "ro")
		q.Set("immutable", "1")
		q["_pragma"] = []string{"query_only(1)"}
	default:
		q.Set("mode", "ro")
		q["_pragma"] = []string{"busy_timeout(5000)", "query_only(1)"}
	}
	return (&url.URL{Scheme: "file", OmitHost: true, Path: slashed(path), RawQuery: q.Encode()}).String()
}

// slashed returns path as SQLite's URIs want it: with slashes, and one before a
// Windows drive letter.
func slashed(path string) string {
	path = filepath.ToSlash(path)
	if filepath.VolumeName(path) != "" {
		return "/" + path
	}
	return path
}

// openRW opens the file with one connection that writes.
func openRW(ctx context.Context, path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", dsn(path, "rw"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("first connection: %w", err), db.Close())
	}
	return db, nil
}
