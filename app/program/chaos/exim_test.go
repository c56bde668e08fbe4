//go:build linux

package chaos

import (
	"context"
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

// exim is a mail server of the distribution, in a folder of its own.
type exim struct {
	address, inbox string
}

const eximConfig = `
primary_hostname = mail.example.org
spool_directory = DIR/spool
log_file_path = DIR/log/%slog
pid_file_path = DIR/pid
exim_user = UID
exim_group = GID
deliver_drop_privilege = true
never_users =
tls_advertise_hosts =
host_lookup =
rfc1413_hosts =
smtp_accept_max_per_connection = 1000
smtp_accept_queue_per_connection = 0
acl_smtp_rcpt = rcpt

begin acl
rcpt:
  accept domains = example.org

begin routers
local:
  driver = accept
  domains = example.org
  transport = maildir

begin transports
maildir:
  driver = appendfile
  maildir_format
  directory = DIR/inbox
  create_directory
  user = UID
  group = GID
  mode_fail_narrower = false

begin retry
* * F,2h,1m
`

// startExim starts the server; nil where it is not installed.
func startExim(t *testing.T) *exim {
	t.Helper()
	path := ""
	for _, name := range []string{"exim4", "exim", "/usr/sbin/exim4", "/usr/sbin/exim"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		return nil
	}
	// Exim gives up root's rights and then has to reach its folder, which the
	// testing package closes to others.
	dir, err := os.MkdirTemp("", "bellhop-exim-") //nolint:usetesting // exim has to reach it as another user
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	uid, gid := os.Getuid(), os.Getgid()
	var as *syscall.Credential
	if uid == 0 {
		uid, gid = 65534, 65534
		as = &syscall.Credential{Uid: 65534, Gid: 65534}
	}
	text := strings.NewReplacer("DIR", dir, "UID", fmt.Sprint(uid), "GID", fmt.Sprint(gid)).Replace(eximConfig)
	if err := os.WriteFile(filepath.Join(dir, "conf"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", "conf", "spool", "log"} {
		one := filepath.Join(dir, name)
		if name == "spool" || name == "log" {
			if err := os.Mkdir(one, 0o700); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chown(one, uid, gid); err != nil {
			t.Fatal(err)
		}
	}
	var said strings.Builder
	for range 5 { // somebody else may take the port between
		if e := listenExim(t, path, dir, as, &said); e != nil {
			return e
		}
	}
	log, _ := os.ReadFile(filepath.Join(dir, "log", "mainlog"))
	t.Fatalf("exim does not start: %s%s", said.String(), log)
	return nil
}

// listenExim starts the server on a port that was free just now; nil where it
// has ended.
func listenExim(t *testing.T, path, dir string, as *syscall.Credential, said *strings.Builder) *exim {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e := &exim{address: l.Addr().String(), inbox: filepath.Join(dir, "inbox", "new")}
	_ = l.Close()
	_, port, _ := net.SplitHostPort(e.address)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	server := exec.CommandContext(ctx, path, "-C", filepath.Join(dir, "conf"), "-bdf", "-oX", "<; [127.0.0.1]:"+port)
	server.SysProcAttr = &syscall.SysProcAttr{Credential: as, Pdeathsig: syscall.SIGKILL}
	server.Cancel = func() error { return server.Process.Signal(syscall.SIGTERM) }
	server.Stdout, server.Stderr = said, said
	server.WaitDelay = 5 * time.Second
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = server.Wait() }()
	t.Cleanup(func() { cancel(); <-ended })
	deadline := time.After(patience)
	for {
		conn, err := net.Dial("tcp", e.address)
		if err == nil {
			_ = conn.Close()
			return e
		}
		select {
		case <-deadline:
			t.Fatalf("exim does not answer: %v", err)
		case <-ended:
			cancel()
			return nil
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// all returns what lies in the mailbox.
func (e *exim) all(t *testing.T) []arrival {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(e.inbox, "*"))
	if err != nil {
		t.Fatal(err)
	}
	var out []arrival
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		l, err := readLetter(f)
		_ = f.Close()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		out = append(out, arrival{titles: l.titles, id: l.id})
	}
	return out
}
