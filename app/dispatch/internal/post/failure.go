package post

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"bellhop/app/dispatch"
	"bellhop/app/dispatch/internal/redact"
)

// The codes of failures that every channel over HTTP shares.
const (
	CodeCancelled   = "cancelled"
	CodeTimeout     = "timeout"
	CodeName        = "unknown_host"
	CodeRefused     = "connection_refused"
	CodeClosed      = "connection_closed"
	CodeTLS         = "tls"
	CodePrivate     = "private_address"
	CodeProxy       = "proxy"
	CodeNetwork     = "network"
	CodeBadAddress  = "bad_address"
	CodeRateLimited = "rate_limited"
	CodeServer      = "server_error"
	CodeRedirected  = "redirected"
	CodeForbidden   = "forbidden"
	CodeNotFound    = "not_found"
	CodeGone        = "gone"
	CodeTooLarge    = "too_large"
	CodeRejected    = "rejected"
	CodeOdd         = "odd_answer"
)

// longestAfter caps what a Retry-After may ask for.
const longestAfter = 24 * time.Hour

// proxyError is a proxy that does not let a request through.
type proxyError struct{ status int }

func (e *proxyError) Error() string {
	return fmt.Sprintf("the proxy answered with status %d", e.status)
}

// proxyAnswer names a refusal by the proxy, of which the standard library makes
// bare text.
func proxyAnswer(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	return &proxyError{status: answer.StatusCode}
}

var errBadAddress = errors.New("the address is not one of http or https")

func badAddress() *dispatch.Failure {
	return &dispatch.Failure{
		Code: CodeBadAddress, Final: true, Err: errBadAddress,
		Next: "Correct the address; it begins with https://.",
	}
}

// Lost returns the failure for an exchange without an answer. ctx is the
// caller's context, not the one with the exchange's own timeout.
func Lost(ctx context.Context, err error, r *redact.Redactor) *dispatch.Failure {
	f := &dispatch.Failure{}
	var cause error
	var private *privateError
	var name *net.DNSError
	var proxy *proxyError
	switch {
	case errors.Is(err, errBadAddress):
		return badAddress()
	case ctx.Err() != nil:
		f.Code, f.Next = CodeCancelled, "Nothing; it is sent again."
		f.Err = ctx.Err()
		return f
	case errors.As(err, &private):
		f.Code, f.Final = CodePrivate, private.literal
		f.Next = "If it is meant to be in your own network, or on this computer, allow that: `bellhop channels edit NAME --set private=on`."
	case errors.As(err, &proxy), strings.HasPrefix(err.Error(), "proxyconnect "), strings.HasPrefix(err.Error(), "the proxy's address"):
		f.Code = CodeProxy
		f.Next = "Check the proxy that is set in HTTPS_PROXY and HTTP_PROXY, and whether it asks for a user name and a password."
	case isTLS(err):
		f.Code = CodeTLS
		f.Next = "Check the certificate of the server and whether the address begins with the right of http:// and https://."
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), isTimeout(err):
		f.Code, cause = CodeTimeout, context.DeadlineExceeded
		f.Next = "Nothing for now; if it goes on, check whether the server is overloaded."
	case errors.As(err, &name):
		f.Code = CodeName
		f.Next = "Check the host in the address, and whether this computer is in the right network."
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, wsaRefused):
		f.Code, cause = CodeRefused, syscall.ECONNREFUSED
		f.Next = "Check whether the server runs and whether host and port of the address are right."
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE),
		errors.Is(err, wsaReset), errors.Is(err, wsaAborted):
		f.Code, cause = CodeClosed, io.ErrUnexpectedEOF
		f.Next = "Nothing for now; the other side closed the connection."
	default:
		f.Code = CodeNetwork
		f.Next = "Check the network connection."
	}
	f.Err = r.Error(err, cause)
	return f
}

