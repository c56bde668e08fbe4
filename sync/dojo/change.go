package dojo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
)

// change is a request that writes through the API.
type change struct {
	op     string
	method string
	path   string
	body   any // sent as JSON; nil for none
	want   int // the status of success
}

// write makes a change and decodes the answer into into, where that is not
// nil. With a session, a refused CSRF token is renewed once.
func (c *Client) write(ctx context.Context, w change, into any) error {
	err := c.writeOnce(ctx, w, into)
	if !errors.Is(err, ErrCSRF) {
		return err
	}
	if err := c.refreshCSRF(ctx, w.op); err != nil {
		return err
	}
	return c.writeOnce(ctx, w, into)
}

func (c *Client) writeOnce(ctx context.Context, w change, into any) error {
	var content []byte
	if w.body != nil {
		var err error
		if content, err = json.Marshal(w.body); err != nil {
			return &Error{Op: w.op, Err: fmt.Errorf("%w: they cannot be written as JSON", ErrRefused)}
		}
	}
	q, session, err := c.credentials(call{
		op: w.op, method: w.method, path: w.path, json: content, accept: "application/json", referer: "/notifications",
	})
	if err != nil {
		return err
	}
	a, err := c.do(ctx, q)
	if err != nil {
		return err
	}
	defer func() { _ = a.Body.Close() }()
	c.renew(session, a, nil)
	if a.StatusCode != w.want {
		return c.refused(ctx, q, a)
	}
	if into == nil {
		return nil
	}
	if !isJSON(a.Header.Get("Content-Type")) {
		return a.fail(ErrNotJSON)
	}
	text, err := a.whole()
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return a.fail(jsonError(err))
	}
	return nil
}

// removeObject deletes an object; one that is not there counts as removed.
func (c *Client) removeObject(ctx context.Context, op, list string, id int64) error {
	err := c.write(ctx, change{op: op, method: http.MethodDelete, path: objectPath(list, id), want: http.StatusNoContent}, nil)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// objectPath is the path of one object of a list.
func objectPath(list string, id int64) string { return list + strconv.FormatInt(id, 10) + "/" }
