package syncer

import (
	"context"
	"errors"
	"strings"

	"bellhop/app"
	"bellhop/sync/dojo"
)

// Connect signs in with what the user gave and asks the server who the user
// is. It stores nothing: the caller adds the account and keeps the secrets, the
// session under [SecretCookies]. Of the options it uses Dial, Now and
// UserAgent. For an API token, which has no session, the session is zero; the
// account can be added although it will show no alerts. Errors are
// [*app.Problem].
func Connect(ctx context.Context, given app.Connect, opt Options) (app.Account, dojo.Session, error) {
	opt = opt.withDefaults()
	account, err := accountOf(given)
	if err != nil {
		return app.Account{}, dojo.Session{}, err
	}
	remote, err := opt.Dial(configOf(account, opt))
	if err != nil {
		return app.Account{}, dojo.Session{}, Problem(err)
	}
	defer remote.Close()
	if err := enter(ctx, remote, given, &account, opt); err != nil {
		return app.Account{}, dojo.Session{}, Problem(err)
	}
	session := remote.Session()
	if account.SignIn != app.SignInToken {
		if session.Name != "" {
			account.CookieName = session.Name
		}
	}
	account.Created = opt.Now().Round(0)
	return account, session, nil
}

// accountOf returns the account that the user means, before the server was asked.
func accountOf(given app.Connect) (app.Account, error) {
	base, err := app.BaseURL(given.URL)
	if err != nil {
		return app.Account{}, err
	}
	return app.Account{
		URL:        base,
		Username:   strings.TrimSpace(given.Username),
		SignIn:     given.SignIn,
		CookieName: strings.TrimSpace(given.CookieName),
		CAFile:     given.CAFile,
		ClientCert: given.ClientCert,
		ClientKey:  given.ClientKey,
		Proxy:      given.Proxy,
		Insecure:   given.Insecure,
	}, nil
}

// enter proves who the user is and completes the account.
func enter(ctx context.Context, remote Remote, given app.Connect, account *app.Account, opt Options) error {
	switch given.SignIn {
	case app.SignInPassword:
		if account.Username == "" || given.Password == "" {
			return app.Invalid("User name and password are needed to sign in.", "Type both, as on DefectDojo's own login page.")
		}
		if _, err := remote.SignIn(ctx, account.Username, given.Password); err != nil {
			return err
		}
	case app.SignInSession:
		session, err := dojo.ParseSession(given.Session, given.CookieName)
		if err != nil {
			return app.Invalid("What was pasted holds no session cookie.", "Copy the value of the cookie \"sessionid\" from the browser's developer tools.")
		}
		session.At = opt.Now().Round(0)
		remote.UseSession(session)
	case app.SignInToken:
		if given.Token == "" {
			return app.Invalid("No API token was given.", "Copy it from the API key page of DefectDojo.")
		}
		remote.UseToken(given.Token)
		user, err := remote.User(ctx)
		if err != nil {
			return err
		}
		account.UserID, account.Username = user.ID, user.Username
		return nil
	default:
		return app.Invalid("It was not said how to sign in.", "Choose user name and password, a session cookie, or an API token.")
	}
	return whoOf(ctx, remote, account)
}

// whoOf asks who the session belongs to, and makes sure that it may read
// alerts: the one thing that it is for.
func whoOf(ctx context.Context, remote Remote, account *app.Account) error {
	newest := int64(0)
	for alert, err := range remote.Alerts(ctx, 1) {
		if err != nil {
			return err
		}
		newest = alert.UserID
		break
	}
	user, err := remote.User(ctx)
	switch {
	case err == nil:
	case errors.Is(err, dojo.ErrForbidden), errors.Is(err, dojo.ErrNotDojo), errors.Is(err, dojo.ErrNotJSON):
		// The API is closed; the alerts tell the user's id, now or later.
		account.UserID = newest
		return nil
	default:
		return err
	}
	account.UserID = user.ID
	if newest != 0 && newest != user.ID {
		return foreignUser(*account, newest)
	}
	if account.Username == "" || account.SignIn == app.SignInSession {
		account.Username = user.Username
	}
	return nil
}
