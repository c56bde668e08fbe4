package email_test

import (
	"io"
	"maps"
	"net"
	"testing"
	"time"

	"go.uber.org/goleak"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/app/dispatch/dispatchtest"
	"bellhop/app/dispatch/email"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const password = "pässwörd-7f3a9c"

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// message is one delivery to a server.
func message(config map[string]string) dispatch.Message {
	return dispatch.Message{
		ID: "01K9ABCDEFGHJKMNPQRSTVWXYZ", Attempt: 1, At: time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC),
		Events: []app.Event{{
			ID: 7, Account: 1, Kind: app.KindScanAdded, At: time.Date(2026, 3, 1, 9, 29, 0, 0, time.UTC),
			Call: app.Call{
				Kind: app.KindScanAdded, Title: "Created 3 findings for Shop: Sprint 12: ZAP", URL: "/test/5", Icon: "info-circle",
				Product: &app.Ref{ID: 3, Name: "Shop"}, Engagement: &app.Ref{ID: 9, Name: "Sprint 12"}, Test: &app.Ref{ID: 5, Name: "ZAP"},
				FindingsNew: []app.FindingRef{{ID: 1, Title: "SQL injection in login", Severity: "Critical"}},
			},
		}},
		To:          app.Person{ID: 4, Username: "ana", FirstName: "Ana", LastName: "Lima", Email: "ana@example.org"},
		Destination: app.Destination{ID: 2, Channel: app.ChannelMail, Name: "mail", Person: 4, Address: "ana@example.org"},
		Config:      config, Secrets: map[string]string{email.SecretPassword: password},
		Team: "Security", Site: "https://dojo.example.org",
	}
}

// config reaches a server on this machine.
func config(addr string, more map[string]string) map[string]string {
	host, port, _ := net.SplitHostPort(addr)
	c := map[string]string{
		email.KeyHost: host, email.KeyPort: port, email.KeyUsername: "bellhop",
		email.KeyFrom: "Bellhop <bellhop@example.com>",
	}
	maps.Copy(c, more)
	return c
}

func channel(tb testing.TB, o email.Options) *email.Channel {
	tb.Helper()
	c := email.New(o)
	tb.Cleanup(c.Close)
	return c
}

// read takes a mail apart.
func read(tb testing.TB, raw io.Reader) dispatchtest.Mail {
	tb.Helper()
	got, err := dispatchtest.ReadMail(raw)
	must(tb, err)
	return got
}

// until waits for another process.
func until(tb testing.TB, what string, done func() bool) {
	tb.Helper()
	dispatchtest.Until(tb, 20*time.Second, what, done)
}
