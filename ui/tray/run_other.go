//go:build windows || darwin

package tray

import (
	"context"
	"sync"

	"fyne.io/systray"
)

// run hands the main thread to the operating system's message loop, which
// alone delivers clicks, and draws beside it.
func (t *Tray) run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	var beside sync.WaitGroup
	defer beside.Wait()
	defer stop()
	if leftClickIsOurs {
		systray.SetOnTapped(t.tap)
	}
	systray.Run(func() {
		var s screen
		t.draw(&s)
		t.setHost(true, "")
		beside.Go(func() { t.serve(ctx, s.menu) })
		beside.Go(func() {
			defer systray.Quit()
			for {
				select {
				case <-ctx.Done():
					return
				case <-t.wake:
					t.draw(&s)
				}
			}
		})
	}, stop)
	return nil
}
