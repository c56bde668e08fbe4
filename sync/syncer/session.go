package syncer

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"bellhop/app"
	"bellhop/sync/dojo"
)

// reload takes up what the user may have changed before asking for a
// synchronisation: the way to the server and the way to sign in.
func (s *Syncer) reload(ctx context.Context) error {
	account, err := s.opt.Local.Account(ctx, s.account.ID)
	if err != nil {
		return notSaved("read the account", err)
	}
	if s.remote != nil && !sameWay(account, s.account) {
		s.remote.Close()
		s.remote = nil
	}
	s.account = account
	return nil
}

// sameWay says whether two accounts reach the server in the same way.
func sameWay(a, b app.Account) bool {
	return a.URL == b.URL && a.SignIn == b.SignIn && a.CookieName == b.CookieName &&
		a.CAFile == b.CAFile && a.ClientCert == b.ClientCert && a.ClientKey == b.ClientKey &&
		a.Proxy == b.Proxy && a.Insecure == b.Insecure
}

// ready makes sure that there is a connection and a session to try. A person
// who asks may just have signed in again, so the secrets are looked at anew.
func (s *Syncer) ready(ctx context.Context, j job) error {
	if j.user() {
		if err := s.reload(ctx); err != nil {
			return err
		}
	}
	if s.remote == nil {
		remote, err := s.opt.Dial(configOf(s.account, s.opt))
		if err != nil {
			return err
		}
		s.remote = remote
		s.session.loaded = false
	}
	if s.session.loaded && !j.user() {
		return nil
	}
	stored, err := s.stored(ctx)
	if err != nil && s.session.loaded && s.remote.Session().ID != "" {
		return nil // the keyring went away meanwhile; the session in hand goes on
	}
	if err != nil {
		return err
	}
	if stored.ID != "" && (!s.session.loaded || stored.ID != s.session.saved.ID) {
		s.remote.UseSession(stored)
		s.session.saved, s.session.deaths = stored, min(s.session.deaths, 1)
	}
	if s.state.Problem != nil && s.state.Problem.Code == CodeSingleSession {
		s.session.buried = stored.ID // counted before the restart
	}
	s.session.loaded = true
	return nil
}

// stored returns the session among the secrets, the zero Session for none.
func (s *Syncer) stored(ctx context.Context) (dojo.Session, error) {
	text, err := s.opt.Secrets.Get(ctx, s.account.ID, SecretCookies)
	if errors.Is(err, app.ErrNotFound) {
		return dojo.Session{}, nil
	}
	if err != nil {
		return dojo.Session{}, secretsProblem(err)
	}
	var session dojo.Session
	if err := json.Unmarshal([]byte(text), &session); err != nil {
		// Unreadable is as good as absent: a password signs in again.
		return dojo.Session{}, nil //nolint:nilerr // said above
	}
	return session, nil
}

// save keeps the session as it stands now, where it changed, so that a restart
// need not sign in. That it could not be saved costs one sign-in later and
// fails nothing now.
func (s *Syncer) save(ctx context.Context) {
	session := s.remote.Session()
	if session == s.session.saved || session.ID == "" {
		return
	}
	text, err := json.Marshal(session)
	if err == nil {
		err = s.opt.Secrets.Set(ctx, s.account.ID, SecretCookies, string(text))
	}
	if err != nil {
		s.opt.Log.WarnContext(ctx, "session not saved", "account", s.account.ID, "error", err)
		return
	}
	s.session.saved = session
}

// withSession does what needs a session. Where the session turns out to have
// ended, it signs in once and does it once more. What do did before must be
// harmless to repeat: an expired session is answered before anything happens.
func (s *Syncer) withSession(ctx context.Context, j job, do func() error) error {
	err := do()
	if !errors.Is(err, dojo.ErrSessionExpired) {
		return err
	}
	if err := s.renew(ctx, j, err); err != nil {
		return err
	}
	err = do()
	if s.account.SignIn == app.SignInPassword && errors.Is(err, dojo.ErrSessionExpired) {
		return sessionRefused(err)
	}
	return err
}

