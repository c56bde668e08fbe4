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

// freeMemory is what giveBack does in real life: the heap and, where the system
// counts them, the pages of the program itself.
func freeMemory(ctx context.Context, log *slog.Logger) func() {
	return func() {
		debug.FreeOSMemory()
		if err := dropStartup(); err != nil {
			log.DebugContext(ctx, "memory of the start is kept", "error", err)
		}
	}
}

// giveBack returns memory to the system once work is over: a first sync or a
// long list leaves the heap several times the size that a resting bell needs,
// and a bell that rests for weeks makes too little garbage to give it back by
// itself. One collection of a small heap takes a few milliseconds.
func giveBack(ctx context.Context, changes *app.Changes, free func()) error {
	hints, end := changes.Subscribe()
	defer end()
	timer := time.NewTimer(calm)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-hints:
			timer.Reset(calm)
		case <-timer.C:
			free()
		}
	}
}
