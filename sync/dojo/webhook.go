package dojo

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"time"
)

// NotificationWebhook is an address to which the server sends events. The
// value of its header is a secret, which is never read.
type NotificationWebhook struct {
	ID   int64
	Name string
	URL  string
	// HeaderName is the header that is sent with every call, "" for none.
	HeaderName string
	// BadHeader is true where the header's name is stored as an empty string
	// instead of nothing: the server fails at its first call and shuts the
	// webhook off for good. Remove it and make it anew.
	BadHeader bool
	// Owner is whose notifications are sent; 0 for the system's.
	Owner int64
	// Status is "active", "active_tmp", "inactive_tmp" or "inactive_permanent".
	// The API cannot change it.
	Status string
	// Note is what the server wrote down about the last failure.
	Note                  string
	FirstError, LastError time.Time
}

type wireWebhook struct {
	ID         int64   `json:"id"`
	Name       string  `json:"name"`
	URL        string  `json:"url"`
	HeaderName *string `json:"header_name"`
	Owner      int64   `json:"owner"`
	Status     string  `json:"status"`
	Note       string  `json:"note"`
	FirstError moment  `json:"first_error"`
	LastError  moment  `json:"last_error"`
}

func (w *wireWebhook) webhook() (NotificationWebhook, error) {
	if w.ID <= 0 {
		return NotificationWebhook{}, errNoID
	}
	out := NotificationWebhook{
		ID: w.ID, Name: w.Name, URL: w.URL, Owner: w.Owner, Status: w.Status, Note: w.Note,
		FirstError: w.FirstError.Time, LastError: w.LastError.Time,
	}
	if w.HeaderName != nil {
		out.HeaderName, out.BadHeader = *w.HeaderName, *w.HeaderName == ""
	}
	return out, nil
}

const webhooksPath = "/api/v2/notification_webhooks/"

// NotificationWebhooks lists the webhooks; for superusers alone, from 2.39 on.
func (c *Client) NotificationWebhooks(ctx context.Context) iter.Seq2[NotificationWebhook, error] {
	return list(ctx, c, listing{op: "list the webhooks", path: webhooksPath, exact: true}, (*wireWebhook).webhook)
}

// NewWebhook is a webhook to be made.
type NewWebhook struct {
	Name string // unique on the server, 100 characters at most
	URL  string // 200 characters at most
	// HeaderName and HeaderValue are sent with every call, the only thing by
	// which a receiver knows the server; both or neither.
	HeaderName, HeaderValue string
	Owner                   int64 // 0 for the system
}

// AddNotificationWebhook makes a webhook; for superusers alone. The server
// does not try it. [ErrRefused] says what it has against the values.
func (c *Client) AddNotificationWebhook(ctx context.Context, w NewWebhook) (NotificationWebhook, error) {
	const op = "add a webhook"
	if w.Name == "" || w.URL == "" {
		// The server would make one without.
		return NotificationWebhook{}, &Error{Op: op, Err: fmt.Errorf("%w: it needs a name and an address", ErrRefused)}
	}
	if (w.HeaderName == "") != (w.HeaderValue == "") {
		return NotificationWebhook{}, &Error{Op: op, Err: fmt.Errorf("%w: a header needs a name and a value", ErrRefused)}
	}
	// A header that is left out is stored as an empty string, with which the
	// first call fails for good; only null stands for none.
	body := map[string]any{"name": w.Name, "url": w.URL, "header_name": nil, "header_value": nil, "owner": nil}
	if w.HeaderName != "" {
		body["header_name"], body["header_value"] = w.HeaderName, w.HeaderValue
	}
	if w.Owner != 0 {
		body["owner"] = w.Owner
	}
	var got wireWebhook
	if err := c.write(ctx, change{op: op, method: http.MethodPost, path: webhooksPath, body: body, want: http.StatusCreated}, &got); err != nil {
		return NotificationWebhook{}, err
	}
	made, err := got.webhook()
	if err != nil {
		return NotificationWebhook{}, &Error{Op: op, Status: http.StatusCreated, Err: err}
	}
	return made, nil
}

// RemoveNotificationWebhook removes a webhook; for superusers alone. One that
// is gone already counts as removed.
func (c *Client) RemoveNotificationWebhook(ctx context.Context, id int64) error {
	return c.removeObject(ctx, "remove a webhook", webhooksPath, id)
}
