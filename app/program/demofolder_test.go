package program

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTheDemosFolderGoesAlthoughAWindowStillWritesThere(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	wrote := make(chan struct{}, 1)
	go func() { // a window that makes files as long as there is a folder
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
			}
			f, err := os.CreateTemp(dir, "bellhop.db-*")
			if err != nil {
				return
			}
			_ = f.Close()
			select {
			case wrote <- struct{}{}:
			default:
			}
		}
	}()
	<-wrote
	if err := throwAway(dir); err != nil {
		t.Error(err)
	}
	close(stop)
	<-stopped
	if left, err := os.ReadDir(dir); err == nil {
		t.Errorf("left: %v", left)
	}
}
