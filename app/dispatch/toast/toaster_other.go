//go:build windows || darwin

package toast

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"github.com/gen2brain/beeep"
)

// Toaster shows notifications through the operating system. They carry no
// buttons, and clicks do not come back.
type Toaster struct {
	icon []byte
	log  *slog.Logger
	out  chan Action

	mu   sync.Mutex // one at a time: the library keeps its icon in a file meanwhile
	last uint32
}

// New returns a toaster.
func New(_ context.Context, o Options) (*Toaster, error) {
	beeep.AppName = o.AppName
	return &Toaster{icon: o.Icon, log: o.Log, out: make(chan Action)}, nil
}

// Close ends the toaster. Toasts stay on the screen.
func (t *Toaster) Close() {}

// Actions never tells anything on this system.
func (t *Toaster) Actions() <-chan Action { return t.out }

// Show shows a toast. Its note is a running number without a meaning to the
// system.
func (t *Toaster) Show(_ context.Context, toast Toast) (uint32, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	title, body := harmless(oneLine(toast.Title, titleWidth)), harmless(oneLine(toast.Body, bodyWidth))
	show := beeep.Notify
	if toast.Urgent {
		show = beeep.Alert
	}
	if err := show(title, body, t.icon); err != nil {
		return 0, fmt.Errorf("show a notification: %w", err)
	}
	t.last++
	return t.last, nil
}

// Withdraw does nothing: the system keeps its toasts to itself.
func (t *Toaster) Withdraw(context.Context, uint32) error { return nil }

// Adopt does nothing: clicks do not come back.
func (t *Toaster) Adopt(uint32, string) {}

// Instance is always "": notes mean nothing here.
func (t *Toaster) Instance(context.Context) string { return "" }
