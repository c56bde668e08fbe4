package program

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bellhop/app"
)

// fakeKeeperStore notes what the keeper asks for.
type fakeKeeperStore struct {
	days string

	mu      sync.Mutex
	before  []time.Time
	backups int
	fail    error
}

func (f *fakeKeeperStore) Setting(_ context.Context, key string) (string, error) {
	if key != app.SettingHistoryDays {
		return "", errors.New("asked for " + key)
	}
	return f.days, nil
}

func (f *fakeKeeperStore) Prune(_ context.Context, before time.Time) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.before = append(f.before, before)
	return 1, f.fail
}

func (f *fakeKeeperStore) Backup(context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.backups++
	return nil
}

// breaks makes cutting the history fail, or ends that.
func (f *fakeKeeperStore) breaks(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fail = err
}

// seen returns how many copies were made and when history was cut.
func (f *fakeKeeperStore) seen() (backups int, before []time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.backups, slices.Clone(f.before)
}

func TestTheKeeperWorksOnceADayAndGoesOnAfterAFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		f := &fakeKeeperStore{days: "30"}
		ended := make(chan error)
		go func() { ended <- keep(ctx, f, time.Now, slog.New(slog.DiscardHandler)) }()

		time.Sleep(keeperFirst - time.Second)
		synctest.Wait()
		if backups, _ := f.seen(); backups != 0 {
			t.Error("the keeper disturbed the start of the session")
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if backups, before := f.seen(); backups != 1 || len(before) != 1 || time.Since(before[0]).Round(time.Hour) != 30*24*time.Hour {
			t.Errorf("after the start: %d copies, history cut at %v", backups, before)
		}
		f.breaks(errors.New("disk full"))
		time.Sleep(keeperEvery)
		synctest.Wait()
		f.breaks(nil)
		time.Sleep(keeperEvery)
		synctest.Wait()
		if backups, before := f.seen(); backups != 2 || len(before) != 3 {
			t.Errorf("after a bad day and a good one: %d copies, %d cuts", backups, len(before))
		}
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the keeper ended with %v", err)
		}
	})
}
