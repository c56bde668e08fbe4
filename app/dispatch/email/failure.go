package email

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net/textproto"
	"os"

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
	return !unfit(err) && !errors.Is(err, errTooMuch) && !errors.Is(err, os.ErrDeadlineExceeded)
}

var (
	errNoUTF8     = errors.New("the server takes no addresses beyond ASCII")
	errTooLarge   = errors.New("the mail is larger than the server takes")
	errNoSTARTTLS = errors.New("the server does not offer STARTTLS")
)

// unfit says whether we did not even try: the connection is as good as before.
func unfit(err error) bool { return errors.Is(err, errNoUTF8) || errors.Is(err, errTooLarge) }

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

// refused says whether the server did not accept what we signed in with.
func refused(err error) bool {
	s, ok := errors.AsType[*stepError](err)
	if !ok || s.step != stepAuth {
		return false
	}
	answer, ok := errors.AsType[*textproto.Error](err)
	return ok && answer.Code >= 500
}
