//go:build e2e && linux

package e2e

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// process is a program of the session.
type process struct {
	name  string
	cmd   *exec.Cmd
	began time.Time
	done  chan struct{} // closed once it has ended
}

// start starts a program that is killed at the end of the test. What it printed
// is shown if the test fails.
func (d *desktop) start(name, program string, args ...string) *process {
	d.t.Helper()
	return d.startWith(name, nil, program, args...)
}

// startWith starts a program after prepare has changed how.
func (d *desktop) startWith(name string, prepare func(*exec.Cmd), program string, args ...string) *process {
	d.t.Helper()
	log, err := os.CreateTemp(d.home, "log-*")
	if err != nil {
		d.t.Fatal(err)
	}
	p := &process{name: name, cmd: exec.Command(program, args...), done: make(chan struct{})}
	p.cmd.Env, p.cmd.Dir = d.env, d.home
	p.cmd.Stdout, p.cmd.Stderr = log, log
	// A group of its own, to be ended with what it started; and nothing outlives
	// a suite that is killed.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if prepare != nil {
		prepare(p.cmd)
	}
	p.began = time.Now()
	if err := p.cmd.Start(); err != nil {
		d.t.Fatalf("start the %s: %v", name, err)
	}
	d.started = append(d.started, p)
	go func() { _ = p.cmd.Wait(); close(p.done) }()
	d.t.Cleanup(func() {
		p.end()
		if d.t.Failed() {
			if b, _ := os.ReadFile(log.Name()); len(b) > 0 {
				d.t.Logf("%s printed:\n%s", name, b)
			}
		}
		_ = log.Close()
	})
	return p
}

// end asks the process to end, and kills it, and what it has started, where it
// does not within a moment.
func (p *process) end() {
	_ = syscall.Kill(-p.pid(), syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(2 * time.Second):
	}
	p.kill()
}

// kill ends the process, and what it has started, at once.
func (p *process) kill() {
	_ = syscall.Kill(-p.pid(), syscall.SIGKILL)
	<-p.done
}

// strike kills the process alone, as the kernel does where memory runs out:
// what it has started lives on.
func (p *process) strike() {
	_ = syscall.Kill(p.pid(), syscall.SIGKILL)
	<-p.done
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// ended waits until the process has ended by itself and returns its status.
func (p *process) ended(t *testing.T) int {
	t.Helper()
	select {
	case <-p.done:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(patience):
		t.Fatalf("the %s does not end", p.name)
		return -1
	}
}

// run runs a program in the session and returns what it printed and its status.
func (d *desktop) run(stdin, program string, args ...string) (string, int) {
	d.t.Helper()
	out, errs, status := d.runBoth(stdin, program, args...)
	if errs != "" {
		d.t.Logf("%s %s: %s", filepath.Base(program), strings.Join(args, " "), errs)
	}
	return out, status
}

// runBoth returns what a program printed on either stream, and its status.
func (d *desktop) runBoth(stdin, program string, args ...string) (out, errs string, status int) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env, cmd.Dir, cmd.Stdin = d.env, d.home, strings.NewReader(stdin)
	var o, e strings.Builder
	cmd.Stdout, cmd.Stderr = &o, &e
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		d.t.Fatalf("run %s: %v", program, err)
	}
	return o.String(), e.String(), cmd.ProcessState.ExitCode()
}

// processes lists the live processes of this session that run a program of the
// name, "" for any. A session is known by its home.
func (d *desktop) processes(name string) []int {
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	var found []int
	for _, dir := range dirs {
		environ, err := os.ReadFile(filepath.Join(dir, "environ"))
		if err != nil || !bytes.Contains(environ, []byte("HOME="+d.home+"\x00")) {
			continue
		}
		exe, _ := os.Readlink(filepath.Join(dir, "exe"))
		if name != "" && strings.TrimSuffix(filepath.Base(exe), " (deleted)") != name {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(dir)); err == nil {
			found = append(found, pid)
		}
	}
	return found
}

// sweep kills what is left of the session.
func (d *desktop) sweep() {
	for range 50 {
		left := d.processes("")
		if len(left) == 0 {
			return
		}
		for _, pid := range left {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		<-time.After(20 * time.Millisecond)
	}
	d.t.Errorf("processes outlive their session: %v", d.processes(""))
}
