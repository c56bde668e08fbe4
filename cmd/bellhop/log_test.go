package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

func TestTheLogIsSetAsideBeforeItGrowsTooLarge(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), logName)
	log, err := openRotating(path, 100)
	if err != nil {
		t.Fatal(err)
	}
	line := func(s string) string { return strings.Repeat(s, 39) + "\n" }
	for _, s := range []string{"a", "b", "c", "d", "e"} {
		if _, err := log.Write([]byte(line(s))); err != nil {
			t.Fatal(err)
		}
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{path: line("e"), path + ".1": line("c") + line("d")}
	for name, text := range want {
		got, err := os.ReadFile(name)
		if err != nil || string(got) != text {
			t.Errorf("%s: %q, %v", filepath.Base(name), got, err)
		}
		if info, err := os.Stat(name); err == nil && runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %s", name, info.Mode())
		}
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 2 {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
	if _, err := log.Write([]byte("late")); err == nil {
		t.Error("a closed log takes lines")
	}
}

func TestTheLogGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), logName)
	for _, s := range []string{"one\n", "two\n", strings.Repeat("x", 200) + "\n"} { // the last is larger than the limit
		log, err := openRotating(path, 100)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := log.Write([]byte(s)); err != nil {
			t.Fatal(err)
		}
		if err := log.Close(); err != nil {
			t.Fatal(err)
		}
	}
	old, err := os.ReadFile(path + ".1")
	if err != nil || string(old) != "one\ntwo\n" {
		t.Errorf("%q, %v", old, err)
	}
}

func TestManyMayWriteTheLogAtOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), logName)
	log, err := openRotating(path, 1000)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				if _, err := log.Write([]byte("0123456789\n")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil || len(got) > 1000 || len(bytes.ReplaceAll(got, []byte("0123456789\n"), nil)) != 0 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func TestALogThatCannotBeWrittenIsAnError(t *testing.T) {
	t.Parallel()
	if _, err := openRotating(filepath.Join(t.TempDir(), "none", logName), 100); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

// TestACrashIsKept runs the command "crash" of [TestMain] in a process of its own.
func TestACrashIsKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, crashName)
	if err := os.WriteFile(path, bytes.Repeat([]byte("old\n"), maxLog/2), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := exec.CommandContext(t.Context(), "crash", dir).Run(); err == nil {
		t.Fatal("it did not crash")
	}
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Contains(got, []byte("panic: a wheel came off")) || bytes.Contains(got, []byte("old")) {
		t.Errorf("%d bytes, %v: %.200q", len(got), err, got)
	}
}
