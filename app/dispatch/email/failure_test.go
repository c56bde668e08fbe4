package email_test

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"bellhop/app/dispatch"
	"bellhop/app/dispatch/dispatchtest"
	"bellhop/app/dispatch/email"
)

// refusal sends one message to a server and returns why it was not taken.
func refusal(t *testing.T, c *email.Channel, m dispatch.Message) *dispatch.Failure {
	t.Helper()
	_, err := c.Send(t.Context(), m)
	f, ok := errors.AsType[*dispatch.Failure](err)
	if !ok {
		t.Fatalf("got %v, want a failure", err)
	}
	dispatchtest.Check(t, f, m.Secrets)
	return f
}

func TestWhatServersAnswerIsToldApart(t *testing.T) {
	for name, c := range map[string]struct {
		verb, says   string
		code         string
		final, alone bool
		after        time.Duration
		next         string // a part of it
	}{
		"blocked at the door": {"CONNECT", "554 5.7.1 Client host blocked", "refused", true, false, 0, "587"},
		"busy at the door":    {"CONNECT", "421 4.3.2 Too busy, try again in 2 minutes", "try_later", false, false, 2 * time.Minute, "sent again"},
		"wrong password":      {"AUTH", "535 5.7.8 Error: authentication failed", "auth_refused", true, false, 0, "username and password"},
		"Gmail wants an app password": {
			"AUTH", "534-5.7.9 Application-specific password required. For more information, go to\n534 5.7.9  https://support.google.com/mail/?p=InvalidSecondFactor 5b1f17b1804b1-gsmtp",
			"auth_refused", true, false, 0, "apppasswords",
		},
		"Exchange Online takes no passwords": {"AUTH", "550 5.7.30 Basic authentication is not supported for Client Submission.", "auth_refused", true, false, 0, "xoauth2"},
		"Exchange Online, mailbox": {
			"AUTH", "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox.",
			"auth_refused", true, false, 0, "xoauth2",
		},
		"passwords cannot be checked": {"AUTH", "454 4.7.0 Temporary authentication failure", "try_later", false, false, 0, "at the moment"},
		"unknown mechanism":           {"AUTH", "504 5.5.4 Unrecognized authentication type", "auth_unavailable", true, false, 0, "another way"},
		"sender not ours":             {"MAIL", "553 5.7.1 <bellhop@example.com>: Sender address rejected: not owned by user", "sender_refused", true, false, 0, "from"},
		"sign in first":               {"MAIL", "530 5.7.0 Authentication required", "auth_needed", true, false, 0, "password"},
		"unknown recipient":           {"RCPT", "550 5.1.1 <ana@example.org>: Recipient address rejected: User unknown in virtual mailbox table", "recipient_unknown", true, true, 0, "ana@example.org"},
		"unknown at Exchange":         {"RCPT", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", "recipient_unknown", true, true, 0, "ana@example.org"},
		"unknown without a code":      {"RCPT", "550 No such user here", "recipient_unknown", true, true, 0, "ana@example.org"},
		"Exim's unknown":              {"RCPT", "550 Unrouteable address", "recipient_unknown", true, true, 0, "ana@example.org"},
		"no relay":                    {"RCPT", "554 5.7.1 <ana@example.org>: Relay access denied", "auth_needed", true, false, 0, "signing in"},
		"recipient refused":           {"RCPT", "550 5.7.1 Service unavailable; client blocked", "recipient_refused", true, true, 0, "ana@example.org"},
		"mailbox full, for good":      {"RCPT", "552 5.2.2 Mailbox full", "mailbox_full", true, true, 0, "ana@example.org"},
		"mailbox full, for now":       {"RCPT", "452 4.2.2 The email account is over quota", "mailbox_full", false, true, 0, "room"},
		"greylisted":                  {"RCPT", "450 4.2.0 <ana@example.org>: Recipient address rejected: Greylisted, see http://postgrey.example", "greylisted", false, true, 5 * time.Minute, "sent again"},
		"greylisted with a time":      {"RCPT", "451 4.7.1 Greylisting in action, please come back in 00:04:59; try again in 299 seconds", "greylisted", false, true, 299 * time.Second, "sent again"},
		"data refused":                {"DATA", "554 5.5.1 No valid recipients", "message_refused", true, true, 0, "does not take"},
		"spam":                        {"END", "550 5.7.1 Message contains spam", "message_refused", true, true, 0, "spam"},
		"too large":                   {"END", "552 5.3.4 Message size exceeds fixed limit", "too_large", true, true, 0, "limit"},
		"later":                       {"END", "451 4.3.0 Queue file write error", "try_later", false, true, 0, "sent again"},
		"Gmail's limit of a day":      {"END", "550-5.4.5 Daily user sending limit exceeded. For more information on Gmail\n550 5.4.5 sending limits go to https://support.google.com gsmtp", "rate_limited", false, false, time.Hour, "limits"},
		"Gmail's rate":                {"MAIL", "421 4.7.28 Our system has detected an unusual rate of mail", "rate_limited", false, false, 0, "limits"},
		"not SMTP":                    {"CONNECT", "HTTP/1.1 400 Bad Request", "odd_answer", false, false, 0, "mail server"},
		"a strange code":              {"MAIL", "354 go on", "odd_answer", false, false, 0, "mail server"},
	} {
		t.Run(name, func(t *testing.T) {
			server := startFake(t, script{says: map[string][]string{c.verb: {c.says}}})
			m := message(config(server.addr, map[string]string{email.KeyCAFile: server.ca}))
			f := refusal(t, channel(t, email.Options{}), m)
			if f.Code != c.code || f.Final != c.final || f.Alone != c.alone || f.After != c.after || f.Disable {
				t.Errorf("got %+v", f)
			}
			if !strings.Contains(f.Next, c.next) {
				t.Errorf("the next step is %q", f.Next)
			}
			if f.Code != "odd_answer" && (f.Status == 0 || f.Answer == "") {
				t.Errorf("the answer is lost: %+v", f)
			}
		})
	}
}

func TestNothingLeavesWithoutTheEncryptionAskedFor(t *testing.T) {
	t.Run("no STARTTLS offered", func(t *testing.T) {
		server := startFake(t, script{noSTARTTLS: true})
		f := refusal(t, channel(t, email.Options{}), message(config(server.addr, map[string]string{email.KeyCAFile: server.ca})))
		if f.Code != "no_starttls" || !f.Final || server.seen("AUTH")+server.seen("MAIL") != 0 {
			t.Errorf("got %+v, the server saw %q", f, server.commands)
		}
	})
	t.Run("a certificate nobody signed", func(t *testing.T) {
		server := startFake(t, script{})
		f := refusal(t, channel(t, email.Options{}), message(config(server.addr, nil)))
		if f.Code != "certificate_untrusted" || f.Final || !strings.Contains(f.Next, "ca_file") || server.seen("AUTH") != 0 {
			t.Errorf("got %+v", f)
		}
	})
	for name, c := range map[string]struct {
		host  string
		until time.Time
		code  string
	}{
		"another name":       {"mail.example.net", time.Now().Add(time.Hour), "certificate_name"},
		"an old certificate": {"127.0.0.1", time.Now().Add(-time.Hour), "certificate_expired"},
	} {
		for _, implicit := range []bool{false, true} {
			a := dispatchtest.NewAuthority(t)
			cert := a.Issue(t, c.host, c.until)
			server := startFake(t, script{cert: &cert, implicit: implicit})
			more := map[string]string{email.KeyCAFile: a.File}
			if implicit {
				more[email.KeyTLS] = "implicit"
			}
			f := refusal(t, channel(t, email.Options{}), message(config(server.addr, more)))
			if f.Code != c.code || f.Final || server.seen("AUTH") != 0 {
				t.Errorf("%s: got %+v", name, f)
			}
		}
	}
	t.Run("TLS where the server speaks first", func(t *testing.T) {
		server := startFake(t, script{})
		f := refusal(t, channel(t, email.Options{}), message(config(server.addr, map[string]string{email.KeyTLS: "implicit"})))
		if f.Code != "tls" || !strings.Contains(f.Next, "587") {
			t.Errorf("got %+v", f)
		}
		server.forgive() // it saw a TLS handshake as a command
	})
	t.Run("plain SMTP where the server speaks TLS", func(t *testing.T) {
		server := startFake(t, script{implicit: true})
		f := refusal(t, channel(t, email.Options{Connect: 300 * time.Millisecond}), message(config(server.addr, nil)))
		if f.Code != "timeout" || !strings.Contains(f.Next, "implicit for 465") {
			t.Errorf("got %+v", f)
		}
	})
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	server := startFake(t, script{offers: []string{"SIZE 2000"}, mechanisms: []string{"GSSAPI", "NTLM"}})
	open := startFake(t, script{offers: []string{"SIZE 1000"}})
	ca := map[string]string{email.KeyCAFile: server.ca}
	for name, c := range map[string]struct {
		change func(m *dispatch.Message)
		code   string
	}{
		"no address":           {func(m *dispatch.Message) { m.Destination.Address, m.To.Email = "", "" }, "no_address"},
		"two addresses":        {func(m *dispatch.Message) { m.Destination.Address = "a@example.org, b@example.org" }, "no_address"},
		"a command as address": {func(m *dispatch.Message) { m.Destination.Address = `"x> SIZE=1 <y"@example.org` }, "no_address"},
		"brackets as address":  {func(m *dispatch.Message) { m.Destination.Address = `"x><y"@example.org` }, "no_address"},
		"a hidden character":   {func(m *dispatch.Message) { m.Destination.Address = "ana\u202e@example.org" }, "no_address"},
		"no password":          {func(m *dispatch.Message) { m.Secrets = nil }, "no_secret"},
		"no refresh token":     {func(m *dispatch.Message) { m.Config[email.KeyAuth] = "xoauth2" }, "no_secret"},
		"a bad configuration":  {func(m *dispatch.Message) { m.Config["port"] = "0" }, "bad_config"},
		"an authority's file":  {func(m *dispatch.Message) { m.Config[email.KeyCAFile] = "/does/not/exist" }, "bad_config"},
		"no way to sign in":    {func(m *dispatch.Message) {}, "auth_unavailable"},
		"larger than allowed":  {func(m *dispatch.Message) { m.Config = config(open.addr, map[string]string{email.KeyCAFile: open.ca}) }, "too_large"},
		"an address in Unicode": {func(m *dispatch.Message) {
			m.Config = config(open.addr, map[string]string{email.KeyCAFile: open.ca})
			m.Destination.Address = "jürgen@example.org"
		}, "no_smtputf8"},
	} {
		m := message(config(server.addr, ca))
		c.change(&m)
		if f := refusal(t, channel(t, email.Options{}), m); f.Code != c.code || !f.Final {
			t.Errorf("%s: got %+v", name, f)
		}
	}
	if n := len(server.taken()) + len(open.taken()); n != 0 {
		t.Errorf("%d mails were sent", n)
	}
}

func TestASecretThatAServerQuotesIsNotKept(t *testing.T) {
	plain := base64.StdEncoding.EncodeToString([]byte("\x00postmaster\x00" + password))
	server := startFake(t, script{says: map[string][]string{"AUTH": {"500 5.5.2 Unknown command: AUTH PLAIN " + plain}}})
	f := refusal(t, channel(t, email.Options{}), message(config(server.addr, map[string]string{email.KeyCAFile: server.ca, email.KeyUsername: "postmaster"})))
	if strings.Contains(f.Answer+f.Error(), plain[:8]) || !strings.Contains(f.Answer, "[secret]") {
		t.Errorf("the answer is %q", f.Answer)
	}
}

func TestACancelledWaitForAConnectionEnds(t *testing.T) {
	server := startFake(t, script{says: map[string][]string{"END": {"stall"}}})
	c := channel(t, email.Options{Deliver: time.Minute})
	m := message(config(server.addr, map[string]string{email.KeyCAFile: server.ca, email.KeyConnections: "1"}))
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan error)
	go func() {
		_, err := c.Send(ctx, m)
		first <- err
	}()
	<-server.arrived
	waiting, give := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer give()
	if _, err := c.Send(waiting, m); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the second mail: %v", err)
	}
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("the first mail: %v", err)
	}
}
