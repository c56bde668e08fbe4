// Package store keeps everything Bellhop knows in one SQLite file: accounts,
// alerts and their history, removals that wait for the server, events, what
// was decided about them and how it was delivered, who can be told what, and
// settings. Secrets are beside it, in the keyring ([Secrets]).
//
// One goroutine writes; it commits whatever waits in one transaction. Reads use
// a pool of their own and never wait for a write. After a commit, [Store.Changes]
// says which parts to look at again.
//
// An alert is written once and never changed. Where it is - in the list, or in a
// set of alerts that left the list together - is a bit in a block of 16384 ids,
// so that a page, a count, and a removal of a million cost what a few rows cost,
// however much history lies between.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"bellhop/app"
)

// Options says which database to open.
type Options struct {
	// Dir is the data folder. It is made where it does not exist, unless
	// ReadOnly.
	Dir string
	// ReadOnly opens for reading beside a bell that writes. Every change then
	// fails.
	ReadOnly bool
	// Log receives what is worth knowing but is no failure; nil discards it.
	Log *slog.Logger
	// Now is the clock; nil means [time.Now].
	Now func() time.Time
}

// Store is an open database. Its methods may be called from any goroutine.
type Store struct {
	dir     string
	path    string
	log     *slog.Logger
	now     func() time.Time
	changes app.Changes

	read *readers

	writer *writer // nil where opened read-only

	noticesMu sync.Mutex
	notices   []app.Problem

	pullsMu sync.Mutex
	pulls   map[app.AccountID]int // how many pulls of an account were applied in this process

	closed atomic.Bool
	untidy chan struct{} // see tidy
	packed chan struct{} // see unpackAll
	air    air           // what was claimed from lots
	told   toldEvents    // what these tell of

	finished chan struct{} // see foldLots
	lotFrom  int           // see lotsOf

	stop context.CancelFunc // ends the work in the background
	work sync.WaitGroup     // what runs in the background
}

// errReadOnly is the answer to a change on a store opened for reading.
var errReadOnly = errors.New("the store is open for reading only")

// Close waits for the changes in progress, ends the work in the background and
// closes the database. Iterators of [Store.Each] must have ended.
// Closing twice does nothing.
func (s *Store) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	s.stop()
	s.work.Wait()
	errs := []error{s.read.close()}
	// The writer closes last: only it can bring the write-ahead log into the
	// file, and does so where nobody else has it open.
	if s.writer != nil {
		errs = append(errs, s.writer.close())
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close the database: %w", err)
	}
	return nil
}

// Changes hands out hints after each commit. On a store opened read-only it is
// silent.
func (s *Store) Changes() *app.Changes { return &s.changes }

// Notices lists what happened to the database that the user should know, for
// example that a copy had to be restored. It is nil in the ordinary case.
func (s *Store) Notices() []app.Problem {
	s.noticesMu.Lock()
	defer s.noticesMu.Unlock()
	return append([]app.Problem(nil), s.notices...)
}

func (s *Store) notice(p *app.Problem) {
	s.noticesMu.Lock()
	defer s.noticesMu.Unlock()
	s.notices = append(s.notices, *p)
}

// querier runs statements. Both a reader and the writer's transaction are one,
// so that a question is written once.
type querier interface {
	query(ctx context.Context, text string, args ...any) (*sql.Rows, error)
	row(ctx context.Context, text string, args ...any) *sql.Row
}

// millis returns t as it is stored: whole milliseconds, 0 for the zero time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// fromMillis is the reverse of [millis]; times come back in UTC.
func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
