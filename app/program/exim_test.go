//go:build unix

package program

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// eximConfig takes mails for example.com after STARTTLS and a sign-in, and puts
// them into a Maildir for each receiver.
const eximConfig = `
primary_hostname = mail.example.com
spool_directory = DIR/spool
log_file_path = DIR/log/%slog
pid_file_path = DIR/pid
exim_user = UID
exim_group = GID
deliver_drop_privilege = true
never_users =
tls_advertise_hosts = *
tls_certificate = DIR/cert.pem
tls_privatekey = DIR/key.pem
auth_advertise_hosts = ${if eq{$tls_in_cipher}{}{}{*}}
host_lookup =
rfc1413_hosts =
acl_smtp_mail = mail
acl_smtp_rcpt = rcpt
begin acl
mail:
  deny condition = ${if eq{$authenticated_id}{}}
  accept
rcpt:
  accept domains = example.com
begin routers
local:
  driver = accept
  domains = example.com
  local_parts = lsearch;DIR/users
  transport = maildir
begin transports
maildir:
  driver = appendfile
  maildir_format
  directory = DIR/inbox/$local_part_data
  create_directory
  user = UID
  group = GID
  mode_fail_narrower = false
begin retry
* * F,2h,1m
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_condition = ${if and{{eq{$auth2}{bellhop}}{eq{$auth3}{PASSWORD}}}}
  server_set_id = $auth2
`

// startExim starts the distribution's mail server; nil where there is none.
func startExim(t *testing.T) *mailServer {
	t.Helper()
	path := ""
	for _, name := range []string{"exim4", "exim", "/usr/sbin/exim4", "/usr/sbin/exim"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Log("NOT TESTED AGAINST A REAL MAIL SERVER: exim is not installed; `make deps` installs it (Debian: exim4-daemon-light)")
		return nil
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	// Exim gives up root's rights and then has to reach its folder, which the
	// testing package closes to others.
	dir, err := os.MkdirTemp("", "bellhop-exim-") //nolint:usetesting // exim has to reach it as another user
	must(err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	uid, gid := os.Getuid(), os.Getgid()
	var as *syscall.Credential
	if uid == 0 {
		uid, gid = 65534, 65534
		as = &syscall.Credential{Uid: 65534, Gid: 65534}
	}
	m := &mailServer{addr: freeAddress(t), inbox: filepath.Join(dir, "inbox"), ca: filepath.Join(t.TempDir(), "ca.pem")}
	cert, key := selfSigned(t)
	must(os.WriteFile(m.ca, cert, 0o600))
	text := strings.NewReplacer("DIR", dir, "UID", fmt.Sprint(uid), "GID", fmt.Sprint(gid), "PASSWORD", mailPass).Replace(eximConfig)
	for name, content := range map[string]string{"conf": text, "users": "maria: maria\n", "cert.pem": string(cert), "key.pem": string(key)} {
		must(os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	for _, sub := range []string{"spool", "log", "inbox"} {
		must(os.Mkdir(filepath.Join(dir, sub), 0o700))
	}
	if as != nil {
		must(filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
			if err != nil {
				return err
			}
			return os.Chown(path, uid, gid)
		}))
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	_, port, _ := net.SplitHostPort(m.addr)
	server := exec.CommandContext(ctx, path, "-C", filepath.Join(dir, "conf"), "-bdf", "-oX", "<; [127.0.0.1]:"+port) // #nosec G204 -- a fixed program
	server.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	server.Cancel = func() error { return server.Process.Signal(syscall.SIGTERM) }
	server.WaitDelay = 5 * time.Second
	must(server.Start())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = server.Wait() }() // it is told to end
	t.Cleanup(func() {
		cancel()
		<-ended
		if log, err := os.ReadFile(filepath.Join(dir, "log", "mainlog")); err == nil && t.Failed() {
			t.Logf("exim's log:\n%s", log)
		}
	})
	for deadline := time.Now().Add(patience); ; {
		var d net.Dialer
		conn, err := d.DialContext(t.Context(), "tcp", m.addr)
		if err == nil {
			_ = conn.Close()
			return m
		}
		select {
		case <-ended:
			t.Fatal("exim has ended")
		case <-time.After(5 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatalf("exim does not answer: %v", err)
		}
	}
}

// selfSigned makes a certificate for this machine and its key, in PEM form.
func selfSigned(t *testing.T) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: now.Add(-time.Hour), NotAfter: now.Add(48 * time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw})
}
