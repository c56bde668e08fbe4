//go:build linux

package chaos

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// machine is a disk with a file system on it, whose power can be cut.
type machine struct {
	t              *testing.T
	folder         string // everything but the file system
	image, at, dir string // the image to begin with, where the disk is, and the file system
	loop           string
	disk           *exec.Cmd
	orders         orders
	lost, of       int // sectors of all cuts
}

// newMachine starts a machine with an empty ext4, or skips the test where it
// may not: mounting needs root.
func newMachine(t *testing.T) *machine {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("NOT TESTED: cutting the power of a file system needs root")
	}
	for _, need := range []string{"/dev/fuse", "/dev/loop-control"} {
		if _, err := os.Stat(need); err != nil {
			t.Skipf("NOT TESTED: cutting the power of a file system needs %s", need)
		}
	}
	for _, need := range []string{"mkfs.ext4", "losetup"} {
		if _, err := exec.LookPath(need); err != nil {
			t.Skipf("NOT TESTED: cutting the power of a file system needs %s (e2fsprogs, util-linux)", need)
		}
	}
	m := &machine{t: t, folder: t.TempDir()}
	m.image, m.at, m.dir = filepath.Join(m.folder, "image"), filepath.Join(m.folder, "disk"), filepath.Join(m.folder, "fs")
	for _, err := range []error{os.Mkdir(m.dir, 0o700), os.WriteFile(m.at, nil, 0o600), os.WriteFile(m.image, make([]byte, 48<<20), 0o600)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	m.run("mkfs.ext4", "-q", "-F", "-E", "nodiscard,lazy_itable_init=0,lazy_journal_init=0", m.image)
	if err := m.on(); err != nil {
		m.off()
		t.Skipf("NOT TESTED: the power of a file system cannot be cut here: %v", err)
	}
	t.Cleanup(m.off)
	return m
}

func (m *machine) run(name string, args ...string) string {
	m.t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		m.t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// on starts the disk and mounts what is on it; the file system mends itself by
// its journal.
func (m *machine) on() error {
	m.disk = exec.Command(os.Args[0])
	m.disk.Env = append(os.Environ(), diskImage+"="+m.image, diskFile+"="+m.at)
	m.disk.Stderr = os.Stderr
	m.disk.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	in, err := m.disk.StdinPipe()
	if err != nil {
		return err
	}
	out, err := m.disk.StdoutPipe()
	if err != nil {
		return err
	}
	if err := m.disk.Start(); err != nil {
		return err
	}
	m.orders = orders{in: in, out: bufio.NewScanner(out)}
	if !m.orders.out.Scan() {
		return fmt.Errorf("the disk does not start")
	}
	loop, err := exec.Command("losetup", "--find", "--show", m.at).CombinedOutput()
	if err != nil {
		return fmt.Errorf("losetup: %w: %s", err, loop)
	}
	m.loop = strings.TrimSpace(string(loop))
	return syscall.Mount(m.loop, m.dir, "ext4", 0, "")
}

// off takes everything down.
func (m *machine) off() {
	_ = syscall.Unmount(m.dir, syscall.MNT_DETACH)
	if m.loop != "" {
		_ = exec.Command("losetup", "--detach", m.loop).Run()
		m.loop = ""
	}
	if m.disk != nil && m.disk.Process != nil {
		_ = m.orders.in.Close()
		_ = m.disk.Wait()
		m.disk = nil
	}
	_ = syscall.Unmount(m.at, syscall.MNT_DETACH)
}

// cut cuts the power after so many writes and flushes: from then on nothing
// reaches the disk, everything
// that runs dies, and of what was in the disk's cache only a part survives. Then
// the machine starts again.
func (m *machine) cut(after int, way string, seed uint64, die func()) {
	m.t.Helper()
	m.order("freeze %d", after)
	dead := make(chan struct{})
	go func() { defer close(dead); die() }() // what waits for the disk dies once that fails
	<-time.After(5 * time.Millisecond)       // until the signals are on their way
	m.order("fail")
	<-dead
	var lost, of int
	if _, err := fmt.Sscanf(m.order("save %s %d %s", way, seed, m.image), "lost %d of %d", &lost, &of); err != nil {
		m.t.Fatal(err)
	}
	m.lost, m.of = m.lost+lost, m.of+of
	m.off()
	if err := m.on(); err != nil {
		m.t.Fatalf("start again after the cut: %v", err)
	}
}

func (m *machine) order(format string, args ...any) string {
	m.t.Helper()
	answer, err := m.orders.give(format, args...)
	if err != nil {
		m.t.Fatal(err)
	}
	return answer
}

// Without this, a rig that keeps everything would prove nothing.
func TestTheDiskLosesWhatWasNotFlushed(t *testing.T) {
	if testing.Short() {
		t.Skip("mounts file systems")
	}
	t.Parallel()
	m := newMachine(t)
	flushed, lazy := filepath.Join(m.dir, "flushed"), filepath.Join(m.dir, "lazy")
	m.run("dd", "if=/dev/urandom", "of="+flushed, "bs=4096", "count=10", "conv=fsync", "status=none")
	m.run("dd", "if=/dev/urandom", "of="+lazy, "bs=4096", "count=10", "status=none")
	want, err := os.ReadFile(flushed)
	if err != nil {
		t.Fatal(err)
	}
	m.cut(1, "none", 1, func() {})
	got, err := os.ReadFile(flushed)
	if err != nil || string(got) != string(want) {
		t.Errorf("what was flushed is lost (%v)", err)
	}
	if info, err := os.Stat(lazy); err == nil && info.Size() > 0 {
		t.Errorf("what was never flushed survived: %d bytes", info.Size())
	}
}

func TestPowerCutsLoseNothingThatWasAnswered(t *testing.T) {
	inWorlds(t, powerWorlds, 1000, "mounts file systems", func(t *testing.T, n int, dice *rand.Rand, seed uint64) {
		m := newMachine(t)
		w := newWorld(t, dice, options{dir: filepath.Join(m.dir, "data")})
		began := time.Now()
		for range cutsPerWorld {
			way, cutSeed := []string{"none", "all", "writes", "sectors"}[dice.IntN(4)], dice.Uint64()
			after, n, soon := 1+dice.IntN(80), 1+dice.IntN(2), dice.IntN(4) > 0
			told := make(chan struct{})
			go func() { defer close(told); w.raise(n, "") }()
			if !soon {
				<-told
			}
			m.cut(after, way, cutSeed, w.now().kill)
			<-told
			w.quietAll()
			w.start()
			if !w.ready() {
				t.Fatal("the bell ended by itself")
			}
		}
		w.settle()
		w.now().kill()
		w.quietAll()
		w.sound()
		t.Logf("the cuts lost %d of %d cached sectors", m.lost, m.of)
		table.add(w.row("power cut (ext4, unflushed writes lost)", seed, cutsPerWorld, began))
	})
}
