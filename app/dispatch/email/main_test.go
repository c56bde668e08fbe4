package email_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"maps"
	"math/big"
	"mime"
	"mime/multipart"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/app/dispatch/email"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const password = "pässwörd-7f3a9c"

// authority is a certificate authority made for one test.
type authority struct {
	file string // its certificate in PEM form
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	dir  string
}

func newAuthority(tb testing.TB) *authority {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(tb, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Bellhop test authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(tb, err)
	cert, err := x509.ParseCertificate(der)
	must(tb, err)
	a := &authority{key: key, cert: cert, dir: tb.TempDir()}
	a.file = filepath.Join(a.dir, "ca.pem")
	must(tb, os.WriteFile(a.file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	return a
}

// issue signs a certificate for a name or an address, until then.
func (a *authority) issue(tb testing.TB, host string, until time.Time) tls.Certificate {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(tb, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: host},
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: until, KeyUsage: x509.KeyUsageDigitalSignature,
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	must(tb, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

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

// received is a mail as its reader's program sees it.
type received struct {
	mail.Header
	subject    string
	text, html string
}

// read takes a mail apart with the standard library, which did not write it.
func read(tb testing.TB, raw io.Reader) received {
	tb.Helper()
	m, err := mail.ReadMessage(raw)
	must(tb, err)
	got := received{Header: m.Header}
	got.subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	must(tb, err)
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	must(tb, err)
	if !strings.HasPrefix(kind, "multipart/") {
		tb.Fatalf("the mail is %s", kind)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := parts.NextPart() // it decodes quoted-printable
		if errors.Is(err, io.EOF) {
			return got
		}
		must(tb, err)
		all, err := io.ReadAll(p)
		must(tb, err)
		all = []byte(strings.ReplaceAll(string(all), "\r\n", "\n"))
		switch kind, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type")); kind {
		case "text/plain":
			got.text = string(all)
		case "text/html":
			got.html = string(all)
		default:
			tb.Errorf("a part is %s", kind)
		}
	}
}

// until waits for another process.
func until(tb testing.TB, what string, done func() bool) {
	tb.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	over := time.After(20 * time.Second)
	for !done() {
		select {
		case <-tick.C:
		case <-over:
			tb.Fatalf("waited in vain: %s", what)
		}
	}
}
