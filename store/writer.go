package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"bellhop/app"
)

// groupMax bounds how many changes share a commit, so that the first of them
// does not wait for ever.
const groupMax = 256

// writer owns the only connection that writes. Changes come in through jobs;
// each runs in a savepoint, so that one that fails takes nothing else along,
// and all that wait are committed together: one fsync for all of them.
type writer struct {
	db    *sql.DB
	conn  *sql.Conn
	stmts map[string]*sql.Stmt // used by the goroutine alone
	now   func() time.Time
	hints *app.Changes

	jobs  chan *job
	stop  chan struct{}
	ended chan struct{}
}

// job is a change that waits. do may run twice: where SQLite gives a whole
// transaction up (a full disk), the changes that had succeeded in it are done
// again without the one that failed. It must therefore set its results, not
// add to them.
type job struct {
	ctx    context.Context //nolint:containedctx // a job is a call that crosses to the writer's goroutine
	do     func(context.Context, *tx) error
	done   chan error
	topics []app.Topic
	// sure says that the change fails only where the disk does: it gets no
	// savepoint, and takes the group with it.
	sure bool
}

// tx is the writer's transaction as a change sees it.
type tx struct {
	w *writer
	// now is one time for everything the change writes.
	now    time.Time
	topics []app.Topic
}

// hint says what changed; it is published after the commit.
func (t *tx) hint(topics ...app.Topic) { t.topics = append(t.topics, topics...) }

func (t *tx) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	stmt, err := t.w.statement(ctx, text)
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(ctx, args...)
}

func (t *tx) row(ctx context.Context, text string, args ...any) *sql.Row {
	stmt, err := t.w.statement(ctx, text)
	if err != nil {
		return t.w.conn.QueryRowContext(ctx, text, args...) // it fails again, and carries the error
	}
	return stmt.QueryRowContext(ctx, args...)
}

