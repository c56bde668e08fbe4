//go:build e2e && linux

// Package e2e runs the two real programs on a real desktop: an X server without
// a screen, a session bus, a window manager, a panel that hosts tray icons, a
// notification daemon and a keyring. Only DefectDojo, the browser and the hand
// of the user are pretended.
package e2e

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// patience bounds every wait for something that takes a moment.
const patience = 30 * time.Second

// The parts of a desktop that can be left out.
const (
	theManager = "window manager"
	thePanel   = "panel"
	theToasts  = "toasts"
	theKeyring = "keyring"
)

// desktop is a user's session.
type desktop struct {
	t    *testing.T
	home string
	env  []string
	conn *dbus.Conn // ours, to look and click

	bus, panel, toasts *process
	started            []*process
}

// newDesktop starts a session that ends with the test.
func newDesktop(t *testing.T, without ...string) *desktop {
	t.Helper()
	d := &desktop{t: t, home: t.TempDir()}
	t.Cleanup(d.sweep)
	for _, dir := range []string{"run/services", "config/xfce4/xfconf/xfce-perchannel-xml", "cache", "data", "bin", "screen"} {
		if err := os.MkdirAll(filepath.Join(d.home, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	d.write("config/xfce4/xfconf/xfce-perchannel-xml/xfce4-panel.xml", string(d.read("testdata/xfce4-panel.xml")))
	// The panel and the window manager get their settings from xfconf; nothing
	// else is started on demand.
	d.write("run/services/org.xfce.Xfconf.service", string(d.read("/usr/share/dbus-1/services/org.xfce.Xfconf.service")))
	d.write("run/bus.conf", fmt.Sprintf(busConfig, d.busAddress(), filepath.Join(d.home, "run/services")))
	d.env = []string{
		"HOME=" + d.home, "PATH=" + filepath.Join(d.home, "bin") + ":" + os.Getenv("PATH"), "LANG=C.UTF-8", "NO_AT_BRIDGE=1",
		"XDG_RUNTIME_DIR=" + filepath.Join(d.home, "run"), "XDG_CONFIG_HOME=" + filepath.Join(d.home, "config"),
		"XDG_CACHE_HOME=" + filepath.Join(d.home, "cache"), "XDG_DATA_HOME=" + filepath.Join(d.home, "data"),
		"DBUS_SESSION_BUS_ADDRESS=" + d.busAddress(), "GDK_BACKEND=x11",
	}
	d.env = append(d.env, "DISPLAY="+d.startX())
	d.startBus()
	if !slices.Contains(without, theManager) {
		d.startManager()
	}
	if !slices.Contains(without, theKeyring) {
		d.startKeyring()
	}
	if !slices.Contains(without, theToasts) {
		d.startToasts()
	}
	if !slices.Contains(without, thePanel) {
		d.startPanel()
	}
	return d
}

const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>%s</listen>
  <auth>EXTERNAL</auth>
  <servicedir>%s</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`

func (d *desktop) busAddress() string { return "unix:path=" + filepath.Join(d.home, "run", "bus") }

func (d *desktop) read(path string) []byte {
	d.t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		d.t.Fatal(err)
	}
	return b
}

// write makes a file in the user's home.
func (d *desktop) write(path, content string) {
	d.t.Helper()
	if err := os.WriteFile(filepath.Join(d.home, path), []byte(content), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

// script makes a program that the session finds before all others.
func (d *desktop) script(name, content string) {
	d.t.Helper()
	path := filepath.Join(d.home, "bin", name)
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+content), 0o700); err != nil {
		d.t.Fatal(err)
	}
}

// startX starts the X server and returns its display. Its picture is in a file,
// see screen.
func (d *desktop) startX() string {
	d.t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		d.t.Fatal(err)
	}
	d.startWith("X server", func(c *exec.Cmd) { c.ExtraFiles = []*os.File{write} },
		"Xvfb", "-displayfd", "3", "-screen", "0", "1440x900x24", "-fbdir", filepath.Join(d.home, "screen"), "-nolisten", "tcp", "-noreset")
	_ = write.Close()
	line, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		d.t.Fatalf("the X server told no display: %v", err)
	}
	return ":" + strings.TrimSpace(line)
}

// startBus starts the session bus on the address that the session knows, so
// that one that was killed can come back.
func (d *desktop) startBus() {
	d.t.Helper()
	_ = os.Remove(filepath.Join(d.home, "run", "bus"))
	d.bus = d.start("session bus", "dbus-daemon", "--config-file="+filepath.Join(d.home, "run/bus.conf"), "--nofork", "--nopidfile")
	d.until("the bus answers", func() bool {
		conn, err := dbus.Connect(d.busAddress())
		if err == nil {
			d.conn = conn
		}
		return err == nil
	})
	conn := d.conn
	d.t.Cleanup(func() { _ = conn.Close() })
}

// startManager starts the window manager and waits until windows are its: one
// that is opened earlier is hidden and shown again while it is taken over.
func (d *desktop) startManager() {
	d.t.Helper()
	d.start(theManager, "xfwm4", "--compositor=off")
	d.until("windows are managed", func() bool {
		out, _, _ := d.runBoth("", "xprop", "-root", "_NET_SUPPORTING_WM_CHECK", "_NET_SUPPORTED")
		return strings.Contains(out, "window id #") && strings.Contains(out, "_NET_ACTIVE_WINDOW")
	})
}

func (d *desktop) startToasts() {
	d.t.Helper()
	conf, err := filepath.Abs("testdata/dunstrc")
	if err != nil {
		d.t.Fatal(err)
	}
	d.toasts = d.start("notification daemon", "dunst", "-conf", conf)
	d.untilOwned(notifications)
}

func (d *desktop) startPanel() {
	d.t.Helper()
	d.panel = d.start("panel", "xfce4-panel", "--disable-wm-check")
	d.untilOwned(watcher)
}

func (d *desktop) startKeyring() {
	d.t.Helper()
	d.startWith("keyring", func(c *exec.Cmd) { c.Stdin = strings.NewReader("the user's login password") },
		"gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets")
	d.untilOwned("org.freedesktop.secrets")
}

// untilOwned waits until somebody has the name on the bus.
func (d *desktop) untilOwned(name string) {
	d.t.Helper()
	d.until(name+" is there", func() bool {
		var owned bool
		err := d.conn.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, name).Store(&owned)
		return err == nil && owned
	})
}

// until looks again and again, across process boundaries, until ok says so.
func (d *desktop) until(what string, ok func() bool) {
	d.t.Helper()
	deadline := time.After(patience)
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for !ok() {
		select {
		case <-deadline:
			d.shoot("failed-" + strings.ReplaceAll(d.t.Name(), "/", "-"))
			d.autopsy()
			d.t.Fatalf("in vain: %s", what)
		case <-look.C:
		}
	}
}

// autopsy logs what a reader of a failure has to know: which programs of the
// session live, what is on the screen, and, in what the bell printed, what the
// window was doing.
func (d *desktop) autopsy() {
	d.t.Helper()
	for _, p := range d.started {
		select {
		case <-p.done:
			d.t.Logf("the %s has ended: %v", p.name, p.cmd.ProcessState)
		default:
		}
	}
	for _, args := range [][]string{
		{"xwininfo", "-root", "-tree"}, {"xprop", "-root", "_NET_ACTIVE_WINDOW", "_NET_CLIENT_LIST_STACKING"}, {"xdotool", "getwindowfocus"},
	} {
		out, errs, status := d.runBoth("", args[0], args[1:]...)
		d.t.Logf("%s, status %d:\n%s%s", strings.Join(args, " "), status, out, errs)
	}
	windows := d.processes("bellhop-window")
	d.t.Logf("window processes: %v", windows)
	for _, pid := range windows {
		_ = syscall.Kill(pid, syscall.SIGQUIT) // it prints what its goroutines do
	}
	for range 50 {
		if len(d.processes("bellhop-window")) == 0 {
			return
		}
		<-time.After(20 * time.Millisecond)
	}
}
