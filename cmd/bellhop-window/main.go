// Bellhop-window is Bellhop's window: the alerts, their history, the settings,
// and the guide that connects a server. It reads the database and asks the
// running bell for every change; when the window is closed it ends, and the bell
// goes on.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"bellhop/app"
	"bellhop/app/control"
)

// version is set by the linker: -X main.version=v1.2.3.
var version string

// The exit statuses are those of bellhop.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2
)

func main() {
	os.Exit(start(time.Now()))
}

func start(began time.Time) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	o, status, done := parse(os.Args[1:], os.Stdout, os.Stderr)
	if done {
		return status
	}
	o.began = began
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bellhop-window: "+app.AsProblem(err).Error())
		return exitFailure
	}
	return exitOK
}

// options is what the command line said.
type options struct {
	dataDir string
	view    string
	log     *slog.Logger
	began   time.Time
}

// parse reads the command line; done says that the program ends with status.
func parse(args []string, out, err io.Writer) (o options, status int, done bool) {
	f := flag.NewFlagSet("bellhop-window", flag.ContinueOnError)
	f.SetOutput(err)
	f.Usage = func() {
		_, _ = fmt.Fprint(f.Output(), "Usage: bellhop-window [flags]\n\nBellhop's window: alerts, history, settings, and the guide that connects a server.\n\n")
		f.PrintDefaults()
	}
	f.StringVar(&o.dataDir, "data-dir", "", "folder with Bellhop's data; "+control.EnvDataDir+" stands for it")
	f.StringVar(&o.view, "view", "", "what to show first: alerts, new, history, deliveries, settings, notifications or connect")
	verbose := f.Bool("log", false, "write what happens, and how long it takes, to standard error")
	show := f.Bool("version", false, "print the version")
	if e := f.Parse(args); e != nil {
		if errors.Is(e, flag.ErrHelp) {
			return o, exitOK, true
		}
		return o, exitUsage, true
	}
	if f.NArg() > 0 {
		_, _ = fmt.Fprintf(err, "bellhop-window: %q is not understood; see --help\n", f.Arg(0))
		return o, exitUsage, true
	}
	if *show {
		_, _ = fmt.Fprintln(out, "bellhop-window "+versionString())
		return o, exitOK, true
	}
	o.log = slog.New(slog.DiscardHandler)
	if *verbose {
		o.log = slog.New(slog.NewTextHandler(err, nil))
	}
	return o, exitOK, false
}

// versionString returns the linker's version, else the module's, else "dev".
func versionString() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "dev"
}
