//go:build unix

package control

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// lockFile opens and locks the file. flock(2) belongs to the open file, which
// the kernel closes with the process, also after kill -9; Go opens files with
// O_CLOEXEC, so that a child (the window, a browser) does not keep it.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock: %w", err)
	}
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err == nil {
		return f, nil
	}
	_ = f.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, ErrAlreadyRunning
	}
	return nil, fmt.Errorf("lock: %w", err)
}
