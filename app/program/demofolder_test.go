package program

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
)

func TestTheDemosFolderGoesAlthoughAWindowStillWritesThere(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	var windows sync.WaitGroup // they make files for a while, as long as there is a folder
	wrote := make(chan struct{}, 1)
	for range 8 {
		windows.Go(func() {
			for range 4000 {
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
		})
	}
	<-wrote
	if err := throwAway(dir); err != nil {
		t.Error(err)
	}
	windows.Wait()
	if left, err := os.ReadDir(dir); err == nil {
		t.Errorf("left: %v", left)
	}
}
