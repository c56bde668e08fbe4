package program

import (
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"bellhop/app/dispatch/services"
)

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "bellhop-window" {
		os.Exit(pretendWindow())
	}
	if len(os.Args) == 2 && os.Args[1] == services.Argument {
		os.Exit(services.Main(os.Stdin, os.Stdout))
	}
	goleak.VerifyTestMain(m)
}
