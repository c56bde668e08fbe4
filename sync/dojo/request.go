package dojo

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// call is one request to be made.
type call struct {
	op     string
	method string
	path   string     // below the base URL, with a leading slash
	query  string     // raw, without "?"
	form   url.Values // sent as the body of a POST
	json   []byte     // sent as the body instead, where it is not nil
	accept string
	cookie string // Cookie header
	csrf   string // X-CSRFToken header
	token  string // API token; sent by the client without cookies
	// referer is the path of the page the request pretends to come from.
	referer string
	// replayable marks a POST that may be repeated on a fresh connection when
	// the kept one turns out to be dead.
	replayable bool
	list       bool // the limits of a list apply
	rows       bool // the size of a page of API rows applies
}

// answer is a response whose body is bounded.
type answer struct {
	*http.Response
	body *body
	op   string
	most int64     // bytes that page reads
	at   time.Time // when it came, by the server's clock where that is known
}

// do makes the request. The error is an [*Error]; without one the caller has
// to close the body.
func (c *Client) do(ctx context.Context, q call) (*answer, error) {
	overall, size := c.limits.Request, c.limits.Page
	switch {
	case q.list:
		overall, size = c.limits.List, c.limits.ListBytes
	case q.rows:
		size = c.limits.RowPage
	}
	watched, w := newWatch(ctx, c.limits.Idle, overall)
	fail := func(err error) (*answer, error) {
		w.stop()
		return nil, &Error{Op: q.op, Err: err}
	}
	req, err := c.newRequest(watched, q)
	if err != nil {
		return fail(fmt.Errorf("%w: the request cannot be built", ErrUnreachable))
	}
	client := c.web
	if q.token != "" {
		client = c.api
	}
	sent := c.now()
	resp, err := client.Do(req) //nolint:bodyclose // the caller closes the answer
	w.pause()
	if err != nil {
		return fail(transportError(watched, err))
	}
	at := c.noteDate(resp.Header.Get("Date"), sent)
	b := &body{ctx: watched, from: resp.Body, watch: w, limit: size}
	resp.Body = b
	return &answer{Response: resp, body: b, op: q.op, most: c.limits.Page, at: at}, nil
}

func (c *Client) newRequest(ctx context.Context, q call) (*http.Request, error) {
	target := *c.base
	target.Path = c.base.Path + q.path
	if c.base.RawPath != "" {
		target.RawPath = c.base.RawPath + q.path
	}
	target.RawQuery = q.query
	var content io.Reader
	switch {
	case q.json != nil:
		content = bytes.NewReader(q.json)
	case q.method == http.MethodPost:
		content = strings.NewReader(q.form.Encode())
	}
	req, err := http.NewRequestWithContext(ctx, q.method, target.String(), content)
	if err != nil {
		return nil, err
	}
	set := func(name, value string) {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	set("User-Agent", c.userAgent)
	set("Accept", q.accept)
	set("Cookie", q.cookie)
	if q.token != "" {
		set("Authorization", "Token "+q.token)
	}
	if q.method != http.MethodGet {
		switch {
		case q.json != nil:
			set("Content-Type", "application/json")
		case q.method == http.MethodPost:
			set("Content-Type", "application/x-www-form-urlencoded")
		}
		set("X-CSRFToken", q.csrf)
		set("Referer", c.base.String()+q.referer)
	}
	if q.replayable {
		// An empty list says "idempotent" to the transport and sends nothing.
		req.Header["Idempotency-Key"] = nil
	}
	return req, nil
}

// fail makes the [*Error] of an answer that is not the wanted one.
func (a *answer) fail(err error) error {
	return &Error{Op: a.op, Status: a.StatusCode, RetryAfter: retryAfter(a.Header.Get("Retry-After"), a.at), Err: err}
}

// whole returns a body of which nothing may be missing; a longer one than the
// limit is an error.
func (a *answer) whole() ([]byte, error) {
	text, err := io.ReadAll(a.body)
	if err != nil {
		return nil, a.fail(err)
	}
	return text, nil
}

// page returns the beginning of a body that is looked at for its signature
// only; what goes beyond the limit is left unread.
func (a *answer) page() ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(a.body, min(a.most, a.body.limit)))
	if err != nil {
		return text, a.fail(err)
	}
	return text, nil
}

// noteDate keeps the difference between the server's clock and ours and returns
// the time of the answer by the server's clock, or by ours where the header
// does not tell. The header counts whole seconds, so that half a second is
// added to it.
func (c *Client) noteDate(header string, sent time.Time) time.Time {
	now := c.now()
	date, err := http.ParseTime(header)
	if err != nil {
		return now
	}
	middle := sent.Add(now.Sub(sent) / 2)
	skew := date.Add(time.Second / 2).Sub(middle).Round(time.Second)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.skew = skew
	return date
}
