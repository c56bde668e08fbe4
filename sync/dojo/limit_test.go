package dojo

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"
)

// line is a connection that brings a byte after each of its delays and then
// nothing, until its request ends.
type line struct {
	ctx    context.Context
	delays []time.Duration
}

func (l *line) Read(p []byte) (int, error) {
	wait := 1000 * time.Hour
	if len(l.delays) > 0 {
		wait, l.delays = l.delays[0], l.delays[1:]
	}
	select {
	case <-time.After(wait):
		p[0] = 'x'
		return 1, nil
	case <-l.ctx.Done():
		return 0, l.ctx.Err()
	}
}

func (l *line) Close() error { return nil }

// reads counts the bytes that come before the error, with a pause of the
// caller after each.
func reads(t *testing.T, idle, overall, pause time.Duration, delays ...time.Duration) (n int, took time.Duration, err error) {
	t.Helper()
	start := time.Now()
	ctx, w := newWatch(t.Context(), idle, overall)
	w.pause()
	b := &body{ctx: ctx, from: &line{ctx: ctx, delays: delays}, watch: w, limit: 1 << 20}
	defer func() { _ = b.Close() }()
	var p [8]byte
	for {
		if _, err := b.Read(p[:]); err != nil {
			return n, time.Since(start), err
		}
		n++
		time.Sleep(pause)
	}
}

func TestSilenceIsMeasuredFromReadToRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := 50 * time.Second
		n, took, err := reads(t, time.Minute, time.Hour, 0, slow, slow, slow)
		if n != 3 || took != 3*slow+time.Minute || !errors.Is(err, errIdle) || !errors.Is(err, ErrUnreachable) {
			t.Errorf("%d bytes in %v, %v", n, took, err)
		}
	})
}

// The time that a caller takes between two reads is not the server's silence.
func TestASlowCallerIsNotASilentServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, took, err := reads(t, time.Minute, time.Hour, 10*time.Minute, time.Second, time.Second)
		if n != 2 || took != 2*(10*time.Minute+time.Second)+time.Minute || !errors.Is(err, errIdle) {
			t.Errorf("%d bytes in %v, %v", n, took, err)
		}
	})
}

func TestATrickleEndsAtTheOverallLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		delays := make([]time.Duration, 1000)
		for i := range delays {
			delays[i] = 7 * time.Second
		}
		n, took, err := reads(t, time.Minute, 15*time.Minute, 0, delays...)
		if n != 128 || took != 15*time.Minute || !errors.Is(err, errOverall) {
			t.Errorf("%d bytes in %v, %v", n, took, err)
		}
	})
}

func TestAnErrorOfABodyStays(t *testing.T) {
	ctx, w := newWatch(t.Context(), time.Minute, time.Minute)
	w.pause()
	l := &line{ctx: ctx, delays: make([]time.Duration, 5)}
	b := &body{ctx: ctx, from: l, watch: w, limit: 3}
	defer func() { _ = b.Close() }()
	text, err := io.ReadAll(b)
	if len(text) != 3 || !errors.Is(err, ErrTooLarge) {
		t.Errorf("%q, %v", text, err)
	}
	if n, err := b.Read(make([]byte, 1)); n != 0 || !errors.Is(err, ErrTooLarge) {
		t.Errorf("after that: %d, %v", n, err)
	}
}
