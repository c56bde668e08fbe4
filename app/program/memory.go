package program

import (
	"context"
	"time"

	"bellhop/app"
)

// calm is how long nothing may have changed before memory is given back.
const calm = 3 * time.Second

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
