//go:build linux || freebsd || openbsd || netbsd

package tray

import (
	"context"
	"log/slog"
)

// FindHost asks the session bus whether anything shows icons, without showing
// one. Where nothing does, note says what the user can do.
func FindHost(ctx context.Context) (present bool, note string) {
	conn, err := dialBus(ctx)
	if err != nil {
		return false, "There is no session bus; start Bellhop from within a desktop session."
	}
	defer func() { _ = conn.Close() }()
	t := New(Actions{}, slog.New(slog.DiscardHandler))
	t.findHost(ctx, conn)
	return t.Host()
}
