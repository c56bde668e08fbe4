package syncer

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"bellhop/sync/dojo"
)

// status returns the HTTP status that err carries, 0 for none.
func status(err error) int {
	if e, ok := errors.AsType[*dojo.Error](err); ok {
		return e.Status
	}
	return 0
}

// retryAfter returns how long the server asked to be left alone, at most an
// hour; 0 where it did not.
func retryAfter(err error) time.Duration {
	if e, ok := errors.AsType[*dojo.Error](err); ok {
		return min(max(e.RetryAfter, 0), longestHold)
	}
	return 0
}

func limitedReason(err error) string {
	if status(err) == http.StatusTooManyRequests {
		return "The server or a proxy in front of it asks Bellhop to slow down (429)."
	}
	return "The server refuses sign-ins for now because there were too many within a minute."
}

func serverReason(err error) string {
	if code := status(err); code != 0 {
		text := http.StatusText(code)
		if text == "" {
			return fmt.Sprintf("The server answered with an error (%d).", code)
		}
		return fmt.Sprintf("The server answered with an error (%d %s).", code, text)
	}
	return "The server answered with an error."
}

func forbiddenReason(err error) string {
	if code := status(err); code != 0 {
		return fmt.Sprintf("The server does not allow this user to do that (%d).", code)
	}
	return "The server does not allow this user to do that."
}

// detail returns what an error says beyond its sentinel, up to the next cause;
// "" for nothing. Package dojo puts no secret and no query there.
func detail(err, sentinel error) string {
	_, rest, ok := strings.Cut(err.Error(), sentinel.Error())
	if !ok {
		return ""
	}
	return strings.TrimLeft(rest, ": ")
}

func redirectReason(err error) string {
	if more := detail(err, dojo.ErrRedirect); more != "" {
		return "The server redirects " + more + "."
	}
	return "The server sends Bellhop to another address."
}

func notDojoReason(err error) string {
	if more := detail(err, dojo.ErrNotDojo); more != "" {
		return "What answers at this address is not DefectDojo: " + more + "."
	}
	return "What answers at this address is not DefectDojo."
}

func tlsReason(err error) string {
	if e, ok := errors.AsType[x509.HostnameError](err); ok {
		return fmt.Sprintf("The server's certificate is not made out to %s.", e.Host)
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "The server's certificate was signed by an authority that this computer does not know."
	}
	if e, ok := errors.AsType[x509.CertificateInvalidError](err); ok && e.Reason == x509.Expired {
		return "The server's certificate is not valid at this time: it has expired, or a clock is wrong."
	}
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Sprintf("The certificate file %s cannot be read.", e.Path)
	}
	if more, _, _ := strings.Cut(detail(err, dojo.ErrTLS), ": "); more != "" {
		return "No trustworthy encrypted connection to the server could be made: " + more + "."
	}
	return "No trustworthy encrypted connection to the server could be made."
}

func proxyReason(err error) string {
	if status(err) == http.StatusProxyAuthRequired {
		return "The proxy asks for a user name and password."
	}
	return "The proxy could not be used."
}

// What Windows calls the three commonest failures to connect. Package syscall
// has their Unix names there too, but with made-up numbers.
const (
	wsaNetUnreach  = syscall.Errno(10051)
	wsaConnRefused = syscall.Errno(10061)
	wsaHostUnreach = syscall.Errno(10065)
)

func unreachableReason(err error) string {
	if e, ok := errors.AsType[*net.DNSError](err); ok {
		if e.IsNotFound {
			return fmt.Sprintf("The name %s is not known to this network.", e.Name)
		}
		return fmt.Sprintf("The name %s could not be looked up.", e.Name)
	}
	if errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, wsaConnRefused) {
		return "The server refused the connection: nothing listens at that address and port."
	}
	if errors.Is(err, syscall.ENETUNREACH) || errors.Is(err, syscall.EHOSTUNREACH) || errors.Is(err, wsaNetUnreach) || errors.Is(err, wsaHostUnreach) {
		return "There is no way to the server from this network."
	}
	if e, ok := errors.AsType[net.Error](err); ok && e.Timeout() || errors.Is(err, context.DeadlineExceeded) {
		return "The server did not answer in time."
	}
	return "The server cannot be reached."
}
