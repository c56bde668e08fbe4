package program

import (
	"bufio"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bellhop/app"
)

// windowSocket names the socket on which a pretended window reports.
const windowSocket = "BELLHOP_TEST_WINDOW"

// pretendWindow is what the test binary does when it is started under the name
// of the window program: it reports its arguments and lives until the test
// hangs up.
func pretendWindow() int {
	conn, err := net.Dial("unix", os.Getenv(windowSocket))
	if err != nil {
		return 1
	}
	if _, err := io.WriteString(conn, strings.Join(os.Args[1:], " ")+"\n"); err != nil {
		return 1
	}
	_, _ = io.Copy(io.Discard, conn)
	return 0
}

// windowsOnPath puts a pretended window program on PATH and returns where it
// reports.
func windowsOnPath(t *testing.T) net.Listener {
	t.Helper()
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(dir, "bellhop-window")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	socket := filepath.Join(dir, "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	t.Setenv(windowSocket, socket)
	return l
}

// started waits for a window and returns its arguments and what ends it.
func started(t *testing.T, l net.Listener) (args string, end func()) {
	t.Helper()
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	args, err = bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(args), func() { _ = conn.Close() }
}

func TestTheWindowIsStartedOnceAndRaisedAfterwards(t *testing.T) {
	l := windowsOnPath(t)
	w := &windowStarter{dataDir: "/data", log: slog.New(slog.DiscardHandler)}
	if err := w.Show(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	args, end := started(t, l)
	if args != "--data-dir /data --view alerts" {
		t.Errorf("the window was started with %q", args)
	}
	if err := w.Show(t.Context(), "history"); err != nil { // still starting: not a second one
		t.Fatal(err)
	}
	raised, release, err := w.Attach(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := <-raised; got != "history" { // but what was asked for meanwhile
		t.Errorf("raised %q", got)
	}
	if err := w.Show(t.Context(), "settings"); err != nil {
		t.Fatal(err)
	}
	if err := w.Show(t.Context(), "history"); err != nil { // the newest wish wins
		t.Fatal(err)
	}
	if got := <-raised; got != "history" {
		t.Errorf("raised %q", got)
	}
	if _, _, err := w.Attach(t.Context()); app.AsProblem(err).Code != "window_open" {
		t.Errorf("a second window was told %v", err)
	}
	if got := <-raised; got != "alerts" {
		t.Errorf("for the second window %q was raised", got)
	}
	w.mu.Lock()
	ended := w.starting
	w.mu.Unlock()
	release()
	end()
	<-ended
	if err := w.Show(t.Context(), "alerts"); err != nil {
		t.Fatal(err)
	}
	_, end = started(t, l)
	end()
}

func TestAWishThatMetAnEndingWindowOpensTheNext(t *testing.T) {
	l := windowsOnPath(t)
	w := &windowStarter{dataDir: "/data", log: slog.New(slog.DiscardHandler)}
	show := func(view string) {
		t.Helper()
		if err := w.Show(t.Context(), view); err != nil {
			t.Fatal(err)
		}
	}
	show("alerts")
	_, end := started(t, l)
	_, release, err := w.Attach(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	show("history") // the window has died and nobody knows yet
	release()
	end()
	args, end := started(t, l)
	if args != "--data-dir /data --view history" {
		t.Errorf("the next window was started with %q", args)
	}
	if _, release, err = w.Attach(t.Context()); err != nil {
		t.Fatal(err)
	}
	release()
	w.Shown("history") // an answer that comes late is about nothing
	show("settings")   // it has hung up and not ended yet
	end()
	args, end = started(t, l)
	if args != "--data-dir /data --view settings" {
		t.Errorf("the next but one was started with %q", args)
	}
	raised, release, err := w.Attach(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	show("history")
	if got := <-raised; got != "history" { // sent to a program that is just ending
		t.Errorf("raised %q", got)
	}
	release()
	end()
	args, end = started(t, l)
	if args != "--data-dir /data --view history" {
		t.Errorf("the last window was started with %q", args)
	}
	if raised, release, err = w.Attach(t.Context()); err != nil {
		t.Fatal(err)
	}
	show("alerts")
	w.Shown(<-raised)
	release() // what was shown is not shown again
	w.mu.Lock()
	ended := w.starting
	w.mu.Unlock()
	end()
	<-ended
}

func TestAMissingWindowProgramIsSaid(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	w := &windowStarter{dataDir: "/data", log: slog.New(slog.DiscardHandler)}
	err := w.Show(t.Context(), "alerts")
	if p := app.AsProblem(err); p.Code != "window_missing" || p.Step == "" {
		t.Errorf("told %#v", p)
	}
	if err := w.Show(t.Context(), "nonsense"); !errors.Is(err, app.ErrInvalid) {
		t.Errorf("an unknown view gave %v", err)
	}
}
