package program

import (
	"context"
	"log/slog"
	"runtime/debug"
	"time"

	"bellhop/app"
)

// calm is how long nothing may have changed before memory is given back.
const calm = 3 * time.Second

// By how much of what is in use the heap may grow, in percent, before it is
// collected. At rest half the usual costs nothing and saves a few of 20 MB; a storm
// of messages at that spends a quarter of its time on collecting.
const (
	growthAtRest = 50
	growthAtWork = 200
)

// growMemory is what work begins with in real life.
func growMemory() { debug.SetGCPercent(growthAtWork) }

// freeMemory is what giveBack does in real life: the heap and, where the system
// counts them, the pages of the program itself.
func freeMemory(ctx context.Context, log *slog.Logger) func() {
	return func() {
		debug.SetGCPercent(growthAtRest)
		debug.FreeOSMemory()
		if err := dropStartup(); err != nil {
			log.DebugContext(ctx, "memory of the start is kept", "error", err)
		}
	}
}

// giveBack has grow called when work begins, and free, which returns memory to the
// system, once it is over: a first sync or a long list leaves the heap several times
// the size that a resting bell needs, and a bell that rests for weeks makes too little
// garbage to give it back by itself. One collection of a small heap takes a few
// milliseconds.
func giveBack(ctx context.Context, changes *app.Changes, grow, free func()) error {
	hints, end := changes.Subscribe()
	defer end()
	timer := time.NewTimer(calm)
	defer timer.Stop()
	for working := false; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-hints:
			if !working {
				working = true
				grow()
			}
			timer.Reset(calm)
		case <-timer.C:
			working = false
			free()
		}
	}
}