// Windows has numbers of its own for what happens to connections; nothing else
// has numbers as high.
const (
	wsaAborted = syscall.Errno(10053)
	wsaReset   = syscall.Errno(10054)
	wsaRefused = syscall.Errno(10061)
)

func isTLS(err error) bool {
	var record tls.RecordHeaderError
	var check *tls.CertificateVerificationError
	var alert tls.AlertError
	var invalid x509.CertificateInvalidError
	var host x509.HostnameError
	var unknown x509.UnknownAuthorityError
	return errors.As(err, &record) || errors.As(err, &check) || errors.As(err, &alert) ||
		errors.As(err, &invalid) || errors.As(err, &host) || errors.As(err, &unknown) ||
		strings.Contains(err.Error(), "HTTP response to HTTPS client")
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

// Failure returns why the message was not taken, or nil where the status is
// one of success. The answer in it is redacted.
func (a Answer) Failure(r *redact.Redactor) *dispatch.Failure {
	if a.Status >= 200 && a.Status < 300 {
		return nil
	}
	f := &dispatch.Failure{Status: a.Status, Answer: r.Answer(a.Body, a.Incomplete), After: a.After()}
	switch s := a.Status; {
	case s == http.StatusTooManyRequests:
		f.Code, f.Next = CodeRateLimited, "Nothing; it is sent again when the other side allows it."
	case s == http.StatusRequestTimeout, s == http.StatusTooEarly:
		f.Code, f.Next = CodeServer, "Nothing for now; it is sent again."
	case s >= 500:
		f.Code, f.Next = CodeServer, "Nothing for now; if it goes on, look at the log of the receiving server."
	case s >= 300 && s < 400:
		f.Code, f.Final = CodeRedirected, true
		f.Next = "The address leads elsewhere, which is not followed. Set it to where it leads, with `bellhop channels edit NAME`."
	case s == http.StatusUnauthorized, s == http.StatusForbidden, s == http.StatusProxyAuthRequired:
		f.Code, f.Final = CodeForbidden, true
		f.Next = "The receiver does not accept the secret of this destination. Give the right one with `bellhop channels edit NAME --secret ...`."
	case s == http.StatusNotFound, s == http.StatusMethodNotAllowed:
		f.Code, f.Final = CodeNotFound, true
		f.Next = "Check the path in the address; nothing there takes messages. Correct it with `bellhop channels edit NAME`."
	case s == http.StatusGone:
		f.Code, f.Final, f.Disable = CodeGone, true, true
		f.Next = "The receiver is gone for good. Remove the destination (`bellhop channels remove NAME`) or give it a new address (`bellhop channels edit NAME`)."
	case s == http.StatusRequestEntityTooLarge:
		f.Code, f.Final, f.Alone = CodeTooLarge, true, true
		f.Next = "The receiver takes no message of this size."
	case s >= 400:
		f.Code, f.Final, f.Alone = CodeRejected, true, true
		f.Next = "Read the answer; the receiver does not accept this message."
	default:
		f.Code, f.Next = CodeOdd, "Check whether the address is that of a receiver."
	}
	return f
}

// After is how long the answer asks to wait: whole or broken seconds or a
// date; 0 where it does not say, at most a day.
func (a Answer) After() time.Duration {
	s := strings.TrimSpace(a.Header.Get("Retry-After"))
	if s == "" {
		return 0
	}
	if seconds, err := strconv.ParseFloat(s, 64); err == nil {
		if math.IsNaN(seconds) {
			return 0
		}
		return time.Duration(min(max(seconds, 0), longestAfter.Seconds()) * float64(time.Second))
	}
	if at, err := http.ParseTime(s); err == nil {
		return min(max(at.Sub(a.at), 0), longestAfter)
	}
	return 0
}

// Receipt returns the receipt of an answer that took the message.
func (a Answer) Receipt(r *redact.Redactor) dispatch.Receipt {
	return dispatch.Receipt{Status: a.Status, Answer: r.Answer(a.Body, a.Incomplete)}
}
