package store

import (
	"context"
	"slices"
	"time"

	"bellhop/app"
)

// deliveryChunk is how many deliveries one change of many touches, so that
// nobody waits behind it for long.
const deliveryChunk = 2000

// Resend lets deliveries wait again, due now, and returns how many those were.
// What was tried stays in the ledger, but the back-off begins anew, and their lanes
// are let go, but those that are held until somebody acts. One that waits is due now.
// Left alone is one that is being sent just now, and one on such a lane: it would wait
// there.
func (s *Store) Resend(ctx context.Context, ids []app.DeliveryID) (int, error) {
	total := 0
	for chunk := range slices.Chunk(ids, deliveryChunk) {
		n, err := s.resend(ctx, `id IN (SELECT value FROM json_each(?2))`, jsonDeliveries(chunk))
		total += n
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// ResendDead is Resend for all that are dead.
func (s *Store) ResendDead(ctx context.Context) (int, error) {
	for total := 0; ; {
		n, err := s.resend(ctx, `id IN (SELECT id FROM deliveries WHERE `+odd+` AND state = 'dead'
			AND lane NOT IN (SELECT id FROM lanes WHERE `+stopped+`) ORDER BY id LIMIT ?2)`, deliveryChunk)
		if total += n; err != nil || n < deliveryChunk {
			return total, err
		}
	}
}

func (s *Store) resend(ctx context.Context, which string, arg any) (int, error) {
	if err := s.unlotAll(ctx); err != nil {
		return 0, err
	}
	var n int
	err := s.change(ctx, "send again", func(ctx context.Context, t *tx) error {
		n = 0
		if err := t.unlot(ctx, ``); err != nil {
			return err
		}
		lanes := make(map[int64]bool)
		rows, err := t.query(ctx, `UPDATE deliveries SET state = 'waiting', due = ?1, resent = ?1, settled = 0, attempts = 0, next = '', ref = '', digest = ''
			WHERE leased = 0 AND lane NOT IN (SELECT id FROM lanes WHERE `+stopped+`) AND `+which+` RETURNING lane`, millis(t.now), arg)
		if err := eachInt(rows, err, func(lane int64) { lanes[lane] = true; n++ }); err != nil {
			return err
		}
		for lane := range lanes {
			if err := t.hold(ctx, lane, time.Time{}); err != nil {
				return err
			}
		}
		if n > 0 {
			t.hint(app.TopicDeliveries, app.TopicOutbox)
		}
		return nil
	})
	return n, err
}

// ReleaseHeld lets deliveries wait whose hold is over, and returns how many
// those were. It changes how they are shown; they may be claimed without it.
func (s *Store) ReleaseHeld(ctx context.Context, now time.Time) (int, error) {
	return s.inChunks(ctx, "end the hold of deliveries", func(ctx context.Context, t *tx) (int64, error) {
		n, err := t.exec(ctx, `UPDATE deliveries SET state = 'waiting' WHERE id IN (SELECT id FROM deliveries
			WHERE `+odd+` AND state = 'held' AND leased = 0 AND due <= ? LIMIT ?)`, millis(now), deliveryChunk)
		if n > 0 {
			t.hint(app.TopicDeliveries, app.TopicOutbox)
		}
		return n, err
	})
}
