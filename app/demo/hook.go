package demo

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// Hook is where the demo's webhooks go: a receiver of its own on the loopback
// interface, which takes everything.
type Hook struct {
	server *http.Server
	url    string
	served sync.WaitGroup

	mu      sync.Mutex
	taken   int
	away    bool
	changed chan struct{} // closed and replaced with each one that is taken
}

// NewHook starts the receiver on a free port. Close ends it.
func NewHook(ctx context.Context) (*Hook, error) {
	var listen net.ListenConfig
	l, err := listen.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the demo's receiver: %w", err)
	}
	h := &Hook{url: "http://" + l.Addr().String() + "/chat", changed: make(chan struct{})}
	h.server = &http.Server{Handler: http.HandlerFunc(h.take), ReadHeaderTimeout: 10 * time.Second}
	h.served.Go(func() { _ = h.server.Serve(l) }) // ends with Close, and says only that
	return h, nil
}

// URL is the address that webhooks are sent to.
func (h *Hook) URL() string { return h.url }

// Close ends the receiver.
func (h *Hook) Close() error {
	err := h.server.Close()
	h.served.Wait()
	return err
}

// Down lets the receiver be away, or come back.
func (h *Hook) Down(down bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.away = down
}

// Await waits until n webhooks were taken.
func (h *Hook) Await(ctx context.Context, n int) error {
	for {
		h.mu.Lock()
		done, changed := h.taken >= n, h.changed
		h.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-changed:
		}
	}
}

// most is far more than a webhook has.
const most = 1 << 20

func (h *Hook) take(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, most)) // who sends no whole body has gone
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.away {
		http.Error(w, "the chat is being restarted", http.StatusServiceUnavailable)
		return
	}
	h.taken++
	close(h.changed)
	h.changed = make(chan struct{})
	_, _ = io.WriteString(w, "posted to #security\n") // who does not listen has gone
}
