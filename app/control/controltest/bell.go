// Package controltest has a bell that does nothing: it keeps what it was asked
// and answers what the test says.
package controltest

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"bellhop/app"
	"bellhop/app/control"
)

// Call is one thing the bell was asked, with its arguments in order.
type Call struct {
	Method string
	Args   []any
}

// Bell implements [control.Bell].
type Bell struct {
	// Answer gives a call's answer, of the type that the method returns (nil
	// for the zero value), and its error. Without it every call succeeds.
	Answer func(ctx context.Context, c Call) (any, error)
	// Raise is what an attached window is told; nil where nothing is.
	Raise chan string

	changes app.Changes
	mu      sync.Mutex
	calls   []Call
}

var _ control.Bell = (*Bell)(nil)

// Calls returns what the bell was asked so far.
func (b *Bell) Calls() []Call {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]Call(nil), b.calls...)
}

func ask[T any](ctx context.Context, b *Bell, method string, args ...any) (T, error) {
	c := Call{method, args}
	b.mu.Lock()
	b.calls = append(b.calls, c)
	b.mu.Unlock()
	var zero T
	if b.Answer == nil {
		return zero, nil
	}
	v, err := b.Answer(ctx, c)
	if v == nil {
		return zero, err
	}
	return v.(T), err
}

// Status implements [control.Bell].
func (b *Bell) Status(ctx context.Context) (app.Status, error) {
	return ask[app.Status](ctx, b, "Status")
}

// Alerts implements [control.Bell].
func (b *Bell) Alerts(ctx context.Context, f app.Filter) (app.Page, error) {
	return ask[app.Page](ctx, b, "Alerts", f)
}

// Remove implements [control.Bell].
func (b *Bell) Remove(ctx context.Context, ids []app.AlertID) (app.Removed, error) {
	return ask[app.Removed](ctx, b, "Remove", ids)
}

// Clear implements [control.Bell].
func (b *Bell) Clear(ctx context.Context, account app.AccountID, upTo app.AlertID) (app.Removed, error) {
	return ask[app.Removed](ctx, b, "Clear", account, upTo)
}

// Undo implements [control.Bell].
func (b *Bell) Undo(ctx context.Context, intents []app.IntentID) (int, error) {
	return ask[int](ctx, b, "Undo", intents)
}

// Retry implements [control.Bell].
func (b *Bell) Retry(ctx context.Context, ids []app.AlertID) (app.Removed, error) {
	return ask[app.Removed](ctx, b, "Retry", ids)
}

// Snooze implements [control.Bell].
func (b *Bell) Snooze(ctx context.Context, id app.AlertID, d time.Duration) error {
	_, err := ask[any](ctx, b, "Snooze", id, d)
	return err
}

// Looked implements [control.Bell].
func (b *Bell) Looked(ctx context.Context, account app.AccountID, upTo app.AlertID) error {
	_, err := ask[any](ctx, b, "Looked", account, upTo)
	return err
}

// Sync implements [control.Bell].
func (b *Bell) Sync(ctx context.Context, account app.AccountID) error {
	_, err := ask[any](ctx, b, "Sync", account)
	return err
}

// Pause implements [control.Bell].
func (b *Bell) Pause(ctx context.Context, until time.Time) error {
	_, err := ask[any](ctx, b, "Pause", until)
	return err
}

// Resume implements [control.Bell].
func (b *Bell) Resume(ctx context.Context) error {
	_, err := ask[any](ctx, b, "Resume")
	return err
}

// Settings implements [control.Bell].
func (b *Bell) Settings(ctx context.Context) (map[string]string, error) {
	return ask[map[string]string](ctx, b, "Settings")
}

// Set implements [control.Bell].
func (b *Bell) Set(ctx context.Context, key, value string) error {
	_, err := ask[any](ctx, b, "Set", key, value)
	return err
}

// Probe implements [control.Bell].
func (b *Bell) Probe(ctx context.Context, c app.Connect) (app.Probe, error) {
	return ask[app.Probe](ctx, b, "Probe", c)
}

// Connect implements [control.Bell].
func (b *Bell) Connect(ctx context.Context, c app.Connect) (app.Account, error) {
	return ask[app.Account](ctx, b, "Connect", c)
}

// Disconnect implements [control.Bell].
func (b *Bell) Disconnect(ctx context.Context, account app.AccountID) error {
	_, err := ask[any](ctx, b, "Disconnect", account)
	return err
}

// Open implements [control.Bell].
func (b *Bell) Open(ctx context.Context, id app.AlertID, foreignOK bool) (string, error) {
	return ask[string](ctx, b, "Open", id, foreignOK)
}

