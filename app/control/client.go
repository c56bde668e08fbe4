package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"strconv"
	"sync"
	"syscall"
	"time"

	"bellhop/app"
)

// Client calls a running bell. It has the methods of [Bell], with [Client.Hints]
// in the place of Changes and AttachWindow, and may be used by several
// goroutines.
type Client struct {
	http    *http.Client
	streams sync.WaitGroup
}

// Dial finds the bell of a data folder. It fails with [app.ErrNotRunning], at
// once, where there is none. A client outlives its bell: later calls fail in the
// same way and work again once there is a new bell.
func Dial(dir string) (*Client, error) {
	path := socketPath(dir)
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, dialProblem(err)
	}
	if err := conn.Close(); err != nil {
		return nil, fmt.Errorf("close the first connection: %w", err)
	}
	var d net.Dialer
	return &Client{http: &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return d.DialContext(ctx, "unix", socketPath(dir))
		},
		DisableCompression:  true,
		MaxIdleConnsPerHost: 2,
		IdleConnTimeout:     30 * time.Second,
	}}}, nil
}

// Close lets go of idle connections and waits for the streams of hints, whose
// contexts must have ended.
func (c *Client) Close() {
	c.streams.Wait()
	c.http.CloseIdleConnections()
}

func dialProblem(err error) *app.Problem {
	if errors.Is(err, fs.ErrPermission) {
		return app.NewProblem("not_yours", "The bell of this data folder belongs to another user.",
			"Run the command as that user.", true, err)
	}
	return notRunning(err)
}

// send makes a request and returns the answer if it is a success; the caller
// closes its body.
func (c *Client) send(ctx context.Context, method, path string, in any) (*http.Response, error) {
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return nil, fmt.Errorf("encode the request: %w", err)
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://bell"+path, body)
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, sendProblem(ctx, err)
	}
	if resp.StatusCode < http.StatusBadRequest {
		return resp, nil
	}
	defer func() { _ = resp.Body.Close() }()
	var failed errorBody
	if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&failed); err != nil || failed.Error.Code == "" {
		return nil, app.NewProblem("not_a_bell", fmt.Sprintf("Something else answers on the bell's socket (status %d).", resp.StatusCode),
			"Compare the versions with `bellhop version`.", true, err)
	}
	return nil, &callError{Problem: decodeError(failed), url: failed.URL}
}

// callError carries the address of a link that was not opened beside the
// problem; it never leaves this package.
type callError struct {
	*app.Problem
	url string
}

// Unwrap returns the problem itself, not its cause.
func (e *callError) Unwrap() error { return e.Problem }

func sendProblem(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("call the bell: %w", context.Cause(ctx))
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return dialProblem(err)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) {
		return app.NewProblem("bell_stopped", "The bell ended before it answered.",
			"Start it again with `bellhop`, then look whether the change was made.", true, errors.Join(app.ErrNotRunning, err))
	}
	return fmt.Errorf("call the bell: %w", err)
}

// call makes a request and decodes the answer into a T.
func call[T any](ctx context.Context, c *Client, method, path string, in any) (T, error) {
	var out T
	resp, err := c.send(ctx, method, path, in)
	if err != nil {
		if failed, ok := errors.AsType[*callError](err); ok {
			err = failed.Problem
			if opened, ok := any(&out).(*openedBody); ok {
				opened.URL = failed.url
			}
		}
		return out, err
	}
	defer func() { _ = resp.Body.Close() }()
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		return out, sendProblem(ctx, fmt.Errorf("decode the answer: %w", err))
	}
	return out, nil
}

// Status is [Bell.Status].
func (c *Client) Status(ctx context.Context) (app.Status, error) {
	return call[app.Status](ctx, c, http.MethodGet, "/v1/status", nil)
}

// Count returns the number of alerts in the list of an account (0 = of all).
func (c *Client) Count(ctx context.Context, account app.AccountID) (int, error) {
	out, err := call[countBody](ctx, c, http.MethodGet, "/v1/count?account="+strconv.FormatInt(int64(account), 10), nil)
	return out.Count, err
}

// Alerts is [Bell.Alerts].
func (c *Client) Alerts(ctx context.Context, f app.Filter) (app.Page, error) {
	return call[app.Page](ctx, c, http.MethodGet, "/v1/alerts?"+filterQuery(f).Encode(), nil)
}

