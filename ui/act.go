package ui

import (
	"context"
	"time"

	"fyne.io/fyne/v2"

	"bellhop/app"
)

// act is the one way to run an action: off the goroutine of the user interface,
// with the controls that started it disabled meanwhile. A failure appears in the
// error bar unless done takes it: done, which may be nil, runs on the user
// interface's goroutine and says whether it has shown the failure itself.
func (u *UI) act(run func(context.Context, Bell) error, done func(error) bool, controls ...fyne.Disableable) {
	for _, c := range controls {
		c.Disable()
	}
	bell := u.bell
	u.work.Go(func() {
		err := error(errNoBell)
		if bell != nil {
			err = run(u.ctx, bell)
		}
		u.do(func() {
			for _, c := range controls {
				c.Enable()
			}
			if u.ctx.Err() != nil {
				return
			}
			if shown := done != nil && done(err); err != nil && !shown {
				u.fail(err)
			}
		})
	})
}

// fail shows err in the error bar.
func (u *UI) fail(err error) {
	u.failure = app.AsProblem(err)
	u.showFailure()
}

// later runs f on the user interface's goroutine after d; the result stops it.
func (u *UI) later(d time.Duration, f func()) (stop func()) {
	return u.after(d, func() {
		u.do(func() {
			if u.ctx.Err() == nil {
				f()
			}
		})
	})
}
