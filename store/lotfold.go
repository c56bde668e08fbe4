package store

import (
	"context"
	"time"
)

const (
	// foldAfter is how long no lot must have been finished before what was sent is
	// made rows, and foldMost how many may be meanwhile.
	foldAfter = 250 * time.Millisecond
	foldMost  = 16
)

// foldLots makes rows of lots that are sent as a whole, after the storm in which that
// happened. It sleeps until there is something to do.
func (s *Store) foldLots(ctx context.Context) {
	for {
		if err := s.foldFinished(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "what was sent is not unpacked yet", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-s.finished:
		}
		timer := time.NewTimer(foldAfter)
		for more := foldMost; more > 0; more-- {
			select {
			case <-ctx.Done():
				timer.Stop()
				return
			case <-s.finished:
				timer.Reset(foldAfter)
			case <-timer.C:
				more = 0
			}
		}
		timer.Stop()
	}
}

// foldFinished makes rows of all that is finished, lot by lot, so that nobody waits
// behind it for long. Where nothing is, as at nearly every start, nothing is written.
func (s *Store) foldFinished(ctx context.Context) error {
	const finished = `WHERE taken = n AND gone + sent = n`
	n, err := s.number(ctx, "look for finished lots", `SELECT count(*) FROM lot_states `+finished)
	if err != nil || n == 0 {
		return err
	}
	return s.foldSome(ctx, finished+` ORDER BY lot LIMIT 1`)
}

// foldLane makes rows of what was sent on a lane, for who asks when that was.
func (s *Store) foldLane(ctx context.Context, lane string) error {
	n, err := s.number(ctx, "look for packed deliveries", `SELECT count(*) FROM lot_states WHERE sent > 0 AND lane = (SELECT id FROM lanes WHERE key = ?)`, lane)
	if err != nil || n == 0 || s.writer == nil {
		return err
	}
	return s.foldSome(ctx, `WHERE sent > 0 AND lane = (SELECT id FROM lanes WHERE key = ?) ORDER BY lot LIMIT 1`, lane)
}

func (s *Store) foldSome(ctx context.Context, which string, args ...any) error {
	for more := true; more; {
		err := s.change(ctx, "unpack what was sent", func(ctx context.Context, t *tx) error {
			states, err := lotStates(ctx, t, which, args...)
			if more = len(states) > 0; err != nil || !more {
				return err
			}
			return t.unlotOne(ctx, &states[0])
		})
		if err != nil {
			return err
		}
	}
	return nil
}
