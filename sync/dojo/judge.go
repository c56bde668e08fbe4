package dojo

import (
	"bytes"
	"fmt"
	"net/http"
)

// judge names what an answer is when it is not the wanted one: any status but
// 200. Its rules are the signatures seen on 2.46.0 and 3.2.0. It reads the
// beginning of the body.
func (c *Client) judge(a *answer) error {
	if a.StatusCode/100 == 3 {
		return c.judgeRedirect(a)
	}
	page, err := a.page()
	if err != nil && a.StatusCode < 400 {
		return err
	}
	html := isHTML(a.Header.Get("Content-Type"), page)
	switch status := a.StatusCode; {
	case status == http.StatusBadRequest:
		return a.fail(badRequest(page, html))
	case status == http.StatusForbidden && html && isCSRFPage(page):
		return a.fail(ErrCSRF)
	case status == http.StatusUnauthorized:
		return a.fail(fmt.Errorf("%w: something before the server asks for a sign-in of its own", ErrForbidden))
	case status == http.StatusForbidden:
		return a.fail(ErrForbidden)
	case status == http.StatusNotFound, status == http.StatusGone, status == http.StatusMethodNotAllowed:
		return a.fail(fmt.Errorf("%w: there is no such page (status %d)", ErrNotDojo, status))
	case status == http.StatusProxyAuthRequired:
		return a.fail(fmt.Errorf("%w: it asks for a user name and a password", ErrProxy))
	case status == http.StatusTooManyRequests:
		return a.fail(ErrRateLimited)
	case status >= 500:
		return a.fail(fmt.Errorf("%w with status %d", ErrServer, status))
	default:
		return a.fail(fmt.Errorf("%w: status %d", ErrMalformed, status))
	}
}

// badRequest tells apart what answers 400: a permission page (from 2.47, whose
// text says 403), a host that is not in DD_ALLOWED_HOSTS, and web servers that
// were spoken to in the wrong protocol.
func badRequest(page []byte, html bool) error {
	has := func(text string) bool { return bytes.Contains(page, []byte(text)) }
	switch {
	case has("HTTP request was sent to HTTPS port"), has("HTTP request to an HTTPS server"):
		return fmt.Errorf("%w: the server speaks TLS at this port, use https", ErrTLS)
	case has("SSL certificate"):
		return fmt.Errorf("%w: the server asks for a client certificate it trusts", ErrTLS)
	case has("403"):
		return ErrForbidden
	case html:
		return ErrHostRefused
	default:
		return fmt.Errorf("%w: status 400", ErrMalformed)
	}
}

// judgeRedirect names a redirect by where it leads.
func (c *Client) judgeRedirect(a *answer) error {
	location := a.Header.Get("Location")
	switch classify(c.base, a.Request.URL, location) {
	case toLogin:
		return a.fail(ErrSessionExpired)
	case toPasswordChange:
		return a.fail(ErrPasswordChange)
	case toSSO:
		return a.fail(ErrSSO)
	case toHTTPS:
		return a.fail(fmt.Errorf("%w to https, use the address with https", ErrRedirect))
	case toElsewhere:
	}
	if location == "" {
		return a.fail(fmt.Errorf("%w without saying where", ErrRedirect))
	}
	return a.fail(fmt.Errorf("%w to %s", ErrRedirect, shown(a.Request.URL, location)))
}

// wrongPage names a 200 that is a page where JSON was due.
func wrongPage(page []byte) error {
	if isDjangoLogin(page) {
		return fmt.Errorf("%w: the sign-in page came", ErrSessionExpired)
	}
	return ErrNotJSON
}
