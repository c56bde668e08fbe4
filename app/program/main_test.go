package program

import (
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "bellhop-window" {
		os.Exit(pretendWindow())
	}
	goleak.VerifyTestMain(m)
}
