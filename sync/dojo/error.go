package dojo

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"time"
)

// What can go wrong. Each error of a [Client] is an [*Error] that wraps one of
// these, except where the caller's own context was cancelled.
var (
	// ErrSessionExpired says that the session is not, or no longer, valid.
	ErrSessionExpired = errors.New("the session has ended")
	// ErrPasswordRefused covers a wrong password, an unknown user and a
	// deactivated one: the server does not tell them apart.
	ErrPasswordRefused = errors.New("user name or password refused")
	// ErrPasswordChange says that the user must set a new password first.
	ErrPasswordChange = errors.New("the server asks for a new password")
	// ErrRateLimited says that too many attempts were made.
	ErrRateLimited = errors.New("too many attempts")
	// ErrSSO says that the server, or something before it, leads to single sign-on.
	ErrSSO = errors.New("the server leads to single sign-on")
	// ErrNotJSON says that a page came where JSON was due.
	ErrNotJSON = errors.New("a page came instead of data")
	// ErrNotDojo says that something else than DefectDojo answered.
	ErrNotDojo = errors.New("this is not DefectDojo")
	// ErrForbidden says that the user may not do this. Of the API's lists it is
	// said where a superuser, or on some a right of its own, is needed.
	ErrForbidden = errors.New("access denied")
	// ErrTokenRefused says that the API token is not valid.
	ErrTokenRefused = errors.New("API token refused")
	// ErrTokenHasNoAlerts says that alerts need a session.
	ErrTokenHasNoAlerts = errors.New("an API token gives no access to alerts")
	// ErrHostRefused says that the server does not accept this host name.
	ErrHostRefused = errors.New("the server does not accept this host name")
	// ErrServer is an answer with a status of 500 and above.
	ErrServer = errors.New("the server failed")
	// ErrUnreachable covers name look-up, connection and time limits.
	ErrUnreachable = errors.New("the server cannot be reached")
	// ErrTLS says that no trusted encrypted connection came about.
	ErrTLS = errors.New("no trusted TLS connection")
	// ErrProxy says that the proxy refused or cannot be reached.
	ErrProxy = errors.New("the proxy failed")
	// ErrRedirect is a redirect that is none of the known ones.
	ErrRedirect = errors.New("the server redirects")
	// ErrMalformed says that an answer is not what DefectDojo sends.
	ErrMalformed = errors.New("malformed answer")
	// ErrTooLarge says that an answer exceeds a limit.
	ErrTooLarge = errors.New("the answer is too large")
	// ErrCSRF says that the server refused the CSRF token, also a fresh one.
	ErrCSRF = errors.New("CSRF check failed")
	// ErrNotOffered says that this version of DefectDojo has no such list: 3.x
	// has no roles, members and groups, 2.38 and older no webhooks.
	ErrNotOffered = errors.New("this version of the server does not offer it")
	// ErrNotFound says that there is no such object, or none that the user may
	// see: the API does not tell the two apart.
	ErrNotFound = errors.New("there is no such object")
	// ErrRefused says that the server does not accept the values of a request.
	ErrRefused = errors.New("the server refuses the values")
	// ErrNotTaken says that the server answered a change as if it were done and
	// shows that it is not.
	ErrNotTaken = errors.New("the server did not take the change")
	// ErrListChanged says that a list that has to be complete changed while its
	// pages were read. It can be read again at once.
	ErrListChanged = errors.New("the list changed while it was read")
)

// Error is a failed operation. Its text carries no password, cookie, token or
// URL query.
type Error struct {
	Op string // the operation, for example "list alerts"
	// Status is the HTTP status, 0 where no answer came.
	Status int
	// RetryAfter is what the server asked to wait, 0 where it did not say.
	RetryAfter time.Duration
	Err        error
}

