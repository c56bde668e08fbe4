package dojo

import (
	"context"
	"fmt"
	"net/http"
)

// OwnSettings is what the page says on which users choose their notifications:
// for each column ("scan_added") and channel ("mail") whether its box is
// checked. Channels that are switched off for the whole server have no box, and
// nothing is known about them; msteams never has one.
type OwnSettings map[string]map[string]bool

// OwnSettings reads the user's own notification settings from the page, the
// only place where users who are no superusers see theirs. It needs a session
// (a token gives [ErrTokenHasNoAlerts]: it opens no page) and counts as a
// visit: the server prolongs the session.
func (c *Client) OwnSettings(ctx context.Context) (OwnSettings, error) {
	const op = "read my notification settings"
	session, err := c.needSession(op)
	if err != nil {
		return nil, err
	}
	a, err := c.do(ctx, call{op: op, method: http.MethodGet, path: "/notifications", accept: "text/html", cookie: session.header()})
	if err != nil {
		return nil, err
	}
	defer func() { _ = a.Body.Close() }()
	if a.StatusCode != http.StatusOK {
		c.renew(session, a, nil)
		return nil, c.judge(a)
	}
	page, err := a.whole()
	if err != nil {
		return nil, err
	}
	c.renew(session, a, page)
	if isDjangoLogin(page) {
		return nil, a.fail(wrongPage(page))
	}
	settings := readBoxes(page)
	if settings["other"] == nil || settings["scan_added"] == nil {
		return nil, a.fail(fmt.Errorf("%w: the page has no notification settings", ErrMalformed))
	}
	return settings, nil
}
