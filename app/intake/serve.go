package intake

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"bellhop/app"
)

const (
	// connections is how many are open at a time: a few workers of one server.
	connections = 64
	// parting is how long calls may go on after the end was asked for; the bell as
	// a whole has two seconds.
	parting = 1500 * time.Millisecond
)

// limits are how long a caller may take. Those who know no secret have only the
// first.
type limits struct {
	header, whole, answer, idle time.Duration
}

// usual gives a body of 8 MB half a minute.
var usual = limits{header: 5 * time.Second, whole: 30 * time.Second, answer: 45 * time.Second, idle: time.Minute}

// Listen opens the address for [Listener.Serve]; see [app.IntakeAddress]. The
// error is an [app.Problem].
func Listen(ctx context.Context, address string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, app.NewProblem("intake_address", fmt.Sprintf("Webhooks cannot be received on %s.", address),
			"Another program has the port, or the host is not this machine's: choose another with `bellhop intake`.", true, err)
	}
	return l, nil
}

// Serve takes calls on nl until ctx ends, then lets running ones finish for a
// moment and closes nl. It returns nil after such an end.
func (l *Listener) Serve(ctx context.Context, nl net.Listener) error {
	return l.serve(ctx, nl, usual)
}

func (l *Listener) serve(ctx context.Context, nl net.Listener, t limits) error {
	hs := &http.Server{
		Handler:           l,
		ReadHeaderTimeout: t.header,
		ReadTimeout:       t.whole,
		WriteTimeout:      t.answer,
		IdleTimeout:       t.idle,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(l.o.Log.Handler(), slog.LevelDebug),
		// A call that is being stored when ctx ends is stored.
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	stop, ended := make(chan struct{}), make(chan error, 1)
	var wg sync.WaitGroup
	wg.Go(func() {
		select {
		case <-ctx.Done():
		case <-stop:
			return
		}
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), parting)
		defer cancel()
		err := hs.Shutdown(grace)
		if err != nil {
			err = hs.Close()
		}
		ended <- err
	})
	err := hs.Serve(&bounded{Listener: nl, free: make(chan struct{}, connections), closed: make(chan struct{})})
	close(stop)
	wg.Wait()
	if !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("receive webhooks: %w", err)
	}
	if err := <-ended; err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("stop receiving webhooks: %w", err)
	}
	return nil
}

// bounded is a listener that holds a number of connections open at most; the
// others wait in the kernel's queue.
type bounded struct {
	net.Listener
	free   chan struct{}
	once   sync.Once
	closed chan struct{}
}

// Accept waits for a free place, then for a connection.
func (b *bounded) Accept() (net.Conn, error) {
	select {
	case b.free <- struct{}{}:
	case <-b.closed:
		return nil, net.ErrClosed
	}
	c, err := b.Listener.Accept()
	if err != nil {
		<-b.free
		return nil, err
	}
	return &counted{Conn: c, free: b.free}, nil
}

// Close also ends an Accept that waits for a place.
func (b *bounded) Close() error {
	b.once.Do(func() { close(b.closed) })
	return b.Listener.Close()
}

// counted gives its place back once.
type counted struct {
	net.Conn
	once sync.Once
	free chan struct{}
}

// Close closes the connection.
func (c *counted) Close() error {
	err := c.Conn.Close()
	c.once.Do(func() { <-c.free })
	return err
}
