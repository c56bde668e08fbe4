package program

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"bellhop/app"
)

// fakeKeeperStore notes what the keeper asks for.
type fakeKeeperStore struct {
	days    string
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
	f.before = append(f.before, before)
	return 1, f.fail
}

func (f *fakeKeeperStore) Backup(context.Context) error { f.backups++; return nil }

func TestTheKeeperWorksOnceADayAndGoesOnAfterAFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		f := &fakeKeeperStore{days: "30"}
		ended := make(chan error)
		go func() { ended <- keep(ctx, f, time.Now, slog.New(slog.DiscardHandler)) }()

		time.Sleep(keeperFirst - time.Second)
		synctest.Wait()
		if f.backups != 0 {
			t.Error("the keeper disturbed the start of the session")
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if f.backups != 1 || len(f.before) != 1 || time.Since(f.before[0]).Round(time.Hour) != 30*24*time.Hour {
			t.Errorf("after the start: %d copies, history cut at %v", f.backups, f.before)
		}
		f.fail = errors.New("disk full")
		time.Sleep(keeperEvery)
		synctest.Wait()
		f.fail = nil
		time.Sleep(keeperEvery)
		synctest.Wait()
		if f.backups != 2 || len(f.before) != 3 {
			t.Errorf("after a bad day and a good one: %d copies, %d cuts", f.backups, len(f.before))
		}
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the keeper ended with %v", err)
		}
	})
}
