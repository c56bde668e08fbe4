package store

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// readersMax bounds the connections that read. The one that was used last is
// used next, so that mostly one or two are open; each holds up to 2 MB of pages.
const readersMax = 4

// readers is the pool that reads. It is not database/sql's own, so that every
// connection keeps its prepared statements: preparing takes longer than most
// of the questions.
type readers struct {
	db   *sql.DB
	mode string        // see dsn
	room chan struct{} // one token for each connection in use

	mu   sync.Mutex
	free []*reader
}

// reader is a connection that reads. While it is lent out, one goroutine uses it.
type reader struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt // by their text
}

func openReaders(path, mode string) (*readers, error) {
	db, err := sql.Open("sqlite", dsn(path, mode))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(readersMax)
	db.SetMaxIdleConns(readersMax)
	return &readers{db: db, mode: mode, room: make(chan struct{}, readersMax)}, nil
}

func (p *readers) take(ctx context.Context) (*reader, error) {
	select {
	case p.room <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	p.mu.Lock()
	if n := len(p.free); n > 0 {
		r := p.free[n-1]
		p.free = p.free[:n-1]
		p.mu.Unlock()
		return r, nil
	}
	p.mu.Unlock()
	conn, err := p.db.Conn(ctx)
	if err != nil {
		<-p.room
		return nil, err
	}
	return &reader{conn: conn, stmts: make(map[string]*sql.Stmt)}, nil
}

func (p *readers) give(r *reader, sound bool) error {
	defer func() { <-p.room }()
	if !sound {
		return r.close()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free = append(p.free, r)
	return nil
}

// close waits for the readers that are lent out.
func (p *readers) close() error {
	var errs []error
	for range readersMax {
		p.room <- struct{}{}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.free {
		errs = append(errs, r.close())
	}
	p.free = nil
	return errors.Join(append(errs, p.db.Close())...)
}

func (r *reader) close() error {
	var errs []error
	for _, stmt := range r.stmts {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(append(errs, r.conn.Close())...)
}

func (r *reader) statement(ctx context.Context, text string) (*sql.Stmt, error) {
	if stmt, ok := r.stmts[text]; ok {
		return stmt, nil
	}
	stmt, err := r.conn.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	r.stmts[text] = stmt
	return stmt, nil
}

func (r *reader) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	stmt, err := r.statement(ctx, text) //nolint:sqlclosecheck // it is kept until close
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(ctx, args...)
}

func (r *reader) row(ctx context.Context, text string, args ...any) *sql.Row {
	stmt, err := r.statement(ctx, text) //nolint:sqlclosecheck // it is kept until close
	if err != nil {
		return r.conn.QueryRowContext(ctx, text, args...) // it fails again, and carries the error
	}
	return stmt.QueryRowContext(ctx, args...)
}

func (r *reader) exec(ctx context.Context, text string) error {
	stmt, err := r.statement(ctx, text) //nolint:sqlclosecheck // it is kept until close
	if err != nil {
		return err
	}
	_, err = stmt.ExecContext(ctx)
	return err
}

// look runs fn on one consistent view. Views are short: a reader that stays
// keeps the write-ahead log from being reused.
func (p *readers) look(ctx context.Context, step string, fn func(querier) error) error {
	r, err := p.take(ctx)
	if err != nil {
		return explain(step, err)
	}
	err = r.exec(ctx, "BEGIN")
	if err == nil {
		err = fn(r)
	}
	// The view ends whether or not the caller still waits.
	end := r.exec(context.WithoutCancel(ctx), "ROLLBACK")
	if isNoTransaction(end) {
		end = nil
	}
	return explain(step, errors.Join(err, end, p.give(r, end == nil)))
}

func (s *Store) look(ctx context.Context, step string, fn func(querier) error) error {
	return s.read.look(ctx, step, fn)
}

// number runs a question that has one number as its answer, without a
// transaction around it.
func (s *Store) number(ctx context.Context, step, text string, args ...any) (int64, error) {
	r, err := s.read.take(ctx)
	if err != nil {
		return 0, explain(step, err)
	}
	var n int64
	err = r.row(ctx, text, args...).Scan(&n)
	return n, explain(step, errors.Join(err, s.read.give(r, err == nil || errors.Is(err, sql.ErrNoRows))))
}
