package control

import (
	"bufio"
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"bellhop/app"
)

// changing is a bell that has hints and a slow resume.
type changing struct {
	Bell
	changes       app.Changes
	entered, done chan struct{}
}

func (c *changing) Changes() *app.Changes { return &c.changes }

func (c *changing) Resume(ctx context.Context) error {
	close(c.entered)
	select {
	case <-c.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func TestAQuietStreamBeats(t *testing.T) {
	t.Parallel()
	s := NewServer(&changing{}, slog.New(slog.DiscardHandler))
	s.beat = time.Millisecond
	hs := httptest.NewServer(s)
	defer hs.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, hs.URL+"/v1/hints", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "localhost"
	resp, err := hs.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		if lines.Text() == ": beat" {
			return
		}
	}
	t.Error("no heartbeat came")
}

func TestARunningCallIsFinishedWhenTheBellEnds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l, err := Listen(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	bell := &changing{entered: make(chan struct{}), done: make(chan struct{})}
	ctx, cancel := context.WithCancel(t.Context())
	served, called := make(chan error, 1), make(chan error, 1)
	go func() { served <- NewServer(bell, slog.New(slog.DiscardHandler)).Serve(ctx, l) }()
	c, err := Dial(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	go func() { called <- c.Resume(t.Context()) }()
	<-bell.entered
	cancel()
	// The door is shut before the call has ended.
	for {
		conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: socketPath(dir), Net: "unix"})
		if err != nil {
			break
		}
		_ = conn.Close()
	}
	close(bell.done)
	if err := <-called; err != nil {
		t.Errorf("the call was cut off: %v", err)
	}
	if err := <-served; err != nil {
		t.Errorf("serve: %v", err)
	}
}
