package controltest

import (
	"context"
	"log/slog"
	"sync"
	"testing"

	"bellhop/app/control"
)

// Serve offers the bell on the socket of dir until the test ends or stop is
// called.
func Serve(tb testing.TB, dir string, bell control.Bell) (stop func()) {
	tb.Helper()
	l, err := control.Listen(tb.Context(), dir)
	if err != nil {
		tb.Fatalf("listen: %v", err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(tb.Context()))
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := control.NewServer(bell, slog.New(slog.DiscardHandler)).Serve(ctx, l); err != nil {
			tb.Errorf("serve: %v", err)
		}
	})
	stop = func() {
		cancel()
		wg.Wait()
	}
	tb.Cleanup(stop)
	return stop
}
