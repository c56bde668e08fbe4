package dojo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// Limits bounds what one answer may cost. Zero fields mean the defaults.
type Limits struct {
	// Connect bounds reaching the server and, again, the TLS handshake; 15 s.
	Connect time.Duration
	// Idle is how long the server may stay silent, before and within an
	// answer; 2 min, because a server that serialises some 100,000 alerts
	// sends nothing until it is done.
	Idle time.Duration
	// Request bounds any request but a list as a whole; 2 min.
	Request time.Duration
	// List bounds a list of alerts as a whole; 15 min.
	List time.Duration
	// Page is the most bytes of an answer other than a list; 2 MiB. Longer
	// pages are cut where their end does not matter.
	Page int64
	// ListBytes is the most bytes of a list after decompression; 2 GiB, several
	// times what 600,000 long alerts need.
	ListBytes int64
	// Element is the most bytes of one alert in a list; 64 KiB. The longest that
	// DefectDojo can store is about 30 KiB, and some 2,000 alerts are held in
	// memory at a time.
	Element int64
	// PageRows is how many rows are asked for at a time where a list of the API
	// comes in pages, and the most that are held in memory; 100.
	PageRows int
	// Pages is the most pages of one such list; 10,000, which is a million rows.
	Pages int
	// RowPage is the most bytes of one page, and Row of one row; 64 MiB and
	// 8 MiB, because a product lists the number of every active finding.
	RowPage, Row int64
}

func (l Limits) withDefaults() Limits {
	set := func(field *time.Duration, value time.Duration) {
		if *field <= 0 {
			*field = value
		}
	}
	set(&l.Connect, 15*time.Second)
	set(&l.Idle, 2*time.Minute)
	set(&l.Request, 2*time.Minute)
	set(&l.List, 15*time.Minute)
	size := func(field *int64, value int64) {
		if *field <= 0 {
			*field = value
		}
	}
	size(&l.Page, 2<<20)
	size(&l.ListBytes, 2<<30)
	size(&l.Element, 64<<10)
	size(&l.RowPage, 64<<20)
	size(&l.Row, 8<<20)
	if l.PageRows <= 0 {
		l.PageRows = 100
	}
	if l.Pages <= 0 {
		l.Pages = 10_000
	}
	return l
}

// watch is the clock on one request: it ends the request's context when the
// server has been silent for too long, or when the whole took too long.
type watch struct {
	idle    time.Duration
	timer   *time.Timer
	overall *time.Timer
	cancel  context.CancelCauseFunc
}

func newWatch(ctx context.Context, idle, overall time.Duration) (context.Context, *watch) {
	ctx, cancel := context.WithCancelCause(ctx)
	return ctx, &watch{
		idle:    idle,
		timer:   time.AfterFunc(idle, func() { cancel(errIdle) }),
		overall: time.AfterFunc(overall, func() { cancel(errOverall) }),
		cancel:  cancel,
	}
}

// resume starts counting silence; pause stops it, so that the time a caller
// takes between two reads is not the server's.
func (w *watch) resume() { w.timer.Reset(w.idle) }
func (w *watch) pause()  { w.timer.Stop() }

func (w *watch) stop() {
	w.timer.Stop()
	w.overall.Stop()
	w.cancel(nil)
}

// body reads an answer under a [watch] and a byte limit that can be moved.
type body struct {
	ctx   context.Context //nolint:containedctx // lives exactly as long as the request
	from  io.ReadCloser
	watch *watch
	read  int64 // bytes so far, after decompression
	limit int64 // read may not exceed it
	// failed is the first error: the byte that proved it has been consumed.
	failed error
}

// Read returns [ErrTooLarge] at the limit, and otherwise what the connection
// says in the words of [transportError].
func (b *body) Read(p []byte) (int, error) {
	if b.failed != nil {
		return 0, b.failed
	}
	n, err := b.fill(p)
	b.failed = err
	return n, err
}

func (b *body) fill(p []byte) (int, error) {
	room := b.limit - b.read
	if room <= 0 {
		return b.beyond()
	}
	if int64(len(p)) > room {
		p = p[:room]
	}
	b.watch.resume()
	n, err := b.from.Read(p)
	b.watch.pause()
	b.read += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		err = transportError(b.ctx, err)
	}
	return n, err
}

// beyond tells an answer that ends exactly at the limit from a longer one.
func (b *body) beyond() (int, error) {
	var one [1]byte
	b.watch.resume()
	n, err := io.ReadFull(b.from, one[:])
	b.watch.pause()
	switch {
	case n == 1:
		return 0, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, b.limit)
	case errors.Is(err, io.EOF):
		return 0, io.EOF
	default:
		return 0, transportError(b.ctx, err)
	}
}

// Close ends the request. An answer that was not read to its end costs the
// connection, which is cheaper than reading on.
func (b *body) Close() error {
	b.watch.stop()
	return b.from.Close()
}
