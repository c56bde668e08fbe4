package dojo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"unicode/utf8"
)

// User is the person behind a session or a token.
type User struct {
	ID        int64
	Username  string
	Superuser bool
	// Staff is known from 3.0 on; earlier servers do not tell.
	Staff bool
}

// longestName is the most bytes of a user name: Django's 150 characters.
const longestName = 150 * utf8.UTFMax

// User asks who the user is: with the session where there is one, else with
// the token.
func (c *Client) User(ctx context.Context) (User, error) {
	const op = "ask who I am"
	q, session, err := c.credentials(call{op: op, method: http.MethodGet, path: "/api/v2/user_profile/", accept: "application/json"})
	if err != nil {
		return User{}, err
	}
	a, err := c.do(ctx, q)
	if err != nil {
		return User{}, err
	}
	defer func() { _ = a.Body.Close() }()
	c.renew(session, a, nil)
	// The API answers 403, never 401, to a session or token it does not know.
	if a.StatusCode == http.StatusForbidden && isJSON(a.Header.Get("Content-Type")) {
		if q.token != "" {
			return User{}, a.fail(ErrTokenRefused)
		}
		return User{}, a.fail(ErrSessionExpired)
	}
	var profile struct {
		User *struct {
			ID        int64  `json:"id"`
			Username  string `json:"username"`
			Superuser bool   `json:"is_superuser"`
			Staff     bool   `json:"is_staff"`
		} `json:"user"`
	}
	if err := c.decode(a, &profile); err != nil {
		return User{}, err
	}
	if profile.User == nil || profile.User.ID <= 0 || profile.User.Username == "" || len(profile.User.Username) > longestName {
		return User{}, a.fail(fmt.Errorf("%w: no user in it", ErrMalformed))
	}
	u := profile.User
	return User{ID: u.ID, Username: u.Username, Superuser: u.Superuser, Staff: u.Staff}, nil
}

// Version returns the server's version as the footer of its pages shows it, ""
// where it does not; there is no better source. It needs a session and counts
// as a visit: the server prolongs the session.
func (c *Client) Version(ctx context.Context) (string, error) {
	const op = "look for the version"
	session, err := c.needSession(op)
	if err != nil {
		return "", err
	}
	a, err := c.do(ctx, call{op: op, method: http.MethodGet, path: "/alerts", accept: "text/html", cookie: session.header()})
	if err != nil {
		return "", err
	}
	defer func() { _ = a.Body.Close() }()
	c.renew(session, a, nil)
	if a.StatusCode != http.StatusOK {
		return "", c.judge(a)
	}
	page, err := a.page()
	if err != nil && !errors.Is(err, ErrTooLarge) {
		return "", err
	}
	return version(page), nil
}
