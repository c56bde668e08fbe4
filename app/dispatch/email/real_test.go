package email_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"bellhop/app/dispatch"
	"bellhop/app/dispatch/dispatchtest"
	"bellhop/app/dispatch/email"
)

// startExim starts a real mail server, or skips the test where it is not
// installed.
func startExim(t *testing.T) *dispatchtest.Exim {
	t.Helper()
	server := dispatchtest.StartExim(t, dispatchtest.EximOptions{Domain: "example.org", Users: []string{"ana", "team", "bob"}, Password: password})
	if server == nil {
		t.Skip("exim is not installed")
	}
	return server
}

// mails returns what lies in a mailbox once there are so many.
func mails(t *testing.T, server *dispatchtest.Exim, user string, n int) []dispatchtest.Mail {
	t.Helper()
	var raw []string
	until(t, fmt.Sprintf("%d mails for %s", n, user), func() bool {
		raw = server.Mails(user)
		return len(raw) >= n
	})
	if len(raw) != n {
		t.Errorf("%s has %d mails, want %d", user, len(raw), n)
	}
	got := make([]dispatchtest.Mail, len(raw))
	for i := range raw {
		got[i] = read(t, strings.NewReader(raw[i]))
	}
	return got
}

func TestARealServerTakesTheMailAndPutsItIntoTheMailbox(t *testing.T) {
	server := startExim(t)
	c := channel(t, email.Options{})
	ways := []map[string]string{
		{email.KeyAuth: "auto"},
		{email.KeyAuth: "plain"},
		{email.KeyAuth: "login"},
		{email.KeyAuth: "cram-md5"},
	}
	for _, way := range ways {
		way[email.KeyCAFile] = server.CAFile
		m := message(config(server.Addr, way))
		receipt, err := c.Send(t.Context(), m)
		if err != nil {
			t.Fatalf("%s: %v: %s", way[email.KeyAuth], err, dispatch.FailureOf(err).Answer)
		}
		if receipt.Status != 250 {
			t.Errorf("receipt %+v", receipt)
		}
	}
	implicit := message(config(server.TLSAddr, map[string]string{email.KeyTLS: "implicit", email.KeyCAFile: server.CAFile}))
	if _, err := c.Send(t.Context(), implicit); err != nil {
		t.Fatalf("implicit TLS: %v", err)
	}
	for _, got := range mails(t, server, "ana", len(ways)+1) {
		if got.Get("Message-Id") != "<01K9ABCDEFGHJKMNPQRSTVWXYZ@bellhop.example.com>" {
			t.Errorf("Message-ID %s", got.Get("Message-Id"))
		}
		if got.Get("From") != `"Bellhop" <bellhop@example.com>` || got.Get("To") != `"Ana Lima" <ana@example.org>` {
			t.Errorf("from %s to %s", got.Get("From"), got.Get("To"))
		}
		if got.Subject != "Security notification: Created 3 findings for Shop: Sprint 12: ZAP" {
			t.Errorf("subject %q", got.Subject)
		}
	}
}

func TestARealServerSaysWhatIsWrong(t *testing.T) {
	server := startExim(t)
	c := channel(t, email.Options{})
	for name, s := range map[string]struct {
		change func(m *dispatch.Message)
		code   string
		final  bool
	}{
		"unknown recipient": {func(m *dispatch.Message) { m.Destination.Address = "nobody@example.org" }, "recipient_unknown", true},
		"greylisted":        {func(m *dispatch.Message) { m.Destination.Address = "slow@example.org" }, "greylisted", false},
		"wrong password":    {func(m *dispatch.Message) { m.Secrets[email.SecretPassword] = "wrong-password-9" }, "auth_refused", true},
		"not signed in":     {func(m *dispatch.Message) { m.Config[email.KeyAuth] = "none" }, "auth_needed", true},
		"no such way":       {func(m *dispatch.Message) { m.Config[email.KeyAuth] = "scram-sha-256" }, "auth_unavailable", true},
		"distrusted":        {func(m *dispatch.Message) { delete(m.Config, email.KeyCAFile) }, "certificate_untrusted", false},
	} {
		m := message(config(server.Addr, map[string]string{email.KeyCAFile: server.CAFile}))
		s.change(&m)
		f := refusal(t, c, m)
		if f.Code != s.code || f.Final != s.final {
			t.Errorf("%s: got %+v", name, f)
		}
		if s.code == "greylisted" && f.After != 2*time.Minute {
			t.Errorf("told to wait 120 seconds, waits %v", f.After)
		}
	}
	m := message(config(server.Addr, map[string]string{email.KeyCAFile: server.CAFile}))
	send(t, c, m)
	mails(t, server, "ana", 1)
}

// Every hostile text at once, over one connection, out of a mailbox that
// another program has written.
func TestHostileTextsSurviveARealServer(t *testing.T) {
	server := startExim(t)
	c := channel(t, email.Options{})
	for _, text := range dispatchtest.Hostile {
		m := message(config(server.Addr, map[string]string{email.KeyCAFile: server.CAFile}))
		call := &m.Events[0].Call
		call.Title, call.Description, call.Product.Name, call.FindingsNew[0].Title = text, text, text, text
		m.Team, m.To.FirstName = text, text
		send(t, c, m)
	}
	for _, got := range mails(t, server, "ana", len(dispatchtest.Hostile)) {
		for _, added := range []string{"Received", "Return-Path", "Envelope-To", "Delivery-Date", "Authentication-Results"} {
			delete(got.Header, added)
		}
		harmless(t, got)
	}
	if n := strings.Count(server.Log(), "A=plain:bellhop"); n != len(dispatchtest.Hostile) {
		t.Errorf("exim took %d mails", n)
	}
}
