package main

import (
	"context"
	"log/slog"
	"time"
)

// The start is over after settle; from then on the memory is looked after every
// interval, which is rare enough not to show among the polls.
const (
	settle   = 10 * time.Second
	interval = time.Hour
)

// rest keeps the memory of a resting bell small until ctx ends.
func rest(ctx context.Context, log *slog.Logger) {
	timer := time.NewTimer(settle)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		if err := dropStartup(); err != nil {
			log.DebugContext(ctx, "memory of the start is kept", "error", err)
		}
		timer.Reset(interval)
	}
}
