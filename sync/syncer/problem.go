package syncer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bellhop/app"
	"bellhop/sync/dojo"
)

// The codes of the problems that synchronisation can meet. They are stable:
// scripts and windows tell problems apart by them.
const (
	CodeSessionExpired   = "session_expired"
	CodePasswordRefused  = "password_refused" // #nosec G101 -- a code, not a password
	CodePasswordMissing  = "password_missing" // #nosec G101 -- a code, not a password
	CodePasswordChange   = "password_change_required"
	CodeRateLimited      = "rate_limited"
	CodeSSORequired      = "sso_required"
	CodeNotJSON          = "not_json"
	CodeNotDefectDojo    = "not_defectdojo"
	CodeForbidden        = "forbidden"
	CodeTokenRefused     = "token_refused"
	CodeTokenHasNoAlerts = "token_has_no_alerts" // #nosec G101 -- a code, not a token
	CodeHostRefused      = "host_refused"
	CodeServerError      = "server_error"
	CodeUnreachable      = "unreachable"
	CodeTLSUntrusted     = "tls_untrusted"
	CodeProxyFailed      = "proxy_failed"
	CodeRedirected       = "redirected"
	CodeMalformed        = "malformed_answer"
	CodeTooLarge         = "answer_too_large"
	CodeForeignUser      = "foreign_user"
	CodeSingleSession    = "single_session"
	CodeSecrets          = "secrets_unavailable"
	CodeNotSaved         = "not_saved"
)

// Problem returns err as the user should meet it: the exact reason and the next
// step. Nil stays nil and a [*app.Problem] stays what it is. NeedsUser is set
// exactly where trying again by itself is pointless or does harm. The text
// carries host names, status codes and paths without a query, never a secret.
func Problem(err error) *app.Problem {
	if err == nil {
		return nil
	}
	if p, ok := errors.AsType[*app.Problem](err); ok {
		return p
	}
	for _, known := range knownProblems {
		if !errors.Is(err, known.is) {
			continue
		}
		message := known.message
		if known.reason != nil {
			message = known.reason(err)
		}
		return app.NewProblem(known.code, message, known.step, known.needsUser, err)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return app.NewProblem(CodeUnreachable, "The server did not answer in time.", stepUnreachable, false, err)
	}
	return app.AsProblem(err)
}

const (
	stepUnreachable = "Check the network, VPN or proxy; Bellhop keeps trying."
	stepWait        = "Nothing to do: Bellhop tries again by itself."
)

// knownProblem is what a sentinel of package dojo means to the user.
type knownProblem struct {
	is        error
	code      string
	message   string
	reason    func(error) string // instead of message, where the error tells more
	step      string
	needsUser bool
}

var knownProblems = []knownProblem{
	{
		is: dojo.ErrSessionExpired, code: CodeSessionExpired, needsUser: true,
		message: "The session with the server has ended.",
		step:    "Sign in again, or paste a fresh session cookie from the browser.",
	},
	{
		is: dojo.ErrPasswordRefused, code: CodePasswordRefused, needsUser: true,
		message: "The server refused the user name or the password.",
		step:    "Sign in again; Bellhop does not repeat a refused password by itself, because that can lock the account.",
	},
	{
		is: dojo.ErrPasswordChange, code: CodePasswordChange, needsUser: true,
		message: "DefectDojo asks you to change your password before anything else.",
		step:    "Change it in the browser (open /change_password on the server), then sign in again here.",
	},
	{
		is: dojo.ErrRateLimited, code: CodeRateLimited, reason: limitedReason,
		step: "Wait: Bellhop tries again after the time the server asks for, at least a minute.",
	},
	{
		is: dojo.ErrSSO, code: CodeSSORequired, needsUser: true,
		message: "This server signs people in through single sign-on, which Bellhop cannot do itself.",
		step:    "Sign in with the browser and paste its session cookie here; an API token also connects: Bellhop then watches the server's objects instead of the list of alerts.",
	},
	{
		is: dojo.ErrTokenHasNoAlerts, code: CodeTokenHasNoAlerts, needsUser: true,
		message: "The API token works, but DefectDojo gives no alerts to a token.",
		step:    "Connect with user name and password, or paste a session cookie from the browser.",
	},
	{
		is: dojo.ErrTokenRefused, code: CodeTokenRefused, needsUser: true,
		message: "The server refused the API token.",
		step:    "Copy the token again from the API key page of DefectDojo (it may have been reset or expired), or connect another way.",
	},
	{
		is: dojo.ErrHostRefused, code: CodeHostRefused,
		message: "The server does not accept this host name (400 Bad Request).",
		step:    "Use the address under which the browser opens DefectDojo, or ask the administrator to add this one to DD_ALLOWED_HOSTS.",
	},
	{
		is: dojo.ErrCSRF, code: CodeForbidden,
		message: "The server refused the change as forged (CSRF, 403), also with a fresh token.",
		step:    "Check that the address is exactly the one the browser shows; a proxy in between may drop cookies or the Referer header.",
	},
	{
		is: dojo.ErrForbidden, code: CodeForbidden, reason: forbiddenReason,
		step: "Check in the browser that this user may open the alerts page; a firewall in front of the server can also be the cause.",
	},
	{
		is: dojo.ErrServer, code: CodeServerError, reason: serverReason,
		step: stepWait,
	},
	{
		is: dojo.ErrTLS, code: CodeTLSUntrusted, reason: tlsReason,
		step: "Connect again with the CA file of your organisation, or ask the administrator to renew the certificate.",
	},
	{
		is: dojo.ErrProxy, code: CodeProxyFailed, reason: proxyReason,
		step: "Check the system's proxy settings, or connect again with another proxy (\"none\" goes without one).",
	},
	{
		is: dojo.ErrUnreachable, code: CodeUnreachable, reason: unreachableReason,
		step: stepUnreachable,
	},
	{
		is: dojo.ErrRedirect, code: CodeRedirected, reason: redirectReason,
		step: "Use the final address that the browser shows (https instead of http, for example); behind a hotel or guest network, log in there first.",
	},
	{
		is: dojo.ErrTooLarge, code: CodeTooLarge,
		message: "The server's answer does not end, or is larger than any list of alerts can be.",
		step:    "Open the alerts page in the browser and remove old alerts; if it looks normal there, check the proxy in between.",
	},
	{
		is: dojo.ErrMalformed, code: CodeMalformed,
		message: "The server's answer broke off or is not a list of alerts; nothing of it was used.",
		step:    stepWait,
	},
	{
		is: dojo.ErrNotDojo, code: CodeNotDefectDojo, reason: notDojoReason,
		step: "Check the address, with its path prefix if there is one; it is the one at which the browser shows DefectDojo's login page.",
	},
	{
		is: dojo.ErrNotJSON, code: CodeNotJSON,
		message: "The server answered with a web page where a list of alerts was expected.",
		step:    "It may be under maintenance, or a proxy or guest network answers in its place; Bellhop keeps trying.",
	},
}

