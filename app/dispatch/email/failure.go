package email

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net/textproto"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"bellhop/app/dispatch"
	"bellhop/app/dispatch/internal/post"
	"bellhop/app/dispatch/internal/redact"
)

// The codes of failures that mail alone has; the others are those of package
// post, with the same meaning.
const (
	CodeBadConfig        = "bad_config"
	CodeNoAddress        = "no_address"
	CodeNoSecret         = "no_secret"
	CodeNoSTARTTLS       = "no_starttls"
	CodeCertificateName  = "certificate_name"
	CodeCertificateOld   = "certificate_expired"
	CodeUntrusted        = "certificate_untrusted"
	CodeAuthRefused      = "auth_refused"
	CodeAuthNeeded       = "auth_needed"
	CodeAuthUnavailable  = "auth_unavailable"
	CodeTokenRefused     = "token_refused"
	CodeRefused          = "refused"
	CodeSenderRefused    = "sender_refused"
	CodeRecipientUnknown = "recipient_unknown"
	CodeRecipientRefused = "recipient_refused"
	CodeMailboxFull      = "mailbox_full"
	CodeMessageRefused   = "message_refused"
	CodeNoUTF8           = "no_smtputf8"
	CodeGreylisted       = "greylisted"
	CodeTryLater         = "try_later"
)

// step is where in the dialogue something went wrong.
type step int

const (
	stepConnect step = iota
	stepHello
	stepTLS
	stepAuth
	stepSender
	stepRecipient
	stepData
	stepTaken // after the end of the message
)

// stepError is an error with the step at which it came.
type stepError struct {
	step step
	err  error
}

func (e *stepError) Error() string { return e.err.Error() }

func (e *stepError) Unwrap() error { return e.err }

// severed says whether the connection was lost, or closed by the server, before
// it can have taken the message.
func severed(err error) bool {
	s, ok := errors.AsType[*stepError](err)
	if !ok || s.step == stepTaken {
		return false
	}
	if answer, ok := errors.AsType[*textproto.Error](err); ok {
		return answer.Code == 421
	}
	return s.err != errNoUTF8 && s.err != errTooLarge && !errors.Is(err, errTooMuch) && !errors.Is(err, os.ErrDeadlineExceeded)
}

var (
	errNoUTF8     = errors.New("the server takes no addresses beyond ASCII")
	errTooLarge   = errors.New("the mail is larger than the server takes")
	errNoSTARTTLS = errors.New("the server does not offer STARTTLS")
)

// failure turns what went wrong into what the ledger shows.
func failure(ctx context.Context, err error, to string, hush *redact.Redactor) *dispatch.Failure {
	if f, ok := errors.AsType[*dispatch.Failure](err); ok {
		return f
	}
	at := stepConnect
	if s, ok := errors.AsType[*stepError](err); ok {
		at = s.step
	}
	if answer, ok := errors.AsType[*textproto.Error](err); ok && ctx.Err() == nil {
		return answered(at, answer, to, hush)
	}
	if f := unasked(err); f != nil && ctx.Err() == nil {
		return f
	}
	return lost(ctx, err, at, hush)
}

// unasked is for what we saw ourselves in what the server offers.
func unasked(err error) *dispatch.Failure {
	f := &dispatch.Failure{Final: true}
	switch {
	case errors.Is(err, errNoSTARTTLS):
		f.Code, f.Err = CodeNoSTARTTLS, errNoSTARTTLS
		f.Next = "Set tls to implicit if the server speaks TLS on this port (465). Without any encryption nothing is sent to another machine unless unencrypted_ok=yes."
	case errors.Is(err, errNoAuthOffered):
		f.Code, f.Err = CodeAuthUnavailable, errNoAuthOffered
		f.Next = "Set auth to none if the server takes mail without signing in, or use the port for submission (587, or 465 with tls=implicit)."
	case errors.Is(err, errAuthMissing):
		f.Code, f.Err = CodeAuthUnavailable, err
		f.Next = "Set auth to auto, or to one of the ways that the server offers."
	case errors.Is(err, errWouldLeak):
		f.Code, f.Err = CodeAuthUnavailable, errWouldLeak
		f.Next = "Set tls to starttls or implicit."
	case errors.Is(err, errCostly):
		f.Code, f.Err = CodeAuthUnavailable, errCostly
		f.Next = "Set auth to plain."
	case errors.Is(err, errNoUTF8):
		f.Code, f.Err, f.Alone = CodeNoUTF8, errNoUTF8, true
		f.Next = "Use an address in ASCII, or a mail server that knows SMTPUTF8."
	case errors.Is(err, errTooLarge):
		f.Code, f.Err, f.Alone = post.CodeTooLarge, errTooLarge, true
		f.Next = "Ask the mail server's administrator for a higher limit."
	case errors.Is(err, errTooMuch):
		f.Code, f.Err, f.Final = post.CodeOdd, errTooMuch, false
		f.Next = "Check whether host and port are those of a mail server."
	default:
		return nil
	}
	return f
}

