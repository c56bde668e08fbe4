//go:build unix

package email_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// exim is a mail server of the distribution, started for one test by whoever
// runs it, in a folder of its own.
type exim struct {
	addr    string // STARTTLS
	tlsAddr string // TLS from the first byte
	inbox   string // a Maildir for each receiver is below it
	log     string
}

const eximConfig = `
primary_hostname = mail.example.org
spool_directory = DIR/spool
log_file_path = DIR/log/%%slog
pid_file_path = DIR/pid
exim_user = UID
exim_group = GID
deliver_drop_privilege = true
tls_advertise_hosts = *
tls_certificate = DIR/cert.pem
tls_privatekey = DIR/key.pem
tls_on_connect_ports = TLSPORT
auth_advertise_hosts = ${if eq{$tls_in_cipher}{}{}{*}}
acl_smtp_rcpt = rcpt
acl_smtp_mail = mail
message_size_limit = 10M
never_users =
smtp_accept_max = 50
smtp_accept_max_per_connection = 1000
host_lookup =
rfc1413_hosts =
qualify_domain = example.org
queue_only = false
smtputf8_advertise_hosts = *

begin acl
mail:
  deny condition = ${if eq{$authenticated_id}{}}
       message = 5.7.0 Authentication required
  accept
rcpt:
  defer local_parts = slow
        message = 4.7.1 Greylisted, try again in 120 seconds
  require verify = recipient
  accept

begin routers
local:
  driver = accept
  domains = example.org
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
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${if and{{eq{$auth1}{bellhop}}{eq{$auth2}{PASSWORD}}}}
  server_set_id = $auth1
cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = ${if eq{$auth1}{bellhop}{PASSWORD}fail}
  server_set_id = $auth1
`

// startExim starts the server, or skips the test where it is not installed.
func startExim(tb testing.TB) (*exim, *authority) {
	tb.Helper()
	path := ""
	for _, name := range []string{"exim4", "exim", "/usr/sbin/exim4", "/usr/sbin/exim"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		tb.Skip("NOT TESTED AGAINST A REAL MAIL SERVER: exim is not installed; `make deps` installs it (Debian: exim4-daemon-light)")
	}
	// Exim gives up root's rights and then has to reach its folder, which the
	// testing package closes to others.
	dir, err := os.MkdirTemp("", "bellhop-exim-") //nolint:usetesting // exim has to reach it as another user
	must(tb, err)
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	uid, gid := os.Getuid(), os.Getgid()
	var as *syscall.Credential
	if uid == 0 {
		uid, gid = 65534, 65534
		as = &syscall.Credential{Uid: 65534, Gid: 65534}
	}
	a := newAuthority(tb)
	cert := a.issue(tb, "127.0.0.1", time.Now().Add(time.Hour))
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey.(*ecdsa.PrivateKey))
	must(tb, err)
	e := &exim{addr: freeAddr(tb), tlsAddr: freeAddr(tb), inbox: filepath.Join(dir, "inbox"), log: filepath.Join(dir, "log")}
	_, port, _ := net.SplitHostPort(e.addr)
	_, tlsPort, _ := net.SplitHostPort(e.tlsAddr)
	text := strings.NewReplacer("%%", "%", "DIR", dir, "UID", fmt.Sprint(uid), "GID", fmt.Sprint(gid), "TLSPORT", tlsPort, "PASSWORD", password).Replace(eximConfig)
	for name, content := range map[string]string{
		"cert.pem": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]})),
		"key.pem":  string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})),
		"conf":     text,
		"users":    "ana: ana\nteam: team\nbob: bob\n",
	} {
		must(tb, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	for _, sub := range []string{"spool", "log", "inbox"} {
		must(tb, os.Mkdir(filepath.Join(dir, sub), 0o700))
	}
	if as != nil {
		must(tb, filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
			if err != nil {
				return err
			}
			return os.Chown(path, uid, gid)
		}))
	}
	var said strings.Builder
	ctx, cancel := context.WithCancel(tb.Context())
	server := exec.CommandContext(ctx, path, "-C", filepath.Join(dir, "conf"), "-bdf", "-oX", "<; ["+"127.0.0.1"+"]:"+port+" ; [127.0.0.1]:"+tlsPort)
	server.Stdout, server.Stderr = &said, &said
	server.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	server.Cancel = func() error { return server.Process.Signal(syscall.SIGTERM) }
	server.WaitDelay = 5 * time.Second
	must(tb, server.Start())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Wait() // it is told to end
	}()
	tb.Cleanup(func() {
		cancel()
		<-ended
		if tb.Failed() {
			for _, name := range []string{"mainlog", "rejectlog", "paniclog"} {
				if log, err := os.ReadFile(filepath.Join(e.log, name)); err == nil {
					tb.Logf("exim's %s:\n%s", name, log)
				}
			}
		}
	})
	until(tb, "exim answers", func() bool {
		select {
		case <-ended:
			tb.Fatalf("exim ended: %s", said.String())
		default:
		}
		conn, err := net.Dial("tcp", e.addr)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
	return e, a
}

// mails returns what lies in a mailbox once there are so many.
func (e *exim) mails(tb testing.TB, who string, n int) []received {
	tb.Helper()
	var files []string
	until(tb, fmt.Sprintf("%d mails for %s", n, who), func() bool {
		files, _ = filepath.Glob(filepath.Join(e.inbox, who, "new", "*"))
		return len(files) >= n
	})
	if len(files) != n {
		tb.Errorf("%s has %d mails, want %d", who, len(files), n)
	}
	var got []received
	for _, name := range files {
		f, err := os.Open(name)
		must(tb, err)
		got = append(got, read(tb, f))
		_ = f.Close()
	}
	return got
}

func freeAddr(tb testing.TB) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(tb, err)
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
