package dojo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// loginQuery asks for the password form also where DefectDojo 2.x would lead
// straight to an identity provider; 3.x ignores it.
const loginQuery = "force_login_form"

// SignIn signs in with a user name and a password and keeps the session. It
// sends the password once, and a second time only where the server refused the
// CSRF token before it looked at the password. The session is also returned.
func (c *Client) SignIn(ctx context.Context, username, password string) (Session, error) {
	s, err := c.signIn(ctx, username, password)
	if errors.Is(err, ErrCSRF) {
		s, err = c.signIn(ctx, username, password)
	}
	if err != nil {
		return Session{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.session = s
	return s, nil
}

func (c *Client) signIn(ctx context.Context, username, password string) (Session, error) {
	before, page, err := c.loginForm(ctx)
	if err != nil {
		return Session{}, err
	}
	c.mu.Lock()
	configured := c.cookieName
	c.mu.Unlock()
	s := Session{CSRF: mintCSRF(), CSRFName: defaultCSRF}
	if csrf := csrfCookie(before, "", page); csrf != nil {
		s.CSRF, s.CSRFName = csrf.Value, csrf.Name
	}
	a, err := c.do(ctx, call{
		op: "sign in", method: http.MethodPost, path: "/login", query: loginQuery,
		form:    url.Values{"username": {username}, "password": {password}, "csrfmiddlewaretoken": {s.CSRF}},
		accept:  "text/html",
		cookie:  s.CSRFName + "=" + s.CSRF,
		referer: "/login?" + loginQuery,
	})
	if err != nil {
		return Session{}, err
	}
	defer func() { _ = a.Body.Close() }()
	if err := c.judgeSignIn(a); err != nil {
		return Session{}, err
	}
	set := cookies(a.Header)
	if csrf := csrfCookie(set, s.CSRFName, nil); csrf != nil {
		s.CSRF, s.CSRFName = csrf.Value, csrf.Name
	}
	session := sessionCookie(set, before, configured, s.CSRFName)
	if session == nil {
		err := c.judgeRedirect(a)
		if errors.Is(err, ErrSessionExpired) || errors.Is(err, ErrRedirect) {
			err = a.fail(fmt.Errorf("%w: it redirects without a session cookie", ErrRedirect))
		}
		return Session{}, err
	}
	s.Name, s.ID, s.At = session.Name, session.Value, c.now()
	return s, nil
}

// loginForm gets the sign-in page and returns the cookies it sets, and itself.
func (c *Client) loginForm(ctx context.Context) ([]*http.Cookie, []byte, error) {
	a, err := c.do(ctx, call{op: "open the sign-in page", method: http.MethodGet, path: "/login", query: loginQuery, accept: "text/html"})
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = a.Body.Close() }()
	page, err := c.isLogin(a)
	if err != nil {
		return nil, nil, err
	}
	return cookies(a.Header), page, nil
}

// isLogin returns the page where the answer is DefectDojo's sign-in page, and
// else an error.
func (c *Client) isLogin(a *answer) ([]byte, error) {
	if a.StatusCode != http.StatusOK {
		err := c.judge(a)
		if errors.Is(err, ErrSessionExpired) {
			err = a.fail(fmt.Errorf("%w to another sign-in page", ErrRedirect))
		}
		return nil, err
	}
	page, err := a.page()
	if err != nil {
		return nil, err
	}
	if !isLoginPage(page) {
		return nil, a.fail(fmt.Errorf("%w: the page has no sign-in form of DefectDojo", ErrNotDojo))
	}
	return page, nil
}

// judgeSignIn returns nil for the redirect that ends a successful sign-in. A
// form that comes again means a refusal, in any language; any other page with
// 400 (from 2.47) or 403 (before) is the rate limit, because the form itself
// was served a moment ago.
func (c *Client) judgeSignIn(a *answer) error {
	switch a.StatusCode {
	case http.StatusFound, http.StatusSeeOther:
		return nil
	case http.StatusOK:
		page, err := a.page()
		if err != nil {
			return err
		}
		if isDjangoLogin(page) {
			return a.fail(ErrPasswordRefused)
		}
		return a.fail(fmt.Errorf("%w: an unknown page answered the sign-in", ErrNotDojo))
	case http.StatusBadRequest, http.StatusForbidden:
		page, err := a.page()
		if err != nil {
			return err
		}
		switch {
		case a.StatusCode == http.StatusForbidden && isCSRFPage(page):
			return a.fail(ErrCSRF)
		case isHTML(a.Header.Get("Content-Type"), page):
			return a.fail(ErrRateLimited)
		default:
			return a.fail(ErrForbidden)
		}
	default:
		return c.judge(a)
	}
}
