package syncer

import (
	"context"
	"time"

	"bellhop/app"
)

// Local is what a Syncer needs of the store. Every call is one short
// transaction; hints about what changed are published after the commit.
type Local interface {
	// Changes hands out the store's hints; the Syncer listens for new intents
	// and for a changed poll interval instead of looking for them.
	Changes() *app.Changes
	// Account returns the account as it is stored now.
	Account(ctx context.Context, id app.AccountID) (app.Account, error)
	// UpdateAccount saves what the server told about the account: the user's
	// id and the server's version.
	UpdateAccount(ctx context.Context, account app.Account) error
	// SyncState returns how the last run stood, [app.PhaseNew] when there was
	// none.
	SyncState(ctx context.Context, account app.AccountID) (app.SyncState, error)
	// SetSyncState saves how the account stands now.
	SetSyncState(ctx context.Context, state app.SyncState) error
	// Setting returns a setting's value, its default where none was set.
	Setting(ctx context.Context, key string) (string, error)
	// Pending counts the account's removals that the server has not confirmed.
	Pending(ctx context.Context, account app.AccountID) (int, error)
	// NextDue returns when the earliest waiting intent of any account may be
	// sent; zero where none waits.
	NextDue(ctx context.Context) (time.Time, error)
	// BeginPull stages one answer of the server. complete says that what will
	// be added is the whole list, so that what is missing is gone.
	BeginPull(ctx context.Context, account app.AccountID, complete bool) (Pull, error)
}

// Pull is one answer of the server on its way into the store. Nothing is
// changed before Apply.
type Pull interface {
	// Add stages alerts; memory does not grow with their number.
	Add(ctx context.Context, alerts []app.Remote) error
	// Plan tells what Apply would change.
	Plan(ctx context.Context) (app.Plan, error)
	// Apply makes the list what was staged, or adds to it where the pull is
	// not complete.
	Apply(ctx context.Context, how app.Apply) (app.Pulled, error)
	// Targets returns removals that may be sent now: their time for undo is
	// over, the answer still holds them, and they were not posted in this pull.
	Targets(ctx context.Context, limit int) ([]app.Target, error)
	// Posted notes that the server was asked to remove these.
	Posted(ctx context.Context, alerts []app.AlertID) error
	// Close drops what was staged. It may be called more than once.
	Close() error
}

// Secrets keeps what must not be in the database, by account and name. An
// absent secret is an error that matches [app.ErrNotFound].
type Secrets interface {
	Get(ctx context.Context, account app.AccountID, name string) (string, error)
	Set(ctx context.Context, account app.AccountID, name, value string) error
}

// The names of the secrets.
const (
	SecretPassword = "password" // #nosec G101 -- a name, not a password
	SecretToken    = "token"    // #nosec G101 -- a name, not a token
	// SecretCookies holds the signed-in session, a [dojo.Session] as JSON.
	SecretCookies = "cookies"
)
