package main

import (
	"context"
	"sync"
	"time"
)

// endPatience is how long the toolkit may take to end after its last window.
const endPatience = 2 * time.Second

// ending sees to it that the program ends with its window. Fyne 2.8.1 can wait
// for ever there: its loop (internal/driver/glfw/loop.go, runGL) empties its
// queue just before the hook for the end arrives in it, once in some hundred
// ends on a busy machine. Nothing is lost by ending without it: the window keeps
// nothing that the bell has not.
type ending struct {
	closed chan struct{}
	close  func()
	exit   func()
	done   sync.WaitGroup
	ran    chan struct{}
}

// watchEnd starts to look; exit ends the program.
func watchEnd(ctx context.Context, exit func()) *ending {
	e := &ending{closed: make(chan struct{}), ran: make(chan struct{}), exit: exit}
	e.close = sync.OnceFunc(func() { close(e.closed) })
	e.done.Go(func() { e.watch(ctx) })
	return e
}

// After returns what is to happen when the window has been closed: first, and
// then the watch. Closing it again changes nothing.
func (e *ending) After(first func()) func() {
	return func() {
		first()
		e.close()
	}
}

// Idle waits until the user interface has done what it was asked before, and
// says whether the window is still there.
func (e *ending) Idle(ctx context.Context, do func(func())) bool {
	done := make(chan struct{})
	do(func() { close(done) })
	select {
	case <-done:
	case <-ctx.Done():
		return false
	}
	select {
	case <-e.closed:
		return false
	default:
		return true
	}
}

// Ran says that the toolkit has ended.
func (e *ending) Ran() {
	close(e.ran)
	e.done.Wait()
}

func (e *ending) watch(ctx context.Context) {
	select {
	case <-e.ran:
		return
	case <-e.closed:
	case <-ctx.Done(): // a signal, on which the toolkit ends too
	}
	late := time.NewTimer(endPatience)
	defer late.Stop()
	select {
	case <-e.ran:
	case <-late.C:
		e.exit()
	}
}
