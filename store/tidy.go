package store

import (
	"context"
	"time"
)

// tidyPages is how much of the full-text index one change merges: a few
// milliseconds, so that nobody waits long behind it.
const tidyPages = 64

// tidy merges the small parts that new alerts leave in the full-text index.
// SQLite would do that while it takes alerts in, which was measured to double
// the time of an ordinary pull; here it is done after the answer, in steps, once it is
// quiet. It sleeps until there is something to do.
func (s *Store) tidy(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.untidy:
		}
		if !s.quiet(ctx) {
			return
		}
		if err := s.mergeWords(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "full-text index not merged", "error", err)
		}
	}
}

// tidyAfter is how long nothing must have arrived.
const tidyAfter = time.Second

// quiet waits until nothing arrives any more; it is false where ctx ended.
func (s *Store) quiet(ctx context.Context) bool {
	timer := time.NewTimer(tidyAfter)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-s.untidy:
			timer.Reset(tidyAfter)
		case <-timer.C:
			return true
		}
	}
}

func (s *Store) mergeWords(ctx context.Context) error {
	for more := true; more && ctx.Err() == nil; {
		err := s.change(ctx, "merge the full-text index", func(ctx context.Context, t *tx) error {
			var before, after int64
			if err := t.row(ctx, `SELECT total_changes()`).Scan(&before); err != nil {
				return err
			}
			if _, err := t.exec(ctx, `INSERT INTO alert_words (alert_words, rank) VALUES ('merge', ?)`, tidyPages); err != nil {
				return err
			}
			if err := t.row(ctx, `SELECT total_changes()`).Scan(&after); err != nil {
				return err
			}
			// The manual's rule: a difference below two means nothing was merged.
			more = after-before >= 2
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// mess says that there is something to tidy.
func (s *Store) mess() {
	select {
	case s.untidy <- struct{}{}:
	default:
	}
}
