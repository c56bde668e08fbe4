package post

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// What a connection may cost beside its exchange.
const (
	// maxHeader bounds the header of an answer.
	maxHeader = 64 << 10
	// maxInterim is how many answers of the kind "go on" may come before the
	// real one, as in the standard library.
	maxInterim = 5
	// restMost is how long a connection waits for its next request, and
	// restLook after how long it is looked at before it is used again: a server
	// does not close one that it has just answered on.
	restMost = 30 * time.Second
	restLook = 100 * time.Millisecond
	// restHere and restAll are how many connections wait, to one place and in
	// all.
	restHere = 64
	restAll  = 256
)

// place is where connections lead that can stand in for each other.
type place struct {
	address string // host and port
	name    string // what the certificate must be for; "" = plain
}

// lines are the connections of a client. The goroutine that sends also reads
// the answer: the transport of the standard library has two more for each
// connection, between which every message is handed over, which was measured to
// cost as much as the exchange itself.
type lines struct {
	dial func(ctx context.Context, network, address string) (net.Conn, error)
	tls  *tls.Config

	mu      sync.Mutex
	resting map[place][]*line // the one used last at the end
	count   int
	sweep   *time.Timer // ends the ones that have rested long enough; nil = none rests
}

// line is a connection. One goroutine uses it at a time.
type line struct {
	conn  net.Conn // with TLS where there is any
	below net.Conn // without it
	r     *bufio.Reader
	in    bounded
	since time.Time // when it was laid to rest
}

// bounded is the reading side of a connection; left is how many bytes may still
// come.
type bounded struct {
	from io.Reader
	left int
	any  bool // something has come since it was set to false
}

var errLongHeader = errors.New("the header of the answer does not end")

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errLongHeader
	}
	n, err := b.from.Read(p[:min(len(p), b.left)])
	b.left -= n
	b.any = b.any || n > 0
	return n, err
}

// exchange sends a request whose bytes are whole and reads the answer, at most
// most bytes of its body. A connection that rested may have been closed by the
// other side; where no byte of an answer came over it, a new one is used. That
// can bring a request twice, as trying again after a failure does.
func (l *lines) exchange(ctx context.Context, to place, request []byte, within time.Duration, most int64) (Answer, error) {
	deadline := time.Now().Add(within)
	if c := l.take(to); c != nil {
		answer, err := l.over(ctx, c, to, request, deadline, most)
		if err == nil || c.in.any || ctx.Err() != nil || isTimeout(err) {
			return answer, err
		}
	}
	c, err := l.open(ctx, to, deadline)
	if err != nil {
		return Answer{}, err
	}
	return l.over(ctx, c, to, request, deadline, most)
}

// open makes a connection.
func (l *lines) open(ctx context.Context, to place, deadline time.Time) (*line, error) {
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	conn, err := l.dial(ctx, "tcp", to.address)
	if err != nil {
		return nil, err
	}
	c := &line{conn: conn, below: conn}
	if to.name != "" {
		config := l.tls.Clone()
		config.ServerName = to.name
		sealed := tls.Client(conn, config)
		if err := sealed.HandshakeContext(ctx); err != nil {
			_ = conn.Close()
			return nil, err
		}
		c.conn = sealed
	}
	c.in.from = c.conn
	c.r = bufio.NewReader(&c.in)
	return c, nil
}

// over sends a request over a connection, and lays it to rest or ends it.
func (l *lines) over(ctx context.Context, c *line, to place, request []byte, deadline time.Time, most int64) (Answer, error) {
	stop := context.AfterFunc(ctx, func() { _ = c.below.Close() })
	_ = c.conn.SetDeadline(deadline) // fails where it is closed, which is found below
	answer, again, err := c.talk(request, most)
	if !stop() || !again {
		_ = c.below.Close()
		return answer, err
	}
	l.put(to, c)
	return answer, err
}

// talk writes a request and reads the answer; again says that the connection can
// carry another one.
func (c *line) talk(request []byte, most int64) (_ Answer, again bool, _ error) {
	c.in.any = false
	// Who refuses a request before its end has answered all the same.
	_, failed := c.conn.Write(request)
	c.in.left = maxHeader
	if _, err := c.r.Peek(1); err != nil {
		if failed != nil {
			err = failed
		}
		return Answer{}, false, err
	}
	if answer, ok := c.plain(most); ok {
		return answer, failed == nil, nil
	}
	resp, err := c.header() //nolint:bodyclose // closing would read on; what is left of it ends with the connection
	if err != nil {
		if failed != nil {
			err = failed
		}
		return Answer{}, false, err
	}
	answer := Answer{Status: resp.StatusCode, Header: resp.Header}
	again = failed == nil && !resp.Close && resp.StatusCode != http.StatusSwitchingProtocols
	if resp.Body == http.NoBody {
		return answer, again && c.r.Buffered() == 0, nil
	}
	c.in.left = math.MaxInt // what frames a body in chunks is bounded by the standard library
	answer.Body, err = io.ReadAll(io.LimitReader(resp.Body, most+1))
	if int64(len(answer.Body)) > most {
		answer.Body, answer.Incomplete = answer.Body[:most], true
	}
	if err != nil {
		answer.Incomplete, answer.ReadErr = true, err
	}
	return answer, again && !answer.Incomplete && c.r.Buffered() == 0, nil
}

