package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
)

const (
	logName   = "bellhop.log"
	crashName = "crash.log"
	// maxLog bounds each of the two log files, and the crash file.
	maxLog = 1 << 20
)

// residentLog returns the logger of a bell. Standard error gets the warnings;
// where nobody can see it (started by the desktop, or a program without a
// console on Windows), a file in the data folder gets them too.
func (t *tool) residentLog(dir string) (*slog.Logger, func(), error) {
	options := &slog.HandlerOptions{Level: t.level()}
	seen := slog.NewTextHandler(t.err, options)
	if _, ok := terminal(t.err); ok {
		return slog.New(seen), func() {}, nil
	}
	file, err := openRotating(filepath.Join(dir, logName), maxLog)
	if err != nil {
		return nil, nil, err
	}
	log := slog.New(slog.NewMultiHandler(seen, slog.NewTextHandler(file, options)))
	return log, func() { _ = file.Close() }, nil
}

// level is what a bell logs: warnings, and what --verbose asks for.
func (t *tool) level() slog.Level {
	switch t.verbose {
	case 0:
		return slog.LevelWarn
	case 1:
		return slog.LevelInfo
	default:
		return slog.LevelDebug
	}
}

// rotating is a file that is set aside as NAME.1, in the place of an older
// one, before it grows beyond a limit.
type rotating struct {
	path  string
	limit int64

	mu   sync.Mutex
	file *os.File
	size int64
}

func openRotating(path string, limit int64) (*rotating, error) {
	r := &rotating{path: path, limit: limit}
	if err := r.open(); err != nil {
		return nil, err
	}
	return r, nil
}

func (r *rotating) open() error {
	f, err := os.OpenFile(r.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(fmt.Errorf("open the log: %w", err), f.Close())
	}
	r.file, r.size = f, info.Size()
	return nil
}

// Write implements [io.Writer]. A full disk loses the line and nothing else.
func (r *rotating) Write(line []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.file == nil {
		return 0, fs.ErrClosed
	}
	if r.size > 0 && r.size+int64(len(line)) > r.limit {
		if err := r.rotate(); err != nil {
			return 0, err
		}
	}
	n, err := r.file.Write(line)
	r.size += int64(n)
	if err != nil {
		return n, fmt.Errorf("write the log: %w", err)
	}
	return n, nil
}

// rotate closes the file first: Windows does not rename an open one.
func (r *rotating) rotate() error {
	err := r.file.Close()
	r.file = nil
	return errors.Join(err, os.Rename(r.path, r.path+".1"), r.open())
}

// Close ends the log.
func (r *rotating) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.file == nil {
		return nil
	}
	err := r.file.Close()
	r.file = nil
	if err != nil {
		return fmt.Errorf("close the log: %w", err)
	}
	return nil
}

// keepCrashes makes the runtime write a crash to a file as well: a program of
// the desktop has nobody who reads its standard error.
func keepCrashes(dir string) error {
	path := filepath.Join(dir, crashName)
	mode := os.O_CREATE | os.O_APPEND | os.O_WRONLY
	if info, err := os.Stat(path); err == nil && info.Size() > maxLog {
		mode |= os.O_TRUNC
	}
	f, err := os.OpenFile(path, mode, 0o600)
	if err != nil {
		return fmt.Errorf("open the crash file: %w", err)
	}
	// The runtime keeps a copy of the descriptor.
	if err := errors.Join(debug.SetCrashOutput(f, debug.CrashOptions{}), f.Close()); err != nil {
		return fmt.Errorf("keep crashes: %w", err)
	}
	return nil
}