// lost is for a connection that did not come about or broke.
func lost(ctx context.Context, err error, at step, hush *redact.Redactor) *dispatch.Failure {
	if odd, ok := errors.AsType[textproto.ProtocolError](err); ok && ctx.Err() == nil {
		return &dispatch.Failure{
			Code: post.CodeOdd, Answer: hush.Answer([]byte(odd.Error()), true), Err: errors.New("the answer is not one of SMTP"),
			Next: "Check whether host and port are those of a mail server, and whether tls fits the port: implicit for 465, starttls for 587.",
		}
	}
	f := post.Lost(ctx, err, hush)
	switch f.Code {
	case post.CodeTLS:
		certificate(f, err)
	case post.CodeName:
		f.Next = "Check host, and whether this computer is in the right network."
	case post.CodeRefused:
		f.Next = "Check whether the mail server runs and whether host and port are right."
	case post.CodeClosed, post.CodeTimeout:
		if at == stepHello && f.Code == post.CodeTimeout {
			f.Next = "Check whether tls fits the port: implicit for 465, starttls for 587. Else the server is overloaded; it is sent again."
		}
		if at == stepTaken {
			f.Next = "The server may have taken the mail; it is sent again with the same Message-ID, by which mail programs drop the second one."
		}
	case post.CodeNetwork:
		if errors.Is(err, io.ErrClosedPipe) {
			f.Code = post.CodeClosed
		}
	}
	return f
}

// certificate says more about a failed TLS handshake. None of these is final:
// certificates are renewed by others, and a captive portal goes away.
func certificate(f *dispatch.Failure, err error) {
	var host x509.HostnameError
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &host):
		f.Code = CodeCertificateName
		f.Next = "Set host to a name that the server's certificate is for."
	case errors.As(err, &unknown):
		f.Code = CodeUntrusted
		f.Next = "Set ca_file to the certificate of the authority that signed the server's. Do not go on if the server is a public one: someone may be in between."
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		f.Code = CodeCertificateOld
		f.Next = "Ask the server's administrator to renew its certificate, or set this computer's clock right."
	default:
		f.Next = "Check whether tls fits the port (implicit for 465, starttls for 587) and whether the server knows TLS 1.2."
	}
}

// greyWait is how long to wait where a server greylists and does not say for
// how long: postgrey's and most others' delay is five minutes.
const greyWait = 5 * time.Minute

var (
	enhanced = regexp.MustCompile(`^\s*[245]\.\d{1,3}\.\d{1,3}\b`)
	waits    = regexp.MustCompile(`(?i)(?:in|after|for|wait)\s+(?:about\s+)?(\d{1,5})\s*(s|sec|secs|seconds?|m|min|mins|minutes?|h|hours?)\b`)
	unknowns = regexp.MustCompile(`(?i)unknown|unrouteable|no such|(does|do) not exist|doesn't exist|not found|invalid (mailbox|recipient|user)|no mailbox`)
)

// answered is for a server that said no. 4xx may pass, 5xx does not (RFC 5321,
// 4.2.1), but for the limits of sending that large providers report with 5xx.
func answered(at step, e *textproto.Error, to string, hush *redact.Redactor) *dispatch.Failure {
	said := strings.ToLower(e.Msg)
	f := &dispatch.Failure{
		Status: e.Code, Answer: hush.Answer([]byte(e.Msg), false),
		Final: e.Code >= 500, After: asked(e.Msg), Alone: at >= stepRecipient,
	}
	code := strings.TrimSpace(enhanced.FindString(e.Msg))
	detail := ""
	if code != "" {
		detail = code[2:]
	}
	switch {
	case limited(e.Code, code, said):
		f.Code, f.Final, f.Alone = post.CodeRateLimited, false, false
		f.Next = "Nothing; it is sent again when the server takes more. Ask your provider for its limits if this goes on."
		if e.Code >= 500 {
			f.After = max(f.After, time.Hour) // limits of a day
		}
	case e.Code < 400 || e.Code > 599:
		f.Code, f.Next, f.Alone = post.CodeOdd, "Check whether host and port are those of a mail server.", false
	case e.Code < 500:
		later(f, at, detail, said)
	case passwordsOver(code, said):
		f.Code, f.Alone = CodeAuthRefused, false
		f.Next = "Exchange Online takes no passwords here any more: set auth to xoauth2 with a client id and a refresh token, or have an administrator allow SMTP AUTH for the mailbox."
	case at == stepAuth:
		notSignedIn(f, e.Code, said)
	case at <= stepTLS:
		f.Code, f.Next = CodeRefused, "Read the answer; the server does not take mail from here. Use the port for submission (587, or 465 with tls=implicit) of your own provider."
	case e.Code == 530 || detail == "7.0" && strings.Contains(said, "authentication required"):
		f.Code, f.Alone, f.Next = CodeAuthNeeded, false, "Set auth, username and password; the server takes mail only from those who have signed in."
	case at == stepSender:
		f.Code, f.Next = CodeSenderRefused, "Set from to an address that this account may send as."
		size(f, e.Code, detail)
	case at == stepRecipient:
		notReceived(f, e.Code, detail, said, to)
	default:
		f.Code, f.Next = CodeMessageRefused, "Read the answer; the server does not take this mail, often because it looks like spam to it."
		size(f, e.Code, detail)
	}
	return f
}

