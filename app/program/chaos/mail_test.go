//go:build linux

package chaos

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"bellhop/app/dispatch/dispatchtest"
)

// readLetter reads a mail with the standard library, which did not write it.
func readLetter(r io.Reader) (arrival, error) {
	m, err := dispatchtest.ReadMail(r)
	if err != nil {
		return arrival{}, err
	}
	a := arrival{titles: titles([]byte(m.Text)), events: told([]byte(m.Text)), id: m.Get("Message-Id")}
	if a.id == "" {
		return a, errors.New("a mail without Message-ID")
	}
	return a, nil
}

// postOffice is a strict mail server in this process: a command out of its turn
// or a bare line feed is a complaint.
type postOffice struct {
	*place
	running sync.WaitGroup

	mu    sync.Mutex
	wrong []string
	// mood may change what is said at the end of a mail; see [place.weather]. Where it
	// returns true the connection ends.
	mood func(say func(line string), taken func()) (over bool)
}

func newPostOffice(t *testing.T, life func() int) *postOffice {
	t.Helper()
	o := &postOffice{place: newPlace(t, "mail", life)}
	open := make(map[net.Conn]bool)
	var mu sync.Mutex
	o.running.Go(func() {
		for {
			conn, err := o.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open[conn] = true
			mu.Unlock()
			o.running.Go(func() {
				defer func() { _ = conn.Close() }()
				o.talk(conn)
			})
		}
	})
	t.Cleanup(func() {
		_ = o.Close()
		mu.Lock()
		for conn := range open {
			_ = conn.Close()
		}
		mu.Unlock()
		o.running.Wait()
		for _, one := range o.wrong {
			t.Errorf("the mail server saw %s", one)
		}
	})
	return o
}

func (o *postOffice) complain(format string, args ...any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.wrong = append(o.wrong, fmt.Sprintf(format, args...))
}

func (o *postOffice) feel(mood func(say func(line string), taken func()) (over bool)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.mood = mood
}

// talk is one connection.
func (o *postOffice) talk(conn net.Conn) {
	r := bufio.NewReader(conn)
	say := func(line string) { _, _ = io.WriteString(conn, line+"\r\n") }
	say("220 mail.example.org ESMTP")
	from, to := false, false
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		verb, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(line)), " ")
		switch {
		case !strings.HasSuffix(line, "\r\n"):
			o.complain("a line without CR: %q", line)
			return
		case verb == "EHLO":
			say("250-mail.example.org\r\n250-8BITMIME\r\n250 PIPELINING")
		case verb == "RSET":
			from, to = false, false
			say("250 2.0.0 fine")
		case verb == "NOOP":
			say("250 2.0.0 fine")
		case verb == "MAIL" && !from:
			from = true
			say("250 2.1.0 fine")
		case verb == "RCPT" && from:
			to = true
			say("250 2.1.5 fine")
		case verb == "DATA" && to:
			say("354 go on")
			if !o.data(r, conn) {
				return
			}
			from, to = false, false
		case verb == "QUIT":
			say("221 2.0.0 bye")
			return
		default:
			o.complain("%q out of its turn", line)
			say("503 5.5.1 not now")
		}
	}
}

// data takes a mail, and says whether the connection goes on.
func (o *postOffice) data(r *bufio.Reader, conn net.Conn) bool {
	var raw bytes.Buffer
	for {
		line, err := r.ReadBytes('\n')
		if err != nil {
			return false // it died within the mail, which is none
		}
		if !bytes.HasSuffix(line, []byte("\r\n")) {
			o.complain("a bare line feed in a mail")
		}
		if string(line) == ".\r\n" {
			break
		}
		raw.Write(bytes.TrimPrefix(line, []byte(".")))
	}
	taken := func() {
		a, err := readLetter(&raw)
		if err != nil {
			o.complain("a mail that cannot be read: %v", err)
			return
		}
		o.arrive(a)
	}
	o.mu.Lock()
	mood := o.mood
	o.mu.Unlock()
	say := func(line string) { _, _ = io.WriteString(conn, line+"\r\n") }
	if mood != nil && mood(say, taken) {
		return false
	}
	taken()
	if o.strike(true) {
		return false
	}
	say("250 2.0.0 queued")
	o.strike(false)
	return true
}
