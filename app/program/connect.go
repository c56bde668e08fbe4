package program

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"bellhop/app"
	"bellhop/app/control"
	"bellhop/store"
	"bellhop/sync/dojo"
	"bellhop/sync/syncer"
)

// Connect adds an account, or signs in again, while no bell runs. It holds the
// data folder's lock meanwhile; a running bell is [control.ErrAlreadyRunning].
func Connect(ctx context.Context, o Options, c app.Connect) (app.Account, error) {
	o = o.withDefaults()
	release, err := control.Lock(o.DataDir)
	if err != nil {
		return app.Account{}, err
	}
	defer release() //nolint:errcheck // the process ends, and the lock with it
	s, err := store.Open(ctx, store.Options{Dir: o.DataDir, Log: o.Log, Now: o.Now})
	if err != nil {
		return app.Account{}, err
	}
	account, err := connect(ctx, s, newVault(o.DataDir, o.Log), o, c, func(app.AccountID) {})
	if closeErr := s.Close(); err == nil {
		err = closeErr
	}
	return account, err
}

// connect signs in, and keeps the account and its secrets only once the server
// has agreed; from then on it is finished also where the caller has gone. Before
// secrets are changed, stop ends what works with them. Where they cannot be
// kept, a new account is dropped again; one that was there is returned with the
// error, so that its synchronisation can go on.
func connect(ctx context.Context, s *store.Store, v secretKeeper, o Options, c app.Connect, stop func(app.AccountID)) (app.Account, error) {
	account, session, err := syncer.Connect(ctx, c, syncer.Options{Local: local{s}, Secrets: v, Now: o.Now, Log: o.Log, UserAgent: o.agent()})
	if err != nil {
		return app.Account{}, err
	}
	ctx = context.WithoutCancel(ctx)
	before, err := s.Accounts(ctx)
	if err != nil {
		return app.Account{}, err
	}
	account.Created = o.now()
	account.Demo = o.demo
	kept, err := s.AddAccount(ctx, account)
	if err != nil {
		return app.Account{}, fmt.Errorf("keep the account: %w", err)
	}
	stop(kept.ID)
	if err := keepSecrets(ctx, v, kept.ID, c, session); err != nil {
		if slices.ContainsFunc(before, func(a app.Account) bool { return a.ID == kept.ID }) {
			return kept, err
		}
		return app.Account{}, errors.Join(err, s.RemoveAccount(ctx, kept.ID))
	}
	if len(before) == 0 { // until the first daily copy, damage would cost the account
		if err := s.Backup(ctx); err != nil {
			o.Log.WarnContext(ctx, "no copy of the database was made", "error", err)
		}
	}
	// What the last sign-in ended with no longer holds.
	state, err := s.SyncState(ctx, kept.ID)
	if err != nil {
		return kept, err
	}
	if state.Problem != nil {
		state.Problem, state.Failures, state.NextSync = nil, 0, time.Time{}
		state.Phase = app.PhaseOffline
		if state.LastSync.IsZero() {
			state.Phase = app.PhaseNew
		}
		if err := s.SetSyncState(ctx, state); err != nil {
			return kept, err
		}
	}
	return kept, nil
}

// keepSecrets replaces the account's secrets by those of this sign-in.
func keepSecrets(ctx context.Context, v secretKeeper, id app.AccountID, c app.Connect, session dojo.Session) error {
	if err := v.Delete(ctx, id); err != nil {
		return fmt.Errorf("forget the old secrets: %w", err)
	}
	switch c.SignIn {
	case app.SignInToken:
		return v.Set(ctx, id, syncer.SecretToken, c.Token)
	case app.SignInPassword:
		if err := v.Set(ctx, id, syncer.SecretPassword, c.Password); err != nil {
			return err
		}
	case app.SignInSession:
	}
	cookies, err := json.Marshal(session)
	if err != nil {
		return fmt.Errorf("write the session: %w", err)
	}
	return v.Set(ctx, id, syncer.SecretCookies, string(cookies))
}

// Connect signs in and keeps the account; its syncer starts over.
func (b *bell) Connect(ctx context.Context, c app.Connect) (app.Account, error) {
	if b.o.connectElsewhere != nil {
		return b.o.connectElsewhere(ctx, c)
	}
	return b.connectHere(ctx, c)
}

func (b *bell) connectHere(ctx context.Context, c app.Connect) (app.Account, error) {
	// A bell that is still starting might else work for an account that is there
	// for a moment only, because its secrets cannot be kept.
	select {
	case <-b.crew.begun:
	case <-ctx.Done():
		return app.Account{}, ctx.Err()
	}
	account, err := connect(ctx, b.store, b.vault, b.o, c, b.crew.Stop)
	if account.ID != 0 {
		b.crew.Start(account) //nolint:contextcheck // the syncer outlives this call
	}
	return account, err
}

// Disconnect forgets an account with its alerts and secrets. It is finished also
// where the caller has gone.
func (b *bell) Disconnect(ctx context.Context, id app.AccountID) error {
	ctx = context.WithoutCancel(ctx)
	account, err := b.store.Account(ctx, id)
	if err != nil {
		return err
	}
	if account.Local() {
		return app.Invalid("This computer's own account cannot be disconnected.", "Remove its alerts instead.")
	}
	b.crew.Stop(id)
	b.dropDestinations(ctx, id)
	if err := b.vault.Delete(ctx, id); err != nil {
		b.log.WarnContext(ctx, "secrets were not deleted", "account", int64(id), "error", err)
		b.notices.put(app.NewProblem("secrets_left", "The secrets of "+account.Name()+" could not be deleted from the keyring.",
			"Delete the entries named bellhop there yourself.", false, nil))
	}
	err = b.store.RemoveAccount(ctx, id)
	if _, gone := b.store.Account(ctx, id); gone == nil {
		b.crew.Start(account) //nolint:contextcheck // the syncer outlives this call
	}
	return err
}

// Probe looks at a server before anyone signs in. What is wrong with the server
// is part of the answer, not an error.
func (b *bell) Probe(ctx context.Context, c app.Connect) (app.Probe, error) {
	base, err := app.BaseURL(c.URL)
	if err != nil {
		return app.Probe{Problem: app.AsProblem(err)}, nil
	}
	answer := app.Probe{URL: base}
	client, err := dojo.New(dojo.Config{
		BaseURL: base, CookieName: c.CookieName, CAFile: c.CAFile, ClientCert: c.ClientCert, ClientKey: c.ClientKey,
		Proxy: c.Proxy, Insecure: c.Insecure, UserAgent: b.o.agent(),
	})
	if err != nil {
		answer.Problem = syncer.Problem(err)
		return answer, nil
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, doctorTime)
	defer cancel()
	p, err := client.Probe(ctx)
	answer.DefectDojo, answer.SSO = p.DefectDojo, p.SSO
	answer.TLSUntil, answer.TLSIssuer = p.TLSUntil, p.TLSIssuer
	answer.Skew = int(p.Skew.Seconds())
	if err != nil {
		answer.Problem = syncer.Problem(err)
	}
	return answer, nil
}

// hostnameOf returns a page's host without the port.
func hostnameOf(page string) string {
	u, err := url.Parse(page)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// hostOf returns a page's host.
func hostOf(page string) string {
	u, err := url.Parse(page)
	if err != nil {
		return page
	}
	return u.Host
}
