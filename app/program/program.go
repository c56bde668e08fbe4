// Package program is the composition root of the bell: it opens the store,
// starts one syncer for each account, the toasts, the tray and the socket, and
// stops them in the reverse order. It decides nothing by itself.
package program

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"bellhop/app"
	"bellhop/app/control"
	"bellhop/store"
	"bellhop/ui/tray"
)

// Options says how the bell runs. DataDir is needed.
type Options struct {
	DataDir  string       // holds the database, the socket and the lock
	Headless bool         // no tray, no toasts, no window
	View     string       // the window's view to open at the start, "" for none
	Version  string       // "" = "dev"
	Log      *slog.Logger // nil = none
	Out      io.Writer    // where a demo tells its story; nil = standard output
	// Trump are the events whose system settings count for a named recipient
	// too, as the environment gives them; nil = as the setting says.
	Trump []app.Kind
	// Now is the wall clock; nil = [time.Now].
	Now func() time.Time
	// Browse opens a page for the user; nil = the desktop's browser.
	Browse func(ctx context.Context, page string) error

	demo bool
	// connectElsewhere is set in the demo: its own data are thrown away, so an
	// account is connected in the real data folder.
	connectElsewhere func(context.Context, app.Connect) (app.Account, error)
	secrets          secretKeeper                       // nil = the keyring
	toaster          toaster                            // nil = the desktop's
	onToasts         func(n int)                        // told how many alerts were announced
	story            func(context.Context, *bell) error // plays beside the bell; nil = none
}

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Browse == nil {
		o.Browse = browse
	}
	if o.Version == "" {
		o.Version = "dev"
	}
	if o.Out == nil {
		o.Out = os.Stdout
	}
	return o
}

func (o Options) now() time.Time { return o.Now() }

// agent is the User-Agent of every request.
func (o Options) agent() string { return "Bellhop/" + o.Version + " (" + runtime.GOOS + ")" }

// Run runs the bell until ctx ends or the user quits. It must be called on the
// main goroutine: the tray needs it on macOS and Windows. The error is
// [control.ErrAlreadyRunning] while another bell has the data folder.
func Run(ctx context.Context, o Options) (err error) {
	o = o.withDefaults()
	ctx, quit := context.WithCancel(ctx)
	defer quit()

	listener, err := control.Listen(ctx, o.DataDir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closed(listener.Close())) }()
	toasts, closeToasts, err := newToaster(ctx, o)
	if err != nil {
		return err
	}
	defer closeToasts()
	v := o.secrets
	if v == nil {
		v = newVault(o.DataDir, o.Log)
	}
	v = &recent{secretKeeper: v}
	b := &bell{
		o: o, log: o.Log, started: o.now(), opened: make(chan struct{}), syncWish: make(chan struct{}, 1), vault: v, quit: quit,
		crew:    &crew{secrets: v, log: o.Log, agent: o.agent(), now: o.Now, begun: make(chan struct{})},
		windows: &windowStarter{dataDir: o.DataDir, log: o.Log},
		toasts:  toasts,
	}
	if o.Headless {
		return b.run(ctx, listener, nil)
	}
	// The icon does not wait for the database: making one takes a while.
	g, ctx := errgroup.WithContext(ctx)
	t := tray.New(b.trayActions(ctx), o.Log)
	g.Go(func() error { defer quit(); return b.run(ctx, listener, t) })
	if err := t.Run(ctx); err != nil {
		o.Log.WarnContext(ctx, "the tray stopped", "error", err)
	}
	return g.Wait()
}

// run opens the store and runs everything that works on it until ctx ends. t is
// nil where there is no desktop.
func (b *bell) run(ctx context.Context, l net.Listener, t *tray.Tray) (err error) {
	s, err := store.Open(ctx, store.Options{Dir: b.o.DataDir, Log: b.log, Now: b.o.Now})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	b.store, b.crew.store = s, s
	b.engine = &engine{store: s, trump: b.o.Trump}
	b.announcer = &announcer{store: s, toasts: b.toasts, now: b.o.Now, log: b.log, act: b.toastClicked, announced: b.o.onToasts}
	ways, closeWays := newChannels(s, b.vault, b.log, b.o.Now)
	defer closeWays()
	b.poster = &poster{store: s, vault: b.vault, engine: b.engine, announce: b.announcer, channels: ways, log: b.log, now: b.o.Now}
	places := &placer{store: s, ask: b.withServer, now: b.o.Now, log: b.log, more: make(chan struct{}, 1)}
	b.door = &doorkeeper{store: s, vault: b.vault, now: b.o.Now, log: b.log, asked: make(chan chan struct{}), placer: places}
	close(b.opened)

	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return b.serve(ctx, l) })
	g.Go(func() error { return b.crew.Run(ctx) })
	g.Go(func() error { return keep(ctx, s, b.o.Now, b.log) })
	g.Go(func() error {
		return watchWake(ctx, b.log, func() {
			b.crew.Wake()
			b.awake(ctx)
		})
	})
	g.Go(func() error { b.hideSecrets(ctx); return nil })
	g.Go(func() error { return b.route(ctx) })
	g.Go(func() error { return b.announce(ctx) })
	g.Go(func() error { return b.door.Run(ctx) })
	g.Go(func() error { return places.Run(ctx) })
	g.Go(func() error { return giveBack(ctx, s.Changes(), growMemory, freeMemory(ctx, b.log)) })
	if b.o.story != nil {
		g.Go(func() error { return b.o.story(ctx, b) })
	}
	if t != nil {
		g.Go(func() error { return b.firstWindow(ctx) })
		g.Go(func() error { return b.showTray(ctx, t) })
		g.Go(func() error { return b.syncAsked(ctx) })
	}
	return g.Wait()
}

// serve answers the socket until ctx ends. The window is told to close before
// the socket is gone; without that it would stay, for reading only, as it does
// after a crash.
func (b *bell) serve(ctx context.Context, l net.Listener) error {
	serving, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	stop := context.AfterFunc(ctx, func() {
		b.windows.Quit()
		time.AfterFunc(quitDelay, end)
	})
	defer stop()
	return control.NewServer(b, b.log).Serve(serving, l)
}

// closed returns err unless it only says that something is closed already.
func closed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
