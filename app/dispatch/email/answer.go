package email

import (
	"net/textproto"
	"regexp"
	"strconv"
	"strings"
	"time"

	"bellhop/app/dispatch"
	"bellhop/app/dispatch/internal/post"
	"bellhop/app/dispatch/internal/redact"
)

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
