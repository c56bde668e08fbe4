package main

import (
	"context"
	"errors"
	"time"

	"bellhop/app"
	"bellhop/store"
)

// seed fills a database with two accounts: the first has the alerts 1 to 3,
// with 3 removed and 2 out to do harm; the second has the alert 4.
func seed(ctx context.Context, dir string) (err error) {
	s, err := store.Open(ctx, store.Options{Dir: dir})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	born := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, account := range []struct {
		app.Account
		alerts []app.Remote
	}{
		{
			app.Account{URL: "https://dojo.example.com/base", Username: "ann", SignIn: app.SignInPassword, CookieName: "sessionid"},
			[]app.Remote{
				{ID: 11, UserID: 7, Title: "SQL injection in login", Description: "Found by ZAP, \"quoted\"", URL: "/base/finding/1", Source: "Finding Added", Icon: "bug", Created: born},
				{ID: 12, UserID: 7, Title: "=HYPERLINK(\"https://evil\")\x1b]0;owned\x07\u009b2J\u202egpj.exe", Description: "line one\r\nline two", URL: "https://elsewhere.example/x", Source: "\x1b[31mred", Created: born.Add(time.Minute)},
				{ID: 13, UserID: 7, Title: "An outdated library", URL: "", Source: "Test Added", Created: born.Add(2 * time.Minute)},
			},
		},
		{
			app.Account{URL: "https://other.example.com", Username: "bob", SignIn: app.SignInSession, CookieName: "sessionid"},
			[]app.Remote{{ID: 11, UserID: 9, Title: "A weak cipher", URL: "/finding/9", Source: "Finding Added", Created: born.Add(3 * time.Minute)}},
		},
	} {
		a, err := s.AddAccount(ctx, account.Account)
		if err != nil {
			return err
		}
		if err := receive(ctx, s, a.ID, account.alerts); err != nil {
			return err
		}
	}
	_, err = s.Remove(ctx, []app.AlertID{3}, time.Hour)
	return err
}

func receive(ctx context.Context, s *store.Store, account app.AccountID, alerts []app.Remote) (err error) {
	p, err := s.BeginPull(ctx, account, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	if err := p.Add(ctx, alerts); err != nil {
		return err
	}
	_, err = p.Apply(ctx, app.Apply{First: true})
	return err
}
