package syncer

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"bellhop/app"
	"bellhop/sync/dojo"
)

// TestEveryErrorOfDojoIsAProblem goes through the sentinels of package dojo:
// each has a code of its own, says whether the user has to act, and gives a
// next step.
func TestEveryErrorOfDojoIsAProblem(t *testing.T) {
	for _, c := range []struct {
		err       error
		code      string
		needsUser bool
	}{
		{dojo.ErrSessionExpired, "session_expired", true},
		{dojo.ErrPasswordRefused, "password_refused", true},
		{dojo.ErrPasswordChange, "password_change_required", true},
		{dojo.ErrRateLimited, "rate_limited", false},
		{dojo.ErrSSO, "sso_required", true},
		{dojo.ErrNotJSON, "not_json", false},
		{dojo.ErrNotDojo, "not_defectdojo", false},
		{dojo.ErrForbidden, "forbidden", false},
		{dojo.ErrTokenRefused, "token_refused", true},
		{dojo.ErrTokenHasNoAlerts, "token_has_no_alerts", true},
		{dojo.ErrHostRefused, "host_refused", false},
		{dojo.ErrServer, "server_error", false},
		{dojo.ErrUnreachable, "unreachable", false},
		{dojo.ErrTLS, "tls_untrusted", false},
		{dojo.ErrProxy, "proxy_failed", false},
		{dojo.ErrRedirect, "redirected", false},
		{dojo.ErrMalformed, "malformed_answer", false},
		{dojo.ErrTooLarge, "answer_too_large", false},
		{dojo.ErrCSRF, "forbidden", false},
	} {
		t.Run(c.err.Error(), func(t *testing.T) {
			cause := fmt.Errorf("synchronise: %w", &dojo.Error{Op: "list alerts", Status: 400, Err: c.err})
			p := Problem(cause)
			if p.Code != c.code || p.NeedsUser != c.needsUser {
				t.Errorf("got code %q, needs user %v; want %q, %v", p.Code, p.NeedsUser, c.code, c.needsUser)
			}
			wantSentence(t, p.Message)
			wantSentence(t, p.Step)
			if !errors.Is(p, c.err) {
				t.Error("the cause is lost")
			}
		})
	}
}

func wantSentence(t *testing.T, s string) {
	t.Helper()
	if s == "" || !strings.HasSuffix(s, ".") || strings.ToUpper(s[:1]) != s[:1] || strings.Contains(s, "  ") {
		t.Errorf("%q is no sentence", s)
	}
}

func TestProblemOfNothingAndOfAProblem(t *testing.T) {
	if Problem(nil) != nil {
		t.Error("no error became a problem")
	}
	p := app.Invalid("Wrong.", "Right.")
	if got := Problem(fmt.Errorf("connect: %w", p)); got != p {
		t.Errorf("a problem became another one: %v", got)
	}
	if got := Problem(errors.New("odd")); got.Code != "unexpected" || got.Message != "odd" {
		t.Errorf("an unknown error became %+v", got)
	}
	if got := Problem(context.DeadlineExceeded); got.Code != CodeUnreachable {
		t.Errorf("a deadline became %q", got.Code)
	}
}

