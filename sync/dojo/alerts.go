package dojo

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strconv"
	"time"
)

// Alert is an alert as the server holds it.
type Alert struct {
	// PK is unique on the server until a restored database hands it out again.
	PK     int64
	UserID int64
	Title  string
	// Description is plain text: HTML entities are resolved once, white space
	// around it is cut, tags are left as they are.
	Description string
	URL         string // as sent: "", a path, or absolute
	Source      string
	Icon        string
	Created     time.Time // by the server's clock, to the millisecond
}

// Alerts lists the newest limit alerts of the user, newest first; a negative
// limit lists all. They are decoded while they arrive and never held together.
// Only a sequence that ends without an error is complete: an error is its last
// element.
func (c *Client) Alerts(ctx context.Context, limit int) iter.Seq2[Alert, error] {
	return func(yield func(Alert, error) bool) {
		if err := c.alerts(ctx, limit, func(a Alert) bool { return yield(a, nil) }); err != nil && !errors.Is(err, errStopped) {
			yield(Alert{}, err)
		}
	}
}

// errStopped says that the caller of an iterator wants no more.
var errStopped = errors.New("stopped")

func (c *Client) alerts(ctx context.Context, limit int, yield func(Alert) bool) error {
	const op = "list alerts"
	session, err := c.needSession(op)
	if err != nil {
		return err
	}
	query := ""
	if limit >= 0 {
		query = "limit=" + strconv.Itoa(limit)
	}
	a, err := c.do(ctx, call{op: op, method: http.MethodGet, path: "/alerts/json", query: query, accept: "application/json", cookie: session.header(), list: true})
	if err != nil {
		return err
	}
	defer func() { _ = a.Body.Close() }()
	c.renew(session, a, nil)
	if err := c.wantJSON(a); err != nil {
		return err
	}
	err = decodeAlerts(a.body, c.limits.Element, yield)
	if err != nil && !errors.Is(err, errStopped) {
		return a.fail(err)
	}
	return err
}

// Count returns the number of alerts that the server shows on its bell. It is
// a hint at most: 0 is also what a server with a disabled counter says.
func (c *Client) Count(ctx context.Context) (int, error) {
	const op = "count alerts"
	session, err := c.needSession(op)
	if err != nil {
		return 0, err
	}
	a, err := c.do(ctx, call{op: op, method: http.MethodGet, path: "/alerts/count", accept: "application/json", cookie: session.header()})
	if err != nil {
		return 0, err
	}
	defer func() { _ = a.Body.Close() }()
	c.renew(session, a, nil)
	var count struct {
		Count *int `json:"count"`
	}
	if err := c.decode(a, &count); err != nil {
		return 0, err
	}
	if count.Count == nil || *count.Count < 0 {
		return 0, a.fail(fmt.Errorf("%w: no count in it", ErrMalformed))
	}
	return *count.Count, nil
}

// needSession returns the session, or the error of a client without one.
func (c *Client) needSession(op string) (Session, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session.ID != "" {
		return c.session, nil
	}
	if c.token != "" {
		return Session{}, &Error{Op: op, Err: ErrTokenHasNoAlerts}
	}
	return Session{}, &Error{Op: op, Err: fmt.Errorf("%w: none was given", ErrSessionExpired)}
}

// wantJSON returns nil for a 200 with a JSON body.
func (c *Client) wantJSON(a *answer) error {
	if a.StatusCode != http.StatusOK {
		return c.judge(a)
	}
	if isJSON(a.Header.Get("Content-Type")) {
		return nil
	}
	page, err := a.page()
	if err != nil {
		return err
	}
	return a.fail(wrongPage(page))
}
