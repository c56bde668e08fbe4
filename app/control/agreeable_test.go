package control

import (
	"context"
	"time"

	"bellhop/app"
)

// agreeable is a bell that agrees to every change. (Package controltest cannot
// be used by a test inside this package.)
type agreeable struct{ Bell }

func (agreeable) Remove(context.Context, []app.AlertID) (app.Removed, error) {
	return app.Removed{}, nil
}

func (agreeable) Clear(context.Context, app.AccountID, app.AlertID) (app.Removed, error) {
	return app.Removed{}, nil
}

func (agreeable) Undo(context.Context, []app.IntentID) (int, error) { return 0, nil }

func (agreeable) Retry(context.Context, []app.AlertID) (app.Removed, error) {
	return app.Removed{}, nil
}

func (agreeable) Snooze(context.Context, app.AlertID, time.Duration) error { return nil }

func (agreeable) Looked(context.Context, app.AccountID, app.AlertID) error { return nil }

func (agreeable) Sync(context.Context, app.AccountID) error { return nil }

func (agreeable) Pause(context.Context, time.Time) error { return nil }

func (agreeable) Resume(context.Context) error { return nil }

func (agreeable) Probe(context.Context, app.Connect) (app.Probe, error) { return app.Probe{}, nil }

func (agreeable) Connect(context.Context, app.Connect) (app.Account, error) {
	return app.Account{}, nil
}

func (agreeable) Open(context.Context, app.AlertID, bool) (string, error) { return "", nil }

func (agreeable) ShowWindow(context.Context, string) error { return nil }

func (agreeable) WindowShown(context.Context, string) error { return nil }

func (agreeable) Quit(context.Context) error { return nil }