// limited says whether an answer is about how much is sent: the 4xx of common
// servers, and Gmail's and Exchange's daily limits, which come as 5xx.
func limited(status int, code, said string) bool {
	switch code {
	case "4.7.28", "5.4.5", "5.1.90", "4.5.3", "4.3.20":
		return true
	}
	return strings.Contains(said, "rate limit") || strings.Contains(said, "too many messages") || strings.Contains(said, "too many connections") ||
		strings.Contains(said, "concurrent connections") || strings.Contains(said, "sending limit") || strings.Contains(said, "daily") && strings.Contains(said, "limit") ||
		status < 500 && strings.Contains(said, "rate") && strings.Contains(said, "exceed")
}

func later(f *dispatch.Failure, at step, detail, said string) {
	f.Code, f.Next = CodeTryLater, "Nothing; it is sent again."
	switch {
	case strings.Contains(said, "greylist") || strings.Contains(said, "graylist") || strings.Contains(said, "grey-list"):
		f.Code, f.Alone = CodeGreylisted, true
		if f.After == 0 {
			f.After = greyWait
		}
	case detail == "2.2" || strings.Contains(said, "mailbox full") || strings.Contains(said, "over quota") || strings.Contains(said, "mailbox is full"):
		f.Code, f.Next = CodeMailboxFull, "The receiver has to make room in her mailbox; it is sent again until then."
	case at == stepAuth:
		f.Next = "Nothing for now; the server cannot check passwords at the moment."
	}
}

func passwordsOver(code, said string) bool {
	return code == "5.7.30" || strings.Contains(said, "basic authentication is not supported") || strings.Contains(said, "smtpclientauthentication is disabled")
}

func notSignedIn(f *dispatch.Failure, status int, said string) {
	f.Code, f.Alone = CodeAuthRefused, false
	switch {
	case strings.Contains(said, "application-specific password") || strings.Contains(said, "app password") || strings.Contains(said, "gsmtp"):
		f.Next = "Gmail takes an app password here, not your own: make one at https://myaccount.google.com/apppasswords (2-step verification has to be on), or use XOAUTH2."
	case status == 538 || strings.Contains(said, "encryption required"):
		f.Next = "Set tls to starttls or implicit; the server takes passwords only over an encrypted connection."
	case status == 504 || status == 500 || status == 502 || status == 503:
		f.Code, f.Next = CodeAuthUnavailable, "Set auth to another way of signing in; the server does not know this one."
	default:
		f.Next = "Check username and password. Many providers want an app password for programs."
	}
}

func notReceived(f *dispatch.Failure, status int, detail, said, to string) {
	switch {
	case detail == "2.2" || status == 552:
		f.Code, f.Next = CodeMailboxFull, "The mailbox of "+to+" is full; send it again when there is room."
	case strings.Contains(said, "relay") || detail == "7.1" && strings.Contains(said, "authenticat"):
		f.Code, f.Next = CodeAuthNeeded, "Set auth, username and password; without signing in the server takes mail for its own users alone."
		f.Alone = false
	case detail == "1.1" || detail == "1.2" || detail == "1.3" || detail == "1.6" || detail == "1.10" || detail == "4.1" || status == 551 ||
		detail == "" && (status == 550 || status == 553) && unknowns.MatchString(said) || detail == "0.0" && unknowns.MatchString(said):
		f.Code, f.Next = CodeRecipientUnknown, "There is no mailbox "+to+". Correct the address."
	default:
		f.Code, f.Next = CodeRecipientRefused, "Read the answer; the server does not take mail for "+to+"."
	}
}

// size corrects a failure that is about the message's size.
func size(f *dispatch.Failure, status int, detail string) {
	if detail == "3.4" || status == 552 && (detail == "" || detail == "2.3") {
		f.Code, f.Alone, f.Next = post.CodeTooLarge, true, "Ask the mail server's administrator for a higher limit."
	}
}

// asked finds how long the answer asks to wait: at most a day, 0 where it does
// not say.
func asked(msg string) time.Duration {
	found := waits.FindStringSubmatch(msg)
	if found == nil {
		return 0
	}
	n, err := strconv.Atoi(found[1])
	if err != nil {
		return 0
	}
	unit := time.Second
	switch strings.ToLower(found[2])[0] {
	case 'm':
		unit = time.Minute
	case 'h':
		unit = time.Hour
	}
	return min(time.Duration(n)*unit, 24*time.Hour)
}

// refused says whether the server did not accept what we signed in with.
func refused(err error) bool {
	s, ok := errors.AsType[*stepError](err)
	if !ok || s.step != stepAuth {
		return false
	}
	answer, ok := errors.AsType[*textproto.Error](err)
	return ok && answer.Code >= 500
}
