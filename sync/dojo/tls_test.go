package dojo_test

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
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bellhop/sync/dojo"
	"bellhop/sync/dojoserver"
)

// authority signs certificates for one test.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string
}

func newAuthority(t *testing.T, name string) *authority {
	t.Helper()
	a := &authority{t: t, key: newKey(t)}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.file = writePEM(t, "CERTIFICATE", der)
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func writePEM(t *testing.T, kind string, der []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), strings.ReplaceAll(strings.ToLower(kind), " ", "-")+".pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// sign makes a certificate for a host, or for a client where host is "".
func (a *authority) sign(host string, until time.Time) (tls.Certificate, string, string) {
	a.t.Helper()
	key := newKey(a.t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "leaf"},
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: until, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else if host != "" {
		template.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	keyDER, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, writePEM(a.t, "CERTIFICATE", der), writePEM(a.t, "EC PRIVATE KEY", keyDER)
}

// serveTLS puts a small DefectDojo behind TLS.
func serveTLS(t *testing.T, cfg *tls.Config, o dojoserver.Options) (*dojoserver.Server, string) {
	t.Helper()
	if o.Users == nil {
		o.Users = []dojoserver.User{ana}
	}
	s := dojoserver.New(o)
	server := httptest.NewUnstartedServer(s)
	server.TLS = cfg
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return s, server.URL + o.Prefix
}

func TestAnOwnAuthorityAndAClientCertificate(t *testing.T) {
	ca := newAuthority(t, "Test CA")
	server, _, _ := ca.sign("127.0.0.1", time.Now().Add(time.Hour))
	pool := x509.NewCertPool()
	pool.AddCert(ca.cert)
	s, base := serveTLS(t, &tls.Config{
		Certificates: []tls.Certificate{server}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool, MinVersion: tls.VersionTLS12,
	}, dojoserver.Options{Prefix: "/dojo", SecureCookies: true})
	_, cert, key := ca.sign("", time.Now().Add(time.Hour))
	pk := s.AddAlert("ana", dojoserver.Alert{Title: "by https"})

	c := connect(t, base, func(cfg *dojo.Config) { cfg.CAFile, cfg.ClientCert, cfg.ClientKey = ca.file, cert, key })
	signIn(t, c)
	// The small server refuses a POST by https that has no Referer.
	if err := c.Remove(t.Context(), []int64{pk}); err != nil || len(s.Alerts("ana")) != 0 {
		t.Errorf("Remove: %v, left %v", err, s.Alerts("ana"))
	}
	p, err := c.Probe(t.Context())
	if err != nil || !p.DefectDojo || p.TLSIssuer != "Test CA" || time.Until(p.TLSUntil) < 50*time.Minute {
		t.Errorf("Probe = %+v, %v", p, err)
	}

	both, err := os.ReadFile(cert)
	if err != nil {
		t.Fatal(err)
	}
	keyText, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	one := filepath.Join(t.TempDir(), "both.pem")
	if err := os.WriteFile(one, append(both, keyText...), 0o600); err != nil {
		t.Fatal(err)
	}
	signIn(t, connect(t, base, func(cfg *dojo.Config) { cfg.CAFile, cfg.ClientCert = ca.file, one }))

	bare := connect(t, base, func(cfg *dojo.Config) { cfg.CAFile = ca.file })
	_, err = bare.SignIn(t.Context(), "ana", "correct horse")
	if !errors.Is(err, dojo.ErrTLS) || !strings.Contains(err.Error(), "client certificate") {
		t.Errorf("without a client certificate: %v", err)
	}
}

func TestCertificatesThatAreNotTrusted(t *testing.T) {
	ca := newAuthority(t, "Test CA")
	good, _, _ := ca.sign("127.0.0.1", time.Now().Add(time.Hour))
	old, _, _ := ca.sign("127.0.0.1", time.Now().Add(-time.Hour))
	other, _, _ := ca.sign("other.example.com", time.Now().Add(time.Hour))
	for name, c := range map[string]struct {
		cert tls.Certificate
		ca   string
		text string
	}{
		"unknown authority": {good, "", "unknown authority"},
		"another authority": {good, newAuthority(t, "Another").file, "unknown authority"},
		"expired":           {old, ca.file, "expired"},
		"wrong host":        {other, ca.file, "another host than 127.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, base := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{c.cert}, MinVersion: tls.VersionTLS12}, dojoserver.Options{})
			p, err := connect(t, base, func(cfg *dojo.Config) { cfg.CAFile = c.ca }).Probe(t.Context())
			if !errors.Is(err, dojo.ErrTLS) || !strings.Contains(err.Error(), c.text) {
				t.Errorf("err = %v, want ErrTLS and %q", err, c.text)
			}
			if p.TLSIssuer != "Test CA" || p.TLSUntil.IsZero() {
				t.Errorf("the probe does not show the certificate: %+v", p)
			}
			if p, err := connect(t, base, func(cfg *dojo.Config) { cfg.Insecure = true }).Probe(t.Context()); err != nil || !p.DefectDojo {
				t.Errorf("without verification: %+v, %v", p, err)
			}
		})
	}
}

func TestAServerThatSpeaksTheOtherProtocol(t *testing.T) {
	_, c := serve(t, dojoserver.Options{}, func(cfg *dojo.Config) { cfg.BaseURL = strings.Replace(cfg.BaseURL, "http:", "https:", 1) })
	if _, err := c.Probe(t.Context()); !errors.Is(err, dojo.ErrTLS) || !strings.Contains(err.Error(), "does not speak TLS") {
		t.Errorf("https to an http server: %v", err)
	}
	ca := newAuthority(t, "Test CA")
	cert, _, _ := ca.sign("127.0.0.1", time.Now().Add(time.Hour))
	_, base := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}, dojoserver.Options{})
	plain := connect(t, strings.Replace(base, "https:", "http:", 1))
	if _, err := plain.Probe(t.Context()); !errors.Is(err, dojo.ErrTLS) || !strings.Contains(err.Error(), "use https") {
		t.Errorf("http to an https server: %v", err)
	}
}