// renew replaces a session that has ended; cause is the error that told it.
func (s *Syncer) renew(ctx context.Context, j job, cause error) error {
	ended := s.remote.Session()
	stored, err := s.stored(ctx)
	if err != nil {
		return err
	}
	if stored.ID != "" && stored.ID != ended.ID && stored.ID != s.session.saved.ID {
		// The user signed in again, by a window or the command line.
		s.remote.UseSession(stored)
		s.session.saved, s.session.deaths = stored, 0
		return nil
	}
	if s.account.SignIn != app.SignInPassword {
		return cause
	}
	if err := s.count(ended, j); err != nil {
		return err
	}
	password, err := s.opt.Secrets.Get(ctx, s.account.ID, SecretPassword)
	if errors.Is(err, app.ErrNotFound) {
		return passwordMissing(s.account)
	}
	if err != nil {
		return secretsProblem(err)
	}
	if !j.user() && ended.ID != "" {
		if err := pause(ctx, s.opt.Jitter(signInSpread)); err != nil {
			return err
		}
	}
	return s.signIn(ctx, password)
}

// count takes note of a session that ended and refuses another sign-in where
// sessions keep ending within minutes: each sign-in may be what throws the user
// out of the browser. A person who asks gets it nonetheless.
func (s *Syncer) count(ended dojo.Session, j job) error {
	if ended.ID == "" || ended.At.IsZero() || ended.ID == s.session.buried {
		return nil
	}
	s.session.buried = ended.ID
	if !within(ended.At, s.read().wall, quickDeath) {
		s.session.deaths = 0
		return nil
	}
	if s.session.deaths++; s.session.deaths < 2 {
		return nil
	}
	s.session.deaths = 1 // the next one that ends soon is again the second
	if j.user() {
		return nil
	}
	return singleSession()
}

// signIn sends the password once and saves the session.
func (s *Syncer) signIn(ctx context.Context, password string) error {
	before := s.session.limited
	s.session.limited = false
	session, err := s.remote.SignIn(ctx, s.account.Username, password)
	if errors.Is(err, dojo.ErrRateLimited) {
		if before {
			return limitedTwice(err)
		}
		s.session.limited = true
		return err
	}
	if err != nil {
		return err
	}
	s.opt.Log.DebugContext(ctx, "signed in", "account", s.account.ID)
	if s.remote.Session() != session {
		s.remote.UseSession(session)
	}
	s.save(ctx)
	return nil
}

// whoAmI learns the user's id where it is not known yet. A server whose API is
// closed cannot tell; then the first alert does.
func (s *Syncer) whoAmI(ctx context.Context, j job) error {
	if s.account.UserID != 0 {
		return nil
	}
	var user dojo.User
	err := s.withSession(ctx, j, func() (err error) {
		user, err = s.remote.User(ctx)
		return err
	})
	if errors.Is(err, dojo.ErrForbidden) || errors.Is(err, dojo.ErrNotDojo) || errors.Is(err, dojo.ErrNotJSON) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.belongsTo(ctx, user.ID, user.Username)
}

// belongsTo writes the user's id into the account.
func (s *Syncer) belongsTo(ctx context.Context, id int64, username string) error {
	return notSaved("save the user's id", s.amend(ctx, func(a *app.Account) {
		a.UserID = id
		if a.Username == "" {
			a.Username = username
		}
	}))
}

// amend changes what is stored of the account, and only that: the user may have
// changed the rest meanwhile.
func (s *Syncer) amend(ctx context.Context, change func(*app.Account)) error {
	account, err := s.opt.Local.Account(ctx, s.account.ID)
	if err != nil {
		return err
	}
	change(&account)
	if err := s.opt.Local.UpdateAccount(ctx, account); err != nil {
		return err
	}
	change(&s.account)
	return nil
}

// checkToken is all that a Syncer can do for an account with an API token: say
// whether the token works. It shows no alerts; a [Watch] finds out what there is.
func (s *Syncer) checkToken(ctx context.Context) error {
	token, err := s.opt.Secrets.Get(ctx, s.account.ID, SecretToken)
	if errors.Is(err, app.ErrNotFound) {
		return tokenMissing(s.account)
	}
	if err != nil {
		return secretsProblem(err)
	}
	s.remote.UseToken(token)
	user, err := s.remote.User(ctx)
	if err != nil {
		return err
	}
	if s.account.UserID != 0 && user.ID != s.account.UserID {
		return foreignUser(s.account, user.ID)
	}
	return nil
}

// pause waits for d or for the end of ctx.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
