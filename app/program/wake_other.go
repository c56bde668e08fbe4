//go:build !linux

package program

import (
	"context"
	"log/slog"
)

// watchWake has nothing to watch here: the syncer notices a resume by the jump
// of the wall clock at its next look.
func watchWake(ctx context.Context, _ *slog.Logger, _ func()) error {
	<-ctx.Done()
	return nil
}