func TestFilesThatCannotBeUsed(t *testing.T) {
	junk := filepath.Join(t.TempDir(), "junk.pem")
	if err := os.WriteFile(junk, []byte("junk"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		cfg  dojo.Config
		want error
	}{
		"no CA file":                  {dojo.Config{BaseURL: "https://x", CAFile: "/no/such/file"}, dojo.ErrTLS},
		"junk as CA":                  {dojo.Config{BaseURL: "https://x", CAFile: junk}, dojo.ErrTLS},
		"junk as client":              {dojo.Config{BaseURL: "https://x", ClientCert: junk}, dojo.ErrTLS},
		"proxy without host":          {dojo.Config{BaseURL: "https://x", Proxy: "http://"}, dojo.ErrProxy},
		"proxy by ftp":                {dojo.Config{BaseURL: "https://x", Proxy: "ftp://proxy"}, dojo.ErrProxy},
		"proxy with secrets":          {dojo.Config{BaseURL: "https://x", Proxy: "http://me:geheim@proxy:3128"}, dojo.ErrProxy},
		"proxy with part of a secret": {dojo.Config{BaseURL: "https://x", Proxy: "http://me/geheim@proxy:3128"}, dojo.ErrProxy},
		"proxy with a query":          {dojo.Config{BaseURL: "https://x", Proxy: "http://proxy:3128?geheim"}, dojo.ErrProxy},
		"proxy like noise":            {dojo.Config{BaseURL: "https://x", Proxy: "http://me:geheim@pro xy:%zz"}, dojo.ErrProxy},
		"base by ftp":                 {dojo.Config{BaseURL: "ftp://x"}, dojo.ErrUnreachable},
		"base with secrets":           {dojo.Config{BaseURL: "https://me:geheim@x"}, dojo.ErrUnreachable},
		"no base":                     {dojo.Config{}, dojo.ErrUnreachable},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := dojo.New(c.cfg)
			if !errors.Is(err, c.want) || strings.Contains(err.Error(), "geheim") {
				t.Errorf("err = %v", err)
			}
		})
	}
}

// proxy is a CONNECT proxy that counts its tunnels.
func proxy(t *testing.T, answer int, tunnels *int) *httptest.Server {
	t.Helper()
	p := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || answer != http.StatusOK {
			w.WriteHeader(answer)
			return
		}
		*tunnels++
		var dialer net.Dialer
		far, err := dialer.DialContext(r.Context(), "tcp", r.Host)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer func() { _ = far.Close() }()
		near, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = near.Close() }()
		_, _ = io.WriteString(near, "HTTP/1.1 200 Connection established\r\n\r\n")
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = io.Copy(far, near)
			_ = far.Close()
		}()
		_, _ = io.Copy(near, far)
		_ = near.Close()
		<-done
	}))
	t.Cleanup(p.Close)
	return p
}

func TestAProxy(t *testing.T) {
	ca := newAuthority(t, "Test CA")
	cert, _, _ := ca.sign("127.0.0.1", time.Now().Add(time.Hour))
	_, base := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}, dojoserver.Options{})
	through := func(address string) *dojo.Client {
		return connect(t, base, func(cfg *dojo.Config) { cfg.CAFile, cfg.Proxy = ca.file, address })
	}
	tunnels := 0
	working := proxy(t, http.StatusOK, &tunnels)
	c := through(strings.TrimPrefix(working.URL, "http://"))
	signIn(t, c)
	c.Close()
	if tunnels == 0 {
		t.Error("the proxy was not used")
	}
	for status, text := range map[int]string{http.StatusProxyAuthRequired: "user name", http.StatusForbidden: "403"} {
		_, err := through(proxy(t, status, new(int)).URL).Probe(t.Context())
		if !errors.Is(err, dojo.ErrProxy) || !strings.Contains(err.Error(), text) {
			t.Errorf("a proxy that answers %d: %v", status, err)
		}
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	if _, err := through(gone.URL).Probe(t.Context()); !errors.Is(err, dojo.ErrProxy) || errors.Is(err, dojo.ErrUnreachable) {
		t.Errorf("a proxy that is gone: %v", err)
	}
	// The address may be one by http too; then the proxy answers by itself.
	plain := connect(t, "http://dojo.example.com", func(cfg *dojo.Config) { cfg.Proxy = proxy(t, http.StatusProxyAuthRequired, nil).URL })
	if _, err := plain.Probe(t.Context()); !errors.Is(err, dojo.ErrProxy) {
		t.Errorf("a proxy asked for http: %v", err)
	}
}
