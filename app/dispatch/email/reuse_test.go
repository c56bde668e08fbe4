package email_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"bellhop/app/dispatch"
	"bellhop/app/dispatch/email"
)

func send(tb testing.TB, c *email.Channel, m dispatch.Message) dispatch.Receipt {
	tb.Helper()
	receipt, err := c.Send(tb.Context(), m)
	if err != nil {
		tb.Fatalf("not sent: %v: %s", err, dispatch.FailureOf(err).Answer)
	}
	return receipt
}

func TestOneConnectionServesManyMails(t *testing.T) {
	server := startFake(t, script{})
	c := channel(t, email.Options{})
	m := message(config(server.addr, map[string]string{email.KeyCAFile: server.ca}))
	for i := range 20 {
		m.ID = fmt.Sprintf("ID%02d", i)
		m.Destination.Address = fmt.Sprintf("person%d@example.org", i)
		send(t, c, m)
	}
	if got := server.taken(); len(got) != 20 || server.dialled() != 2 {
		t.Errorf("%d mails over %d connections, of ten each", len(got), server.dialled())
	}
	if n := server.seen("NOOP") + server.seen("RSET"); n != 0 {
		t.Errorf("%d commands that do nothing", n)
	}
}

// A refused recipient costs that mail and neither the connection nor the next.
func TestARefusedMailLeavesTheConnectionUsable(t *testing.T) {
	for name, s := range map[string]script{
		"said at once":      {},
		"to an eager one":   {eager: true},
		"said one by one":   {offers: []string{"8BITMIME"}},
		"with nothing else": {offers: []string{}},
	} {
		t.Run(name, func(t *testing.T) { refusedMails(t, s) })
	}
}

func refusedMails(t *testing.T, s script) {
	t.Helper()
	s.says = map[string][]string{"RCPT": {"550 5.1.1 no such user", "", "450 4.7.1 later"}, "END": {"", "554 5.7.1 spam"}}
	server := startFake(t, s)
	c := channel(t, email.Options{})
	m := message(config(server.addr, map[string]string{email.KeyCAFile: server.ca}))
	for i, code := range []string{"recipient_unknown", "", "try_later", "message_refused", ""} {
		_, err := c.Send(t.Context(), m)
		switch {
		case code == "" && err != nil:
			t.Errorf("mail %d: %v", i, err)
		case code != "" && (err == nil || dispatch.FailureOf(err).Code != code):
			t.Errorf("mail %d: %v, want %s", i, err, code)
		}
	}
	if got := len(server.taken()); got != 2 || server.dialled() != 1 {
		t.Errorf("%d mails over %d connections", got, server.dialled())
	}
}

func TestADroppedConnectionCostsNoMail(t *testing.T) {
	for name, spoil := range map[string]func(*fake){
		"closed while it rested": func(f *fake) { f.drop() },
		"closed at MAIL":         func(f *fake) { f.rewrite(map[string][]string{"MAIL": {"drop"}}) },
		"closed at RCPT":         func(f *fake) { f.rewrite(map[string][]string{"RCPT": {"drop"}}) },
		"closed at DATA":         func(f *fake) { f.rewrite(map[string][]string{"DATA": {"drop"}}) },
		"too many on this connection": func(f *fake) {
			f.says = map[string][]string{"MAIL": {"421 4.7.0 Too many messages in this connection"}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := startFake(t, script{})
			c := channel(t, email.Options{})
			m := message(config(server.addr, map[string]string{email.KeyCAFile: server.ca}))
			send(t, c, m)
			spoil(server)
			send(t, c, m)
			if got := len(server.taken()); got != 2 || server.dialled() != 2 {
				t.Errorf("%d mails over %d connections", got, server.dialled())
			}
		})
	}
}

// Once the message is over the wire nobody knows whether it was taken: that
// ends the attempt, and the next one carries the same Message-ID.
func TestAConnectionLostAfterTheMessageEndsTheAttempt(t *testing.T) {
	server := startFake(t, script{says: map[string][]string{"END": {"", "drop"}}})
	c := channel(t, email.Options{})
	m := message(config(server.addr, map[string]string{email.KeyCAFile: server.ca}))
	send(t, c, m)
	f := refusal(t, c, m)
	if f.Code != "connection_closed" || f.Final || server.dialled() != 1 {
		t.Errorf("got %+v over %d connections", f, server.dialled())
	}
	send(t, c, m)
}

