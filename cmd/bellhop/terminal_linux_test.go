package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"bellhop/app"
	"bellhop/app/control/controltest"
)

// TestAPasswordIsNotShownWhileItIsTyped types at a terminal of its own, once
// the command has switched the echo off.
func TestAPasswordIsNotShownWhileItIsTyped(t *testing.T) {
	dir := t.TempDir()
	bell := &controltest.Bell{}
	controltest.Serve(t, dir, bell)
	screen, keyboard := openTerminal(t)
	cmd := exec.CommandContext(t.Context(), "bellhop", "connect", "dojo.example.com", "--username", "ann", "--data-dir", dir)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = keyboard, keyboard, keyboard
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var shown strings.Builder
	asked := make(chan struct{})
	wg.Go(func() {
		r := bufio.NewReader(screen)
		for { // until the terminal is closed
			b, err := r.ReadByte()
			if err != nil {
				return
			}
			shown.WriteByte(b)
			if strings.HasSuffix(shown.String(), "Password: ") {
				close(asked)
			}
		}
	})
	<-asked
	for echoes(t, screen) {
		if t.Context().Err() != nil {
			t.Fatal("the echo stays on")
		}
		time.Sleep(time.Millisecond) // between two processes there is nothing to wait on
	}
	if _, err := screen.WriteString("open sesame\n"); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("bellhop: %v", err)
	}
	_ = keyboard.Close()
	wg.Wait()
	if strings.Contains(shown.String(), "sesame") || !strings.Contains(shown.String(), "Connected") {
		t.Errorf("the terminal showed %q", shown.String())
	}
	want := app.Connect{URL: "https://dojo.example.com", SignIn: app.SignInPassword, Username: "ann", Password: "open sesame"}
	if calls := bell.Calls(); len(calls) == 0 || calls[0].Args[0] != want {
		t.Errorf("the bell was asked %+v", calls)
	}
}

func echoes(t *testing.T, screen *os.File) bool {
	t.Helper()
	mode, err := unix.IoctlGetTermios(int(screen.Fd()), unix.TCGETS) // #nosec G115 -- a file descriptor fits
	if err != nil {
		t.Fatal(err)
	}
	return mode.Lflag&unix.ECHO != 0
}

// openTerminal returns both ends of a new pseudo-terminal, see pty(7).
func openTerminal(t *testing.T) (screen, keyboard *os.File) {
	t.Helper()
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no terminals here: %v", err)
	}
	t.Cleanup(func() { _ = screen.Close() })
	fd := int(screen.Fd()) // #nosec G115 -- a file descriptor fits
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	keyboard, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = keyboard.Close() })
	return screen, keyboard
}
