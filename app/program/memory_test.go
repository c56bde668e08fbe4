package program

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"bellhop/app"
)

func TestMemoryIsGivenBackOnceWorkIsOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var changes app.Changes
		var grown, freed atomic.Int32
		ended := make(chan error)
		go func() { ended <- giveBack(ctx, &changes, func() { grown.Add(1) }, func() { freed.Add(1) }) }()
		synctest.Wait()
		for range 5 { // a long first sync
			changes.Publish(app.TopicAlerts)
			time.Sleep(calm / 2)
		}
		synctest.Wait()
		if freed.Load() != 0 || grown.Load() != 1 {
			t.Errorf("in the middle of work memory was given back %d times, and let grow %d times", freed.Load(), grown.Load())
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if n := freed.Load(); n != 1 {
			t.Errorf("after an hour of rest memory was given back %d times", n)
		}
		changes.Publish(app.TopicAlerts)
		time.Sleep(2 * calm)
		if freed.Load() != 2 || grown.Load() != 2 {
			t.Errorf("after more work memory was given back %d times in all, and let grow %d times", freed.Load(), grown.Load())
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