func TestConnectionsToAServerAreBounded(t *testing.T) {
	server := startFake(t, script{})
	c := channel(t, email.Options{})
	m := message(config(server.addr, map[string]string{email.KeyCAFile: server.ca, email.KeyConnections: "3", email.KeyPerLine: "1000"}))
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() {
			for range 5 {
				if _, err := c.Send(t.Context(), m); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if got := len(server.taken()); got != 60 || server.dialled() > 3 {
		t.Errorf("%d mails over %d connections", got, server.dialled())
	}
}

func TestARestingConnectionIsClosed(t *testing.T) {
	server := startFake(t, script{})
	m := message(config(server.addr, map[string]string{email.KeyCAFile: server.ca}))
	t.Run("after a while", func(t *testing.T) {
		send(t, channel(t, email.Options{Idle: 20 * time.Millisecond}), m)
		until(t, "QUIT", func() bool { return server.seen("QUIT") == 1 })
	})
	t.Run("at the end", func(t *testing.T) {
		c := channel(t, email.Options{})
		send(t, c, m)
		begun := time.Now()
		c.Close()
		if took := time.Since(begun); took > time.Second {
			t.Errorf("it took %v", took)
		}
		until(t, "QUIT", func() bool { return server.seen("QUIT") == 2 })
	})
	t.Run("after a suspend", func(t *testing.T) {
		now := time.Now()
		c := channel(t, email.Options{Now: func() time.Time { return now }})
		before := server.dialled()
		send(t, c, m)
		now = now.Add(time.Hour)
		send(t, c, m)
		if got := server.dialled() - before; got != 2 {
			t.Errorf("%d connections", got)
		}
	})
	t.Run("at once, where none is to rest", func(t *testing.T) {
		c := channel(t, email.Options{Idle: -1})
		before := server.dialled()
		send(t, c, m)
		send(t, c, m)
		if got := server.dialled() - before; got != 2 {
			t.Errorf("%d connections", got)
		}
	})
}

// Another password is another connection: what was signed in with the old one
// is not used for it.
func TestAConnectionServesOneSignInAlone(t *testing.T) {
	server := startFake(t, script{})
	c := channel(t, email.Options{})
	m := message(config(server.addr, map[string]string{email.KeyCAFile: server.ca}))
	send(t, c, m)
	m.Secrets = map[string]string{email.SecretPassword: "wrong"}
	if f := refusal(t, c, m); f.Code != "auth_refused" {
		t.Errorf("got %+v", f)
	}
}

func TestEveryWayToSignInIsUsed(t *testing.T) {
	for way, offered := range map[string][]string{
		"plain": {"LOGIN", "PLAIN"}, "login": {"PLAIN", "LOGIN"}, "cram-md5": {"PLAIN", "CRAM-MD5"}, "scram-sha-256": {"PLAIN", "SCRAM-SHA-256"},
	} {
		server := startFake(t, script{mechanisms: offered})
		send(t, channel(t, email.Options{}), message(config(server.addr, map[string]string{email.KeyCAFile: server.ca, email.KeyAuth: way})))
		if got := server.seen("AUTH " + map[string]string{"plain": "PLAIN", "login": "LOGIN", "cram-md5": "CRAM-MD5", "scram-sha-256": "SCRAM-SHA-256"}[way]); got != 1 {
			t.Errorf("%s was not used: %q", way, server.commands)
		}
	}
	for best, offered := range map[string][]string{
		"SCRAM-SHA-256": {"CRAM-MD5", "LOGIN", "PLAIN", "SCRAM-SHA-256"}, "PLAIN": {"CRAM-MD5", "LOGIN", "PLAIN", "XOAUTH2"}, "LOGIN": {"CRAM-MD5", "LOGIN"}, "CRAM-MD5": {"CRAM-MD5", "NTLM"},
	} {
		server := startFake(t, script{mechanisms: offered})
		send(t, channel(t, email.Options{}), message(config(server.addr, map[string]string{email.KeyCAFile: server.ca})))
		if got := server.taken(); len(got) != 1 || got[0].with != best {
			t.Errorf("of %v %s was used", offered, got[0].with)
		}
	}
}

func TestSigningInTakesNoUnboundedWork(t *testing.T) {
	server := startFake(t, script{mechanisms: []string{"SCRAM-SHA-256"}, rounds: 2_000_000_000})
	f := refusal(t, channel(t, email.Options{Connect: 5 * time.Second}), message(config(server.addr, map[string]string{email.KeyCAFile: server.ca})))
	if f.Code != "auth_unavailable" {
		t.Errorf("got %+v", f)
	}
}

func TestWithoutEncryptionOnThisMachine(t *testing.T) {
	server := startFake(t, script{noSTARTTLS: true})
	c := channel(t, email.Options{})
	send(t, c, message(config(server.addr, map[string]string{email.KeyTLS: "none"})))
	bare := startFake(t, script{noSTARTTLS: true, mechanisms: []string{}})
	m := message(config(bare.addr, map[string]string{email.KeyTLS: "none", email.KeyAuth: "none"}))
	m.Secrets = nil
	send(t, c, m)
	if got := bare.taken(); len(got) != 1 || got[0].with != "" {
		t.Errorf("got %+v", got)
	}
}

// SMTPUTF8 asks every server on the way for it; a mail that needs it not must
// not ask.
func TestOnlyAnAddressInUnicodeAsksForSMTPUTF8(t *testing.T) {
	server := startFake(t, script{})
	c := channel(t, email.Options{})
	m := message(config(server.addr, map[string]string{email.KeyCAFile: server.ca}))
	send(t, c, m)
	if n := server.seen("MAIL FROM:<BELLHOP@EXAMPLE.COM> BODY=8BITMIME SMTPUTF8"); n != 0 {
		t.Errorf("%d asked without need: %s", n, server.line("MAIL"))
	}
	m.Destination.Address = "jürgen@bücher.example"
	send(t, c, m)
	if n := server.seen("MAIL FROM:<BELLHOP@EXAMPLE.COM> BODY=8BITMIME SMTPUTF8"); n != 1 {
		t.Errorf("not asked: %q", server.commands)
	}
	if got := server.taken()[1]; got.to != "jürgen@bücher.example" {
		t.Errorf("sent to %q", got.to)
	}
}

func TestTheGreetingNamesThisMachine(t *testing.T) {
	server := startFake(t, script{})
	c := channel(t, email.Options{})
	send(t, c, message(config(server.addr, map[string]string{email.KeyCAFile: server.ca, email.KeyHello: "desk.example.com"})))
	if got := server.line("EHLO"); got != "EHLO desk.example.com" {
		t.Errorf("greeted with %q", got)
	}
}
