package syncer

import (
	"context"
	"iter"
	"time"

	"bellhop/app"
	"bellhop/sync/dojo"
)

// Remote is what a Syncer needs of DefectDojo; [*dojo.Client] is one. It is
// used by one goroutine at a time.
type Remote interface {
	SignIn(ctx context.Context, username, password string) (dojo.Session, error)
	UseSession(session dojo.Session)
	Session() dojo.Session
	UseToken(token string)
	User(ctx context.Context) (dojo.User, error)
	Version(ctx context.Context) (string, error)
	Alerts(ctx context.Context, limit int) iter.Seq2[dojo.Alert, error]
	Count(ctx context.Context) (int, error)
	Remove(ctx context.Context, pks []int64) error
	Skew() time.Duration
	Close()
}

// Dial opens a Remote. It makes no request; an error means that the
// configuration cannot be used, for example that the CA file is missing.
type Dial func(config dojo.Config) (Remote, error)

// dialDojo is the Dial of real life.
func dialDojo(config dojo.Config) (Remote, error) {
	client, err := dojo.New(config)
	if err != nil {
		return nil, err
	}
	return client, nil
}

// configOf returns how the account's server is reached.
func configOf(a app.Account, opt Options) dojo.Config {
	return dojo.Config{
		BaseURL:    a.URL,
		CookieName: a.CookieName,
		CAFile:     a.CAFile,
		ClientCert: a.ClientCert,
		ClientKey:  a.ClientKey,
		Proxy:      a.Proxy,
		Insecure:   a.Insecure,
		UserAgent:  opt.UserAgent,
		Now:        opt.Now,
	}
}

// remoteAlert returns the server's alert in Bellhop's words.
func remoteAlert(a dojo.Alert) app.Remote {
	return app.Remote{
		ID:          a.PK,
		UserID:      a.UserID,
		Title:       a.Title,
		Description: a.Description,
		URL:         a.URL,
		Source:      a.Source,
		Icon:        a.Icon,
		Created:     a.Created,
	}
}
