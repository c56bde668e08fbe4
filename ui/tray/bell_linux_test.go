package tray_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"bellhop/app"
	"bellhop/ui/tray"
	"bellhop/ui/tray/desktoptest"
)

// The desktop knows a tray icon by its process, and the library underneath
// keeps its state for the process. The tests therefore run a bell each, as a
// process of its own: this same program, told to be one.
const beABell = "TRAY_TEST_BE_A_BELL"

func TestMain(m *testing.M) {
	if os.Getenv(beABell) != "" {
		os.Exit(bellMain())
	}
	goleak.VerifyTestMain(m)
}

// bellMain shows the views that it reads, and prints what was clicked.
func bellMain() int {
	ctx, stop := context.WithCancel(context.Background())
	say := func(format string, a ...any) { fmt.Printf(format+"\n", a...) }
	t := tray.New(tray.Actions{
		Open:     func(id app.AlertID) { say("open %d", id) },
		SeeAll:   func() { say("see all") },
		ClearAll: func(id app.AlertID) { say("clear up to %d", id) },
		Sync:     func() { say("sync") },
		Pause:    func(c tray.PauseChoice) { say("pause %d", c) },
		Resume:   func() { say("resume") },
		Settings: func() { say("settings") },
		Connect:  func() { say("connect") },
		Quit:     func() { say("quit"); stop() },
	}, slog.New(slog.DiscardHandler))
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<20)
	if in.Scan() {
		show(t, in.Text())
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for in.Scan() {
			switch in.Text() {
			case "goroutines?":
				say("goroutines %d", runtime.NumGoroutine())
			case "host?":
				present, note := t.Host()
				say("host %t %s", present, note)
			default:
				show(t, in.Text())
			}
		}
		stop()
	}()
	hosts := make(chan struct{})
	go func() {
		defer close(hosts)
		for {
			select {
			case <-ctx.Done():
				return
			case present := <-t.HostChanged():
				say("host changed %t", present)
			}
		}
	}()
	if err := t.Run(ctx); err != nil {
		say("run failed: %v", err)
		return 1
	}
	<-hosts
	say("ended")
	<-done // until the test closes our input
	if err := goleak.Find(); err != nil {
		say("%v", err)
		return 1
	}
	return 0
}

func show(t *tray.Tray, text string) {
	var v tray.View
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		panic(err)
	}
	t.Show(v)
}

// ourRace finds an access of ours in a report of the race detector: the line
// after "Read at" or "Previous write at" names the function.
var ourRace = regexp.MustCompile(`(?i)(?:read|write) at .*\n\s+bellhop/`)

// bell is a bell in a process of its own.
type bell struct {
	tb    testing.TB
	in    io.WriteCloser
	said  chan string
	ended chan error
	pid   int
}

// startBell starts a bell on the bus at the address.
func startBell(tb testing.TB, address string, v tray.View) *bell {
	tb.Helper()
	self, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	cmd := exec.CommandContext(context.WithoutCancel(tb.Context()), self)
	cmd.Env = append(os.Environ(), beABell+"=1", "DBUS_SESSION_BUS_ADDRESS="+address, "XDG_CURRENT_DESKTOP=",
		"GORACE=exitcode=0") // the library has races of its own; ours are looked for below
	var trouble strings.Builder
	cmd.Stderr = &trouble
	in, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	b := &bell{tb: tb, in: in, said: make(chan string, 256), ended: make(chan error, 1), pid: cmd.Process.Pid}
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			b.said <- lines.Text()
		}
		close(b.said)
		b.ended <- cmd.Wait()
	}()
	tb.Cleanup(func() {
		_ = in.Close()
		select {
		case err := <-b.ended:
			if err != nil || ourRace.MatchString(trouble.String()) || strings.Contains(trouble.String(), "panic") {
				tb.Errorf("the bell ended with %v\n%s", err, trouble.String())
			}
		case <-time.After(desktoptest.Limit):
			_ = cmd.Process.Kill()
			tb.Errorf("the bell did not end\n%s", trouble.String())
		}
	})
	b.show(v)
	return b
}

func (b *bell) write(line string) {
	b.tb.Helper()
	if _, err := io.WriteString(b.in, line+"\n"); err != nil {
		b.tb.Fatal(err)
	}
}

func (b *bell) show(v tray.View) {
	b.tb.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		b.tb.Fatal(err)
	}
	b.write(string(text))
}

// wait returns the next line that begins with what, passing over others.
func (b *bell) wait(what string) string {
	b.tb.Helper()
	for {
		line := desktoptest.Receive(b.tb, b.said, "the bell to say "+what)
		if strings.HasPrefix(line, what) {
			return line
		}
		if line == "" {
			b.tb.Fatalf("the bell ended without saying %q", what)
		}
	}
}