// TestProblemsNameTheReason shows that the words follow the cause: these are
// what a user can act on.
func TestProblemsNameTheReason(t *testing.T) {
	dial := func(errno syscall.Errno) error {
		return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", errno)}
	}
	with := func(sentinel, cause error) error {
		return &dojo.Error{Op: "list alerts", Err: fmt.Errorf("%w: %w", sentinel, cause)}
	}
	status := func(code int, sentinel error) error {
		return &dojo.Error{Op: "list alerts", Status: code, Err: sentinel}
	}
	for _, c := range []struct {
		err  error
		want string
	}{
		{with(dojo.ErrUnreachable, &net.DNSError{Name: "dojo.example.com", IsNotFound: true}), "name dojo.example.com is not known"},
		{with(dojo.ErrUnreachable, &net.DNSError{Name: "dojo.example.com", IsTemporary: true}), "could not be looked up"},
		{with(dojo.ErrUnreachable, dial(syscall.ECONNREFUSED)), "refused the connection"},
		{with(dojo.ErrUnreachable, dial(syscall.ENETUNREACH)), "no way to the server"},
		{with(dojo.ErrUnreachable, os.ErrDeadlineExceeded), "did not answer in time"},
		{with(dojo.ErrUnreachable, context.DeadlineExceeded), "did not answer in time"},
		{with(dojo.ErrUnreachable, errors.New("odd")), "cannot be reached"},
		{with(dojo.ErrTLS, x509.HostnameError{Certificate: &x509.Certificate{}, Host: "dojo.example.com"}), "not made out to dojo.example.com"},
		{with(dojo.ErrTLS, x509.UnknownAuthorityError{}), "does not know"},
		{with(dojo.ErrTLS, x509.CertificateInvalidError{Reason: x509.Expired}), "expired"},
		{with(dojo.ErrTLS, &fs.PathError{Op: "open", Path: "/etc/ca.pem", Err: fs.ErrNotExist}), "/etc/ca.pem cannot be read"},
		{with(dojo.ErrTLS, errors.New("the server speaks TLS at this port, use https")), "use https"},
		{dojo.ErrTLS, "No trustworthy encrypted connection"},
		{status(503, dojo.ErrServer), "503 Service Unavailable"},
		{status(599, dojo.ErrServer), "(599)"},
		{dojo.ErrServer, "answered with an error."},
		{status(429, dojo.ErrRateLimited), "slow down (429)"},
		{status(400, dojo.ErrRateLimited), "too many within a minute"},
		{status(403, dojo.ErrForbidden), "(403)"},
		{status(407, dojo.ErrProxy), "asks for a user name"},
		{dojo.ErrProxy, "proxy could not be used"},
		{&dojo.Error{Op: "list alerts", Err: fmt.Errorf("%w to https, use the address with https", dojo.ErrRedirect)}, "redirects to https, use the address with https."},
		{with(dojo.ErrNotDojo, errors.New("there is no such page (status 404)")), "not DefectDojo: there is no such page (status 404)."},
	} {
		if p := Problem(c.err); !strings.Contains(p.Message, c.want) {
			t.Errorf("%v: message %q does not say %q", c.err, p.Message, c.want)
		}
	}
}

func TestProblemsOfOurOwn(t *testing.T) {
	account := app.Account{Username: "ada", UserID: 7, URL: "https://dojo.example.com"}
	foreign := foreignUser(account, 12)
	if foreign.Code != CodeForeignUser || !foreign.NeedsUser {
		t.Errorf("foreign user: %+v", foreign)
	}
	for _, want := range []string{"user 12", "user 7"} {
		if !strings.Contains(foreign.Message, want) {
			t.Errorf("%q does not name %s", foreign.Message, want)
		}
	}
	full := errors.New("disk full")
	for _, c := range []struct {
		p         *app.Problem
		code      string
		needsUser bool
	}{
		{foreignUser(app.Account{UserID: 7}, 12), CodeForeignUser, true},
		{singleSession(), CodeSingleSession, false},
		{limitedTwice(dojo.ErrRateLimited), CodeRateLimited, true},
		{passwordMissing(account), CodePasswordMissing, true},
		{tokenMissing(account), CodeTokenRefused, true},
		{sessionRefused(dojo.ErrSessionExpired), CodeSessionExpired, false},
		{secretsProblem(errors.New("locked")), CodeSecrets, false},
		{Problem(notSaved("apply a pull", full)), CodeNotSaved, false},
	} {
		if c.p.Code != c.code || c.p.NeedsUser != c.needsUser {
			t.Errorf("%+v: want code %q, needs user %v", c.p, c.code, c.needsUser)
		}
		wantSentence(t, c.p.Message)
		wantSentence(t, c.p.Step)
	}
	if !errors.Is(notSaved("apply", full), full) {
		t.Error("the cause of a store's failure is lost")
	}
	if notSaved("apply", nil) != nil {
		t.Error("success is a problem")
	}
}
