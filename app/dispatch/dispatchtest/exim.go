package dispatchtest

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"text/template"
	"time"
)

// Exim is the distribution's mail server, run for one test in a folder of its
// own. It takes mails for its domain over STARTTLS from whoever has signed in,
// or, without a password, from everybody in the clear, and puts them into a
// Maildir for each receiver. It asks "slow" to come again in two minutes.
type Exim struct {
	Addr    string // STARTTLS, or no TLS without a password
	TLSAddr string // TLS from the first byte
	CAFile  string // who signed its certificate

	tb  testing.TB
	dir string
}

// EximOptions say whose mails the server takes.
type EximOptions struct {
	Domain string
	Users  []string // who has a mailbox: what is before the @
	// Password is that of "bellhop", who alone may send; "" = everybody may.
	Password string
}

// eximPatience is how long a mail server may take to begin, on a machine that
// is busy with other tests.
const eximPatience = 20 * time.Second

// StartExim starts the server. It returns nil where none is installed, and says
// so.
func StartExim(tb testing.TB, o EximOptions) *Exim {
	tb.Helper()
	path := ""
	for _, name := range []string{"exim4", "exim", "/usr/sbin/exim4", "/usr/sbin/exim"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		tb.Log("NOT TESTED AGAINST A REAL MAIL SERVER: exim is not installed; `make deps` installs it (Debian: exim4-daemon-light)")
		return nil
	}
	// Exim gives up root's rights and then has to reach its folder, which the
	// testing package closes to others.
	dir, err := os.MkdirTemp("", "bellhop-exim-") //nolint:usetesting // exim has to reach it as another user
	must(tb, err)
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	authority := NewAuthority(tb)
	e := &Exim{CAFile: authority.File, tb: tb, dir: dir}
	cert := authority.Issue(tb, "127.0.0.1", time.Now().Add(time.Hour))
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	must(tb, err)
	e.write("cert.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]})))
	e.write("key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})))
	var users strings.Builder
	for _, user := range o.Users {
		users.WriteString(user + ": " + user + "\n")
	}
	e.write("users", users.String())
	for _, sub := range []string{"spool", "log", "inbox"} {
		must(tb, os.Mkdir(filepath.Join(dir, sub), 0o700))
	}
	tb.Cleanup(func() {
		if tb.Failed() {
			tb.Logf("exim noted:\n%s%s%s%s", e.said("output"), e.said("log/mainlog"), e.said("log/rejectlog"), e.said("log/paniclog"))
		}
	})
	for range 5 { // somebody else may take a port between
		if e.listen(path, o) {
			return e
		}
	}
	tb.Fatal("exim does not start")
	return nil
}

// listen starts the server on ports that were free just now; it is false where
// the server has ended.
func (e *Exim) listen(path string, o EximOptions) bool {
	tb := e.tb
	tb.Helper()
	e.Addr, e.TLSAddr = FreeAddr(tb), FreeAddr(tb)
	_, port, _ := net.SplitHostPort(e.Addr)
	_, tlsPort, _ := net.SplitHostPort(e.TLSAddr)
	user, group := os.Getuid(), os.Getgid()
	if user == 0 {
		user, group = 65534, 65534
	}
	var text strings.Builder
	must(tb, template.Must(template.New("").Delims("[[", "]]").Parse(eximConfig)).Execute(&text, map[string]any{
		"Dir": e.dir, "User": user, "Group": group, "TLSPort": tlsPort, "Domain": o.Domain, "Password": o.Password,
	}))
	e.write("conf", text.String())
	if os.Getuid() == 0 {
		for _, name := range []string{"", "cert.pem", "key.pem", "users", "spool", "log", "inbox"} {
			must(tb, os.Chown(filepath.Join(e.dir, name), user, group))
		}
		// Exim believes a configuration of root's alone, and reads it again later
		// as the other user.
		must(tb, os.Chmod(filepath.Join(e.dir, "conf"), 0o644)) // #nosec G302 -- it has a password of this test
	}
	output, err := os.Create(filepath.Join(e.dir, "output")) // #nosec G304 -- in the test's folder
	must(tb, err)
	defer func() { _ = output.Close() }()
	// The server outlives what the test's own context ends.
	ctx, cancel := context.WithCancel(context.WithoutCancel(tb.Context()))
	server := exec.CommandContext(ctx, path, "-C", filepath.Join(e.dir, "conf"), "-bdf", "-oX", "<; [127.0.0.1]:"+port+" ; [127.0.0.1]:"+tlsPort) // #nosec G204 -- a fixed program
	server.Stdout, server.Stderr = output, output
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
	})
	for deadline := time.After(eximPatience); ; {
		var d net.Dialer
		conn, err := d.DialContext(tb.Context(), "tcp", e.Addr)
		if err == nil {
			_ = conn.Close()
			return true
		}
		select {
		case <-ended:
			return false
		case <-deadline:
			tb.Fatalf("exim does not answer: %v", err)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// Mails returns what lies in a mailbox, as it is, the oldest first.
func (e *Exim) Mails(user string) []string {
	e.tb.Helper()
	files, err := filepath.Glob(filepath.Join(e.dir, "inbox", user, "new", "*"))
	must(e.tb, err)
	// By time and not by name: the microseconds in a name are no longer than they are.
	at := make(map[string]time.Time, len(files))
	for _, name := range files {
		info, err := os.Stat(name)
		must(e.tb, err)
		at[name] = info.ModTime()
	}
	slices.SortStableFunc(files, func(a, b string) int { return at[a].Compare(at[b]) })
	mails := make([]string, len(files))
	for i, name := range files {
		raw, err := os.ReadFile(name) // #nosec G304 -- in the test's folder
		must(e.tb, err)
		mails[i] = string(raw)
	}
	return mails
}

// Log is what the server has noted of the mails so far.
func (e *Exim) Log() string { return e.said("log/mainlog") }

func (e *Exim) said(name string) string {
	text, err := os.ReadFile(filepath.Join(e.dir, name)) // #nosec G304 -- in the test's folder
	if err != nil {
		return "" // nothing was noted
	}
	return string(text)
}

func (e *Exim) write(name, text string) {
	e.tb.Helper()
	must(e.tb, os.WriteFile(filepath.Join(e.dir, name), []byte(text), 0o600))
}

// FreeAddr is an address of this machine on which nobody listens.
func FreeAddr(tb testing.TB) string {
	tb.Helper()
	var listen net.ListenConfig
	l, err := listen.Listen(tb.Context(), "tcp", "127.0.0.1:0")
	must(tb, err)
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

const eximConfig = `
primary_hostname = mail.[[.Domain]]
spool_directory = [[.Dir]]/spool
log_file_path = [[.Dir]]/log/%slog
pid_file_path = [[.Dir]]/pid
exim_user = [[.User]]
exim_group = [[.Group]]
deliver_drop_privilege = true
never_users =
message_size_limit = 10M
smtp_accept_max = 50
smtp_accept_max_per_connection = 1000
smtp_accept_queue_per_connection = 0
host_lookup =
rfc1413_hosts =
queue_only = false
smtputf8_advertise_hosts = *
acl_smtp_mail = mail
acl_smtp_rcpt = rcpt
[[- if .Password]]
tls_advertise_hosts = *
tls_certificate = [[.Dir]]/cert.pem
tls_privatekey = [[.Dir]]/key.pem
tls_on_connect_ports = [[.TLSPort]]
auth_advertise_hosts = ${if eq{$tls_in_cipher}{}{}{*}}
[[- else]]
tls_advertise_hosts =
[[- end]]

begin acl
mail:
[[- if .Password]]
  deny condition = ${if eq{$authenticated_id}{}}
       message = 5.7.0 Authentication required
[[- end]]
  accept
rcpt:
  defer local_parts = slow
        message = 4.7.1 Greylisted, try again in 120 seconds
  require verify = recipient
  accept

begin routers
local:
  driver = accept
  domains = [[.Domain]]
  local_parts = lsearch;[[.Dir]]/users
  transport = maildir

begin transports
maildir:
  driver = appendfile
  maildir_format
  directory = [[.Dir]]/inbox/$local_part_data
  create_directory
  user = [[.User]]
  group = [[.Group]]
  mode_fail_narrower = false

begin retry
* * F,2h,1m
[[- if .Password]]

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_condition = ${if and{{eq{$auth2}{bellhop}}{eq{$auth3}{[[.Password]]}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${if and{{eq{$auth1}{bellhop}}{eq{$auth2}{[[.Password]]}}}}
  server_set_id = $auth1
cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = ${if eq{$auth1}{bellhop}{[[.Password]]}fail}
  server_set_id = $auth1
[[- end]]
`