// ShowWindow implements [control.Bell].
func (b *Bell) ShowWindow(ctx context.Context, view string) error {
	_, err := ask[any](ctx, b, "ShowWindow", view)
	return err
}

// WindowShown implements [control.Bell].
func (b *Bell) WindowShown(ctx context.Context, view string) error {
	_, err := ask[any](ctx, b, "WindowShown", view)
	return err
}

// AttachWindow implements [control.Bell]; the release is kept as a call
// "release".
func (b *Bell) AttachWindow(ctx context.Context) (<-chan string, func(), error) {
	if _, err := ask[any](ctx, b, "AttachWindow"); err != nil {
		return nil, nil, err
	}
	return b.Raise, func() { _, _ = ask[any](ctx, b, "release") }, nil
}

// Quit implements [control.Bell].
func (b *Bell) Quit(ctx context.Context) error {
	_, err := ask[any](ctx, b, "Quit")
	return err
}

// Changes implements [control.Bell].
func (b *Bell) Changes() *app.Changes { return &b.changes }

// Notify implements [control.Engine].
func (b *Bell) Notify(ctx context.Context, account app.AccountID, notices []json.RawMessage) (app.Noticed, error) {
	return ask[app.Noticed](ctx, b, "Notify", account, notices)
}

// PutPreference implements [control.Engine].
func (b *Bell) PutPreference(ctx context.Context, p app.Preference) (app.Preference, error) {
	return ask[app.Preference](ctx, b, "PutPreference", p)
}

// DropPreference implements [control.Engine].
func (b *Bell) DropPreference(ctx context.Context, p app.Preference) error {
	_, err := ask[any](ctx, b, "DropPreference", p)
	return err
}

// ImportPreferences implements [control.Engine].
func (b *Bell) ImportPreferences(ctx context.Context, list []app.Preference) error {
	_, err := ask[any](ctx, b, "ImportPreferences", list)
	return err
}

// SyncPeople implements [control.Engine].
func (b *Bell) SyncPeople(ctx context.Context, account app.AccountID) (app.PeopleNote, error) {
	return ask[app.PeopleNote](ctx, b, "SyncPeople", account)
}

// WritePreferences implements [control.Engine].
func (b *Bell) WritePreferences(ctx context.Context, account app.AccountID, dry bool) ([]app.PreferenceWrite, error) {
	return ask[[]app.PreferenceWrite](ctx, b, "WritePreferences", account, dry)
}

// Intake implements [control.Engine].
func (b *Bell) Intake(ctx context.Context) (app.Intake, error) {
	return ask[app.Intake](ctx, b, "Intake")
}

// ChangeIntake implements [control.Engine].
func (b *Bell) ChangeIntake(ctx context.Context, c app.IntakeChange) (app.Intake, error) {
	return ask[app.Intake](ctx, b, "ChangeIntake", c)
}

// AddSilence implements [control.Engine].
func (b *Bell) AddSilence(ctx context.Context, s app.Silence) (app.Silence, error) {
	return ask[app.Silence](ctx, b, "AddSilence", s)
}

// EndSilence implements [control.Engine].
func (b *Bell) EndSilence(ctx context.Context, id app.SilenceID) (app.SilenceEnded, error) {
	return ask[app.SilenceEnded](ctx, b, "EndSilence", id)
}

// PutDestination implements [control.Delivery].
func (b *Bell) PutDestination(ctx context.Context, d app.Destination, secrets map[string]string, noPing bool) (app.Placed, error) {
	return ask[app.Placed](ctx, b, "PutDestination", d, secrets, noPing)
}

// RemoveDestination implements [control.Delivery].
func (b *Bell) RemoveDestination(ctx context.Context, id app.DestinationID) error {
	_, err := ask[any](ctx, b, "RemoveDestination", id)
	return err
}

// TestDestination implements [control.Delivery].
func (b *Bell) TestDestination(ctx context.Context, id app.DestinationID) (app.Tested, error) {
	return ask[app.Tested](ctx, b, "TestDestination", id)
}

// Resend implements [control.Delivery].
func (b *Bell) Resend(ctx context.Context, ids []app.DeliveryID, dead bool) (int, error) {
	return ask[int](ctx, b, "Resend", ids, dead)
}

// PauseOutbox implements [control.Delivery].
func (b *Bell) PauseOutbox(ctx context.Context, paused bool) error {
	_, err := ask[any](ctx, b, "PauseOutbox", paused)
	return err
}
