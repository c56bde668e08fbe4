package control_test

import (
	"bufio"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"bellhop/app"
	"bellhop/app/control"
	"bellhop/app/control/controltest"
)

func TestOneBellPerFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	stop := controltest.Serve(t, dir, &controltest.Bell{})
	if _, err := control.Listen(t.Context(), dir); !errors.Is(err, control.ErrAlreadyRunning) {
		t.Errorf("a second bell: %v", err)
	}
	if _, err := control.Lock(dir); !errors.Is(err, control.ErrAlreadyRunning) {
		t.Errorf("a second writer: %v", err)
	}
	c, err := control.Dial(dir)
	if err != nil {
		t.Fatalf("the refused one has broken the first: %v", err)
	}
	c.Close()
	stop()
	release, err := control.Lock(dir)
	if err != nil {
		t.Fatalf("after its end: %v", err)
	}
	if _, err := control.Listen(t.Context(), dir); !errors.Is(err, control.ErrAlreadyRunning) {
		t.Errorf("a bell beside a writer: %v", err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	controltest.Serve(t, dir, &controltest.Bell{})
}

func TestOfManyThatStartAtOnceOneWins(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		won  []net.Listener
		lost int
	)
	for range 20 {
		wg.Go(func() {
			l, err := control.Listen(t.Context(), dir)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				won = append(won, l)
			case errors.Is(err, control.ErrAlreadyRunning):
				lost++
			default:
				t.Errorf("listen: %v", err)
			}
		})
	}
	wg.Wait()
	if len(won) != 1 || lost != 19 {
		t.Errorf("%d won and %d lost", len(won), lost)
	}
	for _, l := range won {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestAKilledBellLeavesNoTrouble runs itself as a process of its own that is
// killed while it holds the socket.
func TestAKilledBellLeavesNoTrouble(t *testing.T) {
	if dir := os.Getenv("BELLHOP_TEST_LISTEN"); dir != "" {
		if _, err := control.Listen(t.Context(), dir); err != nil {
			t.Fatal(err)
		}
		_, _ = os.Stdout.WriteString("listening\n")
		_, _ = os.Stdin.Read(make([]byte, 1)) // until it is killed
		return
	}
	for name, dir := range map[string]string{"short": t.TempDir(), "long": longDir(t)} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestAKilledBellLeavesNoTrouble$") // #nosec G204 G702 -- this very test
			cmd.Env = append(os.Environ(), "BELLHOP_TEST_LISTEN="+dir)
			stdin, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = stdin.Close() }()
			stdout, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			if line, err := bufio.NewReader(stdout).ReadString('\n'); line != "listening\n" {
				t.Fatalf("the other process: %q, %v", line, err)
			}
			if _, err := control.Lock(dir); !errors.Is(err, control.ErrAlreadyRunning) {
				t.Errorf("while it lives: %v", err)
			}
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait()
			if _, err := control.Dial(dir); !errors.Is(err, app.ErrNotRunning) {
				t.Errorf("dial after its death: %v", err)
			}
			controltest.Serve(t, dir, &controltest.Bell{})
			c, err := control.Dial(dir)
			if err != nil {
				t.Fatalf("dial the next one: %v", err)
			}
			c.Close()
		})
	}
}

// longDir returns a folder whose path does not fit into a socket's address.
func longDir(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), strings.Repeat("long", 30))
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestAFolderWithALongPath(t *testing.T) {
	for name, runtimeDir := range map[string]string{"with a runtime folder": t.TempDir(), "without": ""} {
		t.Run(name, func(t *testing.T) {
			if runtimeDir != "" {
				if err := os.Chmod(runtimeDir, 0o700); err != nil {
					t.Fatal(err)
				}
			}
			t.Setenv("XDG_RUNTIME_DIR", runtimeDir)
			t.Setenv("TMPDIR", "/tmp")
			dir := longDir(t)
			stop := controltest.Serve(t, dir, &controltest.Bell{})
			pointer, err := os.ReadFile(filepath.Join(dir, "bell.sock.path"))
			if err != nil {
				t.Fatal(err)
			}
			path, _, _ := strings.Cut(string(pointer), "\n")
			wantMode(t, path, 0o600|os.ModeSocket)
			t.Setenv("XDG_RUNTIME_DIR", t.TempDir()) // as in a login by ssh
			c, err := control.Dial(dir)
			if err != nil {
				t.Fatalf("dial: %v", err)
			}
			c.Close()
			stop()
			if _, err := os.Lstat(path); err == nil {
				t.Error("the socket was left behind")
			}
			if strings.HasPrefix(filepath.Base(filepath.Dir(path)), "bellhop-") {
				if _, err := os.Lstat(filepath.Dir(path)); err == nil {
					t.Error("the socket's folder was left behind")
				}
			}
		})
	}
}

func TestACopyOfAFolderLeavesTheOriginalsBellAlone(t *testing.T) {
	t.Parallel()
	dir := longDir(t)
	controltest.Serve(t, dir, &controltest.Bell{})
	link, folder := filepath.Join(t.TempDir(), "link"), longDir(t)
	if err := os.Symlink(dir, link); err != nil {
		t.Skipf("no links here: %v", err)
	}
	pointer, err := os.ReadFile(filepath.Join(dir, "bell.sock.path"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "bell.sock.path"), pointer, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := control.Dial(folder); !errors.Is(err, app.ErrNotRunning) {
		t.Errorf("the copy called the original's bell: %v", err)
	}
	controltest.Serve(t, folder, &controltest.Bell{})
	for _, way := range []string{dir, link, folder} {
		c, err := control.Dial(way)
		if err != nil {
			t.Errorf("dial %s: %v", way, err)
			continue
		}
		c.Close()
	}
}

func wantMode(t *testing.T, path string, want os.FileMode) {
	t.Helper()
	if runtime.GOOS == "windows" {
		return
	}
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != want {
		t.Errorf("%s has mode %s, want %s", path, info.Mode(), want)
	}
}

func TestTheSocketIsPrivate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	controltest.Serve(t, dir, &controltest.Bell{})
	wantMode(t, filepath.Join(dir, "bell.sock"), 0o600|os.ModeSocket)
	wantMode(t, filepath.Join(dir, "bell.lock"), 0o600)
}

func TestAnotherFileIsNotDeletedForTheSocket(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "bell.sock")
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := control.Listen(t.Context(), dir)
	if p := app.AsProblem(err); p == nil || p.Code != "socket_in_the_way" {
		t.Errorf("got %v", err)
	}
	if data, err := os.ReadFile(path); string(data) != "mine" {
		t.Errorf("the file is gone: %v", err)
	}
	if release, err := control.Lock(dir); err != nil {
		t.Errorf("the lock was kept: %v", err)
	} else if err := release(); err != nil {
		t.Error(err)
	}
}
