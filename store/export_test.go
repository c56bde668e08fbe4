package store

import (
	"context"
	"sync"
	"time"

	"bellhop/app"
)

// LimitPages makes the disk full for the writer: the file may grow by so many
// pages. 0 makes room again.
func (s *Store) LimitPages(ctx context.Context, more int64) error {
	return s.change(ctx, "limit the pages", func(ctx context.Context, t *tx) error {
		var pages, limit int64
		if err := t.row(ctx, `PRAGMA page_count`).Scan(&pages); err != nil {
			return err
		}
		text := `PRAGMA max_page_count = 4294967294`
		if more > 0 {
			text = `PRAGMA max_page_count = ` + jsonIDs([]int64{pages + more})[1:len(jsonIDs([]int64{pages + more}))-1]
		}
		return t.row(ctx, text).Scan(&limit)
	})
}

// Hold occupies the writer until release is closed.
func (s *Store) Hold(ctx context.Context, held chan<- struct{}, release <-chan struct{}) error {
	var once sync.Once // a group that fails is carried out again, one change at a time
	return s.change(ctx, "hold the writer", func(context.Context, *tx) error {
		once.Do(func() { close(held) })
		<-release
		return nil
	})
}

// Retime moves what left the list of an account to a time in the past.
func (s *Store) Retime(ctx context.Context, account app.AccountID, at time.Time) error {
	return s.change(ctx, "retime", func(ctx context.Context, t *tx) error {
		_, err := t.exec(ctx, `UPDATE departures SET at = ? WHERE account = ?`, millis(at), account)
		return err
	})
}

// PackFrom sets from how many deliveries of a lane on they wait in a lot.
func (s *Store) PackFrom(n int) { s.lotFrom = n }

// Unlot makes rows of what is in lots.
func (s *Store) Unlot(ctx context.Context) error {
	return s.change(ctx, "unpack lots", func(ctx context.Context, t *tx) error { return t.unlot(ctx, ``) })
}

// FoldFinished makes rows of lots that are sent as a whole.
func (s *Store) FoldFinished(ctx context.Context) error { return s.foldFinished(ctx) }

// KeptTold says how many events are kept for claims, and their bytes.
func (s *Store) KeptTold() (n, bytes int) { return s.told.Kept() }

// ToldEvents is what a store keeps of events for claims.
type ToldEvents = toldEvents

// Kept says how many those are, and their bytes.
func (k *toldEvents) Kept() (n, bytes int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.events), k.room
}

// Keep keeps the event of one.
func (k *toldEvents) Keep(r app.Routed) { k.keep([]ready{{Routed: r}}) }