// foreignUser is the problem of an answer that belongs to another user.
func foreignUser(account app.Account, got int64) *app.Problem {
	return app.NewProblem(CodeForeignUser,
		fmt.Sprintf("The server answered with the data of user %d, but this account belongs to user %d; nothing of it was stored.", got, account.UserID),
		"Sign in again as "+nameOr(account.Username, fmt.Sprintf("user %d", account.UserID))+", or connect the other user as an account of its own.",
		true, nil)
}

// sessionRefused is the problem of a session that was not accepted right after
// the password was. Trying again later is right: the second quick end in a row
// is [singleSession].
func sessionRefused(err error) *app.Problem {
	return app.NewProblem(CodeSessionExpired,
		"The server accepted the password, but not the session that it opened for it.",
		"Bellhop tries again by itself; check that the address is exactly the one the browser shows, so that cookies come back to it.",
		false, err)
}

// singleSession is the problem of sessions that somebody ends again and again.
func singleSession() *app.Problem {
	return app.NewProblem(CodeSingleSession,
		"The server ended Bellhop's session twice within minutes of signing in.",
		fmt.Sprintf("It probably allows one session for each user (DD_SINGLE_USER_SESSION), or somebody logs out in a browser. Bellhop tries again every %d minutes; Sync now tries at once.", int(evictedHold/time.Minute)),
		false, dojo.ErrSessionExpired)
}

// limitedTwice is the problem of a sign-in that stays limited after waiting.
func limitedTwice(err error) *app.Problem {
	return app.NewProblem(CodeRateLimited,
		"The server still refuses sign-ins because there were too many, also after Bellhop waited.",
		"Wait some minutes, check in the browser that you can sign in, then press Sync now.",
		true, err)
}

// passwordMissing is the problem of an account whose password is not stored.
func passwordMissing(account app.Account) *app.Problem {
	return app.NewProblem(CodePasswordMissing,
		"No password is stored for "+account.Name()+".",
		"Sign in again.", true, app.ErrNotFound)
}

// tokenMissing is the same for an account with an API token.
func tokenMissing(account app.Account) *app.Problem {
	return app.NewProblem(CodeTokenRefused,
		"No API token is stored for "+account.Name()+".",
		"Connect again with the token, or with user name and password to see alerts.", true, app.ErrNotFound)
}

// secretsProblem is the problem of a keyring that does not answer.
func secretsProblem(err error) *app.Problem {
	if p, ok := errors.AsType[*app.Problem](err); ok {
		return p
	}
	return app.NewProblem(CodeSecrets,
		"The stored sign-in cannot be read from the keyring.",
		"Unlock the keyring; Bellhop tries again by itself.", false, err)
}

// notSaved is the problem of a store that refuses to write or read.
func notSaved(step string, err error) error {
	if err == nil {
		return nil
	}
	if p, ok := errors.AsType[*app.Problem](err); ok {
		return p
	}
	return app.NewProblem(CodeNotSaved,
		"Bellhop could not use its own database while it synchronised.",
		"Check the free disk space and the data folder, then run `bellhop doctor`; the server's alerts are untouched.",
		false, fmt.Errorf("%s: %w", step, err))
}

func nameOr(name, other string) string {
	if name == "" {
		return other
	}
	return name
}
