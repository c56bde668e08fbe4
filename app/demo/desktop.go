package demo

import (
	"context"
	"time"
)

// Play lets the server's side of the story happen at a leisurely pace while a
// person plays with the real tray and window, then rests until ctx ends. Each
// step is followed by a look at the server, as if a minute had passed.
func (s *Story) Play(ctx context.Context) error {
	for _, step := range []struct {
		after time.Duration
		what  func()
	}{
		{4 * time.Second, func() { s.Server.Add(mention(s.Now())) }},
		{10 * time.Second, func() { s.Hook.Down(true) }}, // what is sent meanwhile is tried again
		{2 * time.Second, func() { s.Server.Add(imported(s.Now())...) }},
		{3 * time.Second, func() { s.Hook.Down(false) }},
		{12 * time.Second, func() { s.Server.RemoveOldest(1) }},
		{15 * time.Second, func() { s.Server.Down(true) }},
		{20 * time.Second, func() { s.Server.Down(false) }},
		{10 * time.Second, func() { s.Server.Add(overdue(s.Now())) }},
	} {
		if err := rest(ctx, step.after); err != nil {
			return nil //nolint:nilerr // the user has seen enough
		}
		step.what()
		// A server that is away is part of the story.
		_ = s.Bell.Sync(ctx, 0)
	}
	<-ctx.Done()
	return nil
}
