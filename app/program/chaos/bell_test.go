//go:build linux

package chaos

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"bellhop/app/control"
	"bellhop/app/dispatch/dispatchtest"
	"bellhop/app/program"
)

// patience bounds every wait for something that takes a moment.
const patience = 60 * time.Second

// bell is one life of the program.
type bell struct {
	dump func()        // has it print what it does, and end; nil = it cannot
	end  func()        // kills the process, or tells a bell in this process to end
	done chan struct{} // closed once it is dead
}

// start begins a life on the data folder. It does not wait for it to answer.
func (w *world) start() {
	w.t.Helper()
	log, err := os.OpenFile(filepath.Join(w.home, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		w.t.Fatal(err)
	}
	b := &bell{done: make(chan struct{})}
	w.mu.Lock()
	w.lives++
	w.bell = b
	w.mu.Unlock()
	if w.clock != nil {
		ctx, cancel := context.WithCancel(context.WithoutCancel(w.t.Context()))
		b.end = cancel
		go func() {
			defer close(b.done)
			defer func() { _ = log.Close() }()
			o := program.Options{DataDir: w.dir, Headless: true, Now: w.clock.now, Log: slog.New(slog.NewTextHandler(log, nil))}
			err := program.Run(ctx, o)
			for errors.Is(err, control.ErrAlreadyRunning) {
				// A process that another world is just starting has, until it is
				// that program, the lock of the bell before.
				<-time.After(5 * time.Millisecond)
				err = program.Run(ctx, o)
			}
			if err != nil {
				w.t.Errorf("the bell ended with %v", err)
			}
		}()
		return
	}
	defer func() { _ = log.Close() }()
	cmd := exec.Command(bellhop, "--data-dir", w.dir, "run", "--headless", "-v")
	cmd.Env, cmd.Dir = w.env(), w.home
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // none outlives a suite that is killed
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	b.dump = func() {
		_ = cmd.Process.Signal(syscall.SIGQUIT)
		select {
		case <-b.done:
		case <-time.After(5 * time.Second):
		}
	}
	b.end = func() { _ = cmd.Process.Kill() }
	go func() { _ = cmd.Wait(); close(b.done) }()
}

// ready waits until the bell answers; false where it died before.
func (w *world) ready() bool {
	w.t.Helper()
	up, b := false, w.now()
	w.until("the bell answers", func() bool {
		select {
		case <-b.done:
			return true
		default:
		}
		c, err := control.Dial(w.dir)
		if err != nil {
			return false
		}
		defer c.Close()
		_, err = c.Status(w.t.Context())
		up = err == nil
		return up
	})
	return up
}

func (w *world) now() *bell {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.bell
}

// kill ends a life at once, and returns when it is over.
func (b *bell) kill() {
	b.end()
	<-b.done
}

// env is the environment of a machine without a desktop.
func (w *world) env() []string {
	return []string{
		"HOME=" + w.home, "PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "XDG_RUNTIME_DIR=" + w.home,
		"XDG_CONFIG_HOME=" + w.home, "XDG_DATA_HOME=" + w.home, "XDG_CACHE_HOME=" + w.home,
	}
}

// cli runs a command that has to succeed.
func (w *world) cli(stdin string, args ...string) {
	w.t.Helper()
	cmd := exec.CommandContext(w.t.Context(), bellhop, append([]string{"--data-dir", w.dir}, args...)...)
	cmd.Env, cmd.Dir, cmd.Stdin = w.env(), w.home, bytes.NewReader([]byte(stdin))
	if out, err := cmd.CombinedOutput(); err != nil {
		w.t.Fatalf("bellhop %v: %v\n%s", args, err, out)
	}
}

// until waits for something that another process brings about.
func (w *world) until(what string, ok func() bool) {
	w.t.Helper()
	dispatchtest.Until(w.t, patience, what, ok)
}
