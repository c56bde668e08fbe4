package dojo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

// MaxRemove is the most alerts that one request removes. The server's own
// limits are 10,240 fields and 8 MB; 200 keeps a request short.
const MaxRemove = 200

// Remove removes alerts by their primary keys, at most [MaxRemove] of them.
// Keys that the server does not know, or that belong to others, are ignored by
// it, so that a repetition does no harm. There is no answer for the single
// alert: whoever needs certainty lists them again. A refused CSRF token is
// renewed once.
func (c *Client) Remove(ctx context.Context, pks []int64) error {
	const op = "remove alerts"
	if len(pks) > MaxRemove {
		return &Error{Op: op, Err: fmt.Errorf("%d alerts in one request, at most %d are allowed", len(pks), MaxRemove)}
	}
	if len(pks) == 0 {
		return nil
	}
	err := c.remove(ctx, op, pks)
	if !errors.Is(err, ErrCSRF) {
		return err
	}
	if err := c.refreshCSRF(ctx, op); err != nil {
		return err
	}
	return c.remove(ctx, op, pks)
}

func (c *Client) remove(ctx context.Context, op string, pks []int64) error {
	session, err := c.needSession(op)
	if err != nil {
		return err
	}
	selected := make([]string, len(pks))
	for i, pk := range pks {
		selected[i] = strconv.FormatInt(pk, 10)
	}
	a, err := c.do(ctx, call{
		op: op, method: http.MethodPost, path: "/alerts",
		form:   url.Values{"alert_select": selected},
		accept: "text/html", cookie: session.header(), csrf: session.CSRF, referer: "/alerts",
		replayable: true,
	})
	if err != nil {
		return err
	}
	defer func() { _ = a.Body.Close() }()
	c.renew(session, a, nil)
	if a.StatusCode != http.StatusOK {
		return c.judge(a)
	}
	// What remains is a page of some 50 KB. Read, it frees the connection for
	// the list that follows; whatever it says, the removal is done.
	page, err := a.page()
	if err == nil && isDjangoLogin(page) {
		return a.fail(wrongPage(page))
	}
	return nil
}

// refreshCSRF opens the alerts page, which sets a fresh CSRF cookie.
func (c *Client) refreshCSRF(ctx context.Context, op string) error {
	session, err := c.needSession(op)
	if err != nil {
		return err
	}
	a, err := c.do(ctx, call{op: op, method: http.MethodGet, path: "/alerts", accept: "text/html", cookie: session.header()})
	if err != nil {
		return err
	}
	defer func() { _ = a.Body.Close() }()
	if a.StatusCode != http.StatusOK {
		return c.judge(a)
	}
	page, err := a.page()
	if err != nil {
		return err
	}
	c.renew(session, a, page)
	return nil
}