// header reads the header of the answer.
func (c *line) header() (*http.Response, error) {
	for range maxInterim + 1 {
		c.in.left = maxHeader
		resp, err := http.ReadResponse(c.r, nil)
		if errors.Is(err, io.ErrUnexpectedEOF) && !c.in.any {
			err = io.EOF
		}
		if err != nil || resp.StatusCode >= 200 || resp.StatusCode == http.StatusSwitchingProtocols {
			return resp, err
		}
	}
	return nil, errors.New("the other side says again and again that it is about to answer")
}

// take returns a connection that rests, or nil.
func (l *lines) take(to place) *line {
	for {
		l.mu.Lock()
		list := l.resting[to]
		if len(list) == 0 {
			l.mu.Unlock()
			return nil
		}
		c := list[len(list)-1]
		list[len(list)-1] = nil
		l.resting[to] = list[:len(list)-1]
		l.count--
		l.mu.Unlock()
		// By the clock on the wall: it goes on while the computer sleeps.
		rested := time.Now().Round(0).Sub(c.since)
		if rested >= 0 && (rested < restLook || rested < restMost && c.quiet()) {
			return c
		}
		_ = c.below.Close()
	}
}

// quiet says that the other side has neither closed a connection nor said
// anything that nobody asked for, which would be taken for the next answer.
func (c *line) quiet() bool {
	_ = c.below.SetReadDeadline(time.Now().Add(time.Millisecond))
	var one [1]byte
	n, err := c.below.Read(one[:])
	return n == 0 && isTimeout(err)
}

// put lays a connection to rest.
func (l *lines) put(to place, c *line) {
	c.since = time.Now().Round(0)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.count >= restAll || len(l.resting[to]) >= restHere {
		_ = c.below.Close()
		return
	}
	l.resting[to] = append(l.resting[to], c)
	l.count++
	if l.sweep == nil {
		l.sweep = time.AfterFunc(restMost, l.expire)
	}
}

// expire ends the connections that have rested long enough.
func (l *lines) expire() {
	l.mu.Lock()
	defer l.mu.Unlock()
	now, next := time.Now().Round(0), restMost
	for to, list := range l.resting {
		kept := slices.DeleteFunc(list, func(c *line) bool {
			if rested := now.Sub(c.since); rested >= 0 && rested < restMost {
				next = min(next, restMost-rested)
				return false
			}
			_ = c.below.Close()
			l.count--
			return true
		})
		if l.resting[to] = kept; len(kept) == 0 {
			delete(l.resting, to)
		}
	}
	if l.sweep = nil; l.count > 0 {
		l.sweep = time.AfterFunc(next, l.expire)
	}
}

// close ends the connections that rest.
func (l *lines) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, list := range l.resting {
		for _, c := range list {
			_ = c.below.Close()
		}
	}
	clear(l.resting)
	l.count = 0
	if l.sweep != nil {
		l.sweep.Stop()
		l.sweep = nil
	}
}

var errBadHeader = errors.New("a header of the request cannot be sent as it is")

// appendRequest writes a POST as it goes over the wire.
func appendRequest(b []byte, path, host string, header []Field, body []byte) ([]byte, error) {
	b = append(b, "POST "...)
	b = append(b, path...)
	b = append(b, " HTTP/1.1\r\nHost: "...)
	b = append(b, host...)
	b = append(b, "\r\n"...)
	if !has(header, "User-Agent") {
		b = append(b, "User-Agent: Go-http-client/1.1\r\n"...)
	}
	for _, f := range header {
		if !token(f.Name) || !sendable(f.Value) {
			return nil, errBadHeader
		}
		b = append(b, f.Name...)
		b = append(b, ": "...)
		b = append(b, strings.Trim(f.Value, " \t")...)
		b = append(b, "\r\n"...)
	}
	b = append(b, "Content-Length: "...)
	b = strconv.AppendInt(b, int64(len(body)), 10)
	b = append(b, "\r\n\r\n"...)
	return append(b, body...), nil
}

// token says whether s is a header's name (RFC 9110, 5.6.2).
func token(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c < '0' || c > '9' && c < 'A' || c > 'Z' && c < 'a' || c > 'z' {
			if !strings.ContainsRune("!#$%&'*+-.^_`|~", rune(c)) {
				return false
			}
		}
	}
	return s != ""
}

// sendable says whether a header's value has no control character (RFC 9110, 5.5).
func sendable(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}
