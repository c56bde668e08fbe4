package program

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"bellhop/app"
	"bellhop/sync/dojo"
	"bellhop/sync/syncer"
)

// withServer calls f with a client that is signed in as the account. Where the
// session has ended, the account is synchronised once, which renews it.
func (b *bell) withServer(ctx context.Context, id app.AccountID, f func(context.Context, *dojo.Client, app.Account) error) error {
	account, err := b.store.Account(ctx, id)
	if errors.Is(err, app.ErrNotFound) {
		return app.NewProblem("not_found", fmt.Sprintf("There is no account %d.", id), "List them with `bellhop accounts`.", false, err)
	}
	if err != nil {
		return err
	}
	if account.Local() {
		return app.Invalid("This account has no server.", "Choose one that has with --account; `bellhop accounts` lists them.")
	}
	err = b.asAccount(ctx, account, f)
	if errors.Is(err, dojo.ErrSessionExpired) {
		if syncErr := b.crew.Sync(ctx, id); syncErr != nil {
			return syncErr
		}
		err = b.asAccount(ctx, account, f)
	}
	if problem, ok := errors.AsType[*app.Problem](err); ok {
		return problem
	}
	if errors.Is(err, dojo.ErrForbidden) {
		return app.NewProblem("needs_superuser", "The server does not let "+account.Username+" do that: it takes a superuser.",
			"Connect with a superuser's sign-in, or ask an administrator to do it in DefectDojo.", true, err)
	}
	if err != nil && ctx.Err() == nil {
		return syncer.Problem(err)
	}
	return err
}

// asAccount calls f with a client that has the account's session or token.
func (b *bell) asAccount(ctx context.Context, a app.Account, f func(context.Context, *dojo.Client, app.Account) error) error {
	client, err := dojo.New(dojo.Config{
		BaseURL: a.URL, CookieName: a.CookieName, CAFile: a.CAFile, ClientCert: a.ClientCert, ClientKey: a.ClientKey,
		Proxy: a.Proxy, Insecure: a.Insecure, UserAgent: b.o.agent(), Now: b.o.Now,
	})
	if err != nil {
		return err
	}
	defer client.Close()
	if a.SignIn == app.SignInToken {
		token, err := b.vault.Get(ctx, a.ID, syncer.SecretToken)
		if err != nil {
			return err
		}
		client.UseToken(token)
		return f(ctx, client, a)
	}
	stored, err := b.vault.Get(ctx, a.ID, syncer.SecretCookies)
	if errors.Is(err, app.ErrNotFound) {
		return dojo.ErrSessionExpired
	}
	if err != nil {
		return err
	}
	var session dojo.Session
	if err := json.Unmarshal([]byte(stored), &session); err != nil {
		return dojo.ErrSessionExpired
	}
	client.UseSession(session)
	return f(ctx, client, a)
}

// SyncPeople learns the people, access and settings of an account's server.
func (b *bell) SyncPeople(ctx context.Context, id app.AccountID) (app.PeopleNote, error) {
	id, err := b.homeOf(ctx, id)
	if err != nil {
		return app.PeopleNote{}, err
	}
	note := app.PeopleNote{Account: id}
	err = b.withServer(ctx, id, func(ctx context.Context, c *dojo.Client, a app.Account) error {
		d, err := syncer.FetchDirectory(ctx, c, b.o.now())
		if err != nil {
			return err
		}
		if err := b.store.ReplaceDirectory(ctx, a.ID, d); err != nil {
			return err
		}
		note.Model, note.Complete = d.Model, d.Complete
		note.People, note.Grants, note.Products, note.ProductTypes = len(d.People), len(d.Grants), len(d.Products), len(d.ProductTypes)
		people, err := b.store.People(ctx, a.ID)
		if err != nil {
			return err
		}
		rows, err := syncer.FetchPreferences(ctx, c, a.ID, people)
		if errors.Is(err, dojo.ErrTokenHasNoAlerts) { // the page of one's own settings needs a session
			return nil
		}
		if err != nil {
			return err
		}
		note.Settings = len(rows)
		return b.store.ReplaceServerPreferences(ctx, a.ID, rows)
	})
	return note, err
}

// PutPreference stores a row of Bellhop's own settings.
func (b *bell) PutPreference(ctx context.Context, p app.Preference) (app.Preference, error) {
	p.Owner = app.OwnerLocal
	if err := p.Extra.Check(); err != nil {
		return app.Preference{}, err
	}
	return b.store.PutPreference(ctx, p, whoami())
}

// DropPreference takes a row away.
func (b *bell) DropPreference(ctx context.Context, p app.Preference) error {
	p.Owner = app.OwnerLocal
	return b.store.DropPreference(ctx, p, whoami())
}

// ImportPreferences stores rows, all or none.
func (b *bell) ImportPreferences(ctx context.Context, list []app.Preference) error {
	for i := range list {
		list[i].Owner = app.OwnerLocal
		if err := list[i].Extra.Check(); err != nil {
			return err
		}
	}
	return b.store.ImportPreferences(ctx, list, whoami())
}

// WritePreferences writes Bellhop's own rows to the account's server, or only
// says what that would change. It needs a superuser's sign-in.
func (b *bell) WritePreferences(ctx context.Context, id app.AccountID, dry bool) ([]app.PreferenceWrite, error) {
	id, err := b.homeOf(ctx, id)
	if err != nil {
		return nil, err
	}
	rows, err := b.store.Preferences(ctx, id, app.OwnerLocal)
	if err != nil {
		return nil, err
	}
	people, err := b.store.People(ctx, id)
	if err != nil {
		return nil, err
	}
	products, err := b.store.Products(ctx, id)
	if err != nil {
		return nil, err
	}
	var out []app.PreferenceWrite
	err = b.withServer(ctx, id, func(ctx context.Context, c *dojo.Client, _ app.Account) error {
		out = nil
		plan, err := syncer.PlanPreferences(ctx, c, people, rows)
		if err != nil {
			return err
		}
		for _, change := range plan {
			written := false
			if !dry {
				if _, err := syncer.WritePreference(ctx, c, change); err != nil {
					return err
				}
				written = true
			}
			out = append(out, writesOf(change, people, products, written)...)
		}
		return nil
	})
	return out, err
}

func writesOf(change syncer.PreferenceChange, people []app.Person, products []app.Product, written bool) []app.PreferenceWrite {
	base := app.PreferenceWrite{Scope: change.Want.Scope, Written: written}
	for _, p := range people {
		if p.ID == change.Want.Person {
			base.Username = p.Username
		}
	}
	for _, p := range products {
		if p.ID == change.Want.Product {
			base.Product = p.Name
		}
	}
	var out []app.PreferenceWrite
	for _, name := range change.Columns {
		column, ok := app.ColumnNamed(name)
		if !ok {
			continue
		}
		one := base
		one.Column, one.Before, one.After = name, change.Before[column], change.After[column]
		out = append(out, one)
	}
	return out
}
