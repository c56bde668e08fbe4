package email_test

import (
	"testing"

	"bellhop/app/dispatch"
	"bellhop/app/dispatch/email"
)

func TestARealServerTakesTheMailAndPutsItIntoTheMailbox(t *testing.T) {
	server, a := startExim(t)
	c := channel(t, email.Options{})
	ways := []map[string]string{
		{email.KeyAuth: "auto"},
		{email.KeyAuth: "plain"},
		{email.KeyAuth: "login"},
		{email.KeyAuth: "cram-md5"},
	}
	for _, way := range ways {
		way[email.KeyCAFile] = a.file
		m := message(config(server.addr, way))
		receipt, err := c.Send(t.Context(), m)
		if err != nil {
			t.Fatalf("%s: %v: %s", way[email.KeyAuth], err, dispatch.FailureOf(err).Answer)
		}
		if receipt.Status != 250 {
			t.Errorf("receipt %+v", receipt)
		}
	}
	implicit := message(config(server.tlsAddr, map[string]string{email.KeyTLS: "implicit", email.KeyCAFile: a.file}))
	if _, err := c.Send(t.Context(), implicit); err != nil {
		t.Fatalf("implicit TLS: %v", err)
	}
	for _, got := range server.mails(t, "ana", len(ways)+1) {
		if got.Get("Message-Id") != "<01K9ABCDEFGHJKMNPQRSTVWXYZ@bellhop.example.com>" {
			t.Errorf("Message-ID %s", got.Get("Message-Id"))
		}
		if got.Get("From") != `"Bellhop" <bellhop@example.com>` || got.Get("To") != `"Ana Lima" <ana@example.org>` {
			t.Errorf("from %s to %s", got.Get("From"), got.Get("To"))
		}
		if got.subject != "Security notification: Created 3 findings for Shop: Sprint 12: ZAP" {
			t.Errorf("subject %q", got.subject)
		}
	}
}
