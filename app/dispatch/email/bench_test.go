package email_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"bellhop/app/dispatch/email"
)

// sink takes mails as fast as it can and keeps none.
type sink struct {
	addr  string
	mails atomic.Int64
}

func startSink(b *testing.B) *sink {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(b, err)
	s := &sink{addr: l.Addr().String()}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				defer func() { _ = conn.Close() }()
				s.serve(conn)
			})
		}
	})
	b.Cleanup(func() {
		_ = l.Close()
		running.Wait()
	})
	return s
}

func (s *sink) serve(conn net.Conn) {
	r := bufio.NewReaderSize(conn, 64<<10)
	say := func(text string) { _, _ = io.WriteString(conn, text) }
	say("220 sink\r\n")
	for data := false; ; {
		line, err := r.ReadSlice('\n')
		switch {
		case err != nil:
			return
		case data && string(line) == ".\r\n":
			data = false
			s.mails.Add(1)
			say("250 ok\r\n")
		case data:
		case bytes.HasPrefix(line, []byte("DATA")):
			data = true
			say("354 go\r\n")
		case bytes.HasPrefix(line, []byte("QUIT")):
			say("221 bye\r\n")
			return
		default:
			say("250 ok\r\n")
		}
	}
}

// BenchmarkSend counts mails a second to this machine, over kept connections
// and over a new one for each mail, beside the floor: the same bytes written to
// a socket.
func BenchmarkSend(b *testing.B) {
	for _, senders := range []int{1, 8} {
		for name, o := range map[string]struct {
			options email.Options
			per     string
		}{"kept for ten": {email.Options{}, "10"}, "kept": {email.Options{}, "1000"}, "new": {email.Options{Idle: -1}, "1"}} {
			b.Run(fmt.Sprintf("%s/%d", name, senders), func(b *testing.B) {
				s := startSink(b)
				c := channel(b, o.options)
				m := message(config(s.addr, map[string]string{
					email.KeyTLS: "none", email.KeyAuth: "none", email.KeyConnections: strconv.Itoa(senders), email.KeyPerLine: o.per,
				}))
				spread(b, senders, func() error {
					_, err := c.Send(b.Context(), m)
					return err
				})
			})
		}
		b.Run(fmt.Sprintf("floor/%d", senders), func(b *testing.B) {
			s := startSink(b)
			raw, err := email.Raw(message(config(s.addr, nil)))
			must(b, err)
			conns := make(chan *bufio.ReadWriter, senders)
			for range senders {
				conn, err := net.Dial("tcp", s.addr)
				must(b, err)
				defer func() { _ = conn.Close() }()
				rw := bufio.NewReadWriter(bufio.NewReader(conn), bufio.NewWriter(conn))
				_, _ = rw.ReadSlice('\n')
				conns <- rw
			}
			spread(b, senders, func() error {
				rw := <-conns
				defer func() { conns <- rw }()
				for _, text := range []string{"MAIL FROM:<a@b>\r\n", "RCPT TO:<c@d>\r\n", "DATA\r\n", string(raw) + "\r\n.\r\n"} {
					_, _ = rw.WriteString(text)
					_ = rw.Flush()
					if _, err := rw.ReadSlice('\n'); err != nil {
						return err
					}
				}
				return nil
			})
		})
	}
}

// spread does b.N things with so many goroutines.
func spread(b *testing.B, senders int, do func() error) {
	var left atomic.Int64
	left.Store(int64(b.N))
	b.ResetTimer()
	var all sync.WaitGroup
	for range senders {
		all.Go(func() {
			for left.Add(-1) >= 0 {
				if err := do(); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "mails/s")
}
