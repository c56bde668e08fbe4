package syncer_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"bellhop/app"
	"bellhop/sync/dojoserver"
	"bellhop/sync/syncer"
)

func TestCallersShareOneSynchronisation(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.signedUp()
		w.start()
		w.server.ForgetRequests()
		const callers = 20
		results := make(chan error, callers)
		for range callers {
			go func() { results <- w.syncer.SyncNow(w.t.Context()) }()
		}
		for range callers {
			if err := <-results; err != nil {
				t.Errorf("a caller got %v", err)
			}
		}
		// Who asks while one is under way gets the next, for it may matter what
		// the first has not seen.
		if n := w.full(); n < 1 || n > 2 {
			t.Errorf("%d callers caused %d lists", callers, n)
		}
	})
}

func TestACallerMayGiveUp(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.born(1)
		w.signedUp()
		w.start()
		w.born(1)
		ctx, cancel := context.WithCancel(w.t.Context())
		cancel()
		if err := w.syncer.SyncNow(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		synctest.Wait()
		w.wantCount(2) // the synchronisation went on
	})
}

func TestAfterTheEndNobodyWaits(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.signedUp()
		w.start()
		w.stop()
		if err := w.syncer.SyncNow(w.t.Context()); !errors.Is(err, app.ErrNotRunning) {
			t.Errorf("got %v", err)
		}
		w.syncer.Wake()
		w.syncer.WindowOpened()
	})
}

// TestADatabaseThatCannotBeWrittenLosesNothing makes the store fail as a full
// disk does.
func TestADatabaseThatCannotBeWrittenLosesNothing(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.born(2)
		w.signedUp()
		full := &fullDisk{local: local{w.store}}
		w.local = full
		w.start()
		full.on.Store(true)
		w.born(3)
		w.next()
		if code := w.sync(); code != syncer.CodeNotSaved {
			t.Errorf("got %q", code)
		}
		w.wantCount(2)
		w.pass(time.Hour)
		if n := len(w.log.lines("not saved")); n != 1 {
			t.Errorf("said %d times that the state is not saved", n)
		}
		full.on.Store(false)
		w.pass(16 * time.Minute)
		w.wantState(app.PhaseOK, "")
		w.wantCount(5)
		if n := w.events(); n != 3 {
			t.Errorf("%d events, want 3", n)
		}
	})
}

// fullDisk is a store whose changes fail while it is on.
type fullDisk struct {
	local
	on atomic.Bool
}

var errFull = errors.New("database or disk is full")

func (f *fullDisk) SetSyncState(ctx context.Context, state app.SyncState) error {
	if f.on.Load() {
		return errFull
	}
	return f.local.SetSyncState(ctx, state)
}

func (f *fullDisk) BeginPull(ctx context.Context, id app.AccountID, complete bool) (syncer.Pull, error) {
	pull, err := f.local.BeginPull(ctx, id, complete)
	if err != nil || !f.on.Load() {
		return pull, err
	}
	return fullPull{pull}, nil
}

type fullPull struct{ syncer.Pull }

func (fullPull) Apply(context.Context, app.Apply) (app.Pulled, error) { return app.Pulled{}, errFull }
