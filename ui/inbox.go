package ui

import (
	"context"
	"time"

	"bellhop/app"
)

// Inbox is what the windows read. Every method may be called from any
// goroutine but that of the user interface, and answers within milliseconds.
type Inbox interface {
	// Alerts returns a page, newest first.
	Alerts(ctx context.Context, f app.Filter) (app.Page, error)
	// Accounts returns every account, SyncState how one stands.
	Accounts(ctx context.Context) ([]app.Account, error)
	SyncState(ctx context.Context, id app.AccountID) (app.SyncState, error)
	// Count, NewCount and Pending count alerts of an account; 0 is all.
	Count(ctx context.Context, account app.AccountID) (int, error)
	NewCount(ctx context.Context, account app.AccountID) (int, error)
	Pending(ctx context.Context, account app.AccountID) (int, error)
	// Settings returns every setting, defaults filled in.
	Settings(ctx context.Context) (map[string]string, error)
}

// Bell is what the windows ask the running bell to do. Its methods wait for the
// outcome; errors are meant for the user (see [app.AsProblem]).
type Bell interface {
	Status(ctx context.Context) (app.Status, error)
	Remove(ctx context.Context, ids []app.AlertID) (app.Removed, error)
	Clear(ctx context.Context, account app.AccountID, upTo app.AlertID) (app.Removed, error)
	Undo(ctx context.Context, ids []app.IntentID) (int, error)
	Retry(ctx context.Context, ids []app.AlertID) (app.Removed, error)
	Looked(ctx context.Context, account app.AccountID, upTo app.AlertID) error
	Sync(ctx context.Context, account app.AccountID) error
	Pause(ctx context.Context, until time.Time) error
	Resume(ctx context.Context) error
	Set(ctx context.Context, key, value string) error
	Probe(ctx context.Context, c app.Connect) (app.Probe, error)
	Connect(ctx context.Context, c app.Connect) (app.Account, error)
	Disconnect(ctx context.Context, id app.AccountID) error
	// Open shows an alert's page in the browser. A page on another host than
	// the account's is refused with [app.ErrForeignHost] unless foreignOK.
	Open(ctx context.Context, id app.AlertID, foreignOK bool) (url string, err error)
	Keeper
}

// errNoBell is what every action comes to while no bell runs.
var errNoBell = app.NewProblem("not_running", "Bellhop's bell is not running.", "Start it, then try again.", false, app.ErrNotRunning)