// Error returns the operation and the cause.
func (e *Error) Error() string { return e.Op + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Causes of a request's end that [context.Cause] tells apart.
var (
	errIdle    = errors.New("it stopped answering")
	errOverall = errors.New("it took too long to answer")
)

// transportError names the reason why a request got no answer, or why an
// answer broke off. The caller's own cancellation comes through unchanged.
func transportError(ctx context.Context, err error) error {
	cause := context.Cause(ctx)
	switch {
	case errors.Is(cause, errIdle), errors.Is(cause, errOverall):
		return fmt.Errorf("%w: %w", ErrUnreachable, cause)
	case errors.Is(ctx.Err(), context.Canceled):
		return ctx.Err()
	case ctx.Err() != nil:
		return fmt.Errorf("%w: %w", ErrUnreachable, ctx.Err())
	}
	// A url.Error quotes the URL, query included: only its cause is kept.
	for {
		u, ok := errors.AsType[*url.Error](err)
		if !ok {
			break
		}
		err = u.Err
	}
	if isSentinel(err) {
		return err
	}
	if o, ok := errors.AsType[*net.OpError](err); ok && (o.Op == "proxyconnect" || strings.HasPrefix(o.Op, "socks")) {
		return fmt.Errorf("%w: %w", ErrProxy, o.Err)
	}
	if reason := tlsReason(err); reason != "" {
		return fmt.Errorf("%w: %s: %w", ErrTLS, reason, err)
	}
	return brokenAnswer(err)
}

// brokenAnswer names what is neither the proxy's nor TLS's fault. The standard
// library quotes the answer in some of its errors, headers included; only those
// that cannot are passed on.
func brokenAnswer(err error) error {
	text := err.Error()
	_, network := errors.AsType[net.Error](err)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: it ended before it was complete", ErrMalformed)
	case errors.Is(err, io.EOF), strings.Contains(text, "server closed idle connection"):
		return fmt.Errorf("%w: the connection was closed without an answer", ErrUnreachable)
	case network:
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	case strings.HasPrefix(text, "failed to parse Location header"):
		return fmt.Errorf("%w to an address that cannot be read", ErrRedirect)
	case strings.Contains(text, "response headers exceeded"):
		return fmt.Errorf("%w: its headers", ErrTooLarge)
	case strings.HasPrefix(text, "net/http: invalid header"):
		return fmt.Errorf("%w: the request has a header that cannot be sent", ErrUnreachable)
	}
	return fmt.Errorf("%w: it is not proper HTTP", ErrMalformed)
}

// isSentinel reports whether err was already named further down.
func isSentinel(err error) bool {
	return errors.Is(err, ErrProxy) || errors.Is(err, ErrTooLarge) || errors.Is(err, ErrMalformed) ||
		errors.Is(err, ErrTLS) || errors.Is(err, ErrUnreachable)
}

// tlsReason says in words why TLS failed, or "" where it did not.
func tlsReason(err error) string {
	if host, ok := errors.AsType[x509.HostnameError](err); ok {
		return "the certificate is for another host than " + host.Host
	}
	if bad, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		switch bad.Reason {
		case x509.Expired:
			return "the certificate has expired or is not yet valid"
		default:
			return "the certificate is not valid"
		}
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "the certificate is signed by an unknown authority"
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "the certificate could not be verified"
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return "the server does not speak TLS at this port, so its address may begin with http://"
	}
	if o, ok := errors.AsType[*net.OpError](err); ok && o.Op == "remote error" {
		if strings.Contains(o.Err.Error(), "certificate required") || strings.Contains(o.Err.Error(), "bad certificate") {
			return "the server asks for a client certificate it trusts"
		}
		return "the server broke off the handshake"
	}
	text := err.Error()
	switch {
	case strings.Contains(text, "server gave HTTP response to HTTPS client"):
		return "the server does not speak TLS at this port, so its address may begin with http://"
	case strings.Contains(text, "TLS handshake timeout"):
		return "the handshake took too long"
	case strings.HasPrefix(text, "tls: "):
		return "the handshake failed"
	}
	return ""
}
