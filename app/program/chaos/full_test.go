//go:build linux

package chaos

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// smallDisk mounts a folder of so many megabytes, or skips the test where it may
// not: mounting needs root.
func smallDisk(t *testing.T, megabytes int) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("bellhop-chaos", dir, "tmpfs", 0, fmt.Sprintf("size=%dm", megabytes)); err != nil {
		t.Skipf("NOT TESTED: a disk cannot be filled here: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

// fill takes every byte that is left, and returns what gives them back.
func fill(t *testing.T, dir string) (free func()) {
	t.Helper()
	path := filepath.Join(dir, "ballast")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	for block := make([]byte, 64<<10); len(block) > 0; {
		if _, err := f.Write(block); err != nil {
			if !errors.Is(err, syscall.ENOSPC) {
				t.Fatal(err)
			}
			block = block[:len(block)/2]
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return func() { _ = os.Remove(path) }
}

func TestAFullDiskLosesNothing(t *testing.T) {
	inWorlds(t, fullWorlds, 4000, "mounts file systems", func(t *testing.T, _ int, dice *rand.Rand, seed uint64) {
		disk := smallDisk(t, 12)
		w := newWorld(t, dice, options{dir: filepath.Join(disk, "data")})
		began, kills := time.Now(), 0
		for range 8 {
			w.raise(1, "")
			w.wait(20 * time.Millisecond) // while it is routed, claimed, sent, noted
			free := fill(t, disk)
			w.raise(1, "") // without an answer it is told again
			w.wait(700 * time.Millisecond)
			if dice.IntN(3) == 0 {
				w.now().kill()
				kills++
				w.quietAll()
				w.start()
				if w.ready() { // it may also say that it cannot
					w.wait(300 * time.Millisecond)
				}
			}
			free()
			w.rise()
			w.until("every answer", w.repeat)
		}
		w.settle()
		w.now().kill()
		w.readOnly(disk)
		w.sound()
		table.add(w.row("full disk, read-only folder", seed, kills, began))
	})
}

// rise starts a bell where the last one ended.
func (w *world) rise() {
	w.t.Helper()
	select {
	case <-w.now().done:
		w.start()
		if !w.ready() {
			w.t.Fatal("the bell ended by itself")
		}
	default:
	}
}

// readOnly starts a bell on a disk that cannot be written to: it has to end by
// itself, and to work again afterwards.
func (w *world) readOnly(disk string) {
	w.t.Helper()
	if err := syscall.Mount("", disk, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		w.t.Fatal(err)
	}
	w.start()
	if w.ready() {
		w.t.Error("a bell runs in a folder that it cannot write to")
		w.now().kill()
	}
	if err := syscall.Mount("", disk, "", syscall.MS_REMOUNT, ""); err != nil {
		w.t.Fatal(err)
	}
	w.start()
	if !w.ready() {
		w.t.Fatal("the bell does not come back")
	}
	w.raise(1, "")
	w.settle()
	w.now().kill()
}
