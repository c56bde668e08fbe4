package syncer

import (
	"context"
	"errors"
	"iter"
	"time"
)

// What one round of a [Watch] may cost the server. Bellhop's ordinary look at
// the alerts is two requests a minute; a round is no more over its five
// minutes, and no two of its requests are made at once.
const (
	roundRequests = 20 // requests in one round, whatever there is to see
	pageRows      = 50 // rows in a request: some 150 kB of findings
	importRows    = 20 // rows in a request for imports, which are heavy
	requestGap    = time.Second
)

// errSpent says that a round has made all the requests it may.
var errSpent = errors.New("the round has made its requests")

// budget counts the requests of one round.
type budget struct {
	left, made int
	gap        time.Duration
}

// spend takes one request from the budget and waits for its turn.
func (b *budget) spend(ctx context.Context) error {
	if b.left <= 0 {
		return errSpent
	}
	if b.made > 0 {
		if err := pause(ctx, b.gap); err != nil {
			return err
		}
	}
	b.left--
	b.made++
	return ctx.Err()
}

// paged walks through a list as far as the budget goes; every page of so many
// rows costs a request. The error is the last element.
func paged[T any](ctx context.Context, b *budget, page int, list iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		walk := newSweep(page, list)
		defer walk.end()
		for {
			row, ok, err := walk.next(ctx, b)
			if err != nil {
				yield(row, err)
				return
			}
			if !ok || !yield(row, nil) {
				return
			}
		}
	}
}

// all reads a whole list within the budget.
func all[T any](ctx context.Context, b *budget, list iter.Seq2[T, error]) ([]T, error) {
	var rows []T
	for row, err := range paged(ctx, b, pageRows, list) {
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// some says whether a list has any row at all.
func some[T any](ctx context.Context, b *budget, page int, list iter.Seq2[T, error]) (bool, error) {
	first := newSweep(page, list)
	defer first.end()
	_, ok, err := first.next(ctx, b)
	return ok, err
}

// sweep is a walk through a list that may take several rounds. Between two
// pages no request is open.
type sweep[T any] struct {
	pull  func() (T, error, bool)
	end   func()
	page  int
	rows  int
	began time.Time // by the server's clock, where that matters
}

func newSweep[T any](page int, list iter.Seq2[T, error]) *sweep[T] {
	s := &sweep[T]{page: page}
	s.pull, s.end = iter.Pull2(list)
	return s
}

// next returns the next row, false at the end of the list. The error is
// [errSpent] where the next page has to wait for another round; the sweep can
// go on then.
func (s *sweep[T]) next(ctx context.Context, b *budget) (row T, ok bool, err error) {
	if s.rows%s.page == 0 {
		if err := b.spend(ctx); err != nil {
			return row, false, err
		}
	}
	s.rows++
	row, err, ok = s.pull()
	return row, ok && err == nil, err
}