// Remove is [Bell.Remove].
func (c *Client) Remove(ctx context.Context, ids []app.AlertID) (app.Removed, error) {
	return call[app.Removed](ctx, c, http.MethodPost, "/v1/remove", idsBody{ids})
}

// Clear is [Bell.Clear].
func (c *Client) Clear(ctx context.Context, account app.AccountID, upTo app.AlertID) (app.Removed, error) {
	return call[app.Removed](ctx, c, http.MethodPost, "/v1/clear", upToBody{account, upTo})
}

// Undo is [Bell.Undo].
func (c *Client) Undo(ctx context.Context, intents []app.IntentID) (int, error) {
	out, err := call[undoneBody](ctx, c, http.MethodPost, "/v1/undo", undoBody{intents})
	return out.Undone, err
}

// Retry is [Bell.Retry].
func (c *Client) Retry(ctx context.Context, ids []app.AlertID) (app.Removed, error) {
	return call[app.Removed](ctx, c, http.MethodPost, "/v1/retry", idsBody{ids})
}

// Snooze is [Bell.Snooze]; d counts in whole seconds.
func (c *Client) Snooze(ctx context.Context, id app.AlertID, d time.Duration) error {
	_, err := call[emptyBody](ctx, c, http.MethodPost, "/v1/snooze", snoozeBody{id, int64(d / time.Second)})
	return err
}

// Looked is [Bell.Looked].
func (c *Client) Looked(ctx context.Context, account app.AccountID, upTo app.AlertID) error {
	_, err := call[emptyBody](ctx, c, http.MethodPost, "/v1/looked", upToBody{account, upTo})
	return err
}

// Sync is [Bell.Sync].
func (c *Client) Sync(ctx context.Context, account app.AccountID) error {
	_, err := call[emptyBody](ctx, c, http.MethodPost, "/v1/sync", syncBody{account})
	return err
}

// Pause is [Bell.Pause].
func (c *Client) Pause(ctx context.Context, until time.Time) error {
	_, err := call[emptyBody](ctx, c, http.MethodPost, "/v1/pause", pauseBody{until})
	return err
}

// Resume is [Bell.Resume].
func (c *Client) Resume(ctx context.Context) error {
	_, err := call[emptyBody](ctx, c, http.MethodPost, "/v1/resume", nil)
	return err
}

// Settings is [Bell.Settings].
func (c *Client) Settings(ctx context.Context) (map[string]string, error) {
	out, err := call[settingsBody](ctx, c, http.MethodGet, "/v1/settings", nil)
	return out.Settings, err
}

// Set is [Bell.Set].
func (c *Client) Set(ctx context.Context, key, value string) error {
	_, err := call[emptyBody](ctx, c, http.MethodPut, "/v1/settings", settingBody{key, value})
	return err
}

// Probe is [Bell.Probe].
func (c *Client) Probe(ctx context.Context, in app.Connect) (app.Probe, error) {
	return call[app.Probe](ctx, c, http.MethodPost, "/v1/probe", in)
}

// Connect is [Bell.Connect].
func (c *Client) Connect(ctx context.Context, in app.Connect) (app.Account, error) {
	return call[app.Account](ctx, c, http.MethodPost, "/v1/connect", in)
}

// Disconnect is [Bell.Disconnect].
func (c *Client) Disconnect(ctx context.Context, account app.AccountID) error {
	_, err := call[emptyBody](ctx, c, http.MethodDelete, "/v1/accounts/"+strconv.FormatInt(int64(account), 10), nil)
	return err
}

// Open is [Bell.Open].
func (c *Client) Open(ctx context.Context, id app.AlertID, foreignOK bool) (string, error) {
	out, err := call[openedBody](ctx, c, http.MethodPost, "/v1/open", openBody{id, foreignOK})
	return out.URL, err
}

// ShowWindow is [Bell.ShowWindow].
func (c *Client) ShowWindow(ctx context.Context, view string) error {
	_, err := call[emptyBody](ctx, c, http.MethodPost, "/v1/window", viewBody{view})
	return err
}

// WindowShown is [Bell.WindowShown].
func (c *Client) WindowShown(ctx context.Context, view string) error {
	_, err := call[emptyBody](ctx, c, http.MethodPost, "/v1/window/shown", viewBody{view})
	return err
}

// Quit is [Bell.Quit].
func (c *Client) Quit(ctx context.Context) error {
	_, err := call[emptyBody](ctx, c, http.MethodPost, "/v1/quit", nil)
	return err
}
