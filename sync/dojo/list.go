package dojo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"strconv"
)

// listing is one list of the API: where it is and which part of it is wanted.
type listing struct {
	op     string // for errors, "list the products"
	path   string // "/api/v2/products/"; without the slash the server redirects
	filter url.Values
	rows   int // rows of a page, 0 for the client's own number
	// exact lists are worth nothing with a row missing: they end with
	// [ErrListChanged] where the number of rows changed between two pages.
	exact bool
}

// list walks through the pages of a list, read at most [Limits.PageRows] rows
// at a time and decoded as W before convert makes them T. Nothing is asked for
// before the caller wants it, no request is open while the caller has a row,
// and the links to other pages are never followed. An error is the last
// element; only a sequence without one is complete.
func list[W, T any](ctx context.Context, c *Client, l listing, convert func(*W) (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		rows := c.limits.PageRows
		if l.rows > 0 {
			rows = min(rows, l.rows)
		}
		held := make([]T, 0, rows)
		add := func(raw json.RawMessage) error {
			var wire W
			if err := json.Unmarshal(raw, &wire); err != nil {
				return jsonError(err)
			}
			row, err := convert(&wire)
			if err != nil {
				return err
			}
			held = append(held, row)
			return nil
		}
		var none T
		offset, count := 0, 0
		for n := range c.limits.Pages {
			held = held[:0]
			page, err := c.rowPage(ctx, l, rows, offset, add)
			if err == nil && l.exact && n > 0 && page.count != count {
				err = &Error{Op: l.op, Err: ErrListChanged}
			}
			if err != nil {
				yield(none, err)
				return
			}
			for _, row := range held {
				if !yield(row, nil) {
					return
				}
			}
			if !page.more {
				return
			}
			if page.rows == 0 {
				yield(none, &Error{Op: l.op, Err: fmt.Errorf("%w: an empty page promises another", ErrMalformed)})
				return
			}
			offset, count = offset+page.rows, page.count
		}
		yield(none, &Error{Op: l.op, Err: fmt.Errorf("%w: more than %d pages", ErrTooLarge, c.limits.Pages)})
	}
}

// rowPage reads one page.
func (c *Client) rowPage(ctx context.Context, l listing, rows, offset int, add func(json.RawMessage) error) (rowPage, error) {
	query := url.Values{"limit": {strconv.Itoa(rows)}, "offset": {strconv.Itoa(offset)}}
	maps.Copy(query, l.filter)
	q, session, err := c.credentials(call{
		op: l.op, method: http.MethodGet, path: l.path, query: query.Encode(), accept: "application/json", rows: true,
	})
	if err != nil {
		return rowPage{}, err
	}
	a, err := c.do(ctx, q)
	if err != nil {
		return rowPage{}, err
	}
	defer func() { _ = a.Body.Close() }()
	c.renew(session, a, nil)
	if a.StatusCode != http.StatusOK {
		return rowPage{}, c.refused(ctx, q, a)
	}
	if err := c.wantJSON(a); err != nil {
		return rowPage{}, err
	}
	page, err := decodeRows(a.body, c.limits.Row, rows, add)
	if err != nil {
		if errors.Is(err, context.Canceled) {
			return page, err
		}
		return page, a.fail(err)
	}
	return page, nil
}
