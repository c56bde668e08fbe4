package main

import (
	"context"
	"errors"
	"fmt"
	"image/color"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	fyneapp "fyne.io/fyne/v2/app"

	"bellhop/app"
	"bellhop/app/control"
	"bellhop/ui"
	"bellhop/ui/widget"
)

// appID names the program to the desktop, as its .desktop file does.
const appID = "bellhop"

// run shows the window until it is closed.
func run(ctx context.Context, o options) (err error) {
	if !hasDisplay() {
		return noDisplay(nil)
	}
	dir, err := control.DataDir(o.dataDir)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	// The database, the socket and the toolkit take their time side by side.
	in := newInbox(dir, o.log)
	dialled := make(chan connection, 1)
	var page *ui.Preloaded
	var opening, dialling sync.WaitGroup
	dialling.Go(func() { dialled <- connect(ctx, dir) })
	opening.Go(func() { page = ui.Preload(ctx, in) })

	// What is made until the window is there is nearly all kept; collecting
	// garbage would only take time.
	collect := debug.SetGCPercent(-1)
	showing := false
	defer func() {
		if r := recover(); r != nil {
			if showing {
				panic(r)
			}
			// Fyne panics where the screen that the environment names does
			// not answer.
			err = noDisplay(fmt.Errorf("start the toolkit: %v", r))
		}
	}()
	fyneapp.SetMetadata(fyne.AppMetadata{
		ID: appID, Name: "Bellhop", Version: versionString(),
		Icon:       fyne.NewStaticResource("bellhop.svg", widget.Icon("bell", color.NRGBA{R: 0xC8, G: 0x92, B: 0x2E, A: 0xff}).Content()),
		Migrations: map[string]bool{"fyneDo": true},
	})
	makeCache()
	surviveScreen()
	a := fyneapp.NewWithID(appID)
	opening.Wait()
	defer func() {
		cancel()
		dialling.Wait()
		err = errors.Join(err, in.Close())
	}()
	first := await(dialled)
	if first.windowOpen() {
		return first.raise(ctx, o.view)
	}
	o.log.InfoContext(ctx, "connected", "bell", first.client != nil, "after", time.Since(o.began))

	a.Settings().SetTheme(page.Theme())
	u := ui.New(ui.Options{
		App: a, Inbox: in, Engine: in, Bell: first.bell(), Do: fyne.Do, View: o.view,
		StartBell: func(ctx context.Context) error { return startBell(ctx, dir) },
		Notices:   in.notices(),
		First:     page,
		Shown:     func() { o.log.InfoContext(ctx, "first page", "after", time.Since(o.began)) },
	})
	a.Lifecycle().SetOnExitedForeground(u.Left)
	a.Lifecycle().SetOnStarted(func() {
		showing = true
		debug.SetGCPercent(collect)
		u.Opened()
		o.log.InfoContext(ctx, "started", "after", time.Since(o.began))
	})
	u.Start(ctx)
	end := watchEnd(ctx, func() {
		o.log.WarnContext(ctx, "the toolkit did not end with its window")
		os.Exit(exitOK)
	})
	u.Window().SetOnClosed(end.After(u.Left))
	u.Window().Show()
	var link sync.WaitGroup
	link.Go(func() { follow(ctx, dir, u, first, dialled, func() bool { return end.Idle(ctx, fyne.Do) }, o.log) })
	defer func() {
		u.Close()
		cancel()
		link.Wait()
	}()
	a.Run()
	end.Ran()
	return nil
}

// makeCache makes the folder in which Fyne makes its own, one level at a time.
func makeCache() {
	if dir, err := os.UserCacheDir(); err == nil {
		_ = os.MkdirAll(dir, 0o700) // without it Fyne complains and goes on
	}
}

// noDisplay says that there is no screen to show a window on.
func noDisplay(err error) error {
	return app.NewProblem("no_display", "There is no display to show the window on.",
		"Run it inside a desktop session, or use the command line: `bellhop alerts`.", true, err)
}
