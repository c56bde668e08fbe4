package dojo

import "fmt"

// credentials adds to a call to the API what it is made with: the session
// where there is one, else the token. With both, the server would take the
// session alone. The session is returned for [Client.renew]; it is the zero
// Session where the token is used.
func (c *Client) credentials(q call) (call, Session, error) {
	c.mu.Lock()
	session, token := c.session, c.token
	c.mu.Unlock()
	switch {
	case session.ID != "":
		q.cookie, q.csrf = session.header(), session.CSRF
		return q, session, nil
	case token == "":
		return q, Session{}, &Error{Op: q.op, Err: fmt.Errorf("%w: none was given", ErrSessionExpired)}
	case !sendable(token):
		return q, Session{}, &Error{Op: q.op, Err: fmt.Errorf("%w: it contains characters that no token has", ErrTokenRefused)}
	}
	q.token = token
	return q, Session{}, nil
}
