package control

import (
	"context"
	"time"

	"bellhop/app"
)

// Bell is what a running bell can be asked to do. The program implements it;
// [Server] offers it on the socket and [Client] calls it from the other side.
// Errors are [app.Problem] values or match a sentinel of package app.
type Bell interface {
	Engine
	Delivery
	// Status describes the bell and all of its accounts.
	Status(ctx context.Context) (app.Status, error)
	// Alerts returns a page of the inbox or of its history.
	Alerts(ctx context.Context, f app.Filter) (app.Page, error)
	// Remove hides the alerts now and removes them on the server once the
	// time for undo is over.
	Remove(ctx context.Context, ids []app.AlertID) (app.Removed, error)
	// Clear removes the whole list of an account (0 = of all) up to the newest
	// alert that the user was shown.
	Clear(ctx context.Context, account app.AccountID, upTo app.AlertID) (app.Removed, error)
	// Undo takes removals back, the latest one where no intents are given, and
	// returns how many alerts are back. It fails with [app.ErrTooLate].
	Undo(ctx context.Context, intents []app.IntentID) (int, error)
	// Retry removes alerts again whose removal has failed.
	Retry(ctx context.Context, ids []app.AlertID) (app.Removed, error)
	// Snooze announces the alert again after d, if it is still in the list.
	Snooze(ctx context.Context, id app.AlertID, d time.Duration) error
	// Looked says that the user has seen the list up to an alert.
	Looked(ctx context.Context, account app.AccountID, upTo app.AlertID) error
	// Sync looks at the server now (0 = at every server) and waits for the
	// outcome.
	Sync(ctx context.Context, account app.AccountID) error
	// Pause holds notifications back until a time; [app.PauseForever] is
	// "until resumed".
	Pause(ctx context.Context, until time.Time) error
	// Resume ends a pause.
	Resume(ctx context.Context) error
	// Settings returns every setting with its value in force.
	Settings(ctx context.Context) (map[string]string, error)
	// Set changes one setting.
	Set(ctx context.Context, key, value string) error
	// Probe looks at a server before anyone signs in.
	Probe(ctx context.Context, c app.Connect) (app.Probe, error)
	// Connect signs in and keeps the account; for an account that exists it
	// renews the sign-in.
	Connect(ctx context.Context, c app.Connect) (app.Account, error)
	// Disconnect forgets an account with its alerts and secrets. Nothing is
	// removed on the server.
	Disconnect(ctx context.Context, account app.AccountID) error
	// Open shows the alert's page in the browser and returns its address. A
	// link to another host needs foreignOK; without, the address comes with
	// an error that matches [app.ErrForeignHost].
	Open(ctx context.Context, id app.AlertID, foreignOK bool) (url string, err error)
	// ShowWindow raises the window with a view, or starts it.
	ShowWindow(ctx context.Context, view string) error
	// AttachWindow makes the caller the one window. It is told on raise which
	// view to show, until it calls release. A second window is refused with
	// the code "window_open", and the first one is raised.
	AttachWindow(ctx context.Context) (raise <-chan string, release func(), err error)
	// WindowShown is for the window, which has shown a view that it was raised
	// with. Where it ends without having said so, the view is shown by a new one.
	WindowShown(ctx context.Context, view string) error
	// Quit ends the bell soon after it has answered.
	Quit(ctx context.Context) error
	// Changes tells what changed.
	Changes() *app.Changes
}
