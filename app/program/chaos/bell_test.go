//go:build linux

package chaos

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"bellhop/app/control"
)

// patience bounds every wait for something that takes a moment.
const patience = 60 * time.Second

// bell is one life of the program.
type bell struct {
	cmd  *exec.Cmd
	done chan struct{} // closed once it is dead
}

// start begins a life on the data folder. It does not wait for it to answer.
func (w *world) start() {
	w.t.Helper()
	log, err := os.OpenFile(filepath.Join(w.home, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	b := &bell{cmd: exec.Command(bellhop, "--data-dir", w.dir, "run", "--headless", "-v"), done: make(chan struct{})}
	b.cmd.Env, b.cmd.Dir = w.env(), w.home
	b.cmd.Stdout, b.cmd.Stderr = log, log
	b.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // none outlives a suite that is killed
	w.mu.Lock()
	w.lives++
	w.bell = b
	w.mu.Unlock()
	if err := b.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	go func() { _ = b.cmd.Wait(); close(b.done) }()
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
	_ = b.cmd.Process.Kill()
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
	deadline := time.After(patience)
	again := time.NewTicker(2 * time.Millisecond)
	defer again.Stop()
	for !ok() {
		select {
		case <-deadline:
			w.t.Fatalf("in vain: %s", what)
		case <-again.C:
		}
	}
}