// exec runs a statement and returns how many rows it changed.
func (t *tx) exec(ctx context.Context, text string, args ...any) (int64, error) {
	stmt, err := t.w.statement(ctx, text)
	if err != nil {
		return 0, err
	}
	res, err := stmt.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// insert runs a statement and returns the id of the row it made.
func (t *tx) insert(ctx context.Context, text string, args ...any) (int64, error) {
	stmt, err := t.w.statement(ctx, text)
	if err != nil {
		return 0, err
	}
	res, err := stmt.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return res.LastInsertId()
}

// change runs fn in the writer's goroutine and returns once it is committed.
// step names it in an error. A context that ends before its turn takes the
// change back; once it runs, it runs to its end, because an interrupted
// statement would take the whole group with it.
func (s *Store) change(ctx context.Context, step string, fn func(context.Context, *tx) error) error {
	return s.submit(step, &job{ctx: ctx, do: fn, done: make(chan error, 1)})
}

// surely is change for what many do at the same time and what fails only where
// the disk does, which is then found out one by one.
func (s *Store) surely(ctx context.Context, step string, fn func(context.Context, *tx) error) error {
	return s.submit(step, &job{ctx: ctx, do: fn, done: make(chan error, 1), sure: true})
}

func (s *Store) submit(step string, j *job) error {
	if s.writer == nil {
		return fmt.Errorf("%s: %w", step, errReadOnly)
	}
	ctx := j.ctx
	select {
	case s.writer.jobs <- j:
		return explain(step, <-j.done)
	case <-s.writer.stop:
		return fmt.Errorf("%s: %w", step, sql.ErrConnDone)
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", step, ctx.Err())
	}
}

// newWriter takes db over, which must have room for one connection.
func newWriter(ctx context.Context, db *sql.DB, now func() time.Time, hints *app.Changes) (*writer, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &writer{
		db: db, conn: conn, stmts: make(map[string]*sql.Stmt), now: now, hints: hints,
		jobs: make(chan *job), stop: make(chan struct{}), ended: make(chan struct{}),
	}, nil
}

// close waits for the group in progress and closes the connection.
func (w *writer) close() error {
	close(w.stop)
	<-w.ended
	var errs []error
	for _, stmt := range w.stmts {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(append(errs, w.conn.Close(), w.db.Close())...)
}

func (w *writer) statement(ctx context.Context, text string) (*sql.Stmt, error) {
	if stmt, ok := w.stmts[text]; ok {
		return stmt, nil
	}
	stmt, err := w.conn.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	w.stmts[text] = stmt
	return stmt, nil
}

// run serves until close. ctx must not end: see [Store.change].
func (w *writer) run(ctx context.Context) {
	defer close(w.ended)
	for {
		select {
		case j := <-w.jobs:
			w.group(ctx, j)
		case <-w.stop:
			return
		}
	}
}

// group runs first and whatever else waits in one transaction. The first needs
// no savepoint: where it fails, all of the transaction is undone, and the next
// job is the first.
func (w *writer) group(ctx context.Context, first *job) {
	var good []*job
	for j, n := first, 1; j != nil && n <= groupMax; j, n = w.waiting(), n+1 {
		lost, err := w.step(ctx, j, len(good) == 0)
		switch {
		case err == nil:
			good = append(good, j)
		case lost && len(good) > 0:
			j.done <- err
			w.again(ctx, good)
			return
		default:
			j.done <- err
		}
	}
	if len(good) == 0 {
		return
	}
	if err := w.run1(ctx, "COMMIT"); err != nil {
		err = errors.Join(err, w.rollback(ctx))
		for _, j := range good {
			j.done <- err
		}
		return
	}
	w.finish(good)
}

// waiting returns a job that waits, or nil.
func (w *writer) waiting() *job {
	select {
	case j := <-w.jobs:
		return j
	default:
		return nil
	}
}

// again runs jobs once more, each on its own, after SQLite gave their common
// transaction up.
func (w *writer) again(ctx context.Context, jobs []*job) {
	for _, j := range jobs {
		_, err := w.step(ctx, j, true)
		if err == nil {
			if err = w.run1(ctx, "COMMIT"); err != nil {
				err = errors.Join(err, w.rollback(ctx))
			}
		}
		if err != nil {
			j.done <- err
			continue
		}
		w.finish([]*job{j})
	}
}

// step runs one job: as the first of a transaction, which it then begins, or in
// a savepoint. lost is true where the transaction is gone.
func (w *writer) step(ctx context.Context, j *job, first bool) (lost bool, err error) {
	if err := j.ctx.Err(); err != nil {
		return false, err
	}
	begin := "SAVEPOINT job"
	if first {
		begin = "BEGIN IMMEDIATE"
	}
	if first || !j.sure {
		if err := w.run1(ctx, begin); err != nil {
			return true, errors.Join(err, w.rollback(ctx))
		}
	}
	t := &tx{w: w, now: w.now()}
	if err = j.do(context.WithoutCancel(j.ctx), t); err == nil { //nolint:contextcheck // the job brings its own
		j.topics = t.topics
		if first || j.sure {
			return false, nil
		}
		if err = w.run1(ctx, "RELEASE job"); err == nil {
			return false, nil
		}
	}
	if first || j.sure {
		return true, errors.Join(err, w.rollback(ctx))
	}
	for _, back := range []string{"ROLLBACK TO job", "RELEASE job"} {
		if w.run1(ctx, back) != nil {
			return true, errors.Join(err, w.rollback(ctx))
		}
	}
	return false, err
}

// rollback ends the transaction where SQLite has not already done so.
func (w *writer) rollback(ctx context.Context) error {
	err := w.run1(ctx, "ROLLBACK")
	if isNoTransaction(err) {
		return nil
	}
	return err
}

func (w *writer) run1(ctx context.Context, text string) error {
	stmt, err := w.statement(ctx, text)
	if err != nil {
		return err
	}
	_, err = stmt.ExecContext(ctx)
	return err
}

// finish answers the committed jobs and publishes what they changed.
func (w *writer) finish(jobs []*job) {
	merged := make(app.Hints)
	for _, j := range jobs {
		for _, topic := range j.topics {
			merged[topic] = true
		}
	}
	if len(merged) > 0 {
		topics := make([]app.Topic, 0, len(merged))
		for topic := range merged {
			topics = append(topics, topic)
		}
		w.hints.Publish(topics...)
	}
	for _, j := range jobs {
		j.done <- nil
	}
}

// abandon closes a writer that never ran.
func (w *writer) abandon() error { return errors.Join(w.conn.Close(), w.db.Close()) }
