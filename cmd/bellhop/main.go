// Bellhop is the resident bell and its command line: the number of your
// DefectDojo alerts in the tray, native notifications, and a command for all
// that the windows can do. It has no Fyne and, on Linux and Windows, no cgo;
// the windows are a program of their own, bellhop-window.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"bellhop/app/dispatch/services"
)

func main() {
	if len(os.Args) == 2 && os.Args[1] == services.Argument {
		os.Exit(services.Main(os.Stdin, os.Stdout))
	}
	os.Exit(start())
}

// start runs the command line until it ends or is interrupted. The first
// interrupt asks everything to end; from then on a second one kills.
func start() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	defer context.AfterFunc(ctx, stop)()
	t := &tool{in: os.Stdin, out: os.Stdout, err: os.Stderr, now: time.Now}
	return t.main(ctx, os.Args[1:])
}
