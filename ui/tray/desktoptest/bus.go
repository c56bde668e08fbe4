// Package desktoptest gives tests a desktop of their own: a real session bus,
// and on it a panel that takes icons and a daemon that takes notifications,
// both under the test's command. Nothing of the machine's own desktop is
// touched: the bus has its own configuration, which starts no services.
package desktoptest

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

const configuration = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=%s</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>`

// Limit is how long anything on the bus may take before a test fails.
const Limit = 10 * time.Second

// Bus is a session bus that can be killed and started again at one address.
type Bus struct {
	// Address is what belongs into DBUS_SESSION_BUS_ADDRESS.
	Address string

	config string
	daemon *exec.Cmd
}

// Start starts a bus that ends with the test. Without dbus-daemon the test is
// skipped, but fails where CI is set: there nobody would notice.
func Start(tb testing.TB) *Bus {
	tb.Helper()
	if _, err := exec.LookPath("dbus-daemon"); err != nil {
		if os.Getenv("CI") != "" {
			tb.Fatal("dbus-daemon is missing; the desktop cannot be tested without it")
		}
		tb.Skip("NOT TESTED: dbus-daemon is missing; install it (Debian: apt-get install dbus-daemon)")
	}
	// A socket's path has a limit of about 100 bytes, which the folder named
	// after a test can exceed.
	dir, err := os.MkdirTemp("", "bus") //nolint:usetesting // see above
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "socket")
	b := &Bus{Address: "unix:path=" + socket, config: filepath.Join(dir, "bus.conf")}
	if err := os.WriteFile(b.config, fmt.Appendf(nil, configuration, socket), 0o600); err != nil {
		tb.Fatal(err)
	}
	b.Run(tb)
	tb.Cleanup(b.Kill)
	return b
}

// Run starts the bus after [Bus.Kill].
func (b *Bus) Run(tb testing.TB) {
	tb.Helper()
	_ = os.Remove(strings.TrimPrefix(b.Address, "unix:path="))
	daemon := exec.CommandContext(context.WithoutCancel(tb.Context()), "dbus-daemon", "--config-file="+b.config, "--nofork", "--nopidfile", "--print-address=1") //nolint:gosec // the path is ours
	out, err := daemon.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := daemon.Start(); err != nil {
		tb.Fatal(err)
	}
	b.daemon = daemon
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil { // it listens once it has said where
		tb.Fatal("dbus-daemon did not start: ", err)
	}
}

// Kill ends the bus without a word to anyone on it.
func (b *Bus) Kill() {
	if b.daemon == nil {
		return
	}
	_ = b.daemon.Process.Kill()
	_ = b.daemon.Wait()
	b.daemon = nil
}

// Connect opens a connection that ends with the test.
func (b *Bus) Connect(tb testing.TB) *dbus.Conn {
	tb.Helper()
	conn, err := dbus.Connect(b.Address)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close() })
	return conn
}

// own takes a name or fails the test.
func own(tb testing.TB, conn *dbus.Conn, name string) {
	tb.Helper()
	reply, err := conn.RequestName(name, dbus.NameFlagDoNotQueue)
	if err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		tb.Fatalf("take the name %s: %v, %v", name, reply, err)
	}
}

// Receive returns the next value of ch, or fails the test.
func Receive[T any](tb testing.TB, ch <-chan T, what string) T {
	tb.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(Limit):
		tb.Fatalf("waited in vain for %s", what)
		panic("unreachable")
	}
}

// Eventually waits until what another process does has made the condition
// true, or fails the test.
func Eventually(tb testing.TB, what string, condition func() bool) {
	tb.Helper()
	deadline := time.After(Limit)
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for !condition() {
		select {
		case <-deadline:
			tb.Fatalf("waited in vain until %s", what)
		case <-again.C:
		}
	}
}
