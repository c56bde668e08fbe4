package control

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"

	"bellhop/app"
)

const (
	// socketName is the socket's name in the data folder.
	socketName = "bell.sock"
	// pointerName is a file in the data folder that holds the socket's path
	// where it had to be made elsewhere, and the folder itself in a second line:
	// a copy of the folder must neither call nor unseat the original's bell. A
	// rule that both sides work out by themselves would not do: a login by ssh
	// or a timer job can have another XDG_RUNTIME_DIR than the desktop.
	pointerName = "bell.sock.path"
	// maxSocketPath is the longest path that fits into sun_path with its end
	// mark: 104 bytes on macOS and the BSDs, 108 on Linux and Windows.
	maxSocketPath = 103
	// tempPrefix begins the names of what is made outside the data folder.
	tempPrefix = "bellhop-"
)

// Listen makes the caller the one bell of the data folder and returns its
// listener. What a killed bell left behind is cleared away; while one lives,
// the error is [ErrAlreadyRunning]. Closing the listener removes the socket and
// lets the next bell in.
func Listen(ctx context.Context, dir string) (net.Listener, error) {
	release, err := Lock(dir)
	if err != nil {
		return nil, err
	}
	l, err := listenLocked(ctx, dir)
	if err != nil {
		return nil, errors.Join(err, release())
	}
	return &listener{Listener: l, dir: dir, release: release}, nil
}

func listenLocked(ctx context.Context, dir string) (net.Listener, error) {
	if err := forgetPointer(dir); err != nil {
		return nil, folderProblem(dir, err)
	}
	path := filepath.Join(dir, socketName)
	if len(path) > maxSocketPath {
		var err error
		if path, err = socketElsewhere(dir); err != nil {
			return nil, err
		}
	}
	if err := removeStale(path); err != nil {
		return nil, err
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "unix", path)
	if err != nil {
		return nil, socketProblem(path, err)
	}
	// The folder is closed to others already, so that nobody gets in between
	// the two calls.
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(socketProblem(path, err), l.Close())
	}
	if filepath.Dir(path) != filepath.Clean(dir) {
		if err := os.WriteFile(filepath.Join(dir, pointerName), []byte(path+"\n"+dir+"\n"), 0o600); err != nil {
			return nil, errors.Join(folderProblem(dir, err), l.Close())
		}
	}
	return l, nil
}

// socketElsewhere returns a short path for the socket of a data folder whose
// own path is too long: in XDG_RUNTIME_DIR, or in a private folder beneath the
// temporary one.
func socketElsewhere(dir string) (string, error) {
	sum := sha256.Sum256([]byte(dir))
	name := tempPrefix + hex.EncodeToString(sum[:8]) + ".sock"
	if run := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(run) {
		if info, err := os.Stat(run); err == nil && info.IsDir() && info.Mode().Perm()&0o077 == 0 {
			if path := filepath.Join(run, name); len(path) <= maxSocketPath {
				return path, nil
			}
		}
	}
	private, err := os.MkdirTemp("", tempPrefix)
	if err != nil {
		return "", socketProblem(os.TempDir(), err)
	}
	path := filepath.Join(private, socketName)
	if len(path) > maxSocketPath {
		return "", app.NewProblem("data_dir_too_long", "The path of the data folder is too long for a socket.",
			"Choose a shorter one with --data-dir.", true, app.ErrInvalid)
	}
	return path, nil
}

// removeStale deletes a socket that no bell listens on: the caller holds the
// lock. Anything else of that name is not ours to delete.
func removeStale(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return socketProblem(path, err)
	}
	// Windows shows a socket as an irregular file.
	if info.Mode()&(fs.ModeSocket|fs.ModeIrregular) == 0 {
		return app.NewProblem("socket_in_the_way", fmt.Sprintf("%s is in the way of the bell's socket.", path),
			"Move it away.", true, fs.ErrExist)
	}
	if err := os.Remove(path); err != nil {
		return socketProblem(path, err)
	}
	return nil
}

func socketProblem(path string, err error) *app.Problem {
	return app.NewProblem("socket", fmt.Sprintf("The bell's socket %s cannot be made: %v.", path, err),
		"Choose a data folder on a local disk with --data-dir.", true, err)
}

// socketPath returns where the bell of a data folder listens.
func socketPath(dir string) string {
	if path, err := readPointer(dir); err == nil && path != "" {
		return path
	}
	return filepath.Join(dir, socketName)
}

// readPointer returns what the pointer of a data folder points to, "" where
// it came here with a copy of another folder.
func readPointer(dir string) (string, error) {
	text, err := os.ReadFile(filepath.Join(dir, pointerName)) // #nosec G304 -- in the user's own data folder
	if err != nil {
		return "", fmt.Errorf("read the socket's pointer: %w", err)
	}
	path, folder, _ := strings.Cut(string(text), "\n")
	if !sameFolder(strings.TrimSuffix(folder, "\n"), dir) {
		return "", nil
	}
	return path, nil
}

// sameFolder says whether two paths lead to one folder, by links or directly.
func sameFolder(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}

// forgetPointer deletes the pointer and what it points to; the caller holds
// the lock.
func forgetPointer(dir string) error {
	path, err := readPointer(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if path != "" {
		if err := removeStale(path); err != nil {
			return err
		}
		if folder := filepath.Dir(path); strings.HasPrefix(filepath.Base(folder), tempPrefix) {
			_ = os.Remove(folder) // stays where it is not empty, which harms nobody
		}
	}
	if err := os.Remove(filepath.Join(dir, pointerName)); err != nil {
		return fmt.Errorf("delete the socket's pointer: %w", err)
	}
	return nil
}

// listener gives the lock back after the socket is gone.
type listener struct {
	net.Listener
	dir     string
	release func() error
}

// Close removes the socket (Go does it for the listeners it made) and lets the
// next bell in. A second call fails with [net.ErrClosed] and does nothing.
func (l *listener) Close() error {
	err := l.Listener.Close()
	if errors.Is(err, net.ErrClosed) {
		return err
	}
	return errors.Join(err, forgetPointer(l.dir), l.release())
}
